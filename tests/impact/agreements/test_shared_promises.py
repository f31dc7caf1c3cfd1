"""Promises with all beneath where part of that is shared: worst, best, unknown CIs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from graph_building import graph_of
from impact.agreements.promises import AT, MINUTES, agreed, promise, sla, stating
from impact.availability.stated import RING, budgeted, ring_down
from ripplegraph.graph.agreements import Scope
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.allocating import AllocationTerms, allocate
from ripplegraph.impact.agreements.allocation import AllocationBasis
from ripplegraph.impact.agreements.contractual_bounds import Holder, Packings, worst_downtime
from ripplegraph.impact.agreements.cut_families import parts_of
from ripplegraph.impact.agreements.foundations import foundations
from ripplegraph.impact.agreements.promised_hours import Hours
from ripplegraph.impact.agreements.values import SlaVerdict, Verdict
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.availability.structure import structure_functions
from ripplegraph.impact.availability.values import Label

SHARED = "shop -> cloud & app; cloud -> san & vm; app -> san"


def verdict(graph: ServiceGraph, **u: float) -> SlaVerdict:
    (one,) = sla_verdicts(graph, at=AT, options=stating(graph, **u)).slas
    return one


def test_the_best_knows_that_a_promise_with_all_beneath_speaks_of_the_whole_ci() -> None:
    upc = promise("upc-1", "cloud", "0.98", scope=Scope.INCLUSIVE)
    one = verdict(agreed(SHARED, sla("0.98"), upc), san=0.01, app=0.0)
    assert one.contractual_best.lower == one.contractual_best.upper == 0.02
    assert one.independent.lower == pytest.approx(0.02, rel=1e-12)
    # not possible: what is shared alone takes more
    one = verdict(agreed(SHARED, sla("0.98"), upc), san=0.03, app=0.0)
    assert one.contractual_best.lower == 0.03


def test_an_unknown_shared_ci_leaves_the_promise_above_it_true() -> None:
    upc = promise("upc-1", "cloud", "0.98", scope=Scope.INCLUSIVE)
    one = verdict(agreed(SHARED, sla("0.999"), upc), app=0.0)
    assert (one.independent.lower, one.independent.upper) == (0.02, 1.0)
    assert one.verdict is Verdict.MISSED
    assert (one.contractual_best.lower, one.contractual_best.upper) == (0.02, 1.0)
    assert (one.contractual_worst.lower, one.contractual_worst.upper) == (0.02, 1.0)
    assert one.contributions[0].id == "cloud"
    assert one.contributions[0].minutes == pytest.approx(0.02 * MINUTES, rel=1e-12)


def test_a_promise_lowered_beyond_what_it_shares_limits_nothing() -> None:
    upc = promise("upc-1", "cloud", "0.98", scope=Scope.INCLUSIVE)
    graph = agreed(SHARED, sla("0.995"), upc)
    terms = AllocationTerms(basis=AllocationBasis.CONTRACTUAL_WORST)
    found = allocate(
        graph,
        "shop",
        target=Decimal("0.995"),
        at=AT,
        terms=terms,
        options=stating(graph, san=0.008, app=0.0),
    )
    assert not found.is_enough
    assert found.unavailability_then == pytest.approx(0.008, rel=1e-12)


def test_too_many_sets_with_a_shared_promise_give_bounds_that_hold() -> None:
    many = [f"h{number}" for number in range(5)]
    graph = graph_of(f"shop -> 4 of ({', '.join([*many, 'san', 'cloud'])}); cloud -> san")
    shop, cloud, san = (graph.resolve(name) for name in ("shop", "cloud", "san"))
    found = structure_functions(graph, [shop], perfect=[shop])
    limits = {ci: ((frozenset([0]), Fraction(9 + ci)),) for ci in range(graph.ci_count)}
    hours = Hours(seconds=(100,), limits=limits)
    holder = Holder(ci=cloud, cuts=(frozenset([cloud]), frozenset([san])))
    exact, open_ones = (
        worst_downtime(
            parts_of(found.formula, found.roots[0], most_listed=most), hours, holders=[holder]
        )
        for most in (2_000, 1)
    )
    assert exact.lower == exact.upper
    assert open_ones.lower <= exact.lower <= open_ones.upper
    assert open_ones.method.startswith("bounds: a part with shared promises")


def test_a_service_without_the_holder_is_not_packed_like_one_with_it() -> None:
    graph = graph_of("shop -> san & cloud")
    found = structure_functions(graph, [0], perfect=[0])
    parts = parts_of(found.formula, found.roots[0])
    cloud, san = graph.resolve("cloud"), graph.resolve("san")
    ten = ((frozenset([0, 1]), Fraction(10)),)
    hours = Hours(seconds=(60, 40), limits={cloud: ten, san: ten})
    holder = Holder(ci=cloud, cuts=(frozenset([cloud]), frozenset([san])))
    packings = Packings()
    assert worst_downtime(parts, hours, holders=[holder], packings=packings).upper == Fraction(
        1, 10
    )
    assert worst_downtime(parts, hours, packings=packings).upper == Fraction(1, 5)


BEYOND = f"shop -> cloud & a & b & c & d & e; {RING.replace('shop', 'cloud')}"


def test_a_promise_beyond_the_budget_leaves_a_verdict_between_bounds() -> None:
    upc = promise("upc-1", "cloud", "0.1", scope=Scope.INCLUSIVE)
    for target, expected in (("0.09", Verdict.MET), ("0.2", Verdict.MISSED)):
        graph = agreed(BEYOND, sla(target), upc)
        (one,) = sla_verdicts(graph, at=AT, options=budgeted(graph, 0.01)).slas
        shares = ring_down(0.01)
        exactly = 1 - (1 - (0.9 - shares) / (1 - shares)) * 0.99**5
        assert one.independent.lower == 0.9  # as often as promised
        assert exactly <= one.independent.upper < exactly + 1e-3
        assert (one.verdict, one.label) == (expected, Label.BOUNDED)
        assert one.contributions == ()
        assert one.promised_share is None
        if expected is Verdict.MISSED:
            assert one.no_proposals == "its availability is known between bounds only"


@pytest.mark.parametrize(("first", "second"), [("0.8", "0.9"), ("0.9", "0.8")])
def test_promises_that_need_each_other_are_kept_together(first: str, second: str) -> None:
    graph = agreed(
        "shop -> a & b; a -> b; b -> a",
        sla("0.85"),
        promise("upc-1", "a", first, scope=Scope.INCLUSIVE),
        promise("upc-2", "b", second, scope=Scope.INCLUSIVE),
    )
    one = verdict(graph, shop=0.0)
    assert one.independent.lower == one.independent.upper == pytest.approx(0.2)
    assert one.verdict is Verdict.MISSED


def test_redundant_promises_that_need_each_other_are_both_kept() -> None:
    graph = agreed(
        "shop -> a & b & d & e; a -> b | d; b -> a | e",
        sla("0.5"),
        promise("upc-1", "a", "0.9", scope=Scope.INCLUSIVE),
        promise("upc-2", "b", "0.9", scope=Scope.INCLUSIVE),
    )
    left = 0.1 / (1 + (1 - 0.1) * 0.5)
    for _ in range(100):  # x + (1 - x) x / 2 = 0.1, which is what brings either of them down
        left = (0.1 - left * 0.5) / (1 - left * 0.5)
    one = verdict(graph, d=0.5, e=0.5, shop=0.0)
    assert one.independent.upper == pytest.approx(1 - (1 - left) ** 2 * 0.25, rel=1e-12)


SLOW = "shop -> a | b; shop -> d | x; shop -> e | x; a -> b | d; b -> a | e"
NEARLY = {"d": 1 - 1e-11, "e": 1 - 3e-11}
# a and b are down at the same times then, a tenth of all, but too few digits tell them apart


def test_promises_that_bring_each_other_down_have_equal_parts() -> None:
    for text in ("a; b; shop -> a & b; a -> b; b -> a", "b; a; shop -> a & b; a -> b; b -> a"):
        graph = agreed(
            text,
            sla("0.85"),
            promise("upc-1", "a", "0.9", scope=Scope.INCLUSIVE),
            promise("upc-2", "b", "0.9", scope=Scope.INCLUSIVE),
        )
        parts = {one.id: one.minutes for one in verdict(graph, shop=0.0).contributions}
        assert [parts["upc-1"], parts["upc-2"]] == pytest.approx([0.05 * MINUTES] * 2)


def test_promises_that_need_each_other_and_do_not_settle_leave_a_verdict_between_bounds() -> None:
    graph = agreed(
        SLOW,
        sla("0.85"),
        promise("upc-1", "a", "0.9", scope=Scope.INCLUSIVE),
        promise("upc-2", "b", "0.9", scope=Scope.INCLUSIVE),
    )
    one = verdict(graph, **NEARLY, shop=0.0, x=0.0)
    assert one.label is Label.BOUNDED
    assert one.independent.lower < 0.1 < one.independent.upper
    assert one.contributions == ()


def test_changed_promises_that_do_not_settle_are_not_taken_for_better_than_they_are() -> None:
    graph = agreed(
        SLOW,
        sla("0.85"),
        promise("upc-1", "a", "0.8", scope=Scope.INCLUSIVE),
        promise("upc-2", "b", "0.9", scope=Scope.INCLUSIVE),
    )
    options = stating(graph, **NEARLY, shop=0.0, x=0.0)
    (batch,) = foundations(graph, [graph.resolve("shop")], at=AT, options=options).batches
    assert batch.is_exact(0)  # b cannot keep its promise, so that nothing is left of it
    row = batch.promised[None, :].copy()
    row[0, graph.resolve("a")] = 0.1
    assert batch.unavailability(0, row)[0] > 0.1
