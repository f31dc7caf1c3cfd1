"""Calendars written as a planner would write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ripplegraph.graph.calendars import Calendar, CalendarException, WeeklyInterval

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def calendar_of(
    *weekly: str,
    zone: str = "Europe/Berlin",
    holidays: Sequence[str] = (),
    exceptions: Sequence[CalendarException] = (),
    name: str = "office",
) -> Calendar:
    """Return a calendar of texts such as ``Mon-Fri 8-18`` or ``Sat 22-26`` (past midnight)."""
    return Calendar(
        calendar_id=name,
        time_zone=zone,
        weekly=tuple(sorted(one for text in weekly for one in _intervals(text))),
        holidays=tuple(holidays),
        exceptions=tuple(exceptions),
    )


def on(day: str, *hours: tuple[float, float], until: str = "") -> CalendarException:
    """Return an exception: the date has these hours, none means closed."""
    return CalendarException(
        first_day=date.fromisoformat(day),
        last_day=date.fromisoformat(until or day),
        hours=tuple((round(60 * start), round(60 * end)) for start, end in hours),
    )


def _intervals(text: str) -> list[WeeklyInterval]:
    days, hours = text.split()
    first, _, last = days.partition("-")
    start, end = (round(60 * float(hour)) for hour in hours.split("-"))
    chosen = range(DAYS.index(first), DAYS.index(last or first) + 1)
    return [WeeklyInterval(weekday=day, start_minute=start, end_minute=end) for day in chosen]
