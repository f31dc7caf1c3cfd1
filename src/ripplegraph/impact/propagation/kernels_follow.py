"""The kernel that follows a stream of failures and recoveries and tells whom they change."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from ripplegraph.impact.propagation.kernels import resettle


def follow(
    first: int,
    event_cis: Sequence[int],
    event_statuses: Sequence[int],
    watched_place: Sequence[int],
    watched_count: int,
    seen_event: MutableSequence[int],
    seen_place: MutableSequence[int],
    seen_status: MutableSequence[int],
    own: MutableSequence[int],
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
) -> tuple[int, int]:
    """Settle each event after the other; return the next event and how many changes are seen.

    Changes of watched CIs are told by event, place and new status. It stops early when what it
    may see next might not fit any more: empty the columns and call it again.
    """
    count = 0
    at = first
    while at < len(event_cis) and count + watched_count <= len(seen_event):
        ci = event_cis[at]
        own[ci] = event_statuses[at]
        touched = resettle(
            ci,
            own,
            dependency_offsets,
            edge_dependency,
            dependent_offsets,
            dependent_edge,
            edge_dependent,
            edge_effect,
            edge_group,
            edge_weight,
            group_total,
            group_min_up,
            group_degraded_below,
            group_effect,
            status,
            lost,
            sick,
            is_touched,
            is_waiting,
            is_visited,
            queue,
            visited,
            status_before,
        )
        for step in range(touched):
            changed = visited[step]
            place = watched_place[changed]
            if place >= 0 and status[changed] != status_before[step]:
                seen_event[count] = at
                seen_place[count] = place
                seen_status[count] = status[changed]
                count += 1
        at += 1
    return at, count
