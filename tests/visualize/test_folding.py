"""Which CIs share a box, what the box says of them, and that no cause hides in one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph_building import graph_of, records_of_text
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind, Status
from ripplegraph.visualize.folding import natural_key, pool_name
from ripplegraph.visualize.view_model import Level
from visualize.scenes import POOLS, box_named, scene_under


def folds(text: str, *down: str) -> set[str]:
    scene = scene_under(graph_of(text), *down, level=Level.FOLDED)
    return {box.name for box in scene.boxes if box.members}


def test_members_of_a_group_share_a_box_whatever_they_need() -> None:
    assert folds("shop -> web; web -> 2 of (h1, h2, h3); h1 -> x; h2 -> y; h3 -> z") == {
        "h1 … 3", "x … z",
    }  # fmt: skip


def test_cis_with_the_same_relations_share_a_box() -> None:
    assert folds("shop -> m1 & m2 & n; m1 -> lan; m2 -> lan; n -> other") == {"m1, 2"}


def test_a_pool_folds_once_the_pool_above_it_has() -> None:
    assert folds(POOLS) == {"h1 … 3", "m1, 2", "esx1, 2"}


def test_a_dependent_of_its_own_keeps_a_member_apart() -> None:
    assert folds("shop -> web & y; web -> 2 of (h1, h2, h3); y -> h3 & q") == {"h1, 2"}


@pytest.mark.parametrize("arrow", ["~>", ".>"])
def test_how_they_are_needed_keeps_cis_apart(arrow: str) -> None:
    assert folds(f"shop -> a; shop {arrow} b") == set()


def test_classes_and_kinds_do_not_mix() -> None:
    records = records_of_text("shop -> a & b & c & d")
    records.cis.class_name[records.cis.native_id.index("a")] = "other"
    records.cis.kind[records.cis.native_id.index("b")] = CiKind.STORAGE
    scene = scene_under(build_service_graph(records).graph, level=Level.FOLDED)
    assert {box.name for box in scene.boxes if box.members} == {"c, d"}


def test_services_are_never_folded() -> None:
    assert folds("shop -> svc1 & svc2") == set()


def test_two_groups_of_one_dependent_are_two_boxes() -> None:
    assert folds("shop -> a1 | a2; shop -> b1 | b2") == {"a1, 2", "b1, 2"}


def test_a_whole_group_says_its_rule_and_what_is_left_and_has_its_status() -> None:
    graph = graph_of(f"{POOLS}; shop -> fatal")
    scene = scene_under(graph, "fatal", "h1", level=Level.FOLDED)
    pool = box_named(scene, "h1 … 3")
    assert (pool.status, pool.detail) == (Status.AT_RISK, "2 of 3 needed, 1 down")
    assert [(one.name, one.status.word) for one in pool.members] == [
        ("h1", "down"), ("h2", "up"), ("h3", "up"),
    ]  # fmt: skip
    assert pool.rules == ("2 of 3 needed",)


def test_a_pool_of_equals_is_as_bad_as_its_worst_member() -> None:
    graph = graph_of("shop ~> m1 & m2; shop -> fatal")
    pool = box_named(scene_under(graph, "fatal", "m1", level=Level.FOLDED), "m1, 2")
    assert (pool.status, pool.detail) == (Status.DOWN, "1 down")


def test_the_cause_never_hides_in_a_pool() -> None:
    scene = scene_under(graph_of(POOLS), "h1", level=Level.FOLDED)
    assert box_named(scene, "h1").is_root_cause
    assert box_named(scene, "h2, 3").detail == "2 of 3 needed, all up"


def test_many_alike_root_causes_share_a_box_that_says_so() -> None:
    hosts = [f"h{number}" for number in range(1, 31)]
    graph = graph_of(f"shop -> web; web -> 30 of ({', '.join(hosts)})")
    scene = scene_under(graph, *hosts, level=Level.PATH)
    assert [box.name for box in scene.boxes] == ["shop", "web", "h1 … 30"]
    assert scene.boxes[2].is_root_cause
    assert scene.boxes[2].detail == "all 30 needed, 30 down"


def test_a_short_impact_path_is_not_folded() -> None:
    scene = scene_under(graph_of(POOLS), "san", level=Level.PATH)
    assert not [box for box in scene.boxes if box.members]
    assert scene.hidden_cis == 4
    assert scene.completeness == (
        "Shows 9 of 13 CIs and 11 of 16 relations. Hidden: 4 CIs, 5 relations that do not "
        "explain the status; all of these CIs are up."
    )


def test_folded_cis_are_counted_as_shown() -> None:
    scene = scene_under(graph_of(POOLS), level=Level.FOLDED)
    assert scene.completeness == (
        "Shows 13 of 13 CIs (7 of them in 3 folded pools) and 16 of 16 relations. "
        "Nothing is hidden."
    )
    counts = {(line.dependent, line.dependency): line.relation_count for line in scene.lines}
    pools = {box.name: box.number for box in scene.boxes}
    assert counts[pools["h1 … 3"], pools["esx1, 2"]] == 3


def test_cis_that_need_each_other_stay_apart() -> None:
    assert folds("shop -> 1 of (a, b); a -> b; b -> a") == set()


def test_missing_rules_of_a_group_are_told() -> None:
    records = records_of_text("shop -> a | b")
    records.groups[0] = replace(records.groups[0], min_up=None)
    scene = scene_under(build_service_graph(records).graph, level=Level.FOLDED)
    assert box_named(scene, "a, b").detail == "all 2 needed, the data says no rule, all up"


def test_a_path_that_does_not_fit_says_so() -> None:
    text = "; ".join(f"a{number} -> a{number + 1}" for number in range(70))
    scene = scene_under(graph_of(f"shop -> a0; {text}"), "a70", level=Level.PATH, limit=10)
    assert "beyond the limit of boxes; 62 of these CIs are not up" in scene.completeness


def test_names_are_ordered_as_people_count() -> None:
    assert sorted(["web-10", "web-9", "Web-1", "db"], key=natural_key) == [
        "db", "Web-1", "web-9", "web-10",
    ]  # fmt: skip
    assert pool_name(["h10", "h9"]) == "h9, 10"
    assert natural_key("9" * 5000) < natural_key("9" * 5001)
