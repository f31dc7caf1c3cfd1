"""Reduced ordered binary decision diagrams (Bryant 1986) of one module at a time.

Node 0 works, node 1 has failed; a node asks the input of its level, and its successors have
larger levels and smaller numbers. The tables are as large as the largest limit; of them a small
part is used first, and more when it is full, so that small modules cost little. What is read
together stands together: most of the time goes into waiting for memory.
"""

from __future__ import annotations

from typing import NamedTuple

from ripplegraph.impact.availability.kernels_factoring import Work
from ripplegraph.impact.availability.kernels_gates import (
    AND,
    AT_LEAST,
    MASK,
    NOT,
    OR,
    XOR,
    Gates,
    Ints,
)
from ripplegraph.impact.availability.kernels_orders import is_input

TOO_LARGE = -1
MOST_NEEDS = 1 << 14
"""What may still be needed, over all children of a threshold; scratch has room for it."""
_SIZE, _CAPACITY, _LIMIT, _MASK = 0, 1, 2, 3
_FIRST_CAPACITY = 256
_FREE = -1
_FIRST, _SECOND, _THIRD = 0x1E3779B97F4A7C15, 0x02B2AE3D27D4EB4F, 0x165667B19E3779F9


class Table(NamedTuple):
    """Nodes, the table that finds them, the results known, and stacks by level.

    ``node`` holds level, successor if the input works, and if it has failed, from ``4 * number``
    on; ``known`` both operands, the second with the operation, and the result.
    """

    node: Ints
    slot: Ints
    known: Ints
    stack_one: Ints
    stack_other: Ints
    stack_half: Ints
    state: Ints


def hashed(level: int, one: int, other: int) -> int:
    """Return bits that hang on three numbers, the same in plain Python and compiled."""
    bits = (level * _FIRST + one * _SECOND + other * _THIRD) & MASK
    return (((bits ^ (bits >> 31)) * _FIRST) & MASK) >> 24


def begun(t: Table, inputs: int, limit: int) -> bool:
    """Empty the tables, and make a node for each input; False if that is too many."""
    state = t.state
    if inputs + 2 > limit:
        return False
    state[_LIMIT] = limit
    state[_SIZE] = 2
    for node in range(inputs + 2):
        t.node[4 * node] = len(t.node) if node < 2 else node - 2
        t.node[4 * node + 1] = node if node < 2 else 0
        t.node[4 * node + 2] = node if node < 2 else 1
    state[_SIZE] = inputs + 2
    _spread(t, min(limit, max(_FIRST_CAPACITY, 4 * inputs)))
    return True


def _spread(t: Table, capacity: int) -> None:
    """Use tables for so many nodes; results known so far are forgotten."""
    size = 2
    while size < 2 * capacity:
        size *= 2
    t.state[_CAPACITY] = capacity
    t.state[_MASK] = size - 1
    for at in range(size):
        t.slot[at] = _FREE
        t.known[4 * at] = _FREE
    for node in range(2, t.state[_SIZE]):
        to = 4 * node
        at = hashed(t.node[to], t.node[to + 1], t.node[to + 2]) & (size - 1)
        while t.slot[at] != _FREE:
            at = (at + 1) & (size - 1)
        t.slot[at] = node


def applied(t: Table, op: int, first: int, second: int) -> int:
    """Return the AND, OR or XOR of two nodes, or TOO_LARGE."""
    while True:
        node = _applied_in_room(t, op, first, second)
        if node != TOO_LARGE or t.state[_CAPACITY] >= t.state[_LIMIT]:
            return node
        _spread(t, min(t.state[_LIMIT], 4 * t.state[_CAPACITY]))


def _applied_in_room(t: Table, op: int, one: int, other: int) -> int:
    """Return the same, or TOO_LARGE where the tables in use are full.

    A level of the stack holds two operands, and the half where the input works once it is known.
    """
    nodes, slot, known = t.node, t.slot, t.known
    ones, others, halves = t.stack_one, t.stack_other, t.stack_half
    size = t.state[_SIZE]
    mask = t.state[_MASK]
    depth = -1
    while True:
        if one > other:
            swapped = one
            one = other
            other = swapped
        result = _FREE
        if one == 0:
            result = 0 if op == AND else other
        elif one == other:
            result = 0 if op == XOR else one
        elif one == 1 and op != XOR:
            result = 1 if op == OR else other
        else:
            at = (hashed(op, one, other) & mask) * 4
            if known[at] == one and known[at + 1] == other * 8 + op:
                result = known[at + 2]
        is_at_end = result != _FREE
        if is_at_end:
            while depth >= 0 and halves[depth] != _FREE:
                one = ones[depth]
                other = others[depth]
                half = halves[depth]
                depth -= 1
                if half != result:
                    top = min(nodes[4 * one], nodes[4 * other])
                    at = hashed(top, half, result) & mask
                    node = slot[at]
                    while node != _FREE and not (
                        nodes[4 * node + 1] == half
                        and nodes[4 * node + 2] == result
                        and nodes[4 * node] == top
                    ):
                        at = (at + 1) & mask
                        node = slot[at]
                    if node == _FREE:
                        node = size
                        if size >= t.state[_CAPACITY]:
                            t.state[_SIZE] = size
                            return TOO_LARGE
                        nodes[4 * size] = top
                        nodes[4 * size + 1] = half
                        nodes[4 * size + 2] = result
                        slot[at] = size
                        size += 1
                    result = node
                at = (hashed(op, one, other) & mask) * 4
                known[at] = one
                known[at + 1] = other * 8 + op
                known[at + 2] = result
            if depth < 0:
                break
            halves[depth] = result
            one = ones[depth]
            other = others[depth]
        else:
            depth += 1
            ones[depth] = one
            others[depth] = other
            halves[depth] = _FREE
        half_at = 2 if is_at_end else 1
        level_one = nodes[4 * one]
        level_other = nodes[4 * other]
        if level_one <= level_other:
            one = nodes[4 * one + half_at]
        if level_other <= level_one:
            other = nodes[4 * other + half_at]
    t.state[_SIZE] = size
    return result


def diagram(g: Gates, root: int, w: Work, t: Table, count: int) -> int:
    """Return the diagram of a region whose inputs have ``w.place`` as level, or TOO_LARGE."""
    top = 0
    for at in range(count):
        node = w.outer[at]
        if is_input(g, root, node, w):
            top = w.place[node] + 2
        else:
            top = _of_gate(g, node, w, t)
            if top == TOO_LARGE:
                return TOO_LARGE
        w.made[node] = top
    return top


def _of_gate(g: Gates, node: int, w: Work, t: Table) -> int:
    """Return the diagram of a gate from those of its children."""
    op = g.op[node]
    size = g.size[node]
    _by_level(g, node, w, t)
    if op == AT_LEAST:
        return _of_threshold(t, w, g.need[node], size)
    if op == NOT:
        return applied(t, XOR, w.kid[0], 1)
    while size > 1:
        kept = 0
        for at in range(0, size - 1, 2):
            w.kid[kept] = applied(t, op, w.kid[at], w.kid[at + 1])
            if w.kid[kept] == TOO_LARGE:
                return TOO_LARGE
            kept += 1
        if size % 2 == 1:
            w.kid[kept] = w.kid[size - 1]
            kept += 1
        size = kept
    return w.kid[0]


def _by_level(g: Gates, node: int, w: Work, t: Table) -> None:
    """Put the diagrams of a gate's children into ``w.kid``, the deepest first."""
    begin = g.first[node]
    for at in range(g.size[node]):
        one = w.made[g.child[begin + at]]
        to = at
        while to > 0 and t.node[4 * w.kid[to - 1]] < t.node[4 * one]:
            w.kid[to] = w.kid[to - 1]
            w.load[to] = w.load[to - 1]
            to -= 1
        w.kid[to] = one
        w.load[to] = g.weight[begin + at]


def _of_threshold(t: Table, w: Work, need: int, size: int) -> int:
    """Return where enough weight has failed.

    ``parts`` holds, child by child from the one asked first (the last in ``w.kid``), what may
    still be needed before it, rising; ``groups`` where each list starts.
    """
    starts, needs, after = w.bit, w.parts, w.parents
    filled = _needs_by_child(w, need, size)
    if filled == TOO_LARGE:
        return TOO_LARGE
    for at in range(starts[size], filled):
        after[at] = 0
    for place in range(size - 1, -1, -1):
        operand = w.kid[size - 1 - place]
        weight = w.load[size - 1 - place]
        below = starts[place + 1]
        far = starts[place + 1]
        for at in range(starts[place], starts[place + 1]):
            while needs[below] != needs[at]:
                below += 1
            rest = 1
            if needs[at] > weight:
                while needs[far] != needs[at] - weight:
                    far += 1
                rest = after[far]
            taken = applied(t, AND, operand, rest)
            if taken == TOO_LARGE:
                return TOO_LARGE
            after[at] = applied(t, OR, after[below], taken)
            if after[at] == TOO_LARGE:
                return TOO_LARGE
    return after[0]


def _needs_by_child(w: Work, need: int, size: int) -> int:
    """List what may still be needed before each child and after the last; return the length."""
    starts, needs = w.bit, w.parts
    starts[0] = 0
    starts[1] = 1
    needs[0] = need
    filled = 1
    for place in range(size):
        weight = w.load[size - 1 - place]
        one = starts[place]
        other = starts[place]
        end = filled
        starts[place + 1] = filled
        while other < end and needs[other] <= weight:  # they rise: the first ones
            other += 1
        while one < end or other < end:
            if filled >= MOST_NEEDS:
                return TOO_LARGE
            if other >= end or (one < end and needs[one] <= needs[other] - weight):
                following = needs[one]
                one += 1
            else:
                following = needs[other] - weight
                other += 1
            if filled == end or needs[filled - 1] != following:
                needs[filled] = following
                filled += 1
    return filled
