"""Minimal cut sets counted and weighed by diagrams, against lists and all 2^n states."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.availability.test_exact import chances, formulas
from ripplegraph.impact.availability import cut_set_lists
from ripplegraph.impact.availability.compile import (
    NodeBudget,
    compile_fleet,
)
from ripplegraph.impact.availability.cut_set_diagrams import (
    CutSetDiagrams,
    TooManyCutSetsError,
    counts_by_order,
)
from ripplegraph.impact.availability.cut_set_lists import listed_cut_sets, listed_path_sets
from ripplegraph.impact.availability.cut_sets import minimal_cut_sets, minimal_path_sets
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder
from ripplegraph.impact.availability.fussell_vesely import CutSetChances


def brute_rests(sets: tuple[tuple[int, ...], ...], q: np.ndarray) -> dict[int, float]:
    """Return by variable how likely some listed set with it is down, over all states."""
    found = dict.fromkeys({one for row in sets for one in row}, 0.0)
    for state in product((False, True), repeat=len(q)):
        weight = float(np.prod(np.where(state, q, 1 - q)))
        down = [row for row in sets if all(state[one] for one in row)]
        for variable in {one for row in down for one in row}:
            found[variable] += weight
    return found


@settings(max_examples=60, deadline=None)
@given(formulas(coherent=True), chances())
def test_counts_and_chances_are_those_of_the_listed_sets(
    made: tuple[Formula, list[int]], q: np.ndarray
) -> None:
    formula, roots = made
    fleet = compile_fleet(formula, roots)
    diagrams = CutSetDiagrams(fleet=fleet)
    found = CutSetChances(diagrams=diagrams, q=q)
    for place, root in enumerate(roots):
        sets = minimal_cut_sets(formula, root).sets
        counts = dict(enumerate(counts_by_order(diagrams, place)))
        assert {size: n for size, n in counts.items() if n} == Counter(map(len, sets))
        assert found.of(place) == pytest.approx(brute_rests(sets, q), rel=1e-12, abs=1e-300)


@settings(max_examples=60, deadline=None)
@given(formulas(coherent=True))
def test_lists_from_diagrams_are_those_of_the_formula(made: tuple[Formula, list[int]]) -> None:
    formula, roots = made
    fleet = compile_fleet(formula, roots)
    for place, root in enumerate(roots):
        listed = listed_cut_sets(fleet, place, np.full(6, 0.1))
        assert listed.found == minimal_cut_sets(formula, root)
        paths = listed_path_sets(fleet, place, limit=1_000)
        assert paths == minimal_path_sets(formula, root)


@settings(max_examples=40, deadline=None)
@given(formulas(coherent=True), chances(), st.integers(1, 3), st.sampled_from([0.0, 0.01, 0.3]))
def test_sets_are_left_out_by_order_and_by_probability(
    made: tuple[Formula, list[int]], q: np.ndarray, order: int, least: float
) -> None:
    formula, roots = made
    fleet = compile_fleet(formula, roots)
    found = listed_cut_sets(fleet, len(roots) - 1, q, max_order=order, min_probability=least).found
    every = minimal_cut_sets(formula, roots[-1]).sets
    expected = [one for one in every if len(one) <= order and np.prod(q[list(one)]) >= least]
    assert list(found.sets) == expected
    assert found.is_complete == (len(expected) == len(every))


def test_more_sets_than_the_limit_are_listed_up_to_the_order_that_fits() -> None:
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(8)]
    pairs = builder.at_least(2, nodes[:4])
    root = builder.any_of([pairs, builder.at_least(3, nodes[3:])])
    fleet = compile_fleet(builder.build(), [root])
    listed = listed_cut_sets(fleet, 0, np.full(8, 0.1), limit=9)
    assert (len(listed.found.sets), listed.found.complete_order) == (6, 2)
    assert listed.counts == (0, 0, 6, 10)
    assert not listed.found.is_complete
    unlikely = np.array([0.1] * 3 + [1e-4] * 5)
    likely = listed_cut_sets(fleet, 0, unlikely, limit=9, min_probability=1e-6)
    assert likely.found.complete_order is None
    assert len(likely.found.sets) == 6
    more = listed_cut_sets(fleet, 0, unlikely, limit=9, min_probability=1e-13)
    assert more.found.complete_order == 2


def test_a_root_beyond_the_budget_is_listed_up_to_three_and_has_no_path_sets() -> None:
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(10)]
    parts = [builder.all_of([nodes[n], nodes[(n + 3) % 10]]) for n in range(10)]
    root = builder.any_of([*parts, builder.all_of(nodes[:4])])
    budget = NodeBudget(nodes_per_module=(3,))
    fleet = compile_fleet(builder.build(), [root], budget=budget)
    listed = listed_cut_sets(fleet, 0, np.full(10, 0.1))
    assert (len(listed.found.sets), listed.counts) == (10, ())
    assert not listed_path_sets(fleet, 0, limit=9).is_complete


def test_modules_multiply_in() -> None:
    builder = FormulaBuilder()
    a, b, d, e, f = map(builder.variable, range(5))
    inner = builder.all_of([d, builder.any_of([e, f])])
    root = builder.at_least(2, [a, b, inner])
    formula, q = builder.build(), np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    fleet = compile_fleet(formula, [root])
    diagrams = CutSetDiagrams(fleet=fleet)
    assert len(diagrams.modules_of(int(fleet.root_input[0]))) > 1
    sets = minimal_cut_sets(formula, root).sets
    assert counts_by_order(diagrams, 0) == (0, 0, 1, 4)
    assert CutSetChances(diagrams=diagrams, q=q).of(0) == pytest.approx(brute_rests(sets, q))
    assert listed_cut_sets(fleet, 0, q).found.sets == sets
    paths = minimal_path_sets(formula, root).sets
    assert listed_path_sets(fleet, 0, limit=99).sets == paths


def test_sets_are_counted_that_are_too_many_to_list() -> None:
    builder = FormulaBuilder()
    pairs = [[builder.variable(2 * n), builder.variable(2 * n + 1)] for n in range(50)]
    root = builder.all_of([builder.any_of(pair) for pair in pairs])
    fleet = compile_fleet(builder.build(), [root])
    counts = counts_by_order(CutSetDiagrams(fleet=fleet), 0)
    assert counts == (*(0,) * 50, 2**50)


def test_lists_of_roots_with_too_many_nodes_fall_back_on_an_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cut_set_lists, "counts_by_order", too_many)
    builder = FormulaBuilder()
    root = builder.all_of([builder.variable(0), builder.variable(1)])
    fleet = compile_fleet(builder.build(), [root])
    listed = listed_cut_sets(fleet, 0, np.full(2, 0.1))
    assert (listed.found.sets, listed.counts) == (((0, 1),), ())
    assert not listed_path_sets(fleet, 0, limit=9).is_complete


def too_many(diagrams: CutSetDiagrams, place: int) -> tuple[int, ...]:
    raise TooManyCutSetsError


def test_a_single_variable_is_its_own_cut_set() -> None:
    builder = FormulaBuilder()
    variable = builder.variable(0)
    fleet = compile_fleet(builder.build(), [variable])
    diagrams = CutSetDiagrams(fleet=fleet)
    assert counts_by_order(diagrams, 0) == (0, 1)
    assert CutSetChances(diagrams=diagrams, q=np.array([0.25])).of(0) == {0: 0.25}
    assert listed_cut_sets(fleet, 0, np.array([0.25])).found.sets == ((0,),)


def test_diagrams_beyond_their_limits_say_so() -> None:
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(12)]
    root = builder.at_least(6, nodes)
    fleet = compile_fleet(builder.build(), [root])
    with pytest.raises(TooManyCutSetsError):
        counts_by_order(CutSetDiagrams(fleet=fleet, most_nodes=10), 0)
    few = CutSetChances(diagrams=CutSetDiagrams(fleet=fleet), q=np.full(12, 0.1), most_work=10)
    assert few.of(0) is None
