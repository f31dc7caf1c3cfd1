"""Parts of a root: together they fail when it does, and groups share no variable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from impact.availability.test_exact import brute_force, chances, formulas
from ripplegraph.impact.availability.compile import cone_of
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder, Op
from ripplegraph.impact.availability.residual import Residual, residual_of


def variables_of(formula: Formula, node: int) -> set[int]:
    cone = [one for one in cone_of(formula, node) if formula.op[one] == Op.VARIABLE]
    return set(formula.variable[cone].tolist())


def value_of(found: Residual, q: np.ndarray) -> float:
    """Return how likely the root fails, its groups taken as independent of each other."""
    works = 1.0
    for top in found.tops:
        works *= 1.0 - brute_force(found.formula, top, q)
    return 1.0 - works


@settings(max_examples=60, deadline=None)
@given(formulas(coherent=False), chances())
def test_independent_groups_of_parts_fail_as_often_as_the_root(
    made: tuple[Formula, list[int]], q: np.ndarray
) -> None:
    formula, roots = made
    found = residual_of(formula, roots[-1])
    assert value_of(found, q) == pytest.approx(brute_force(formula, roots[-1], q), abs=1e-12)
    rested_on = [variables_of(found.formula, top) for top in found.tops]
    assert sum(map(len, rested_on)) == len(set().union(*rested_on))


@settings(max_examples=40, deadline=None)
@given(formulas(coherent=True))
def test_nothing_fails_a_part_alone(made: tuple[Formula, list[int]]) -> None:
    formula, roots = made
    found = residual_of(formula, roots[-1])
    for group in found.groups:
        for part in group:
            state = [0.0] * 6
            for variable in variables_of(found.formula, part):
                state[variable] = 1.0
                fails = brute_force(found.formula, part, np.array(state))
                assert not fails or variables_of(found.formula, part) == {variable}
                state[variable] = 0.0


def test_a_gate_that_fails_the_root_is_a_part_and_works_inside_the_others() -> None:
    builder = FormulaBuilder()
    a, b, c, d, e = map(builder.variable, range(5))
    rack = builder.all_of([a, b])
    hosts = builder.at_least(2, [builder.any_of([rack, one]) for one in (c, d, e)])
    found = residual_of(builder.build(), hosts)
    assert [variables_of(found.formula, top) for top in found.tops] == [{0, 1}, {2, 3, 4}]


def test_weights_count_towards_what_fails_a_root_alone() -> None:
    builder = FormulaBuilder()
    a, b, c = map(builder.variable, range(3))
    shared = builder.any_of([a, b])
    root = builder.at_least(3, [shared, builder.any_of([a, c]), c], [2, 1, 1])
    found = residual_of(builder.build(), root)
    # a fails two children of weight 3; b alone only one of weight 2
    assert {0} in [variables_of(found.formula, top) for top in found.tops]
    assert {1} not in [variables_of(found.formula, top) for top in found.tops]


def test_a_root_that_never_fails_has_no_parts() -> None:
    builder = FormulaBuilder()
    root = builder.false()
    assert residual_of(builder.build(), root).groups == ()


def test_parts_in_a_chain_of_shared_variables_are_one_group() -> None:
    builder = FormulaBuilder()
    v = [builder.variable(number) for number in range(4)]
    pairs = [builder.all_of([v[one], v[other]]) for one, other in ((0, 1), (2, 3), (1, 2), (0, 3))]
    root = builder.any_of(pairs)
    found = residual_of(builder.build(), root)
    assert [len(group) for group in found.groups] == [4]
