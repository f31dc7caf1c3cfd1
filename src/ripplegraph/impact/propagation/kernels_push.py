"""Kernels that push outages from dependencies to dependents, each CI once.

A status never gives a dependent a worse one: so all that is down is pushed first, then what is
degraded, then what is at risk, and every CI is expanded once, with its last status. The entries
of CI ``i`` stand from ``segments[4 * i]`` on in four parts: hard, hard groups, soft groups, soft
(:mod:`ripplegraph.impact.propagation.push`). Counters and statuses are all zero between calls.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence


def ripple(
    seeds: Sequence[int],
    seed_status: Sequence[int],
    segments: Sequence[int],
    targets: Sequence[int],
    entry_group: Sequence[int],
    entry_weight: Sequence[int],
    limits: Sequence[int],
    status: MutableSequence[int],
    counters: MutableSequence[int],
    cause: MutableSequence[int],
    queues: MutableSequence[int],
    touched_groups: MutableSequence[int],
    cause_of: MutableSequence[int],
    no_cause: int,
) -> tuple[int, int, int]:
    """Push outages; return how many CIs are down, degraded and at risk.

    ``queues`` then starts with these CIs in that order, and ``cause_of`` with the entry that
    gave each its status (``no_cause``: its own outage). A group is down if more weight is lost
    than ``limits[2 * g]``, degraded if so much is sick, or more lost than ``limits[2 * g + 1]``.
    """
    size = len(status)
    down_tail = 0
    degraded_tail = size
    risk_tail = 2 * size
    groups = 0
    for at in range(len(seeds)):
        ci = seeds[at]
        now = seed_status[at]
        if now > status[ci]:
            status[ci] = now
            cause[ci] = no_cause
            if now == 3:
                queues[down_tail] = ci
                down_tail += 1
            elif now == 2:
                queues[degraded_tail] = ci
                degraded_tail += 1
            else:
                queues[risk_tail] = ci
                risk_tail += 1
    head = 0
    while head < down_tail:
        ci = queues[head]
        head += 1
        first = segments[4 * ci]
        hard_groups = segments[4 * ci + 1]
        soft_groups = segments[4 * ci + 2]
        soft = segments[4 * ci + 3]
        end = segments[4 * ci + 4]
        for at in range(first, hard_groups):
            dependent = targets[at]
            if status[dependent] != 3:
                status[dependent] = 3
                cause[dependent] = at
                queues[down_tail] = dependent
                down_tail += 1
        for at in range(hard_groups, soft):
            dependent = targets[at]
            if status[dependent] == 3:
                continue
            group = 2 * entry_group[at]
            weight = entry_weight[at]
            lost = counters[group] + weight
            sick = counters[group + 1] + weight
            counters[group] = lost
            counters[group + 1] = sick
            if sick == weight and weight > 0:
                touched_groups[groups] = group
                groups += 1
            mapped = 1
            if lost > limits[group]:
                mapped = 3
            elif sick > limits[group] or lost > limits[group + 1]:
                mapped = 2
            if at >= soft_groups:
                mapped = 2 if mapped >= 2 else 0
            if mapped > status[dependent]:
                status[dependent] = mapped
                cause[dependent] = at
                if mapped == 3:
                    queues[down_tail] = dependent
                    down_tail += 1
                elif mapped == 2:
                    queues[degraded_tail] = dependent
                    degraded_tail += 1
                else:
                    queues[risk_tail] = dependent
                    risk_tail += 1
        for at in range(soft, end):
            dependent = targets[at]
            if status[dependent] < 2:
                status[dependent] = 2
                cause[dependent] = at
                queues[degraded_tail] = dependent
                degraded_tail += 1
    head = size
    while head < degraded_tail:
        ci = queues[head]
        head += 1
        if status[ci] != 2:
            continue
        first = segments[4 * ci]
        hard_groups = segments[4 * ci + 1]
        soft_groups = segments[4 * ci + 2]
        soft = segments[4 * ci + 3]
        end = segments[4 * ci + 4]
        for at in range(first, hard_groups):
            dependent = targets[at]
            if status[dependent] < 2:
                status[dependent] = 2
                cause[dependent] = at
                queues[degraded_tail] = dependent
                degraded_tail += 1
        for at in range(hard_groups, soft):
            dependent = targets[at]
            if status[dependent] >= 2:
                continue
            group = 2 * entry_group[at]
            weight = entry_weight[at]
            sick = counters[group + 1] + weight
            counters[group + 1] = sick
            if sick == weight and weight > 0:
                touched_groups[groups] = group
                groups += 1
            if sick > limits[group]:
                status[dependent] = 2
                cause[dependent] = at
                queues[degraded_tail] = dependent
                degraded_tail += 1
            elif at < soft_groups and status[dependent] == 0:
                status[dependent] = 1
                cause[dependent] = at
                queues[risk_tail] = dependent
                risk_tail += 1
        for at in range(soft, end):
            dependent = targets[at]
            if status[dependent] < 2:
                status[dependent] = 2
                cause[dependent] = at
                queues[degraded_tail] = dependent
                degraded_tail += 1
    head = 2 * size
    while head < risk_tail:
        ci = queues[head]
        head += 1
        if status[ci] != 1:
            continue
        for at in range(segments[4 * ci], segments[4 * ci + 2]):
            dependent = targets[at]
            if status[dependent] == 0:
                status[dependent] = 1
                cause[dependent] = at
                queues[risk_tail] = dependent
                risk_tail += 1
    for at in range(groups):
        group = touched_groups[at]
        counters[group] = 0
        counters[group + 1] = 0
    count = 0
    for at in range(down_tail):
        ci = queues[at]
        cause_of[count] = cause[ci]
        status[ci] = 0
        count += 1
    for at in range(size, degraded_tail):
        ci = queues[at]
        if status[ci] == 2:
            queues[count] = ci
            cause_of[count] = cause[ci]
            status[ci] = 0
            count += 1
    degraded = count - down_tail
    for at in range(2 * size, risk_tail):
        ci = queues[at]
        if status[ci] == 1:
            queues[count] = ci
            cause_of[count] = cause[ci]
            status[ci] = 0
            count += 1
    return down_tail, degraded, count - down_tail - degraded
