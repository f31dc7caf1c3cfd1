"""Statuses that follow a stream of failures and recoveries, changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.ci_numbers import ci_numbers
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.kernels import kernel_of, resettle
from ripplegraph.impact.propagation.kernels_follow import follow
from ripplegraph.impact.propagation.workspace import Cells, WritableCells, engine_of

_MOST_SEEN = 4_000_000  # changes kept before they are taken out of the kernel's columns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WatchedChanges:
    """Changes of watched CIs, in the order of the flips: which flip, whose place, what status."""

    flips: NDArray[np.int64]
    places: NDArray[np.int64]
    statuses: NDArray[np.uint8]


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

    def follow(
        self,
        cis: NDArray[np.int64],
        statuses: NDArray[np.uint8],
        watched: NDArray[np.int64],
    ) -> WatchedChanges:
        """Flip one CI after the other; return what became of those that are watched.

        Parameters
        ----------
        cis, statuses
            The CIs that flip, in order, and the own status that each then has.
        watched
            For each CI its place among those watched, -1 if it is not.

        Raises
        ------
        IndexError
            If the graph has no CI of a number.
        """
        ci_numbers(self._graph, [int(cis.min()), int(cis.max())] if len(cis) else [])
        if self._is_grounded:
            return self._followed_anew(cis, statuses, watched)
        return self._followed(cis, statuses, watched)

    def _followed_anew(
        self, cis: NDArray[np.int64], statuses: NDArray[np.uint8], watched: NDArray[np.int64]
    ) -> WatchedChanges:
        events, places, now = [], [], []
        for at, (ci, status) in enumerate(zip(cis.tolist(), statuses.tolist(), strict=True)):
            changed = self.flip(ci, Status(status))
            seen = changed[watched[changed] >= 0]
            events.append(np.full(len(seen), at, dtype=np.int64))
            places.append(watched[seen])
            now.append(self._statuses[seen])
        return _joined(events, places, now)

    def _followed(
        self, cis: NDArray[np.int64], statuses: NDArray[np.uint8], watched: NDArray[np.int64]
    ) -> WatchedChanges:
        engine, columns, workspace = self._engine, self._engine.columns, self._engine.take()
        kernel = kernel_of(follow, is_compiled=engine.is_compiled)
        count = int((watched >= 0).sum())
        size = max(2 * count, min(4 * len(cis), _MOST_SEEN)) + 1
        seen_event, seen_place, seen_status = (np.zeros(size, dtype=np.int64) for _ in range(3))
        event_cis, event_statuses, places_of = (
            cast("Cells", one if engine.is_compiled else one.tolist())
            for one in (cis, statuses.astype(np.int64), watched)
        )
        events, places, now = [], [], []
        at = 0
        while at < len(cis):
            at, found = kernel(
                at,
                event_cis,
                event_statuses,
                places_of,
                count,
                cast("WritableCells", seen_event),
                cast("WritableCells", seen_place),
                cast("WritableCells", seen_status),
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
            events.append(seen_event[:found].copy())
            places.append(seen_place[:found].copy())
            now.append(seen_status[:found].astype(np.uint8))
        engine.give_back(workspace)
        return _joined(events, places, now)

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


def _joined(
    events: list[NDArray[np.int64]], places: list[NDArray[np.int64]], now: list[NDArray[np.uint8]]
) -> WatchedChanges:
    return WatchedChanges(
        flips=np.concatenate([np.zeros(0, dtype=np.int64), *events]),
        places=np.concatenate([np.zeros(0, dtype=np.int64), *places]),
        statuses=np.concatenate([np.zeros(0, dtype=np.uint8), *now]),
    )
