"""Gates made once: a graph that kernels rewrite, one source for plain Python and for numba.

Kernels only index, so that they run on lists (plain) and on arrays (compiled). Node 0 works
always, node 1 has always failed; children have smaller numbers than the gates that use them.
Equal nodes get equal numbers by two hashes of 62 bits that do not depend on the order of
children. Where there is no room, ``state[FULL]`` is set and node 0 stands in: the caller throws
the graph away and starts again with more room.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import NamedTuple

from ripplegraph.impact.availability.formula import Op

Ints = MutableSequence[int]

VARIABLE, AND, OR = int(Op.VARIABLE), int(Op.AND), int(Op.OR)
AT_LEAST, NOT, XOR, TRUE = int(Op.AT_LEAST), int(Op.NOT), int(Op.XOR), int(Op.TRUE)
NODES, CHILDREN, FULL, WANTED_ROWS = 0, 1, 2, 3
MASK = (1 << 62) - 1
_ONE, _OTHER = 0x1E3779B97F4A7C15, 0x2545F4914F6CDD1D


class Gates(NamedTuple):
    """A graph of gates of one root; ``need`` is a threshold, or the number of a variable."""

    op: Ints
    need: Ints
    first: Ints
    size: Ints
    child: Ints
    weight: Ints
    hash_a: Ints
    hash_b: Ints
    slot: Ints
    table: Ints
    state: Ints


class Structure(NamedTuple):
    """The arrays of a formula; ``place`` and ``cursor`` are scratch, -1 between calls."""

    op: Ints
    threshold: Ints
    variable: Ints
    offsets: Ints
    children: Ints
    weights: Ints
    hash_a: Ints
    hash_b: Ints
    place: Ints
    cursor: Ints
    order: Ints
    stack: Ints


def mixed(one: int, other: int) -> int:
    """Return 62 bits that hang on both numbers, the same in plain Python and compiled."""
    bits = ((one ^ (other * _ONE)) * _OTHER) & MASK
    bits = ((bits ^ (bits >> 31)) * _ONE) & MASK
    return bits ^ (bits >> 29)


def emptied(g: Gates) -> None:
    """Leave only the two constants in a graph."""
    for node in range(g.state[NODES]):
        g.table[g.slot[node]] = -1
    g.state[NODES] = 0
    g.state[CHILDREN] = 0
    g.state[FULL] = 0
    for constant in range(2):
        added(g, TRUE + 1 - constant, 0, g.child, g.weight, 0, 0)


def added(g: Gates, op: int, need: int, kid: Ints, load: Ints, start: int, size: int) -> int:
    """Return the node of these children, ``kid[start:start + size]``, as they are."""
    a = mixed(op * 8 + 1, need)
    b = mixed(op * 8 + 5, need + 11)
    sum_a = 0
    sum_b = 0
    for at in range(start, start + size):
        weight = load[at] if op == AT_LEAST else 1
        sum_a = (sum_a + mixed(g.hash_a[kid[at]], weight)) & MASK
        sum_b = (sum_b + mixed(g.hash_b[kid[at]], weight + 17)) & MASK
    return entered(g, op, need, kid, load, start, size, mixed(a, sum_a), mixed(b, sum_b))


def entered(
    g: Gates, op: int, need: int, kid: Ints, load: Ints, start: int, size: int, a: int, b: int
) -> int:
    """Return the node with these hashes, made of these children if there is none yet."""
    mask = len(g.table) - 1
    at = a & mask
    while g.table[at] >= 0:
        node = g.table[at]
        if g.hash_a[node] == a and g.hash_b[node] == b:
            return node
        at = (at + 1) & mask
    node = g.state[NODES]
    begin = g.state[CHILDREN]
    if node >= len(g.op) or begin + size > len(g.child):
        g.state[FULL] = 1
        return 0
    g.op[node] = op
    g.need[node] = need
    g.first[node] = begin
    g.size[node] = size
    g.hash_a[node] = a
    g.hash_b[node] = b
    g.slot[node] = at
    g.table[at] = node
    for one in range(size):
        g.child[begin + one] = kid[start + one]
        g.weight[begin + one] = load[start + one] if op == AT_LEAST else 1
    g.state[NODES] = node + 1
    g.state[CHILDREN] = begin + size
    return node


def ordered(kid: Ints, load: Ints, start: int, size: int) -> None:
    """Sort children and with them their weights (Shell 1959)."""
    gap = size // 2
    while gap > 0:
        for at in range(start + gap, start + size):
            one = kid[at]
            weight = load[at]
            to = at
            while to - gap >= start and kid[to - gap] > one:
                kid[to] = kid[to - gap]
                load[to] = load[to - gap]
                to -= gap
            kid[to] = one
            load[to] = weight
        gap //= 2


def joined(g: Gates, op: int, kid: Ints, load: Ints, start: int, size: int) -> int:
    """Return the AND or OR of children; they are reordered."""
    neutral = 0 if op == OR else 1
    kept = start
    for at in range(start, start + size):
        if kid[at] == 1 - neutral:
            return 1 - neutral
        if kid[at] != neutral:
            kid[kept] = kid[at]
            kept += 1
    ordered(kid, load, start, kept - start)
    distinct = start
    for at in range(start, kept):
        if distinct == start or kid[distinct - 1] != kid[at]:
            kid[distinct] = kid[at]
            distinct += 1
    if distinct == start:
        return neutral
    if distinct == start + 1:
        return kid[start]
    return added(g, op, 0, kid, load, start, distinct - start)


def reaching(g: Gates, need: int, kid: Ints, load: Ints, start: int, size: int) -> int:
    """Return the node that fails when failed children weigh ``need``; they are reordered.

    The buffers have room for as many again behind ``start + size``.
    """
    kept = start
    for at in range(start, start + size):
        if kid[at] == 1:
            need -= load[at]
        elif kid[at] != 0 and load[at] > 0:
            kid[kept] = kid[at]
            load[kept] = load[at]
            kept += 1
    ordered(kid, load, start, kept - start)
    last = start - 1
    for at in range(start, kept):
        if last >= start and kid[last] == kid[at]:
            load[last] += load[at]
        else:
            last += 1
            kid[last] = kid[at]
            load[last] = load[at]
    if need <= 0:
        return 1
    return _reaching_distinct(g, need, kid, load, start, last + 1 - start)


def _reaching_distinct(g: Gates, need: int, kid: Ints, load: Ints, start: int, size: int) -> int:
    """Return the same of distinct children that can fail: those heavy enough alone apart."""
    rest = start
    heavy = start + size + 1
    for at in range(start, start + size):
        if load[at] >= need:
            kid[heavy] = kid[at]
            heavy += 1
        else:
            kid[rest] = kid[at]
            load[rest] = load[at]
            rest += 1
    total = 0
    least = need
    unit = 0
    for at in range(start, rest):
        total += load[at]
        least = min(least, load[at])
        unit = _divisor(load[at], unit)
    if total < need:
        node = 0
    elif total - least < need:
        node = joined(g, AND, kid, load, start, rest - start)
    else:
        for at in range(start, rest):
            load[at] //= unit
        node = added(g, AT_LEAST, -(-need // unit), kid, load, start, rest - start)
    if heavy == start + size + 1:
        return node
    kid[start + size] = node
    return joined(g, OR, kid, load, start + size, heavy - start - size)


def _divisor(one: int, other: int) -> int:
    while other > 0:
        one, other = other, one % other
    return one


def negated(g: Gates, node: int, kid: Ints, load: Ints, start: int) -> int:
    """Return the node that has failed when this one works."""
    if node < 2:
        return 1 - node
    if g.op[node] == NOT:
        return g.child[g.first[node]]
    kid[start] = node
    return added(g, NOT, 0, kid, load, start, 1)


def odd(g: Gates, kid: Ints, load: Ints, start: int, size: int) -> int:
    """Return the node that has failed when an odd number of children have; reorders them."""
    parity = 0
    kept = start
    for at in range(start, start + size):
        one = kid[at]
        if g.op[one] == NOT:
            one = g.child[g.first[one]]
            parity ^= 1
        if one < 2:
            parity ^= one
        else:
            kid[kept] = one
            kept += 1
    ordered(kid, load, start, kept - start)
    left = start
    for at in range(start, kept):
        if left > start and kid[left - 1] == kid[at]:
            left -= 1
        else:
            kid[left] = kid[at]
            left += 1
    if left == start:
        return parity
    node = kid[start]
    if left > start + 1:
        node = added(g, XOR, 0, kid, load, start, left - start)
    return negated(g, node, kid, load, start) if parity else node


def gate(g: Gates, op: int, need: int, kid: Ints, load: Ints, start: int, size: int) -> int:
    """Return the node of a gate with these children, simplified; they are reordered."""
    if op in (AND, OR):
        return joined(g, op, kid, load, start, size)
    if op == AT_LEAST:
        return reaching(g, need, kid, load, start, size)
    if op == XOR:
        return odd(g, kid, load, start, size)
    return negated(g, kid[start], kid, load, start)


def loaded(s: Structure, root: int, g: Gates, kid: Ints, load: Ints) -> int:
    """Return the node of a formula's root in an emptied graph, all beneath it made there.

    A formula is simplified when it is built, and its nodes are named, so that they only enter.
    """
    depth = 0
    found = 0
    s.stack[0] = root
    s.cursor[root] = s.offsets[root]
    while depth >= 0:
        node = s.stack[depth]
        at = s.cursor[node]
        if at < s.offsets[node + 1]:
            s.cursor[node] = at + 1
            below = s.children[at]
            if s.cursor[below] < 0:
                s.cursor[below] = s.offsets[below]
                depth += 1
                s.stack[depth] = below
            continue
        depth -= 1
        s.order[found] = node
        found += 1
        size = 0
        for at in range(s.offsets[node], s.offsets[node + 1]):
            kid[size] = s.place[s.children[at]]
            load[size] = s.weights[at]
            size += 1
        op = s.op[node]
        need = s.variable[node] if op == VARIABLE else s.threshold[node]
        a, b = s.hash_a[node], s.hash_b[node]
        s.place[node] = entered(g, op, need, kid, load, 0, size, a, b)
        if g.state[FULL]:
            break
    made = s.place[root]
    for at in range(found):
        s.place[s.order[at]] = -1
        s.cursor[s.order[at]] = -1
    for at in range(depth + 1):
        s.cursor[s.stack[at]] = -1
    return made


def named(s: Structure) -> None:
    """Set the hashes of all nodes of a formula: those that its nodes have in a graph."""
    hash_a, hash_b = s.hash_a, s.hash_b
    for node in range(len(s.op)):
        need = s.variable[node] if s.op[node] == VARIABLE else s.threshold[node]
        sum_a = 0
        sum_b = 0
        for at in range(s.offsets[node], s.offsets[node + 1]):
            child = s.children[at]
            sum_a = (sum_a + mixed(hash_a[child], s.weights[at])) & MASK
            sum_b = (sum_b + mixed(hash_b[child], s.weights[at] + 17)) & MASK
        hash_a[node] = mixed(mixed(s.op[node] * 8 + 1, need), sum_a)
        hash_b[node] = mixed(mixed(s.op[node] * 8 + 5, need + 11), sum_b)
