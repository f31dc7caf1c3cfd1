"""In which order a diagram asks the inputs of a module: several, since none wins everywhere."""

from __future__ import annotations

from ripplegraph.impact.availability.kernels_factoring import Work
from ripplegraph.impact.availability.kernels_gates import FULL, Gates

GREEDY, SMALL_FIRST, BIG_FIRST, GATES_FIRST, ORDERS = 0, 1, 2, 3, 4
_LEAF_LAST = 1e9
_MANY = 1 << 30


def region(g: Gates, root: int, w: Work) -> int:
    """Fill ``w.outer`` with a module's inputs and gates, children first; return how many."""
    stack, cursor, mark, nodes = w.stack, w.cursor, w.mark, w.outer
    count = 0
    depth = 0
    stack[0] = root
    mark[root] = 1
    cursor[root] = g.first[root]
    while depth >= 0:
        node = stack[depth]
        at = cursor[node]
        if at < g.first[node] + g.size[node] and (node == root or w.is_module[node] == 0):
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


def is_input(g: Gates, root: int, node: int, w: Work) -> bool:
    """Return whether a node of a region is one of its inputs."""
    return node != root and (g.size[node] == 0 or w.is_module[node] != 0)


def inputs_in_order(g: Gates, root: int, w: Work, count: int, kind: int) -> int:
    """Fill ``w.order`` with the inputs of a region in an order; return how many."""
    _weigh(g, root, w, count, kind)
    size = 1
    w.parts[0] = root
    if kind == GREEDY:
        size = _frontier(g, root, w, count)
    found = 0
    for at in range(size):
        found = _depth_first(g, root, w, w.parts[at], found)
    for at in range(count):
        w.mark[w.outer[at]] = 0
    return found


def _weigh(g: Gates, root: int, w: Work, count: int, kind: int) -> None:
    """Set ``heft``, by which children are walked: least first."""
    if kind == GATES_FIRST:
        for at in range(count):
            w.heft[w.outer[at]] = _LEAF_LAST if is_input(g, root, w.outer[at], w) else 0.0
        for at in range(count):
            node = w.outer[at]
            if not is_input(g, root, node, w):
                for to in range(g.first[node], g.first[node] + g.size[node]):
                    w.heft[g.child[to]] -= 1.0
        return
    for at in range(count):
        node = w.outer[at]
        w.heft[node] = 1.0
        if not is_input(g, root, node, w):
            total = 0.0
            for to in range(g.first[node], g.first[node] + g.size[node]):
                total += abs(w.heft[g.child[to]])
            w.heft[node] = min(total, 1e300)
        if kind == BIG_FIRST:
            w.heft[node] = -w.heft[node]


def _depth_first(g: Gates, root: int, w: Work, start: int, found: int) -> int:
    """Append the inputs beneath a node that were not met before."""
    stack = w.stack
    depth = 0
    stack[0] = start
    while depth >= 0:
        node = stack[depth]
        depth -= 1
        if w.mark[node]:
            continue
        w.mark[node] = 1
        if is_input(g, root, node, w):
            w.order[found] = node
            found += 1
            continue
        bottom = depth + 1
        for to in range(g.first[node], g.first[node] + g.size[node]):
            child = g.child[to]
            if w.mark[child]:
                continue
            depth += 1
            at = depth - 1
            while at >= bottom and w.heft[stack[at]] < w.heft[child]:
                stack[at + 1] = stack[at]
                at -= 1
            stack[at + 1] = child
    return found


def _frontier(g: Gates, root: int, w: Work, count: int) -> int:
    """Put the root's children into ``w.parts`` so that few shared inputs are open at a time."""
    size = g.size[root]
    begin = g.first[root]
    for at in range(count):
        w.parents[w.outer[at]] = 0
        w.owner[w.outer[at]] = -1
    if not _shared_inputs(g, root, w):
        return 0
    for at in range(size):
        w.flag[at] = 0
    for place in range(size):
        best = -1
        best_open = _MANY
        best_closed = _MANY
        best_heft = 0.0
        for at in range(size):
            if w.flag[at]:
                continue
            opened = 0
            closed = 0
            for to in range(w.bit[at], w.bit[at + 1]):
                node = w.kid[to]
                if w.mark[node] == 0:
                    opened += 1
                if w.parents[node] == 1:
                    closed += 1
            heft = w.heft[g.child[begin + at]]
            more = opened - closed
            if more < best_open or (
                more == best_open
                and (-closed < best_closed or (-closed == best_closed and heft < best_heft))
            ):
                best = at
                best_open = more
                best_closed = -closed
                best_heft = heft
        w.flag[best] = 1
        w.parts[place] = g.child[begin + best]
        for to in range(w.bit[best], w.bit[best + 1]):
            w.parents[w.kid[to]] -= 1
            w.mark[w.kid[to]] = 1
    for at in range(count):
        w.mark[w.outer[at]] = 0
    w.mark[root] = 1
    return size


def _shared_inputs(g: Gates, root: int, w: Work) -> bool:
    """List for each child the inputs that other children have too: ``kid`` from ``bit[at]``."""
    size = g.size[root]
    filled = 0
    for at in range(size):
        w.bit[at] = filled
        depth = 0
        w.stack[0] = g.child[g.first[root] + at]
        while depth >= 0:
            node = w.stack[depth]
            depth -= 1
            if w.owner[node] == at:
                continue
            w.owner[node] = at
            if is_input(g, root, node, w):
                if filled >= len(w.kid):
                    g.state[FULL] = 1
                    return False
                w.kid[filled] = node
                filled += 1
                w.parents[node] += 1
                continue
            for to in range(g.first[node], g.first[node] + g.size[node]):
                depth += 1
                w.stack[depth] = g.child[to]
    w.bit[size] = filled
    _without_private(w, size)
    return True


def _without_private(w: Work, size: int) -> None:
    """Leave out inputs that only one child has."""
    kept = 0
    start = 0
    for at in range(size):
        end = w.bit[at + 1]
        for to in range(start, end):
            if w.parents[w.kid[to]] > 1:
                w.kid[kept] = w.kid[to]
                kept += 1
        start = end
        w.bit[at + 1] = kept
