"""Verdicts on SLAs: published cases, ties, intervals, inclusive scope, and brute force."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.agreements.promises import AT, MINUTES, agreed, promise, sla, stating
from impact.random_graphs import graphs
from ripplegraph.errors import UnknownCiError
from ripplegraph.graph.agreements import AgreementState, Scope, Window, WindowUnit
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.model import CiKind, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.values import SlaVerdict, Unavailability, Verdict, verdict_of
from ripplegraph.impact.agreements.verdict import requirement_verdicts, sla_verdicts
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.availability.values import Basis, Label
from ripplegraph.impact.propagation.fixpoint import propagate


def only(graph: ServiceGraph, options: AvailabilityOptions | None = None) -> SlaVerdict:
    """Return the verdict on the one SLA there is."""
    (one,) = sla_verdicts(graph, at=AT, options=options or AvailabilityOptions()).slas
    return one


def test_o4_a_contract_of_98_percent_cannot_carry_an_sla_of_99_9_and_takes_all_of_it() -> None:
    # ITIL study text: SLA 99.9 % on one server whose underpinning contract guarantees 98 %
    one = only(agreed("shop -> server", sla("0.999"), promise("upc-1", "server", "0.98")))
    assert one.verdict is Verdict.MISSED
    assert one.independent == Unavailability(lower=0.02, upper=0.02)
    assert one.headroom_minutes == pytest.approx((-820.8, -820.8))
    (row,) = [share for share in one.contributions if share.kind in ("OLA", "UPC", "none")]
    assert (row.kind, row.id, row.percent) == ("UPC", "upc-1", 100.0)


def test_o6_a_target_above_what_is_derived_is_missed() -> None:
    # Azure Well-Architected: SLA 99.90 % above a derived 99.45 %
    graph = agreed("shop -> db", sla("0.999"))
    assert only(graph, stating(graph, db=0.0055)).verdict is Verdict.MISSED


def test_d6_five_parts_of_five_nines_leave_half_of_the_budget() -> None:
    # The Calculus of Service Availability: 52.56 min a year, CIs 26.28 min, left 26.28 min
    year = Window(unit=WindowUnit.YEAR)
    graph = agreed("shop -> a & b & c & d & e", sla("0.9999", window=year))
    one = only(graph, stating(graph, **dict.fromkeys("abcde", 1e-5)))
    assert one.budget_minutes == pytest.approx(52.56)
    assert one.headroom_minutes[0] == pytest.approx(26.28, abs=2e-3)
    assert one.verdict is Verdict.MET


BUDGETS = [
    ("0.99", 432.0),
    ("0.999", 43.2),
    ("0.9995", 21.6),
    ("0.9999", 4.32),
    ("0.99999", 0.432),
]


@pytest.mark.parametrize(("target", "minutes"), BUDGETS)
def test_d1_to_d5_budgets_of_thirty_days(target: str, minutes: float) -> None:
    # Azure Well-Architected, reliability metrics
    graph = agreed("shop -> db", sla(target))
    assert only(graph, stating(graph, db=0.0)).budget_minutes == pytest.approx(minutes)


def test_a_tie_is_met_and_a_hair_more_is_not() -> None:
    tie = float(1 - Decimal("0.9995"))
    for more, verdict in ((0.0, Verdict.MET), (1e-13, Verdict.MET), (1e-9, Verdict.MISSED)):
        u = tie * (1.0 + more)
        assert verdict_of(Unavailability(lower=u, upper=u), Decimal("0.9995")) is verdict
    perfect = Unavailability(lower=0.0, upper=0.0)
    assert verdict_of(perfect, Decimal(1)) is Verdict.MET


def test_an_unknown_input_is_unprovable_and_named_and_no_input_at_all_is_met() -> None:
    graph = agreed("shop -> db & web", sla("0.99"))
    one = only(graph, stating(graph, db=0.001))
    assert (one.verdict, one.label) == (Verdict.UNPROVABLE, Label.INCOMPLETE)
    assert one.independent == Unavailability(lower=0.001, upper=1.0)
    assert (one.missing, one.coverage) == (("t:server:web",), 0.5)
    assert (one.naive_product, one.naive_tree, one.p_window_met) == (None, None, None)
    assert {share.id for share in one.contributions if share.kind == "ci"} == {"db"}
    nothing = only(agreed("shop .> db", sla("1")))
    assert (nothing.verdict, nothing.coverage, nothing.inputs) == (Verdict.MET, 1.0, ())
    assert nothing.promised_share is None


def test_a_miss_that_no_input_can_mend_is_missed_although_inputs_are_unknown() -> None:
    graph = agreed("shop -> db & web", sla("0.9999"))
    assert only(graph, stating(graph, db=0.001)).verdict is Verdict.MISSED


def test_worst_slas_come_first_and_those_without_a_target_are_named() -> None:
    graph = agreed(
        "svc1 -> a; svc2 -> b; svc3 -> c; svc4 -> a",
        promise("sla-met", "svc1", "0.99"),
        promise("sla-open", "svc3", "0.99"),
        promise("sla-missed", "svc2", "0.9"),
        promise("sla-worse", "svc2 svc4", "0.9999"),
        promise("sla-time", "svc1", None),
        promise("sla-draft", "svc1", "0.5", state=AgreementState.DRAFT),
        promise("sla-over", "svc1", "0.5", valid_to=datetime(2026, 1, 1, tzinfo=UTC)),
        promise("sla-empty", "gone", "0.9"),
    )
    answer = sla_verdicts(graph, at=AT, options=stating(graph, a=0.001, b=0.2))
    assert [(one.agreement.agreement_id, one.native_id) for one in answer.slas] == [
        ("sla-worse", "svc2"),
        ("sla-missed", "svc2"),
        ("sla-worse", "svc4"),
        ("sla-open", "svc3"),
        ("sla-met", "svc1"),
    ]
    assert answer.not_judged == ("SLA 'sla-time'", "SLA 'sla-empty'")
    one = sla_verdicts(graph, ["svc2"], at=AT, options=stating(graph, a=0.001, b=0.2))
    assert one.not_judged == ()
    (required,) = requirement_verdicts(graph, ["sla-empty"], at=AT).not_judged
    assert required == "SLA 'sla-empty'"


def test_a_service_that_rests_on_nothing_meets_its_target_with_a_finding() -> None:
    answer = sla_verdicts(agreed("shop", sla("0.999")), at=AT)
    assert answer.slas[0].verdict is Verdict.MET
    assert [one.code for one in answer.findings] == ["service-without-dependencies"]


def test_a_service_is_asked_for_with_its_offerings() -> None:
    graph = agreed(
        "gold -> shop; shop -> db; other -> db",
        promise("sla-gold", "gold", "0.99"),
        promise("sla-shop", "shop", "0.99"),
        promise("sla-other", "other", "0.99"),
        services=("gold", "shop", "other"),
    )
    kinds = [
        CiKind.SERVICE_OFFERING if name == "gold" else kind
        for name, kind in zip(graph.cis.name, graph.cis.kind, strict=True)
    ]
    columns = replace(graph.cis, kind=kinds)
    graph = replace(graph, cis=columns)
    named = sla_verdicts(graph, ["shop"], at=AT).slas
    assert [one.agreement.agreement_id for one in named] == ["sla-gold", "sla-shop"]
    assert len(sla_verdicts(graph, ["db"], at=AT).slas) == 0
    with pytest.raises(UnknownCiError, match="nothing"):
        sla_verdicts(graph, ["nothing"], at=AT)


def test_the_window_holds_agreed_service_time_only() -> None:
    office = Calendar(
        calendar_id="office",
        time_zone="Europe/Berlin",
        weekly=tuple(
            WeeklyInterval(weekday=day, start_minute=480, end_minute=1080) for day in range(5)
        ),
    )
    month = Window(unit=WindowUnit.MONTH)
    graph = agreed(
        "shop -> db",
        sla("0.99", window=month, calendar="office"),
        promise("sla-2", "shop", "0.9", window=month, calendar="office"),
        calendars=(office,),
    )
    both = sla_verdicts(graph, at=AT, options=stating(graph, db=0.02)).slas
    assert {one.agreed_minutes for one in both} == {21 * 600.0}
    assert both[0].budget_minutes == pytest.approx(126.0)
    assert both[0].window_start == datetime(2026, 10, 31, 23, tzinfo=UTC)


def test_p_window_met_needs_frequencies_of_all_that_can_fail() -> None:
    graph = agreed("shop -> db", sla("0.999"))
    times = Reliability(mtbf_hours=999.0, mttr_hours=1.0)
    one = only(graph, stating(graph, db=times))
    assert one.verdict is Verdict.MET  # by expectation: and yet many windows breach
    assert one.p_window_met is not None
    assert 0.5 < one.p_window_met < 0.75
    dead = only(graph, stating(graph, db=Reliability(unavailability=1.0, mttr_hours=1.0)))
    assert dead.p_window_met == 0.0
    always = agreed("shop -> db & web", sla("0.999"))
    both = stating(always, db=times, web=0.1)
    assert only(always, both).p_window_met is None


# --- inclusive scope -------------------------------------------------------------------------


def test_what_lies_beneath_an_inclusive_promise_alone_counts_as_part_of_it() -> None:
    upc = promise("upc-1", "cloud", "0.99", scope=Scope.INCLUSIVE)
    one = only(agreed("shop -> cloud; cloud -> vm; vm -> disk", sla("0.99"), upc))
    assert one.independent == Unavailability(lower=0.01, upper=0.01)
    assert [own.native_id for own in one.inputs] == ["cloud"]
    assert one.verdict is Verdict.MET
    assert [one.naive_product, one.naive_tree] == pytest.approx([0.99, 0.99])


def test_what_is_shared_with_others_stays_and_the_promise_keeps_the_rest() -> None:
    upc = promise("upc-1", "cloud", "0.99", scope=Scope.INCLUSIVE)
    graph = agreed("shop -> cloud & app; cloud -> san & vm; app -> san", sla("0.98"), upc)
    answer = sla_verdicts(graph, at=AT, options=stating(graph, san=0.004, app=0.0))
    (one,) = answer.slas
    # cloud is down 1 % of the time, 0.4 % of it with the SAN, which app needs too
    assert one.independent.upper == pytest.approx(0.01, rel=1e-12)
    assert [own.native_id for own in one.inputs] == ["cloud", "app", "san"]
    assert [found.code for found in answer.findings] == ["inclusive-shared"]
    by_ci = {share.id: share.minutes for share in one.contributions if share.kind == "ci"}
    assert sum(by_ci.values()) == pytest.approx(0.01 * MINUTES, rel=1e-12)
    assert by_ci["san"] > by_ci["cloud"] * 0.6


def test_a_promise_that_its_shared_part_breaks_is_a_finding() -> None:
    upc = promise("upc-1", "cloud", "0.999", scope=Scope.INCLUSIVE)
    graph = agreed("shop -> cloud & app; cloud -> san; app -> san", sla("0.9"), upc)
    answer = sla_verdicts(graph, at=AT, options=stating(graph, san=0.004, app=0.0))
    assert {found.code for found in answer.findings} == {
        "inclusive-shared",
        "promise-not-possible",
    }
    assert answer.slas[0].independent.upper == pytest.approx(0.004)
    dead = sla_verdicts(graph, at=AT, options=stating(graph, san=1.0, app=0.0))
    assert dead.slas[0].independent.upper == 1.0


def test_an_unknown_shared_part_leaves_the_residual_open() -> None:
    upc = promise("upc-1", "cloud", "0.99", scope=Scope.INCLUSIVE)
    graph = agreed("shop -> cloud | app; cloud -> san; app -> san", sla("0.9"), upc)
    one = only(graph, stating(graph, app=0.0))
    assert one.independent == Unavailability(lower=0.0, upper=1.0)
    assert one.missing == ("t:server:san",)


def test_the_outer_promise_wins_and_a_stated_number_is_no_promise() -> None:
    outer = promise("upc-1", "cloud", "0.9", scope=Scope.INCLUSIVE)
    inner = promise("upc-2", "vm", "0.5", scope=Scope.INCLUSIVE)
    text = "shop -> cloud; cloud -> vm; vm -> disk"
    assert only(agreed(text, sla(), outer, inner)).independent.upper == pytest.approx(0.1)
    alone = agreed(text, sla(), inner)
    options = stating(alone, cloud=0.0)
    assert only(alone, options).independent.upper == pytest.approx(0.5)
    said = stating(alone, cloud=0.0, vm=0.0, disk=0.25)
    assert only(alone, said).independent.upper == pytest.approx(0.25)
    declared = replace(options, bases=(Basis.DECLARED,))
    assert only(alone, declared).label is Label.INCOMPLETE


def test_services_that_fold_differently_are_each_right() -> None:
    upc = promise("upc-1", "cloud", "0.99", scope=Scope.INCLUSIVE)
    graph = agreed(
        "svc1 -> cloud; svc2 -> cloud & san; cloud -> san",
        promise("sla-1", "svc1", "0.9"),
        promise("sla-2", "svc2", "0.9"),
        upc,
    )
    one, other = sla_verdicts(graph, at=AT, options=stating(graph, san=0.02)).slas
    assert (one.native_id, other.native_id) == ("svc2", "svc1")
    assert one.independent.upper == pytest.approx(0.02)
    assert other.independent.upper == pytest.approx(0.01)


def test_two_promises_over_one_shared_ci_each_keep_their_residual() -> None:
    graph = agreed(
        "shop -> one & two; one -> inner; inner -> san; two -> san",
        sla("0.9"),
        promise("upc-1", "one", "0.99", scope=Scope.INCLUSIVE),
        promise("upc-2", "two", "0.98", scope=Scope.INCLUSIVE),
        promise("upc-3", "san", "0.995", scope=Scope.INCLUSIVE),
    )
    answer = sla_verdicts(graph, at=AT)
    (one,) = answer.slas
    up = 0.995 * (0.99 / 0.995) * (0.98 / 0.995)
    assert one.independent.upper == pytest.approx(1.0 - up, rel=1e-12)


def test_a_promise_within_a_promise_is_settled_first() -> None:
    graph = agreed(
        "shop -> outer & other; outer -> inner; other -> inner & san; inner -> san",
        sla("0.9"),
        promise("upc-1", "outer", "0.97", scope=Scope.INCLUSIVE),
        promise("upc-2", "inner", "0.98", scope=Scope.INCLUSIVE),
    )
    options = stating(graph, san=0.01, other=0.0)
    one = only(graph, options)
    # all of it lies beneath outer, which is down 3 % of the time with what it shares
    assert one.independent.upper == pytest.approx(0.03, rel=1e-12)


# --- brute force and properties --------------------------------------------------------------


@given(
    graph=graphs(max_cis=5),
    u=st.lists(st.sampled_from([0.0, 0.01, 0.25, 1.0]), min_size=5, max_size=5),
)
@settings(max_examples=40, deadline=None)
def test_independent_is_the_weight_of_the_states_in_which_the_service_is_down(
    graph: ServiceGraph, u: list[float]
) -> None:
    slas = tuple(promise(f"sla-{ci}", f"c{ci}", "0.9") for ci in range(graph.ci_count))
    graph = replace(graph, agreements=slas, covered=tuple((ci,) for ci in range(graph.ci_count)))
    own = {ci: Reliability(unavailability=u[ci]) for ci in range(graph.ci_count)}
    answer = sla_verdicts(graph, at=AT, options=AvailabilityOptions(own=own))
    expected = dict.fromkeys(graph.ci_ids, 0.0)
    for state in product([False, True], repeat=graph.ci_count):
        weight = 1.0
        for ci, is_down in enumerate(state):
            weight *= u[ci] if is_down else 1 - u[ci]
        forced = {ci: Status.DOWN for ci, is_down in enumerate(state) if is_down}
        for ci, status in enumerate(propagate(graph, forced)):
            expected[graph.ci_ids[ci]] += weight * (status == Status.DOWN)
    for one in answer.slas:
        assert one.independent.upper == pytest.approx(expected[one.service], abs=1e-12)
        assert one.independent.is_known


def test_beyond_the_budget_of_nodes_there_are_bounds_and_no_shares() -> None:
    graph = agreed("shop -> 2 of (a, b, c)", sla("0.9"), promise("ola-1", "a", "0.9"))
    options = replace(stating(graph, b=0.1, c=0.1), nodes_per_module=(1,))
    one = only(graph, options)
    if one.label is Label.BOUNDED:
        assert one.independent.lower <= 0.028 <= one.independent.upper
        assert (one.contributions, one.promised_share, one.p_window_met) == ((), None, None)
    some = only(graph, replace(stating(graph, b=0.1), nodes_per_module=(1,)))
    assert some.label is Label.INCOMPLETE
