"""Grounded groups: what they hold up must not rest on itself (semantics.md section 2).

With X the greatest and Y the least reading of health, statuses are ``nu X. mu Y. F(X, Y)``:
grounded groups on a circle read Y, everything else reads X. Grounding decides who is held up:
that a member is not up, and redundancy so lost, is read from X too, else every circle of
grounded groups would be at risk with nothing failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from ripplegraph.graph.cycles import component_of, self_supported_groups
from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.rules import group_status, passed_on

Statuses: TypeAlias = Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gate:
    """One group with its members and their weights."""

    total: int
    min_up: int
    degraded_below: int
    effect: int
    members: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    """A CI with groups that must be grounded, and all else that it needs."""

    ungrouped: tuple[tuple[int, int], ...]
    ordinary: tuple[_Gate, ...]
    grounded: tuple[_Gate, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grounding:
    """The CIs whose groups must be grounded, by number, and who of them rests on whom."""

    owners: Mapping[int, _Owner]
    resting_on: Mapping[int, tuple[int, ...]]
    groups: frozenset[int]

    def ungrounded(self, own: Mapping[int, int], status: Statuses) -> dict[int, int]:
        """Return the CIs that are worse than ``status`` says, with their worse status.

        Parameters
        ----------
        own
            Status of the CIs with an outage of their own.
        status
            A fixpoint of the ordinary rules, by CI number.
        """
        least = dict.fromkeys(self.owners, int(Status.DOWN))
        base = {
            ci: max(
                own.get(ci, 0),
                *(passed_on(effect, status[needed]) for needed, effect in owner.ungrouped),
                *(_passed_by(gate, status, {}) for gate in owner.ordinary),
                0,
            )
            for ci, owner in self.owners.items()
        }
        waiting = dict.fromkeys(self.owners)
        while waiting:
            ci = next(iter(waiting))
            del waiting[ci]
            gates = self.owners[ci].grounded
            now = max(base[ci], *(_passed_by(gate, status, least) for gate in gates))
            if now < least[ci]:
                least[ci] = now
                waiting.update(dict.fromkeys(self.resting_on[ci]))
        return {ci: now for ci, now in least.items() if now > status[ci]}


def grounding_of(graph: ServiceGraph, *, grounded: bool = False) -> Grounding:
    """Return what must be grounded in a graph; built once per graph.

    Parameters
    ----------
    grounded
        True to ground every group that can hold itself up, not only those marked so.
    """
    kept = _GROUNDINGS.setdefault(graph, {})
    if grounded not in kept:
        numbers = _marked_groups(graph)
        if grounded:
            numbers |= frozenset(self_supported_groups(graph))
        kept[grounded] = _build_grounding(graph, numbers)
    return kept[grounded]


_GROUNDINGS: WeakKeyDictionary[ServiceGraph, dict[bool, Grounding]] = WeakKeyDictionary()


def _marked_groups(graph: ServiceGraph) -> frozenset[int]:
    """Return the groups marked grounded that have a member on a circle with their dependent."""
    if not graph.gates.group_grounded.any():
        return frozenset()
    topology, label = graph.topology, component_of(graph)
    on_circle = (
        (topology.edge_group != NO_GROUP)
        & (graph.gates.edge_effect != Strength.NONE)
        & (label[topology.edge_dependent] == label[topology.edge_dependency])
    )
    groups = np.unique(topology.edge_group[on_circle])
    return frozenset(groups[graph.gates.group_grounded[groups]].tolist())


def _build_grounding(graph: ServiceGraph, groups: frozenset[int]) -> Grounding:
    owners = {
        ci: _owner(graph, ci, groups)
        for ci in sorted({graph.group_rules[group].dependent for group in groups})
    }
    resting_on: dict[int, list[int]] = {ci: [] for ci in owners}
    for ci, owner in owners.items():
        members = {member for gate in owner.grounded for member, _ in gate.members}
        for member in sorted(members & owners.keys()):
            resting_on[member].append(ci)
    return Grounding(
        owners=owners,
        resting_on={ci: tuple(others) for ci, others in resting_on.items()},
        groups=groups,
    )


def _owner(graph: ServiceGraph, ci: int, groups: frozenset[int]) -> _Owner:
    topology, gates = graph.topology, graph.gates
    edges = [edge for edge in graph.edges_to_dependencies(ci) if gates.edge_effect[edge]]
    by_group: dict[int, list[tuple[int, int]]] = {}
    for edge in edges:
        member = (int(topology.edge_dependency[edge]), int(gates.edge_weight[edge]))
        by_group.setdefault(int(topology.edge_group[edge]), []).append(member)
    by_group.pop(NO_GROUP, None)
    return _Owner(
        ungrouped=tuple(
            (int(topology.edge_dependency[edge]), int(gates.edge_effect[edge]))
            for edge in edges
            if topology.edge_group[edge] == NO_GROUP
        ),
        ordinary=tuple(
            _gate(graph, group, by_group[group]) for group in by_group if group not in groups
        ),
        grounded=tuple(
            _gate(graph, group, by_group[group]) for group in by_group if group in groups
        ),
    )


def _gate(graph: ServiceGraph, group: int, members: Sequence[tuple[int, int]]) -> _Gate:
    gates = graph.gates
    return _Gate(
        total=int(gates.group_total[group]),
        min_up=int(gates.group_min_up[group]),
        degraded_below=int(gates.group_degraded_below[group]),
        effect=int(gates.group_effect[group]),
        members=tuple(members),
    )


def _passed_by(gate: _Gate, status: Statuses, least: Mapping[int, int]) -> int:
    """Return what a group passes on; ``least`` is read before ``status``."""
    lost = sick = 0
    is_hurt = False
    for member, weight in gate.members:
        now = least.get(member, status[member])
        is_hurt = is_hurt or status[member] > Status.UP
        lost += weight if now == Status.DOWN else 0
        sick += weight if now >= Status.DEGRADED else 0
    own = group_status(
        total=gate.total,
        min_up=gate.min_up,
        degraded_below=gate.degraded_below,
        lost=lost,
        sick=sick,
        is_hurt=is_hurt,
    )
    return passed_on(gate.effect, own)
