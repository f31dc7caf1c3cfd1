"""Incremental propagation: one CI fails or recovers, and only what it touches is recomputed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.kernels import kernel_of, resettle
from ripplegraph.impact.propagation.workspace import Engine, WritableCells, engine_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PropagationState:
    """The status of every CI in one situation; a flip gives the next situation.

    Build one with :meth:`start`. It never changes, so that earlier ones stay usable.

    Attributes
    ----------
    own
        Status of the CIs with an outage of their own, by number.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> db")
    >>> state = PropagationState.start(graph, {})
    >>> state, changed = state.flip(graph.resolve("db"), Status.DOWN)
    >>> [(graph.ci_ids[number], state.status_of(number).word) for number in changed]
    [('t:service:shop', 'down'), ('t:server:db', 'down')]
    """

    graph: ServiceGraph
    own: Mapping[int, Status]
    _statuses: bytes
    _compiled: bool | None = None

    @classmethod
    def start(
        cls, graph: ServiceGraph, own: Mapping[int, Status], *, compiled: bool | None = None
    ) -> PropagationState:
        """Return the situation in which CIs have these own statuses.

        Parameters
        ----------
        own, compiled
            See :func:`propagate`, also for what is raised.
        """
        statuses = propagate(graph, own, compiled=compiled).tobytes()
        return cls(
            graph=graph, own=MappingProxyType(dict(own)), _statuses=statuses, _compiled=compiled
        )

    @property
    def statuses(self) -> NDArray[np.uint8]:
        """A :class:`Status` per CI number, read-only."""
        return np.frombuffer(self._statuses, dtype=np.uint8)

    def status_of(self, number: int) -> Status:
        """Return the status of the CI with this number.

        Raises
        ------
        IndexError
            If there is no such number.
        """
        return Status(self._statuses[number])

    def flip(self, ci: int, status: Status) -> tuple[PropagationState, tuple[int, ...]]:
        """Return the situation after one CI got another own status, and who changed.

        Parameters
        ----------
        ci
            CI number.
        status
            Its new own status; ``UP`` is a recovery.

        Returns
        -------
        tuple[PropagationState, tuple[int, ...]]
            The next situation, equal to a full computation, and the numbers of the CIs whose
            status differs, ascending.

        Raises
        ------
        IndexError
            If there is no such number.

        Notes
        -----
        Where grounded groups lie on circles everything is computed anew.
        """
        if not 0 <= ci < self.graph.ci_count:
            msg = f"no CI has the number {ci}; the graph holds {self.graph.ci_count}"
            raise IndexError(msg)
        own = {**self.own, ci: status}
        if status is Status.UP:
            del own[ci]
        if grounding_of(self.graph).groups:
            following = PropagationState.start(self.graph, own, compiled=self._compiled)
            differing = np.flatnonzero(following.statuses != self.statuses).tolist()
            return following, tuple(differing)
        statuses, changed = self._resettled(ci, own)
        following = PropagationState(
            graph=self.graph,
            own=MappingProxyType(own),
            _statuses=statuses,
            _compiled=self._compiled,
        )
        return following, changed

    def _resettled(self, ci: int, own: Mapping[int, Status]) -> tuple[bytes, tuple[int, ...]]:
        engine = engine_of(self.graph, compiled=self._compiled)
        live = LiveStatuses(engine, own, self._statuses)
        changed = live.settle_after(ci, own.get(ci, Status.UP))
        return bytes(live.statuses), tuple(changed.tolist())


class LiveStatuses:
    """The statuses of one situation in memory of their own, settled anew in place.

    Each change costs what it touches. Groups marked grounded are not looked at: the caller
    computes everything anew where such groups lie on circles.
    """

    def __init__(self, engine: Engine, own: Mapping[int, Status], statuses: bytes) -> None:
        self._engine = engine
        self._own = engine.bytes_of(engine.ci_count)
        for number, status in own.items():
            self._own[number] = int(status)
        self._cells = bytearray(statuses)
        self.statuses = np.frombuffer(self._cells, dtype=np.uint8)
        self._before = engine.bytes_of(engine.ci_count)
        self._workspace = engine.take()

    def settle_after(self, ci: int, status: Status) -> NDArray[np.uint32]:
        """Give one CI another own status; return the numbers of who changed, ascending."""
        engine, columns, workspace = self._engine, self._engine.columns, self._workspace
        self._own[ci] = int(status)
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
            cast("WritableCells", self.statuses) if engine.is_compiled else self._cells,
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
        before = np.array(self._before[:count], dtype=np.uint8)
        changed: NDArray[np.uint32] = visited[self.statuses[visited] != before]
        changed.sort()
        return changed
