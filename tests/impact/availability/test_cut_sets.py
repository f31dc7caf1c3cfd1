"""Minimal cut sets and path sets, against all 2^n states."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.cut_sets import minimal_cut_sets, minimal_path_sets
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder

COUNT = 6


@st.composite
def formulas(draw: st.DrawFn) -> tuple[Formula, int]:
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(COUNT)]
    nodes += [builder.true(), builder.false()]
    for _ in range(draw(st.integers(1, 6))):
        chosen = draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=4, unique=True))
        weights = draw(st.lists(st.integers(1, 3), min_size=len(chosen), max_size=len(chosen)))
        gate = draw(st.sampled_from(["any", "all", "at least"]))
        if gate == "any":
            nodes.append(builder.any_of(chosen))
        elif gate == "all":
            nodes.append(builder.all_of(chosen))
        else:
            nodes.append(builder.at_least(draw(st.integers(1, 5)), chosen, weights))
    return builder.build(), nodes[-1]


def fails(formula: Formula, root: int, failed: tuple[int, ...]) -> bool:
    q = np.zeros(max(COUNT, formula.variable_count))
    q[list(failed)] = 1.0
    return bool(failure_probabilities(compile_fleet(formula, [root]), q)[0])


def by_brute_force(formula: Formula, root: int, *, dual: bool) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    everything = set(range(COUNT))
    for order in range(COUNT + 1):
        for chosen in combinations(range(COUNT), order):
            if any(set(one) <= set(chosen) for one in found):
                continue
            if dual:
                is_hit = not fails(formula, root, tuple(sorted(everything - set(chosen))))
            else:
                is_hit = fails(formula, root, chosen)
            if is_hit:
                found.append(chosen)
    return found


@given(drawn=formulas())
@settings(max_examples=60, deadline=None)
def test_cut_and_path_sets_are_those_of_all_states(drawn: tuple[Formula, int]) -> None:
    formula, root = drawn
    cuts, paths = minimal_cut_sets(formula, root), minimal_path_sets(formula, root)
    assert list(cuts.sets) == by_brute_force(formula, root, dual=False)
    assert list(paths.sets) == by_brute_force(formula, root, dual=True)
    assert cuts.is_complete
    assert cuts.complete_order is None


@given(drawn=formulas(), order=st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_up_to_an_order_every_set_is_listed(drawn: tuple[Formula, int], order: int) -> None:
    formula, root = drawn
    everything = minimal_cut_sets(formula, root).sets
    found = minimal_cut_sets(formula, root, max_order=order)
    assert found.sets == tuple(one for one in everything if len(one) <= order)
    assert found.is_complete or found.complete_order is not None


def test_where_sets_explode_the_list_says_up_to_which_order_it_is_whole() -> None:
    builder = FormulaBuilder()
    sides = [
        builder.any_of([builder.variable(10 * side + at) for at in range(10)]) for side in range(2)
    ]
    top = builder.any_of([builder.all_of(sides), builder.variable(20)])
    found = minimal_cut_sets(builder.build(), top, limit=50)
    assert found.sets == ((20,),)
    assert not found.is_complete
    assert found.complete_order == 1


def test_where_not_even_single_failures_fit_nothing_is_claimed() -> None:
    builder = FormulaBuilder()
    top = builder.any_of([builder.variable(at) for at in range(5)])
    found = minimal_cut_sets(builder.build(), top, limit=2)
    assert (found.sets, found.is_complete, found.complete_order) == ((), False, 0)


def test_not_is_refused() -> None:
    builder = FormulaBuilder()
    top = builder.negation(builder.variable(0))
    with pytest.raises(ValueError, match="without NOT and XOR"):
        minimal_cut_sets(builder.build(), top)


def test_an_order_below_one_is_refused() -> None:
    builder = FormulaBuilder()
    top = builder.variable(0)
    with pytest.raises(ValueError, match="max_order and limit >= 1, got 0"):
        minimal_cut_sets(builder.build(), top, max_order=0)
