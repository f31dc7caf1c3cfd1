"""Reduced ordered binary decision diagrams (Bryant 1986) of one module at a time.

Node 0 works, node 1 has failed; a node asks the input of its level, and its successors have
larger levels and smaller numbers. The tables are as large as the largest limit; of them a small
part is used first, and more when it is full, so that small modules cost little.
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
    """Nodes, the table that finds them, the results known, and stacks by level."""

    level: Ints
    works: Ints
    failed: Ints
    slot: Ints
    known_one: Ints
    known_other: Ints
    known_result: Ints
    stack_one: Ints
    stack_other: Ints
    stack_phase: Ints
    stack_works: Ints
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
        t.level[node] = len(t.level) if node < 2 else node - 2
        t.works[node] = node if node < 2 else 0
        t.failed[node] = node if node < 2 else 1
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
        t.known_one[at] = _FREE
    for node in range(2, t.state[_SIZE]):
        at = hashed(t.level[node], t.works[node], t.failed[node]) & (size - 1)
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


def _applied_in_room(t: Table, op: int, first: int, second: int) -> int:
    level, works, failed, slot = t.level, t.works, t.failed, t.slot
    known_one, known_other, known_result = t.known_one, t.known_other, t.known_result
    ones, others, phases, halves = t.stack_one, t.stack_other, t.stack_phase, t.stack_works
    size = t.state[_SIZE]
    capacity = t.state[_CAPACITY]
    mask = t.state[_MASK]
    depth = 0
    ones[0] = first
    others[0] = second
    phases[0] = 0
    result = 0
    while depth >= 0:
        phase = phases[depth]
        one = ones[depth]
        other = others[depth]
        if phase == 0:
            if one > other:
                swapped = one
                one = other
                other = swapped
            if one == 0:
                result = 0 if op == AND else other
                depth -= 1
                continue
            if one == other:
                result = 0 if op == XOR else one
                depth -= 1
                continue
            if one == 1 and op != XOR:
                result = 1 if op == OR else other
                depth -= 1
                continue
            at = hashed(op, one, other) & mask
            if known_one[at] == one and known_other[at] == other * 8 + op:
                result = known_result[at]
                depth -= 1
                continue
            ones[depth] = one
            others[depth] = other
            phases[depth] = 1
            is_first = level[one] <= level[other]
            is_second = level[other] <= level[one]
            depth += 1
            ones[depth] = works[one] if is_first else one
            others[depth] = works[other] if is_second else other
            phases[depth] = 0
        elif phase == 1:
            halves[depth] = result
            phases[depth] = 2
            is_first = level[one] <= level[other]
            is_second = level[other] <= level[one]
            depth += 1
            ones[depth] = failed[one] if is_first else one
            others[depth] = failed[other] if is_second else other
            phases[depth] = 0
        else:
            half = halves[depth]
            if half != result:
                top = min(level[one], level[other])
                at = hashed(top, half, result) & mask
                while True:
                    node = slot[at]
                    if node == _FREE:
                        if size >= capacity:
                            t.state[_SIZE] = size
                            return TOO_LARGE
                        level[size] = top
                        works[size] = half
                        failed[size] = result
                        slot[at] = size
                        result = size
                        size += 1
                        break
                    if works[node] == half and failed[node] == result and level[node] == top:
                        result = node
                        break
                    at = (at + 1) & mask
            at = hashed(op, one, other) & mask
            known_one[at] = one
            known_other[at] = other * 8 + op
            known_result[at] = result
            depth -= 1
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
        while to > 0 and t.level[w.kid[to - 1]] < t.level[one]:
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
        while one < end or other < end:
            while other < end and needs[other] <= weight:
                other += 1
            if one >= end and other >= end:
                break
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
