"""Kernels that hand bits down from dependents to dependencies, each CI once.

One source for both modes: compiled a word is 64 bits of a numpy array, uncompiled it is one
Python integer of any length.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from ripplegraph.graph.processor import ask_ahead

_AHEAD = 8
"""So many fours of rows before their turn their memory is asked for."""

_NOT_NEGATIVE = 0x3FFF_FFFF_FFFF_FFFF
"""A mask that changes no index, and shows it: else compiled code looks at each for a minus."""


def dependents_first(
    offsets: Sequence[int],
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

    The dependents of CI ``i`` are ``targets[offsets[i]:offsets[i + 1]]``.
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
        at = offsets[current]
        while True:
            end = offsets[current + 1]
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
                at = offsets[current]
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
    component_count: int,
    offsets: Sequence[int],
    dependents: Sequence[int],
    seeds: Sequence[int],
    seed_words: Sequence[int],
    seed_masks: Sequence[int],
    block_count: int,
    zero: int,
    bits: MutableSequence[int],
) -> None:
    """Write the bits of each component: its own, and those of all that depend on it.

    A row of ``bits`` holds four words for each block. The dependents of component ``c``, of
    smaller numbers, stand in fours: ``dependents[4 * offsets[c]:4 * offsets[c + 1]]``, the last
    repeated; most have no more, so that the processor rarely guesses wrong when a loop ends.
    ``seeds`` holds the components with bits of their own, ascending, and one more number that is
    none; ``seed_words`` and ``seed_masks`` the word of the row and its bits. Nothing of ``bits``
    is read before it is written. ``zero`` is a word.
    """
    width = 4 * block_count
    fours = offsets[component_count]
    seed = 0
    for component in range(component_count):
        first = component * width
        is_seeded = seeds[seed] == component
        if is_seeded:
            for word in range(first, first + width):
                bits[word] = 0
            while seeds[seed] == component:
                bits[first + seed_words[seed]] |= seed_masks[seed]
                seed += 1
        start = offsets[component]
        end = offsets[component + 1]
        for four in range(start + _AHEAD, min(end + _AHEAD, fours)):
            a = dependents[4 * four] * width
            b = dependents[4 * four + 1] * width
            c = dependents[4 * four + 2] * width
            d = dependents[4 * four + 3] * width
            for line in range(0, width, 8):
                ask_ahead(bits, a + line)
                ask_ahead(bits, b + line)
                ask_ahead(bits, c + line)
                ask_ahead(bits, d + line)
        for block in range(0, width, 4):
            at = first + block
            word_0 = zero
            word_1 = zero
            word_2 = zero
            word_3 = zero
            if is_seeded:
                word_0 = bits[at]
                word_1 = bits[at + 1]
                word_2 = bits[at + 2]
                word_3 = bits[at + 3]
            for four in range(start, end):
                a = dependents[4 * four] * width + block & _NOT_NEGATIVE
                b = dependents[4 * four + 1] * width + block & _NOT_NEGATIVE
                c = dependents[4 * four + 2] * width + block & _NOT_NEGATIVE
                d = dependents[4 * four + 3] * width + block & _NOT_NEGATIVE
                word_0 |= bits[a] | bits[b] | bits[c] | bits[d]
                word_1 |= bits[a + 1] | bits[b + 1] | bits[c + 1] | bits[d + 1]
                word_2 |= bits[a + 2] | bits[b + 2] | bits[c + 2] | bits[d + 2]
                word_3 |= bits[a + 3] | bits[b + 3] | bits[c + 3] | bits[d + 3]
            bits[at] = word_0
            bits[at + 1] = word_1
            bits[at + 2] = word_2
            bits[at + 3] = word_3
