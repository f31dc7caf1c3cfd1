"""The smallest remaining cut: how many more failures bring a service down.

Three steps, each only where the one before has no answer: one failure that passes straight up;
all single failures and a cheap cut, for many CIs at once; and a search that branches on
witnesses, the CIs that keep the service up: every cut holds one of each witness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.still_needed import Gate, Needs, Situation
from ripplegraph.impact.propagation.values import RemainingCut

LARGEST_ORDER = 4
"""Cuts of up to so many CIs are ruled out by branching."""

LARGEST_SEARCH = 2_000
"""Situations that one search tries at most."""


def remaining_cut(
    graph: ServiceGraph,
    number: int,
    own: Mapping[int, Status],
    *,
    largest_order: int = LARGEST_ORDER,
    largest_search: int = LARGEST_SEARCH,
    situation: Situation | None = None,
) -> RemainingCut:
    """Return the smallest set of further failures that brings a CI down.

    Parameters
    ----------
    number
        CI number; not down in the situation ``own``.
    own
        Status of the CIs with an outage of their own.
    largest_order
        Up to which size smaller cuts are ruled out by branching, >= 1.
    largest_search
        How many situations the search tries at most, >= 1.
    situation
        What ``own`` leads to, to share it between many questions.

    Returns
    -------
    RemainingCut
        Logical CIs, services and the CI itself are taken as unable to fail. Not exact where
        order or search end before the answer is proven.

    Raises
    ------
    ValueError
        If a limit is below 1.

    Notes
    -----
    Branching on a set that every solution must hit: Reiter (1987), hitting sets.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> 2 of (a, b, c)")
    >>> remaining_cut(graph, 0, {}).count
    2
    """
    if largest_order < 1 or largest_search < 1:
        got = f"got {largest_order} and {largest_search}"
        msg = f"need largest_order >= 1 and largest_search >= 1, {got}"
        raise ValueError(msg)
    situation = situation or Situation.of(graph, own)
    first = _first_single(situation, number)
    if first is not None:
        return RemainingCut(count=1, is_exact=True, example=(graph.ci_ids[first],))
    if not situation.may_look_beneath(number):
        return RemainingCut(count=1, is_exact=False)
    overview = situation.overview_of(number)
    cone = overview.cone_of(number)
    if not grounding_of(graph).owners.isdisjoint(cone):
        return _searched(situation, number, largest_order, largest_search)
    if singles := overview.singles_of(number):
        return RemainingCut(count=1, is_exact=True, example=_ids(graph, singles)[:1])
    cut = overview.cheap_cut_of(number)
    if len(cut) <= 2 or overview.is_exact(number, cone):  # no single failure is enough
        return RemainingCut(count=len(cut), is_exact=True, example=_ids(graph, cut))
    return _searched(situation, number, largest_order, largest_search)


def _searched(situation: Situation, top: int, order: int, search: int) -> RemainingCut:
    beneath = _beneath(situation, top)
    if not beneath.is_down(beneath.can_fail):
        return RemainingCut(count=0, is_exact=True)
    cut = situation.overview_of(top).cheap_cut_of(top) or tuple(sorted(beneath.can_fail))
    bound, found = _Search(beneath=beneath, left=search).run(cut, order)
    example = _ids(situation.graph, found)
    return RemainingCut(count=bound, is_exact=bound == len(found), example=example)


def single_failures(
    graph: ServiceGraph, number: int, own: Mapping[int, Status]
) -> tuple[CiId, ...]:
    """Return every CI whose failure alone would bring a CI down now, sorted.

    Parameters
    ----------
    number
        CI number; not down in the situation ``own``.
    own
        Status of the CIs with an outage of their own.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> single_failures(graph_of("shop -> db & web; web -> a | b"), 0, {})
    ('t:server:db', 't:server:web')
    """
    situation = Situation.of(graph, own)
    overview = situation.overview_of(number)
    if grounding_of(graph).owners.isdisjoint(overview.needs):
        return _ids(graph, overview.singles_of(number))
    beneath = _beneath(situation, number)
    return _ids(graph, [ci for ci in overview.can_fail if beneath.is_down({ci})])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Beneath:
    """What can bring one CI down: the CIs beneath it that are not down, from it downwards."""

    graph: ServiceGraph
    top: int
    own: Mapping[int, Status]
    needs: Mapping[int, Needs]
    needed_by: Mapping[int, Sequence[int]]
    can_fail: Set[int]
    is_grounded: bool

    def is_down(self, failed: Set[int]) -> bool:
        """Return whether the top is down once these CIs have failed too."""
        own = {**self.own, **dict.fromkeys(failed, Status.DOWN)}
        if self.is_grounded:
            return settle(self.graph, own).get(self.top) is Status.DOWN
        return self.top in self._fallen(failed)

    def _fallen(self, failed: Set[int]) -> Set[int]:
        fallen, waiting = set(failed), list(failed)
        while waiting:
            for ci in self.needed_by.get(waiting.pop(), ()):
                if ci not in fallen and self._falls(ci, fallen):
                    fallen.add(ci)
                    waiting.append(ci)
        return fallen

    def _falls(self, ci: int, fallen: Set[int]) -> bool:
        needs = self.needs[ci]
        return any(needed in fallen for needed in needs.hard) or any(
            sum(weight for member, weight in gate.members if member in fallen) > gate.spare
            for gate in needs.gates
        )

    def witness(self, failed: Set[int]) -> tuple[int, ...]:
        """Return CIs that suffice to keep the top up; it is not down with ``failed``."""
        if self.is_grounded:
            return tuple(sorted(self.can_fail - failed))
        fallen = self._fallen(failed)
        seen, waiting = {self.top}, [self.top]
        while waiting:
            ci = waiting.pop()
            needed = set(self.needs[ci].hard)
            for gate in self.needs[ci].gates:
                needed |= _enough(gate, fallen, seen | needed)
            fresh = needed - seen
            seen |= fresh
            waiting.extend(sorted(fresh))
        return tuple(sorted(seen & self.can_fail))


def _enough(gate: Gate, fallen: Set[int], seen: Set[int]) -> set[int]:
    """Return standing members that together hold the gate, seen ones first, then heavy ones."""
    total = sum(weight for _, weight in gate.members)
    standing = [pair for pair in gate.members if pair[0] not in fallen]
    standing.sort(key=lambda pair: (pair[0] not in seen, -pair[1], pair[0]))
    chosen: set[int] = set()
    missing = total - gate.spare
    for member, weight in standing:
        if missing > 0 and weight:
            chosen.add(member)
            missing -= weight
    return chosen


def _beneath(situation: Situation, top: int) -> _Beneath:
    needs: dict[int, Needs] = {}
    needed_by: dict[int, list[int]] = {}
    waiting = [top]
    while waiting:
        ci = waiting.pop()
        if ci in needs:
            continue
        needs[ci] = situation.needs_of(ci)
        for needed in needs[ci].cis():
            needed_by.setdefault(needed, []).append(ci)
            waiting.append(needed)
    grounded = grounding_of(situation.graph).owners
    return _Beneath(
        graph=situation.graph,
        top=top,
        own=situation.own,
        needs=needs,
        needed_by=needed_by,
        can_fail=frozenset(ci for ci in needs if ci != top and situation.can_fail(ci)),
        is_grounded=not grounded.isdisjoint(needs),
    )


def _first_single(situation: Situation, top: int) -> int | None:
    """Return the nearest CI whose failure passes straight up to the top, if there is one."""
    level, seen = [top], {top}
    while level:
        following: set[int] = set()
        for ci in level:
            needs = situation.needs_of(ci)
            following.update(needs.hard)
            for gate in needs.gates:
                following.update(one for one, weight in gate.members if weight > gate.spare)
        level = sorted(following - seen, key=situation.graph.ci_ids.__getitem__)
        seen |= following
        able = next((ci for ci in level if situation.can_fail(ci)), None)
        if able is not None:
            return able
    return None


@dataclass(slots=True, kw_only=True, eq=False)
class _Search:
    """Rules out cuts of growing order by branching on witnesses, within a budget."""

    beneath: _Beneath
    left: int

    def run(self, known: Sequence[int], largest_order: int) -> tuple[int, tuple[int, ...]]:
        """Return the proven lower bound and the smallest cut found; equal if exact."""
        bound = min(len(known), self._disjoint_witnesses())
        for order in range(bound, min(len(known), largest_order + 1)):
            cut = self._cut_of(frozenset(), order)
            if self.left <= 0:
                return bound, tuple(known)
            if cut is not None:
                return order, tuple(sorted(cut))
            bound = order + 1
        return bound, tuple(known)

    def _disjoint_witnesses(self) -> int:
        """Return how many witnesses without a common CI there are: a lower bound."""
        failed: set[int] = set()
        count = 0
        while not self.beneath.is_down(failed):
            failed.update(self.beneath.witness(failed))
            count += 1
        return count

    def _cut_of(self, failed: frozenset[int], order: int) -> frozenset[int] | None:
        """Return a cut of at most ``order`` more failures, or None if there is none."""
        self.left -= 1
        if self.left <= 0:
            return None
        if self.beneath.is_down(failed):
            return failed
        if order == 0:
            return None
        for ci in self.beneath.witness(failed):
            cut = self._cut_of(failed | {ci}, order - 1)
            if cut is not None:
                return cut
        return None


def _ids(graph: ServiceGraph, numbers: Sequence[int] | Set[int]) -> tuple[CiId, ...]:
    return tuple(sorted(graph.ci_ids[number] for number in numbers))
