"""What each CI still needs, and what follows for many CIs at once.

Only *down* matters here, and only hard dependencies and hard groups pass it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate
from operator import or_

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import SERVICE_KINDS, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import settle

NEVER = 1 << 40
"""Cost of what no failures bring down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What may still fail in one hard group: it falls if more than ``spare`` weight is lost."""

    spare: int
    members: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a CI needs: what alone brings it down, and its hard groups."""

    hard: tuple[int, ...]
    gates: tuple[Gate, ...]

    def cis(self) -> tuple[int, ...]:
        """Return everything that it needs."""
        return (*self.hard, *(member for gate in self.gates for member, _ in gate.members))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Situation:
    """A graph with outages, and what each CI still needs; shared between questions.

    At most ``largest_look`` CIs are looked at beneath all the CIs that are asked about.
    """

    graph: ServiceGraph
    own: Mapping[int, Status]
    statuses: Mapping[int, Status]
    largest_look: int = NEVER
    _memo: dict[int, Needs] = field(default_factory=dict)
    _overviews: dict[int, Overview] = field(default_factory=dict)
    _looked: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: ServiceGraph, own: Mapping[int, Status]) -> Situation:
        """Return the situation that own statuses lead to."""
        return cls(graph=graph, own=own, statuses=settle(graph, own))

    def needs_of(self, ci: int) -> Needs:
        """Return what a CI that is not down still needs."""
        if ci not in self._memo:
            self._memo[ci] = _needs(self.graph, ci, self.statuses)
        return self._memo[ci]

    def can_fail(self, ci: int) -> bool:
        """Return whether a CI can have a failure of its own."""
        cis = self.graph.cis
        return not cis.is_logical[ci] and cis.kind[ci] not in SERVICE_KINDS

    def may_look_beneath(self, top: int) -> bool:
        """Return whether all beneath a CI may still be looked at, and count it as done."""
        left = self.largest_look - self._looked.get("cis", 0)
        seen, waiting = {top}, [top]
        while waiting and len(seen) <= left:
            fresh = set(self.needs_of(waiting.pop()).cis()) - seen
            seen |= fresh
            waiting.extend(fresh)
        if len(seen) > left:
            return False
        self._looked["cis"] = self.largest_look - left + len(seen)
        return True

    def overview_of(self, top: int) -> Overview:
        """Return what may bring a CI down."""
        if top not in self._overviews:
            self._overviews[top] = Overview(self, top)
        return self._overviews[top]


class Overview:
    """What may bring a CI down: single failures, and a cheap set of them.

    Attributes
    ----------
    needs
        What it and every CI beneath it needs.
    can_fail
        The CIs beneath that can have failures of their own, sorted.
    cost
        Number of failures of a cheap way to bring each CI down, ``NEVER`` if there is none.
        Failures shared by two members count twice, so it is an upper bound; exact where every
        CI is needed once and the members of a group weigh the same.
    """

    def __init__(self, situation: Situation, top: int) -> None:
        self.needs: dict[int, Needs] = {}
        waiting = [top]
        while waiting:
            ci = waiting.pop()
            if ci not in self.needs:
                self.needs[ci] = situation.needs_of(ci)
                waiting.extend(self.needs[ci].cis())
        able = (ci for ci in self.needs if ci != top and situation.can_fail(ci))
        self.can_fail = tuple(sorted(able))
        self.cost = dict.fromkeys(self.needs, NEVER) | dict.fromkeys(self.can_fail, 1)
        self._way: dict[int, tuple[int, ...]] = {}
        self._single = dict.fromkeys(self.needs, 0)
        self._single |= {ci: 1 << at for at, ci in enumerate(self.can_fail)}
        order = tuple(self.needs)[::-1]
        while sum(map(self._improve, order)) + sum(map(self._widen, order)):
            continue

    def singles_of(self, ci: int) -> tuple[int, ...]:
        """Return every CI whose failure alone brings a CI down, sorted."""
        mask = self._single[ci]
        return tuple(one for at, one in enumerate(self.can_fail) if mask >> at & 1)

    def cone_of(self, top: int) -> tuple[int, ...]:
        """Return a CI and all that it still needs."""
        seen, waiting = {top}, [top]
        while waiting:
            fresh = set(self.needs[waiting.pop()].cis()) - seen
            seen |= fresh
            waiting.extend(fresh)
        return tuple(sorted(seen))

    def is_exact(self, top: int, cone: Iterable[int]) -> bool:
        """Return whether the cost of a CI is exact."""
        uses = [needed for ci in cone for needed in self.needs[ci].cis()]
        gates = [gate for ci in cone for gate in self.needs[ci].gates]
        is_even = all(len({weight for _, weight in gate.members}) <= 1 for gate in gates)
        return is_even and len(set(uses)) == len(uses) and top not in uses

    def cheap_cut_of(self, top: int) -> tuple[int, ...]:
        """Return a cheap set of failures; empty if nothing that can fail is enough."""
        able, seen, waiting = set(self.can_fail), {top}, [top]
        chosen: set[int] = set()
        while waiting:
            ci = waiting.pop()
            if ci in able:
                chosen.add(ci)
            else:
                fresh = set(self._way.get(ci, ())) - seen
                seen |= fresh
                waiting.extend(fresh)
        return tuple(sorted(chosen))

    def _improve(self, ci: int) -> bool:
        needs, cost = self.needs[ci], self.cost
        ways: list[tuple[int, tuple[int, ...]]] = [
            (cost[needed], (needed,)) for needed in needs.hard
        ]
        ways.extend(self._way_through(gate) for gate in needs.gates)
        cheapest, way = min(ways, default=(NEVER, ()))
        if cheapest >= cost[ci]:
            return False
        cost[ci], self._way[ci] = cheapest, way
        return True

    def _way_through(self, gate: Gate) -> tuple[int, tuple[int, ...]]:
        """Return the members to lose, those first that lose most weight for their cost."""
        cost = self.cost
        ordered = sorted(
            (pair for pair in gate.members if pair[1] and cost[pair[0]] < NEVER),
            key=lambda pair: (cost[pair[0]] / pair[1], pair[0]),
        )
        weights = accumulate(weight for _, weight in ordered)
        for count, lost in enumerate(weights, start=1):
            if lost > gate.spare:
                members = tuple(member for member, _ in ordered[:count])
                return sum(cost[member] for member in members), members
        return NEVER, ()

    def _widen(self, ci: int) -> bool:
        needs, single = self.needs[ci], self._single
        mask = reduce(or_, (single[needed] for needed in needs.hard), single[ci])
        for gate in needs.gates:
            mask |= _lost_by_one(gate, single)
        is_wider = mask != single[ci]
        single[ci] = mask
        return is_wider


def _lost_by_one(gate: Gate, single: Mapping[int, int]) -> int:
    """Return which single failures, as bits, make a group lose more weight than it can spare.

    ``exact`` holds by lost weight the failures that have lost exactly so much so far.
    """
    exceeding, exact = 0, {0: reduce(or_, (single[member] for member, _ in gate.members), 0)}
    for member, weight in gate.members:
        following: dict[int, int] = {}
        for lost, bits in exact.items():
            hit = bits & single[member]
            if lost + weight > gate.spare:
                exceeding |= hit
            else:
                following[lost + weight] = following.get(lost + weight, 0) | hit
            following[lost] = following.get(lost, 0) | (bits & ~hit)
        exact = {lost: bits for lost, bits in following.items() if bits}
    return exceeding


def _needs(graph: ServiceGraph, ci: int, statuses: Mapping[int, Status]) -> Needs:
    topology, compiled = graph.topology, graph.gates
    hard: list[int] = []
    members: dict[int, list[tuple[int, int]]] = {}
    for edge in graph.edges_to_dependencies(ci):
        needed, group = int(topology.edge_dependency[edge]), int(topology.edge_group[edge])
        effect = int(compiled.edge_effect[edge])
        if group == NO_GROUP:
            if effect == Strength.HARD:
                hard.append(needed)
        elif effect and compiled.group_effect[group] == Strength.HARD:
            members.setdefault(group, []).append((needed, int(compiled.edge_weight[edge])))
    gates = []
    for group, found in members.items():
        lost = sum(weight for one, weight in found if statuses.get(one) is Status.DOWN)
        spare = int(compiled.group_total[group]) - int(compiled.group_min_up[group]) - lost
        left = tuple(pair for pair in found if statuses.get(pair[0]) is not Status.DOWN)
        gates.append(Gate(spare=spare, members=left))
    return Needs(hard=tuple(hard), gates=tuple(gates))
