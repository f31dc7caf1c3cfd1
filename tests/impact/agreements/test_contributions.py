"""Shares of a downtime: additive, symmetric, the Shapley value, and what perfection saves."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.agreements.promises import AT, MINUTES, agreed, promise, sla, stating
from impact.random_graphs import graphs
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.values import ContributionShare, SlaVerdict
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability

AGREEMENT = ("OLA", "UPC", "none")


def verdict(graph: ServiceGraph, **u: float) -> SlaVerdict:
    (one,) = sla_verdicts(graph, at=AT, options=stating(graph, **u)).slas
    return one


def of_kind(one: SlaVerdict, *kinds: str) -> dict[tuple[str, str], ContributionShare]:
    return {(row.kind, row.id): row for row in one.contributions if row.kind in kinds}


def test_each_partition_adds_up_to_the_downtime_and_keeps_a_row_for_cis_without_one() -> None:
    graph = agreed(
        "shop -> a & b & c; c -> d | e",
        sla(),
        promise("ola-1", "a d", "0.99"),
        promise("upc-1", "b", "0.995"),
    )
    one = verdict(graph, a=0.01, b=0.005, c=0.002, d=0.1, e=0.2)
    expected = one.independent.upper * MINUTES
    for kinds in (("ci",), AGREEMENT, ("team",), ("supplier",), ("class",)):
        rows = of_kind(one, *kinds).values()
        assert sum(row.minutes for row in rows) == pytest.approx(expected, rel=1e-12)
        assert sum(row.percent or 0.0 for row in rows) == pytest.approx(100.0, rel=1e-12)
    assert set(of_kind(one, *AGREEMENT)) == {("OLA", "ola-1"), ("UPC", "upc-1"), ("none", "")}
    beneath = {row.id for row in of_kind(one, "ci").values() if row.agreement == "ola-1"}
    assert beneath == {"a", "d"}  # from the agreement down to its CIs


def test_the_gain_of_an_agreement_is_what_is_left_when_none_of_its_cis_fails() -> None:
    graph = agreed("shop -> a & b; b -> c | d", sla(), promise("ola-1", "a c d", "0.9"))
    one = verdict(graph, a=0.1, b=0.05, c=0.2, d=0.3)
    total = 1 - 0.9 * 0.95 * (1 - 0.06)
    row = of_kind(one, "OLA")["OLA", "ola-1"]
    assert row.gain_if_perfect_minutes == pytest.approx((total - 0.05) * MINUTES)
    by_ci = of_kind(one, "ci")
    saved = (total - (1 - 0.95 * 0.94)) * MINUTES
    assert by_ci["ci", "a"].gain_if_perfect_minutes == pytest.approx(saved)


def test_an_ola_answers_before_the_contract_behind_it_and_the_lower_target_of_two() -> None:
    graph = agreed(
        "shop -> a",
        sla(),
        promise("upc-1", "a", "0.9"),
        promise("ola-2", "a", "0.99"),
        promise("ola-1", "a", "0.999"),
        promise("ola-0", "a", None),
    )
    (one,) = sla_verdicts(graph, at=AT).slas
    assert set(of_kind(one, *AGREEMENT)) == {("OLA", "ola-2")}
    assert one.promised_share == pytest.approx(1.0)


def test_nothing_down_gives_no_percent() -> None:
    one = verdict(agreed("shop -> a | b", sla()), a=0.0, b=0.25)
    (row,) = of_kind(one, "none").values() or [None]
    assert row is None or row.percent is None


def test_large_unavailabilities_of_many_cis_still_add_up() -> None:
    names = [f"x{number}" for number in range(60)]
    graph = agreed(f"shop -> {' & '.join(names)}", sla("0.5"))
    one = verdict(graph, **dict.fromkeys(names, 0.6))
    rows = of_kind(one, "ci").values()
    assert len({round(row.minutes, 9) for row in rows}) == 1
    assert sum(row.minutes for row in rows) == pytest.approx(
        one.independent.upper * MINUTES, rel=1e-11
    )


@given(
    graph=graphs(max_cis=5),
    u=st.lists(st.sampled_from([0.0, 0.01, 0.25, 0.5]), min_size=5, max_size=5),
)
@settings(max_examples=25, deadline=None)
def test_shares_are_the_shapley_value_of_the_cis(graph: ServiceGraph, u: list[float]) -> None:
    graph = replace(graph, agreements=(sla(covers="c0"),), covered=((0,),))
    cis = range(graph.ci_count)

    def down(perfect: frozenset[int]) -> float:
        own = {ci: Reliability(unavailability=0.0 if ci in perfect else u[ci]) for ci in cis}
        (one,) = sla_verdicts(graph, at=AT, options=AvailabilityOptions(own=own)).slas
        return one.independent.upper

    known: dict[frozenset[int], float] = {}
    orders = list(permutations(cis))
    expected = dict.fromkeys(cis, 0.0)
    for order in orders:
        failing: frozenset[int] = frozenset()
        for ci in order:
            for some in (failing, failing | {ci}):
                if some not in known:
                    known[some] = down(frozenset(cis) - some)
            expected[ci] += (known[failing | {ci}] - known[failing]) / len(orders)
            failing |= {ci}
    own = {ci: Reliability(unavailability=u[ci]) for ci in cis}
    (one,) = sla_verdicts(graph, at=AT, options=AvailabilityOptions(own=own)).slas
    shares = of_kind(one, "ci")
    for ci in cis:
        row = shares.get(("ci", f"c{ci}"))
        assert (row.minutes if row else 0.0) == pytest.approx(expected[ci] * MINUTES, abs=1e-7)
