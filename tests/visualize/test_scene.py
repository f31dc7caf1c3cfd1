"""What a view shows, in which words, and what it says about the rest."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from graph_building import graph_of, records_of_text
from ripplegraph.errors import UnknownCiError
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind, OperatingState, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.scenario import actual_of, scenario_of
from ripplegraph.visualize.scene import build_scenario_scene, build_scene
from ripplegraph.visualize.view_model import Box, Line, Scene


def scene_of(
    graph: ServiceGraph,
    *,
    service: str = "shop",
    down: tuple[str, ...] = (),
    maintenance: tuple[str, ...] = (),
    degraded: tuple[str, ...] = (),
    limit: int = 60,
) -> Scene:
    scenario = scenario_of(graph, down=down, maintenance=maintenance, degraded=degraded)
    statuses = dict(enumerate(map(Status, propagate(graph, actual_of(graph, scenario)).tolist())))
    return build_scenario_scene(graph, service, scenario, statuses=statuses, limit=limit)


def box_of(scene: Scene, name: str) -> Box:
    return next(box for box in scene.boxes if box.name == name)


def line_of(scene: Scene, graph: ServiceGraph, dependent: str, dependency: str) -> Line:
    ends = (graph.resolve(dependent), graph.resolve(dependency))
    return next(line for line in scene.lines if (line.dependent, line.dependency) == ends)


def path_of(scene: Scene) -> set[tuple[str, str]]:
    names = {box.number: box.name for box in scene.boxes}
    return {
        (names[line.dependent], names[line.dependency]) for line in scene.lines if line.is_on_path
    }


def test_a_view_without_scenario_shows_everything_up() -> None:
    scene = build_scene(graph_of("shop -> web & db; web -> h1"), "shop")
    assert {box.name for box in scene.boxes} == {"shop", "web", "db", "h1"}
    assert {box.status for box in scene.boxes} == {Status.UP}
    assert scene.headline == "What shop rests on. No outage is assumed: every CI counts as up."
    assert scene.completeness == "Shows 4 of 4 CIs and 3 of 3 relations. Nothing is hidden."
    assert scene.scenario == ""


def test_the_service_stands_on_top() -> None:
    scene = build_scene(graph_of("shop -> web & svc2; svc2 -> web; web -> shop"), "shop")
    assert scene.boxes[0].name == "shop"
    assert scene.boxes[0].y < scene.boxes[1].y
    assert scene.bands[0].title == "Services"


def test_the_band_of_the_service_comes_first_whatever_its_kind() -> None:
    scene = build_scene(graph_of("shop -> h1; h1 -> h2"), "h1")
    assert [(band.title, band.kind) for band in scene.bands] == [("Servers", CiKind.SERVER)]


def test_every_box_stands_inside_the_band_of_its_kind() -> None:
    scene = build_scene(graph_of("shop -> svc2 & web; svc2 -> db; web -> db & h1 & h2"), "shop")
    for box in scene.boxes:
        band = next(band for band in scene.bands if band.kind is box.kind)
        assert band.top <= box.y - scene.box_height / 2
        assert box.y + scene.box_height / 2 <= band.bottom


def test_the_path_leads_from_the_root_cause_to_the_service() -> None:
    graph = graph_of("shop -> web & db; web -> h1; db -> san; mail -> san")
    scene = scene_of(graph, down=("san",))
    assert path_of(scene) == {("shop", "db"), ("db", "san")}
    assert all(line.is_on_shortest_chain is line.is_on_path for line in scene.lines)
    assert scene.headline == "shop is down because san is down."
    assert scene.scenario == "san down"
    assert [box.name for box in scene.boxes if box.is_root_cause] == ["san"]
    assert box_of(scene, "shop").why == ("shop", "db", "san")
    assert box_of(scene, "web").why == ()


def test_the_path_leads_through_every_failed_member_of_a_failed_group() -> None:
    graph = graph_of("shop -> web; web -> 2 of (h1, h2, h3); h1 -> san; h2 -> san")
    scene = scene_of(graph, down=("san",))
    assert path_of(scene) == {
        ("shop", "web"), ("web", "h1"), ("web", "h2"), ("h1", "san"), ("h2", "san"),
    }  # fmt: skip


def test_of_several_ways_the_shortest_is_marked() -> None:
    graph = graph_of("shop -> web & san; web -> san")
    scene = scene_of(graph, down=("san",))
    assert line_of(scene, graph, "shop", "san").is_on_shortest_chain
    web = line_of(scene, graph, "web", "san")
    assert (web.is_on_path, web.is_on_shortest_chain) == (True, False)


def test_the_redundancy_rule_stands_on_the_dependent() -> None:
    graph = graph_of("shop -> web; web -> 2 of (h1, h2, h3)")
    assert box_of(build_scene(graph, "shop"), "web").detail == "2 of 3 needed"
    web = box_of(scene_of(graph, down=("h1",)), "web")
    assert (web.status, web.detail) == (Status.AT_RISK, "2 of 3 needed, 2 usable")
    web = box_of(scene_of(graph, down=("h1", "h2")), "web")
    assert (web.status, web.detail) == (Status.DOWN, "2 of 3 needed, 1 usable")


@pytest.mark.parametrize(
    ("group", "rule"),
    [
        ("a | b", "1 of 2 needed"),
        ("50% of (a, b, c)", "50% of 3 needed"),
        ("count:2 of (a*3, b, c)", "2 of 3 needed"),
        ("3 of (a*2, b*1.5, c)", "weight 3 of 4.5 needed"),
        ("3 of (a, b, c)", "all 3 needed"),
    ],
)
def test_each_sort_of_rule_is_said_in_words(group: str, rule: str) -> None:
    assert box_of(build_scene(graph_of(f"shop -> {group}"), "shop"), "shop").rules == (rule,)


def test_a_group_without_rule_says_so() -> None:
    records = records_of_text("shop -> a | b")
    records.groups[0] = replace(records.groups[0], min_up=None)
    graph = build_service_graph(records).graph
    rules = box_of(build_scene(graph, "shop"), "shop").rules
    assert rules == ("all 2 needed, the data says no rule",)


def test_an_assumed_rule_says_so() -> None:
    records = records_of_text("shop -> a | b")
    records.groups[0] = replace(records.groups[0], is_assumed=True)
    graph = build_service_graph(records).graph
    assert box_of(build_scene(graph, "shop"), "shop").rules == ("1 of 2 needed (assumed)",)


def test_the_worst_of_several_rules_comes_first() -> None:
    graph = graph_of("shop -> a | b; shop -> 2 of (c, d, e)")
    shop = box_of(scene_of(graph, down=("c",)), "shop")
    assert shop.rules == ("2 of 3 needed, 2 usable", "1 of 2 needed")
    assert shop.detail == "2 of 3 needed, 2 usable (+1 more)"


def test_a_soft_dependency_degrades_and_is_told() -> None:
    graph = graph_of("shop ~> mail; shop -> web")
    scene = scene_of(graph, down=("mail",))
    line = line_of(scene, graph, "shop", "mail")
    assert (line.effect, line.passed, line.is_on_path) == (Strength.SOFT, Status.DEGRADED, True)
    assert box_of(scene, "shop").needs == ("mail (soft)", "web")
    assert scene.headline == "shop is degraded because mail is down."


def test_lost_redundancy_behind_a_soft_dependency_reaches_nobody() -> None:
    graph = graph_of("shop ~> mail; mail -> a | b")
    scene = scene_of(graph, down=("a",))
    assert line_of(scene, graph, "shop", "mail").passed is Status.UP
    assert scene.headline == "shop is up."


def test_a_dependency_without_impact_is_drawn_and_told_but_not_followed() -> None:
    graph = graph_of("shop .> wiki; shop -> web; wiki -> h9")
    scene = scene_of(graph, down=("wiki",))
    assert {box.name for box in scene.boxes} == {"shop", "wiki", "web"}
    assert line_of(scene, graph, "shop", "wiki").effect is Strength.NONE
    assert box_of(scene, "shop").needs == ("web", "wiki (no impact)")
    assert path_of(scene) == set()
    assert scene.status is Status.UP


def test_what_a_worse_path_hides_is_further_trouble() -> None:
    graph = graph_of("shop -> db; shop ~> mail")
    scene = scene_of(graph, down=("db", "mail"))
    mail = line_of(scene, graph, "shop", "mail")
    assert (mail.passed, mail.is_on_path) == (Status.DEGRADED, False)
    assert path_of(scene) == {("shop", "db")}


def test_a_service_that_is_out_itself_says_so() -> None:
    scene = scene_of(graph_of("shop -> web"), down=("shop",))
    assert scene.headline == "shop is down by itself."
    assert box_of(scene, "shop").detail == "root cause"


def test_maintenance_is_named() -> None:
    scene = scene_of(graph_of("shop -> web & db"), maintenance=("web",), degraded=("db",))
    web = box_of(scene, "web")
    assert (web.own_trouble, web.detail) == ("in maintenance", "root cause: in maintenance")
    assert scene.scenario == "db degraded and web in maintenance"


def test_many_root_causes_are_counted() -> None:
    graph = graph_of("shop -> a & b & c & d & e & f")
    scene = scene_of(graph, down=tuple("abcdef"))
    causes = "a is down, b is down, c is down and 3 more"
    assert scene.headline == f"shop is down because {causes}."


def test_over_the_limit_the_impact_path_comes_first() -> None:
    others = " & ".join(f"a{number}" for number in range(30))
    graph = graph_of(f"shop -> {others} & x; x -> y; y -> z")
    scene = scene_of(graph, down=("z",), limit=6)
    names = {box.name for box in scene.boxes}
    assert len(names) == 6
    assert names >= {"shop", "x", "y", "z"}


def test_over_the_limit_what_is_not_shown_is_counted() -> None:
    graph = graph_of("shop -> a & b & c & d; a -> d; b -> d")
    scene = build_scene(graph, "shop", limit=3)
    assert [box.name for box in scene.boxes] == ["shop", "a", "b"]
    assert (scene.hidden_cis, scene.hidden_relations) == (2, 4)
    assert scene.completeness == (
        "Shows 3 of 5 CIs and 2 of 6 relations. "
        "Hidden: 2 CIs, 4 relations; all of these CIs are up."
    )
    assert box_of(scene, "shop").hidden_count == 2
    assert box_of(scene, "a").needs == ("d (not shown)",)


def test_trouble_that_does_not_reach_the_service_is_shown_before_what_is_up() -> None:
    others = " & ".join(f"a{number}" for number in range(20))
    graph = graph_of(f"shop -> {others} & x; x ~> y; y -> h1 | h2")
    scene = scene_of(graph, down=("h1",), limit=5)
    assert {box.name for box in scene.boxes} >= {"shop", "x", "y", "h1"}


def test_every_box_is_joined_to_the_service() -> None:
    text = "shop -> a & b & c; a -> d | e; b -> e & f; c ~> g; g -> h | i; f -> j; j -> k"
    graph = graph_of(text)
    for limit in range(1, 13):
        scene = scene_of(graph, down=("i", "k"), limit=limit)
        joined = {graph.resolve("shop")}
        for _ in scene.boxes:
            joined |= {line.dependency for line in scene.lines if line.dependent in joined}
        assert joined == {box.number for box in scene.boxes}


@pytest.mark.parametrize("limit", [0, 251])
def test_a_limit_outside_its_range_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match=f"need a limit from 1 to 250, got {limit}"):
        build_scene(graph_of("shop -> a"), "shop", limit=limit)


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(UnknownCiError, match="'shap' is not in the graph") as caught:
        build_scene(graph_of("shop -> a"), "shap")
    assert caught.value.suggestions == ("shop",)


def test_relations_of_one_pair_are_one_line() -> None:
    records = records_of_text("shop -> a")
    records.dependencies.append(dependent="shop", dependency="a", relation_type="Uses")
    records.dependencies.relation_type[0] = "Depends on"
    scene = build_scene(build_service_graph(records).graph, "shop")
    assert [line.relations for line in scene.lines] == [("Depends on", "Uses")]
    assert scene.relation_count == 2


def test_circles_are_drawn() -> None:
    scene = scene_of(graph_of("shop -> a; a -> b; b -> a & c"), down=("c",))
    assert path_of(scene) == {("shop", "a"), ("a", "b"), ("b", "a"), ("b", "c")}
    assert box_of(scene, "a").why == ("a", "b", "c")


def test_retired_and_missing_cis_say_why_they_do_not_count() -> None:
    records = records_of_text("shop -> old & web")
    records.cis.state[records.cis.native_id.index("old")] = OperatingState.RETIRED
    records.dependencies.append(dependent="web", dependency="gone")
    scene = build_scene(build_service_graph(records).graph, "shop")
    assert box_of(scene, "old").detail == "retired, no impact"
    assert ("Record", "retired: no impact on live CIs") in box_of(scene, "old").facts
    assert box_of(scene, "gone").detail == "record missing"


def test_facts_hold_what_the_data_gives_and_nothing_else() -> None:
    records = records_of_text("gold -> shop; shop -> web", services=("shop", "gold"))
    position = records.cis.native_id.index("shop")
    records.cis.owner_team[position] = "Shop team"
    records.cis.availability[position] = Decimal("0.9995")
    records.cis.mtbf_hours[position] = 1000.0
    records.cis.kind[records.cis.native_id.index("gold")] = CiKind.SERVICE_OFFERING
    sla = Agreement(
        agreement_id="sla-1",
        kind=AgreementKind.SLA,
        name="Gold",
        customer="Retail",
        covers=("shop",),
        target_availability=Decimal("0.9990"),
    )
    records.agreements.append(sla)
    shop = box_of(build_scene(build_service_graph(records).graph, "shop"), "shop")
    assert shop.facts == (
        ("Kind", "service"),
        ("Class", "service"),
        ("Owner team", "Shop team"),
        ("Own availability", "99.95%"),
        ("MTBF", "1000 h"),
        ("SLA", "Gold, with Retail, 99.9% per month"),
        ("Offerings", "gold"),
        ("Identifier", "t:service:shop"),
    )
    assert shop.detail == "Shop team"


def test_the_same_question_gives_the_same_scene() -> None:
    graph = graph_of("shop -> web & db; web -> 2 of (h1, h2, h3); db -> san; h1 -> san")
    assert scene_of(graph, down=("san",)) == scene_of(graph, down=("san",))


def test_a_group_of_degraded_members_degrades_along_the_path() -> None:
    graph = graph_of("shop -> 2 of (a, b, c)")
    scene = scene_of(graph, degraded=("a", "b"))
    assert scene.headline == "shop is degraded because a is degraded and b is degraded."
    assert path_of(scene) == {("shop", "a"), ("shop", "b")}


@pytest.mark.parametrize("outs", range(16))
def test_what_the_lines_pass_on_gives_the_status_that_propagation_gives(outs: int) -> None:
    names = ("a", "b", "c", "d")
    graph = graph_of(
        "shop -> x & y; x -> 2 of (a, b, c); y ~> c | d; shop ~> z; z -> 50% of (b, d)"
    )
    for is_degraded in (False, True):
        out = tuple(name for bit, name in enumerate(names) if outs >> bit & 1)
        scene = scene_of(graph, degraded=out) if is_degraded else scene_of(graph, down=out)
        for box in scene.boxes:
            passed = [line.passed for line in scene.lines if line.dependent == box.number]
            if passed:
                assert max(passed) is box.status
