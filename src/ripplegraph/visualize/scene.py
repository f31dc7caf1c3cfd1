"""The view model: the boxes, lines, bands and words of one service's view. Pure, deterministic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ripplegraph.graph.model import CiKind, OperatingState, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.scenario import Scenario
from ripplegraph.visualize.appearance import STATUS_WORDS, bands_below
from ripplegraph.visualize.explanation import Explanation, shortest_chain
from ripplegraph.visualize.facts import Fact, agreements_by_ci, facts_of
from ripplegraph.visualize.layout import BandExtent, Layout, Point, Spacing, lay_out
from ripplegraph.visualize.selection import Selection, select

DEFAULT_LIMIT = 60
"""How many boxes a view shows unless asked for more."""

LARGEST_LIMIT = 250
"""How many boxes a view shows at most; beyond, nobody can read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One CI of the view, where it stands, and all that the view says of it.

    ``why`` leads from it to one root cause, by name; ``detail`` is the last line on the box.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All relations of one dependent with one dependency, drawn as one line.

    ``passed`` is the status that reaches the dependent through it.
    """

    dependent: int
    dependency: int
    points: tuple[Point, ...]
    effect: Strength
    passed: Status
    is_on_path: bool
    is_on_shortest_chain: bool
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """All CIs of one kind, between two heights."""

    kind: CiKind
    title: str
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The view of one service: everything that a renderer needs."""

    service: int
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
    hidden_cis: int
    hidden_relations: int
    relation_count: int

    @property
    def completeness(self) -> str:
        """What is shown of the service, and what is not."""
        cis = len(self.boxes) + self.hidden_cis
        shown_relations = self.relation_count - self.hidden_relations
        text = (
            f"Shows {len(self.boxes)} of {_counted(cis, 'CI')} "
            f"and {shown_relations} of {_counted(self.relation_count, 'relation')}."
        )
        if not self.hidden_cis and not self.hidden_relations:
            return f"{text} Nothing is hidden."
        return (
            f"{text} Not shown: {_counted(self.hidden_cis, 'CI')}, "
            f"{_counted(self.hidden_relations, 'relation')}."
        )


def build_scene(
    graph: ServiceGraph,
    service: str,
    *,
    statuses: Mapping[int, Status] | None = None,
    causes: Mapping[int, str] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Scene:
    """Build the view of one service.

    Parameters
    ----------
    graph
        The graph.
    service
        What :meth:`ServiceGraph.resolve` accepts; raises likewise.
    statuses
        Status of each CI by number, those that are up may be left out; None if no scenario
        is shown.
    causes
        CIs that are out by themselves, with the words for it (``down``, ``in maintenance``).
    limit
        Boxes at most, in [1, 250]; the impact path comes first, what is left out is counted.

    Raises
    ------
    ValueError
        If the limit is outside its range.
    """
    if not 1 <= limit <= LARGEST_LIMIT:
        msg = f"need a limit from 1 to {LARGEST_LIMIT}, got {limit}"
        raise ValueError(msg)
    number = graph.resolve(service)
    causes = causes or {}
    explanation = Explanation(graph, statuses or {})
    selection = select(graph, number, explanation, causes=causes, limit=limit)
    drawing = _Drawing(graph, explanation, selection, causes)
    edges = _edges_inside(graph, selection.whole)
    titles = bands_below(graph.cis.kind[number])
    pairs = drawing.relations_by_pair(edges)
    spacing = Spacing()
    band_of = _band_of(graph, selection, [kind for kind, _ in titles])
    layout = lay_out(band_of, list(pairs), spacing)
    return Scene(
        service=number,
        title=graph.cis.name[number],
        status=explanation.status(number),
        headline=_headline(graph, explanation, selection, has_scenario=statuses is not None),
        scenario=_scenario_text(graph, causes),
        boxes=drawing.boxes(layout, edges),
        lines=tuple(drawing.line(pair, same, layout) for pair, same in pairs.items()),
        bands=tuple(_band(*titles[extent.band], extent) for extent in layout.bands),
        width=layout.width,
        height=layout.height,
        box_width=spacing.box_width,
        box_height=spacing.box_height,
        hidden_cis=len(selection.whole) - len(selection.shown),
        hidden_relations=len(edges) - sum(map(len, pairs.values())),
        relation_count=len(edges),
    )


def build_scenario_scene(
    graph: ServiceGraph,
    service: str,
    scenario: Scenario,
    *,
    statuses: Mapping[int, Status],
    limit: int = DEFAULT_LIMIT,
) -> Scene:
    """Build the view of one service under a scenario, given the statuses that follow from it."""
    causes = {graph.resolve(ci_id): "degraded" for ci_id in scenario.degraded}
    causes |= {graph.resolve(ci_id): "down" for ci_id in scenario.down}
    causes |= {graph.resolve(ci_id): "in maintenance" for ci_id in scenario.maintenance}
    return build_scene(graph, service, statuses=statuses, causes=causes, limit=limit)


def path_length(scene: Scene) -> int:
    """Return how many boxes of a scene explain the status of the service; 0 if it is up."""
    on_path = {
        end for one in scene.lines if one.is_on_path for end in (one.dependent, one.dependency)
    }
    roots = {box.number for box in scene.boxes if box.is_root_cause}
    return len(on_path | roots | {scene.service}) if on_path or roots else 0


_Near = dict[int, Strength]
"""Neighbours of one CI with the strongest effect of their relations."""

_EFFECT_REMARKS = {Strength.HARD: "", Strength.SOFT: "soft", Strength.NONE: "no impact"}


class _Drawing:
    """Turns CIs and dependencies of one selection into boxes and lines."""

    def __init__(
        self,
        graph: ServiceGraph,
        explanation: Explanation,
        selection: Selection,
        causes: Mapping[int, str],
    ) -> None:
        self._graph, self._explanation = graph, explanation
        self._selection, self._causes = selection, causes
        self._shown = frozenset(selection.shown)

    def relations_by_pair(self, edges: Iterable[int]) -> dict[tuple[int, int], list[int]]:
        """Return the dependencies between CIs that are shown, by dependent and dependency."""
        pairs: dict[tuple[int, int], list[int]] = {}
        for edge in edges:
            dependent, dependency = self._ends(edge)
            if dependent in self._shown and dependency in self._shown and dependent != dependency:
                pairs.setdefault((dependent, dependency), []).append(edge)
        return pairs

    def line(self, pair: tuple[int, int], edges: list[int], layout: Layout) -> Line:
        """Return the line of one dependent and one dependency."""
        dependencies = [self._graph.dependency(edge) for edge in edges]
        return Line(
            dependent=pair[0],
            dependency=pair[1],
            points=layout.routes[pair],
            effect=max((one.effect for one in dependencies), default=Strength.NONE),
            passed=max(self._explanation.passed(edge) for edge in edges),
            is_on_path=any(edge in self._selection.path for edge in edges),
            is_on_shortest_chain=pair in self._selection.chains,
            relations=tuple(sorted({one.relation_type for one in dependencies} - {""})),
        )

    def boxes(self, layout: Layout, edges: Iterable[int]) -> tuple[Box, ...]:
        """Return the boxes from top to bottom, left to right."""
        needs: dict[int, _Near] = {number: {} for number in self._shown}
        needed_by: dict[int, _Near] = {number: {} for number in self._shown}
        for edge in edges:
            dependent, dependency = self._ends(edge)
            effect = Strength(int(self._graph.gates.edge_effect[edge]))
            for near, number, other in (
                (needs, dependent, dependency),
                (needed_by, dependency, dependent),
            ):
                if number in near:
                    strongest = max(near[number].get(other, Strength.NONE), effect)
                    near[number][other] = strongest
        agreements = agreements_by_ci(self._graph, self._selection.shown)
        places = sorted(layout.centres.items(), key=lambda item: (item[1][1], item[1][0]))
        return tuple(
            self._box(
                number,
                place,
                (needs[number], needed_by[number]),
                facts_of(self._graph, number, agreements[number]),
            )
            for number, place in places
        )

    def _box(
        self, number: int, place: Point, near: tuple[_Near, _Near], facts: tuple[Fact, ...]
    ) -> Box:
        graph, explanation = self._graph, self._explanation
        ci = graph.ci(number)
        chain: tuple[int, ...] = ()
        if explanation.status(number) is not Status.UP:
            chain = shortest_chain(explanation, graph, number, self._is_root)
        rules = tuple(group.text for group in explanation.groups_of(number))
        return Box(
            number=number,
            ci_id=ci.ci_id,
            native_id=ci.native_id,
            name=ci.name,
            kind=ci.kind,
            x=place[0],
            y=place[1],
            status=explanation.status(number),
            is_root_cause=number in self._selection.roots,
            own_trouble=self._causes.get(number, ""),
            detail=self._detail(number, rules),
            rules=rules,
            why=tuple(graph.cis.name[one] for one in chain),
            needs=self._names(near[0]),
            needed_by=self._names(near[1]),
            hidden_count=len((near[0].keys() | near[1].keys()) - self._shown),
            facts=facts,
        )

    def _is_root(self, number: int) -> bool:
        return number in self._causes or not self._explanation.explaining_edges(number)

    def _detail(self, number: int, rules: tuple[str, ...]) -> str:
        cis = self._graph.cis
        if number in self._selection.roots:
            trouble = self._causes.get(number, "")
            return f"root cause: {trouble}" if trouble == "in maintenance" else "root cause"
        if rules:
            return rules[0] if len(rules) == 1 else f"{rules[0]} (+{len(rules) - 1} more)"
        if cis.is_stub[number]:
            return "record missing"
        if cis.state[number] is not OperatingState.LIVE:
            return f"{cis.state[number].value}, no impact"
        return cis.owner_team[number] or cis.supplier[number]

    def _names(self, near: _Near) -> tuple[str, ...]:
        """Return the names of neighbours, each with what sets its relation apart."""
        names = []
        for number, effect in near.items():
            remarks = [_EFFECT_REMARKS[effect], "" if number in self._shown else "not shown"]
            remark = ", ".join(filter(None, remarks))
            name = self._graph.cis.name[number]
            names.append(f"{name} ({remark})" if remark else name)
        return tuple(sorted(names, key=lambda name: (name.casefold(), name)))

    def _ends(self, edge: int) -> tuple[int, int]:
        topology = self._graph.topology
        return int(topology.edge_dependent[edge]), int(topology.edge_dependency[edge])


def _edges_inside(graph: ServiceGraph, numbers: frozenset[int]) -> list[int]:
    ends = graph.topology.edge_dependency
    return [
        edge
        for number in sorted(numbers)
        for edge in graph.edges_to_dependencies(number)
        if int(ends[edge]) in numbers
    ]


def _band_of(graph: ServiceGraph, selection: Selection, kinds: list[CiKind]) -> dict[int, int]:
    """Return the band of each box, in the order in which boxes stand in a row: by name.

    The service is first, so that a circle through it is cut above it.
    """
    cis = graph.cis
    others = sorted(
        set(selection.shown) - {selection.service},
        key=lambda number: (cis.name[number].casefold(), graph.ci_ids[number]),
    )
    return {number: kinds.index(cis.kind[number]) for number in (selection.service, *others)}


def _band(kind: CiKind, title: str, extent: BandExtent) -> Band:
    return Band(kind=kind, title=title, top=extent.top, bottom=extent.bottom)


def _headline(
    graph: ServiceGraph, explanation: Explanation, selection: Selection, *, has_scenario: bool
) -> str:
    name = graph.cis.name[selection.service]
    status = explanation.status(selection.service)
    if not has_scenario:
        return f"What {name} rests on. No outage is assumed: every CI counts as up."
    if status is Status.UP:
        return f"{name} is up."
    others = [number for number in selection.roots if number != selection.service]
    if not others:
        return f"{name} is {STATUS_WORDS[status]} by itself."
    named = [f"{graph.cis.name[one]} is {STATUS_WORDS[explanation.status(one)]}" for one in others]
    return f"{name} is {STATUS_WORDS[status]} because {_listed(named)}."


def _scenario_text(graph: ServiceGraph, causes: Mapping[int, str]) -> str:
    outs = sorted((words, graph.cis.name[number]) for number, words in causes.items())
    return _listed([f"{name} {words}" for words, name in outs])


def _listed(texts: list[str]) -> str:
    if len(texts) <= 1:
        return "".join(texts)
    shown = texts if len(texts) <= 4 else [*texts[:3], f"{len(texts) - 3} more"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
