"""Kernels that sort dependencies: one source, plain Python or compiled by numba.

They index only, so that they run on memory views (plain) and on numpy arrays (compiled).
"""

from __future__ import annotations

from ripplegraph.graph.prefetching import Numbers, ask_ahead

_GAPS = (1750, 701, 301, 132, 57, 23, 10, 4, 1)
"""Distances at which Shell's sort compares (Ciura 2001)."""

_AHEAD = 16


def sort_edges(starts: Numbers, ends: Numbers, places: Numbers, keys: Numbers) -> None:
    """Put dependencies in the order of their dependents, then dependencies, then positions.

    Those whose start is negative are left out. ``places`` are where each dependent begins, and
    become where it ends; ``keys`` get dependency and position, 32 bits each.
    """
    count = len(starts)
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
        first = last


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
