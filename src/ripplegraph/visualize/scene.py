"""The scene of one service: what is chosen, laid out and said. Pure, deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from ripplegraph.graph.model import CiKind, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.services_promised import resolve_promised
from ripplegraph.impact.propagation.scenario import Scenario
from ripplegraph.visualize.appearance import STATUS_WORDS, bands_below
from ripplegraph.visualize.explanation import Explanation
from ripplegraph.visualize.folding import natural_key
from ripplegraph.visualize.layout import BandExtent, Spacing, lay_out
from ripplegraph.visualize.links import Links
from ripplegraph.visualize.scene_boxes import SceneBoxes
from ripplegraph.visualize.selection import Selection, select
from ripplegraph.visualize.view_model import Band, Level, Scene

DEFAULT_LIMIT = 60
"""How many boxes a view shows unless asked for more."""

LARGEST_LIMIT = 250
"""How many boxes a view shows at most; beyond, nobody can read it."""


def build_scene(
    graph: ServiceGraph,
    service: str,
    *,
    statuses: Mapping[int, Status] | None = None,
    causes: Mapping[int, str] | None = None,
    limit: int = DEFAULT_LIMIT,
    level: Level = Level.ALL,
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

    Raises
    ------
    ValueError
        If the limit is outside its range.
    """
    if not 1 <= limit <= LARGEST_LIMIT:
        msg = f"need a limit from 1 to {LARGEST_LIMIT}, got {limit}"
        raise ValueError(msg)
    number = resolve_promised(graph, service)
    causes = causes or {}
    explanation = Explanation(graph, statuses or {})
    selection = select(graph, number, explanation, causes=causes, limit=limit, level=level)
    links = Links(graph, explanation, selection)
    titles = bands_below(graph.cis.kind[number])
    boxes = SceneBoxes(graph, explanation, selection, causes)
    names = boxes.names()
    band_of = _band_of(graph, selection, names, [kind for kind, _ in titles])
    spacing = Spacing(boxes_per_row=_boxes_per_row(len(band_of)))
    layout = lay_out(band_of, list(links.pairs), spacing)
    hidden = selection.whole - set(selection.shown)
    return Scene(
        service=number,
        title=graph.cis.name[number],
        status=explanation.status(number),
        headline=_headline(graph, explanation, selection, has_scenario=statuses is not None),
        scenario=_scenario_text(graph, causes),
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
        level=level,
    )


def build_scenario_scene(
    graph: ServiceGraph,
    service: str,
    scenario: Scenario,
    *,
    statuses: Mapping[int, Status],
    limit: int = DEFAULT_LIMIT,
    level: Level = Level.ALL,
) -> Scene:
    """Build the view of one service under a scenario, given the statuses that follow from it."""
    causes = {graph.resolve(ci_id): "degraded" for ci_id in scenario.degraded}
    causes |= {graph.resolve(ci_id): "down" for ci_id in scenario.down}
    causes |= {graph.resolve(ci_id): "in maintenance" for ci_id in scenario.maintenance}
    return build_scene(graph, service, statuses=statuses, causes=causes, limit=limit, level=level)


def _boxes_per_row(count: int) -> int:
    """Return how wide rows are: a picture of many boxes is wider than it is high."""
    return max(5, min(16, round(1.1 * sqrt(count))))


def _band_of(
    graph: ServiceGraph, selection: Selection, names: Mapping[int, str], kinds: list[CiKind]
) -> dict[int, int]:
    """Return the band of each box, in the order in which boxes stand in a row: by name.

    The service is first, so that a circle through it is cut above it.
    """
    others = sorted(
        names.keys() - {selection.service},
        key=lambda number: (natural_key(names[number]), graph.ci_ids[number]),
    )
    kind = graph.cis.kind
    return {number: kinds.index(kind[number]) for number in (selection.service, *others)}


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
