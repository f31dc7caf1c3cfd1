"""Formulas written again, thresholds over bits, and what alone brings a node about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import reduce
from operator import and_, or_
from typing import Protocol, Self, TypeVar

from ripplegraph.impact.availability.compile import children_of
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder, Op


class Bits(Protocol):
    """What thresholds are counted over: whole numbers or arrays of words, bit by bit."""

    def __and__(self, other: Self, /) -> Self:
        """Return the bits that are in both."""

    def __or__(self, other: Self, /) -> Self:
        """Return the bits that are in any."""


B = TypeVar("B", bound=Bits)


def weights_of(formula: Formula, node: int) -> list[int]:
    """Return the weights of the children of a node."""
    start, end = formula.child_offsets[node : node + 2].tolist()
    weights: list[int] = formula.weights[start:end].tolist()
    return weights


def copied(formula: Formula, builder: FormulaBuilder) -> list[int]:
    """Write a whole formula into a builder and return the builder's node for each of its nodes.

    Examples
    --------
    >>> made = FormulaBuilder()
    >>> pair = made.all_of([made.variable(0), made.variable(1)])
    >>> builder = FormulaBuilder()
    >>> copied(made.build(), builder)[pair] == builder.all_of(map(builder.variable, (0, 1)))
    True
    """
    made: list[int] = []
    for node in range(len(formula.op)):
        made.append(written(formula, node, builder, made))
    return made


def written(formula: Formula, node: int, builder: FormulaBuilder, made: Sequence[int]) -> int:
    """Write one node into a builder, given the builder's nodes for those before it."""
    under = [made[child] for child in children_of(formula, node)]
    op = Op(int(formula.op[node]))
    if op is Op.VARIABLE:
        return builder.variable(int(formula.variable[node]))
    if op is Op.AT_LEAST:
        return builder.at_least(int(formula.threshold[node]), under, weights_of(formula, node))
    return _MAKERS[op](builder, under)


_MAKERS: dict[Op, Callable[[FormulaBuilder, list[int]], int]] = {
    Op.TRUE: lambda builder, _: builder.true(),
    Op.FALSE: lambda builder, _: builder.false(),
    Op.OR: FormulaBuilder.any_of,
    Op.AND: FormulaBuilder.all_of,
    Op.XOR: FormulaBuilder.exclusive,
    Op.NOT: lambda builder, under: builder.negation(under[0]),
}


def reaching(
    threshold: int, operands: Sequence[B], weights: Sequence[int], never: B, always: B
) -> B:
    """Return the bits for which the weights of the operands that have them reach a threshold.

    Examples
    --------
    >>> reaching(2, [0b011, 0b110, 0b100], [1, 1, 1], 0, 0b111)
    6
    """
    needed_at = [{threshold}]
    for weight in weights:
        needed_at.append({n for need in needed_at[-1] for n in (need, need - weight) if n > 0})
    after = dict.fromkeys(needed_at[-1], never)
    for at in reversed(range(len(operands))):
        after = {
            need: after[need] | (operands[at] & after.get(need - weights[at], always))
            for need in sorted(needed_at[at])
        }
    return after[threshold]


def alone_enough(formula: Formula, nodes: Sequence[int], roots: Collection[int]) -> dict[int, int]:
    """Return for each root the variables that alone bring it about, as bits of a whole number.

    Parameters
    ----------
    formula
        Truth is failure.
    nodes
        The roots with all that they rest on, ascending. What rests on NOT or XOR has no bits.
    roots
        All of them are answered in one pass; what is no longer needed is given up on the way.

    Notes
    -----
    The bits of an OR are those of any child, of an AND those of all children.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import cone_of
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> top = builder.any_of([a, builder.all_of([b, c])])
    >>> formula = builder.build()
    >>> alone_enough(formula, range(len(formula.op)), [top])[top]
    1
    """
    always = (1 << formula.variable_count) - 1
    last_use = {child: node for node in nodes for child in children_of(formula, node)}
    kept, found = frozenset(roots), dict[int, int]()
    for node in nodes:
        children = children_of(formula, node)
        if formula.op[node] == Op.VARIABLE:
            found[node] = 1 << int(formula.variable[node])
        else:
            under = [found[child] for child in children]
            found[node] = _enough_of(formula, node, under, always)
        for child in children:
            if last_use[child] == node and child not in kept:
                found.pop(child, None)
    return {root: found[root] for root in roots}


def _enough_of(formula: Formula, node: int, under: list[int], always: int) -> int:
    op = Op(int(formula.op[node]))
    if op is Op.OR:
        return reduce(or_, under)
    if op is Op.AND:
        return reduce(and_, under)
    if op is Op.AT_LEAST:
        threshold, weights = int(formula.threshold[node]), weights_of(formula, node)
        return reaching(threshold, under, weights, 0, always)
    return always if op is Op.TRUE else 0
