"""Kernels that sort dependencies: one source, plain Python or compiled by numba.

They index only, so that they run on memory views (plain) and on numpy arrays (compiled).
"""

from __future__ import annotations

from ripplegraph.graph.processor import Numbers, ask_ahead

_GAPS = (1750, 701, 301, 132, 57, 23, 10, 4, 1)
"""Distances at which Shell's sort compares (Ciura 2001)."""

_AHEAD = 16
_LOW = 0xFFFF_FFFF


def look_up_ends(
    numbers: Numbers,
    first: Numbers,
    second: Numbers,
    starts: Numbers,
    ends: Numbers,
    odd: Numbers,
) -> int:
    """Write the CI of each code, of both ends of each relation; return how many are odd.

    ``odd`` gets the positions where an end is no CI, or both are the same.
    """
    count = len(first)
    found = 0
    for at in range(count):
        if at + _AHEAD < count:
            ask_ahead(numbers, first[at + _AHEAD])
            ask_ahead(numbers, second[at + _AHEAD])
        start = numbers[first[at]]
        end = numbers[second[at]]
        starts[at] = start
        ends[at] = end
        if start < 0 or end < 0 or start == end:
            odd[found] = at
            found += 1
    return found


def sort_edges(
    starts: Numbers,
    ends: Numbers,
    places: Numbers,
    keys: Numbers,
    dependents: Numbers,
    dependencies: Numbers,
    positions: Numbers,
    again: Numbers,
) -> int:
    """Write dependencies in the order of dependents, then dependencies, then positions.

    Those whose start is negative are left out. ``places`` are zero and become where the
    dependencies of each dependent end; ``keys`` is room. ``again`` gets the places of those
    that join the same CIs as the one before; it is returned how many these are.
    """
    count = len(starts)
    for at in range(count):
        if starts[at] >= 0:
            places[starts[at]] += 1
    first = 0
    for start in range(len(places)):
        size = places[start]
        places[start] = first
        first += size
    for at in range(count):
        if at + 2 * _AHEAD < count:
            ask_ahead(places, max(starts[at + 2 * _AHEAD], 0))
            ask_ahead(keys, places[max(starts[at + _AHEAD], 0)])
        start = starts[at]
        if start >= 0:
            place = places[start]
            keys[place] = (ends[at] << 32) | at
            places[start] = place + 1
    first = 0
    repeated = 0
    for start in range(len(places)):
        last = places[start]
        for gap in _GAPS:
            if gap > 1 and 2 * gap > last - first:
                continue
            for at in range(first + gap, last):
                key = keys[at]
                back = at
                while back >= first + gap and keys[back - gap] > key:
                    keys[back] = keys[back - gap]
                    back -= gap
                keys[back] = key
        before = -1
        for at in range(first, last):
            end = keys[at] >> 32
            dependents[at] = start
            dependencies[at] = end
            positions[at] = keys[at] & _LOW
            if end == before:
                again[repeated] = at
                repeated += 1
            before = end
        first = last
    return repeated


def invert_edges(needed: Numbers, places: Numbers, edges: Numbers) -> None:
    """Put the numbers of dependencies in the order of what is needed; those of one ascend.

    ``places`` are where the dependents of each CI begin, and become where they end.
    """
    count = len(needed)
    for edge in range(count):
        if edge + 2 * _AHEAD < count:
            ask_ahead(places, needed[edge + 2 * _AHEAD])
            ask_ahead(edges, places[needed[edge + _AHEAD]])
        other = needed[edge]
        edges[places[other]] = edge
        places[other] += 1
