"""The scene of a service or an outage: what is chosen, laid out, said. Pure, deterministic."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import sqrt

from ripplegraph.errors import InvalidScenarioError
from ripplegraph.graph.model import SERVICE_KINDS, CiKind, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.services_promised import resolve_promised
from ripplegraph.impact.propagation.concerned import is_needed_by_services
from ripplegraph.impact.propagation.fixpoint import statuses_under
from ripplegraph.impact.propagation.scenario import Scenario
from ripplegraph.visualize.appearance import STATUS_WORDS, bands_below
from ripplegraph.visualize.explanation import Explanation
from ripplegraph.visualize.folding import natural_key
from ripplegraph.visualize.layout import BandExtent, Spacing, lay_out
from ripplegraph.visualize.links import Links
from ripplegraph.visualize.outage_selection import select_outage, services_among
from ripplegraph.visualize.scene_boxes import SceneBoxes
from ripplegraph.visualize.selection import Selection, select
from ripplegraph.visualize.view_model import Band, Level, Scene, counted

DEFAULT_LIMIT = 60
"""How many boxes a view shows unless asked for more."""

LARGEST_LIMIT = 250
"""How many boxes a view shows at most; beyond, nobody can read it."""


def build_scene(  # noqa: PLR0913 - what is shown, and how much of it
    graph: ServiceGraph,
    service: str,
    *,
    statuses: Mapping[int, Status] | None = None,
    causes: Mapping[int, str] | None = None,
    limit: int = DEFAULT_LIMIT,
    level: Level = Level.ALL,
    chosen_in: ServiceGraph | None = None,
) -> Scene:
    """Build the view of one service.

    Parameters
    ----------
    graph
        The graph.
    service
        What :meth:`ServiceGraph.resolve` accepts, or the id or name of an agreement on one CI;
        raises as :func:`resolve_promised` does.
    statuses
        Status of each CI by number, those that are up may be left out; None if no scenario
        is shown.
    causes
        CIs that are out by themselves, with the words for it (``down``, ``in maintenance``).
    limit
        Boxes at most, in [1, 250]; the impact path comes first, what is left out is counted.
    level
        The impact path alone, all with pools folded, or every CI in a box of its own.
    chosen_in
        The graph with the ids and classes by which CIs are chosen and folded, where ``graph`` is
        its redacted form: new names must not make another picture. None: ``graph`` itself.

    Raises
    ------
    ValueError
        If the limit is outside its range.
    """
    _refuse_limit(limit)
    number = resolve_promised(graph, service)
    causes = causes or {}
    explanation = Explanation(graph, statuses or {})
    selection = select(
        chosen_in or graph, number, explanation, causes=causes, limit=limit, level=level
    )
    return _Parts(
        graph=graph,
        explanation=explanation,
        selection=selection,
        causes=causes,
        service=number,
        level=level,
    ).scene(
        title=graph.cis.name[number],
        headline=_headline(graph, explanation, selection, has_scenario=statuses is not None),
    )


def build_scenario_scene(  # noqa: PLR0913 - what is shown, and how much of it
    graph: ServiceGraph,
    service: str,
    scenario: Scenario,
    *,
    statuses: Mapping[int, Status],
    limit: int = DEFAULT_LIMIT,
    level: Level = Level.ALL,
    chosen_in: ServiceGraph | None = None,
) -> Scene:
    """Build the view of one service under a scenario, given the statuses that follow from it."""
    return build_scene(
        graph,
        service,
        statuses=statuses,
        causes=_causes(graph, scenario),
        limit=limit,
        level=level,
        chosen_in=chosen_in,
    )


def build_outage_scene(
    graph: ServiceGraph,
    scenario: Scenario,
    *,
    statuses: Mapping[int, Status] | None = None,
    limit: int = DEFAULT_LIMIT,
    level: Level = Level.ALL,
    chosen_in: ServiceGraph | None = None,
) -> Scene:
    """Build the view of one outage: what is out, and all that falls with it, services on top.

    Parameters
    ----------
    graph
        The graph; everything that the scenario does not name works.
    scenario
        What is out, see :func:`ripplegraph.scenario_of`.
    statuses
        Statuses that follow from it, by CI number, of those that are not up; None works them out.
    limit
        Boxes at most, in [1, 250]; what is out and the shortest way to each service that it
        reaches come first, the worst first; what is left out is counted.
    level
        What is impacted alone, with what it needs and pools folded, or every CI in a box of its
        own.
    chosen_in
        See :func:`build_scene`.

    Raises
    ------
    UnknownCiError
        If the scenario names a CI that the graph does not hold.
    InvalidScenarioError
        If nothing is out.
    ValueError
        If the limit is outside its range.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.propagation.scenario import scenario_of
    >>> graph = graph_of("shop -> db; mail -> db; wiki -> h1", services=("shop", "mail"))
    >>> build_outage_scene(graph, scenario_of(graph, down=["db"])).headline
    '2 services are down: mail and shop.'
    """
    _refuse_limit(limit)
    if not scenario.cis:
        msg = "nothing is out"
        raise InvalidScenarioError(msg, "Name a CI that is, or a service to show")
    causes = _causes(graph, scenario)
    impacted = statuses_under(graph, scenario) if statuses is None else statuses
    explanation = Explanation(graph, impacted)
    selection = select_outage(
        chosen_in or graph,
        explanation,
        impacted=impacted,
        causes=causes,
        limit=limit,
        level=level,
    )
    names = sorted(graph.cis.name[number] for number in causes)
    return _Parts(
        graph=graph,
        explanation=explanation,
        selection=selection,
        causes=causes,
        service=None,
        level=level,
    ).scene(
        title=f"What falls with {_listed(names)}",
        headline=_fallen_words(graph, explanation, selection),
    )


def _refuse_limit(limit: int) -> None:
    if not 1 <= limit <= LARGEST_LIMIT:
        msg = f"need a limit from 1 to {LARGEST_LIMIT}, got {limit}"
        raise ValueError(msg)


def _causes(graph: ServiceGraph, scenario: Scenario) -> dict[int, str]:
    causes = {graph.resolve(ci_id): "degraded" for ci_id in scenario.degraded}
    causes |= {graph.resolve(ci_id): "down" for ci_id in scenario.down}
    causes |= {graph.resolve(ci_id): "in maintenance" for ci_id in scenario.maintenance}
    return causes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What is chosen of a graph, and why it has its status."""

    graph: ServiceGraph
    explanation: Explanation
    selection: Selection
    causes: Mapping[int, str]
    service: int | None
    level: Level

    def scene(self, *, title: str, headline: str) -> Scene:
        """Lay it out, and say what of it is hidden."""
        selection, explanation = self.selection, self.explanation
        links = Links(self.graph, explanation, selection)
        boxes = SceneBoxes(self.graph, explanation, selection, self.causes)
        titles = bands_below(None if self.service is None else self.graph.cis.kind[self.service])
        band_of = self._band_of(boxes.names(), [kind for kind, _ in titles])
        spacing = Spacing(boxes_per_row=_boxes_per_row(len(band_of)))
        layout = lay_out(
            band_of, list(links.pairs), spacing, is_first_alone=self.service is not None
        )
        hidden = selection.whole - set(selection.shown)
        return Scene(
            service=self.service,
            tops=selection.tops,
            title=title,
            status=self._status(),
            headline=headline,
            scenario=_scenario_text(self.graph, self.causes),
            boxes=boxes.boxes(layout, links.edges),
            lines=links.lines(layout),
            bands=tuple(_band(*titles[extent.band], extent) for extent in layout.bands),
            width=layout.width,
            height=layout.height,
            box_width=spacing.box_width,
            box_height=spacing.box_height,
            ci_count=len(selection.whole),
            relation_count=len(links.edges),
            hidden_cis=len(hidden),
            hidden_not_up=sum(explanation.status(one) is not Status.UP for one in hidden),
            hidden_on_path=len(selection.explaining - set(selection.shown)),
            hidden_relations=links.hidden_count,
            hidden_on_ways=len({end for step in selection.chains for end in step} & hidden),
            level=self.level,
        )

    def _status(self) -> Status:
        """Return the status of the service, or of the worst service that is impacted."""
        kinds, tops = self.graph.cis.kind, self.selection.tops
        shown = [one for one in tops if one == self.service or kinds[one] in SERVICE_KINDS]
        return max(map(self.explanation.status, shown), default=Status.UP)

    def _band_of(self, names: Mapping[int, str], kinds: list[CiKind]) -> dict[int, int]:
        """Return the band of each box, in the order in which boxes stand in a row: by name.

        The service is first, so that a circle through it is cut above it.
        """
        ids, kind = self.graph.ci_ids, self.graph.cis.kind
        ordered = sorted(
            names,
            key=lambda number: (
                number != self.service,
                natural_key(names[number]),
                ids[number],
            ),
        )
        return {number: kinds.index(kind[number]) for number in ordered}


def _boxes_per_row(count: int) -> int:
    """Return how wide rows are: a picture of many boxes is wider than it is high."""
    return max(5, min(16, round(1.1 * sqrt(count))))


def _band(kind: CiKind, title: str, extent: BandExtent) -> Band:
    return Band(kind=kind, title=title, top=extent.top, bottom=extent.bottom)


def _headline(
    graph: ServiceGraph, explanation: Explanation, selection: Selection, *, has_scenario: bool
) -> str:
    (service,) = selection.tops
    name, status = graph.cis.name[service], explanation.status(service)
    if not has_scenario:
        return f"What {name} rests on. No outage is assumed: every CI counts as up."
    if status is Status.UP:
        return f"{name} is up."
    others = [number for number in selection.roots if number != service]
    if not others:
        return f"{name} is {STATUS_WORDS[status]} by itself."
    named = [f"{graph.cis.name[one]} is {STATUS_WORDS[explanation.status(one)]}" for one in others]
    return f"{name} is {STATUS_WORDS[status]} because {_listed(named)}."


def _fallen_words(graph: ServiceGraph, explanation: Explanation, selection: Selection) -> str:
    """Return what falls in words."""
    fallen = services_among(graph, selection.tops)
    down = [one for one in fallen if explanation.status(one) is Status.DOWN]
    impaired = [one for one in fallen if explanation.status(one) is not Status.DOWN]
    if not fallen:
        is_needed = is_needed_by_services(graph, selection.roots)
        reason = "what still works is enough" if is_needed else "none depends on what is out"
        return f"No service falls: {reason}."
    said = [_count_words(graph, down, "down")] if down else []
    if impaired:
        said.append(_count_words(graph, impaired, "degraded or at risk"))
    return f"{'; '.join(said)}."


def _count_words(graph: ServiceGraph, services: Collection[int], words: str) -> str:
    verb = "is" if len(services) == 1 else "are"
    names = sorted((graph.cis.name[one] for one in services), key=natural_key)
    return f"{counted(len(services), 'service')} {verb} {words}: {_listed(names)}"


def _scenario_text(graph: ServiceGraph, causes: Mapping[int, str]) -> str:
    outs = sorted((words, graph.cis.name[number]) for number, words in causes.items())
    return _listed([f"{name} {words}" for words, name in outs])


def _listed(texts: list[str]) -> str:
    if len(texts) <= 1:
        return "".join(texts)
    shown = texts if len(texts) <= 4 else [*texts[:3], f"{len(texts) - 3} more"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
