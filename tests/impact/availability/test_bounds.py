"""Bounds of roots beyond the budget: they hold, they are close, and they are reached."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.availability.test_exact import brute_force, chances, formulas
from ripplegraph.impact.availability.bound_plans import (
    Blocks,
    Exact,
    Independent,
    Loose,
    RootBounds,
)
from ripplegraph.impact.availability.bounds import root_bounds
from ripplegraph.impact.availability.compile import (
    CompiledFleet,
    NodeBudget,
    compile_fleet,
)
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder


def ring(size: int) -> tuple[Formula, int]:
    """Return a ring that fails when two neighbours have."""
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(size)]
    pairs = [builder.all_of([nodes[n], nodes[(n + 1) % size]]) for n in range(size)]
    root = builder.any_of(pairs)
    return builder.build(), root


def limited(nodes: int) -> NodeBudget:
    return NodeBudget(nodes_per_module=(nodes,))


@settings(max_examples=60, deadline=None)
@given(formulas(coherent=True), chances(), st.sampled_from([1, 3, 5, 9, 20]))
def test_the_probability_over_all_states_lies_between_the_bounds(
    made: tuple[Formula, list[int]], q: np.ndarray, limit: int
) -> None:
    formula, roots = made
    lower, upper = root_bounds(formula, roots[-1], budget=limited(limit)).interval(q)
    assert lower <= brute_force(formula, roots[-1], q) + 1e-15
    assert brute_force(formula, roots[-1], q) - 1e-15 <= upper


def test_bounds_of_a_large_ring_are_a_few_thousandths_wide() -> None:
    formula, root = ring(40)
    q = np.full(40, 0.001)
    exact = float(failure_probabilities(compile_fleet(formula, [root]), q)[0])
    bounds = root_bounds(formula, root, budget=limited(40))
    lower, upper = bounds.interval(q)
    assert lower < exact < upper
    assert upper - lower < 5e-3 * exact
    assert isinstance(bounds.plan, Blocks)
    assert root_bounds(formula, root, budget=limited(9_999)).interval(q) == pytest.approx(
        (exact, exact), rel=1e-11
    )


def test_a_ring_whose_members_always_fail_is_down() -> None:
    formula, root = ring(40)
    lower, upper = root_bounds(formula, root, budget=limited(40)).interval(np.ones(40))
    assert lower == pytest.approx(1.0)
    assert upper == 1.0


def test_what_alone_brings_a_root_about_is_exact_whatever_the_budget() -> None:
    builder = FormulaBuilder()
    alone = builder.variable(6)
    nodes = [builder.variable(number) for number in range(6)]
    parts = [builder.all_of([nodes[n], nodes[(n + 1) % 6]]) for n in range(6)]
    root = builder.any_of([alone, *parts])
    q = np.array([1e-6] * 6 + [0.25])
    bounds = root_bounds(builder.build(), root, budget=limited(5))
    lower, upper = bounds.interval(q)
    assert isinstance(bounds.plan, Independent)
    assert 0.25 < lower < upper < 0.25 + 1e-11


def test_a_pair_without_a_diagram_counts_with_the_smaller_of_the_two() -> None:
    blocks = Blocks((Exact(0, 0), Exact(0, 1)), {(0, 1): None})
    bounds = RootBounds(fleets=(two_variables(),), plan=blocks)
    # lower: the likelier one, and of the other what is left; upper: as if independent
    assert bounds.interval(np.array([0.25, 0.5])) == pytest.approx((0.5, 0.625))


def two_variables() -> CompiledFleet:
    builder = FormulaBuilder()
    nodes = [builder.variable(0), builder.variable(1)]
    return compile_fleet(builder.build(), nodes)


def test_a_threshold_too_large_to_multiply_out_is_bounded_by_its_members() -> None:
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(12)]
    pairs = [builder.any_of([nodes[n], nodes[(n + 1) % 12]]) for n in range(12)]
    root = builder.at_least(11, pairs)
    formula, q = builder.build(), np.full(12, 0.5)
    bounds = root_bounds(formula, root, budget=limited(4), most_parts=4)
    assert isinstance(bounds.plan, Loose)
    lower, upper = bounds.interval(q)
    assert lower <= brute_force(formula, root, q) <= upper
    assert (lower, upper) == pytest.approx((0.75**11, 1.0))  # two of the least likely: over 1


def test_bounds_still_hold_when_the_time_is_over_before_anything_is_compiled() -> None:
    formula, root = ring(6)
    bounds = root_bounds(formula, root, budget=NodeBudget(is_over=lambda: True))
    lower, upper = bounds.interval(np.full(6, 0.5))
    exact = brute_force(formula, root, np.full(6, 0.5))
    assert 0.2499 < lower < exact < upper < 1.0


@pytest.mark.parametrize(("limit", "most_parts"), [(2, 100), (2, 3), (2, 0)])
def test_a_redundant_top_is_multiplied_out_as_far_as_allowed(limit: int, most_parts: int) -> None:
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(10)]
    two_of_three = [builder.at_least(2, nodes[at : at + 3]) for at in (0, 2)]
    inner = builder.all_of([builder.any_of(nodes[4:7]), builder.at_least(3, nodes[5:10])])
    root = builder.all_of([*two_of_three, builder.any_of([inner, nodes[0]])])
    formula, q = builder.build(), np.linspace(0.05, 0.5, 10)
    exact = brute_force(formula, root, q)
    for budget in (limited(limit), NodeBudget(is_over=lambda: True)):
        bounds = root_bounds(formula, root, budget=budget, most_parts=most_parts)
        lower, upper = bounds.interval(q)
        assert 0.0 < lower <= exact <= upper < 1.0


def test_constants_are_bounded_by_themselves() -> None:
    builder = FormulaBuilder()
    always, never = builder.true(), builder.false()
    for root, expected in ((always, (1.0, 1.0)), (never, (0.0, 0.0))):
        for budget in (limited(1), NodeBudget(is_over=lambda: True)):
            found = root_bounds(builder.build(), root, budget=budget).interval(np.zeros(0))
            assert found == pytest.approx(expected)


def test_weights_are_multiplied_out_to_the_smallest_sets_that_are_enough() -> None:
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(5)]
    root = builder.at_least(4, nodes, [3, 2, 2, 1, 1])
    formula, q = builder.build(), np.array([0.1, 0.2, 0.3, 0.2, 0.1])
    lower, upper = root_bounds(formula, root, budget=limited(4)).interval(q)
    enough = sum(
        float(np.prod(np.where(state, q, 1 - q)))
        for state in product([False, True], repeat=5)
        if sum(w for w, s in zip([3, 2, 2, 1, 1], state, strict=True) if s) >= 4
    )
    assert lower < enough < upper
