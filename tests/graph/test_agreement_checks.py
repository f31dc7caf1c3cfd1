"""What validate() finds in agreements: what they cover, whether they hold, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from graph.finding_words import TODAY, found
from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind, AgreementState
from ripplegraph.graph.model import CiKind, OperatingState
from ripplegraph.graph.records import Records

SLA, OLA, UPC, SLR = AgreementKind.SLA, AgreementKind.OLA, AgreementKind.UPC, AgreementKind.SLR


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
        agreement("c", OLA, "db"),
    )
    assert found(records, "agreement-overlap") == []
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


def test_levels_of_a_multi_level_sla_hold_side_by_side() -> None:
    records = with_agreements(
        "shop -> db", agreement("a", SLA, "shop"), agreement("b", SLA, "shop")
    )
    assert len(found(records, "agreement-overlap")) == 1
    records.agreements[1] = replace(records.agreements[1], level="corporate")
    assert found(records, "agreement-overlap") == []


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
