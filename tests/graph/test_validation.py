"""What validate() finds in a graph, in words that a person understands."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from graph.finding_words import TODAY, found
from graph_building import graph_of, records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.findings import Finding
from ripplegraph.graph.model import CiKind, OperatingState
from ripplegraph.graph.records import GroupRecord
from ripplegraph.graph.validation import validate


def test_circle_is_reported_with_its_path_and_first_relation() -> None:
    records = records_of_text("a -> b; b -> c; c -> a")
    records.cis.name[1] = "Database"
    records.dependencies.file[:] = ["rel.csv"] * 3
    records.dependencies.row[:] = [2, 3, 4]
    cycle = next(one for one in validate(build_service_graph(records).graph))
    assert cycle == Finding(
        code="cycle",
        severity=cycle.severity,
        message="3 CIs depend on each other in a circle: 'a' -> 'Database' (b) -> 'c' -> 'a'",
        file="rel.csv",
        row=2,
    )


def test_circles_that_share_cis_are_one_finding() -> None:
    assert found(records_of_text("a -> b; b -> a; b -> c; c -> b"), "cycle") == [
        "3 CIs depend on each other in several circles, for one: 'a' -> 'b' -> 'a'"
    ]


def test_middle_of_a_long_path_is_counted() -> None:
    text = "; ".join(f"n{at} -> n{(at + 1) % 40}" for at in range(40))
    (message,) = found(records_of_text(text), "cycle")
    assert "'n5' -> (29 more) -> 'n35'" in message


def test_circle_through_groups_that_can_hold_itself_up_is_one_finding() -> None:
    records = records_of_text("x -> 1 of (core, y); y -> 1 of (core, x)")
    assert found(records, "self-supported-cycle") == [
        "group 'g0' of 'x' can hold itself up, through 'x' -> 'y' -> 'x'; "
        "in the same circles: group 'g1' of 'y'"
    ]


def test_lone_group_that_can_hold_itself_up_names_no_other() -> None:
    assert found(records_of_text("x -> 1 of (core, y); y -> x"), "self-supported-cycle") == [
        "group 'g0' of 'x' can hold itself up, through 'x' -> 'y' -> 'x'"
    ]


def test_grounded_group_cannot_hold_itself_up() -> None:
    records = records_of_text("x -> 1 of (core, y); y -> x", grounded=True)
    assert found(records, "self-supported-cycle") == []


def test_cluster_that_needs_every_member_for_want_of_a_group_is_reported() -> None:
    records = records_of_text(
        "shop -> cl; cl -> h1 & h2; ok -> 1 of (h1, h2); one -> h1; "
        "mix -> h1 & h2 & vm; two -> h1 & vm"
    )
    for number, name in enumerate(records.cis.native_id):
        if name in {"cl", "ok", "one", "mix", "two"}:
            records.cis.kind[number] = CiKind.CLUSTER
        if name == "vm":
            records.cis.kind[number] = CiKind.VIRTUAL_MACHINE
    assert sorted(found(records, "cluster-without-requirement")) == [
        "cluster 'cl' has no redundancy group: all 2 members are taken as needed",
        "cluster 'mix' has no redundancy group: all 3 members are taken as needed",
        "cluster 'two' has no redundancy group: all 2 members are taken as needed",
    ]


def test_cis_of_one_class_and_name_are_reported_with_their_ids() -> None:
    records = records_of_text("a -> b; b -> c; c -> d")
    records.cis.name[:] = ["web", "web", "web", "mail"]
    assert found(records, "duplicate-name") == [
        "3 CIs of class 'server' have the name 'web': 'a', 'b', 'c'"
    ]


def test_cis_without_any_relation_are_reported_by_class() -> None:
    records = records_of_text(
        "shop -> db; old; svc-lost; " + "; ".join(f"n{at}" for at in range(7))
    )
    records.cis.state[2] = OperatingState.RETIRED
    assert found(records, "orphan") == [
        "1 CI of class 'service' has no relation at all: 'svc-lost'",
        "7 CIs of class 'server' have no relation at all: 'n0', 'n1', 'n2', 'n3', 'n4' and 2 more",
    ]


def test_relation_kept_without_impact_makes_no_orphan() -> None:
    assert found(records_of_text("a .> b"), "orphan") == []


def test_live_cis_on_retired_and_test_ones_are_reported_with_the_service_above() -> None:
    records = records_of_text("shop -> web; web -> old; lone -> old; shop -> try; web .> gone")
    states = {"old": OperatingState.RETIRED, "try": OperatingState.TEST}
    states["gone"] = OperatingState.RETIRED
    for number, name in enumerate(records.cis.native_id):
        records.cis.state[number] = states.get(name, OperatingState.LIVE)
    assert found(records, "retired-dependency") == [
        "retired CI 'old' is still needed by 'web', 'lone', under 'shop': kept, without impact"
    ]
    assert found(records, "test-dependency") == [
        "test CI 'try' is still needed by 'shop': kept, without impact"
    ]


def test_services_on_one_ci_do_not_hide_each_other() -> None:
    records = records_of_text("svc-a -> web; svc-b -> web; web -> old")
    records.cis.state[records.cis.native_id.index("old")] = OperatingState.RETIRED
    (message,) = found(records, "retired-dependency")
    assert "under 'svc-a'" in message


def test_cis_not_confirmed_for_long_are_reported_by_class_oldest_first() -> None:
    records = records_of_text("shop -> db; db -> disk; db -> old; db -> new")
    days = {"db": 91, "disk": 200, "old": 300, "new": 90}
    for name, age in days.items():
        number = records.cis.native_id.index(name)
        records.cis.last_seen[number] = TODAY - timedelta(days=age)
    records.cis.state[records.cis.native_id.index("old")] = OperatingState.RETIRED
    assert found(records, "stale-ci") == [
        "2 CIs of class 'server' were not confirmed for more than 90 days, "
        "the oldest since 2025-11-13: 'disk', 'db'"
    ]
    assert found(records, "stale-ci", stale_after_days=100) == [
        "1 CI of class 'server' was not confirmed for more than 100 days, "
        "the oldest since 2025-11-13: 'disk'"
    ]
    assert found(records, "stale-ci", at=None) == []


def test_relations_outside_their_dates_are_counted_by_file() -> None:
    records = records_of_text("a -> b; a -> c; a -> d")
    records.dependencies.valid_to[:] = [TODAY, TODAY, None]
    records.dependencies.valid_from[2] = TODAY
    records.dependencies.row[:] = [4, 3, 2]
    assert found(records, "relation-not-valid") == [
        "2 relations do not hold on 2026-06-01, first 'a' on 'c'"
    ]
    assert found(records, "relation-not-valid", at=TODAY - timedelta(days=1)) == [
        "1 relation does not hold on 2026-05-31, first 'a' on 'd'"
    ]


def test_findings_of_building_come_with_those_of_the_structure_sorted_and_once() -> None:
    records = records_of_text("a -> b; b -> a; a -> a")
    records.groups.append(GroupRecord(dependent="a", key="none"))
    graph = build_service_graph(records).graph
    every = validate(graph)
    assert [one.code for one in every] == ["dangling-group", "cycle", "self-relation"]
    assert validate(graph.with_report(type(graph.report)(findings=every))) == every


def test_names_that_cannot_be_printed_are_escaped() -> None:
    records = records_of_text("a -> b; b -> a")
    records.cis.name[0] = "two\nlines"
    records.cis.native_id[0] = "tab\tid"
    records.dependencies.dependent[0] = records.dependencies.dependency[1] = "tab\tid"
    (message,) = found(records, "cycle")
    assert r"'two\nlines' (tab\tid)" in message


def test_clean_graph_has_no_findings() -> None:
    records = records_of_text("shop -> 1 of (a, b)")
    sla = Agreement(agreement_id="s", kind=AgreementKind.SLA, covers=("shop",))
    records.agreements.append(sla)
    assert validate(build_service_graph(records).graph, at=TODAY) == ()


def test_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="at needs a time zone"):
        validate(graph_of("shop -> db"), at=datetime(2026, 6, 1))  # noqa: DTZ001


def test_negative_patience_is_refused() -> None:
    with pytest.raises(ValueError, match="stale_after_days must be >= 0"):
        validate(graph_of("shop -> db"), stale_after_days=-1)


def test_clusters_among_other_cis_are_each_reported_once() -> None:
    records = records_of_text("c1 -> a & b; a -> x & y; c2 -> a & b; c3 -> 1 of (a, b)")
    for number, name in enumerate(records.cis.native_id):
        if name.startswith("c"):
            records.cis.kind[number] = CiKind.CLUSTER
    codes = [(one.code, one.message) for one in build_service_graph(records).findings]
    found = validate(build_service_graph(records).graph)
    messages = [one.message for one in found if one.code == "cluster-without-requirement"]
    assert codes == []
    assert messages == [
        f"cluster '{name}' has no redundancy group: all 2 members are taken as needed"
        for name in ("c1", "c2")
    ]


def test_name_shared_by_cis_of_different_classes_is_no_repetition() -> None:
    records = records_of_text("shop -> a & b")  # a service and two servers
    records.cis.name[:] = ["Payroll", "Payroll", "db"]
    assert "duplicate-name" not in {
        one.code for one in validate(build_service_graph(records).graph)
    }
