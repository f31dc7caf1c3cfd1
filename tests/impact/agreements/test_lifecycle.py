"""Where agreements stand in their life, and the metrics that need no outages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graph_building import records_of_text
from impact.agreements.promises import AT, promise
from ripplegraph.graph.agreements import Agreement, AgreementState
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.process_records import AgreementStateChange, Review
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.lifecycle import AgreementLife, lifecycle
from ripplegraph.impact.agreements.lifecycle_metrics import lifecycle_metrics, requirements_of

SLA = promise("sla-1", "shop", "0.999", customer="Sales")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def change(agreement: str, state: str, on: str, by: str = "") -> AgreementStateChange:
    return AgreementStateChange(
        agreement=agreement, state=AgreementState(state), at=day(on), by=by, file="s.csv", row=2
    )


def graph_with(
    *agreements: Agreement,
    changes: tuple[AgreementStateChange, ...] = (),
    reviews: tuple[str, ...] = (),
    text: str = "shop -> db; till -> db",
) -> ServiceGraph:
    records = records_of_text(text, services=("shop", "till"))
    records.agreements.extend(agreements)
    records.agreement_states.extend(changes)
    records.reviews += [Review(agreement="sla-1", at=day(on)) for on in reviews]
    return build_service_graph(records).graph


def life_of(graph: ServiceGraph, at: datetime = AT) -> AgreementLife:
    (life,) = lifecycle(graph, at=at).lives
    return life


# --- one agreement -----------------------------------------------------------------------------


def test_sign_off_and_time_to_agree_follow_from_the_states() -> None:
    graph = graph_with(
        SLA,
        changes=(
            change("sla-1", "agreed", "2026-03-31", "Ann"),
            change("sla-1", "draft", "2026-03-01"),
            change("sla-1", "negotiating", "2026-03-11"),
        ),
    )
    life = life_of(graph)
    assert (life.state, life.is_in_force, life.is_up_to_date) == (
        AgreementState.AGREED,
        True,
        True,
    )
    assert (life.begun_at, life.signed_at) == (day("2026-03-01"), day("2026-03-31"))
    assert (life.signed_by, life.days_to_agree, life.days_open) == ("Ann", 30, None)


def test_the_state_is_the_one_at_the_moment_asked_for() -> None:
    graph = graph_with(
        SLA,
        changes=(change("sla-1", "draft", "2026-03-01"), change("sla-1", "agreed", "2026-03-31")),
    )
    life = life_of(graph, day("2026-03-15"))
    assert (life.state, life.is_in_force, life.days_open) == (AgreementState.DRAFT, False, 14)
    assert (life.days_to_agree, life.signed_at) == (None, None)


def test_a_new_draft_of_a_signed_agreement_begins_anew() -> None:
    states = (("draft", "2025-01-01"), ("agreed", "2025-02-01"), ("negotiating", "2026-10-01"))
    graph = graph_with(SLA, changes=tuple(change("sla-1", *one) for one in states))
    life = life_of(graph)
    assert (life.begun_at, life.signed_at, life.days_to_agree) == (day("2026-10-01"), None, None)
    assert life.days_open == (AT - day("2026-10-01")) / timedelta(days=1)


def test_a_signature_without_a_draft_has_no_time_to_agree() -> None:
    states = (("agreed", "2025-02-01"), ("agreed", "2025-03-01"), ("expired", "2026-01-01"))
    life = life_of(graph_with(SLA, changes=tuple(change("sla-1", *one) for one in states)))
    assert (life.signed_at, life.days_to_agree) == (day("2025-02-01"), None)
    assert (life.state, life.is_in_force) == (AgreementState.EXPIRED, False)


def test_without_a_history_the_agreement_tells_its_state_and_its_end() -> None:
    assert life_of(graph_with(SLA)).is_in_force
    ended = replace(SLA, valid_to=day("2026-11-10"))
    life = life_of(graph_with(ended))
    assert (life.state, life.is_in_force) == (AgreementState.EXPIRED, False)
    assert life.days_to_end == -10.375
    later = replace(SLA, valid_from=day("2027-01-01"))
    assert (life_of(graph_with(later)).state, life_of(graph_with(later)).is_in_force) == (
        AgreementState.AGREED,
        False,
    )


def test_the_version_in_force_stands_for_all() -> None:
    versions = [
        replace(SLA, valid_from=day("2025-01-01"), valid_to=day("2026-01-01"), name="old"),
        replace(SLA, valid_from=day("2026-01-01"), valid_to=day("2027-01-01"), name="now"),
        replace(SLA, valid_from=day("2027-01-01"), name="next"),
    ]
    graph = graph_with(*versions)
    assert life_of(graph).agreement.name == "now"
    assert life_of(graph, day("2024-01-01")).agreement.name == "old"
    assert life_of(graph_with(*versions[:2]), day("2029-01-01")).agreement.name == "now"


@pytest.mark.parametrize(
    ("reviews", "overdue"), [((), True), (("2026-09-30",), True), (("2026-10-05",), False)]
)
def test_a_review_is_overdue_until_one_is_held_since(
    reviews: tuple[str, ...], *, overdue: bool
) -> None:
    life = life_of(graph_with(replace(SLA, next_review=day("2026-10-01")), reviews=reviews))
    assert (life.is_review_overdue, life.is_up_to_date) == (overdue, not overdue)


def test_reviews_of_the_future_and_before_the_last_do_not_count() -> None:
    graph = graph_with(
        replace(SLA, next_review=day("2027-10-01")),
        reviews=("2026-05-01", "2026-04-01", "2027-01-01"),
    )
    life = life_of(graph)
    assert (life.last_review, life.is_review_overdue) == (day("2026-05-01"), False)


def test_a_state_that_differs_from_the_last_change_is_a_finding() -> None:
    graph = graph_with(SLA, changes=(change("sla-1", "negotiating", "2026-03-11"),))
    (found,) = lifecycle(graph, at=AT).findings
    assert (found.code, found.file, found.row) == ("agreement-state-differs", "s.csv", 2)
    assert found.message == (
        "SLA 'sla-1' is agreed in its own record, but negotiating since 2026-03-11"
    )


def test_what_calls_first_stands_first_and_what_is_over_last() -> None:
    due = day("2026-10-01")
    graph = graph_with(
        promise("sla-5", "till", "0.9", valid_to=day("2026-01-01"), next_review=due),
        promise("sla-4", "shop", "0.9"),
        promise("sla-3", "shop", "0.9", customer="a", valid_to=day("2027-01-01")),
        promise("sla-2", "shop", "0.9", customer="b", next_review=due),
        promise("sla-1", "shop", "0.9", customer="c", next_review=due - timedelta(days=1)),
    )
    lives = lifecycle(graph, at=AT).lives
    assert [life.agreement.agreement_id for life in lives] == [f"sla-{k}" for k in range(1, 6)]
    assert [life.is_review_overdue for life in lives] == [True, True, False, False, False]


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="at needs a time zone"):
        lifecycle(graph_with(), at=datetime(2026, 1, 1))  # noqa: DTZ001


# --- metrics -----------------------------------------------------------------------------------


def metrics(graph: ServiceGraph) -> dict[str, tuple[float | None, int | None]]:
    return {one.name: (one.value, one.of) for one in lifecycle_metrics(graph, at=AT)}


def test_services_with_an_up_to_date_sla_are_counted_among_all_for_customers() -> None:
    graph = graph_with(SLA, promise("sla-2", "till", "0.9", next_review=day("2026-10-01")))
    found = metrics(graph)
    assert found["services_with_sla"] == (2, 2)
    assert found["services_with_up_to_date_sla"] == (1, 2)
    assert found["reviews_overdue"] == (1, 1)
    assert found["agreements_reviewable"] == (1, 2)


def test_an_sla_is_backed_if_nothing_behind_it_is_in_draft() -> None:
    ola = promise("ola-1", "db", "0.999")
    draft = promise("upc-1", "db", "0.999", state=AgreementState.DRAFT)
    gone = promise("ola-2", "db", "0.999", state=AgreementState.EXPIRED)
    assert metrics(graph_with(SLA, ola, gone))["slas_backed"] == (1, 1)
    assert metrics(graph_with(SLA, ola, draft))["slas_backed"] == (0, 1)
    assert metrics(graph_with(SLA, ola, draft))["agreements_under_way"] == (1, 3)


def test_reviews_ends_and_times_are_counted_within_their_time() -> None:
    graph = graph_with(
        replace(SLA, valid_to=AT + timedelta(days=90)),
        promise("ola-1", "db", "0.9", valid_to=AT + timedelta(days=91)),
        promise("ola-2", "db", "0.9", state=AgreementState.DRAFT),
        changes=(
            change("sla-1", "draft", "2026-03-01"),
            change("sla-1", "agreed", "2026-03-31"),
            change("ola-2", "draft", "2026-11-10"),
        ),
        reviews=("2025-11-01", "2026-03-01", "2026-05-01", "2026-12-01"),
    )
    found = metrics(graph)
    assert found["reviews_held"] == (2, None)
    assert found["agreements_ending"] == (1, 2)
    assert found["days_to_agree"] == (30, None)
    assert found["days_open"] == (10.375, None)


def test_shares_are_none_where_there_is_nothing_to_count() -> None:
    by_name = {one.name: one for one in lifecycle_metrics(graph_with(SLA), at=AT)}
    assert by_name["services_with_sla"].share == 0.5
    assert by_name["slrs_answered"].share is None
    assert by_name["days_to_agree"].share is None


# --- from requirement to contract --------------------------------------------------------------


def test_a_requirement_is_answered_by_the_sla_of_its_customer_on_its_service() -> None:
    graph = graph_with(
        promise("slr-1", "shop", "0.9999", customer="Sales", state=AgreementState.NEGOTIATING),
        promise("slr-2", "till", "0.99"),
        SLA,
        promise("sla-2", "shop", "0.99", customer="Other"),
        promise("ola-1", "db", "0.99"),
        promise("upc-1", "db", "0.99", state=AgreementState.NEGOTIATING),
    )
    first, second = requirements_of(graph, at=AT)
    assert [one.agreement.agreement_id for one in first.answered_by] == ["sla-1"]
    assert [one.agreement.agreement_id for one in first.behind] == ["ola-1", "upc-1"]
    assert first.behind_agreed == 1
    assert (second.slr.agreement.agreement_id, second.answered_by) == ("slr-2", ())
    assert metrics(graph)["slrs_answered"] == (1, 2)
