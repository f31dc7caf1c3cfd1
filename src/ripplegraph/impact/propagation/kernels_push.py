"""Kernels that push outages from dependencies to dependents, each CI once.

A status never gives a dependent a worse one: so all that is down is pushed first, then what is
degraded, then what is at risk, and every CI is expanded once, with its last status. Columns stand
where :mod:`ripplegraph.impact.propagation.layout` says. Counters and statuses are all zero
between calls.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from ripplegraph.graph.processor import ask_ahead
from ripplegraph.impact.propagation.layout import BLOCKS, FOUND, PLACE_OF, QUEUE, TOUCHED

_NO_CAUSE = 0xFFFF_FFFF

_AHEAD = 3
"""So many CIs before its turn the memory of the dependents of one is asked for."""


def ripple(
    down_seeds: int,
    degraded_seeds: int,
    cells: Sequence[int],
    scratch: MutableSequence[int],
    status: MutableSequence[int],
) -> int:
    """Push the outages of CIs; return where in ``scratch`` what is found ends.

    The CIs that are down by themselves stand in ``scratch`` at the start of the queue in every
    second cell, and after them those that are degraded, each CI once. What is found are three
    counts (down, degraded, at risk), the CIs in that order, and for each the dependency that
    gave it its status (``NO_CAUSE``: its own outage).
    """
    blocks = cells[BLOCKS]
    place_of = cells[PLACE_OF]
    touched = cells[TOUCHED]
    size = len(status)
    down_queue = cells[QUEUE]
    degraded_queue = down_queue + 2 * size
    risk_queue = degraded_queue + 2 * size
    degraded_tail = 0
    risk_tail = 0
    degraded_stale = 0  # in the queue, but worse by now
    risk_stale = 0
    groups = 0
    for at in range(down_seeds, down_seeds + degraded_seeds):
        ci = cells[place_of + scratch[down_queue + 2 * at]]
        status[ci] = 2
        scratch[degraded_queue + 2 * degraded_tail] = ci
        scratch[degraded_queue + 2 * degraded_tail + 1] = _NO_CAUSE
        degraded_tail += 1
    for at in range(down_seeds):
        ci = cells[place_of + scratch[down_queue + 2 * at]]
        status[ci] = 3
        scratch[down_queue + 2 * at] = ci
        scratch[down_queue + 2 * at + 1] = _NO_CAUSE
    down_tail = down_seeds
    head = 0
    while head < down_tail:
        ci = scratch[down_queue + 2 * head]
        head += 1
        if head + _AHEAD < down_tail:
            ask_ahead(cells, cells[blocks + 8 * scratch[down_queue + 2 * (head + _AHEAD)]])
        block = blocks + 8 * ci
        hard_groups = cells[block + 1]
        soft_groups = cells[block + 2]
        soft = cells[block + 3]
        for at in range(cells[block], hard_groups, 4):
            dependent = cells[at]
            now = status[dependent]
            if now != 3:
                degraded_stale += now == 2
                risk_stale += now == 1
                status[dependent] = 3
                scratch[down_queue + 2 * down_tail] = dependent
                scratch[down_queue + 2 * down_tail + 1] = cells[at + 1]
                ask_ahead(cells, blocks + 8 * dependent)
                down_tail += 1
        for at in range(hard_groups, soft, 4):
            dependent = cells[at]
            now = status[dependent]
            if now == 3:
                continue
            group = cells[at + 2]
            weight = cells[at + 3]
            lost = scratch[group] + weight
            sick = scratch[group + 1] + weight
            scratch[group] = lost
            scratch[group + 1] = sick
            if sick == weight and weight > 0:
                scratch[touched + groups] = group
                groups += 1
            mapped = 1
            if lost > scratch[group + 2]:
                mapped = 3
            elif sick > scratch[group + 2] or lost > scratch[group + 3]:
                mapped = 2
            if at >= soft_groups:
                mapped = 2 if mapped >= 2 else 0
            if mapped > now:
                degraded_stale += now == 2
                risk_stale += now == 1
                status[dependent] = mapped
                if mapped == 3:
                    scratch[down_queue + 2 * down_tail] = dependent
                    scratch[down_queue + 2 * down_tail + 1] = cells[at + 1]
                    ask_ahead(cells, blocks + 8 * dependent)
                    down_tail += 1
                elif mapped == 2:
                    scratch[degraded_queue + 2 * degraded_tail] = dependent
                    scratch[degraded_queue + 2 * degraded_tail + 1] = cells[at + 1]
                    ask_ahead(cells, blocks + 8 * dependent)
                    degraded_tail += 1
                else:
                    scratch[risk_queue + 2 * risk_tail] = dependent
                    scratch[risk_queue + 2 * risk_tail + 1] = cells[at + 1]
                    ask_ahead(cells, blocks + 8 * dependent)
                    risk_tail += 1
        for at in range(soft, cells[block + 4], 4):
            dependent = cells[at]
            now = status[dependent]
            if now < 2:
                risk_stale += now
                status[dependent] = 2
                scratch[degraded_queue + 2 * degraded_tail] = dependent
                scratch[degraded_queue + 2 * degraded_tail + 1] = cells[at + 1]
                ask_ahead(cells, blocks + 8 * dependent)
                degraded_tail += 1
    head = 0
    while head < degraded_tail:
        ci = scratch[degraded_queue + 2 * head]
        head += 1
        if head + _AHEAD < degraded_tail:
            ask_ahead(cells, cells[blocks + 8 * scratch[degraded_queue + 2 * (head + _AHEAD)]])
        if status[ci] != 2:
            continue
        block = blocks + 8 * ci
        hard_groups = cells[block + 1]
        soft_groups = cells[block + 2]
        soft = cells[block + 3]
        for at in range(cells[block], hard_groups, 4):
            dependent = cells[at]
            now = status[dependent]
            if now < 2:
                risk_stale += now
                status[dependent] = 2
                scratch[degraded_queue + 2 * degraded_tail] = dependent
                scratch[degraded_queue + 2 * degraded_tail + 1] = cells[at + 1]
                ask_ahead(cells, blocks + 8 * dependent)
                degraded_tail += 1
        for at in range(hard_groups, soft, 4):
            dependent = cells[at]
            now = status[dependent]
            if now >= 2:
                continue
            group = cells[at + 2]
            weight = cells[at + 3]
            sick = scratch[group + 1] + weight
            scratch[group + 1] = sick
            if sick == weight and weight > 0:
                scratch[touched + groups] = group
                groups += 1
            if sick > scratch[group + 2]:
                risk_stale += now
                status[dependent] = 2
                scratch[degraded_queue + 2 * degraded_tail] = dependent
                scratch[degraded_queue + 2 * degraded_tail + 1] = cells[at + 1]
                ask_ahead(cells, blocks + 8 * dependent)
                degraded_tail += 1
            elif at < soft_groups and now == 0:
                status[dependent] = 1
                scratch[risk_queue + 2 * risk_tail] = dependent
                scratch[risk_queue + 2 * risk_tail + 1] = cells[at + 1]
                ask_ahead(cells, blocks + 8 * dependent)
                risk_tail += 1
        for at in range(soft, cells[block + 4], 4):
            dependent = cells[at]
            now = status[dependent]
            if now < 2:
                risk_stale += now
                status[dependent] = 2
                scratch[degraded_queue + 2 * degraded_tail] = dependent
                scratch[degraded_queue + 2 * degraded_tail + 1] = cells[at + 1]
                ask_ahead(cells, blocks + 8 * dependent)
                degraded_tail += 1
    head = 0
    while head < risk_tail:
        ci = scratch[risk_queue + 2 * head]
        head += 1
        if head + _AHEAD < risk_tail:
            ask_ahead(cells, cells[blocks + 8 * scratch[risk_queue + 2 * (head + _AHEAD)]])
        if status[ci] != 1:
            continue
        block = blocks + 8 * ci
        for at in range(cells[block], cells[block + 2], 4):
            dependent = cells[at]
            now = status[dependent]
            fresh = 1 if now == 0 else 0  # no branch: half of them are, in no order
            status[dependent] = now + fresh
            scratch[risk_queue + 2 * risk_tail] = dependent
            scratch[risk_queue + 2 * risk_tail + 1] = cells[at + 1]
            ask_ahead(cells, blocks + 8 * dependent)
            risk_tail += fresh
    for at in range(groups):
        group = scratch[touched + at]
        scratch[group] = 0
        scratch[group + 1] = 0
    degraded = degraded_tail - degraded_stale
    total = down_tail + degraded + risk_tail - risk_stale
    found = cells[FOUND]
    scratch[found] = down_tail
    scratch[found + 1] = degraded
    scratch[found + 2] = total - down_tail - degraded
    found += 3
    count = 0
    for number in range(3):
        queue = down_queue + 2 * size * number
        tail = down_tail
        if number == 1:
            tail = degraded_tail
        elif number == 2:
            tail = risk_tail
        for at in range(tail):
            ci = scratch[queue + 2 * at]
            if status[ci] == 3 - number:
                status[ci] = 0
                scratch[found + count] = cells[blocks + 8 * ci + 5]
                scratch[found + total + count] = scratch[queue + 2 * at + 1]
                count += 1
    return int(found + 2 * total)
