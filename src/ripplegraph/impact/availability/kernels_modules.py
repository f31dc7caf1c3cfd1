"""Modules: gates whose variables nothing else uses (Dutuit and Rauzy 1996), and more of them.

A module can stand as one input of the gates above it. Children that always come together under
gates of one kind are made a gate of their own, and so are groups of children that share nothing
with the others.
"""

from __future__ import annotations

from ripplegraph.impact.availability.kernels_factoring import Work, beneath
from ripplegraph.impact.availability.kernels_gates import (
    AND,
    FULL,
    MASK,
    OR,
    Gates,
    Ints,
    gate,
    joined,
    mixed,
)

_FAR = 1 << 60
_MIXED = -2
_ROUNDS = 3


def restructured(g: Gates, root: int, w: Work) -> int:
    """Return the root with as many modules as the structure gives."""
    for _ in range(_ROUNDS):
        made = _together(g, root, w, marked(g, root, w))
        if made == root or g.state[FULL]:
            break
        root = made
    made = _apart(g, made, w, marked(g, made, w), 1)
    return _apart(g, made, w, marked(g, made, w), 0)


def marked(g: Gates, root: int, w: Work) -> int:
    """Set ``is_module`` of all nodes beneath a root, ``w.nodes``; return how many."""
    count = beneath(g, root, w, w.nodes)
    for at in range(count):
        w.first_date[w.nodes[at]] = 0
    _dated(g, root, w)
    for at in range(count):
        node = w.nodes[at]
        w.is_module[node] = 0
        if g.size[node] == 0:
            w.least_date[node] = w.first_date[node]
            w.most_date[node] = w.last_date[node]
            continue
        least = _FAR
        most = 0
        for to in range(g.first[node], g.first[node] + g.size[node]):
            child = g.child[to]
            least = min(least, w.least_date[child], w.first_date[child])
            most = max(most, w.most_date[child], w.last_date[child])
        w.least_date[node] = least
        w.most_date[node] = most
        if least > w.first_date[node] and most < w.second_date[node]:
            w.is_module[node] = 1
    return count


def _dated(g: Gates, root: int, w: Work) -> None:
    """Walk depth first; note when each node is met first, left, and met last."""
    stack, cursor = w.stack, w.cursor
    date = 1
    depth = 0
    stack[0] = root
    w.first_date[root] = date
    w.last_date[root] = date
    cursor[root] = g.first[root]
    while depth >= 0:
        node = stack[depth]
        at = cursor[node]
        date += 1
        if at == g.first[node] + g.size[node]:
            w.second_date[node] = date
            w.last_date[node] = date
            depth -= 1
            continue
        cursor[node] = at + 1
        child = g.child[at]
        w.last_date[child] = date
        if w.first_date[child] == 0:
            w.first_date[child] = date
            if g.size[child] > 0:
                cursor[child] = g.first[child]
                depth += 1
                stack[depth] = child


def _together(g: Gates, root: int, w: Work, count: int) -> int:
    """Return the root with leaves and modules joined that have the same parents of one kind."""
    nodes, owner = w.nodes, w.owner
    if not _companions(g, root, w, count):
        return root
    half = len(w.kid) // 2
    for at in range(count):
        node = nodes[at]
        made = node
        op = g.op[node]
        begin = g.first[node]
        size = 0
        is_changed = False
        for to in range(begin, begin + g.size[node]):
            child = g.child[to]
            leader = owner[child]
            one = w.made[child]
            if leader >= 0 and leader != child:
                is_changed = True
                continue
            if leader == child:
                group = 0
                for other in range(begin, begin + g.size[node]):
                    if owner[g.child[other]] == child:
                        w.kid[half + group] = w.made[g.child[other]]
                        group += 1
                one = joined(g, op, w.kid, w.load, half, group)
            is_changed = is_changed or one != child
            w.kid[size] = one
            w.load[size] = g.weight[to]
            size += 1
        if is_changed:
            made = gate(g, op, g.need[node], w.kid, w.load, 0, size)
        w.made[node] = made
    return w.made[root]


def _companions(g: Gates, root: int, w: Work, count: int) -> bool:
    """Set ``owner`` to the first of those with the same parents, -1 for others; say if any."""
    nodes, owner = w.nodes, w.owner
    key, other_key, kind = w.parts, w.parents, w.flag
    for at in range(count):
        node = nodes[at]
        key[node] = 0
        other_key[node] = 0
        kind[node] = -1
        owner[node] = -1
    for at in range(count):
        node = nodes[at]
        op = g.op[node]
        for to in range(g.first[node], g.first[node] + g.size[node]):
            child = g.child[to]
            key[child] = (key[child] + mixed(g.hash_a[node], 91)) & MASK
            other_key[child] = (other_key[child] + mixed(g.hash_b[node], 97)) & MASK
            if kind[child] == -1:
                kind[child] = op
            elif kind[child] != op:
                kind[child] = _MIXED
    return _led(g, root, w, count)


def _led(g: Gates, root: int, w: Work, count: int) -> bool:
    key, other_key, kind = w.parts, w.parents, w.flag
    mask = len(w.groups) - 1
    is_any = False
    for at in range(count):
        node = w.nodes[at]
        is_leaf = g.size[node] == 0 or w.is_module[node]
        if node == root or not is_leaf or not (kind[node] == AND or kind[node] == OR):
            continue
        to = key[node] & mask
        while w.groups[to] >= 0:
            leader = w.groups[to]
            if key[leader] == key[node] and other_key[leader] == other_key[node]:
                break
            to = (to + 1) & mask
        if w.groups[to] < 0:
            w.groups[to] = node
        else:
            is_any = True
        w.owner[node] = w.groups[to]
        w.place[node] = to
    for at in range(count):
        if w.owner[w.nodes[at]] == w.nodes[at]:
            w.groups[w.place[w.nodes[at]]] = -1
    return is_any


def _apart(g: Gates, root: int, w: Work, count: int, is_private: int) -> int:
    """Return the root with groups of children of AND and OR as gates of their own.

    Private: those leaves and modules that only this gate uses. Else, for modules: children that
    share something with each other, and nothing with the other groups.
    """
    nodes = w.nodes
    for at in range(count):
        w.parents[nodes[at]] = 0
    for at in range(count):
        node = nodes[at]
        for to in range(g.first[node], g.first[node] + g.size[node]):
            w.parents[g.child[to]] += 1
    for at in range(count):
        node = nodes[at]
        op = g.op[node]
        size = g.size[node]
        made = node
        if size > 2 and (op in (AND, OR)) and (is_private or w.is_module[node]):
            groups = _private(g, w, node) if is_private else _linked(g, w, node, at + 1)
            made = _regrouped(g, w, node, groups)
        elif size > 0:
            is_changed = False
            for to in range(size):
                w.kid[to] = w.made[g.child[g.first[node] + to]]
                w.load[to] = g.weight[g.first[node] + to]
                is_changed = is_changed or w.kid[to] != g.child[g.first[node] + to]
            if is_changed:
                made = gate(g, op, g.need[node], w.kid, w.load, 0, size)
        w.made[node] = made
    for at in range(count):
        w.mark[nodes[at]] = 0
    return w.made[root]


def _private(g: Gates, w: Work, node: int) -> int:
    """Set the leader of each child: private ones follow the first of them; return how many."""
    begin = g.first[node]
    groups = 0
    first = -1
    for at in range(g.size[node]):
        child = g.child[begin + at]
        is_leaf = g.size[child] == 0 or w.is_module[child]
        if is_leaf and w.parents[child] == 1 and first >= 0:
            w.flag[at] = first
            continue
        if is_leaf and w.parents[child] == 1:
            first = at
        w.flag[at] = at
        groups += 1
    return groups


def _linked(g: Gates, w: Work, node: int, stamp: int) -> int:
    """Set the leader of each child: those that share something have one; return how many."""
    begin = g.first[node]
    size = g.size[node]
    leader = w.flag
    for at in range(size):
        leader[at] = at
    for at in range(size):
        depth = 0
        w.stack[0] = g.child[begin + at]
        while depth >= 0:
            one = w.stack[depth]
            depth -= 1
            if w.mark[one] == stamp:
                mine = _leader(leader, at)
                other = _leader(leader, w.owner[one])
                if mine != other:
                    leader[max(mine, other)] = min(mine, other)
                continue
            w.mark[one] = stamp
            w.owner[one] = at
            if not w.is_module[one]:
                for to in range(g.first[one], g.first[one] + g.size[one]):
                    depth += 1
                    w.stack[depth] = g.child[to]
    groups = 0
    for at in range(size):
        leader[at] = _leader(leader, at)
        if leader[at] == at:
            groups += 1
    return groups


def _leader(leader: Ints, at: int) -> int:
    while leader[at] != at:
        at = leader[at]
    return at


def _regrouped(g: Gates, w: Work, node: int, groups: int) -> int:
    """Return the node anew: a gate of its own for each group, if there are several."""
    op = g.op[node]
    begin = g.first[node]
    size = g.size[node]
    half = len(w.kid) // 2
    kept = 0
    for at in range(size):
        one = w.made[g.child[begin + at]]
        if 1 < groups < size:
            if w.flag[at] != at:
                continue
            group = 0
            for other in range(at, size):
                if w.flag[other] == at:
                    w.kid[half + group] = w.made[g.child[begin + other]]
                    group += 1
            one = joined(g, op, w.kid, w.load, half, group)
        w.kid[kept] = one
        kept += 1
    return joined(g, op, w.kid, w.load, 0, kept)
