"""The exact engine where room or nodes run out: grown, given up, never wrong."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from impact.availability.test_engine import chances_of_all_states, same_diagrams
from ripplegraph.impact.availability import workspace
from ripplegraph.impact.availability.compile import NodeBudget, compile_fleet
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder
from ripplegraph.impact.availability.kernels_factoring import Work, flattened
from ripplegraph.impact.availability.kernels_gates import FULL, OR, emptied, loaded, named
from ripplegraph.impact.availability.workspace import Bench, Maker, structure_of


def weighted_pairs() -> tuple[Formula, int]:
    """Return a threshold over eight pairs of neighbours on a ring, and its node."""
    builder = FormulaBuilder()
    v = [builder.variable(number) for number in range(8)]
    pairs = [builder.all_of([v[at], v[(at + 1) % 8]]) for at in range(8)]
    top = builder.at_least(7, pairs, [1, 2, 3, 1, 2, 3, 1, 2])
    return builder.build(), top


def test_a_threshold_over_gates_is_right_or_given_up_under_any_limit() -> None:
    formula, top = weighted_pairs()
    q = np.linspace(0.1, 0.4, 8)
    expected = chances_of_all_states(formula, q)[top]
    exact = []
    for limit in range(10, 200):
        budget = NodeBudget(nodes_per_module=(limit,))
        fleet = compile_fleet(formula, [top], budget=budget, compiled=False)
        exact.append(bool(fleet.is_exact[0]))
        if exact[-1]:
            assert failure_probabilities(fleet, q)[0] == pytest.approx(expected, rel=1e-13)
    assert exact == sorted(exact)
    assert 20 < exact.count(False) < 190


def test_more_shared_inputs_than_there_is_room_for_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    builder = FormulaBuilder()
    v = [builder.variable(number) for number in range(36)]
    lower = [builder.at_least(2, [v[(3 * at + n) % 36] for n in range(5)]) for at in range(12)]
    middle = [builder.at_least(3, [lower[(at + n * n) % 12] for n in range(6)]) for at in range(9)]
    top = builder.any_of(map(builder.all_of, combinations(middle, 3)))
    formula, budget = builder.build(), NodeBudget(nodes_per_module=(64,))
    usual = compile_fleet(formula, [top, lower[0]], budget=budget, compiled=False)
    assert usual.is_exact.tolist() == [False, True]
    laid_out: list[int] = []

    def little(make: Maker, nodes: int, children: int, rows: int) -> Work:
        work = whole(make, nodes, children, rows)
        laid_out.append(children)
        return work if len(laid_out) > 1 else work._replace(kid=work.kid[:900])

    whole = workspace._work
    monkeypatch.setattr(workspace, "_work", little)
    again = compile_fleet(formula, [top, lower[0]], budget=budget, compiled=False)
    # each of 84 parts reaches nearly every variable through gates that all of them share
    assert len(laid_out) == 2
    assert same_diagrams(usual, again)


def test_a_join_of_more_than_there_is_room_for_asks_for_more() -> None:
    builder = FormulaBuilder()
    top = builder.any_of([builder.variable(number) for number in range(9)])
    formula, make = builder.build(), Maker(is_compiled=False)
    bench = Bench(make, formula)
    gates, work = bench.gates, bench.work
    emptied(gates)
    structure = structure_of(formula, make)
    named(structure)
    node = loaded(structure, top, gates, work.kid, work.load)
    work.parts[0] = node
    assert flattened(gates, OR, work._replace(kid=[0] * 4), 1) == 0
    assert gates.state[FULL] == 1
