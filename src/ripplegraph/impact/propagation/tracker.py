"""Statuses that follow a stream of failures and recoveries, changed in place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.flip import PropagationState


class StatusTracker:
    """The status of every CI, kept up to date while CIs fail and recover.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> db")
    >>> tracker = StatusTracker(graph)
    >>> tracker.flip(graph.resolve("db"), Status.DOWN).tolist()
    [0, 1]
    """

    def __init__(
        self,
        graph: ServiceGraph,
        own: Mapping[int, Status] | None = None,
        *,
        compiled: bool | None = None,
    ) -> None:
        self._state = PropagationState.start(graph, own or {}, compiled=compiled)

    @property
    def statuses(self) -> NDArray[np.uint8]:
        """A :class:`Status` per CI number, read-only."""
        return self._state.statuses

    def flip(self, ci: int, status: Status) -> NDArray[np.uint32]:
        """Give one CI another own status; return who changed, ascending."""
        self._state, changed = self._state.flip(ci, status)
        return np.array(changed, dtype=np.uint32)
