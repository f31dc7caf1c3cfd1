"""Ways from one shown box to another through CIs that are not shown. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenWay:
    """The shortest way between two boxes through hidden CIs, as dependencies (edges)."""

    dependent: int
    dependency: int
    edges: tuple[int, ...]


def hidden_ways(
    edges_of: Mapping[int, Sequence[tuple[int, int]]],
    box_of: Mapping[int, int],
    drawn: Collection[Pair],
) -> tuple[HiddenWay, ...]:
    """Return ways through hidden CIs, so that the picture shows what depends on what.

    Parameters
    ----------
    edges_of
        Of each CI, shown or hidden: its dependencies as (edge, CI).
    box_of
        The box of each CI that is shown.
    drawn
        Pairs (dependent, dependency) of boxes that are joined by a line already.

    Returns
    -------
    tuple
        A way is left out where lines and shorter ways lead from one box to the other anyway:
        what the dependency is to the dependent can then be read off the picture.
    """
    found: list[HiddenWay] = []
    for box, members in sorted(_members(box_of).items()):
        found.extend(_ways_from(box, members, edges_of, box_of))
    found.sort(key=lambda one: (len(one.edges), one.dependent, one.dependency))
    joined = _Joined(drawn)
    kept = []
    for way in found:
        if not joined.reaches(way.dependent, way.dependency):
            joined.add(way.dependent, way.dependency)
            kept.append(way)
    return tuple(kept)


def _members(box_of: Mapping[int, int]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    for number, box in box_of.items():
        members.setdefault(box, []).append(number)
    return members


def _ways_from(
    box: int,
    members: Iterable[int],
    edges_of: Mapping[int, Sequence[tuple[int, int]]],
    box_of: Mapping[int, int],
) -> list[HiddenWay]:
    """Return the shortest way to each other box that leads through hidden CIs only."""
    ways: dict[int, HiddenWay] = {}
    came: dict[int, tuple[int, ...]] = dict.fromkeys(sorted(members), ())
    waiting = list(came)
    for number in waiting:
        for edge, dependency in edges_of.get(number, ()):
            way = (*came[number], edge)
            target = box_of.get(dependency)
            if target is None:
                if dependency not in came:
                    came[dependency] = way
                    waiting.append(dependency)
            elif target not in {box, *ways} and len(way) > 1:
                ways[target] = HiddenWay(dependent=box, dependency=target, edges=way)
    return list(ways.values())


class _Joined:
    """Which box reaches which along what is drawn so far."""

    def __init__(self, drawn: Iterable[Pair]) -> None:
        self._next: dict[int, set[int]] = {}
        for dependent, dependency in drawn:
            self.add(dependent, dependency)

    def add(self, dependent: int, dependency: int) -> None:
        self._next.setdefault(dependent, set()).add(dependency)

    def reaches(self, start: int, end: int) -> bool:
        seen, waiting = {start}, [start]
        while waiting:
            for one in self._next.get(waiting.pop(), ()):
                if one == end:
                    return True
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
        return False
