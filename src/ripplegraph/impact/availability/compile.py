"""Binary decision diagrams of many structure functions in one shared pool.

A node of the pool asks one input (a variable, or a module) whether it has failed. Counts alone
limit the work, so that the same input gives the same answer; a deadline is a callable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.diagram import (
    FAILED,
    WORKS,
    Diagram,
    DiagramTooLargeError,
)
from ripplegraph.impact.availability.formula import Formula, Op


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeBudget:
    """How large a diagram may grow.

    ``nodes_per_module`` are the limits tried one after the other (today only the largest);
    ``is_over``, if given, is asked before each root and ends the work when true.
    """

    nodes_per_module: tuple[int, ...] = (8_192, 65_536, 131_072)
    is_over: Callable[[], bool] | None = None


DEFAULT_BUDGET = NodeBudget()


@dataclass(frozen=True, slots=True)
class ModuleMemo:
    """The diagrams that later compilations of the same variables use again."""

    diagram: Diagram = field(default_factory=Diagram)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledFleet:
    """The diagrams of some roots of a formula.

    Pool nodes 0 and 1 are "works" and "has failed"; the successors of a node have smaller
    numbers. Input ``n`` is variable ``n`` below ``variable_count``, else the module
    ``n - variable_count``: the diagram from pool node ``module_root[n - variable_count]`` down.
    ``root_input`` names the input that each root is; where ``is_exact`` is false, the root has
    no diagram within the budget.
    """

    formula: Formula
    roots: NDArray[np.uint32]
    variable_count: int
    node_input: NDArray[np.uint32]
    node_works: NDArray[np.uint32]
    node_failed: NDArray[np.uint32]
    module_root: NDArray[np.uint32]
    root_input: NDArray[np.uint32]
    is_exact: NDArray[np.bool_]


def compile_fleet(
    formula: Formula,
    roots: Sequence[int],
    *,
    budget: NodeBudget = DEFAULT_BUDGET,
    compiled: bool | None = None,
    memo: ModuleMemo | None = None,
) -> CompiledFleet:
    """Return the diagrams of these nodes of the formula.

    Parameters
    ----------
    formula
        The structure functions of all services.
    roots
        The nodes to compile.
    budget
        How many nodes each root may add, and when to stop.
    compiled
        Whether kernels run compiled; there are none yet, so that it changes nothing.
    memo
        Diagrams to use again; a variable must mean the same in all formulas compiled with it.

    Returns
    -------
    CompiledFleet
        Roots beyond the budget are in it, marked as not exact.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> compile_fleet(builder.build(), [pair]).is_exact.tolist()
    [True]
    """
    diagram = (ModuleMemo() if memo is None else memo).diagram
    tops = [_top_of(diagram, formula, root, budget) for root in roots]
    variables, if_works, if_failed = diagram.pool()
    return CompiledFleet(
        formula=formula,
        roots=np.array(roots, np.uint32),
        variable_count=formula.variable_count,
        node_input=np.array(variables, np.uint32),
        node_works=np.array(if_works, np.uint32),
        node_failed=np.array(if_failed, np.uint32),
        module_root=np.array([top or 0 for top in tops], np.uint32),
        root_input=np.arange(len(tops), dtype=np.uint32) + np.uint32(formula.variable_count),
        is_exact=np.array([top is not None for top in tops], np.bool_),
    )


def cone_of(formula: Formula, root: int) -> list[int]:
    """Return the nodes that a root rests on, and itself, children before those that use them.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> unused, a, b = (builder.variable(number) for number in range(3))
    >>> pair = builder.all_of([a, b])
    >>> cone_of(builder.build(), pair) == [a, b, pair]
    True
    """
    seen = {root}
    waiting = [root]
    while waiting:
        fresh = [child for child in children_of(formula, waiting.pop()) if child not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return sorted(seen)


def children_of(formula: Formula, node: int) -> list[int]:
    """Return the children of a node."""
    start, end = formula.child_offsets[node : node + 2].tolist()
    children: list[int] = formula.children[start:end].tolist()
    return children


def _top_of(diagram: Diagram, formula: Formula, root: int, budget: NodeBudget) -> int | None:
    if budget.is_over is not None and budget.is_over():
        return None
    diagram.limit = diagram.size + max(budget.nodes_per_module)
    try:
        return _diagram_of(diagram, formula, root)
    except DiagramTooLargeError:
        return None


def _diagram_of(diagram: Diagram, formula: Formula, root: int) -> int:
    for variable in _depth_first_variables(formula, root):
        diagram.literal(variable)
    of: dict[int, int] = {}
    for node in cone_of(formula, root):
        operands = [of[child] for child in children_of(formula, node)]
        of[node] = _gate(diagram, formula, node, operands)
    return of[root]


def _gate(diagram: Diagram, formula: Formula, node: int, operands: list[int]) -> int:
    match Op(int(formula.op[node])):
        case Op.VARIABLE:
            return diagram.literal(int(formula.variable[node]))
        case Op.TRUE:
            return FAILED
        case Op.FALSE:
            return WORKS
        case Op.NOT:
            return diagram.joined(Op.XOR, operands[0], FAILED)
        case Op.AT_LEAST:
            start, end = formula.child_offsets[node : node + 2].tolist()
            weights: list[int] = formula.weights[start:end].tolist()
            return _at_least(diagram, int(formula.threshold[node]), operands, weights)
        case op:
            result = operands[0]
            for operand in operands[1:]:
                result = diagram.joined(op, result, operand)
            return result


def _at_least(diagram: Diagram, threshold: int, operands: list[int], weights: list[int]) -> int:
    """Return where enough weight has failed, from what is still needed after each operand."""
    needed_at = [{threshold}]
    for weight in weights:
        needed_at.append({n for need in needed_at[-1] for n in (need, need - weight) if n > 0})
    after: dict[int, int] = dict.fromkeys(needed_at[-1], WORKS)
    for at in reversed(range(len(operands))):
        after = {
            need: diagram.joined(
                Op.OR,
                after[need],
                diagram.joined(Op.AND, operands[at], after.get(need - weights[at], FAILED)),
            )
            for need in sorted(needed_at[at])
        }
    return after[threshold]


def _depth_first_variables(formula: Formula, root: int) -> list[int]:
    found: list[int] = []
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if formula.op[node] == Op.VARIABLE:
            found.append(int(formula.variable[node]))
        waiting.extend(reversed(children_of(formula, node)))
    return found
