"""Reasons: which dependencies and groups give a CI its status, and which root CIs do.

A dependency is a *cause* if it, or the group that it failed in, gives its dependent the very
status that the dependent has. A *root* is a CI whose own outage gives it its status.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.rules import group_status, passed_on
from ripplegraph.impact.propagation.values import FailedGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class _GroupState:
    """A group with a member that is not up, as it stands."""

    number: int
    status: int
    failed: tuple[int, ...]
    impaired: tuple[int, ...]
    edges: tuple[int, ...]
    usable_members: int
    member_count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reasons:
    """The causes of every CI that is not up.

    Attributes
    ----------
    causes
        Positions of the dependencies that are causes, by CI number.
    groups
        Groups among the causes, by CI number.
    needed
        The CIs at the other ends of the causes, by CI number.
    next_step
        The dependency on a shortest chain to a root, by CI number; roots have themselves.
    """

    graph: ServiceGraph
    causes: Mapping[int, tuple[int, ...]]
    groups: Mapping[int, tuple[FailedGroup, ...]]
    needed: Mapping[int, tuple[int, ...]]
    next_step: Mapping[int, int]
    roots: frozenset[int]

    def chain_of(self, number: int) -> tuple[int, ...]:
        """Return the shortest chain from a CI to a root; only itself if nothing failed below."""
        steps = [number]
        while (step := self.next_step.get(steps[-1], steps[-1])) != steps[-1]:
            steps.append(step)
        return tuple(steps)

    def cone_of(self, number: int) -> frozenset[int]:
        """Return the CIs that contribute to the status of a CI, itself included."""
        needed = self.needed
        seen, waiting = {number}, [number]
        while waiting:
            for ci in needed.get(waiting.pop(), ()):
                if ci not in seen:
                    seen.add(ci)
                    waiting.append(ci)
        return frozenset(seen)

    def has_root(self, number: int) -> bool:
        """Return whether a chain leads from a CI to a root: not from what rests on itself."""
        return number in self.next_step

    def failed_groups_of(self, cone: frozenset[int]) -> tuple[FailedGroup, ...]:
        """Return the groups among the causes of these CIs, by dependent and key."""
        found = [group for ci in cone & self.groups.keys() for group in self.groups[ci]]
        return tuple(sorted(found, key=lambda group: (group.dependent, group.key)))


def reasons_of(
    graph: ServiceGraph, own: Mapping[int, Status], statuses: Mapping[int, Status]
) -> Reasons:
    """Return the reasons of every CI that is not up.

    Parameters
    ----------
    own
        Status of the CIs with an outage of their own, by number.
    statuses
        The fixpoint that follows: the CIs that are not up.
    """
    causes: dict[int, tuple[int, ...]] = {}
    groups: dict[int, tuple[FailedGroup, ...]] = {}
    roots = frozenset(ci for ci, status in own.items() if status and status == statuses[ci])
    for ci, status in statuses.items():
        edges, failed = _causes(graph, ci, status, statuses)
        causes[ci] = edges
        if failed:
            groups[ci] = tuple(_failed_group(graph, state) for state in failed)
    needed = _ends_of(graph, causes)
    return Reasons(
        graph=graph,
        causes=causes,
        groups=groups,
        needed=needed,
        next_step=_next_steps(graph, needed, roots),
        roots=roots,
    )


def groups_not_up(
    graph: ServiceGraph, ci: int, statuses: Mapping[int, Status]
) -> tuple[FailedGroup, ...]:
    """Return the groups of one CI that have a member that is not up, by key."""
    return tuple(_failed_group(graph, state) for state in _group_states(graph, ci, statuses))


def _causes(
    graph: ServiceGraph, ci: int, status: int, statuses: Mapping[int, Status]
) -> tuple[tuple[int, ...], list[_GroupState]]:
    topology, gates = graph.topology, graph.gates
    found: list[int] = []
    for edge in graph.edges_to_dependencies(ci):
        needed = statuses.get(int(topology.edge_dependency[edge]), Status.UP)
        if needed and topology.edge_group[edge] == NO_GROUP:
            effect = int(gates.edge_effect[edge])
            if passed_on(effect, needed) == status:
                found.append(edge)
    failed = [
        state
        for state in _group_states(graph, ci, statuses)
        if passed_on(int(gates.group_effect[state.number]), state.status) == status
    ]
    for state in failed:
        found.extend(_blamed(graph, state, statuses))
    return tuple(sorted(found)), failed


def _blamed(
    graph: ServiceGraph, state: _GroupState, statuses: Mapping[int, Status]
) -> tuple[int, ...]:
    """Return the members that gave a group its status: those not usable, healthy or up."""
    ends = graph.topology.edge_dependency
    least = {Status.DOWN: Status.DOWN, Status.DEGRADED: Status.DEGRADED}.get(
        Status(state.status), Status.AT_RISK
    )
    return tuple(edge for edge in state.edges if statuses[int(ends[edge])] >= least)


def _group_states(
    graph: ServiceGraph, ci: int, statuses: Mapping[int, Status]
) -> tuple[_GroupState, ...]:
    """Return the groups of a CI that have a member that is not up, by number."""
    topology, gates = graph.topology, graph.gates
    members: dict[int, list[int]] = {}
    for edge in graph.edges_to_dependencies(ci):
        group = int(topology.edge_group[edge])
        if group != NO_GROUP and gates.edge_effect[edge]:
            members.setdefault(group, []).append(edge)
    states = []
    for group, edges in sorted(members.items()):
        of_edge = {edge: statuses.get(int(topology.edge_dependency[edge]), 0) for edge in edges}
        if any(of_edge.values()):
            states.append(_group_state(graph, group, of_edge))
    return tuple(states)


def _group_state(graph: ServiceGraph, group: int, of_edge: Mapping[int, int]) -> _GroupState:
    gates, ends = graph.gates, graph.topology.edge_dependency
    weight = gates.edge_weight
    lost = [edge for edge, status in of_edge.items() if status == Status.DOWN]
    sick = [edge for edge, status in of_edge.items() if status >= Status.DEGRADED]
    failed = {int(ends[edge]) for edge in lost}
    hurt = {int(ends[edge]) for edge, status in of_edge.items() if status}
    count = len({int(ends[edge]) for edge in of_edge})
    return _GroupState(
        number=group,
        status=group_status(
            total=int(gates.group_total[group]),
            min_up=int(gates.group_min_up[group]),
            degraded_below=int(gates.group_degraded_below[group]),
            lost=sum(int(weight[edge]) for edge in lost),
            sick=sum(int(weight[edge]) for edge in sick),
            is_hurt=True,
        ),
        failed=tuple(sorted(failed)),
        impaired=tuple(sorted(hurt - failed)),
        edges=tuple(edge for edge, status in of_edge.items() if status),
        usable_members=count - len(failed),
        member_count=count,
    )


def _failed_group(graph: ServiceGraph, state: _GroupState) -> FailedGroup:
    rule = graph.group_rules[state.number]
    return FailedGroup(
        dependent=graph.ci_ids[rule.dependent],
        key=rule.key,
        requirement="100%" if rule.min_up is None else str(rule.min_up),
        status=Status(state.status),
        failed=_sorted_ids(graph, state.failed),
        impaired=_sorted_ids(graph, state.impaired),
        usable_members=state.usable_members,
        member_count=state.member_count,
    )


def _sorted_ids(graph: ServiceGraph, numbers: Iterable[int]) -> tuple[CiId, ...]:
    return tuple(sorted(graph.ci_ids[number] for number in numbers))


def _ends_of(
    graph: ServiceGraph, causes: Mapping[int, tuple[int, ...]]
) -> dict[int, tuple[int, ...]]:
    """Return the dependencies' CIs in place of the dependencies: all of them looked up at once."""
    edges = np.fromiter(chain.from_iterable(causes.values()), dtype=np.int64)
    ends = iter(graph.topology.edge_dependency[edges].tolist())
    return {ci: tuple(islice(ends, len(of_ci))) for ci, of_ci in causes.items()}


def _next_steps(
    graph: ServiceGraph, needed: Mapping[int, tuple[int, ...]], roots: frozenset[int]
) -> dict[int, int]:
    """Return the step towards the nearest root; the smallest ``ci_id`` where several are."""
    needed_by: dict[int, list[int]] = {}
    for ci, dependencies in needed.items():
        for dependency in dependencies:
            needed_by.setdefault(dependency, []).append(ci)
    step: dict[int, int] = {}
    waiting: deque[int] = deque()
    for root in sorted(roots, key=graph.ci_ids.__getitem__):
        step[root] = root
        waiting.append(root)
    while waiting:
        level = sorted(waiting, key=graph.ci_ids.__getitem__)
        waiting.clear()
        for ci in level:
            for dependent in needed_by.get(ci, ()):
                if dependent not in step:
                    step[dependent] = ci
                    waiting.append(dependent)
    return step
