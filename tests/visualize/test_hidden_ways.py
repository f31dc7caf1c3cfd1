"""A way through CIs that are not shown still shows what depends on what."""

from __future__ import annotations

from graph_building import graph_of
from ripplegraph.graph.model import Status, Strength
from ripplegraph.visualize.hidden_ways import HiddenWay, hidden_ways
from ripplegraph.visualize.view_model import Level, Line, Scene
from visualize.scenes import scene_under


def ways_of(scene: Scene) -> dict[tuple[str, str], Line]:
    names = {box.number: box.name for box in scene.boxes}
    return {
        (names[line.dependent], names[line.dependency]): line
        for line in scene.lines
        if line.hidden_between
    }


def test_a_hidden_ci_between_two_shown_ones_leaves_a_line() -> None:
    found = hidden_ways({0: [(10, 1)], 1: [(11, 2)]}, {0: 0, 2: 2}, ())
    assert found == (HiddenWay(dependent=0, dependency=2, edges=(10, 11)),)


def test_no_second_line_where_lines_lead_there_anyway() -> None:
    edges = {0: [(10, 1), (12, 3)], 1: [(11, 2)], 3: [(13, 2)]}
    assert hidden_ways(edges, {0: 0, 2: 2, 3: 3}, [(0, 3), (3, 2)]) == ()


def test_the_shortest_of_several_ways_counts() -> None:
    edges = {0: [(10, 1), (11, 4)], 1: [(12, 3)], 3: [(13, 2)], 4: [(14, 2)]}
    (way,) = hidden_ways(edges, {0: 0, 2: 2}, ())
    assert way.edges == (11, 14)


def test_a_way_from_a_box_to_itself_is_none() -> None:
    assert hidden_ways({0: [(10, 1)], 1: [(11, 0)]}, {0: 0}, ()) == ()


def test_on_the_impact_path_what_lies_between_is_one_line() -> None:
    graph = graph_of("shop -> x & y; x ~> a; a -> b; b -> y")
    scene = scene_under(graph, "x", "y", level=Level.PATH)
    assert {box.name for box in scene.boxes} == {"shop", "x", "y"}
    line = ways_of(scene)["x", "y"]
    assert (line.hidden_between, line.effect, line.passed) == (2, Strength.SOFT, Status.DEGRADED)
    assert (line.relation_count, line.is_on_path) == (0, False)


def test_beyond_the_limit_what_lies_between_is_one_line() -> None:
    graph = graph_of("shop ~> h1; h1 -> h2; h2 -> low; shop -> x; x -> low; low -> k; k -> x")
    scene = scene_under(graph, limit=3)
    assert {box.name for box in scene.boxes} == {"shop", "h1", "x"}
    (pair,) = ways_of(scene)
    line = ways_of(scene)[pair]
    assert pair == ("h1", "x")
    assert (line.hidden_between, line.effect, line.passed) == (3, Strength.HARD, Status.UP)
