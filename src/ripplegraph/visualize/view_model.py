"""The values of a scene: boxes, lines and bands of the view of a service or an outage. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ripplegraph.graph.model import CiKind, Status, Strength
from ripplegraph.visualize.facts import Fact
from ripplegraph.visualize.layout import Point


class Level(StrEnum):
    """How much a view shows: the impact path, all with pools folded, or every CI."""

    PATH = "path"
    FOLDED = "folded"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One CI of a pool that is drawn as one box; ``detail`` is what its own box would say."""

    number: int
    ci_id: str
    name: str
    status: Status
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One CI of the view, or a folded pool; where it stands, and all that the view says of it.

    ``why`` leads from it to one root cause, by name; ``detail`` is the last line on the box.
    A pool has ``members``, at least two, and the number of its first one.
    """

    number: int
    ci_id: str
    native_id: str
    name: str
    kind: CiKind
    x: float
    y: float
    status: Status
    is_root_cause: bool
    own_trouble: str
    detail: str
    rules: tuple[str, ...]
    why: tuple[str, ...]
    needs: tuple[str, ...]
    needed_by: tuple[str, ...]
    hidden_count: int
    facts: tuple[Fact, ...]
    plain_detail: str = ""
    """What ``detail`` would be if all were up."""
    members: tuple[Member, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """The CIs that the box stands for."""
        return tuple(one.number for one in self.members) or (self.number,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All relations of one box with another, drawn as one line from dependent to dependency.

    ``passed`` is the status that reaches the dependent through it. ``relation_count`` is 0 where
    the way leads through ``hidden_between`` CIs that are not shown: at least so many.
    """

    dependent: int
    dependency: int
    points: tuple[Point, ...]
    effect: Strength
    passed: Status
    is_on_path: bool
    is_on_shortest_chain: bool
    relations: tuple[str, ...]
    relation_count: int = 1
    hidden_between: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """All CIs of one kind, between two heights."""

    kind: CiKind
    title: str
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The view of one service, or of one outage: everything that a renderer needs.

    Every CI that belongs to it is drawn (by itself or inside a pool) or counted in
    ``hidden_cis``; every relation is drawn or counted in ``hidden_relations``. ``service`` is
    None for an outage; ``tops`` are the CIs whose status is explained: the service, or all that
    the outage impacts. ``hidden_on_path`` counts CIs that explain it and are not drawn,
    ``hidden_on_ways`` those of them on a shortest way to a root cause.
    """

    service: int | None
    tops: tuple[int, ...]
    title: str
    status: Status
    headline: str
    scenario: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    width: float
    height: float
    box_width: float
    box_height: float
    ci_count: int
    relation_count: int
    hidden_cis: int
    hidden_not_up: int
    hidden_on_path: int
    hidden_relations: int
    hidden_on_ways: int = 0
    level: Level = Level.ALL

    @property
    def pool_count(self) -> int:
        """How many pools are folded."""
        return sum(bool(box.members) for box in self.boxes)

    @property
    def on_shortest_ways(self) -> frozenset[int]:
        """The boxes on the shortest way from a root cause to one of the tops."""
        lines = [line for line in self.lines if line.is_on_shortest_chain]
        return frozenset(end for line in lines for end in (line.dependent, line.dependency))

    @property
    def _is_cut_to_ways(self) -> bool:
        has_no_others = len(self.on_shortest_ways) == len(self.boxes)
        return self.level is Level.PATH and has_no_others and not self.hidden_on_ways

    @property
    def completeness(self) -> str:
        """What is shown of all that belongs to it, what is folded, and what is not shown."""
        shown_cis = self.ci_count - self.hidden_cis
        shown_relations = self.relation_count - self.hidden_relations
        text = (
            f"Shows {shown_cis} of {counted(self.ci_count, 'CI')}{self._belonging}{self._folded} "
            f"and {shown_relations} of {counted(self.relation_count, 'relation')}."
        )
        if not self.hidden_cis and not self.hidden_relations:
            return f"{text} Nothing is hidden."
        return f"{text} Hidden: {self._hidden}."

    @property
    def _belonging(self) -> str:
        return " that are impacted or needed by these" if self.service is None else ""

    @property
    def _folded(self) -> str:
        if not self.pool_count:
            return ""
        members = sum(len(box.members) for box in self.boxes)
        return f" ({members} of them in {counted(self.pool_count, 'folded pool')})"

    @property
    def _hidden(self) -> str:
        text = f"{counted(self.hidden_cis, 'CI')}, {counted(self.hidden_relations, 'relation')}"
        if self.level is Level.PATH and not self.hidden_on_path:
            reason = "explain the status" if self.service is not None else "fall with it"
            text = f"{text} that do not {reason}"
        elif self._is_cut_to_ways:
            text = f"{text} that are not on the shortest way"
        elif self.hidden_on_path:
            text = f"{text} beyond the limit of boxes"
        if not self.hidden_cis:
            return text
        if not self.hidden_not_up:
            return f"{text}; all of these CIs are up"
        verb = "is" if self.hidden_not_up == 1 else "are"
        return f"{text}; {self.hidden_not_up} of these CIs {verb} not up"


def counted(count: int, thing: str) -> str:
    """Return a count with its thing, such as ``1 CI`` or ``2 CIs``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
