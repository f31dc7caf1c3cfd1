"""Structure functions of a whole fleet as one shared graph of gates, in failure space.

Truth means failure: an OR fails with any of its children (what needs them all), an AND when all
have failed (what needs any of them). Equal nodes are made once, constants are folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from math import gcd

import numpy as np
from numpy.typing import NDArray


class Op(IntEnum):
    """What a node of a formula says of its children; truth is failure."""

    VARIABLE = 0
    AND = 1
    OR = 2
    AT_LEAST = 3
    NOT = 4
    XOR = 5
    TRUE = 6
    FALSE = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Formula:
    """A graph of gates as arrays, children before those that use them.

    ``threshold`` and ``weights`` speak for AT_LEAST: true when the weights of the true children
    add up to the threshold. The children of node ``n`` are
    ``children[child_offsets[n]:child_offsets[n + 1]]``.
    """

    op: NDArray[np.uint8]
    threshold: NDArray[np.int64]
    variable: NDArray[np.uint32]
    child_offsets: NDArray[np.uint32]
    children: NDArray[np.uint32]
    weights: NDArray[np.int64]
    variable_count: int


class FormulaBuilder:
    """Makes the nodes of one formula; equal nodes get equal numbers."""

    def __init__(self) -> None:
        self._op: list[int] = []
        self._threshold: list[int] = []
        self._variable: list[int] = []
        self._children: list[tuple[int, ...]] = []
        self._weights: list[tuple[int, ...]] = []
        self._number_of: dict[tuple[int, int, tuple[int, ...], tuple[int, ...]], int] = {}

    def true(self) -> int:
        """Return the node that has always failed."""
        return self._node(Op.TRUE, 0, (), ())

    def false(self) -> int:
        """Return the node that never fails."""
        return self._node(Op.FALSE, 0, (), ())

    def variable(self, number: int) -> int:
        """Return the node of a variable.

        Raises
        ------
        ValueError
            If the number is negative.
        """
        if number < 0:
            msg = f"need the number of a variable, 0 or more, got {number}"
            raise ValueError(msg)
        return self._node(Op.VARIABLE, number, (), ())

    def any_of(self, nodes: Iterable[int]) -> int:
        """Return the node that is true when any of these is; false for none."""
        return self._joined(Op.OR, nodes, neutral=self.false(), absorbing=self.true())

    def all_of(self, nodes: Iterable[int]) -> int:
        """Return the node that is true when all of these are; true for none."""
        return self._joined(Op.AND, nodes, neutral=self.true(), absorbing=self.false())

    def at_least(self, k: int, nodes: Sequence[int], weights: Sequence[int] | None = None) -> int:
        """Return the node that is true when the weights of the true nodes reach ``k``.

        Weights are whole numbers and default to 1 each; a node given twice counts twice.

        Raises
        ------
        ValueError
            If a weight is negative, or there is not one for each node.
        """
        given = [1] * len(nodes) if weights is None else list(weights)
        if len(given) != len(nodes) or min(given, default=0) < 0:
            msg = f"need one weight, 0 or more, for each of {len(nodes)} nodes, got {given}"
            raise ValueError(msg)
        always, never = self.true(), self.false()
        weight_of: dict[int, int] = {}
        for node, weight in zip(nodes, given, strict=True):
            if node == always:
                k -= weight
            elif node != never and weight:
                weight_of[node] = weight_of.get(node, 0) + weight
        return self._threshold_node(k, weight_of)

    def negation(self, node: int) -> int:
        """Return the node that is true when this one is not."""
        if self._op[node] == Op.TRUE:
            return self.false()
        if self._op[node] == Op.FALSE:
            return self.true()
        if self._op[node] == Op.NOT:
            return self._children[node][0]
        return self._node(Op.NOT, 0, (node,), (1,))

    def exclusive(self, nodes: Iterable[int]) -> int:
        """Return the node that is true when an odd number of these are."""
        is_odd = False
        odd: set[int] = set()
        for given in nodes:
            node = given
            if self._op[node] == Op.NOT:
                node = self._children[node][0]
                is_odd = not is_odd
            if self._op[node] == Op.TRUE:
                is_odd = not is_odd
            elif self._op[node] != Op.FALSE:
                odd ^= {node}
        if not odd:
            result = self.false()
        elif len(odd) == 1:
            (result,) = odd
        else:
            result = self._node(Op.XOR, 0, tuple(sorted(odd)), (1,) * len(odd))
        return self.negation(result) if is_odd else result

    def build(self) -> Formula:
        """Return all nodes made so far as arrays."""
        variables = [n for n, op in zip(self._variable, self._op, strict=True) if not op]
        sizes = map(len, self._children)
        return Formula(
            op=np.array(self._op, np.uint8),
            threshold=np.array(self._threshold, np.int64),
            variable=np.array(self._variable, np.uint32),
            child_offsets=np.array([0, *accumulate(sizes)], np.uint32),
            children=np.array([c for row in self._children for c in row], np.uint32),
            weights=np.array([w for row in self._weights for w in row], np.int64),
            variable_count=max(variables, default=-1) + 1,
        )

    def _joined(self, op: Op, nodes: Iterable[int], *, neutral: int, absorbing: int) -> int:
        distinct = set(nodes) - {neutral}
        if absorbing in distinct:
            return absorbing
        if any(self._op[n] == Op.NOT and self._children[n][0] in distinct for n in distinct):
            return absorbing
        if len(distinct) < 2:
            return distinct.pop() if distinct else neutral
        return self._node(op, 0, tuple(sorted(distinct)), (1,) * len(distinct))

    def _threshold_node(self, k: int, weight_of: dict[int, int]) -> int:
        if k <= 0:
            return self.true()
        enough = [node for node, weight in weight_of.items() if weight >= k]
        if enough:
            rest = {node: w for node, w in weight_of.items() if w < k}
            return self.any_of([*enough, self._threshold_node(k, rest)])
        total = sum(weight_of.values())
        if total < k:
            return self.false()
        if total - min(weight_of.values()) < k:
            return self.all_of(weight_of)
        unit = gcd(*weight_of.values())
        children = tuple(sorted(weight_of))
        weights = tuple(weight_of[node] // unit for node in children)
        return self._node(Op.AT_LEAST, -(-k // unit), children, weights)

    def _node(
        self, op: Op, number: int, children: tuple[int, ...], weights: tuple[int, ...]
    ) -> int:
        key = (int(op), number, children, weights)
        node = self._number_of.setdefault(key, len(self._op))
        if node == len(self._op):
            self._op.append(int(op))
            self._threshold.append(number if op == Op.AT_LEAST else 0)
            self._variable.append(number if op == Op.VARIABLE else 0)
            self._children.append(children)
            self._weights.append(weights)
        return node
