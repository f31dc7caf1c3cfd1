"""Grounded groups: what they hold up must not rest on itself (semantics.md section 2).

Within each set of CIs that depend on each other, statuses are ``mu Y. nu X. F(X, Y)``. A grounded
group reads its members on the circle from Y, which starts all down; everything else reads X, the
greatest reading of health under that Y; Y becomes X until nothing improves. So a circle is held
up only by what reaches it from outside, whatever links and ports lie between its groups.

Three things follow, and are meant. A group that needs all its members is never grounded: CIs
that need each other would else fall with nothing failed. That a member is not up, and redundancy
so lost, is read from X, else every grounded circle would be at risk with nothing failed. And the
answer is a fixpoint of the ordinary rules too, so reasons are found as on any other graph.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from ripplegraph.graph.components import component_labels
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
class _Needs:
    """All that a CI on a circle needs."""

    ungrouped: tuple[tuple[int, int], ...]
    ordinary: tuple[_Gate, ...]
    grounded: tuple[_Gate, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Circle:
    """CIs that depend on each other, with a grounded group among them.

    ``parts`` are sets of CIs that depend on each other without the grounded groups: each is
    solved at once, and again when a CI that it reads improves (``readers`` says whose).
    """

    needs: Mapping[int, _Needs]
    parts: tuple[tuple[int, ...], ...]
    readers: Mapping[int, tuple[int, ...]]
    watched: tuple[int, ...]

    def is_quiet(self, status: Statuses) -> bool:
        """Return whether all is up, on the circle and what it needs outside."""
        return not any(status[ci] for ci in self.watched)

    def solved(self, own: Mapping[int, int], status: Statuses) -> dict[int, int]:
        """Return the status of the CIs on the circle, as far as they are degraded or down."""
        least = dict.fromkeys(self.needs, int(Status.DOWN))
        waiting = dict.fromkeys(range(len(self.parts)))
        while waiting:
            at = next(iter(waiting))
            del waiting[at]
            for ci, now in self._part(self.parts[at], own, status, least).items():
                if now < least[ci]:
                    least[ci] = now
                    waiting.update(dict.fromkeys(self.readers[ci]))
        return least

    def _part(
        self,
        part: Sequence[int],
        own: Mapping[int, int],
        status: Statuses,
        least: MutableMapping[int, int],
    ) -> dict[int, int]:
        """Return the greatest reading of health of one part, with the rest of the circle given."""
        best = {
            ci: max(
                own.get(ci, 0),
                *(_passed_by(gate, status, least) for gate in self.needs[ci].grounded),
                0,
            )
            for ci in part
        }
        read = ChainMap(best, least)
        is_stable = False
        while not is_stable:
            is_stable = True
            for ci in part:
                needs = self.needs[ci]
                now = max(
                    best[ci],
                    *(
                        passed_on(effect, read.get(needed, status[needed]))
                        for needed, effect in needs.ungrouped
                    ),
                    *(_passed_by(gate, status, read) for gate in needs.ordinary),
                    0,
                )
                if now > best[ci]:
                    best[ci], is_stable = now, False
        return best


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grounding:
    """What must be grounded in a graph: groups, the CIs that own them, and their circles."""

    owners: frozenset[int]
    groups: frozenset[int]
    circles: tuple[_Circle, ...]
    at_rest: tuple[Mapping[int, int], ...]

    def ungrounded(self, own: Mapping[int, int], status: Statuses) -> dict[int, int]:
        """Return the CIs that are worse than ``status`` says, with their worse status.

        Parameters
        ----------
        own
            Status of the CIs with an outage of their own.
        status
            A fixpoint of the ordinary rules, by CI number.
        """
        worse: dict[int, int] = {}
        for circle, at_rest in zip(self.circles, self.at_rest, strict=True):
            found = at_rest if circle.is_quiet(status) else circle.solved(own, status)
            worse.update((ci, now) for ci, now in found.items() if now > status[ci])
        return worse


def grounding_of(graph: ServiceGraph, *, grounded: bool = False) -> Grounding:
    """Return what must be grounded in a graph; built once per graph.

    Parameters
    ----------
    grounded
        True to ground every group that can hold itself up, not only those marked so.
    """
    kept = _GROUNDINGS.setdefault(graph, {})
    if grounded not in kept:
        is_marked = graph.gates.group_grounded
        groups = self_supported_groups(graph) if grounded or is_marked.any() else ()
        kept[grounded] = _build_grounding(
            graph, frozenset(group for group in groups if grounded or is_marked[group])
        )
    return kept[grounded]


_GROUNDINGS: WeakKeyDictionary[ServiceGraph, dict[bool, Grounding]] = WeakKeyDictionary()


def _build_grounding(graph: ServiceGraph, groups: frozenset[int]) -> Grounding:
    owners = frozenset(graph.gates.group_dependent[list(groups)].tolist())
    circles: tuple[_Circle, ...] = ()
    if groups:
        label = component_of(graph)
        wanted = sorted({int(label[ci]) for ci in owners})
        parts = _parts(graph, groups)
        circles = tuple(
            _circle(graph, np.flatnonzero(label == one).tolist(), groups, parts) for one in wanted
        )
    nothing = [int(Status.UP)] * graph.ci_count
    at_rest = tuple(
        {ci: now for ci, now in circle.solved({}, nothing).items() if now} for circle in circles
    )
    return Grounding(owners=owners, groups=groups, circles=circles, at_rest=at_rest)


def _parts(graph: ServiceGraph, groups: frozenset[int]) -> Sequence[int]:
    """Return for each CI the label of those that it depends on in circles without ``groups``."""
    topology = graph.topology
    working = (graph.gates.edge_effect != Strength.NONE) & ~np.isin(
        topology.edge_group, sorted(groups)
    )
    labels: list[int] = component_labels(
        ci_count=graph.ci_count,
        dependents=topology.edge_dependent[working],
        dependencies=topology.edge_dependency[working],
    ).tolist()
    return labels


def _circle(
    graph: ServiceGraph, cis: Sequence[int], groups: frozenset[int], label: Sequence[int]
) -> _Circle:
    needs = {ci: _needs(graph, ci, groups) for ci in cis}
    parts: dict[int, list[int]] = {}
    for ci in cis:
        parts.setdefault(label[ci], []).append(ci)
    readers: dict[int, dict[int, None]] = {ci: {} for ci in cis}
    watched = dict.fromkeys(cis)
    for at, part in enumerate(parts.values()):
        for ci in part:
            for needed in _needed(needs[ci]):
                readers.setdefault(needed, {})[at] = None
                watched[needed] = None
    return _Circle(
        needs=needs,
        parts=tuple(tuple(part) for part in parts.values()),
        readers={ci: tuple(readers[ci]) for ci in cis},
        watched=tuple(watched),
    )


def _needed(needs: _Needs) -> Iterable[int]:
    yield from (needed for needed, _ in needs.ungrouped)
    for gate in (*needs.ordinary, *needs.grounded):
        yield from (member for member, _ in gate.members)


def _needs(graph: ServiceGraph, ci: int, groups: frozenset[int]) -> _Needs:
    topology, gates = graph.topology, graph.gates
    edges = [edge for edge in graph.edges_to_dependencies(ci) if gates.edge_effect[edge]]
    by_group: dict[int, list[tuple[int, int]]] = {}
    for edge in edges:
        member = (int(topology.edge_dependency[edge]), int(gates.edge_weight[edge]))
        by_group.setdefault(int(topology.edge_group[edge]), []).append(member)
    by_group.pop(NO_GROUP, None)
    return _Needs(
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


def _passed_by(gate: _Gate, status: Statuses, circle: Mapping[int, int]) -> int:
    """Return what a group passes on, lost redundancy apart; ``circle`` is read first."""
    lost = sick = 0
    for member, weight in gate.members:
        now = circle.get(member, status[member])
        lost += weight if now == Status.DOWN else 0
        sick += weight if now >= Status.DEGRADED else 0
    own = group_status(
        total=gate.total,
        min_up=gate.min_up,
        degraded_below=gate.degraded_below,
        lost=lost,
        sick=sick,
        is_hurt=False,
    )
    return passed_on(gate.effect, own)
