"""From a root of a formula to diagrams of its modules in one pool, each built once for all roots.

An input is the number of a variable, or ``-1 - module``. Modules are known again by two hashes
of their structure, so that a change elsewhere leaves them as they are.
"""

from __future__ import annotations

from typing import NamedTuple

from ripplegraph.impact.availability.kernels_diagram import (
    TOO_LARGE,
    Table,
    begun,
    diagram,
)
from ripplegraph.impact.availability.kernels_factoring import Work, settled, settled_inside
from ripplegraph.impact.availability.kernels_gates import (
    AND,
    FULL,
    OR,
    Gates,
    Ints,
    Structure,
    emptied,
    loaded,
)
from ripplegraph.impact.availability.kernels_modules import marked, restructured
from ripplegraph.impact.availability.kernels_orders import (
    GREEDY,
    ORDERS,
    SMALL_FIRST,
    inputs_in_order,
    is_input,
    region,
)

MODULES, POOL_NODES, POOL_INPUTS, POOL_FULL, WANTED_NODES, WANTED_INPUTS = 0, 1, 2, 3, 4, 5
_SMALL_REGION = 40
_ROUNDS = 3


class Pool(NamedTuple):
    """Diagrams of modules; nodes of a module are numbered from 2, after works and has failed.

    ``state[POOL_FULL]`` says what is full: 1 the places for modules, 2 for nodes and inputs, of
    which ``state[WANTED_NODES]`` and ``state[WANTED_INPUTS]`` would have been enough.
    ``limit`` is 0 for a module with a diagram, else how far was tried in vain.
    """

    level: Ints
    works: Ints
    failed: Ints
    input: Ints
    first_node: Ints
    first_input: Ints
    top: Ints
    limit: Ints
    hash_a: Ints
    hash_b: Ints
    table: Ints
    state: Ints


def reduced(s: Structure, root: int, g: Gates, w: Work) -> int:
    """Return a root of a formula in an emptied graph, simplified; its modules are marked."""
    emptied(g)
    node = settled(g, loaded(s, root, g, w.kid, w.load), w)
    for _ in range(_ROUNDS):
        made = settled_inside(g, node, w)
        if made == node or g.state[FULL]:
            break
        node = settled(g, made, w)
    if g.state[FULL]:
        return 0
    return restructured(g, node, w)


def compiled_root(
    s: Structure, root: int, g: Gates, w: Work, t: Table, pool: Pool, limits: Ints, orders: int
) -> int:
    """Return the input that a root of a formula is; its modules are in the pool then.

    Each module is tried with the first order under the last limit, then with so many further
    orders under all others, which they hardly ever fit where the first does not fit the last.

    Where ``state[FULL]`` of the graph or ``state[POOL_FULL]`` is set, it must be asked again with
    more room.
    """
    top = reduced(s, root, g, w)
    if g.state[FULL]:
        return 0
    count = marked(g, top, w)
    if g.size[top] == 0 and top > 1:
        return g.need[top]
    for at in range(count):
        node = w.nodes[at]
        if node == top or w.is_module[node]:
            w.input_of[node] = -1 - _module(g, node, w, t, pool, limits, orders)
            if pool.state[POOL_FULL] or g.state[FULL]:
                return 0
        elif g.size[node] == 0:
            w.input_of[node] = g.need[node]
    return w.input_of[top]


def _module(g: Gates, root: int, w: Work, t: Table, pool: Pool, limits: Ints, orders: int) -> int:
    """Return the number of a module: known, or built now."""
    tried = limits[len(limits) - 1] * ORDERS + orders
    mask = len(pool.table) - 1
    at = g.hash_a[root] & mask
    while pool.table[at] >= 0:
        module = pool.table[at]
        if pool.hash_a[module] == g.hash_a[root] and pool.hash_b[module] == g.hash_b[root]:
            if pool.limit[module] == 0 or pool.limit[module] >= tried:
                return module
            break
        at = (at + 1) & mask
    module = pool.state[MODULES]
    if 2 * module + 2 > len(pool.table) or module + 1 >= len(pool.first_node):
        pool.state[POOL_FULL] = 1
        return 0
    pool.limit[module] = tried
    pool.top[module] = 0
    _build(g, root, w, t, pool, limits, orders)
    if pool.state[POOL_FULL] or g.state[FULL]:
        return 0
    pool.hash_a[module] = g.hash_a[root]
    pool.hash_b[module] = g.hash_b[root]
    pool.table[at] = module
    pool.state[MODULES] = module + 1
    pool.first_node[module + 1] = pool.state[POOL_NODES]
    pool.first_input[module + 1] = pool.state[POOL_INPUTS]
    return module


def _build(g: Gates, root: int, w: Work, t: Table, pool: Pool, limits: Ints, orders: int) -> None:
    """Append the diagram of a module to the pool, unless it or one beneath is too large."""
    if root < 2:
        pool.limit[pool.state[MODULES]] = 0
        pool.top[pool.state[MODULES]] = root
        return
    count = region(g, root, w)
    for at in range(count):
        node = w.outer[at]
        is_inner = is_input(g, root, node, w) and g.size[node] > 0
        if is_inner and pool.limit[-1 - w.input_of[node]] != 0:
            return
    if _is_flat(g, root, w) and g.op[root] in (AND, OR):
        _append_chain(g, root, w, pool)
        return
    first = SMALL_FIRST if count < _SMALL_REGION else GREEDY
    # a lesser limit first would only build the same diagram twice
    if _is_appended(g, root, w, t, pool, count, first, limits[len(limits) - 1]):
        return
    if first == SMALL_FIRST:
        return
    for limit in limits[: max(1, len(limits) - 1)]:
        for kind in range(GREEDY + 1, orders):
            if _is_appended(g, root, w, t, pool, count, kind, limit):
                return


def _is_appended(
    g: Gates, root: int, w: Work, t: Table, pool: Pool, count: int, kind: int, limit: int
) -> bool:
    """Build a region's diagram under an order; return whether it fits, and is in the pool.

    True also where there is no room, so that the caller stops.
    """
    inputs = inputs_in_order(g, root, w, count, kind)
    if g.state[FULL]:
        return True
    for at in range(inputs):
        w.place[w.order[at]] = at
    if not begun(t, inputs, limit):
        return False
    top = diagram(g, root, w, t, count)
    if top == TOO_LARGE:
        return False
    _append(t, top, inputs, w, pool)
    return True


def _is_flat(g: Gates, root: int, w: Work) -> bool:
    """Return whether all children of a module are its inputs."""
    for at in range(g.first[root], g.first[root] + g.size[root]):
        if not is_input(g, root, g.child[at], w):
            return False
    return True


def _append_chain(g: Gates, root: int, w: Work, pool: Pool) -> None:
    """Append the diagram of an AND or OR of inputs: one node for each."""
    size = g.size[root]
    node = pool.state[POOL_NODES]
    place = pool.state[POOL_INPUTS]
    if not _has_room(pool, size, size):
        return
    end = 0 if g.op[root] == OR else 1
    for at in range(size):
        pool.input[place + at] = w.input_of[g.child[g.first[root] + at]]
        rest = end if at == 0 else at + 1
        pool.level[node + at] = size - 1 - at
        pool.works[node + at] = rest if end == 0 else 0
        pool.failed[node + at] = 1 if end == 0 else rest
    pool.top[pool.state[MODULES]] = size + 1
    pool.limit[pool.state[MODULES]] = 0
    pool.state[POOL_NODES] = node + size
    pool.state[POOL_INPUTS] = place + size


def _has_room(pool: Pool, nodes: int, inputs: int) -> bool:
    """Return whether so much more fits; else the pool says what it wants."""
    pool.state[WANTED_NODES] = pool.state[POOL_NODES] + nodes
    pool.state[WANTED_INPUTS] = pool.state[POOL_INPUTS] + inputs
    if pool.state[WANTED_NODES] <= len(pool.level) and pool.state[WANTED_INPUTS] <= len(
        pool.input
    ):
        return True
    pool.state[POOL_FULL] = 2
    return False


def _append(t: Table, top: int, inputs: int, w: Work, pool: Pool) -> None:
    """Append what a diagram rests on to the pool, without levels that it does not ask."""
    number, used = t.known, w.cursor
    for node in range(top + 1):
        number[node] = 0
    for level in range(inputs):
        used[w.order[level]] = 0
    number[top] = 1
    nodes = 0
    for node in range(top, 1, -1):
        if number[node]:
            nodes += 1
            number[t.node[4 * node + 1]] = 1
            number[t.node[4 * node + 2]] = 1
            used[w.order[t.node[4 * node]]] = 1
    begin = pool.state[POOL_NODES]
    place = pool.state[POOL_INPUTS]
    if not _has_room(pool, nodes, inputs):
        return
    for level in range(inputs):
        if used[w.order[level]]:
            used[w.order[level]] = place - pool.state[POOL_INPUTS]
            pool.input[place] = w.input_of[w.order[level]]
            place += 1
    pool.state[POOL_INPUTS] = place
    number[0] = 0
    number[1] = 1
    at = begin
    for node in range(2, top + 1):
        if number[node]:
            pool.level[at] = used[w.order[t.node[4 * node]]]
            pool.works[at] = number[t.node[4 * node + 1]]
            pool.failed[at] = number[t.node[4 * node + 2]]
            number[node] = at - begin + 2
            at += 1
    pool.state[POOL_NODES] = at
    pool.top[pool.state[MODULES]] = number[top]
    pool.limit[pool.state[MODULES]] = 0
