"""Structure functions: from the service graph to formulas of failures (semantics.md section 3).

Truth is failure. A CI has failed when it has failed by itself, when something that it needs has,
or when one of its groups has. On circles the least fixpoint of failure counts (the greatest of
health): all start as failed only by themselves, and the rules are applied until nothing more can
change. Groups marked grounded read their members on the circle as failed at first, and better
only as far as something outside holds them up, as status propagation does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ripplegraph.graph.components import component_labels
from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder
from ripplegraph.impact.availability.values import Level
from ripplegraph.impact.propagation.grounding import grounding_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StructureFunctions:
    """When services fail, as one formula over the CIs beneath them.

    Attributes
    ----------
    formula
        Variable ``i`` is the own failure of the CI with number ``i``.
    roots
        The node of each service, in the order asked for.
    cones
        For each service the numbers of the CIs that count at the level, itself included,
        ascending.
    unsettled
        Circles too large for the budget, by the numbers of their CIs: a CI on circle ``n`` fails
        by itself or with variable ``ci_count + n``, of which nothing is known.
    circular
        Numbers of the CIs beneath any of the services that depend on themselves.
    """

    formula: Formula
    roots: tuple[int, ...]
    cones: tuple[tuple[int, ...], ...]
    circular: frozenset[int]
    unsettled: tuple[tuple[int, ...], ...] = ()


def structure_functions(
    graph: ServiceGraph,
    services: Sequence[int],
    *,
    level: Level = Level.DOWN,
    perfect: Container[int] = (),
    cut_points: Container[int] = (),
    most_steps: int | None = None,
) -> StructureFunctions:
    """Return when services fail, given which CIs fail by themselves.

    Parameters
    ----------
    graph
        The graph; dependencies of effect ``none`` do not count.
    services
        Numbers of CIs; any CI may be asked for.
    level
        ``down``: soft dependencies do not count. ``degraded``: a CI counts as failed when it is
        degraded or down; soft dependencies and ``degraded_below`` count.
    perfect
        Numbers of CIs without failures of their own; they get no variable.
    cut_points
        Numbers of CIs whose dependencies are left out.
    most_steps
        Dependencies written for one circle, over all rounds; the formula of a ring of redundant
        CIs grows with the square of its length. None for no limit.

    Returns
    -------
    StructureFunctions
        Equal to status propagation for every set of CIs that are down by themselves.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.evaluate import failure_probabilities
    >>> import numpy as np
    >>> graph = graph_of("shop -> h1 | h2")
    >>> found = structure_functions(graph, [graph.resolve("shop")], perfect=[0])
    >>> fleet = compile_fleet(found.formula, found.roots)
    >>> failure_probabilities(fleet, np.array([0.0, 0.5, 0.25])).tolist()
    [0.125]
    """
    needs = Needs(graph, cut_points)
    cones = tuple(tuple(sorted(_cone(needs, service, level))) for service in services)
    beneath = sorted(set().union(*cones)) if cones else []
    circles = circles_in_order(graph, needs, beneath, level)
    writer = _Writer(
        needs=needs,
        perfect=perfect,
        first_unsettled=graph.ci_count,
        most_steps=most_steps,
    )
    for circle in circles:
        writer.write(circle, Level.DOWN)
    if level is Level.DEGRADED:
        for circle in circles:
            writer.write(circle, Level.DEGRADED)
    node_of = writer.nodes[level]
    return StructureFunctions(
        formula=writer.builder.build(),
        roots=tuple(node_of[service] for service in services),
        cones=cones,
        circular=frozenset(ci for circle in circles if len(circle) > 1 for ci in circle),
        unsettled=tuple(writer.unsettled),
    )


def cis_beneath(
    graph: ServiceGraph,
    services: Sequence[int],
    *,
    level: Level = Level.DOWN,
    cut_points: Collection[int] = (),
) -> list[int]:
    """Return the numbers of all CIs that services rest on, themselves included, ascending.

    Parameters
    ----------
    graph, services, level
        As for :func:`structure_functions`.
    cut_points
        Numbers of CIs whose dependencies are left out.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> cis_beneath(graph_of("shop -> web; web -> db; mail -> db"), [0], cut_points=[1])
    [0, 1]
    """
    needs = Needs(graph, frozenset(cut_points))
    return sorted(set().union(*(_cone(needs, service, level) for service in services)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupNeed:
    """One group: member numbers with their weights, and what must be usable."""

    members: tuple[tuple[int, int], ...]
    total: int
    min_up: int
    degraded_below: int
    effect: int
    is_grounded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one CI needs: single dependencies with their effect, and groups."""

    single: tuple[tuple[int, int], ...] = ()
    groups: tuple[GroupNeed, ...] = ()

    def cis(self, level: Level) -> Iterator[int]:
        """Yield the numbers of the CIs that count at a level, some of them more than once."""
        yield from (ci for ci, effect in self.single if _counts(effect, level))
        for group in self.groups:
            if _counts(group.effect, level):
                yield from (ci for ci, _ in group.members)


class Needs:
    """What each CI needs, looked up once; nothing beneath a cut point."""

    def __init__(self, graph: ServiceGraph, cut_points: Container[int]) -> None:
        self._graph, self._cut_points = graph, cut_points
        self._grounded = grounding_of(graph).groups
        self._known: dict[int, Need] = {}

    def of(self, ci: int) -> Need:
        """Return what a CI needs."""
        if ci not in self._known:
            self._known[ci] = Need() if ci in self._cut_points else self._read(ci)
        return self._known[ci]

    def _read(self, ci: int) -> Need:
        topology, gates = self._graph.topology, self._graph.gates
        single: list[tuple[int, int]] = []
        members: dict[int, list[tuple[int, int]]] = {}
        for edge in self._graph.edges_to_dependencies(ci):
            effect = int(gates.edge_effect[edge])
            if effect == Strength.NONE:
                continue
            needed, group = int(topology.edge_dependency[edge]), int(topology.edge_group[edge])
            if group == NO_GROUP:
                single.append((needed, effect))
            else:
                members.setdefault(group, []).append((needed, int(gates.edge_weight[edge])))
        groups = tuple(self._group(number, members[number]) for number in members)
        return Need(single=tuple(single), groups=groups)

    def _group(self, number: int, members: Sequence[tuple[int, int]]) -> GroupNeed:
        gates = self._graph.gates
        return GroupNeed(
            members=tuple(members),
            total=int(gates.group_total[number]),
            min_up=int(gates.group_min_up[number]),
            degraded_below=int(gates.group_degraded_below[number]),
            effect=int(gates.group_effect[number]),
            is_grounded=number in self._grounded,
        )


def _cone(needs: Needs, service: int, level: Level) -> set[int]:
    return _reached(service, lambda ci: needs.of(ci).cis(level))


def _reached(start: int, following: Callable[[int], Iterable[int]]) -> set[int]:
    seen, waiting = {start}, [start]
    while waiting:
        fresh = set(following(waiting.pop())) - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen


def circles_in_order(
    graph: ServiceGraph, needs: Needs, beneath: Sequence[int], level: Level
) -> list[tuple[int, ...]]:
    """Return the CIs in sets that depend on each other, what they need before them."""
    label = _circle_of(graph, needs, beneath, level)
    members: dict[int, list[int]] = {}
    for ci in beneath:
        members.setdefault(label[ci], []).append(ci)
    needed_by = {
        one: sorted({label[to] for ci in cis for to in needs.of(ci).cis(level)} - {one})
        for one, cis in members.items()
    }
    order: list[tuple[int, ...]] = []
    done: set[int] = set()
    waiting = [(one, False) for one in reversed(list(members))]
    while waiting:
        one, is_ready = waiting.pop()
        if is_ready:
            order.append(tuple(members[one]))
        elif one not in done:
            done.add(one)
            waiting.append((one, True))
            waiting.extend((further, False) for further in needed_by[one] if further not in done)
    return order


def _circle_of(
    graph: ServiceGraph, needs: Needs, beneath: Sequence[int], level: Level
) -> list[int]:
    """Return a label of its circle for each CI; a dependency that does not count closes none."""
    whole = graph.component_labels
    cis = np.array(beneath, dtype=np.int64)
    on_circle = cis[np.bincount(whole)[whole[cis]] > 1].tolist()
    ends = [
        (ci, to) for ci in on_circle for to in needs.of(ci).cis(level) if whole[ci] == whole[to]
    ]
    dependents, dependencies = np.array(ends, dtype=np.uint32).reshape(-1, 2).T
    labels: list[int] = component_labels(
        ci_count=graph.ci_count, dependents=dependents, dependencies=dependencies
    ).tolist()
    return labels


@dataclass(slots=True, kw_only=True)
class _Writer:
    """Writes the formula, one set of CIs after the other."""

    needs: Needs
    perfect: Container[int]
    builder: FormulaBuilder = field(default_factory=FormulaBuilder)
    nodes: dict[Level, dict[int, int]] = field(
        default_factory=lambda: {level: {} for level in Level}
    )
    first_unsettled: int = 0
    most_steps: int | None = None
    unsettled: list[tuple[int, ...]] = field(default_factory=list)

    def write(self, circle: Sequence[int], level: Level) -> None:
        """Write the nodes of CIs that depend on each other, or of one CI."""
        if len(circle) == 1:
            (ci,) = circle
            found = {ci: self._failed(ci, level, {ci: self._own(ci)}, {})}
        elif self._is_all_or_nothing(circle, level):
            found = self._together(circle, level)
        else:
            found = self._settled(circle, level)
        self.nodes[level].update(found)

    def _is_all_or_nothing(self, circle: Sequence[int], level: Level) -> bool:
        """Return whether each CI of a circle brings all others down, by single dependencies."""
        inside = set(circle)
        brings_down: dict[int, list[int]] = {ci: [] for ci in circle}
        brought_down: dict[int, list[int]] = {ci: [] for ci in circle}
        for ci in circle:
            need = self.needs.of(ci)
            if any(member in inside for group in need.groups for member, _ in group.members):
                return False
            for to, effect in need.single:
                if to in inside and _counts(effect, level):
                    brings_down[to].append(ci)
                    brought_down[ci].append(to)
        # what closes a circle may not count here, or lie outside of what was asked about
        steps = (brings_down, brought_down)
        return all(_reached(circle[0], step.__getitem__) == inside for step in steps)

    def _together(self, circle: Sequence[int], level: Level) -> dict[int, int]:
        never = dict.fromkeys(circle, self.builder.false())
        parts = [
            node
            for ci in circle
            for node in (self._own(ci), self._failed(ci, level, never, never))
        ]
        node = self.builder.any_of(parts)
        return dict.fromkeys(circle, node)

    def _settled(self, circle: Sequence[int], level: Level) -> dict[int, int]:
        """Return the least fixpoint of failure, and where groups are grounded the outer one."""
        if tuple(circle) in self.unsettled:  # at the other level
            return self._unknown(circle)
        steps, each = 0, sum(len(list(self.needs.of(ci).cis(level))) for ci in circle)
        has_grounded = any(g.is_grounded for ci in circle for g in self.needs.of(ci).groups)
        first = self.builder.true() if has_grounded else self.builder.false()
        outer = dict.fromkeys(circle, first)
        for _ in range(len(circle) + 1 if has_grounded else 1):
            inner = {ci: self._own(ci) for ci in circle}
            for _ in circle:  # each round at least one more CI fails, or all are settled
                steps += each
                if self.most_steps is not None and steps > self.most_steps:
                    self.unsettled.append(tuple(circle))
                    return self._unknown(circle)
                following = {ci: self._failed(ci, level, inner, outer) for ci in circle}
                if following == inner:
                    break
                inner = following
            if inner == outer:
                break
            outer = inner
        return outer

    def _unknown(self, circle: Sequence[int]) -> dict[int, int]:
        """Return CIs that fail by themselves, or for a reason that was not worked out."""
        number = self.first_unsettled + self.unsettled.index(tuple(circle))
        unknown = self.builder.variable(number)
        return {ci: self.builder.any_of([self._own(ci), unknown]) for ci in circle}

    def _own(self, ci: int) -> int:
        return self.builder.false() if ci in self.perfect else self.builder.variable(ci)

    def _failed(
        self, ci: int, level: Level, inside: Mapping[int, int], grounded: Mapping[int, int]
    ) -> int:
        """Return when a CI has failed, given when those on its circle have."""
        need = self.needs.of(ci)
        outside = self.nodes[level]
        parts = [self._own(ci)]
        for to, effect in need.single:
            if _counts(effect, level):
                parts.append(inside[to] if to in inside else outside[to])
        for group in need.groups:
            if _counts(group.effect, level):
                held = grounded if group.is_grounded else inside
                parts.extend(self._group_failed(group, level, held))
        return self.builder.any_of(parts)

    def _group_failed(
        self, group: GroupNeed, level: Level, inside: Mapping[int, int]
    ) -> Iterable[int]:
        outside = self.nodes[level]
        sick = [(inside[ci] if ci in inside else outside[ci], w) for ci, w in group.members]
        yield self._lost(group, sick, group.min_up)
        if level is Level.DEGRADED and group.degraded_below:
            down = [(self.nodes[Level.DOWN][ci], weight) for ci, weight in group.members]
            yield self._lost(group, down, group.degraded_below)

    def _lost(self, group: GroupNeed, members: Sequence[tuple[int, int]], needed: int) -> int:
        """Return when the members that have not failed weigh less than what is needed."""
        nodes = [node for node, _ in members]
        weights = [weight for _, weight in members]
        return self.builder.at_least(group.total - needed + 1, nodes, weights)


def _counts(effect: int, level: Level) -> bool:
    """Return whether a dependency of this effect brings its dependent to this level."""
    return effect == Strength.HARD or (level is Level.DEGRADED and effect == Strength.SOFT)
