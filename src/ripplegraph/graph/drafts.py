"""A graph with a few dependencies or CIs more, or less: its arrays are patched, not built anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.sorting import inverted
from ripplegraph.graph.building.topology import effects_of, offsets_of
from ripplegraph.graph.ci_ids import CiIds
from ripplegraph.graph.columns import Codes, smallest_type
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.gates import NO_GROUP, compile_gates
from ripplegraph.graph.group_columns import GroupRule, GroupRuleColumns
from ripplegraph.graph.model import Strength
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.service_graph import EdgeDetails, ServiceGraph, Topology
from ripplegraph.graph.shared_look_ups import share_look_ups_of_cis

Dates = tuple[datetime | None, datetime | None]
_NO_DATES: Dates = (None, None)
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdge:
    """A dependency between two CIs by number, as it would be.

    ``position`` is its place in the graph as it is, None if it is new; ``group`` the key of the
    redundancy group of the dependent, "" for none.
    """

    dependent: int
    dependency: int
    relation_type: str
    strength: Strength
    group: str = ""
    weight: Decimal | None = None
    dates: Dates = _NO_DATES
    position: int | None = None

    def is_same_as(self, other: DraftEdge) -> bool:
        """Return whether it says no more than another one."""
        return replace(self, position=None, weight=None) == replace(
            other, position=None, weight=None
        )


class Draft:
    """What would be otherwise in a graph; :meth:`graph` gives it as it would be.

    Parameters
    ----------
    graph
        As it is; it is not changed.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web & db")
    >>> draft = Draft(graph)
    >>> draft.remove(draft.edges_between(graph.resolve("shop"), graph.resolve("db")))
    >>> draft.graph().direct_dependencies_of("shop")
    ('t:server:web',)
    """

    def __init__(self, graph: ServiceGraph) -> None:
        self._base = graph
        self._removed: set[int] = set()
        self._regrouped: dict[int, str] = {}
        self._added: list[DraftEdge] = []
        self._added_of: dict[int, list[int]] = {}
        self._added_on: dict[int, list[int]] = {}
        self._cis = CiColumns()
        self._rules: dict[int, dict[str, GroupRule]] = {}

    def edges_between(self, dependent: int, dependency: int) -> list[DraftEdge]:
        """Return the dependencies of one CI on another, by numbers."""
        held = self._kept(self._held_of(dependent))
        # the shorter list: else a twin looks at all that it needs for each that is added
        places = min(
            self._added_of.get(dependent, []), self._added_on.get(dependency, []), key=len
        )
        return [
            one
            for one in (*held, *self._new(places))
            if (one.dependent, one.dependency) == (dependent, dependency)
        ]

    def edges_of(self, dependent: int) -> list[DraftEdge]:
        """Return the dependencies that a CI has, those that were there first."""
        held = self._kept(self._held_of(dependent))
        return [*held, *self._new(self._added_of.get(dependent, ()))]

    def edges_on(self, dependency: int) -> list[DraftEdge]:
        """Return the dependencies that others have on a CI of the graph as it is, those first."""
        held = self._base.edges_to_dependents(dependency)
        return [*self._kept(held), *self._new(self._added_on.get(dependency, ()))]

    def add(self, edge: DraftEdge) -> None:
        """Add a dependency; one of a CI on itself, or one that is there already, adds nothing."""
        if edge.dependent != edge.dependency and not any(
            one.is_same_as(edge) for one in self.edges_between(edge.dependent, edge.dependency)
        ):
            for places, ci in (
                (self._added_of, edge.dependent),
                (self._added_on, edge.dependency),
            ):
                places.setdefault(ci, []).append(len(self._added))
            self._added.append(replace(edge, position=None))

    def remove(self, edges: Sequence[DraftEdge]) -> None:
        """Remove dependencies of the graph as it is."""
        self._removed.update(one.position for one in edges if one.position is not None)

    def put_in_group(self, edge: DraftEdge, rule: GroupRule) -> DraftEdge:
        """Put a dependency into a group of its dependent, which has this rule if it is new."""
        self.add_rule(rule)
        grouped = replace(edge, group=rule.key)
        if edge.position is None:
            places = self._added_of[edge.dependent]
            self._added[next(at for at in places if self._added[at] == edge)] = grouped
        else:
            self._regrouped[edge.position] = rule.key
        return grouped

    def add_rule(self, rule: GroupRule) -> None:
        """Add the rule of a group, unless the group has one."""
        if all(one.key != rule.key for one in self.rules_of(rule.dependent)):
            self._rules.setdefault(rule.dependent, {})[rule.key] = rule

    def rules_of(self, dependent: int) -> list[GroupRule]:
        """Return the rules of the groups of a CI."""
        held = self._base.group_rules
        return [
            *(held[number] for number in _groups_of(held, dependent)),
            *self._rules.get(dependent, {}).values(),
        ]

    def add_ci(self, cis: CiColumns) -> int:
        """Add the one CI of these columns and return its number."""
        self._cis.extend(cis)
        return self._base.ci_count + len(self._cis) - 1

    def graph(self) -> ServiceGraph:
        """Return the graph as it would be; groups that nothing is left in are gone."""
        base = self._base
        if not (self._removed or self._added or len(self._cis)):
            return base
        cis = base.cis
        if len(self._cis):
            cis = base.cis.take(slice(None))
            cis.extend(self._cis)
        patched = _Patched(base, cis, self._removed, self._added)
        rules, edge_group = self._groups(patched)
        topology = patched.topology(edge_group)
        details = patched.details()
        gates = compile_gates(
            edge_effect=effects_of(topology, cis),
            edge_dependency=topology.edge_dependency,
            edge_group=edge_group,
            weights=details.weights,
            rules=rules,
            cis=cis,
            found=FindingCollector(),  # nothing is loaded: what is asked for is taken as it is
        )
        graph = replace(
            base,
            cis=cis,
            ids=CiIds.of(cis) if len(self._cis) else base.ids,
            topology=topology,
            edges=details,
            group_rules=rules,
            gates=gates,
        )
        if not len(self._cis):
            share_look_ups_of_cis(base, graph)
        return graph

    def _kept(self, positions: Sequence[int]) -> Iterator[DraftEdge]:
        return (self._edge(one) for one in positions if one not in self._removed)

    def _new(self, places: Sequence[int]) -> Iterator[DraftEdge]:
        return (self._added[at] for at in places)

    def _held_of(self, dependent: int) -> Sequence[int]:
        """Return the positions in the graph as it is; a CI that is new there has none."""
        is_new = dependent >= self._base.ci_count
        return () if is_new else self._base.edges_to_dependencies(dependent)

    def _edge(self, position: int) -> DraftEdge:
        topology, details = self._base.topology, self._base.edges
        group = int(topology.edge_group[position])
        key = "" if group == NO_GROUP else self._base.group_rules[group].key
        return DraftEdge(
            dependent=int(topology.edge_dependent[position]),
            dependency=int(topology.edge_dependency[position]),
            relation_type=details.relation_types[topology.edge_type[position]],
            strength=Strength(int(topology.edge_strength[position])),
            group=self._regrouped.get(position, key),
            weight=details.weights.get(position),
            dates=details.validity.get(position, _NO_DATES),
            position=position,
        )

    def _groups(self, patched: _Patched) -> tuple[GroupRuleColumns, NDArray[np.uint32]]:
        """Return the rules of all groups with members, and the group of each dependency."""
        base = self._base
        held, count = base.group_rules, len(base.group_rules)
        fresh: dict[tuple[int, str], int] = {}

        def number(dependent: int, key: str) -> int:
            if not key:
                return NO_GROUP
            same = [one for one in _groups_of(held, dependent) if held[one].key == key]
            return same[0] if same else fresh.setdefault((dependent, key), count + len(fresh))

        before = base.topology.edge_group.astype(np.int64)
        for position, key in self._regrouped.items():
            before[position] = number(int(base.topology.edge_dependent[position]), key)
        added = [number(one.dependent, one.group) for one in self._added]
        groups = patched.joined(before, np.array(added, dtype=np.int64))
        rules = [
            self._rules.get(dependent, {}).get(key) or GroupRule(dependent=dependent, key=key)
            for dependent, key in fresh
        ]
        return _renumbered(held, rules, groups)


def _groups_of(rules: GroupRuleColumns, dependent: int) -> list[int]:
    first, last = np.searchsorted(rules.dependents, [dependent, dependent + 1]).tolist()
    return list(range(first, last))


def _renumbered(
    held: GroupRuleColumns, fresh: Sequence[GroupRule], groups: NDArray[np.int64]
) -> tuple[GroupRuleColumns, NDArray[np.uint32]]:
    """Return the rules of used groups by dependent and key, and the groups numbered so."""
    is_used = np.zeros(len(held) + len(fresh), dtype=np.bool_)
    is_used[groups[groups != NO_GROUP]] = True
    order: list[int] = np.flatnonzero(is_used[: len(held)]).tolist()
    if len(order) == len(held) and not fresh:
        return held, groups.astype(np.uint32)
    rules = held.extended(fresh)
    dependents = rules.dependents[order]
    later = sorted(range(len(fresh)), key=lambda at: (fresh[at].dependent, fresh[at].key))
    for at in reversed(later):  # backwards: what was found stays where it is
        one = fresh[at]
        place, last = np.searchsorted(dependents, [one.dependent, one.dependent + 1]).tolist()
        while place < last and rules.keys[order[place]] < one.key:
            place += 1
        order.insert(place, len(held) + at)
    number_of = np.full(len(rules), NO_GROUP, dtype=np.int64)
    number_of[order] = np.arange(len(order))
    renumbered = np.full(len(groups), NO_GROUP, dtype=np.uint32)
    is_in = groups != NO_GROUP
    renumbered[is_in] = number_of[groups[is_in]]
    return rules.take(order), renumbered


class _Patched:
    """The dependencies of a graph without some, and with others, in the order of a graph."""

    def __init__(
        self, graph: ServiceGraph, cis: CiColumns, removed: set[int], added: Sequence[DraftEdge]
    ) -> None:
        self._graph, self._added, self._ci_count = graph, added, len(cis)
        kept = np.delete(np.arange(graph.dependency_count), sorted(removed))
        topology = graph.topology
        before = self._rank(topology.edge_dependent[kept], topology.edge_dependency[kept])
        ranks = self._rank(*self._new_ends())
        order = np.argsort(ranks, kind="stable")
        places = np.searchsorted(before, ranks[order], side="right")
        self._sources = np.insert(kept, places, graph.dependency_count + order)

    def _rank(
        self, dependents: NDArray[np.uint32], needed: NDArray[np.uint32]
    ) -> NDArray[np.int64]:
        return dependents.astype(np.int64) * self._ci_count + needed

    def _new_ends(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        ends = [(one.dependent, one.dependency) for one in self._added]
        pairs = np.array(ends, dtype=np.uint32).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def joined(self, before: NDArray[np.int64], added: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what is said of each dependency, from what was and what is new."""
        return np.concatenate((before, added))[self._sources]

    def topology(self, edge_group: NDArray[np.uint32]) -> Topology:
        """Return the arrays of the dependencies."""
        old, added = self._graph.topology, self._added
        dependents, needed = self._new_ends()
        edge_dependent = np.concatenate((old.edge_dependent, dependents))[self._sources]
        edge_dependency = np.concatenate((old.edge_dependency, needed))[self._sources]
        strengths = np.array([int(one.strength) for one in added], dtype=np.uint8)
        details = self._graph.edges
        dependent_offsets = offsets_of(edge_dependency, self._ci_count)
        topology = Topology(
            dependency_offsets=offsets_of(edge_dependent, self._ci_count),
            edge_dependent=edge_dependent,
            edge_dependency=edge_dependency,
            edge_strength=np.concatenate((old.edge_strength, strengths))[self._sources],
            edge_group=edge_group,
            edge_type=self._codes(
                old.edge_type, details.relation_types, [one.relation_type for one in added]
            ),
            edge_file=self._codes(old.edge_file, details.files, [""] * len(added)),
            edge_row=np.concatenate((old.edge_row, np.zeros(len(added), dtype=np.uint32)))[
                self._sources
            ],
            dependent_offsets=dependent_offsets,
            dependent_edge=inverted(edge_dependency, dependent_offsets),
        )
        for name in Topology.__slots__:
            getattr(topology, name).setflags(write=False)
        return topology

    def details(self) -> EdgeDetails:
        """Return what few of the dependencies carry."""
        old = self._graph.edges
        place_of = np.full(self._graph.dependency_count + len(self._added), -1, dtype=np.int64)
        place_of[self._sources] = np.arange(len(self._sources))
        weights = {at: one.weight for at, one in self._numbered() if one.weight is not None}
        dates = {at: one.dates for at, one in self._numbered() if any(one.dates)}
        return EdgeDetails(
            relation_types=_with(old.relation_types, [one.relation_type for one in self._added]),
            files=_with(old.files, [""] * len(self._added)),
            weights=_moved({**old.weights, **weights}, place_of),
            validity=_moved({**old.validity, **dates}, place_of),
        )

    def _numbered(self) -> Iterator[tuple[int, DraftEdge]]:
        return enumerate(self._added, start=self._graph.dependency_count)

    def _codes(self, codes: Codes, names: Sequence[str], added: Sequence[str]) -> Codes:
        names = _with(names, added)
        dtype = smallest_type(len(names))
        fresh = np.array([names.index(one) for one in added], dtype=dtype)
        found: Codes = np.concatenate((codes.astype(dtype), fresh))[self._sources]
        return found


def _with(names: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *more)))


def _moved(said: Mapping[int, Said], place_of: NDArray[np.int64]) -> dict[int, Said]:
    """Return what is said by position at the new positions; of what is gone nothing."""
    moved = ((int(place_of[at]), one) for at, one in said.items())
    return dict(sorted(((at, one) for at, one in moved if at >= 0), key=itemgetter(0)))
