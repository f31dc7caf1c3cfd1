"""Which page shows a service: the scenes that it holds, and the renderer that draws them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.scenario import Scenario
from ripplegraph.visualize.redaction import redacted
from ripplegraph.visualize.scene import (
    DEFAULT_LIMIT,
    Scene,
    build_scenario_scene,
    build_scene,
    path_length,
)
from ripplegraph.visualize.svg_page import render_svg_page


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewQuestion:
    """What is shown: a service, coloured by a scenario and the statuses that follow from it.

    ``renderer`` is ``svg`` or ``pyvis``; ``limit`` None takes the default.
    """

    service: str
    scenario: Scenario | None = None
    statuses: Mapping[int, Status] | None = None
    limit: int | None = None
    renderer: str = "svg"
    is_redacted: bool = False


def render_view_page(graph: ServiceGraph, question: ViewQuestion) -> str:
    """Return one self-contained HTML page."""
    limit = DEFAULT_LIMIT if question.limit is None else question.limit
    scene = _scene(graph, question, limit)
    if question.renderer == "pyvis":
        from ripplegraph.visualize.pyvis_page import render_page  # noqa: PLC0415 - loads pyvis

        return render_page(scene)
    length = path_length(scene)
    path = _scene(graph, question, length) if 0 < length < len(scene.boxes) else None
    return render_svg_page(scene, path)


def _scene(graph: ServiceGraph, question: ViewQuestion, limit: int) -> Scene:
    drawn, service, scenario = graph, question.service, question.scenario
    if question.is_redacted:
        drawn = redacted(graph)
        service = drawn.ci_ids[graph.resolve(service)]
        scenario = None if scenario is None else _renamed(scenario, graph, drawn)
    if scenario is None:
        return build_scene(drawn, service, statuses=question.statuses, limit=limit)
    return build_scenario_scene(
        drawn, service, scenario, statuses=question.statuses or {}, limit=limit
    )


def _renamed(scenario: Scenario, graph: ServiceGraph, drawn: ServiceGraph) -> Scenario:
    """Return the scenario with the ids that its CIs have in the redacted graph."""
    down, maintenance, degraded = (
        tuple(sorted(drawn.ci_ids[graph.resolve(ci_id)] for ci_id in ids))
        for ids in (scenario.down, scenario.maintenance, scenario.degraded)
    )
    return Scenario(down=down, maintenance=maintenance, degraded=degraded)
