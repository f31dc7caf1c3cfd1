"""What validate() finds in a graph, in words that a person understands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from graph_building import graph_of, records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind, AgreementState
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.findings import Finding
from ripplegraph.graph.model import CiKind, OperatingState
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.validation import validate

TODAY = datetime(2026, 6, 1, tzinfo=UTC)
SLA, OLA, UPC, SLR = AgreementKind.SLA, AgreementKind.OLA, AgreementKind.UPC, AgreementKind.SLR


def found(
    records: Records, code: str, *, at: datetime | None = TODAY, stale_after_days: int = 90
) -> list[str]:
    graph = build_service_graph(records).graph
    every = validate(graph, at=at, stale_after_days=stale_after_days)
    return [finding.message for finding in every if finding.code == code]


def with_agreements(text: str, *agreements: Agreement) -> Records:
    records = records_of_text(text)
    records.agreements += agreements
    return records


def agreement(
    name: str,
    kind: AgreementKind,
    *covers: str,
    customer: str = "",
    state: AgreementState = AgreementState.AGREED,
    dates: Sequence[datetime | None] = (None, None),
    target: str = "",
) -> Agreement:
    return Agreement(
        agreement_id=name,
        kind=kind,
        covers=covers,
        customer=customer,
        state=state,
        valid_from=dates[0],
        valid_to=dates[1],
        target_availability=Decimal(target) if target else None,
    )


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


def test_service_without_sla_is_reported_unless_an_offering_or_its_service_has_one() -> None:
    text = "svc-off -> svc-a; svc-off2 -> svc-b; svc-c -> db; svc-int -> db; svc-old -> db"
    records = with_agreements(
        text,
        agreement("s1", SLA, "svc-off"),
        agreement("s2", SLA, "svc-b"),
        agreement("o", OLA, "svc-int"),
        agreement("d", SLA, "svc-c", state=AgreementState.DRAFT),
        agreement("r", SLR, "svc-c"),
    )
    records.cis.kind[0] = records.cis.kind[2] = CiKind.SERVICE_OFFERING
    records.cis.append(
        source="t", class_name="offering", native_id="svc-x", kind=CiKind.SERVICE_OFFERING
    )
    records.cis.state[records.cis.native_id.index("svc-old")] = OperatingState.RETIRED
    assert found(records, "service-without-sla") == [
        "service 'svc-c' has no SLA, nor has an offering of it; not agreed yet: SLA 'd', SLR 'r'",
        "service offering 'svc-x' has no SLA",
    ]


def test_only_agreements_in_force_that_name_a_service_excuse_it_from_an_sla() -> None:
    past, future = TODAY - timedelta(days=30), TODAY + timedelta(days=30)
    ended, later = (None, past), (future, None)
    names = ("class", "ended", "later", "old", "named", "kept")
    records = with_agreements(
        "; ".join(f"svc-{name} -> db" for name in names),
        agreement("o1", OLA, "class:service"),
        agreement("o2", OLA, "svc-ended", dates=ended),
        agreement("s3", SLA, "svc-later", dates=later),
        agreement("s4", SLA, "svc-old", dates=ended),
        agreement("u5", UPC, " svc-named"),
        agreement("s6", SLA, "svc-kept", dates=(past, future)),
    )
    end = "has no SLA, nor has an offering of it"
    assert found(records, "service-without-sla") == [
        f"service 'svc-class' {end}",
        f"service 'svc-ended' {end}",
        f"service 'svc-later' {end}; not in force: SLA 's3'",
        f"service 'svc-old' {end}; not in force: SLA 's4'",
    ]
    assert found(records, "service-without-sla", at=None) == [f"service 'svc-class' {end}"]


def test_agreement_that_ends_before_it_begins_is_an_error() -> None:
    past, future = TODAY - timedelta(days=30), TODAY + timedelta(days=30)
    records = with_agreements(
        "shop -> db",
        agreement("a", OLA, "db", dates=(future, past)),
        agreement("b", UPC, "db", dates=(past, future)),
    )
    assert found(records, "agreement-dates") == [
        "OLA 'a' ends on 2026-05-02, not after it begins on 2026-07-01: it is never in force"
    ]


def test_export_without_any_sla_is_one_finding() -> None:
    assert found(records_of_text("svc-a -> db; svc-b -> db"), "service-without-sla") == [
        "the export holds no SLA, so 2 services have none: 'svc-a', 'svc-b'"
    ]


def test_agreements_that_cover_nothing_are_errors() -> None:
    records = with_agreements("shop -> db", agreement("s", SLA), agreement("o", OLA, "gone"))
    assert found(records, "sla-without-cis") == ["SLA 's' covers no CI"]
    assert found(records, "agreement-without-cis") == ["OLA 'o' covers no CI"]


def test_sla_on_what_is_no_service_is_reported() -> None:
    records = with_agreements("shop -> db", agreement("s", SLA, "shop", "db"))
    assert found(records, "sla-not-on-service") == [
        "SLA 's' covers what is no service: 'db' of class 'server'"
    ]


def test_service_under_an_sla_that_rests_on_services_alone_is_reported() -> None:
    text = "svc-a -> svc-b; svc-b -> svc-a; svc-c -> svc-d; svc-d -> db; svc-e .> db"
    slas = [agreement(f"s{name}", SLA, f"svc-{name}") for name in "ace"]
    assert found(with_agreements(text, *slas), "service-without-dependencies") == [
        "service 'svc-a' has an SLA but rests on nothing that could fail",
        "service 'svc-e' has an SLA but rests on nothing that could fail",
    ]


def test_two_agreements_of_one_kind_on_cis_are_one_finding() -> None:
    records = with_agreements(
        "shop -> db & web",
        agreement("a", OLA, "db", "web"),
        agreement("b", OLA, "class:server"),
        agreement("c", UPC, "db"),
        agreement("d", OLA, "db", state=AgreementState.DRAFT),
    )
    assert found(records, "agreement-overlap") == [
        "OLA 'a' and OLA 'b' both cover 2 CIs, for one 'web'"
        if records.cis.native_id.index("web") < records.cis.native_id.index("db")
        else "OLA 'a' and OLA 'b' both cover 2 CIs, for one 'db'"
    ]


def test_versions_that_follow_each_other_do_not_overlap() -> None:
    for dates in [(TODAY, None), (None, TODAY)]:
        other = (None, TODAY) if dates[0] else (TODAY, None)
        records = with_agreements(
            "shop -> db",
            agreement("a", OLA, "db", dates=dates),
            agreement("b", OLA, "db", dates=other),
        )
        assert found(records, "agreement-overlap") == []


def test_slas_with_several_customers_are_named_but_do_not_overlap() -> None:
    records = with_agreements(
        "shop -> db",
        agreement("a", SLA, "shop", customer="Sales"),
        agreement("b", SLA, "shop", customer="Retail"),
        agreement("c", SLA, "shop", customer="Sales"),
    )
    assert found(records, "agreement-overlap") == ["SLA 'a' and SLA 'c' both cover 'shop'"]
    assert found(records, "several-customers") == [
        "SLA 'a' and SLA 'b' both cover 'shop', for the customers 'Sales' and 'Retail'",
        "SLA 'b' and SLA 'c' both cover 'shop', for the customers 'Retail' and 'Sales'",
    ]


def test_ola_above_the_contract_behind_it_is_reported() -> None:
    records = with_agreements(
        "shop -> db & web & san",
        agreement("o", OLA, "db", "web", "san", target="0.999"),
        agreement("u1", UPC, "db", target="0.99"),
        agreement("u2", UPC, "web", target="0.999"),
        agreement("u3", UPC, "san"),
    )
    assert found(records, "ola-not-backed") == [
        "OLA 'o' promises 0.999 on 'db', UPC 'u1' behind it only 0.99"
    ]


def test_ended_agreements_are_reported_unless_a_later_version_took_over() -> None:
    past, future = TODAY - timedelta(days=30), TODAY + timedelta(days=30)
    records = with_agreements(
        "shop -> db & web",
        agreement("gone", OLA, "web", dates=(None, past)),
        agreement("old", OLA, "db", dates=(None, past)),
        agreement("new", OLA, "db", dates=(past, future)),
        agreement("marked", UPC, "web", state=AgreementState.EXPIRED),
        agreement("nothing", UPC, dates=(None, TODAY)),
    )
    assert found(records, "agreement-expired") == [
        "OLA 'gone' ended on 2026-05-02; it covers 'web'",
        "UPC 'marked' is marked as expired; it covers 'web'",
        "UPC 'nothing' ended on 2026-06-01",
    ]
    assert found(records, "agreement-expired", at=None) == [
        "UPC 'marked' is marked as expired; it covers 'web'"
    ]


def test_expired_agreement_with_a_successor_counts_as_renewed_without_a_date() -> None:
    start = TODAY - timedelta(days=30)
    records = with_agreements(
        "shop -> db",
        agreement("old", OLA, "db", dates=(None, start), state=AgreementState.EXPIRED),
        agreement("new", OLA, "db", dates=(start, None)),
    )
    assert found(records, "agreement-expired", at=None) == []


def test_overdue_reviews_of_agreements_in_force_are_reported() -> None:
    due = TODAY - timedelta(days=1)
    records = records_of_text("shop -> db")
    for name, review, ends in [("a", due, None), ("b", due, due), ("c", TODAY, None)]:
        records.agreements.append(
            Agreement(
                agreement_id=name,
                kind=OLA,
                name=f"Agreement {name}",
                covers=("db",),
                next_review=review,
                valid_to=ends,
            )
        )
    assert found(records, "agreement-review-overdue") == [
        "OLA 'a' (Agreement a): review due on 2026-05-31, 1 day ago"
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
    records = with_agreements("shop -> 1 of (a, b)", agreement("s", SLA, "shop"))
    assert validate(build_service_graph(records).graph, at=TODAY) == ()


def test_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="at needs a time zone"):
        validate(graph_of("shop -> db"), at=datetime(2026, 6, 1))  # noqa: DTZ001


def test_negative_patience_is_refused() -> None:
    with pytest.raises(ValueError, match="stale_after_days must be >= 0"):
        validate(graph_of("shop -> db"), stale_after_days=-1)
