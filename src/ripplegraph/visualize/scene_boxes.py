"""The boxes of a scene: CIs and pools with all that a view says of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import OperatingState, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.explanation import (
    Explanation,
    GroupState,
    is_whole_pool,
    pool_groups,
    shortest_chain,
)
from ripplegraph.visualize.facts import agreements_by_ci, facts_of
from ripplegraph.visualize.folding import natural_key, pool_name
from ripplegraph.visualize.layout import Layout, Point
from ripplegraph.visualize.selection import Selection
from ripplegraph.visualize.view_model import Box, Member

_NAMED = 12
"""Of the neighbours of a pool so many are named, the others counted."""

_Near = dict[int, Strength]
"""Neighbours with the strongest effect of their relations."""

_EFFECT_REMARKS = {Strength.HARD: "", Strength.SOFT: "soft", Strength.NONE: "no impact"}


class SceneBoxes:
    """The CIs of one selection as boxes."""

    def __init__(
        self,
        graph: ServiceGraph,
        explanation: Explanation,
        selection: Selection,
        causes: Mapping[int, str],
    ) -> None:
        self._graph, self._explanation = graph, explanation
        self._selection, self._causes = selection, causes
        self._roots = frozenset(selection.roots)
        self._members: dict[int, list[int]] = {}
        for number, box in selection.box_of.items():
            self._members.setdefault(box, []).append(number)
        for members in self._members.values():
            members.sort(key=lambda one: natural_key(graph.cis.name[one]))

    def names(self) -> Mapping[int, str]:
        """Return the name of each box."""
        name = self._graph.cis.name
        return {
            box: pool_name(name[one] for one in members) if len(members) > 1 else name[box]
            for box, members in self._members.items()
        }

    def boxes(self, layout: Layout, edges: Iterable[int]) -> tuple[Box, ...]:
        """Return the boxes from top to bottom, left to right."""
        near = self._neighbours(edges)
        agreements = agreements_by_ci(self._graph, self._members)
        names = self.names()
        places = sorted(layout.centres.items(), key=lambda item: (item[1][1], item[1][0]))
        return tuple(
            self._pool(box, place, names[box], near[box])
            if len(self._members[box]) > 1
            else self._ci(box, place, near[box], agreements[box])
            for box, place in places
        )

    def _neighbours(self, edges: Iterable[int]) -> dict[int, tuple[_Near, _Near]]:
        """Return for each box the CIs that it needs, and those that need it."""
        topology, effects = self._graph.topology, self._graph.gates.edge_effect
        box_of = self._selection.box_of
        near: dict[int, tuple[_Near, _Near]] = {box: ({}, {}) for box in self._members}
        for edge in edges:
            ends = (int(topology.edge_dependent[edge]), int(topology.edge_dependency[edge]))
            effect = Strength(int(effects[edge]))
            for side, (number, other) in enumerate((ends, ends[::-1])):
                box = box_of.get(number)
                if box is not None:
                    known = near[box][side]
                    known[other] = max(known.get(other, Strength.NONE), effect)
        return near

    def _ci(
        self,
        number: int,
        place: Point,
        near: tuple[_Near, _Near],
        agreements: Iterable[Agreement],
    ) -> Box:
        graph, explanation = self._graph, self._explanation
        ci = graph.ci(number)
        chain: tuple[int, ...] = ()
        if explanation.status(number) is not Status.UP:
            chain = shortest_chain(explanation, graph, number, self._is_root)
        return Box(
            number=number,
            ci_id=ci.ci_id,
            native_id=ci.native_id,
            name=ci.name,
            kind=ci.kind,
            x=place[0],
            y=place[1],
            status=explanation.status(number),
            is_root_cause=number in self._roots,
            own_trouble=self._causes.get(number, ""),
            detail=self._detail(number),
            plain_detail=self._plain_detail(number),
            rules=tuple(group.text for group in explanation.groups_of(number)),
            why=tuple(graph.cis.name[one] for one in chain),
            needs=self._names(near[0]),
            needed_by=self._names(near[1]),
            hidden_count=self._hidden_count(near),
            facts=facts_of(graph, number, agreements),
        )

    def _pool(self, box: int, place: Point, name: str, near: tuple[_Near, _Near]) -> Box:
        cis, explanation = self._graph.cis, self._explanation
        numbers = self._members[box]
        states = map(explanation.group, pool_groups(self._graph, numbers, self._selection.whole))
        groups = tuple(sorted(states, key=lambda one: (-one.status, one.number)))
        is_whole = is_whole_pool(self._graph, groups, numbers)
        statuses = [explanation.status(one) for one in numbers]
        members = tuple(self._member(one) for one in numbers)
        return Box(
            number=box,
            ci_id="",
            native_id="",
            name=name,
            kind=cis.kind[box],
            x=place[0],
            y=place[1],
            status=max(group.status for group in groups) if is_whole else max(statuses),
            is_root_cause=not self._roots.isdisjoint(numbers),
            own_trouble="",
            detail=_pool_detail(groups, statuses),
            plain_detail=groups[0].rule if groups else "",
            rules=tuple(group.rule for group in groups),
            why=(),
            needs=_shortened(self._names(near[0])),
            needed_by=_shortened(self._names(near[1])),
            hidden_count=self._hidden_count(near),
            facts=(),
            members=members,
        )

    def _member(self, number: int) -> Member:
        return Member(
            number=number,
            ci_id=self._graph.ci_ids[number],
            name=self._graph.cis.name[number],
            status=self._explanation.status(number),
            detail=self._detail(number),
        )

    def _hidden_count(self, near: tuple[_Near, _Near]) -> int:
        return len((near[0].keys() | near[1].keys()) - self._selection.box_of.keys())

    def _is_root(self, number: int) -> bool:
        return number in self._causes or not self._explanation.explaining_edges(number)

    def _detail(self, number: int) -> str:
        if number in self._roots:
            trouble = self._causes.get(number, "")
            return f"root cause: {trouble}" if trouble == "in maintenance" else "root cause"
        return self._said([group.text for group in self._explanation.groups_of(number)], number)

    def _plain_detail(self, number: int) -> str:
        return self._said([group.rule for group in self._explanation.groups_of(number)], number)

    def _said(self, rules: Sequence[str], number: int) -> str:
        cis = self._graph.cis
        if rules:
            return rules[0] if len(rules) == 1 else f"{rules[0]} (+{len(rules) - 1} more)"
        if cis.is_stub[number]:
            return "record missing"
        if cis.state[number] is not OperatingState.LIVE:
            return f"{cis.state[number].value}, no impact"
        return cis.owner_team[number] or cis.supplier[number]

    def _names(self, near: _Near) -> tuple[str, ...]:
        """Return the names of neighbours, each with what sets its relation apart."""
        shown = self._selection.box_of
        names = []
        for number, effect in near.items():
            remarks = [_EFFECT_REMARKS[effect], "" if number in shown else "not shown"]
            remark = ", ".join(filter(None, remarks))
            name = self._graph.cis.name[number]
            names.append(f"{name} ({remark})" if remark else name)
        return tuple(sorted(names, key=natural_key))


def _pool_detail(groups: tuple[GroupState, ...], statuses: list[Status]) -> str:
    """Return what a pool says of itself: its rule, and how many of its members are what."""
    down = sum(status is Status.DOWN for status in statuses)
    other = sum(status not in {Status.DOWN, Status.UP} for status in statuses)
    said = [f"{down} down"] if down else []
    said += [f"{other} impaired"] if other else []
    return ", ".join([*(group.rule for group in groups[:1]), *(said or ["all up"])])


def _shortened(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) <= _NAMED:
        return names
    return (*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} more")
