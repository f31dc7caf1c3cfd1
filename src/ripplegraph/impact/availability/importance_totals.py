"""What one CI, or one group of CIs, means to all services together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.asked_trees import AskedTrees
from ripplegraph.impact.availability.importance_values import (
    CiTotal,
    GroupImportance,
    GroupTotal,
)
from ripplegraph.impact.availability.single_points import alone_in
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, Label

_LEAST_SURE_FIRST = (Label.INCOMPLETE, Label.BOUNDED, Label.EXACT)


def totals_of(
    asked: AskedTrees,
    places: NDArray[np.int64],
    variables: NDArray[np.int64],
    slopes: NDArray[np.float64],
) -> tuple[CiTotal, ...]:
    """Return what each basic event means to all top events, most minutes at stake first.

    Parameters
    ----------
    places, variables, slopes
        The derivative of a top event by a basic event, for each such pair.
    """
    names, q = asked.trees.variable_names, asked.known()
    minutes = q[variables] * slopes * MINUTES_PER_YEAR
    first_of = np.arange(len(names))
    first_of[list(asked.trees.stands_for)] = list(asked.trees.stands_for.values())
    variables = first_of[variables]
    order = np.lexsort((places, -minutes, variables))  # the worst service of each event first
    order = order[slopes[order] != 0.0]
    starts = np.flatnonzero(np.diff(variables[order], prepend=-1))
    counts = np.diff(np.append(starts, len(order))).tolist()
    sums = np.add.reduceat(minutes[order], starts).tolist() if len(order) else []
    brought_down = alone_in(asked.trees, asked.places)
    alone = Counter(int(first_of[one]) for row in brought_down for one in row)
    found = []
    for first, total, count in zip(order[starts].tolist(), sums, counts, strict=True):
        variable = int(variables[first])
        is_known = not np.isnan(asked.q[variable])
        found.append(
            CiTotal(
                ci_id=names[variable],
                native_id=names[variable],
                name=asked.trees.variable_labels[variable] or names[variable],
                unavailability=float(q[variable]) if is_known else None,
                minutes=total if is_known else None,
                service_count=count,
                alone_count=alone[variable],
                worst_service=CiId(asked.name(int(places[first]))) if is_known else None,
                worst_minutes=float(minutes[first]) if is_known else None,
            )
        )
    return tuple(sorted(found, key=lambda one: (-rounded(one.minutes or 0.0), one.ci_id)))


def group_totals_of(groups: Iterable[GroupImportance]) -> tuple[GroupTotal, ...]:
    """Return what groups mean to all services, most minutes at stake first.

    Parameters
    ----------
    groups
        Of each service, those with most minutes first.
    """
    by_key: dict[str, list[GroupImportance]] = {}
    for one in groups:
        by_key.setdefault(one.key, []).append(one)
    found = [_group_total(key, of_group) for key, of_group in by_key.items()]
    return tuple(sorted(found, key=lambda one: (-rounded(one.minutes or 0.0), one.key)))


def _group_total(key: str, groups: Sequence[GroupImportance]) -> GroupTotal:
    known = [one.minutes for one in groups if one.minutes is not None]
    is_known, labels = len(known) == len(groups), {one.label for one in groups}
    return GroupTotal(
        kind=groups[0].kind,
        key=key,
        minutes=sum(known) if is_known else None,
        service_count=len(groups),
        worst_service=groups[0].service if is_known else None,
        worst_minutes=groups[0].minutes if is_known else None,
        label=next(one for one in _LEAST_SURE_FIRST if one in labels),
    )


def rounded(minutes: float) -> float:
    """Return minutes without the last digits, so that equal ones sort by name."""
    return float(f"{minutes:.10g}")
