"""The kernel that finds circles in large graphs: one source, plain Python or compiled by numba.

It indexes only, so that it runs on memory views (plain) and on numpy arrays (compiled).
"""

from __future__ import annotations

from ripplegraph.graph.processor import Numbers, ask_ahead

_DONE = 0xFFFF_FFFF
_AHEAD = 16


def peel(
    offsets: Numbers,
    needed: Numbers,
    effect: Numbers,
    seen: Numbers,
    waiting: Numbers,
    queue: Numbers,
) -> None:
    """Mark the CIs that no circle needs: those that nothing needs, without them the next ones.

    CMDBs are nearly free of circles: this leaves few, and reads memory in an order that is known
    ahead. ``waiting`` is zero at first.
    """
    count = len(seen)
    for edge in range(len(needed)):
        if effect[edge] != 0:
            waiting[needed[edge]] += 1
    tail = 0
    for ci in range(count):
        if waiting[ci] == 0:
            queue[tail] = ci
            tail += 1
    head = 0
    while head < tail:
        if head + 2 * _AHEAD < tail:
            ask_ahead(offsets, queue[head + 2 * _AHEAD])
            first = offsets[queue[head + _AHEAD]]
            ask_ahead(needed, first)
            ask_ahead(effect, first)
        ci = queue[head]
        head += 1
        seen[ci] = _DONE
        for edge in range(offsets[ci], offsets[ci + 1]):
            if effect[edge] != 0:
                other = needed[edge]
                waiting[other] -= 1
                if waiting[other] == 0:
                    queue[tail] = other
                    tail += 1


def label_components(
    offsets: Numbers,
    needed: Numbers,
    effect: Numbers,
    labels: Numbers,
    seen: Numbers,
    low: Numbers,
    following: Numbers,
    path: Numbers,
    stack: Numbers,
) -> None:
    """Label each CI with the smallest number among those that it shares all circles with.

    Tarjan (1972) on dependencies with an effect, without recursion, on the CIs that
    :func:`peel` leaves. ``labels`` are the numbers themselves at first, ``seen`` and ``low`` are
    zero; ``seen`` holds when a CI was entered, and the largest number once its component is
    complete.
    """
    peel(offsets, needed, effect, seen, low, path)
    clock = 0
    for root in range(len(labels)):
        if seen[root] != 0:
            continue
        depth = 0
        held = 0
        current = root
        is_entered = False
        while depth >= 0:
            if not is_entered:
                is_entered = True
                clock += 1
                seen[current] = clock
                low[current] = clock
                following[current] = offsets[current]
                path[depth] = current
                stack[held] = current
                held += 1
            edge = following[current]
            if edge < offsets[current + 1]:
                following[current] = edge + 1
                if effect[edge] != 0:
                    other = needed[edge]
                    if seen[other] == 0:
                        depth += 1
                        current = other
                        is_entered = False
                    elif seen[other] < low[current]:
                        low[current] = seen[other]
                continue
            if low[current] == seen[current]:
                first = held
                label = current
                while True:
                    first -= 1
                    member = stack[first]
                    label = min(label, member)
                    if member == current:
                        break
                for at in range(first, held):
                    labels[stack[at]] = label
                    seen[stack[at]] = _DONE
                held = first
            depth -= 1
            if depth >= 0:
                above = path[depth]
                if low[current] < low[above] and seen[current] != _DONE:
                    low[above] = low[current]
                current = above
