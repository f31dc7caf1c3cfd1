"""Scenes of small and of random graphs, and the pages made of them."""

from __future__ import annotations

from hypothesis import strategies as st

from graph_building import graph_of
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.scenario import actual_of, scenario_of
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from ripplegraph.visualize.scene import build_outage_scene, build_scenario_scene
from ripplegraph.visualize.view_model import Box, Level, Scene

POOLS = (
    "shop -> web & db & mail; web -> 2 of (h1, h2, h3); mail -> m1 & m2; m1 -> lan; m2 -> lan; "
    "h1 -> esx1; h2 -> esx1; h3 -> esx2; esx1 -> san; esx2 -> san; db -> san"
)


def statuses_under(graph: ServiceGraph, *down: str) -> dict[int, Status]:
    actual = actual_of(graph, scenario_of(graph, down=down))
    return dict(enumerate(map(Status, propagate(graph, actual).tolist())))


def scene_under(
    graph: ServiceGraph, *down: str, level: Level = Level.ALL, limit: int = 60
) -> Scene:
    scenario = scenario_of(graph, down=down)
    return build_scenario_scene(
        graph, "shop", scenario, statuses=statuses_under(graph, *down), limit=limit, level=level
    )


def outage_scene(
    graph: ServiceGraph, *down: str, level: Level = Level.ALL, limit: int = 60
) -> Scene:
    return build_outage_scene(graph, scenario_of(graph, down=down), limit=limit, level=level)


def page_under(graph: ServiceGraph, *down: str, limit: int | None = None) -> str:
    question = ViewQuestion(
        service="shop",
        scenario=scenario_of(graph, down=down) if down else None,
        statuses=statuses_under(graph, *down) if down else None,
        limit=limit,
    )
    return render_view_page(graph, question)


def box_named(scene: Scene, name: str) -> Box:
    return next(box for box in scene.boxes if box.name == name)


_NAMES = [f"{kind}{number}" for kind in ("svc", "a", "b") for number in range(8)]


@st.composite
def graphs(draw: st.DrawFn) -> ServiceGraph:
    """Return a graph with circles, hubs, pools, soft relations and such without impact."""
    names = ["shop", *draw(st.lists(st.sampled_from(_NAMES), max_size=18, unique=True))]
    statements = ["shop"]
    for name in names:
        others = st.lists(st.sampled_from(names), min_size=1, max_size=6, unique=True)
        for arrow in draw(st.lists(st.sampled_from(["->", "~>", ".>", "|"]), max_size=2)):
            members = [one for one in draw(others) if one != name]
            if arrow == "|" and len(members) > 1:
                needed = draw(st.integers(min_value=1, max_value=len(members)))
                statements.append(f"{name} -> {needed} of ({', '.join(members)})")
            elif members:
                statements.append(f"{name} {arrow.replace('|', '->')} {' & '.join(members)}")
    return graph_of("; ".join(statements))
