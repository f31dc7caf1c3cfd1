"""What the time slider of a view shows: statuses at each moment of an outage, or step by step.

Every status and every line is computed here; the page only repaints. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ripplegraph.graph.model import Status, Strength
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second
from ripplegraph.impact.timeline.own_changes import View, outage_columns, own_changes
from ripplegraph.impact.timeline.sweep import status_histories
from ripplegraph.impact.timeline.topology_in_time import TopologyInTime
from ripplegraph.visualize.appearance import STATUS_WORDS
from ripplegraph.visualize.explanation import Explanation, is_whole_pool, pool_groups
from ripplegraph.visualize.outage_selection import services_among
from ripplegraph.visualize.selection import explaining_path
from ripplegraph.visualize.view_model import Scene, counted

MOST_MOMENTS = 40
"""The last so many moments at most are on the slider; it says how many there were before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Statuses of the CIs that are not up at one moment, and why they changed then."""

    when: str
    what: str
    statuses: Mapping[int, Status]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The places of the slider in their order; the state that is asked about comes after them.

    ``subject`` is what the slider goes over; so many ``earlier`` changes are not on it.
    """

    subject: str
    last: str
    moments: tuple[Moment, ...]
    earlier: int = 0

    @property
    def title(self) -> str:
        """What the slider goes over, and what is missing from it."""
        if not self.earlier:
            return self.subject
        return f"{self.subject}, without {counted(self.earlier, 'earlier change')}"

    def latest(self, count: int) -> Moments:
        """Return the last so many of these moments, at least one."""
        left_out = len(self.moments) - count
        return replace(self, moments=self.moments[left_out:], earlier=self.earlier + left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaint:
    """What one moment changes on one scene: pools by status, lines (by place) that carry it."""

    pools: Mapping[int, Status]
    path: tuple[int, ...]
    passing: tuple[int, ...]


def history_of(
    graph: ServiceGraph, scene: Scene, whole: Collection[int], now: datetime, *, is_now: bool
) -> Moments | None:
    """Return the moments at which the status of a CI of the picture changed; None without any.

    ``whole`` are all CIs that belong to the service, or to what falls.

    ``is_now`` says that the scene shows the state at ``now``.
    """
    if not graph.outages:
        return None
    until = epoch_second(now)
    watched = tuple(sorted(whole))
    changes = own_changes(outage_columns(graph), now=until)[View.ACTUAL]
    histories = status_histories(TopologyInTime(graph), changes, watched, now=until)
    steps: dict[int, dict[int, Status]] = {}
    for place, number in enumerate(watched):
        times, statuses = histories.steps_of(place)
        for time, status in zip(times[1:].tolist(), statuses[1:].tolist(), strict=True):
            steps.setdefault(time, {})[number] = Status(status)
    if not steps:
        return None
    spoken = _spoken(graph, _with_all_beneath(graph, watched))
    moments: list[Moment] = []
    now_at: dict[int, Status] = {}
    for time in sorted(steps):
        now_at = {**now_at, **steps[time]}
        not_up = {number: one for number, one in now_at.items() if one is not Status.UP}
        said = "; ".join([*spoken.get(time, ()), _outcome(graph, scene, not_up)])
        moments.append(Moment(when=_clock(time), what=said, statuses=not_up))
    every = Moments(
        subject="Outages",
        last=f"{_clock(until)}: {scene.headline}" if is_now else scene.headline,
        moments=tuple(moments),
    )
    return every.latest(min(len(moments), MOST_MOMENTS))


def _outcome(graph: ServiceGraph, scene: Scene, not_up: Mapping[int, Status]) -> str:
    if scene.service is not None:
        return f"{scene.title} is {STATUS_WORDS[not_up.get(scene.service, Status.UP)]}"
    count = len(services_among(graph, [one for one in scene.tops if one in not_up]))
    verb = "is" if count == 1 else "are"
    return f"{counted(count, 'service')} {verb} impacted" if count else "no service is impacted"


def spread_of(graph: ServiceGraph, scene: Scene, explanation: Explanation) -> Moments | None:
    """Return how trouble spreads from the root causes, one dependency at a time."""
    distances = _distances(graph, scene.tops, explanation)
    if not distances:
        return None
    moments = [Moment(when="Before", what="nothing is out", statuses={})]
    for step in range(max(distances.values())):
        statuses = {
            number: explanation.status(number)
            for number, distance in distances.items()
            if distance <= step
        }
        reached = sorted(
            graph.cis.name[number] for number, distance in distances.items() if distance == step
        )
        when = "Root causes" if step == 0 else f"After {counted(step, 'dependency step')}"
        moments.append(Moment(when=when, what=_listed(reached), statuses=statuses))
    return Moments(subject="How it spreads", last=scene.headline, moments=tuple(moments))


def repaints(
    graph: ServiceGraph, scenes: Sequence[Scene], whole: Container[int], moments: Moments
) -> tuple[tuple[Repaint, ...], ...]:
    """Return for each of several scenes of the same CIs what each moment changes on it.

    What explains a status is looked for once for all of them.
    """
    canvases = [_Canvas.of(graph, scene, whole) for scene in scenes]
    found: list[list[Repaint]] = []
    for moment in moments.moments:
        explanation = Explanation(graph, moment.statuses)
        path = frozenset(explaining_path(graph, scenes[0].tops, explanation)[0])
        found.append([one.painted(explanation, path) for one in canvases])
    return tuple(zip(*found, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Canvas:
    """A scene with the dependencies that its lines stand for, and the groups that pools are."""

    scene: Scene
    edges_of_line: Mapping[int, Sequence[int]]
    pools: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(cls, graph: ServiceGraph, scene: Scene, whole: Container[int]) -> _Canvas:
        return cls(
            scene=scene,
            edges_of_line=_edges_by_line(graph, scene),
            pools=_groups_by_pool(graph, scene, whole),
        )

    def painted(self, explanation: Explanation, path: frozenset[int]) -> Repaint:
        lines = self.edges_of_line.items()
        on_path = [place for place, edges in lines if not path.isdisjoint(edges)]
        passing = [
            place
            for place, edges in lines
            if place not in on_path and any(explanation.passed(edge) for edge in edges)
        ]
        statuses = {}
        for box in self.scene.boxes:
            if box.members:
                groups = self.pools.get(box.number, ())
                status = max(
                    [explanation.group(group).status for group in groups]
                    if groups
                    else map(explanation.status, box.numbers)
                )
                if status is not Status.UP:
                    statuses[box.number] = status
        return Repaint(pools=statuses, path=tuple(on_path), passing=tuple(passing))


def _edges_by_line(graph: ServiceGraph, scene: Scene) -> dict[int, list[int]]:
    """Return the dependencies that each line stands for, by its place in the scene."""
    box_of = {number: box.number for box in scene.boxes for number in box.numbers}
    places = {(line.dependent, line.dependency): at for at, line in enumerate(scene.lines)}
    found: dict[int, list[int]] = {}
    for number, box in box_of.items():
        for edge in graph.edges_to_dependencies(number):
            other = box_of.get(int(graph.topology.edge_dependency[edge]), box)
            if other != box:
                found.setdefault(places[box, other], []).append(edge)
    return found


def _groups_by_pool(
    graph: ServiceGraph, scene: Scene, whole: Container[int]
) -> dict[int, tuple[int, ...]]:
    """Return the redundancy groups of pools that hold all members of each of them."""
    explanation = Explanation(graph, {})
    found: dict[int, tuple[int, ...]] = {}
    for box in scene.boxes:
        groups = pool_groups(graph, box.numbers, whole) if box.members else ()
        if is_whole_pool(graph, [explanation.group(one) for one in groups], box.numbers):
            found[box.number] = groups
    return found


def _distances(
    graph: ServiceGraph, tops: Iterable[int], explanation: Explanation
) -> dict[int, int]:
    """Return how many dependencies lie between each CI that is not up and the nearest root."""
    waiting = list(tops)
    reached = set(waiting)
    dependents: dict[int, list[int]] = {}
    roots = []
    for number in waiting:
        edges = explanation.explaining_edges(number)
        if not edges and explanation.status(number) is not Status.UP:
            roots.append(number)
        for edge in edges:
            dependency = int(graph.topology.edge_dependency[edge])
            dependents.setdefault(dependency, []).append(number)
            if dependency not in reached:
                reached.add(dependency)
                waiting.append(dependency)
    distances = dict.fromkeys(roots, 0)
    waiting = list(roots)
    for number in waiting:
        for dependent in dependents.get(number, ()):
            if dependent not in distances:
                distances[dependent] = distances[number] + 1
                waiting.append(dependent)
    return distances


def _with_all_beneath(graph: ServiceGraph, numbers: Iterable[int]) -> set[int]:
    """Return CIs with all that they rest on: causes that do not belong to a picture, too."""
    ends, effects = graph.topology.edge_dependency, graph.gates.edge_effect
    waiting = list(numbers)
    seen = set(waiting)
    for number in waiting:
        for edge in graph.edges_to_dependencies(number):
            dependency = int(ends[edge])
            if effects[edge] != Strength.NONE and dependency not in seen:
                seen.add(dependency)
                waiting.append(dependency)
    return seen


def _spoken(graph: ServiceGraph, numbers: set[int]) -> dict[int, list[str]]:
    """Return in words which outages of these CIs begin and end, by second."""
    spoken: dict[int, list[str]] = {}
    for outage, number in zip(graph.outages, graph.outage_ci, strict=True):
        if number in numbers:
            name = graph.cis.name[number]
            cause = f" ({outage.cause})" if outage.cause else ""
            begins = f"{name} {_begins(outage)}{cause}"
            spoken.setdefault(epoch_second(outage.start), []).append(begins)
            if outage.end is not None:
                spoken.setdefault(epoch_second(outage.end), []).append(f"{name} is back")
    return spoken


def _begins(outage: Outage) -> str:
    return {
        OutageKind.UNPLANNED: "goes down",
        OutageKind.PLANNED: "goes into maintenance",
        OutageKind.DEGRADATION: "degrades",
    }[outage.kind]


def _clock(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _listed(names: Sequence[str]) -> str:
    shown = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return ", ".join(shown)
