"""Promises with all beneath where part of that is shared: worst, best, unknown CIs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from graph_building import graph_of
from impact.agreements.promises import AT, MINUTES, agreed, promise, sla, stating
from ripplegraph.graph.agreements import Scope
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.allocating import AllocationTerms, allocate
from ripplegraph.impact.agreements.allocation import AllocationBasis
from ripplegraph.impact.agreements.contractual_bounds import Holder, Packings, worst_downtime
from ripplegraph.impact.agreements.cut_families import parts_of
from ripplegraph.impact.agreements.promised_hours import Hours
from ripplegraph.impact.agreements.values import SlaVerdict, Verdict
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.availability.structure import structure_functions

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
