"""What is left of a root once all that fails it alone is taken out: parts for bounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from ripplegraph.impact.availability.compile import children_of
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder, Op


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residual:
    """A root as parts: it fails when at least one of them does.

    Attributes
    ----------
    formula
        The parts as nodes, over the variables of the formula asked for.
    groups
        Nodes of the parts, by group. Parts of different groups share no variable, so that groups
        fail independently of each other; single variables that fail the root come as groups of
        one. No group at all: the root never fails.
    tops
        For each group the node that fails when one of its parts does.
    """

    formula: Formula
    groups: tuple[tuple[int, ...], ...]
    tops: tuple[int, ...]


def residual_of(formula: Formula, root: int) -> Residual:
    """Return the parts of a root, each without what fails the root alone.

    Parameters
    ----------
    formula
        The structure functions.
    root
        A node of it.

    Returns
    -------
    Residual
        Its groups are the smallest independent ones that the structure shows.

    Notes
    -----
    A node that fails whatever rests on it, up to the root, is a part of its own, and counts as
    working inside all others: ``f = x or f(x = works)`` (gate dominators; repeated until nothing
    changes).

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> shared, a, b, c = map(builder.variable, range(4))
    >>> pair = builder.all_of([builder.any_of([shared, a]), builder.any_of([shared, b])])
    >>> root = builder.any_of([pair, c])
    >>> found = residual_of(builder.build(), root)
    >>> [len(group) for group in found.groups]
    [1, 1, 1]
    """
    parts = [root]
    while True:
        under = _under(formula, parts)
        alone = _alone(formula, parts, under)
        if alone == set(parts) and all(formula.op[part] not in _FLATTENED for part in parts):
            return _grouped(formula, parts, under)
        formula, parts = _without(formula, under, alone)


_FLATTENED = (Op.OR, Op.FALSE)


def _under(formula: Formula, parts: Sequence[int]) -> dict[int, list[int]]:
    """Return the children of the parts and of all that they rest on, by node, ascending."""
    found: dict[int, list[int]] = {}
    waiting = list(parts)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found[node] = children_of(formula, node)
            waiting.extend(found[node])
    return dict(sorted(found.items()))


def _alone(formula: Formula, parts: Sequence[int], under: Mapping[int, Sequence[int]]) -> set[int]:
    """Return the nodes that fail one of the parts alone, the parts among them."""
    causes: dict[int, int] = {}
    for at, (node, children) in enumerate(under.items()):
        causes[node] = _causes(formula, node, [causes[one] for one in children]) | 1 << at
    bits = reduce(or_, (causes[part] for part in parts), 0)
    return {node for at, node in enumerate(under) if bits >> at & 1}


def _causes(formula: Formula, node: int, under: Sequence[int]) -> int:
    """Return the nodes (bits) that fail this one, given those that fail its children."""
    match Op(int(formula.op[node])):
        case Op.OR:
            return reduce(or_, under)
        case Op.AND:
            return reduce(and_, under)
        case Op.AT_LEAST:
            start, end = formula.child_offsets[node : node + 2].tolist()
            threshold = int(formula.threshold[node])
            reached = {0: -1}
            for bits, weight in zip(under, formula.weights[start:end].tolist(), strict=True):
                for weight_so_far in sorted(reached, reverse=True):
                    further = min(threshold, weight_so_far + weight)
                    reached[further] = reached.get(further, 0) | reached[weight_so_far] & bits
            return reached.get(threshold, 0)
        case _:
            return 0


def _without(
    formula: Formula, under: Mapping[int, Sequence[int]], alone: Collection[int]
) -> tuple[Formula, list[int]]:
    """Return these nodes as parts, each counted as working elsewhere."""
    builder = FormulaBuilder()
    never = builder.false()
    made: dict[int, int] = {}
    parts: dict[int, None] = {}
    for node, children in under.items():
        made[node] = _made(builder, formula, node, [made[child] for child in children])
        if node in alone:
            parts[made[node]] = None
            made[node] = never
    parts.pop(never, None)
    built = builder.build()
    flat: dict[int, None] = {}
    for part in parts:
        is_sum = built.op[part] == Op.OR
        flat.update(dict.fromkeys(children_of(built, part) if is_sum else [part]))
    return built, list(flat)


def _made(builder: FormulaBuilder, formula: Formula, node: int, under: Sequence[int]) -> int:
    match Op(int(formula.op[node])):
        case Op.VARIABLE:
            return builder.variable(int(formula.variable[node]))
        case Op.OR:
            return builder.any_of(under)
        case Op.AND:
            return builder.all_of(under)
        case Op.AT_LEAST:
            start, end = formula.child_offsets[node : node + 2].tolist()
            weights = formula.weights[start:end].tolist()
            return builder.at_least(int(formula.threshold[node]), under, weights)
        case Op.NOT | Op.XOR as op:
            return builder.exclusive([*under, builder.true()] if op is Op.NOT else under)
        case op:
            return builder.true() if op is Op.TRUE else builder.false()


def _grouped(
    formula: Formula, parts: Sequence[int], under: Mapping[int, Sequence[int]]
) -> Residual:
    """Return parts by the variables that they share, each group with the node that joins it."""
    first_with: dict[int, int] = {}
    leader = list(range(len(parts)))
    for at, part in enumerate(parts):
        for node in _beneath(part, under):
            if not under[node]:
                one, other = _led_by(leader, first_with.setdefault(node, at)), _led_by(leader, at)
                leader[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for at, part in enumerate(parts):
        groups.setdefault(_led_by(leader, at), []).append(part)
    builder = FormulaBuilder()
    made: dict[int, int] = {}
    for node, children in under.items():
        made[node] = _made(builder, formula, node, [made[child] for child in children])
    named = tuple(tuple(made[part] for part in group) for group in groups.values())
    tops = tuple(builder.any_of(group) for group in named)
    return Residual(formula=builder.build(), groups=named, tops=tops)


def _beneath(part: int, under: Mapping[int, Sequence[int]]) -> set[int]:
    seen, waiting = {part}, [part]
    while waiting:
        fresh = [child for child in under[waiting.pop()] if child not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return seen


def _led_by(leader: Sequence[int], at: int) -> int:
    while leader[at] != at:
        at = leader[at]
    return at
