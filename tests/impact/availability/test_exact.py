"""Exact probabilities against all 2^n states of small random formulas."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.impact.availability.compile import ModuleMemo, NodeBudget, compile_fleet
from ripplegraph.impact.availability.contributions import contributions
from ripplegraph.impact.availability.evaluate import (
    birnbaum,
    birnbaum_all,
    failure_probabilities,
)
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder, Op

_VARIABLES = 6


def truth(formula: Formula, root: int, state: tuple[int, ...]) -> int:
    """Return whether the root has failed, from the definition of each gate."""
    values: list[int] = []
    for node, op in enumerate(formula.op.tolist()):
        start, end = formula.child_offsets[node : node + 2].tolist()
        under: list[int] = [values[child] for child in formula.children[start:end].tolist()]
        weights: list[int] = formula.weights[start:end].tolist()
        threshold = int(formula.threshold[node])
        values.append(
            {
                Op.VARIABLE: state[formula.variable[node]],
                Op.AND: int(all(under)),
                Op.OR: int(any(under)),
                Op.AT_LEAST: int(
                    sum(w * v for w, v in zip(weights, under, strict=True)) >= threshold
                ),
                Op.NOT: int(not any(under)),
                Op.XOR: sum(under) % 2,
                Op.TRUE: 1,
                Op.FALSE: 0,
            }[Op(op)]
        )
    return values[root]


def brute_force(formula: Formula, root: int, q: np.ndarray) -> float:
    total = 0.0
    for state in product((0, 1), repeat=len(q)):
        if truth(formula, root, state):
            total += float(np.prod([p if s else 1 - p for s, p in zip(state, q, strict=True)]))
    return total


@st.composite
def formulas(draw: st.DrawFn, *, coherent: bool) -> tuple[Formula, list[int]]:
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(_VARIABLES)]
    nodes += [builder.true(), builder.false()] if draw(st.booleans()) else []
    gates = ["any", "all", "least"] + ([] if coherent else ["not", "xor"])
    for gate in draw(st.lists(st.sampled_from(gates), min_size=1, max_size=8)):
        under = draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=5))
        match gate:
            case "any":
                made = builder.any_of(under)
            case "all":
                made = builder.all_of(under)
            case "not":
                made = builder.negation(under[0])
            case "xor":
                made = builder.exclusive(under)
            case _:
                weight = st.lists(st.integers(0, 4), min_size=len(under), max_size=len(under))
                made = builder.at_least(draw(st.integers(0, 8)), under, draw(weight))
        nodes.append(made)
    return builder.build(), nodes[_VARIABLES:]


@st.composite
def chances(draw: st.DrawFn) -> np.ndarray:
    one = st.floats(0.0, 1.0, allow_subnormal=False)
    return np.array(draw(st.lists(one, min_size=_VARIABLES, max_size=_VARIABLES)))


@settings(max_examples=60, deadline=None)
@given(formulas(coherent=False), chances())
def test_every_gate_fails_as_often_as_in_all_states_together(
    made: tuple[Formula, list[int]], q: np.ndarray
) -> None:
    formula, roots = made
    fleet = compile_fleet(formula, roots)
    expected = [brute_force(formula, root, q) for root in roots]
    assert failure_probabilities(fleet, q) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(formulas(coherent=True), chances(), st.integers(0, _VARIABLES - 1), st.floats(0.0, 1.0))
def test_a_ci_that_fails_more_often_never_makes_a_service_fail_less_often(
    made: tuple[Formula, list[int]], q: np.ndarray, variable: int, other: float
) -> None:
    formula, roots = made
    rows = np.stack([q, q])
    rows[:, variable] = sorted((q[variable], other))
    less, more = failure_probabilities(compile_fleet(formula, roots), rows)
    assert (less <= more * (1 + 1e-12) + 1e-300).all()


@settings(max_examples=40, deadline=None)
@given(formulas(coherent=False), chances())
def test_a_derivative_is_the_difference_of_conditioned_values(
    made: tuple[Formula, list[int]], q: np.ndarray
) -> None:
    formula, roots = made
    fleet = compile_fleet(formula, roots)
    slopes = dict.fromkeys(range(_VARIABLES), 0.0)
    variables, values = birnbaum(fleet, q, len(roots) - 1)
    slopes.update(zip(variables.tolist(), values.tolist(), strict=True))
    for variable, slope in slopes.items():
        rows = np.stack([q, q])
        rows[:, variable] = 1.0, 0.0
        failed, works = failure_probabilities(fleet, rows)[:, -1]
        assert slope == pytest.approx(failed - works, abs=1e-14)
    offsets, all_variables, all_values = birnbaum_all(fleet, q)
    assert all_variables[offsets[-2] : offsets[-1]].tolist() == variables.tolist()
    assert all_values[offsets[-2] : offsets[-1]].tolist() == values.tolist()


@settings(max_examples=40, deadline=None)
@given(formulas(coherent=True), chances())
def test_contributions_of_a_coherent_root_add_up_to_its_probability(
    made: tuple[Formula, list[int]], q: np.ndarray
) -> None:
    formula, roots = made
    fleet = compile_fleet(formula, roots)
    at_zero, at_q = failure_probabilities(fleet, np.stack([0 * q, q]))[:, -1]
    _, shares = contributions(fleet, q, len(roots) - 1)
    assert float(shares.sum()) == pytest.approx(at_q - at_zero, rel=2e-12, abs=1e-300)
    assert (shares >= 0).all()


def test_tiny_unavailabilities_keep_their_digits() -> None:
    builder = FormulaBuilder()
    a, b = builder.variable(0), builder.variable(1)
    roots = [builder.any_of([a, b]), builder.all_of([a, b])]
    fleet = compile_fleet(builder.build(), roots)
    values = failure_probabilities(fleet, np.array([1e-13, 2e-13]))
    assert values.tolist() == pytest.approx([3e-13 - 2e-26, 2e-26], rel=1e-15)


def test_six_of_eight_is_the_binomial_sum() -> None:
    builder = FormulaBuilder()
    # up while at least 6 of 8 are up: failed with 3
    root = builder.at_least(3, [builder.variable(number) for number in range(8)])
    fleet = compile_fleet(builder.build(), [root])
    expected = sum(comb(8, n) * 0.01**n * 0.99 ** (8 - n) for n in range(3, 9))
    assert failure_probabilities(fleet, np.full(8, 0.01))[0] == pytest.approx(expected, rel=1e-14)


def test_a_root_beyond_the_budget_is_marked_and_has_no_number() -> None:
    builder = FormulaBuilder()
    ring = [builder.variable(number) for number in range(10)]
    pairs = [builder.all_of([ring[n], ring[(n + 1) % 10]]) for n in range(10)]
    roots = [builder.any_of(pairs), builder.variable(0)]
    fleet = compile_fleet(builder.build(), roots, budget=NodeBudget(nodes_per_module=(8, 16)))
    assert fleet.is_exact.tolist() == [False, True]
    q = np.full(10, 0.5)
    assert failure_probabilities(fleet, q).tolist() == pytest.approx([np.nan, 0.5], nan_ok=True)
    assert [len(part) for part in birnbaum(fleet, q, 0)] == [0, 0]
    assert [len(part) for part in contributions(fleet, q, 0)] == [0, 0]
    assert birnbaum_all(fleet, q)[0].tolist() == [0, 0, 1]


def test_nothing_is_compiled_after_the_deadline() -> None:
    builder = FormulaBuilder()
    root = builder.variable(0)
    budget = NodeBudget(is_over=lambda: True)
    assert not compile_fleet(builder.build(), [root], budget=budget).is_exact[0]


def test_a_memo_keeps_the_diagrams_of_an_earlier_formula() -> None:
    memo = ModuleMemo()
    for _ in range(2):
        builder = FormulaBuilder()
        root = builder.all_of([builder.variable(0), builder.variable(1)])
        fleet = compile_fleet(builder.build(), [root], memo=memo)
        assert failure_probabilities(fleet, np.array([0.5, 0.5])).tolist() == [0.25]
    assert len(fleet.node_level) == 2  # one pair


@pytest.mark.parametrize(("k", "weights"), [(1, [1]), (1, [1, -1])])
def test_weights_that_do_not_fit_the_nodes_are_refused(k: int, weights: list[int]) -> None:
    builder = FormulaBuilder()
    nodes = [builder.variable(0), builder.variable(1)]
    with pytest.raises(ValueError, match="need one weight, 0 or more, for each of 2 nodes"):
        builder.at_least(k, nodes, weights)


def test_a_negative_variable_is_refused() -> None:
    with pytest.raises(ValueError, match="number of a variable, 0 or more, got -1"):
        FormulaBuilder().variable(-1)


def test_a_gate_with_a_node_and_its_negation_is_a_constant() -> None:
    builder = FormulaBuilder()
    a = builder.variable(0)
    assert builder.any_of([a, builder.negation(a)]) == builder.true()
    assert builder.all_of([a, builder.negation(a)]) == builder.false()
    assert builder.exclusive([a, a]) == builder.false()
    assert builder.exclusive([a, builder.negation(a)]) == builder.true()


def test_contributions_take_more_points_where_many_variables_must_fail_together() -> None:
    builder = FormulaBuilder()
    root = builder.all_of([builder.variable(number) for number in range(20)])
    fleet = compile_fleet(builder.build(), [root])
    _, shares = contributions(fleet, np.full(20, 0.9), 0)
    assert shares.tolist() == pytest.approx([0.9**20 / 20] * 20, rel=1e-12)
