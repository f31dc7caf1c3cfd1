"""The kernel that pulls statuses from dependencies, each CI once, when much of a graph is down."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence


def pull(
    hard_offsets: Sequence[int],
    hard: Sequence[int],
    soft_offsets: Sequence[int],
    soft: Sequence[int],
    gate_offsets: Sequence[int],
    member_offsets: Sequence[int],
    members: Sequence[int],
    weights: Sequence[int],
    limits: Sequence[int],
    is_soft_gate: Sequence[int],
    component: Sequence[int],
    offsets: Sequence[int],
    targets: Sequence[int],
    queue: MutableSequence[int],
    is_waiting: MutableSequence[int],
    status: MutableSequence[int],
) -> None:
    """Make ``status``, which holds the own statuses by place, the greatest fixpoint of health.

    Places are walked from the last, dependencies first. CIs that need each other in a circle are
    looked at together, and each again when one that it needs got worse. Of place ``p`` the hard
    dependencies are ``hard[hard_offsets[p]:hard_offsets[p + 1]]``, the soft ones likewise, and
    its groups ``gate_offsets[p]`` up to ``gate_offsets[p + 1]``; group ``g`` is down if more
    weight is lost than ``limits[2 * g]``, degraded if more is sick, or more lost than
    ``limits[2 * g + 1]``. ``is_waiting`` is all zero, before and after.
    """
    size = len(queue)
    place = len(status)
    while place > 0:
        last = place - 1
        first = last
        while first > 0 and component[first - 1] == component[last]:
            first -= 1
        waiting = 0
        for member in range(last, first - 1, -1):
            queue[waiting] = member
            is_waiting[member] = 1
            waiting += 1
        head = 0
        tail = waiting if waiting < size else 0
        while waiting > 0:
            ci = queue[head]
            head = head + 1 if head + 1 < size else 0
            waiting -= 1
            is_waiting[ci] = 0
            before = status[ci]
            worst = before
            for at in range(hard_offsets[ci], hard_offsets[ci + 1]):
                worst = max(worst, status[hard[at]])
            if worst < 2:
                for at in range(soft_offsets[ci], soft_offsets[ci + 1]):
                    if status[soft[at]] >= 2:
                        worst = 2
            if worst < 3:
                for gate in range(gate_offsets[ci], gate_offsets[ci + 1]):
                    lost = 0
                    sick = 0
                    hurt = 0
                    for at in range(member_offsets[gate], member_offsets[gate + 1]):
                        now = status[members[at]]
                        hurt |= now
                        lost += weights[at] if now == 3 else 0
                        sick += weights[at] if now >= 2 else 0
                    if hurt == 0:
                        continue
                    mapped = 1
                    if lost > limits[2 * gate]:
                        mapped = 3
                    elif sick > limits[2 * gate] or lost > limits[2 * gate + 1]:
                        mapped = 2
                    if is_soft_gate[gate] != 0:
                        mapped = 2 if mapped >= 2 else 0
                    worst = max(worst, mapped)
            if worst == before:
                continue
            status[ci] = worst
            if first == last:
                continue
            for at in range(offsets[ci], offsets[ci + 1]):
                dependent = targets[at]
                if component[dependent] == component[ci] and is_waiting[dependent] == 0:
                    is_waiting[dependent] = 1
                    queue[tail] = dependent
                    tail = tail + 1 if tail + 1 < size else 0
                    waiting += 1
        place = first
