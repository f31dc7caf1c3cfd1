"""An independent oracle: section 2 of the semantics with decimals and plain iteration, slow."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations

from ripplegraph.graph.model import (
    SERVICE_KINDS,
    CiId,
    Dependency,
    RedundancyGroup,
    RequirementUnit,
    Status,
    Strength,
)
from ripplegraph.graph.service_graph import ServiceGraph


def brute_statuses(graph: ServiceGraph, own: Mapping[int, Status]) -> list[Status]:
    """Iterate the rules from all up until nothing changes: the greatest fixpoint of health."""
    return _greatest(graph, own, None)


def brute_grounded_statuses(
    graph: ServiceGraph, own: Mapping[int, Status], *, all_groups: bool
) -> list[Status]:
    """Start from all down for grounded groups, take the greatest fixpoint of the rest, repeat."""
    reading = [Status.DOWN] * graph.ci_count
    while (following := _greatest(graph, own, reading, all_groups=all_groups)) != reading:
        reading = following
    return reading


def _greatest(
    graph: ServiceGraph,
    own: Mapping[int, Status],
    reading: list[Status] | None,
    *,
    all_groups: bool = False,
) -> list[Status]:
    number_of = {ci_id: number for number, ci_id in enumerate(graph.ci_ids)}
    ungrouped: list[list[Dependency]] = [[] for _ in range(graph.ci_count)]
    for one in graph.dependencies():
        if not one.group:
            ungrouped[number_of[one.dependent]].append(one)
    groups: list[list[RedundancyGroup]] = [[] for _ in range(graph.ci_count)]
    for at in range(len(graph.group_rules)):
        group = graph.group(at)
        groups[number_of[group.dependent]].append(group)
    now = [Status.UP] * graph.ci_count
    while True:
        by_id = dict(zip(graph.ci_ids, now, strict=True))
        grounded = by_id if reading is None else dict(zip(graph.ci_ids, reading, strict=True))
        following = [
            max(
                own.get(number, Status.UP),
                *(_edge(one.effect, by_id[one.dependency]) for one in ungrouped[number]),
                *(
                    _group(group, by_id, grounded if group.grounded or all_groups else by_id)
                    for group in groups[number]
                ),
                Status.UP,
            )
            for number in range(graph.ci_count)
        ]
        if following == now:
            return now
        now = following


def brute_cut_size(graph: ServiceGraph, top: int, own: Mapping[int, Status]) -> int:
    """Try every set of CIs that can fail, smallest first; 0 if none is enough."""
    now = brute_statuses(graph, own)
    able = [
        number
        for number in range(graph.ci_count)
        if number != top
        and not graph.cis.is_logical[number]
        and graph.cis.kind[number] not in SERVICE_KINDS
        and now[number] is not Status.DOWN
    ]
    for size in range(1, len(able) + 1):
        for failed in combinations(able, size):
            also = {**own, **dict.fromkeys(failed, Status.DOWN)}
            if brute_statuses(graph, also)[top] is Status.DOWN:
                return size
    return 0


def _edge(effect: Strength, status: Status) -> Status:
    if effect is Strength.HARD:
        return status
    if effect is Strength.SOFT and status in {Status.DOWN, Status.DEGRADED}:
        return Status.DEGRADED
    return Status.UP


def _group(
    group: RedundancyGroup, status_of: Mapping[CiId, Status], grounded: Mapping[CiId, Status]
) -> Status:
    """Return what a group passes on; one that needs less than it has is read from ``grounded``."""
    strictest: dict[CiId, Dependency] = {}
    for one in sorted(group.members, key=lambda one: -one.effect):
        if one.effect is not Strength.NONE:
            strictest.setdefault(one.dependency, one)
    members = list(strictest.values())
    if not members:
        return Status.UP
    by_count = group.min_up is not None and group.min_up.unit is RequirementUnit.COUNT
    weight = {id(one): Fraction(1) if by_count else Fraction(one.weight) for one in members}
    said = sum(weight.values(), Fraction(0))
    is_above = group.min_up is not None and group.min_up.of_total(said) > said
    if not any(weight.values()):
        weight = dict.fromkeys(weight, Fraction(1))
    total = sum(weight.values(), Fraction(0))
    need = total if group.min_up is None or is_above else group.min_up.of_total(total)
    below = Fraction(0) if group.degraded_below is None else group.degraded_below.of_total(total)
    below = min(below, total)
    read = grounded if need < total else status_of
    statuses = {id(one): read[one.dependency] for one in members}
    usable = sum((weight[at] for at, one in statuses.items() if one < Status.DOWN), Fraction(0))
    healthy = sum(
        (weight[at] for at, one in statuses.items() if one < Status.DEGRADED), Fraction(0)
    )
    found = Status.UP
    if any(status_of[one.dependency] for one in members):
        found = Status.AT_RISK
    if healthy < need or usable < below:
        found = Status.DEGRADED
    if usable < need:
        found = Status.DOWN
    return _edge(max(one.effect for one in members), found)
