"""What alone fails a gate is taken out of it (gate dominators), and what all of it needs.

``f = x or f(x = works)`` where ``x`` fails ``f`` alone; dually ``f = x and f(x = has failed)``
where ``f`` needs ``x``. Which nodes do so is found with a bit for each node that has several
parents: an OR fails with what fails any child, an AND with what fails all, a threshold with what
fails enough weight (needs: the other way round). NOT and XOR let nothing through.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import NamedTuple

from ripplegraph.impact.availability.kernels_gates import (
    AND,
    AT_LEAST,
    FULL,
    OR,
    WANTED_ROWS,
    Gates,
    Ints,
    gate,
    joined,
)

Floats = MutableSequence[float]

BITS = 62
MOST_ROWS = 1 << 23
"""Words of bits that one analysis may take; a larger graph is left as it is."""
_MOST_NEED = 1 << 12
_ROUNDS = 12


class Work(NamedTuple):
    """Scratch: arrays by node, stacks and buffers by children, rows of bits."""

    nodes: Ints
    place: Ints
    parents: Ints
    bit: Ints
    flag: Ints
    made: Ints
    outer: Ints
    outer_made: Ints
    outer_flag: Ints
    mark: Ints
    owner: Ints
    first_date: Ints
    second_date: Ints
    last_date: Ints
    least_date: Ints
    most_date: Ints
    cursor: Ints
    is_module: Ints
    stack: Ints
    kid: Ints
    load: Ints
    parts: Ints
    groups: Ints
    rows: Ints
    needs: Ints
    below: Ints
    sums: Ints
    heft: Floats
    order: Ints
    input_of: Ints


def beneath(g: Gates, root: int, w: Work, nodes: Ints) -> int:
    """Fill ``nodes`` with all under a root and itself, children first; return how many."""
    stack, cursor, mark = w.stack, w.cursor, w.mark
    count = 0
    depth = 0
    stack[0] = root
    mark[root] = 1
    cursor[root] = g.first[root]
    while depth >= 0:
        node = stack[depth]
        at = cursor[node]
        if at < g.first[node] + g.size[node]:
            cursor[node] = at + 1
            child = g.child[at]
            if mark[child] == 0:
                mark[child] = 1
                cursor[child] = g.first[child]
                depth += 1
                stack[depth] = child
        else:
            nodes[count] = node
            count += 1
            depth -= 1
    for at in range(count):
        mark[nodes[at]] = 0
    return count


def numbered(g: Gates, w: Work, nodes: Ints, count: int) -> int:
    """Give each node with several parents a bit; return how many words the bits take."""
    for at in range(count):
        w.place[nodes[at]] = at
        w.parents[at] = 0
    for at in range(count):
        node = nodes[at]
        for to in range(g.first[node], g.first[node] + g.size[node]):
            w.parents[w.place[g.child[to]]] += 1
    bits = 0
    for at in range(count):
        w.bit[at] = -1
        if w.parents[at] > 1:
            w.bit[at] = bits
            bits += 1
    return (bits + BITS - 1) // BITS


def gathered(
    g: Gates, w: Work, nodes: Ints, count: int, words: int, joint: int, rows: Ints
) -> None:
    """Set the rows of all nodes from those of their children; ``joint`` unites, the other meets.

    One call for all nodes: handing graph and scratch on takes longer than the work on one node.
    """
    op, first, size, child, place, bit = g.op, g.first, g.size, g.child, w.place, w.bit
    for at in range(count):
        node = nodes[at]
        kind = op[node]
        base = at * words
        begin = first[node]
        if kind in (AND, OR):
            one = place[child[begin]] * words
            for word in range(words):
                rows[base + word] = rows[one + word]
            for to in range(begin + 1, begin + size[node]):
                one = place[child[to]] * words
                if kind == joint:
                    for word in range(words):
                        rows[base + word] |= rows[one + word]
                else:
                    for word in range(words):
                        rows[base + word] &= rows[one + word]
        elif kind == AT_LEAST:
            need, end = g.need[node], begin + size[node]
            _counted(child, g.weight, begin, end, need, place, base, words, joint, w.sums, rows)
        else:
            for word in range(words):
                rows[base + word] = 0
        if bit[at] >= 0:
            rows[base + bit[at] // BITS] |= 1 << (bit[at] % BITS)


def _counted(
    child: Ints,
    weights: Ints,
    begin: int,
    end: int,
    need: int,
    place: Ints,
    base: int,
    words: int,
    joint: int,
    sums: Ints,
    rows: Ints,
) -> None:
    """Set the row of a threshold: bits whose children weigh enough, or too much to miss."""
    total = 0
    for to in range(begin, end):
        total += weights[to]
    if joint == AND:
        need = total - need + 1
    for word in range(words):
        if need > _MOST_NEED:  # heavy weights: no bit is on the safe side
            rows[base + word] = 0
            continue
        for reached in range(1, need + 1):
            sums[reached] = 0
        sums[0] = (1 << BITS) - 1
        for to in range(begin, end):
            bits = rows[place[child[to]] * words + word]
            weight = weights[to]
            for reached in range(need, 0, -1):
                before = reached - weight
                sums[reached] |= sums[max(before, 0)] & bits
        rows[base + word] = sums[need]


def has_room(g: Gates, w: Work, count: int, words: int) -> bool:
    """Return whether rows fit; where more room would help, ask for it."""
    if count * words <= len(w.rows):
        return True
    if count * words <= MOST_ROWS:
        g.state[FULL] = 1
        g.state[WANTED_ROWS] = count * words
    return False


def taken_apart(g: Gates, root: int, joint: int, w: Work) -> int:
    """Return the root with what alone fails it (OR), or what it needs (AND), at the top."""
    nodes = w.nodes
    count = beneath(g, root, w, nodes)
    words = numbered(g, w, nodes, count)
    if words == 0 or not has_room(g, w, count, words):
        return root
    gathered(g, w, nodes, count, words, joint, w.rows)
    if not _flagged(g, joint, w, count, words):
        return root
    return _rewritten(g, joint, w, count)


def _flagged(g: Gates, joint: int, w: Work, count: int, words: int) -> bool:
    """Flag the nodes that go to the top; return whether that changes anything."""
    flag = w.flag
    top = (count - 1) * words
    is_changed = False
    for at in range(count):
        bit = w.bit[at]
        flag[at] = 0
        if bit >= 0 and (w.rows[top + bit // BITS] >> (bit % BITS)) & 1:
            flag[at] = 1
            is_changed = True
    flag[count - 1] = 1
    for at in range(count - 1, -1, -1):
        node = w.nodes[at]
        if flag[at] and g.op[node] == joint:
            for to in range(g.first[node], g.first[node] + g.size[node]):
                child = w.place[g.child[to]]
                flag[child] = 1
                if at < count - 1:
                    is_changed = True
    return is_changed


def _rewritten(g: Gates, joint: int, w: Work, count: int) -> int:
    """Return the root made anew: flagged nodes are joined, and neutral inside each other."""
    neutral = 0 if joint == OR else 1
    parts = 0
    for at in range(count):
        node = w.nodes[at]
        made = node
        begin = g.first[node]
        size = g.size[node]
        if size > 0:
            is_changed = False
            for to in range(size):
                w.kid[to] = w.made[w.place[g.child[begin + to]]]
                w.load[to] = g.weight[begin + to]
                is_changed = is_changed or w.kid[to] != g.child[begin + to]
            if is_changed:
                made = gate(g, g.op[node], g.need[node], w.kid, w.load, 0, size)
        if w.flag[at]:
            w.parts[parts] = made
            parts += 1
            made = neutral
        w.made[at] = made
    return flattened(g, joint, w, parts)


def flattened(g: Gates, joint: int, w: Work, parts: int) -> int:
    """Return the join of parts, those that are joins themselves replaced by their children."""
    size = 0
    for at in range(parts):
        depth = 0
        w.stack[0] = w.parts[at]
        while depth >= 0:
            node = w.stack[depth]
            depth -= 1
            if size >= len(w.kid) or depth + g.size[node] >= len(w.stack):
                g.state[FULL] = 1
                return 0
            if g.op[node] == joint:
                for to in range(g.first[node], g.first[node] + g.size[node]):
                    depth += 1
                    w.stack[depth] = g.child[to]
            else:
                w.kid[size] = node
                size += 1
    return joined(g, joint, w.kid, w.load, 0, size)


def settled(g: Gates, root: int, w: Work) -> int:
    """Return the root taken apart until that changes nothing."""
    for _ in range(_ROUNDS):
        made = _apart_either_way(g, root, w)
        if g.state[FULL]:
            return 0
        if made == root:
            break
        root = made
    return root


def _apart_either_way(g: Gates, root: int, w: Work) -> int:
    """Return the root with what alone fails it at the top; if nothing does, what it needs."""
    count = beneath(g, root, w, w.nodes)
    words = numbered(g, w, w.nodes, count)
    if words == 0 or not has_room(g, w, count, words):
        return root
    gathered(g, w, w.nodes, count, words, OR, w.rows)
    if _flagged(g, OR, w, count, words):
        made = _rewritten(g, OR, w, count)
        if made != root:
            return made
    gathered(g, w, w.nodes, count, words, AND, w.rows)
    if _flagged(g, AND, w, count, words):
        return _rewritten(g, AND, w, count)
    return root


def settled_inside(g: Gates, root: int, w: Work) -> int:
    """Return the root with every gate beneath taken apart for which that changes anything."""
    count = beneath(g, root, w, w.outer)
    words = numbered(g, w, w.outer, count)
    if words == 0 or not has_room(g, w, count, words):
        return root
    gathered(g, w, w.outer, count, words, OR, w.rows)
    gathered(g, w, w.outer, count, words, AND, w.needs)
    _suspected(g, w, count, words)
    for at in range(count):
        node = w.outer[at]
        begin = g.first[node]
        size = g.size[node]
        made = node
        if size > 0:
            is_changed = False
            for to in range(size):
                w.kid[to] = w.outer_made[g.child[begin + to]]
                w.load[to] = g.weight[begin + to]
                is_changed = is_changed or w.kid[to] != g.child[begin + to]
            if is_changed:
                made = gate(g, g.op[node], g.need[node], w.kid, w.load, 0, size)
            if w.outer_flag[at] & 1:
                made = taken_apart(g, made, OR, w)
            if w.outer_flag[at] & 2:
                made = taken_apart(g, made, AND, w)
        w.outer_made[node] = made
        if g.state[FULL]:
            return 0
    return w.outer_made[root]


def _suspected(g: Gates, w: Work, count: int, words: int) -> None:
    """Set ``outer_flag``: 1 if something alone fails a node inside, 2 if the node needs it."""
    first, size, child, place, bit = g.first, g.size, g.child, w.place, w.bit
    rows, needs, below = w.rows, w.needs, w.below
    for at in range(count):
        node = w.outer[at]
        op = g.op[node]
        begin = first[node]
        end = begin + size[node]
        found = 0
        for word in range(words):
            row = at * words + word
            once = 0
            twice = 0
            for to in range(begin, end):
                bits = below[place[child[to]] * words + word]
                twice |= once & bits
                once |= bits
            fails = rows[row] & once
            needed = needs[row] & once
            if (fails & twice if op == OR else fails) != 0:
                found |= 1
            if (needed & twice if op == AND else needed) != 0:
                found |= 2
            below[row] = once
        if bit[at] >= 0:
            below[at * words + bit[at] // BITS] |= 1 << (bit[at] % BITS)
        w.outer_flag[at] = found
