"""Inclusive cut points: what they share stays shared, and they keep the rest of their promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from impact.availability.stated import RING, budgeted, stating
from impact.random_graphs import graphs
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.answers import availability, cut_sets, explain, importance
from ripplegraph.impact.availability.folding import beneath
from ripplegraph.impact.availability.options import (
    AvailabilityOptions,
    CommonCauses,
    Reliability,
)
from ripplegraph.impact.availability.single_points import single_points_of_failure
from ripplegraph.impact.availability.structure import Needs
from ripplegraph.impact.availability.uncertainty import uncertainty
from ripplegraph.impact.availability.values import Label, Level
from ripplegraph.impact.propagation.fixpoint import propagate

_CUT = {Level.DOWN: Status.DOWN, Level.DEGRADED: Status.DEGRADED}

SHARED = "shop -> cloud & db; cloud -> db & web; report -> db"


def cutting(graph: ServiceGraph, *names: str, **u: float) -> AvailabilityOptions:
    """State the unavailability of CIs, some of them with all beneath."""
    return replace(stating(graph, **u), cut_points=frozenset(map(graph.resolve, names)))


def unavailability_of(
    graph: ServiceGraph, service: str, options: AvailabilityOptions
) -> tuple[float, Label]:
    (row,) = availability(graph, [service], options=options).services
    assert row.lower == row.upper
    return row.lower, row.label


def test_what_is_shared_counts_once_and_the_cut_point_keeps_the_rest() -> None:
    graph = graph_of(SHARED)
    options = cutting(graph, "cloud", cloud=0.1, db=0.04, web=0.5, shop=0, report=0)
    value, label = unavailability_of(graph, "shop", options)
    assert value == pytest.approx(0.1, rel=1e-14)  # not 1 - 0.9 * 0.96
    assert label is Label.EXACT
    assert unavailability_of(graph, "cloud", options)[0] == pytest.approx(0.1)
    assert unavailability_of(graph, "report", options)[0] == 0.04


def test_contributions_and_importance_rest_on_the_residual() -> None:
    graph = graph_of(SHARED)
    options = cutting(graph, "cloud", cloud=0.1, db=0.04, web=0.5, shop=0, report=0)
    found = explain(graph, "shop", options=options)
    assert sum(one.minutes_per_year for one in found.contributions) == pytest.approx(52_560)
    assert {one.native_id for one in found.contributions} == {"cloud", "db"}
    rows = {one.native_id: one for one in importance(graph, "shop", options=options).rows}
    assert rows["cloud"].unavailability == pytest.approx(0.06 / 0.96)
    assert rows["db"].minutes == pytest.approx((0.1 - 0.06 / 0.96) * 525_600)
    sets = {one.cis: one.probability for one in cut_sets(graph, "shop", options=options).cut_sets}
    assert sets["t:server:cloud",] == pytest.approx(0.06 / 0.96)


def test_the_answer_says_what_is_shared_and_what_cannot_be_kept() -> None:
    graph = graph_of(SHARED)
    options = cutting(graph, "cloud", cloud=0.01, db=0.04, web=0.5, shop=0, report=0)
    answer = availability(graph, ["shop"], options=options)
    assert answer.services[0].lower == 0.04
    said = " ".join(answer.assumptions)
    assert "'cloud' shares what lies beneath it ('db')" in said
    assert "'cloud' cannot be down 1% of the time only: what it shares alone brings it" in said


def test_services_that_share_different_things_have_different_residuals() -> None:
    graph = graph_of(
        "shop -> cloud & db; mail -> cloud & web; desk -> cloud; cloud -> db & web",
        services=("shop", "mail", "desk"),
    )
    options = cutting(graph, "cloud", cloud=0.1, db=0.04, web=0.02, shop=0, mail=0, desk=0)
    answer = availability(graph, ["shop", "mail", "desk"], options=options)
    assert [one.lower for one in answer.services] == pytest.approx([0.1, 0.1, 0.1])
    found = importance(graph, options=options)
    own = {one.service: one.unavailability for one in found.rows if one.native_id == "cloud"}
    assert own == {
        graph.ci_ids[graph.resolve("shop")]: pytest.approx(0.06 / 0.96),
        graph.ci_ids[graph.resolve("mail")]: pytest.approx(0.08 / 0.98),
        graph.ci_ids[graph.resolve("desk")]: pytest.approx(0.1),
    }
    (total,) = (one for one in found.totals if one.native_id == "cloud")
    minutes = sum(one.minutes or 0 for one in found.rows if one.native_id == "cloud")
    assert (total.service_count, total.alone_count) == (3, 3)
    assert total.minutes == pytest.approx(minutes)
    points = single_points_of_failure(graph, options=options).single_points
    assert [len(one.services) for one in points if one.native_id == "cloud"] == [3]
    groups = importance(graph, options=options, group_by="class").groups
    assert {one.service: one.minutes for one in groups if one.key == "server"} == {
        row.ci_id: pytest.approx(row.lower * 525_600) for row in answer.services
    }


def test_an_unknown_ci_that_is_shared_leaves_an_interval() -> None:
    graph = graph_of(SHARED)
    options = cutting(graph, "cloud", cloud=0.1, web=0.5, shop=0, report=0)
    (row,) = availability(graph, ["shop"], options=options).services
    assert (row.label, row.lower, row.upper) == (Label.INCOMPLETE, 0.0, 1.0)
    assert row.missing == ("t:server:db",)
    redundant = graph_of("shop -> cloud | db; cloud -> db & web")
    options = cutting(redundant, "cloud", cloud=0.1, web=0.5, shop=0)
    (row,) = availability(redundant, ["shop"], options=options).services
    assert (row.lower, row.upper) == (0.0, 1.0)


def test_of_a_logical_cut_point_nothing_is_known() -> None:
    graph = graph_of("shop -> mail; mail -> db", services=("shop", "mail"))
    options = cutting(graph, "mail", db=0.1)
    (row,) = availability(graph, ["shop"], options=options).services
    assert (row.label, row.missing) == (Label.INCOMPLETE, ("t:service:mail",))


def test_a_logical_cut_point_above_what_never_fails_is_up() -> None:
    graph = graph_of("shop -> mail; mail -> news", services=("shop", "mail", "news"))
    assert unavailability_of(graph, "shop", cutting(graph, "mail")) == (0.0, Label.EXACT)


def test_services_that_share_the_same_in_different_groups_have_one_residual() -> None:
    graph = graph_of(
        "shop -> cloud & db & vm; mail -> cloud & db & vm & web; cloud -> db; vm -> web",
        services=("shop", "mail"),
    )
    options = cutting(graph, "cloud", "vm", cloud=0.1, db=0.04, vm=0.02, web=0.01, shop=0, mail=0)
    for service in availability(graph, options=options).services:
        assert service.lower == pytest.approx(1 - 0.9 * 0.98)
    rows = importance(graph, options=options).rows
    own = [one.unavailability for one in rows if one.native_id == "cloud"]
    assert own == pytest.approx([0.06 / 0.96] * 2)


def test_uncertainty_of_a_cut_point_reaches_services_that_share_different_things() -> None:
    graph = graph_of(
        "shop -> cloud & db; mail -> cloud & web; desk -> cloud; cloud -> db & web",
        services=("shop", "mail", "desk"),
    )
    options = cutting(graph, "cloud", cloud=0.1, db=0.04, web=0.02, shop=0, mail=0, desk=0)
    ranges = {graph.resolve("cloud"): (0.2, 0.3)}
    found = uncertainty(graph, options=options, ranges=ranges, samples=16)
    shop, mail, desk = (one.median or 0.0 for one in found)
    assert 0.2 < shop < 0.3
    assert [mail, desk] == pytest.approx([shop, shop])


def test_a_residual_beyond_the_budget_is_bounded() -> None:
    ring = RING.replace("shop", "cloud")
    graph = graph_of(f"shop -> cloud; shop -> 1 of (a, b, c, d, e); {ring}")
    options = replace(budgeted(graph, 0.3), cut_points=frozenset([graph.resolve("cloud")]))
    options = replace(
        options, own={**options.own, graph.resolve("cloud"): Reliability(unavailability=0.9)}
    )
    (row,) = availability(graph, ["shop"], options=options).services
    assert row.label is not Label.EXACT
    assert row.lower < 0.9 < row.upper  # all five down bring the cloud down, too


def beyond_the_budget(clouds: int, u: float) -> tuple[ServiceGraph, AvailabilityOptions]:
    """Return a service that is exact on cut points whose own structure is not."""
    names = [f"cloud{number}" for number in range(clouds)]
    rings = "; ".join(RING.replace("shop", name) for name in names)
    graph = graph_of(f"shop -> {' & '.join(names)} & a & b & c & d & e; {rings}")
    options = budgeted(graph, u)
    points = frozenset(map(graph.resolve, names))
    own = {**options.own, **dict.fromkeys(points, Reliability(unavailability=0.9))}
    return graph, replace(options, own=own, cut_points=points)


def test_importance_of_a_residual_beyond_the_budget_is_bounded() -> None:
    graph, options = beyond_the_budget(1, 0.2)
    answer = importance(graph, "shop", options=options, group_by="class")
    exact = importance(
        graph, "shop", options=replace(options, nodes_per_module=(8192,)), group_by="class"
    )
    for found, label in ((exact, Label.EXACT), (answer, Label.BOUNDED)):
        assert {one.label for one in found.rows} == {one.label for one in found.groups} == {label}
    minutes = {one.ci_id: one.minutes or 0.0 for one in exact.rows}
    for one in answer.rows:
        assert (one.minutes_lower or 0.0) < minutes[one.ci_id] < (one.minutes_upper or 0.0)
        assert one.contribution_minutes is None
        assert one.fussell_vesely is None
    for group, truly in zip(answer.groups, exact.groups, strict=True):
        lower, upper = group.minutes_lower or 0.0, group.minutes_upper or 0.0
        assert lower < (truly.minutes or 0.0) < upper
    assert "Importance for t:service:shop lies between bounds: of CIs" in str(answer.assumptions)
    assert "many minimal cut sets" not in str(answer.assumptions)


def test_contributions_on_a_residual_beyond_the_budget_are_left_out_with_a_reason() -> None:
    graph, options = beyond_the_budget(1, 0.2)
    answer = explain(graph, "shop", options=options)
    assert answer.service.label is Label.BOUNDED
    assert answer.contributions == ()
    assert "No contributions: of CIs with all beneath them" in answer.assumptions[-1]


def test_cut_sets_say_that_a_residual_is_known_between_bounds_only() -> None:
    graph, options = beyond_the_budget(1, 0.2)
    answer = cut_sets(graph, "shop", options=options)
    assert "What is left of 'cloud0' beside what it shares lies between 0% and 88.1" in str(
        answer.assumptions
    )
    exact = cut_sets(graph, "shop", options=replace(options, nodes_per_module=(8192,)))
    assert "lies between" not in str(exact.assumptions)
    graph = graph_of(SHARED)
    options = cutting(graph, "cloud", cloud=0.1, web=0.5, shop=0, report=0)
    said = str(cut_sets(graph, "shop", options=options).assumptions)
    assert "'cloud' beside what it shares lies between 0% and 10% of the time" in said


def test_importance_on_many_residuals_beyond_the_budget_has_bounds_that_hold() -> None:
    graph, options = beyond_the_budget(7, 0.2)
    found = importance(graph, "shop", options=options).rows
    assert {one.label for one in found} == {Label.BOUNDED}
    assert all(one.minutes_lower == 0.0 for one in found)
    exact = importance(graph, "shop", options=replace(options, nodes_per_module=(8192,))).rows
    upper = {one.ci_id: one.minutes_upper or 0.0 for one in found}
    assert all(one.minutes <= upper[one.ci_id] for one in exact if one.minutes)


def test_importance_where_neither_service_nor_residual_is_exact_has_bounds_that_hold() -> None:
    ring = RING.replace("shop", "cloud")
    graph = graph_of(f"shop -> cloud; shop -> 1 of (a, b, c, d, e); {ring}")
    options = replace(budgeted(graph, 0.3), cut_points=frozenset([graph.resolve("cloud")]))
    options = replace(
        options,
        own={**options.own, graph.resolve("cloud"): Reliability(unavailability=0.9)},
        samples=64,
    )
    found = importance(graph, "shop", options=options, group_by="class")
    exact = importance(graph, "shop", options=replace(options, nodes_per_module=(8192,)))
    ends = {one.ci_id: (one.minutes_lower or 0.0, one.minutes_upper or 0.0) for one in found.rows}
    for one in exact.rows:
        lower, upper = ends[one.ci_id]
        assert lower <= (one.minutes or 0.0) <= upper
    assert found.groups[0].label is Label.BOUNDED


def test_uncertainty_settles_the_residual_in_each_sample() -> None:
    graph = graph_of(SHARED)
    options = cutting(graph, "cloud", cloud=0.1, db=0.04, web=0.5, shop=0, report=0)
    ranges = {graph.resolve("db"): (0.0, 0.2)}
    (one,) = uncertainty(graph, ["shop"], options=options, ranges=ranges, samples=2000)
    # max(0.1, u) where u is anything from 0 to 0.2
    assert one.lower == pytest.approx(0.1)
    assert one.median == pytest.approx(0.1, rel=0.1)
    assert one.mean == pytest.approx(0.125, rel=0.02)


def test_cut_points_that_need_each_other_are_settled_together() -> None:
    graph = graph_of("shop -> a; shop -> b; a -> b; b -> a")
    for a, b in ((0.1, 0.2), (0.2, 0.1)):
        found, _ = unavailability_of(graph, "shop", cutting(graph, "a", "b", a=a, b=b, shop=0))
        assert found == pytest.approx(0.2)


SLOW = "shop -> a | b; shop -> d | x; shop -> e | x; a -> b | d; b -> a | e"


NEARLY, NEXT_TO_IT = 1 - 1e-11, 1 - 3e-11
"""How often redundancy is down that leaves too few digits to tell mutual promises apart."""


def never_settled() -> tuple[ServiceGraph, AvailabilityOptions]:
    """Return cut points that are down at the same times, a tenth of all, but for 1e-11."""
    graph = graph_of(SLOW)
    return graph, cutting(graph, "a", "b", a=0.1, b=0.1, d=NEARLY, e=NEXT_TO_IT, shop=0, x=0)


@pytest.mark.parametrize("d", [0.999, 1 - 1e-9])
def test_cut_points_whose_redundancy_is_nearly_always_down_are_settled(d: float) -> None:
    graph = graph_of(SLOW)
    options = cutting(graph, "a", "b", a=0.1, b=0.1, d=d, e=d, shop=0, x=0)
    # x + (1 - x) x d = 0.1 is what brings either of them down, and d of the time the other one
    left = (1 + d - ((1 + d) ** 2 - 4 * d * 0.1) ** 0.5) / (2 * d)
    value, label = unavailability_of(graph, "shop", options)
    assert value == pytest.approx(left**2 + 2 * left * (1 - left) * d, rel=1e-9)
    assert label is Label.EXACT
    found = importance(graph, "shop", options=options).rows
    own = {one.native_id: one.unavailability for one in found}
    assert [own["a"], own["b"]] == pytest.approx([left, left], rel=1e-6)


def test_a_promise_that_cannot_be_kept_above_some_that_settle_slowly_leaves_them_theirs() -> None:
    graph = graph_of(f"shop -> c; {SLOW}; c -> a & w")
    u = {"a": 0.1, "b": 0.1, "c": 0.05, "d": 0.999, "e": 0.999, "shop": 0, "w": 0, "x": 0}
    value, label = unavailability_of(graph, "shop", cutting(graph, "a", "b", "c", **u))
    assert value == pytest.approx(0.1, rel=1e-9)
    assert label is Label.EXACT


@pytest.mark.parametrize("names", ["a b c", "c b a"])
def test_cut_points_that_bring_each_other_down_cause_it_alike_in_any_order(names: str) -> None:
    first, second, third = names.split()
    needs = "shop -> a & b & c; shop -> d | x; a -> b; b -> c | d; c -> a"
    graph = graph_of(f"{first}; {second}; {third}; {needs}")
    options = cutting(graph, "a", "b", "c", a=0.2, b=0.2, c=0.1, d=1, x=0, shop=0)
    found = importance(graph, "shop", options=options).rows
    own = {one.native_id: one.unavailability for one in found}
    assert [own["a"], own["b"], own["c"]] == pytest.approx([1 - 0.8**0.5, 1 - 0.8**0.5, 0])
    parts = {one.native_id: one.contribution_minutes for one in found}
    assert [parts["a"], parts["b"]] == pytest.approx([0.1 * 525_600] * 2)


def test_cut_points_that_bring_each_other_down_may_be_down_always() -> None:
    graph = graph_of("shop -> a; shop -> b; a -> b; b -> a")
    options = cutting(graph, "a", "b", a=1, b=1, shop=0)
    assert unavailability_of(graph, "shop", options) == (1.0, Label.EXACT)
    own = [one.unavailability for one in importance(graph, "shop", options=options).rows]
    assert own[:2] == [1.0, 1.0]


def test_cut_points_that_do_not_settle_are_bounded_and_said() -> None:
    graph, options = never_settled()
    answer = availability(graph, ["shop"], options=options)
    (row,) = answer.services
    assert row.label is Label.BOUNDED
    assert row.lower < 0.1 < row.upper
    assert "'a' and others need each other: what is left of each was not" in str(
        answer.assumptions
    )
    assert explain(graph, "shop", options=options).contributions == ()
    minutes = {one.native_id: one for one in importance(graph, "shop", options=options).rows}["d"]
    assert minutes.label is Label.BOUNDED


def test_a_cut_point_above_some_that_do_not_settle_is_bounded() -> None:
    graph = graph_of(f"{SLOW.replace('shop -> a', 'shop -> c; shop -> a')}; c -> a & w")
    u = {"a": 0.1, "b": 0.1, "c": 0.3, "d": NEARLY, "e": NEXT_TO_IT, "shop": 0, "w": 0, "x": 0}
    options = cutting(graph, "a", "b", "c", **u)
    found = importance(graph, "shop", options=options).rows
    ends = {one.native_id: (one.minutes_lower or 0.0, one.minutes_upper or 0.0) for one in found}
    assert ends["c"][0] < 0.2 / 0.9 * 525_600 * 0.9 < ends["c"][1]


def test_what_rests_on_cut_points_known_between_bounds_is_not_sampled() -> None:
    graph, options = never_settled()
    (one,) = uncertainty(graph, ["shop"], options=options, ranges={1: (0.05, 0.2)}, samples=4)
    assert one.median is None
    assert one.reason.startswith("of CIs with all beneath them only bounds are known")
    graph, options = beyond_the_budget(1, 0.2)
    (one,) = uncertainty(graph, ["shop"], options=options, samples=4)
    assert one.reason.startswith("of CIs with all beneath them only bounds are known")
    exact = replace(options, nodes_per_module=(8192,))
    (one,) = uncertainty(graph, ["shop"], options=exact, samples=4)
    assert one.median == pytest.approx(unavailability_of(graph, "shop", exact)[0])
    assert one.reason == ""


def test_an_unknown_cut_point_may_be_down_always_if_what_it_shares_is_unknown() -> None:
    graph = graph_of("shop -> cloud; shop -> db | x; shop -> y | x; cloud -> db | y")
    options = cutting(graph, "cloud", shop=0, x=0.1, y=0.2)
    (row,) = availability(graph, ["shop"], options=options).services
    assert row.lower == pytest.approx(0.02)
    assert row.upper == 1.0
    assert row.missing == ("t:server:cloud", "t:server:db")


def test_a_shared_cause_of_a_cut_point_is_part_of_its_promise() -> None:
    records = records_of_text("shop -> cloud & db; shop -> other; cloud -> db")
    ids = records.cis.native_id
    records.cis.attributes["site"] = {ids.index("cloud"): "muc", ids.index("other"): "muc"}
    graph = build_service_graph(records).graph
    options = cutting(graph, "cloud", cloud=0.1, db=0.04, other=0.05, shop=0)
    options = replace(options, common_causes=(CommonCauses(attribute="site", beta=0.5),))
    found, _ = unavailability_of(graph, "shop", options)
    cause, rest = 0.025, 1 - 0.95 / 0.975
    assert found == pytest.approx(1 - (1 - 0.1) * (1 - rest))  # the cause and db are in 0.1
    assert found < 1 - 0.9 * 0.95 - cause / 2


# --- brute force --------------------------------------------------------------------------------


def folded_by_paths(
    graph: ServiceGraph, inclusive: frozenset[int], level: Level
) -> frozenset[int]:
    """Return the CIs that CI 0 does not reach if one of the cut points is taken away."""
    needs = Needs(graph, frozenset())
    everything = beneath(needs, 0, level)
    found: set[int] = set()
    for one in inclusive - {0}:
        without = beneath(Needs(graph, frozenset([one])), 0, level)
        found |= everything - without
    return frozenset(found)


def over_all_states(graph: ServiceGraph, level: Level) -> Callable[[np.ndarray], np.ndarray]:
    """Return how likely each CI has failed, as a function of the own unavailabilities."""
    states = np.array(list(product((0, 1), repeat=graph.ci_count)))
    failed = np.array(
        [
            propagate(graph, dict.fromkeys(np.flatnonzero(state).tolist(), Status.DOWN))
            >= _CUT[level]
            for state in states
        ]
    )
    return lambda u: np.prod(np.where(states, u, 1 - u), axis=1) @ failed


def bisected(
    chances: Callable[[np.ndarray], np.ndarray], u: np.ndarray, ci: int, p: float
) -> None:
    """Set the own unavailability of a CI so that it is down as often as promised."""
    low, high = 0.0, 1.0
    for _ in range(60):
        u[ci] = (low + high) / 2
        low, high = (u[ci], high) if chances(u)[ci] < p else (low, u[ci])
    u[ci] = low if low > 1e-15 else 0.0


@settings(max_examples=60, deadline=None)
@given(
    graph=graphs(max_cis=8),
    shares=st.lists(st.integers(1, 60), min_size=8, max_size=8),
    inclusive=st.frozensets(st.integers(1, 7), min_size=1, max_size=3),
    level=st.sampled_from(list(Level)),
)
def test_each_cut_point_is_down_as_often_as_said_in_all_states_together(
    graph: ServiceGraph, shares: list[int], inclusive: frozenset[int], level: Level
) -> None:
    inclusive = frozenset(ci for ci in inclusive if ci < graph.ci_count)
    needs = Needs(graph, frozenset())
    below = {ci: beneath(needs, ci, level) for ci in inclusive}
    assume(
        not any(
            one in below[two] and two in below[one] for one in below for two in below if one != two
        )
    )
    promised = np.array(shares[: graph.ci_count]) / 100
    folded = folded_by_paths(graph, inclusive, level)
    chances, u = over_all_states(graph, level), promised.copy()
    u[list(folded)] = 0.0
    for ci in sorted(inclusive - folded, key=lambda ci: len(below[ci])):
        if ci in beneath(needs, 0, level):
            bisected(chances, u, ci, promised[ci])
    own = {ci: Reliability(unavailability=float(share)) for ci, share in enumerate(promised)}
    options = AvailabilityOptions(own=own, level=level, cut_points=inclusive)
    (found,) = availability(graph, [graph.ci_ids[0]], options=options).services
    assert found.label is Label.EXACT
    assert found.lower == pytest.approx(chances(u)[0], rel=1e-9, abs=1e-12)
