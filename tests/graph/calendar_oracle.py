"""Service time minute by minute, as a person with a clock on the wall would count it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ripplegraph.graph.calendars import Calendar


def open_minutes(calendar: Calendar, start: datetime, end: datetime) -> list[datetime]:
    """Return the minutes, by their first moment, in which a calendar with dates is open."""
    minutes = []
    moment = start
    while moment < end:
        if is_open(calendar, moment):
            minutes.append(moment)
        moment += timedelta(minutes=1)
    return minutes


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Return whether the clock on the wall shows an open time. Holidays must be dates."""
    zone = ZoneInfo(calendar.time_zone) if calendar.time_zone else UTC
    wall = moment.astimezone(zone).replace(tzinfo=None)
    day = wall.date()
    minute = wall.hour * 60 + wall.minute
    before = day - timedelta(days=1)
    for on, counted in ((day, minute), (before, minute + 1440)):
        for one in calendar.exceptions:
            if one.first_day <= on <= one.last_day and _within(one.hours, counted):
                return True
    has_own = any(one.first_day <= day <= one.last_day for one in calendar.exceptions)
    if has_own or day.isoformat() in calendar.holidays:
        return False
    if not calendar.weekly:
        return True
    return any(
        one.weekday == on.weekday() and one.start_minute <= counted < one.end_minute
        for on, counted in ((day, minute), (before, minute + 1440))
        for one in calendar.weekly
    )


def _within(hours: tuple[tuple[int, int], ...], minute: int) -> bool:
    return any(start <= minute < end for start, end in hours)
