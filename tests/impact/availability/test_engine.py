"""The exact engine on formulas with much sharing: rewriting, modules, orders, room, kernels."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from ripplegraph.graph.compilation import CompilePolicy, compile_with
from ripplegraph.impact.availability import compile as compile_module
from ripplegraph.impact.availability import (
    kernels_factoring,
    kernels_modules,
    kernels_pool,
    pool_room,
    workspace,
)
from ripplegraph.impact.availability.compile import (
    CompiledFleet,
    ModuleMemo,
    NodeBudget,
    compile_fleet,
    part_of,
)
from ripplegraph.impact.availability.contributions import contributions_all
from ripplegraph.impact.availability.evaluate import (
    birnbaum,
    birnbaum_all,
    failure_probabilities,
)
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder, Op
from ripplegraph.impact.availability.rehearsal import rehearse

VARIABLES = 13


def layered(seed: int, gates: int, *, coherent: bool, weighted: bool = True) -> Formula:
    """Return gates over gates that share much; every gate is a root worth asking for."""
    draw = random.Random(seed)
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(VARIABLES)]
    for _ in range(gates):
        under = draw.sample(nodes[-VARIABLES - 4 :], draw.randint(2, 5))
        match draw.choice(["any", "any", "all", "least"] + ([] if coherent else ["not", "xor"])):
            case "any":
                made = builder.any_of(under)
            case "all":
                made = builder.all_of(under)
            case "not":
                made = builder.any_of([builder.negation(under[0]), under[1]])
            case "xor":
                made = builder.exclusive(under)
            case _:
                weights = [draw.randint(1, 5 if weighted else 1) for _ in under]
                made = builder.at_least(draw.randint(1, sum(weights)), under, weights)
        nodes.append(made)
    return builder.build()


def chances_of_all_states(formula: Formula, q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely each node fails, from all states of the variables side by side."""
    count = len(q)
    states = np.arange(2**count)[:, None] >> np.arange(count) & 1
    chance = np.where(states, q, 1.0 - q).prod(axis=1)
    truth: list[NDArray[np.int64]] = []
    for node, op in enumerate(formula.op.tolist()):
        start, end = formula.child_offsets[node : node + 2].tolist()
        under = [truth[child] for child in formula.children[start:end].tolist()]
        weights = formula.weights[start:end].tolist()
        weighed = sum((w * one for w, one in zip(weights, under, strict=True)), states[:, 0] * 0)
        match Op(op):
            case Op.VARIABLE:
                truth.append(states[:, formula.variable[node]])
            case Op.AND:
                truth.append((weighed == len(under)).astype(np.int64))
            case Op.OR:
                truth.append((weighed > 0).astype(np.int64))
            case Op.AT_LEAST:
                truth.append((weighed >= formula.threshold[node]).astype(np.int64))
            case Op.NOT:
                truth.append(1 - weighed)
            case Op.XOR:
                truth.append(weighed % 2)
            case op_of_constant:
                truth.append(states[:, 0] * 0 + (op_of_constant is Op.TRUE))
    return np.array([one @ chance for one in truth])


def own_chances(seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(0.0, 0.4, VARIABLES)


@pytest.mark.parametrize("coherent", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_gates_that_share_much_fail_as_often_as_in_all_states(seed: int, coherent: bool) -> None:
    formula = layered(seed, 45, coherent=coherent)
    roots = list(range(len(formula.op)))
    q = own_chances(seed)
    fleet = compile_fleet(formula, roots, compiled=False)
    assert fleet.is_exact.all()
    expected = chances_of_all_states(formula, q)
    assert failure_probabilities(fleet, q) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_the_order_in_which_gates_are_given_changes_no_number() -> None:
    formula = layered(3, 45, coherent=True)
    again = FormulaBuilder()
    # the same gates, variables made in the opposite order, children listed backwards
    made: dict[int, int] = {node: again.variable(node) for node in reversed(range(VARIABLES))}
    for node in range(VARIABLES, len(formula.op)):
        start, end = formula.child_offsets[node : node + 2].tolist()
        under = [made[child] for child in formula.children[start:end].tolist()][::-1]
        weights = formula.weights[start:end].tolist()[::-1]
        match Op(int(formula.op[node])):
            case Op.AND:
                made[node] = again.all_of(under)
            case Op.OR:
                made[node] = again.any_of(under)
            case _:
                made[node] = again.at_least(int(formula.threshold[node]), under, weights)
    q, top = own_chances(3), len(formula.op) - 1
    one = failure_probabilities(compile_fleet(formula, [top]), q)
    other = failure_probabilities(compile_fleet(again.build(), [made[top]]), q)
    assert one == pytest.approx(other, rel=1e-14)


def test_a_module_may_be_replaced_by_its_probability() -> None:
    whole, single = FormulaBuilder(), FormulaBuilder()
    for made, inner in ((whole, True), (single, False)):
        shared = [made.variable(number) for number in range(3)]
        pair = made.all_of([made.variable(3), made.any_of([made.variable(4), made.variable(5)])])
        stands = pair if inner else made.variable(6)
        made.at_least(2, [made.any_of([shared[0], stands]), made.any_of([shared[1], stands]),
                          made.all_of([shared[2], shared[0]])])  # fmt: skip
    q = np.array([0.1, 0.2, 0.3, 0.5, 0.25, 0.5, 0.0])
    q[6] = 0.5 * (1 - 0.75 * 0.5)
    values = [
        failure_probabilities(compile_fleet(one, [len(one.op) - 1]), q[: one.variable_count])
        for one in (whole.build(), single.build())
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-15)


@pytest.mark.parametrize(("nodes", "children"), [(8, 16), (4_096, 4), (8, 4_096)])
def test_little_room_gives_the_same_diagrams(
    monkeypatch: pytest.MonkeyPatch, nodes: int, children: int
) -> None:
    formula = layered(7, 45, coherent=False)
    roots = list(range(len(formula.op)))
    usual = compile_fleet(formula, roots, compiled=False)
    monkeypatch.setattr(workspace, "_PLAIN_NODES", nodes)
    monkeypatch.setattr(workspace, "_PLAIN_CHILDREN", children)
    monkeypatch.setattr(workspace, "_PLAIN_ROWS", 4)
    monkeypatch.setattr(pool_room, "_FIRST_MODULES", 2)
    assert same_diagrams(usual, compile_fleet(formula, roots, compiled=False))


def same_diagrams(one: CompiledFleet, other: CompiledFleet) -> bool:
    names = (
        "node_level", "node_works", "node_failed", "module_input", "module_first_node",
        "module_first_input", "module_top", "modules", "root_input", "is_exact",
    )  # fmt: skip
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_compiled_kernels_give_the_diagrams_and_digits_of_plain_python() -> None:
    for seed in range(3):
        formula = layered(seed, 60, coherent=seed > 0)
        roots, q = list(range(len(formula.op))), own_chances(seed)
        plain, quick = (compile_fleet(formula, roots, compiled=one) for one in (False, True))
        assert same_diagrams(plain, quick)
        batch = np.stack([q, q / 2, q / 3])
        values = [failure_probabilities(one, batch) for one in (plain, quick)]
        assert values[0] == pytest.approx(values[1], rel=1e-15)
        for one, other in zip(birnbaum_all(quick, q), birnbaum_all(plain, q), strict=True):
            assert one == pytest.approx(other, rel=1e-15, abs=1e-300)
        for one, other in zip(
            contributions_all(quick, q), contributions_all(plain, q), strict=True
        ):
            assert one == pytest.approx(other, rel=1e-14, abs=1e-300)


def test_roots_of_one_fleet_have_the_slopes_that_each_has_alone() -> None:
    formula = layered(2, 60, coherent=True)
    roots, q = list(range(len(formula.op))), own_chances(2)
    fleet = compile_fleet(formula, roots, compiled=False)
    offsets, variables, slopes = birnbaum_all(fleet, q)
    for root, (start, end) in enumerate(pairwise(offsets.tolist())):
        alone_variables, alone = birnbaum(fleet, q, root)
        assert variables[start:end].tolist() == alone_variables.tolist()
        assert slopes[start:end].tolist() == alone.tolist()
    assert len(part_of(fleet, 0).modules) < len(fleet.modules)


def test_a_change_of_structure_builds_only_what_is_new() -> None:
    memo = ModuleMemo()
    sizes = []
    for last in (3, 4, 3):
        builder = FormulaBuilder()
        v = [builder.variable(number) for number in range(6)]
        left = builder.at_least(2, v[:3])
        roots = [builder.any_of([left, v[5]]), builder.any_of([left, builder.all_of(v[last:])])]
        fleet = compile_fleet(builder.build(), roots, memo=memo)
        sizes.append(len(fleet.module_top))
    assert sizes[0] < sizes[1] == sizes[2]


def test_a_larger_budget_builds_what_a_smaller_one_gave_up() -> None:
    builder = FormulaBuilder()
    ring = [builder.variable(number) for number in range(10)]
    root = builder.any_of([builder.all_of([ring[n], ring[(n + 1) % 10]]) for n in range(10)])
    formula, memo = builder.build(), ModuleMemo()
    asked = [
        compile_fleet(formula, [root], budget=NodeBudget(nodes_per_module=(limit,)), memo=memo)
        for limit in (16, 12, 8_192)
    ]
    assert [one.is_exact.tolist() for one in asked] == [[False], [False], [True]]


def test_small_questions_that_prove_hard_are_compiled_after_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compile_module, "_PLAIN_DIAGRAM", 12)
    builder = FormulaBuilder()
    ring = [builder.variable(number) for number in range(10)]
    root = builder.any_of([builder.all_of([ring[n], ring[(n + 1) % 10]]) for n in range(10)])
    fleet = compile_fleet(builder.build(), [root])
    assert (fleet.is_exact.tolist(), fleet.is_compiled) == ([True], True)


def test_graphs_too_large_for_one_analysis_are_left_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    formula, q = layered(8, 45, coherent=True), own_chances(8)
    monkeypatch.setattr(workspace, "_PLAIN_ROWS", 1)
    monkeypatch.setattr(kernels_factoring, "MOST_ROWS", 1)
    fleet = compile_fleet(formula, range(len(formula.op)), compiled=False)
    expected = chances_of_all_states(formula, q)
    assert failure_probabilities(fleet, q) == pytest.approx(expected, rel=1e-12)


def test_weights_too_heavy_to_count_are_exact_all_the_same() -> None:
    builder = FormulaBuilder()
    v = [builder.variable(number) for number in range(6)]
    shared = [builder.any_of([v[0], one]) for one in v[1:]]
    weights = [9_001, 8_017, 7_013, 6_011, 5_003]
    root = builder.at_least(14_000, shared, weights)
    formula = builder.build()
    q = np.full(6, 0.125)
    value = failure_probabilities(compile_fleet(formula, [root]), q)[0]
    assert value == pytest.approx(chances_of_all_states(formula, q)[root], rel=1e-13)


def test_a_rehearsal_leaves_no_kernel_uncompiled() -> None:
    rehearse()
    heard: list[str] = []
    before = compile_with(CompilePolicy(on_compile=heard.append))
    try:
        formula = layered(1, 60, coherent=False)
        fleet = compile_fleet(formula, range(len(formula.op)), compiled=True)
        contributions_all(fleet, own_chances(1))
    finally:
        compile_with(before)
    assert heard == []


def test_modules_that_stand_twice_in_a_gate_are_no_chain() -> None:
    builder = FormulaBuilder()
    v = [builder.variable(number) for number in range(4)]
    one, other = builder.any_of(v[:2]), builder.any_of(v[2:])
    root = builder.at_least(2, [one, other, builder.any_of([one, other])])
    q = np.full(4, 0.5)
    value = failure_probabilities(compile_fleet(builder.build(), [root]), q)[0]
    assert value == pytest.approx(1 - 0.0625, rel=1e-15)


def test_another_order_is_taken_where_the_first_does_not_fit() -> None:
    draw, builder = random.Random(47), FormulaBuilder()
    v = [builder.variable(number) for number in range(VARIABLES)]
    parts = [
        builder.all_of([builder.any_of(draw.sample(v, 3)) for _ in range(2)]) for _ in range(14)
    ]
    root = builder.any_of(parts)
    formula, q = builder.build(), own_chances(47)
    budget = NodeBudget(nodes_per_module=(150,))  # 159 nodes under the first order
    fleet = compile_fleet(formula, [root], budget=budget)
    assert fleet.is_exact.tolist() == [True]
    expected = chances_of_all_states(formula, q)[root]
    assert failure_probabilities(fleet, q)[0] == pytest.approx(expected, rel=1e-13)
    budget = NodeBudget(nodes_per_module=(32, 64))
    assert not compile_fleet(formula, [root], budget=budget).is_exact[0]


def test_under_any_limit_a_number_is_right_or_not_there() -> None:
    formula, q = layered(4, 45, coherent=False), own_chances(4)
    roots = range(len(formula.op))
    expected = chances_of_all_states(formula, q)
    exact = []
    for limit in (3, 8, 16, 24, 40, 64, 100, 8_192):
        budget = NodeBudget(nodes_per_module=(limit,))
        fleet = compile_fleet(formula, roots, budget=budget, compiled=False)
        found = failure_probabilities(fleet, q)
        assert np.isnan(found).tolist() == (~fleet.is_exact).tolist()
        assert found[fleet.is_exact] == pytest.approx(expected[fleet.is_exact], rel=1e-12)
        exact.append(int(fleet.is_exact.sum()))
    assert exact == sorted(exact)
    assert exact[0] < exact[-1] == len(roots)


def test_a_service_above_one_too_hard_is_not_exact_either() -> None:
    builder = FormulaBuilder()
    ring = [builder.variable(number) for number in range(10)]
    hard = builder.any_of([builder.all_of([ring[n], ring[(n + 1) % 10]]) for n in range(10)])
    root = builder.all_of([hard, builder.variable(10)])
    budget = NodeBudget(nodes_per_module=(12,))
    assert compile_fleet(builder.build(), [root, ring[0]], budget=budget).is_exact.tolist() == [
        False,
        True,
    ]


def test_a_threshold_with_countless_sums_of_weights_is_too_large() -> None:
    builder = FormulaBuilder()
    v = [builder.variable(number) for number in range(20)]
    weights = [10**9 + 3**number for number in range(20)]
    root = builder.at_least(sum(weights) // 2, v, weights)
    assert not compile_fleet(builder.build(), [root], compiled=False).is_exact[0]


@pytest.mark.parametrize("seed", range(3))
def test_rewriting_stopped_early_gives_the_same_numbers(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    formula, q = layered(seed, 45, coherent=True), own_chances(seed)
    for kernels in (kernels_factoring, kernels_modules, kernels_pool):
        monkeypatch.setattr(kernels, "_ROUNDS", 1)
    fleet = compile_fleet(formula, range(len(formula.op)), compiled=False)
    expected = chances_of_all_states(formula, q)
    assert failure_probabilities(fleet, q) == pytest.approx(expected, rel=1e-12)


def test_a_memo_serves_plain_and_compiled_questions() -> None:
    formula, memo = layered(6, 45, coherent=True), ModuleMemo()
    q, roots = own_chances(6), range(len(formula.op))
    first = failure_probabilities(compile_fleet(formula, roots[:30], memo=memo), q)
    again = compile_fleet(formula, roots, memo=memo, compiled=True)
    assert failure_probabilities(again, q)[:30] == pytest.approx(first, rel=1e-15)
