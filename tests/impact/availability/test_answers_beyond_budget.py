"""Answers on services beyond the budget: bounds, sampling, and what is said about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph_building import graph_of
from impact.availability.stated import RING, budgeted, ring_down, stating
from ripplegraph.impact.availability import questions
from ripplegraph.impact.availability.answers import availability, cut_sets, explain, importance
from ripplegraph.impact.availability.options import (
    Reliability,
)
from ripplegraph.impact.availability.questions import ask
from ripplegraph.impact.availability.values import (
    Label,
    Level,
)


def test_a_service_beyond_the_budget_is_bounded_and_shows_the_lower_bound() -> None:
    graph = graph_of(RING)
    (row,) = availability(graph, options=budgeted(graph, 0.001)).services
    assert (row.label, row.method) == (Label.BOUNDED, "certified block bounds")
    assert row.lower < ring_down(0.001) < row.upper
    assert row.unavailability == row.lower
    assert row.width_seconds_per_year == pytest.approx((row.upper - row.lower) * 365 * 86_400)
    assert row.failures_per_year is None


def test_bounds_too_far_apart_are_narrowed_by_sampling() -> None:
    graph = graph_of(RING)
    options = budgeted(graph, 0.5, samples=6400, seed=3)
    (row,) = availability(graph, options=options).services
    assert row.label is Label.ESTIMATED
    assert row.method.startswith("Monte Carlo: 6,400 samples, seed 3, 95%")
    assert row.unavailability is not None
    assert row.lower < row.unavailability < row.upper
    assert row.lower < ring_down(0.5) < row.upper
    again = availability(graph, options=options).services[0]
    assert again == row
    assert availability(graph, options=replace(options, seed=2)).services[0] != row


def test_an_estimate_can_be_asked_for_and_unknown_inputs_widen_it() -> None:
    graph = graph_of("shop -> db & web")
    options = replace(stating(graph, db=0.25), is_estimate=True, samples=6400)
    (row,) = availability(graph, options=options).services
    assert (row.label, row.unavailability, row.upper) == (Label.INCOMPLETE, None, 1.0)
    assert row.lower == pytest.approx(0.25, abs=0.03)
    assert row.lower < 0.25
    known = replace(
        options, own={**options.own, graph.resolve("web"): Reliability(unavailability=0)}
    )
    (row,) = availability(graph, options=known).services
    assert (row.label, row.availability) == (Label.ESTIMATED, 1.0 - (row.unavailability or 0.0))


def test_an_unknown_input_of_a_service_beyond_the_budget_bounds_it_from_both_ends() -> None:
    graph = graph_of(RING)
    options = budgeted(graph, 0.001)
    known = {ci: one for ci, one in options.own.items() if ci != graph.resolve("a")}
    (row,) = availability(graph, options=replace(options, own=known)).services
    assert row.label is Label.INCOMPLETE
    assert row.lower <= 3e-6  # a never fails: three pairs are left
    assert row.upper >= 1.999e-3  # a always fails: b or e is enough


def test_nothing_but_bounds_is_given_once_the_time_is_over() -> None:
    graph = graph_of("shop -> a | b")
    options = replace(stating(graph, a=0.1, b=0.2), is_over=lambda: True, samples=640)
    (row,) = availability(graph, options=options).services
    assert row.label in (Label.BOUNDED, Label.ESTIMATED)
    assert row.lower <= 0.02 <= row.upper


@pytest.mark.parametrize("level", list(Level))
def test_a_circle_too_large_to_work_out_is_unknown_and_it_shows(level: Level) -> None:
    ring = "; ".join(f"s{n} -> s{(n - 1) % 9} | s{(n + 1) % 9}" for n in range(9))
    graph = graph_of(f"shop -> s0; {ring}; mail -> db", services=("shop", "mail"))
    u = {f"s{n}": 0.1 for n in range(9)} | {"db": 0.25}
    options = replace(stating(graph, **u), level=level)
    exact = availability(graph, options=options).services[0]
    small = replace(options, steps_per_circle=20)
    answer = availability(graph, options=small)
    shop, mail = answer.services
    assert (shop.label, shop.upper) == (Label.INCOMPLETE, 1.0)
    assert shop.lower == pytest.approx(0.1)
    assert shop.lower <= (exact.unavailability or 0.0) <= shop.upper
    assert shop.missing == ("circle:t:server:s0",)
    assert (mail.label, mail.unavailability) == (Label.EXACT, 0.25)
    assert any("A circle of 9 CIs with redundancy is too large" in o for o in answer.assumptions)
    assert explain(graph, "shop", options=small).service.label is Label.INCOMPLETE
    assert importance(graph, "shop", options=small).rows[0].native_id == "s0"


def test_what_is_not_exact_says_why_it_has_no_contributions() -> None:
    graph = graph_of("shop -> 2 of (a, b, c, d)")
    known = {"shop": 0.0, "a": 0.1, "b": 0.1, "c": 0.1, "d": 0.1}
    options = replace(stating(graph, **known), nodes_per_module=(1,), samples=640)
    found = explain(graph, "shop", options=options)
    assert found.contributions == ()
    assert (
        found.assumptions[-1] == "No contributions: not exact within the budget of diagram nodes."
    )


def test_cut_sets_of_a_service_beyond_the_budget_are_whole_if_none_is_large() -> None:
    graph = graph_of(RING)
    answer = cut_sets(graph, "shop", options=budgeted(graph, 0.01))
    pairs = [one for one in answer.cut_sets if one.probability]
    assert {"".join(ci[-1] for ci in one.cis) for one in pairs} == {"ab", "bc", "cd", "de", "ae"}
    # p1 to p5 never fail, and are single points all the same
    assert (answer.count, answer.counts_by_order, answer.is_complete) == (10, (0, 5, 5), True)


def test_services_of_one_formula_beyond_the_budget_have_the_same_importance() -> None:
    graph = graph_of(RING + "; svc1 -> shop")
    answer = importance(graph, options=budgeted(graph, 0.001))
    found = {
        name: [(one.ci_id, one.minutes, one.label) for one in answer.rows if name in one.service]
        for name in ("shop", "svc1")
    }
    assert found["shop"] == found["svc1"]
    assert {label for _, _, label in found["shop"]} == {Label.BOUNDED}


def test_failures_of_a_service_beyond_the_budget_lie_between_bounds() -> None:
    graph = graph_of(RING)
    times = Reliability(mtbf_hours=990.0, mttr_hours=10.0)
    own = {graph.resolve(name): times for name in "abcde"}
    own |= {graph.resolve(f"p{n}"): Reliability(mtbf_hours=1e9, mttr_hours=0) for n in range(1, 6)}
    options = replace(budgeted(graph, 0.01), own=own)
    (exact,) = availability(graph, options=replace(options, nodes_per_module=(8192,))).services
    (row,) = availability(graph, options=options).services
    assert (row.failures_per_year, exact.failures_reason) == (None, "")
    often = exact.failures_per_year or 0.0
    assert often == exact.failures_per_year_lower == exact.failures_per_year_upper
    assert None not in (row.failures_per_year_lower, row.failures_per_year_upper)
    low, high = row.failures_per_year_lower or 0.0, row.failures_per_year_upper or 0.0
    assert low < often < high
    assert row.failures_reason == "the service is not exact: they lie between bounds"
    over = replace(options, is_over=lambda: True)
    (row,) = availability(graph, options=over).services
    assert row.failures_per_year_upper is None
    assert row.failures_reason.startswith("the service is not exact, and bounds would take more")


def test_services_without_failure_frequencies_leave_the_work_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = RING.translate(str.maketrans("abcdep", "fghijq")).replace("shoq", "desk")
    graph = graph_of(f"{lacking}; {RING}", services=("desk", "shop"))
    times = dict.fromkeys("abcde", Reliability(mtbf_hours=990.0, mttr_hours=10.0))
    never = {f"p{n}": Reliability(mtbf_hours=1e9, mttr_hours=0) for n in range(1, 6)}
    stated = stating(graph, **dict.fromkeys("fghij", 0.01), **{f"q{n}": 0 for n in range(1, 6)})
    own = {graph.resolve(name): one for name, one in (times | never).items()}
    options = replace(budgeted(graph, 0.01), own={**stated.own, **own})
    asked = ask(graph, ["shop"], None, options).compiled
    work = 2 * len(asked.variables[0]) * asked.bounds_of(0).steps
    monkeypatch.setattr(questions, "_FREQUENCY_STEPS", work)
    desk, shop = availability(graph, options=options).services
    assert len(desk.missing_frequency) == 5
    assert shop.failures_reason == "the service is not exact: they lie between bounds"


def test_why_there_are_no_failures_a_year_is_said() -> None:
    graph = graph_of("shop -> db & web")
    (unknown,) = availability(graph, options=stating(graph, db=0.1, web=0)).services
    assert unknown.failures_reason == "the failure frequency of CIs beneath is unknown"
    graph = graph_of("shop -> db")
    (missing,) = availability(graph).services
    assert missing.failures_reason == "the availability of CIs beneath is unknown"
