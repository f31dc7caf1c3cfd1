"""Statuses that follow a stream of failures and recoveries, changed in place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.flip import LiveStatuses
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.workspace import engine_of


class StatusTracker:
    """The status of every CI, kept up to date while CIs fail and recover.

    A flip costs what it touches, not what the graph holds; only where grounded groups lie on
    circles is everything computed anew. For one thread at a time.

    Parameters
    ----------
    own
        Own status by CI number at the start; CIs not named are up by themselves.
    compiled
        Whether kernels run compiled by numba; None lets the size of the graph decide.

    Raises
    ------
    IndexError
        If the graph has no CI of a number.

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
        self._graph = graph
        self._own = dict(own or {})
        self._compiled = compiled
        self._is_grounded = bool(grounding_of(graph).groups)
        statuses = propagate(graph, self._own, compiled=compiled)
        engine = engine_of(graph, compiled=compiled)
        self._live = LiveStatuses(engine, self._own, statuses.tobytes())

    @property
    def statuses(self) -> NDArray[np.uint8]:
        """A :class:`Status` per CI number: read-only, and follows every flip."""
        view = self._live.statuses.view()
        view.setflags(write=False)
        return view

    def flip(self, ci: int, status: Status) -> NDArray[np.uint32]:
        """Give one CI another own status, ``UP`` for a recovery; return who changed, ascending.

        Raises
        ------
        IndexError
            If there is no such number.
        """
        if not 0 <= ci < self._graph.ci_count:
            msg = f"no CI has the number {ci}; the graph holds {self._graph.ci_count}"
            raise IndexError(msg)
        if self._is_grounded:
            return self._computed_anew(ci, status)
        return self._live.settle_after(ci, status)

    def _computed_anew(self, ci: int, status: Status) -> NDArray[np.uint32]:
        self._own[ci] = status
        after = propagate(self._graph, self._own, compiled=self._compiled)
        changed = np.flatnonzero(after != self._live.statuses).astype(np.uint32)
        self._live.statuses[:] = after
        return changed
