"""Statuses that follow a stream of failures and recoveries, changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.ci_numbers import ci_numbers
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.kernels import kernel_of, resettle
from ripplegraph.impact.propagation.workspace import WritableCells, engine_of


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
        self._compiled = compiled
        self._is_grounded = bool(grounding_of(graph).groups)
        self._engine = engine_of(graph, compiled=compiled)
        cells = bytearray(propagate(graph, own or {}, compiled=compiled).tobytes())
        self._statuses = np.frombuffer(cells, dtype=np.uint8)
        self._status_cells = (
            cast("WritableCells", self._statuses) if self._engine.is_compiled else cells
        )
        self._own = self._engine.bytes_of(graph.ci_count)
        for number, status in (own or {}).items():
            self._own[number] = int(status)
        self._before = self._engine.bytes_of(graph.ci_count)

    @property
    def statuses(self) -> NDArray[np.uint8]:
        """A :class:`Status` per CI number: read-only, and follows every flip."""
        view = self._statuses.view()
        view.setflags(write=False)
        return view

    def flip(self, ci: int, status: Status) -> NDArray[np.uint32]:
        """Give one CI another own status, ``UP`` for a recovery; return who changed, ascending.

        Raises
        ------
        IndexError
            If there is no such number.
        """
        ci_numbers(self._graph, [ci])
        self._own[ci] = int(status)
        changed = self._computed_anew() if self._is_grounded else self._settled_after(ci)
        changed.sort()
        return changed

    def _computed_anew(self) -> NDArray[np.uint32]:
        own = {ci: Status(value) for ci, value in enumerate(self._own) if value}
        after = propagate(self._graph, own, compiled=self._compiled)
        changed = np.flatnonzero(after != self._statuses).astype(np.uint32)
        self._statuses[:] = after
        return changed

    def _settled_after(self, ci: int) -> NDArray[np.uint32]:
        engine, columns, workspace = self._engine, self._engine.columns, self._engine.take()
        count = kernel_of(resettle, is_compiled=engine.is_compiled)(
            ci,
            self._own,
            columns.dependency_offsets,
            columns.edge_dependency,
            columns.dependent_offsets,
            columns.dependent_edge,
            columns.edge_dependent,
            columns.edge_effect,
            columns.edge_group,
            columns.edge_weight,
            columns.group_total,
            columns.group_min_up,
            columns.group_degraded_below,
            columns.group_effect,
            self._status_cells,
            workspace.lost,
            workspace.sick,
            workspace.is_touched,
            workspace.status,
            workspace.marks,
            workspace.queue,
            workspace.touched,
            self._before,
        )
        visited = np.array(workspace.touched[:count], dtype=np.uint32)
        engine.give_back(workspace)
        before = np.array(self._before[:count], dtype=np.uint8)
        changed: NDArray[np.uint32] = visited[self._statuses[visited] != before]
        return changed
