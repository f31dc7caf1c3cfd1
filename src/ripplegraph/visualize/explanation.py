"""How each dependency passes trouble on, and which ones explain the status of a service. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import RequirementUnit, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """One redundancy group under the statuses shown: its status and its rule in words."""

    number: int
    status: Status
    rule: str
    members: tuple[int, ...]
    usable_count: int

    @property
    def text(self) -> str:
        """The rule with what is left of the group."""
        if self.status is Status.UP:
            return self.rule
        return f"{self.rule}, {self.usable_count} usable"


class Explanation:
    """Statuses on one graph, and what each dependency passes to its dependent."""

    def __init__(self, graph: ServiceGraph, statuses: Mapping[int, Status]) -> None:
        self._graph, self._statuses = graph, statuses
        self._groups: dict[int, GroupState] = {}

    def status(self, number: int) -> Status:
        """Return the status of a CI; one that is not named is up."""
        return self._statuses.get(number, Status.UP)

    def group(self, number: int) -> GroupState:
        """Return the state of a redundancy group."""
        if number not in self._groups:
            self._groups[number] = self._group_state(number)
        return self._groups[number]

    def groups_of(self, number: int) -> tuple[GroupState, ...]:
        """Return the redundancy groups of a dependent, worst first."""
        edge_group = self._graph.topology.edge_group
        edges = self._graph.edges_to_dependencies(number)
        groups = {int(edge_group[edge]) for edge in edges} - {NO_GROUP}
        return tuple(sorted(map(self.group, groups), key=lambda one: (-one.status, one.number)))

    def passed(self, edge: int) -> Status:
        """Return the status that a dependency, or the group that it is in, passes on."""
        topology, gates = self._graph.topology, self._graph.gates
        status = self.status(int(topology.edge_dependency[edge]))
        effect = Strength(int(gates.edge_effect[edge]))
        group = int(topology.edge_group[edge])
        if effect is Strength.NONE or status is Status.UP:
            return Status.UP
        if group == NO_GROUP:
            return _mapped(status, effect)
        return _mapped(self.group(group).status, Strength(int(gates.group_effect[group])))

    def explains(self, edge: int) -> bool:
        """Return whether a dependency passes on all of its dependent's trouble."""
        topology = self._graph.topology
        status = self.status(int(topology.edge_dependent[edge]))
        if status is Status.UP or self.passed(edge) is not status:
            return False
        group = int(topology.edge_group[edge])
        if group == NO_GROUP or self.group(group).status is not Status.DOWN:
            return True
        return self.status(int(topology.edge_dependency[edge])) is Status.DOWN

    def explaining_edges(self, number: int) -> tuple[int, ...]:
        """Return the dependencies of a CI that explain its status."""
        return tuple(
            edge for edge in self._graph.edges_to_dependencies(number) if self.explains(edge)
        )

    def _group_state(self, number: int) -> GroupState:
        graph = self._graph
        topology, gates = graph.topology, graph.gates
        rule = graph.group_rules[number]
        edges = tuple(
            edge
            for edge in graph.edges_to_dependencies(rule.dependent)
            if topology.edge_group[edge] == number and gates.edge_effect[edge] != Strength.NONE
        )
        statuses = {edge: self.status(int(topology.edge_dependency[edge])) for edge in edges}
        usable = [edge for edge in edges if statuses[edge] is not Status.DOWN]
        healthy = [edge for edge in edges if statuses[edge] <= Status.AT_RISK]
        needed = int(gates.group_min_up[number])
        usable_weight, healthy_weight = self._weight(usable), self._weight(healthy)
        if usable_weight < needed:
            status = Status.DOWN
        elif healthy_weight < needed or usable_weight < gates.group_degraded_below[number]:
            status = Status.DEGRADED
        else:
            status = Status.AT_RISK if any(statuses.values()) else Status.UP
        return GroupState(
            number=number,
            status=status,
            rule=_rule_text(graph, number, edges),
            members=edges,
            usable_count=len(usable),
        )

    def _weight(self, edges: Iterable[int]) -> int:
        weights = self._graph.gates.edge_weight
        return sum(int(weights[edge]) for edge in edges)


def shortest_chain(
    explanation: Explanation, graph: ServiceGraph, start: int, is_root: Callable[[int], bool]
) -> tuple[int, ...]:
    """Return the shortest chain from a CI to one that is out by itself; empty if there is none."""
    chains: dict[int, tuple[int, ...]] = {start: (start,)}
    waiting = [start]
    for number in waiting:
        if is_root(number):
            return chains[number]
        for edge in explanation.explaining_edges(number):
            dependency = int(graph.topology.edge_dependency[edge])
            if dependency not in chains:
                chains[dependency] = (*chains[number], dependency)
                waiting.append(dependency)
    return ()


def pool_groups(
    graph: ServiceGraph, numbers: Iterable[int], dependents: Container[int]
) -> tuple[int, ...]:
    """Return the redundancy groups of these dependents that have one of the CIs as a member."""
    groups = {
        int(graph.topology.edge_group[edge])
        for number in numbers
        for edge in graph.edges_to_dependents(number)
        if graph.gates.edge_effect[edge] != Strength.NONE
        and int(graph.topology.edge_dependent[edge]) in dependents
    }
    return tuple(sorted(groups - {NO_GROUP}))


def is_whole_pool(
    graph: ServiceGraph, groups: Collection[GroupState], numbers: Collection[int]
) -> bool:
    """Return whether these CIs are all members of each group, and there is a group."""
    ends, cis = graph.topology.edge_dependency, set(numbers)
    return bool(groups) and all(
        {int(ends[one]) for one in group.members} == cis for group in groups
    )


def _mapped(status: Status, effect: Strength) -> Status:
    if effect is Strength.HARD:
        return status
    return Status.DEGRADED if status >= Status.DEGRADED and effect is Strength.SOFT else Status.UP


def _rule_text(graph: ServiceGraph, number: int, edges: tuple[int, ...]) -> str:
    """Return the redundancy rule as people say it, such as ``2 of 3 needed``."""
    rule, gates, count = graph.group_rules[number], graph.gates, len(edges)
    if rule.min_up is None:
        return f"all {count} needed, the data says no rule"
    if gates.group_min_up[number] >= gates.group_total[number]:
        text = f"all {count} needed"
    elif rule.min_up.unit is RequirementUnit.PERCENT:
        text = f"{rule.min_up} of {count} needed"
    elif rule.min_up.unit is RequirementUnit.COUNT or not any(
        edge in graph.edges.weights for edge in edges
    ):
        text = f"{str(rule.min_up).removeprefix('count:')} of {count} needed"
    else:
        text = f"weight {rule.min_up} of {_total_weight(graph, edges)} needed"
    return f"{text} (assumed)" if rule.is_assumed else text


def _total_weight(graph: ServiceGraph, edges: tuple[int, ...]) -> str:
    weights = graph.edges.weights
    return format(sum(weights.get(edge, 1) for edge in edges), "g")
