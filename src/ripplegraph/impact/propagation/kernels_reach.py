"""Kernels that hand bits down from dependents to dependencies, each CI once.

One source for both modes: compiled a word is 64 bits of a numpy array, uncompiled it is one
Python integer of any length. The dependents of CI ``i`` are ``targets[segments[4 * i]]`` up to
``targets[segments[4 * i + 4]]`` (:mod:`ripplegraph.impact.propagation.push`).
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence


def dependents_first(
    segments: Sequence[int],
    targets: Sequence[int],
    index: MutableSequence[int],
    low: MutableSequence[int],
    resume: MutableSequence[int],
    waiting: MutableSequence[int],
    path: MutableSequence[int],
    order: MutableSequence[int],
    component: MutableSequence[int],
) -> int:
    """Write all CIs to ``order``, each after those that depend on it; return how many components.

    CIs that depend on each other in a circle stand together: one component, as a CI in no
    circle is one by itself. ``component`` then numbers them by CI, in that order. ``index``
    must be zero; the others hold as many cells. Tarjan (1972), without recursion; graph.components
    finds circles only, and in no order.
    """
    size = len(index)
    clock = 0
    placed = 0
    count = 0
    waiting_count = 0
    for root in range(size):
        if index[root] != 0:
            continue
        depth = 0
        current = root
        clock += 1
        index[current] = clock
        low[current] = clock
        waiting[waiting_count] = current
        waiting_count += 1
        path[0] = current
        at = segments[4 * current]
        while True:
            end = segments[4 * current + 4]
            descends = False
            while at < end:
                other = targets[at]
                at += 1
                if index[other] == 0:
                    resume[current] = at
                    current = other
                    descends = True
                    break
                if index[other] <= size:
                    low[current] = min(low[current], index[other])
            if descends:
                clock += 1
                index[current] = clock
                low[current] = clock
                waiting[waiting_count] = current
                waiting_count += 1
                depth += 1
                path[depth] = current
                at = segments[4 * current]
                continue
            if low[current] == index[current]:
                while True:
                    waiting_count -= 1
                    member = waiting[waiting_count]
                    index[member] = size + 1  # placed: no longer on the way
                    order[placed] = member
                    component[member] = count
                    placed += 1
                    if member == current:
                        break
                count += 1
            if depth == 0:
                break
            depth -= 1
            below = current
            current = path[depth]
            low[current] = min(low[current], low[below])
            at = resume[current]
    return count


def gather(
    order: Sequence[int],
    component: Sequence[int],
    segments: Sequence[int],
    targets: Sequence[int],
    width: int,
    row: MutableSequence[int],
    bits: MutableSequence[int],
) -> None:
    """Join to the bits of each component those of all that depend on it.

    The ``width`` words of component ``c`` start at ``bits[c * width]``; ``row`` holds as many
    words.
    """
    place = 0
    size = len(order)
    while place < size:
        current = component[order[place]]
        first = current * width
        for word in range(width):
            row[word] = bits[first + word]
        while place < size and component[order[place]] == current:
            ci = order[place]
            place += 1
            for at in range(segments[4 * ci], segments[4 * ci + 4]):
                start = component[targets[at]] * width
                for word in range(width):
                    row[word] |= bits[start + word]
        for word in range(width):
            bits[first + word] = row[word]
