"""When and how a budget is used: weighted seconds within agreed hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.service_time import ServiceTime, intersection_of
from ripplegraph.impact.timeline.counting import Measure
from ripplegraph.impact.timeline.interval_sums import seconds_in
from ripplegraph.impact.timeline.moments import moment_of

Weighted = Sequence[tuple[Fraction, ServiceTime]]
"""Seconds that use a budget, and by which weight."""


def weighted_use(found: Measure, agreement: Agreement) -> Weighted:
    """Return the seconds within agreed hours that use the budget, with their weight."""
    time, weight = found.counted.time, Fraction(agreement.degraded_weight)
    used = [(Fraction(1), intersection_of(time.down, found.hours))]
    if weight:
        used.append((weight, intersection_of(time.degraded, found.hours)))
    return used


def used_between(used: Weighted, start: int, end: int) -> Fraction:
    """Return how much of the budget is used from one second to another."""
    span = (one_second(start), one_second(max(start, end)))
    return sum((weight * int(seconds_in(time, *span)[0]) for weight, time in used), Fraction(0))


def one_second(second: int) -> NDArray[np.int64]:
    """Return one moment as an array, as sums over many want it."""
    return np.array([second], dtype=np.int64)


def used_up_at(found: Measure, agreement: Agreement) -> datetime | None:
    """Return the second that overdrew the budget; None if it is not overdrawn.

    Parameters
    ----------
    found
        What was measured in a window.
    agreement
        The SLA.
    """
    budget, hours = found.budget_seconds, found.hours
    if budget is None or found.used_seconds <= budget:
        return None
    used = weighted_use(found, agreement)
    first = low = int(hours.starts[0])
    high = int(hours.ends[-1])
    while high - low > 1:
        middle = (low + high) // 2
        is_over = used_between(used, first, middle) > budget
        low, high = (low, middle) if is_over else (middle, high)
    return moment_of(high - 1)
