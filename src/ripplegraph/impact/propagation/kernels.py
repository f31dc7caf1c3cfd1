"""Array kernels of status propagation: one source, run as plain Python or compiled by numba.

They index only, so that they run on lists and bytearrays (fast uncompiled) and on numpy arrays
(compiled). Statuses are 0 up, 1 at_risk, 2 degraded, 3 down; effects 0 none, 1 soft, 2 hard.
A workspace is all zero between queries; each kernel names what it touched, so that cleaning
up costs what the query cost.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from ripplegraph.graph.compilation import kernel_of
from ripplegraph.graph.gates import NO_GROUP

__all__ = ["clean", "kernel_of", "resettle", "worsen"]

_NO_GROUP = NO_GROUP  # a global of this module is a constant to numba


def worsen(
    seeds: Sequence[int],
    seed_status: Sequence[int],
    dependent_offsets: Sequence[int],
    dependent_edge: Sequence[int],
    edge_dependent: Sequence[int],
    edge_effect: Sequence[int],
    edge_group: Sequence[int],
    edge_weight: Sequence[int],
    group_dependent: Sequence[int],
    group_total: Sequence[int],
    group_min_up: Sequence[int],
    group_degraded_below: Sequence[int],
    group_effect: Sequence[int],
    status: MutableSequence[int],
    sent: MutableSequence[int],
    lost: MutableSequence[int],
    sick: MutableSequence[int],
    is_touched: MutableSequence[int],
    queue: MutableSequence[int],
    touched: MutableSequence[int],
    touched_groups: MutableSequence[int],
    touched_count: int,
    touched_group_count: int,
    most: int,
) -> tuple[int, int]:
    """Force seeds to at least their status and push what follows to the dependents.

    Statuses only worsen, so that this ends in the greatest fixpoint of health below the seeds.
    ``sent`` holds what a CI last told its dependents, ``lost`` and ``sick`` the weight of the
    members of each group that are down, and that are degraded or down. Returns how many CIs
    and groups are touched; call it again to force more. If that are more CIs than ``most``, it
    ends early.
    """
    size = len(queue)
    head = 0
    tail = 0
    waiting = 0
    for at in range(len(seeds)):
        ci = seeds[at]
        if seed_status[at] > status[ci]:
            if status[ci] == 0:
                touched[touched_count] = ci
                touched_count += 1
            queue[tail] = ci  # seeds are distinct, so that none is in the queue yet
            tail = tail + 1 if tail + 1 < size else 0
            waiting += 1
            status[ci] = seed_status[at]
    while waiting > 0 and touched_count <= most:
        ci = queue[head]
        head = head + 1 if head + 1 < size else 0
        waiting -= 1
        before = sent[ci]
        now = status[ci]
        sent[ci] = now
        for at in range(dependent_offsets[ci], dependent_offsets[ci + 1]):
            edge = dependent_edge[at]
            effect = edge_effect[edge]
            if effect == 0:
                continue
            group = edge_group[edge]
            mapped = 0
            if group == _NO_GROUP:
                dependent = edge_dependent[edge]
                if effect == 2:
                    mapped = now
                elif now >= 2:
                    mapped = 2
            else:
                dependent = group_dependent[group]
                if is_touched[group] == 0:
                    is_touched[group] = 1
                    touched_groups[touched_group_count] = group
                    touched_group_count += 1
                if now == 3:
                    lost[group] += edge_weight[edge]
                if now >= 2 and before < 2:
                    sick[group] += edge_weight[edge]
                usable = group_total[group] - lost[group]
                if usable < group_min_up[group]:
                    mapped = 3
                elif (
                    group_total[group] - sick[group] < group_min_up[group]
                    or usable < group_degraded_below[group]
                ):
                    mapped = 2
                else:
                    mapped = 1
                if group_effect[group] == 1:
                    mapped = 2 if mapped >= 2 else 0
            if mapped > status[dependent]:
                if status[dependent] == 0:
                    touched[touched_count] = dependent
                    touched_count += 1
                if status[dependent] == sent[dependent]:
                    queue[tail] = dependent
                    tail = tail + 1 if tail + 1 < size else 0
                    waiting += 1
                status[dependent] = mapped
    return touched_count, touched_group_count


def clean(
    status: MutableSequence[int],
    sent: MutableSequence[int],
    lost: MutableSequence[int],
    sick: MutableSequence[int],
    is_touched: MutableSequence[int],
    touched: Sequence[int],
    touched_groups: Sequence[int],
    touched_count: int,
    touched_group_count: int,
) -> None:
    """Set a workspace that :func:`worsen` used back to zero."""
    for at in range(touched_count):
        status[touched[at]] = 0
        sent[touched[at]] = 0
    for at in range(touched_group_count):
        lost[touched_groups[at]] = 0
        sick[touched_groups[at]] = 0
        is_touched[touched_groups[at]] = 0


def resettle(
    changed: int,
    own: Sequence[int],
    dependency_offsets: Sequence[int],
    edge_dependency: Sequence[int],
    dependent_offsets: Sequence[int],
    dependent_edge: Sequence[int],
    edge_dependent: Sequence[int],
    edge_effect: Sequence[int],
    edge_group: Sequence[int],
    edge_weight: Sequence[int],
    group_total: Sequence[int],
    group_min_up: Sequence[int],
    group_degraded_below: Sequence[int],
    group_effect: Sequence[int],
    status: MutableSequence[int],
    lost: MutableSequence[int],
    sick: MutableSequence[int],
    is_touched: MutableSequence[int],
    is_waiting: MutableSequence[int],
    is_visited: MutableSequence[int],
    queue: MutableSequence[int],
    visited: MutableSequence[int],
    status_before: MutableSequence[int],
) -> int:
    """Settle the statuses after the own status of one CI changed; return how many were visited.

    The CIs that are not up and that the change can reach through dependents that are not up
    start again from their own status (CIs on a cycle would else hold each other down after a
    recovery); then statuses are pulled from the dependencies until nothing worsens. Group
    counters are used within one CI and left zero, as are the marks.
    """
    size = len(queue)
    visited[0] = changed
    status_before[0] = status[changed]
    is_visited[changed] = 1
    count = 1
    head = 0
    while head < count:
        ci = visited[head]
        head += 1
        if status[ci] == 0:
            continue
        for at in range(dependent_offsets[ci], dependent_offsets[ci + 1]):
            edge = dependent_edge[at]
            dependent = edge_dependent[edge]
            if edge_effect[edge] != 0 and is_visited[dependent] == 0 and status[dependent] != 0:
                is_visited[dependent] = 1
                visited[count] = dependent
                status_before[count] = status[dependent]
                count += 1
    for at in range(count):
        ci = visited[at]
        status[ci] = 0
        queue[at] = ci
        is_waiting[ci] = 1
    waiting = count
    head = 0
    tail = count if count < size else 0
    while waiting > 0:
        ci = queue[head]
        head = head + 1 if head + 1 < size else 0
        waiting -= 1
        is_waiting[ci] = 0
        worst = own[ci]
        for edge in range(dependency_offsets[ci], dependency_offsets[ci + 1]):
            needed = status[edge_dependency[edge]]
            effect = edge_effect[edge]
            if effect == 0 or needed == 0:
                continue
            group = edge_group[edge]
            if group != _NO_GROUP:
                is_touched[group] = 1
                if needed == 3:
                    lost[group] += edge_weight[edge]
                if needed >= 2:
                    sick[group] += edge_weight[edge]
            else:
                mapped = 0
                if effect == 2:
                    mapped = needed
                elif needed >= 2:
                    mapped = 2
                worst = max(worst, mapped)
        for edge in range(dependency_offsets[ci], dependency_offsets[ci + 1]):
            group = edge_group[edge]
            if group == _NO_GROUP or is_touched[group] == 0:
                continue
            usable = group_total[group] - lost[group]
            mapped = 1
            if usable < group_min_up[group]:
                mapped = 3
            elif (
                group_total[group] - sick[group] < group_min_up[group]
                or usable < group_degraded_below[group]
            ):
                mapped = 2
            if group_effect[group] == 1:
                mapped = 2 if mapped >= 2 else 0
            worst = max(worst, mapped)
            is_touched[group] = 0
            lost[group] = 0
            sick[group] = 0
        if worst <= status[ci]:
            continue
        if is_visited[ci] == 0:
            is_visited[ci] = 1
            visited[count] = ci
            status_before[count] = status[ci]
            count += 1
        status[ci] = worst
        for at in range(dependent_offsets[ci], dependent_offsets[ci + 1]):
            edge = dependent_edge[at]
            dependent = edge_dependent[edge]
            if edge_effect[edge] != 0 and is_waiting[dependent] == 0:
                is_waiting[dependent] = 1
                queue[tail] = dependent
                tail = tail + 1 if tail + 1 < size else 0
                waiting += 1
    for at in range(count):
        is_visited[visited[at]] = 0
    return count
