"""How long restoration takes by the clock when a team works in support hours only.

An 8x5 team restores an outage of Friday night on Monday (semantics.md section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ripplegraph.graph.agreements import AgreementKind, Window, WindowUnit
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.due_times import NEVER, moments_after, moments_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second, service_time, window_containing
from ripplegraph.graph.time_sets import (
    Seconds,
    ServiceTime,
    is_open_at,
    prefix_table,
    seconds_before,
)

_MOST_DAYS = 3_660
_SLACK_DAYS = 16
_INTERNAL = (AgreementKind.OLA, AgreementKind.UPC)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveRestoration:
    """What hours of work within support hours come to by the clock.

    Parameters
    ----------
    support_hours
        Work needed, in support hours.
    mean_hours
        By the clock, over failures at any moment of the window alike.
    worst_hours
        By the clock, for the worst moment.
    worst_start, worst_end
        That failure, or the moment right after which it happens, and its restoration, UTC.
    """

    support_hours: float
    mean_hours: float
    worst_hours: float
    worst_start: datetime
    worst_end: datetime


def effective_restoration(
    calendar: Calendar | None, support_hours: float, start: datetime, end: datetime
) -> EffectiveRestoration | None:
    """Return what a time to restore in support hours comes to by the clock.

    Parameters
    ----------
    calendar
        Support hours; None is 24x7.
    support_hours
        Finite and >= 0, counted to the second.
    start, end
        Aware, start < end; failures happen at any moment between them alike.

    Returns
    -------
    EffectiveRestoration | None
        None if the calendar is not open long enough within ten years.

    Raises
    ------
    ValueError
        If the hours are negative or not finite, or the end is not after the start.

    Notes
    -----
    Restoration moves with the failure while the team works, and stands still while it does not:
    the mean is the exact integral over these pieces, not a sample.

    Examples
    --------
    >>> from ripplegraph.graph.calendars import WeeklyInterval
    >>> days = [WeeklyInterval(weekday=day, start_minute=540, end_minute=1020) for day in range(5)]
    >>> office = Calendar(calendar_id="8x5", weekly=tuple(days))
    >>> monday = datetime(2026, 3, 2, tzinfo=UTC)
    >>> found = effective_restoration(office, 4.0, monday, monday + timedelta(days=7))
    >>> round(found.mean_hours, 1), found.worst_hours, found.worst_start.strftime("%A %H:%M")
    (22.3, 68.0, 'Friday 13:00')
    """
    if not 0 <= support_hours < np.inf:
        msg = f"support_hours must be finite and >= 0, got {support_hours:g}"
        raise ValueError(msg)
    first, last = epoch_second(start), epoch_second(end)
    if last <= first:
        msg = f"the end {end.isoformat()} is not after the start {start.isoformat()}"
        raise ValueError(msg)
    needed = round(support_hours * 3600)
    time = _long_enough(calendar, needed, start, end)
    if time is None:
        return None
    moments = _bends(time, needed, first, last)
    before, after = _restored(time, needed, moments)
    # each piece between two bends is straight, from right after one to right before the next
    failed = np.concatenate((moments[:-1], moments[1:]))
    restored = np.concatenate((after[:-1], before[1:]))
    waits = restored - failed
    worst = int(np.argmax(waits))
    ends = waits.reshape(2, -1).sum(axis=0)
    total = int((ends * np.diff(moments)).sum()) / 2
    return EffectiveRestoration(
        support_hours=support_hours,
        mean_hours=total / (last - first) / 3600,
        worst_hours=int(waits[worst]) / 3600,
        worst_start=_moment(int(failed[worst])),
        worst_end=_moment(int(restored[worst])),
    )


def _long_enough(
    calendar: Calendar | None, needed: int, start: datetime, end: datetime
) -> ServiceTime | None:
    """Return service time that reaches as far as the restoration of the last failure."""
    days = needed // 86_400 + _SLACK_DAYS
    last = np.array([epoch_second(end)])
    while True:
        time = service_time(calendar, start, end + timedelta(days=days))
        # one second more: a failure right after the closing is restored later
        if moments_after(time, last, np.array([needed + 1]))[0] < NEVER:
            return time
        if days >= _MOST_DAYS:
            return None
        days = min(4 * days, _MOST_DAYS)


def _bends(time: ServiceTime, needed: int, first: int, last: int) -> Seconds:
    """Return where the restoration, as a function of the failure, bends or jumps."""
    passed = np.cumsum(time.ends - time.starts) - needed
    pulled = moments_of(time, passed[passed > 0])
    bends = np.concatenate((time.starts, time.ends, pulled, [first, last]))
    return np.unique(bends[(bends >= first) & (bends <= last)])


def _restored(time: ServiceTime, needed: int, moments: Seconds) -> tuple[Seconds, Seconds]:
    """Return when failures at moments are restored, and failures right after them."""
    before = moments_after(time, moments, np.full(len(moments), needed))
    if not needed:
        return before, before
    passed = seconds_before(prefix_table(time), moments) + needed
    later = moments_of(time, passed + 1) - 1
    return before, np.where(is_open_at(time, moments), later, before)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


# --- for the availability of CIs -----------------------------------------------------------------


def promised_restoration_hours(graph: ServiceGraph, *, at: datetime) -> dict[int, float]:
    """Return by CI the mean hours by the clock within which its agreement restores it.

    Parameters
    ----------
    at
        Aware; agreements in force then count, and failures in the UTC year that contains it.

    Returns
    -------
    dict[int, float]
        CIs without such a promise are left out, and those whose agreement is never open long
        enough.

    Notes
    -----
    An agreement promises a mean time to restore service (``mtrs_hours``), else the time to
    resolve of its first priority; both count in its service time. The OLA answers, else the
    contract; of several of one kind the one that promises least.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> promised_restoration_hours(graph_of("shop -> db"), at=datetime(2026, 3, 1, tzinfo=UTC))
    {}
    """
    resolution = _resolution_hours(graph)
    calendars = {one.calendar_id: one for one in graph.calendars}
    window = window_containing(Window(unit=WindowUnit.YEAR), at)
    known: dict[tuple[str, float], float | None] = {}
    found: dict[int, tuple[bool, float]] = {}
    for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
        hours = agreement.mtrs_hours
        if hours is None:
            hours = resolution.get(agreement.agreement_id)
        if hours is None or agreement.kind not in _INTERNAL or not agreement.is_in_force_at(at):
            continue
        key = (agreement.calendar, hours)
        if key not in known:
            effective = effective_restoration(calendars.get(agreement.calendar), hours, *window)
            known[key] = None if effective is None else effective.mean_hours
        mean = known[key]
        if mean is None:
            continue
        rank = (agreement.kind is AgreementKind.UPC, mean)
        for ci in covered:
            found[ci] = _answering(found.get(ci), rank)
    return {ci: found[ci][1] for ci in sorted(found)}


def _answering(one: tuple[bool, float] | None, other: tuple[bool, float]) -> tuple[bool, float]:
    """Return the OLA of two promises; of two of one kind the longer."""
    if one is None or (other[0], -other[1]) < (one[0], -one[1]):
        return other
    return one


def _resolution_hours(graph: ServiceGraph) -> dict[str, float]:
    """Return by agreement id the time to resolve of its first priority."""
    found: dict[str, float] = {}
    in_order = sorted(graph.time_targets, key=lambda one: (len(one.priority), one.priority))
    for target in in_order:  # shorter words first: P2 before P10
        if target.resolution_minutes is not None:
            found.setdefault(target.agreement, target.resolution_minutes / 60)
    return found
