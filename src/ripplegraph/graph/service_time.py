"""Service time: the seconds in which a calendar is open, as sorted intervals of UTC.

A moment is open when the clock on the wall, in the calendar's zone, shows an open time. So an
hour that the spring skips is not there, and an hour that the autumn repeats is open twice.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import floor

import numpy as np

from ripplegraph.graph.agreements import Window, WindowUnit
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.holiday_dates import holiday_dates
from ripplegraph.graph.time_sets import (
    PrefixTable,
    Seconds,
    ServiceTime,
    clipped,
    difference_of,
    intersection_of,
    is_open_at,
    merged,
    moved,
    prefix_table,
    seconds_before,
    seconds_within,
    spans,
    total_seconds,
    union_of,
)
from ripplegraph.graph.zone_offsets import SECONDS_PER_DAY, offset_steps, zone_named

__all__ = [
    "PrefixTable",
    "Seconds",
    "ServiceTime",
    "clipped",
    "difference_of",
    "epoch_second",
    "intersection_of",
    "is_open_at",
    "merged",
    "prefix_table",
    "seconds_before",
    "seconds_within",
    "service_time",
    "total_seconds",
    "union_of",
    "window_containing",
]

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_KEPT = 256  # calendars over stretches
_THURSDAY = 3  # the weekday of the epoch


def service_time(calendar: Calendar | None, start: datetime, end: datetime) -> ServiceTime:
    """Return the seconds of [start, end) in which a calendar is open.

    Parameters
    ----------
    calendar
        None is 24x7.
    start, end
        Aware; parts of a second are cut off.

    Raises
    ------
    ValueError
        If a moment has no time zone, the end is before the start, or the calendar's zone is
        unknown.

    Notes
    -----
    Holidays are closed from midnight to midnight; exceptions replace the hours of their dates.
    Hours that run past midnight last into the next date, unless that is closed. The same
    question is answered once; the arrays are read-only.

    Examples
    --------
    >>> from ripplegraph.graph.calendars import WeeklyInterval
    >>> office = Calendar(
    ...     calendar_id="office",
    ...     time_zone="Europe/Berlin",
    ...     weekly=tuple(
    ...         WeeklyInterval(weekday=day, start_minute=480, end_minute=1080) for day in range(5)
    ...     ),
    ... )
    >>> march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    >>> total_seconds(service_time(office, march, april)) / 3600
    220.0
    """
    first, last = epoch_second(start), epoch_second(end)
    if last < first:
        msg = f"the end {end.isoformat()} is before the start {start.isoformat()}"
        raise ValueError(msg)
    return _service_time(calendar, first, last)


@lru_cache(maxsize=_KEPT)
def _service_time(calendar: Calendar | None, first: int, last: int) -> ServiceTime:
    """Return service time that many agreements share, so its arrays are read-only."""
    time = _computed(calendar, first, last)
    time.starts.setflags(write=False)
    time.ends.setflags(write=False)
    return time


def _computed(calendar: Calendar | None, first: int, last: int) -> ServiceTime:
    if first == last:
        return spans([], [])
    if calendar is None or not (calendar.weekly or calendar.holidays or calendar.exceptions):
        return spans([first], [last])
    moments, offsets = offset_steps(calendar.time_zone, first, last)
    until = np.append(moments[1:], last)
    first_day = int((first + offsets.min()) // SECONDS_PER_DAY) - 1
    last_day = int((last + offsets.max()) // SECONDS_PER_DAY)
    local = _wall_hours(calendar, first_day, last_day)
    parts = [
        moved(clipped(local, int(one + offset), int(other + offset)), -int(offset))
        for one, other, offset in zip(moments, until, offsets, strict=True)
    ]
    return merged(
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
    )


def epoch_second(moment: datetime) -> int:
    """Return the UTC epoch second that a moment lies in.

    Raises
    ------
    ValueError
        If the moment has no time zone.

    Examples
    --------
    >>> epoch_second(datetime(1970, 1, 2, tzinfo=UTC))
    86400
    """
    if moment.tzinfo is None:
        msg = f"a moment needs a time zone, got {moment.isoformat()}"
        raise ValueError(msg)
    return floor(moment.timestamp())


# --- hours on the wall -----------------------------------------------------------------------


def _wall_hours(calendar: Calendar, first_day: int, last_day: int) -> ServiceTime:
    """Return the open hours of days since the epoch, as the clock on the wall shows them."""
    days = np.arange(first_day, last_day + 1, dtype=np.int64)
    hours = _weekly_hours(calendar, days)
    closed = _holidays(calendar, first_day, last_day)
    own: list[tuple[int, int]] = []
    for one in calendar.exceptions:
        begin = max(one.first_day.toordinal() - _EPOCH_DAY, first_day)
        finish = min(one.last_day.toordinal() - _EPOCH_DAY, last_day)
        for day in range(begin, finish + 1):
            closed.add(day)
            own.extend(
                (day * SECONDS_PER_DAY + 60 * start, day * SECONDS_PER_DAY + 60 * end)
                for start, end in one.hours
            )
    if closed:
        midnights = np.array(sorted(closed), dtype=np.int64) * SECONDS_PER_DAY
        hours = difference_of(hours, merged(midnights, midnights + SECONDS_PER_DAY))
    if own:
        starts, ends = np.array(own, dtype=np.int64).T
        hours = union_of(hours, merged(starts, ends))
    return hours


def _weekly_hours(calendar: Calendar, days: Seconds) -> ServiceTime:
    midnights = days * SECONDS_PER_DAY
    if not calendar.weekly:
        return spans([int(midnights[0])], [int(midnights[-1]) + SECONDS_PER_DAY])
    weekdays = (days + _THURSDAY) % 7
    starts, ends = [], []
    for interval in calendar.weekly:
        of_day = midnights[weekdays == interval.weekday]
        starts.append(of_day + 60 * interval.start_minute)
        ends.append(of_day + 60 * interval.end_minute)
    return merged(np.concatenate(starts), np.concatenate(ends))


def _holidays(calendar: Calendar, first_day: int, last_day: int) -> set[int]:
    years = [date.fromordinal(day + _EPOCH_DAY).year for day in (first_day, last_day)]
    dates = holiday_dates(calendar.holidays, years[0], years[1]) if calendar.holidays else ()
    return {day.toordinal() - _EPOCH_DAY for day in dates}


# --- windows -------------------------------------------------------------------------------------

_MONTHS = {WindowUnit.MONTH: 1, WindowUnit.QUARTER: 3, WindowUnit.YEAR: 12}


def window_containing(
    window: Window, moment: datetime, time_zone: str = ""
) -> tuple[datetime, datetime]:
    """Return the start and the end of the window that a moment lies in, in UTC.

    Parameters
    ----------
    moment
        Aware; a rolling window ends with it.
    time_zone
        IANA name of the zone whose months, quarters and years count; "" is UTC.

    Raises
    ------
    ValueError
        If the moment has no time zone, or there is no zone of that name.

    Notes
    -----
    Rolling days are 24 hours each. A window begins when its first date first shows.

    Examples
    --------
    >>> late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    >>> start, end = window_containing(Window(), late, "Europe/Berlin")
    >>> start.isoformat(), end.isoformat()
    ('2026-03-31T22:00:00+00:00', '2026-04-30T22:00:00+00:00')
    """
    epoch_second(moment)
    if window.unit is WindowUnit.ROLLING:
        end = moment.astimezone(UTC)
        return end - timedelta(days=window.days), end
    months = _MONTHS[window.unit]
    local = moment.astimezone(zone_named(time_zone))
    position = local.year * 12 + local.month - 1
    first = position - position % months
    start, end = (_first_of(first + step, time_zone) for step in (0, months))
    # where clocks go back over midnight, the old date shows once more after the new one began
    if moment >= end:
        return end, _first_of(first + 2 * months, time_zone)
    return start, end


def _first_of(position: int, time_zone: str) -> datetime:
    """Return when a month, counted from year 0, begins in a zone.

    Where clocks skip that midnight they do so from midnight on (so in every zone since 1900),
    and Python then gives the moment of the change.
    """
    year, month = divmod(position, 12)
    return datetime(year, month + 1, 1, tzinfo=zone_named(time_zone)).astimezone(UTC)
