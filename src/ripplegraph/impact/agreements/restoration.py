"""How long restoration takes by the clock when a team works in support hours only.

An 8x5 team restores an outage of Friday night on Monday (semantics.md section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.due_times import NEVER, moments_after, moments_of
from ripplegraph.graph.service_time import epoch_second, service_time
from ripplegraph.graph.time_sets import (
    Seconds,
    ServiceTime,
    is_open_at,
    prefix_table,
    seconds_before,
)

_MOST_DAYS = 3_660
_SLACK_DAYS = 16


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


def promised_restoration_hours(
    calendars: Mapping[str, Calendar],
    promises: Iterable[tuple[int, Agreement, float]],
    start: datetime,
    end: datetime,
) -> dict[int, float]:
    """Return by CI the mean calendar hours within which its agreement restores it.

    Parameters
    ----------
    calendars
        By id.
    promises
        CI number, the agreement that answers for it, and the support hours that it promises.
    start, end
        Aware; failures between them.

    Returns
    -------
    dict[int, float]
        For ``AvailabilityOptions.promised_restoration_hours``. CIs whose agreement has hours
        that are never open long enough are left out.

    Examples
    --------
    >>> from ripplegraph.graph.agreements import AgreementKind
    >>> ola = Agreement(agreement_id="o", kind=AgreementKind.OLA)
    >>> monday = datetime(2026, 3, 2, tzinfo=UTC)
    >>> promised_restoration_hours({}, [(3, ola, 4.0)], monday, monday + timedelta(days=7))
    {3: 4.0}
    """
    known: dict[tuple[str, float], EffectiveRestoration | None] = {}
    found: dict[int, float] = {}
    for ci, agreement, hours in promises:
        key = (agreement.calendar, hours)
        if key not in known:
            calendar = calendars.get(agreement.calendar)
            known[key] = effective_restoration(calendar, hours, start, end)
        effective = known[key]
        if effective is not None:
            found[ci] = effective.mean_hours
    return found
