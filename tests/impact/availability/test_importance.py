"""Importance of groups, over all services, and of services beyond the budget."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from impact.availability.stated import RING, budgeted, ring_down, stating
from impact.availability.test_exact import chances, formulas
from ripplegraph.graph.build import build_service_graph
from ripplegraph.impact.availability import fault_tree_answers
from ripplegraph.impact.availability.answers import importance
from ripplegraph.impact.availability.asked_trees import ask_trees
from ripplegraph.impact.availability.bounded_importance import bounded_slopes
from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.cut_set_diagrams import CutSetDiagrams
from ripplegraph.impact.availability.cut_sets import minimal_cut_sets
from ripplegraph.impact.availability.evaluate import birnbaum
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder
from ripplegraph.impact.availability.fussell_vesely import CutSetChances
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS
from ripplegraph.impact.availability.values import Label

VARIABLES = 6


def chance_of_any(sets: list[tuple[int, ...]], q: np.ndarray) -> float:
    """Return how likely all of one of these sets have failed, over all states."""
    total = 0.0
    for state in product((0, 1), repeat=len(q)):
        if any(all(state[one] for one in members) for members in sets):
            total += float(np.prod([p if s else 1 - p for s, p in zip(state, q, strict=True)]))
    return total


@settings(max_examples=60, deadline=None)
@given(formulas(coherent=True), chances(), st.sets(st.integers(0, VARIABLES - 1)))
def test_fussell_vesely_of_a_group_counts_the_cut_sets_with_a_member(
    made: tuple[Formula, list[int]], q: np.ndarray, members: set[int]
) -> None:
    formula, roots = made
    fleet = compile_fleet(formula, roots)
    chances_of = CutSetChances(diagrams=CutSetDiagrams(fleet=fleet), q=q)
    place = len(roots) - 1
    cuts = minimal_cut_sets(formula, roots[-1]).sets
    expected = chance_of_any([one for one in cuts if members & set(one)], q)
    found = chances_of.of_group(place, frozenset(members))
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)
    alone = chances_of.of(place)
    assert alone is not None
    for one in range(VARIABLES):
        of_one = chances_of.of_group(place, frozenset({one}))
        assert of_one == pytest.approx(alone.get(one, 0.0), rel=1e-12, abs=1e-15)


def test_what_a_group_saves_keeps_its_digits_beside_a_much_larger_total() -> None:
    records = records_of_text("shop -> w & p; p -> a | b")
    for name in "ab":
        records.cis.owner_team[records.cis.native_id.index(name)] = "red"
    graph = build_service_graph(records).graph
    options = stating(graph, w=0.5, p=0, a=1e-7, b=3e-9)
    (red,) = importance(graph, "shop", options=options, group_by="team").groups
    assert red.minutes == pytest.approx(0.5 * 3e-16 * 525_600, rel=1e-12)
    assert red.minutes_lower == red.minutes == red.minutes_upper


def test_a_group_in_two_modules_counts_the_cut_sets_of_either() -> None:
    graph = graph_of("shop -> p1 & p2; p1 -> a | b; p2 -> c | d")
    options = stating(graph, a=0.1, b=0.2, c=0.3, d=0.4, p1=0, p2=0)
    records = records_of_text("shop -> p1 & p2; p1 -> a | b; p2 -> c | d")
    for name, team in (("a", "red"), ("c", "red"), ("b", "blue")):
        records.cis.owner_team[records.cis.native_id.index(name)] = team
    graph = build_service_graph(records).graph
    groups = {
        one.key: one for one in importance(graph, "shop", options=options, group_by="team").groups
    }
    total = 1 - (1 - 0.02) * (1 - 0.12)
    assert groups["red"].fussell_vesely == pytest.approx(1.0)
    assert groups["blue"].fussell_vesely == pytest.approx(0.02 / total)
    # down, and neither a nor c: impossible; down without b: c and d are
    assert groups["red"].dif == pytest.approx(1.0)
    assert groups["blue"].dif == pytest.approx(1 - 0.8 * 0.12 / total)


def test_groups_with_too_many_cut_sets_have_no_fussell_vesely_and_it_shows() -> None:
    records = records_of_text("shop -> 30 of (" + ", ".join(f"h{n}" for n in range(60)) + ")")
    graph = build_service_graph(records).graph
    options = stating(graph, **{f"h{n}": 0.1 for n in range(60)})
    answer = importance(graph, "shop", options=options, group_by="class")
    (group,) = answer.groups
    assert group.fussell_vesely is None
    assert answer.assumptions[-1] == (
        "No Fussell-Vesely importance of groups for t:service:shop: too many minimal cut sets."
    )


def test_an_estate_adds_up_what_each_ci_means_to_all_services() -> None:
    graph = graph_of("svc1 -> a & b; svc2 -> b | c; svc3 -> a")
    options = stating(graph, a=0.01, b=0.1, c=0.2)
    answer = importance(graph, options=options, group_by="class")
    by_name = {one.native_id: one for one in answer.totals}
    for name, one in by_name.items():
        rows = [row for row in answer.rows if row.native_id == name and row.birnbaum]
        assert one.minutes == pytest.approx(sum(row.minutes or 0.0 for row in rows))
        assert one.service_count == len(rows)
        worst = max(rows, key=lambda row: row.minutes or 0.0)
        assert (one.worst_service, one.worst_minutes) == (worst.service, worst.minutes)
    assert [one.native_id for one in answer.totals if one.minutes] == ["b", "c", "a"]
    assert [by_name[name].alone_count for name in "abc"] == [2, 1, 0]
    assert answer.total_count == len(answer.totals)
    assert len(importance(graph, options=options, limit=1).totals) == 1
    (total,) = answer.group_totals
    assert (total.key, total.service_count) == ("server", 3)
    assert total.minutes == pytest.approx(sum(one.minutes or 0.0 for one in answer.groups))
    one_service = importance(graph, "svc1", options=options, group_by="class")
    assert (one_service.totals, one_service.group_totals) == ((), ())


def test_an_estate_where_nothing_fails_has_no_totals() -> None:
    graph = graph_of("svc1", services=("svc1",))
    assert importance(graph).totals == ()


def test_minutes_at_stake_stand_in_the_window_asked_for() -> None:
    graph = graph_of("shop -> db")
    options = replace(stating(graph, db=0.25), window_minutes=43_200.0)
    answer = importance(graph, "shop", options=options, group_by="class")
    assert answer.rows[0].minutes_per_window == pytest.approx(10_800.0)
    assert answer.groups[0].minutes_per_window == pytest.approx(10_800.0)


def test_a_service_beyond_the_budget_has_importance_between_bounds() -> None:
    graph = graph_of(RING.replace("shop -> ", "shop -> alone & ") + "; svc1 -> a")
    options = budgeted(graph, 0.001)
    options = replace(options, own={**options.own, **stating(graph, alone=0.01).own})
    exact = importance(graph, options=replace(options, nodes_per_module=(8_192,)))
    answer = importance(graph, options=options, group_by="class")
    shop = graph.ci_ids[graph.resolve("shop")]
    assert answer.labels[shop] == "bounded"
    known = {(row.service, row.ci_id): row for row in exact.rows}
    assert len(answer.rows) == len(known)
    for row in answer.rows:
        theirs = known[row.service, row.ci_id]
        assert row.label is (Label.BOUNDED if row.service == shop else Label.EXACT)
        assert row.minutes_lower is not None
        assert row.minutes_upper is not None
        assert theirs.minutes is not None
        assert row.minutes_lower <= theirs.minutes * (1 + 1e-9) + 1e-15
        assert theirs.minutes <= row.minutes_upper * (1 + 1e-9) + 1e-15
        assert row.minutes == pytest.approx(theirs.minutes, rel=0.01)
        assert (row.fussell_vesely is None) == (row.service == shop)
        assert (row.contribution_minutes is None) == (row.service == shop)
    (alone,) = [row for row in answer.rows if row.native_id == "alone"]
    assert alone.birnbaum == pytest.approx(1 - ring_down(0.001), rel=1e-8)
    assert any(
        said.startswith(f"Importance for {shop} lies between") for said in answer.assumptions
    )
    assert answer.assumptions[-1].startswith(f"Groups of {shop} lie between bounds")


@settings(max_examples=40, deadline=None)
@given(formulas(coherent=True), chances(), st.sampled_from([1, 4]))
def test_a_derivative_lies_between_its_bounds(
    made: tuple[Formula, list[int]], q: np.ndarray, limit: int
) -> None:
    formula, roots = made
    exact = compile_fleet(formula, roots)
    options = replace(DEFAULT_OPTIONS, nodes_per_module=(limit,))
    asked = ask_trees(trees_of(formula, roots[-1], q), [0], options)
    for found in bounded_slopes(asked):
        variables, slopes = birnbaum(exact, q, len(roots) - 1)
        known = dict(zip(variables.tolist(), slopes.tolist(), strict=True))
        assert found.is_whole
        rows = zip(found.variables.tolist(), found.value, found.lower, found.upper, strict=True)
        for variable, value, lower, upper in rows:
            assert lower - 1e-12 <= known.get(variable, 0.0) <= upper + 1e-12
            assert lower <= value <= upper


def trees_of(formula: Formula, root: int, q: np.ndarray) -> FaultTrees:
    names = tuple(f"e{at}" for at in range(len(q)))
    return FaultTrees(
        formula=formula,
        roots=(root,),
        root_names=("top",),
        root_labels=("",),
        variable_names=names,
        variable_labels=names,
        unavailability=q,
    )


def ring_and_one_alone() -> FaultTrees:
    """Return a ring of five pairs, or one event that is enough."""
    builder = FormulaBuilder()
    events = [builder.variable(number) for number in range(VARIABLES)]
    pairs = [builder.all_of([events[n], events[(n + 1) % 5]]) for n in range(5)]
    root = builder.any_of([*pairs, events[5]])
    return trees_of(builder.build(), root, np.full(VARIABLES, 0.01))


@pytest.mark.parametrize("is_out_of_time", [True, False])
def test_beyond_the_work_only_what_alone_is_enough_has_importance(is_out_of_time: bool) -> None:
    trees = ring_and_one_alone()
    over = iter([False] * 2)
    options = replace(
        DEFAULT_OPTIONS,
        nodes_per_module=(4,),
        samples=640,
        is_over=(lambda: next(over, True)) if is_out_of_time else None,
    )
    asked = ask_trees(trees, [0], options)
    work = 2 * VARIABLES * asked.bounds_of(0).steps
    (found,) = bounded_slopes(asked, most_steps=work if is_out_of_time else work - 1)
    assert (found.variables.tolist(), found.is_whole) == ([5], False)
    answer = fault_tree_answers.importance(trees, options=replace(options, is_over=lambda: True))
    assert [row.ci_id for row in answer.rows] == ["e5"]
    assert "only of what alone brings it down" in answer.assumptions[-1]


def test_a_tree_with_not_beyond_the_budget_has_no_importance_and_it_shows() -> None:
    builder = FormulaBuilder()
    events = [builder.variable(number) for number in range(4)]
    root = builder.exclusive(events)
    trees = trees_of(builder.build(), root, np.full(4, 0.1))
    options = replace(DEFAULT_OPTIONS, nodes_per_module=(1,), samples=640)
    answer = fault_tree_answers.importance(trees, "top", options=options)
    assert answer.rows == ()
    assert answer.assumptions[-1] == (
        "No importance for top: not exact within the budget, and NOT or XOR lies beneath."
    )
