"""The picture of an outage: what falls, in which order it is shown, and what is counted."""

from __future__ import annotations

import pytest

from graph_building import graph_of
from ripplegraph.errors import InvalidScenarioError, UnknownCiError
from ripplegraph.graph.model import CiId, Status
from ripplegraph.impact.propagation.fixpoint import statuses_under
from ripplegraph.impact.propagation.scenario import Scenario, scenario_of
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from ripplegraph.visualize.scene import build_outage_scene
from ripplegraph.visualize.service_view import view
from ripplegraph.visualize.view_model import Level
from visualize.scenes import box_named, outage_scene

SAN = "shop -> db & web; svc2 ~> db; svc3 -> web; db -> san; web -> h1 | h2"


def test_all_services_that_fall_stand_on_top_and_others_stay_out() -> None:
    scene = outage_scene(graph_of(SAN), "san")
    assert {box.name for box in scene.boxes} == {"shop", "svc2", "db", "san", "web"}
    assert scene.headline == ("1 service is down: shop; 1 service is degraded or at risk: svc2.")
    assert (scene.title, scene.scenario) == ("What falls with san", "san down")
    assert (scene.service, scene.status) == (None, Status.DOWN)
    top = scene.bands[0].bottom
    assert {box.name for box in scene.boxes if box.y < top} == {"shop", "svc2"}
    assert [box.name for box in scene.boxes if box.is_root_cause] == ["san"]
    assert box_named(scene, "svc2").why == ("svc2", "db", "san")


def test_the_path_holds_what_falls_and_counts_what_still_works() -> None:
    scene = outage_scene(graph_of(SAN), "san", level=Level.PATH)
    assert {box.name for box in scene.boxes} == {"shop", "svc2", "db", "san"}
    assert scene.completeness == (
        "Shows 4 of 5 CIs that are impacted or needed by these and 3 of 4 relations. "
        "Hidden: 1 CI, 1 relation that do not fall with it; all of these CIs are up."
    )


def test_under_a_limit_the_cause_comes_first_and_worse_services_before_others() -> None:
    graph = graph_of(f"{SAN}; svc1 ~> san; svc4 -> san")
    scene = outage_scene(graph, "san", limit=3)
    assert {box.name for box in scene.boxes} == {"san", "db", "shop"}
    scene = outage_scene(graph, "san", limit=4)
    assert {box.name for box in scene.boxes} == {"san", "svc4", "db", "shop"}
    assert (scene.hidden_cis, scene.hidden_not_up) == (3, 2)


def test_an_outage_that_redundancy_holds_says_so_and_shows_what_is_left() -> None:
    scene = outage_scene(graph_of("shop ~> web; web -> h1 | h2"), "h1")
    assert scene.headline == "No service falls: what still works is enough."
    assert scene.status is Status.UP
    assert {box.name for box in scene.boxes} == {"web", "h1", "h2"}
    assert box_named(scene, "web").detail == "1 of 2 needed, 1 usable"


def test_an_outage_of_what_no_service_needs_says_so() -> None:
    graph = graph_of("shop -> web; tool -> h1; web .> h2")
    for name in ("h1", "h2"):
        scene = outage_scene(graph, name)
        assert scene.headline == "No service falls: none depends on what is out."


def test_the_status_is_that_of_the_worst_service_not_of_what_is_out() -> None:
    scene = outage_scene(graph_of("shop -> web; web -> h1 | h2"), "h1")
    assert scene.headline == "1 service is degraded or at risk: shop."
    assert scene.status is Status.AT_RISK


def test_several_ways_of_being_out_are_told_apart() -> None:
    graph = graph_of("shop -> db; svc2 -> h1; svc3 -> h2")
    scenario = scenario_of(graph, down=["db"], maintenance=["h1"], degraded=["h2"])
    scene = build_outage_scene(graph, scenario)
    assert scene.title == "What falls with db, h1 and h2"
    assert scene.scenario == "h2 degraded, db down and h1 in maintenance"
    assert box_named(scene, "h1").detail == "root cause: in maintenance"


def test_statuses_that_are_known_are_not_worked_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = graph_of(SAN)
    scenario = scenario_of(graph, down=["san"])
    expected, statuses = build_outage_scene(graph, scenario), statuses_under(graph, scenario)
    monkeypatch.delattr("ripplegraph.visualize.scene.statuses_under")
    assert build_outage_scene(graph, scenario, statuses=statuses) == expected
    question = ViewQuestion(service=None, scenario=scenario, statuses=statuses)
    assert expected.headline in render_view_page(graph, question)


def test_without_anything_out_there_is_no_picture() -> None:
    graph = graph_of("shop -> db")
    with pytest.raises(InvalidScenarioError, match="nothing is out"):
        build_outage_scene(graph, Scenario())
    with pytest.raises(InvalidScenarioError, match="Name a CI that is, or a service"):
        view(graph)
    with pytest.raises(UnknownCiError, match="nobody"):
        build_outage_scene(graph, Scenario(down=(CiId("t:server:nobody"),)))
    with pytest.raises(ValueError, match="limit from 1 to 250"):
        outage_scene(graph, "db", limit=0)


def test_the_page_goes_over_its_spread_and_can_be_redacted() -> None:
    graph = graph_of(SAN)
    page = view(graph, scenario=scenario_of(graph, down=["san"])).html
    assert "How it spreads" in page
    assert "After 1 dependency step" in page
    redacted = view(graph, scenario=scenario_of(graph, down=["san"]), redact=True).html
    assert "1 service is down" in redacted
    assert ">san<" not in redacted
