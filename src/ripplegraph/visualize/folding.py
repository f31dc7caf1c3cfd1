"""Pools: which CIs of a view are alike, so that one box can stand for them. Pure.

CIs are alike if they are of one class, are needed by the same boxes in the same way, and either
are members of the same redundancy groups or need the same boxes. "The same boxes" counts pools:
so a pool of hosts folds once the pool of machines on it has folded.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from re import split

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import SERVICE_KINDS, Strength
from ripplegraph.graph.service_graph import ServiceGraph

_ROUNDS = 12
_NUMBER = r"0*(\d+)"
_Link = tuple[int, int, int]
"""Neighbour, effect and redundancy group of one dependency."""


class Pools:
    """Boxes of alike CIs among those that belong to one service.

    ``marks`` sets CIs apart that must not fold with others: what explains the status of the
    service, and its root causes.
    """

    def __init__(
        self,
        graph: ServiceGraph,
        numbers: Iterable[int],
        *,
        apart: Iterable[int],
        marks: Mapping[int, Hashable],
    ) -> None:
        self._graph, self._marks = graph, marks
        self._numbers = tuple(sorted(numbers))
        alone = frozenset(apart)
        kinds = graph.cis.kind
        self._foldable = [
            one for one in self._numbers if one not in alone and kinds[one] not in SERVICE_KINDS
        ]

    @cached_property
    def box_of(self) -> Mapping[int, int]:
        """The box of each CI: the number of its first member."""
        box_of = {number: number for number in self._numbers}
        links = _Links.of(self._graph, self._numbers)
        fixed = {number: self._fixed(number) for number in self._foldable}
        count = len(box_of)
        for _ in range(_ROUNDS):
            firsts: dict[Hashable, int] = {}
            for number in self._foldable:
                key = (fixed[number], *links.signature(number, box_of))
                box_of[number] = firsts.setdefault(key, number)
            now = len(set(box_of.values()))
            if now == count:
                break
            count = now
        return box_of

    def _fixed(self, number: int) -> Hashable:
        cis = self._graph.cis
        return (
            cis.kind[number],
            cis.class_name[number],
            cis.state[number],
            cis.is_stub[number],
            self._marks.get(number),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Links:
    """The dependencies of each CI, in both directions, inside one service."""

    needs: Mapping[int, list[_Link]]
    needed_by: Mapping[int, list[_Link]]

    @classmethod
    def of(cls, graph: ServiceGraph, numbers: tuple[int, ...]) -> _Links:
        topology, effects = graph.topology, graph.gates.edge_effect
        needs: dict[int, list[_Link]] = {number: [] for number in numbers}
        needed_by: dict[int, list[_Link]] = {number: [] for number in numbers}
        for number in numbers:
            for edge in graph.edges_to_dependencies(number):
                dependency = int(topology.edge_dependency[edge])
                if dependency in needs:
                    effect, group = int(effects[edge]), int(topology.edge_group[edge])
                    needs[number].append((dependency, effect, group))
                    needed_by[dependency].append((number, effect, group))
        return cls(needs=needs, needed_by=needed_by)

    def signature(self, number: int, box_of: Mapping[int, int]) -> tuple[Hashable, ...]:
        """Return what alike CIs have in common, given the boxes as they are."""
        needed_by = frozenset(
            (box_of[one], effect, group) for one, effect, group in self.needed_by[number]
        )
        is_member = any(
            group != NO_GROUP and effect != Strength.NONE
            for _, effect, group in self.needed_by[number]
        )
        if is_member:
            return (needed_by, True)
        needs = frozenset(
            (box_of[one], effect, group != NO_GROUP) for one, effect, group in self.needs[number]
        )
        return (needed_by, needs)


def pool_name(names: Iterable[str]) -> str:
    """Return the name of a pool: its first and last member, counted as people count.

    Examples
    --------
    >>> pool_name(["web-10", "web-2", "web-1"])
    'web-1 … 10'
    >>> pool_name(["core-north", "core-south"])
    'core-north, core-south'
    """
    ordered = sorted(names, key=natural_key)
    first, last = split(_NUMBER, ordered[0]), split(_NUMBER, ordered[-1])
    end = ordered[-1]
    if first[-1] == last[-1] == "" and first[:-2] == last[:-2]:
        end = last[-2]  # only the number at the end differs
    return f"{ordered[0]}{' … ' if len(ordered) > 2 else ', '}{end}"


def natural_key(text: str) -> tuple[list[tuple[int, str]], str]:
    """Return a key that sorts ``web-2`` before ``web-10``."""
    parts = split(_NUMBER, text.casefold())  # texts and numbers take turns
    return [(place % 2 and len(one), one) for place, one in enumerate(parts)], text
