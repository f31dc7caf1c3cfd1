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
from ripplegraph.impact.propagation.workspace import WritableCells, engine_of


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
        columns, workspace = engine.columns, engine.take()
        statuses = bytearray(self._statuses)
        for number, one in own.items():
            workspace.sent[number] = int(one)
        before = engine.bytes_of(engine.ci_count)
        visited_count = kernel_of(resettle, is_compiled=engine.is_compiled)(
            ci,
            workspace.sent,
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
            _cells(statuses) if engine.is_compiled else statuses,
            workspace.lost,
            workspace.sick,
            workspace.is_touched,
            workspace.status,
            workspace.marks,
            workspace.queue,
            workspace.touched,
            before,
        )
        visited = [int(number) for number in workspace.touched[:visited_count]]
        changed = sorted(
            number for at, number in enumerate(visited) if before[at] != statuses[number]
        )
        for number in own:
            workspace.sent[number] = 0
        engine.give_back(workspace)
        return bytes(statuses), tuple(changed)


def _cells(statuses: bytearray) -> WritableCells:
    return cast("WritableCells", np.frombuffer(statuses, dtype=np.uint8))
