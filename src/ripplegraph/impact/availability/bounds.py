"""Certified bounds of roots whose diagram is too large for the budget.

A root is an OR of parts, single points of failure taken apart. Parts that share no variable are
independent. Parts that do are put into blocks that have diagrams; what is known of the blocks and
of pairs of them bounds the rest (see ``bound_plans``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from ripplegraph.impact.availability.bound_plans import (
    MOST_BLOCKS,
    Blocks,
    Exact,
    Independent,
    Loose,
    Plan,
    RootBounds,
)
from ripplegraph.impact.availability.compile import (
    CompiledFleet,
    NodeBudget,
    children_of,
    compile_fleet,
)
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder, Op
from ripplegraph.impact.availability.residual import residual_of
from ripplegraph.impact.availability.rewriting import copied, weights_of

MOST_PARTS = 1_024
"""Parts that the ANDs and thresholds of one root are multiplied out into, all together."""


def root_bounds(
    formula: Formula, root: int, *, budget: NodeBudget, most_parts: int = MOST_PARTS
) -> RootBounds:
    """Return how a root without NOT and XOR is bounded.

    Parameters
    ----------
    formula, root
        Truth is failure.
    budget
        The smallest of its limits is that of each block and each pair of blocks.
    most_parts
        Parts that ANDs and thresholds without a diagram are multiplied out into, in all.

    Examples
    --------
    >>> import numpy as np
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> ring = [builder.all_of(pair) for pair in ((a, b), (b, c), (a, c))]
    >>> top, budget = builder.any_of(ring), NodeBudget(nodes_per_module=(4,))
    >>> bounds = root_bounds(builder.build(), top, budget=budget)
    >>> lower, upper = bounds.interval(np.full(3, 0.01))
    >>> 0 < lower < 3e-4 - 2e-6 < upper < 3e-4
    True
    """
    residual, builder = residual_of(formula, root), FormulaBuilder()
    nodes = copied(residual.formula, builder)
    groups = [[nodes[part] for part in group] for group in residual.groups]
    small = NodeBudget(nodes_per_module=(min(budget.nodes_per_module),), is_over=budget.is_over)
    planner = _Planner(builder=builder, budget=small, most_parts=most_parts)
    plan = planner.independent(groups)
    return RootBounds(fleets=tuple(planner.fleets), plan=plan)


@dataclass(slots=True, kw_only=True, eq=False)
class _Planner:
    """Finds diagrams for parts, the larger ones first."""

    builder: FormulaBuilder
    budget: NodeBudget
    most_parts: int
    fleets: list[CompiledFleet] = field(default_factory=list)

    def any_of(self, parts: Sequence[int]) -> Plan:
        """Return how an OR of parts is bounded."""
        return self.independent(_independent(self.builder.build(), parts))

    def independent(self, groups: Sequence[Sequence[int]]) -> Plan:
        """Return how an OR of groups of parts is bounded that share no variable."""
        whole = self._exact([self.builder.any_of(group) for group in groups])
        plans = [
            self._blocks(group) if exact is None else exact
            for group, exact in zip(groups, whole, strict=True)
        ]
        return plans[0] if len(plans) == 1 else Independent(tuple(plans))

    def _exact(self, nodes: Sequence[int]) -> list[Exact | None]:
        """Return the diagrams of nodes; None for those that are too large."""
        if not nodes:
            return []
        fleet = compile_fleet(self.builder.build(), nodes, budget=self.budget)
        self.fleets.append(fleet)
        number = len(self.fleets) - 1
        return [
            Exact(number, place) if is_exact else None
            for place, is_exact in enumerate(fleet.is_exact.tolist())
        ]

    def _blocks(self, parts: Sequence[int]) -> Plan:
        """Return blocks of parts that have diagrams, found by halving."""
        if len(parts) == 1:
            return self._single(parts[0])
        blocks: list[tuple[list[int], Plan]] = []
        waiting = [list(parts)]
        while waiting:
            halves = [half for one in waiting for half in _halves(one)]
            found = self._exact([self.builder.any_of(half) for half in halves])
            waiting = []
            for half, exact in zip(halves, found, strict=True):
                if exact is not None:
                    blocks.append((half, exact))
                elif len(half) == 1:
                    blocks.append((half, self._single(half[0])))
                else:
                    waiting.append(half)
        blocks.sort(key=lambda one: (-len(one[0]), one[0]))
        return Blocks(
            tuple(plan for _, plan in blocks),
            self._pairs([block for block, _ in blocks[:MOST_BLOCKS]]),
        )

    def _pairs(self, blocks: Sequence[list[int]]) -> dict[tuple[int, int], list[Exact] | None]:
        """Return the pairs of blocks that share a variable, with diagrams of both having failed.

        A pair too large for one is halved: ``P(A and B) <= P(A1 and B) + P(A2 and B)``.
        """
        nodes = [self.builder.any_of(block) for block in blocks]
        variables = _variables_of(self.builder.build(), nodes)
        found: dict[tuple[int, int], list[Exact] | None] = {}
        waiting: list[tuple[tuple[int, int], list[int], list[int]]] = []
        for pair in combinations(range(len(blocks)), 2):
            if variables[pair[0]] & variables[pair[1]]:
                found[pair] = []
                waiting.append((pair, blocks[pair[0]], blocks[pair[1]]))
        while waiting:
            tried = self._exact([self._both(one, other) for _, one, other in waiting])
            following = []
            for (pair, one, other), exact in zip(waiting, tried, strict=True):
                listed = found[pair]
                if listed is None:
                    continue
                if exact is not None:
                    listed.append(exact)
                    continue
                longer, shorter = sorted((one, other), key=len, reverse=True)
                if len(longer) == 1:
                    found[pair] = None
                else:
                    following += [(pair, half, shorter) for half in _halves(longer)]
            waiting = following
        return found

    def _both(self, one: Sequence[int], other: Sequence[int]) -> int:
        return self.builder.all_of([self.builder.any_of(one), self.builder.any_of(other)])

    def _single(self, node: int) -> Plan:
        """Return how a node without a diagram is bounded."""
        formula = self.builder.build()
        match Op(int(formula.op[node])):
            case Op.VARIABLE:
                return Exact(-1, int(formula.variable[node]))
            case Op.TRUE:
                return Exact(-1, -1)
            case Op.OR:
                return self.any_of(children_of(formula, node))
        is_over = self.budget.is_over is not None and self.budget.is_over()
        parts = [] if is_over else _multiplied_out(self.builder, formula, node, self.most_parts)
        if parts:
            self.most_parts -= len(parts)
            return self.any_of(parts)
        under = children_of(formula, node)
        exact = self._exact(under)
        plans = [
            self._single(child) if one is None else one
            for child, one in zip(under, exact, strict=True)
        ]
        weights = weights_of(formula, node)
        is_all = formula.op[node] == Op.AND
        threshold = sum(weights) if is_all else int(formula.threshold[node])
        groups = _independent(formula, under)
        group = tuple(next(n for n, one in enumerate(groups) if child in one) for child in under)
        return Loose(threshold, tuple(weights), tuple(plans), group)


def _halves(parts: list[int]) -> list[list[int]]:
    middle = len(parts) // 2
    return [parts[:middle], parts[middle:]]


def _multiplied_out(builder: FormulaBuilder, formula: Formula, node: int, most: int) -> list[int]:
    """Return parts of which any brings an AND or a threshold about; none if there are too many."""
    if formula.op[node] == Op.AT_LEAST:
        return _alternatives(builder, formula, node, most)
    products: list[tuple[int, ...]] = [()]
    for factor in sorted(
        (_alternatives(builder, formula, one, most) or [one] for one in _all_under(formula, node)),
        key=len,
    ):
        if len(products) * len(factor) > most:
            return []
        products = [(*one, further) for one in products for further in factor]
    return sorted(set(map(builder.all_of, products))) if len(products) > 1 else []


def _all_under(formula: Formula, node: int) -> list[int]:
    """Return what an AND needs all of, the children of an AND in its place."""
    found: list[int] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if formula.op[one] == Op.AND:
            waiting.extend(reversed(children_of(formula, one)))
        else:
            found.append(one)
    return list(dict.fromkeys(found))


def _alternatives(builder: FormulaBuilder, formula: Formula, node: int, most: int) -> list[int]:
    """Return the parts of which any brings an OR or a threshold about; none if too many."""
    if formula.op[node] == Op.OR:
        return children_of(formula, node)
    if formula.op[node] != Op.AT_LEAST:
        return []
    under, weights = children_of(formula, node), weights_of(formula, node)
    sets = _smallest_enough(int(formula.threshold[node]), under, weights, most)
    return [builder.all_of(one) for one in sets]


def _smallest_enough(
    threshold: int, nodes: Sequence[int], weights: Sequence[int], most: int
) -> list[tuple[int, ...]]:
    """Return the smallest sets of nodes whose weights reach a threshold; none if too many."""
    found: list[tuple[int, ...]] = []
    # heaviest first, so that a set just large enough holds none that is enough as well
    ranked = sorted(zip(weights, nodes, strict=True), key=lambda one: (-one[0], one[1]))
    rest = [sum(weight for weight, _ in ranked[at:]) for at in range(len(ranked) + 1)]
    waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, threshold, ())]
    while waiting:
        at, need, chosen = waiting.pop()
        if need <= 0:
            found.append(chosen)
        elif rest[at] >= need:
            weight, node = ranked[at]
            waiting.append((at + 1, need, chosen))
            waiting.append((at + 1, need - weight, (*chosen, node)))
        if len(found) + len(waiting) > most:
            return []
    return found


def _independent(formula: Formula, parts: Sequence[int]) -> list[list[int]]:
    """Return parts in groups of which no two share a variable."""
    leader = list(range(len(parts)))
    first_with: dict[int, int] = {}
    for place, variables in enumerate(_variables_of(formula, parts)):
        for variable in variables:
            one, other = place, first_with.setdefault(variable, place)
            while leader[one] != one:
                one = leader[one]
            while leader[other] != other:
                other = leader[other]
            leader[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for place, part in enumerate(parts):
        leader[place] = leader[leader[place]]  # leaders stand before those they lead
        groups.setdefault(leader[place], []).append(part)
    return list(groups.values())


def _variables_of(formula: Formula, nodes: Sequence[int]) -> list[set[int]]:
    """Return the variables that each node rests on."""
    found = []
    for root in nodes:
        seen, waiting = {root}, [root]
        while waiting:
            fresh = set(children_of(formula, waiting.pop())) - seen
            seen |= fresh
            waiting.extend(fresh)
        found.append({int(formula.variable[n]) for n in seen if formula.op[n] == Op.VARIABLE})
    return found
