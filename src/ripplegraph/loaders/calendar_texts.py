"""Read the exceptions of a calendar as users write them, and write them again."""

from __future__ import annotations

import re
from datetime import date

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.calendars import MINUTES_PER_DAY, CalendarException

_LONGEST_EXCEPTION = 400  # characters
_DATES = r"(?P<first>\d{4}-\d{2}-\d{2})(?:\s*/\s*(?P<last>\d{4}-\d{2}-\d{2}))?"
_EXCEPTION = re.compile(rf"{_DATES}\s+(?P<hours>closed|open|[\d:,\s-]+)", re.ASCII)
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)
_WHOLE_DAY = ((0, MINUTES_PER_DAY),)


def read_exception(text: str) -> CalendarException:
    """Return an exception: ``2026-12-24 08:00-12:00`` or ``2026-12-24/2027-01-06 closed``."""
    word = text.strip().casefold()
    match = _EXCEPTION.fullmatch(word) if len(word) <= _LONGEST_EXCEPTION else None
    if match is None:
        raise _not_an_exception(text)
    try:
        first = date.fromisoformat(match["first"])
        last = date.fromisoformat(match["last"] or match["first"])
        hours = _hours(match["hours"], text)
        return CalendarException(first_day=first, last_day=last, hours=hours)
    except ValueError as cause:
        raise _not_an_exception(text) from cause


def exception_text(exception: CalendarException) -> str:
    """Return the text from which :func:`read_exception` reads an exception again."""
    days = exception.first_day.isoformat()
    if exception.last_day != exception.first_day:
        days += f"/{exception.last_day.isoformat()}"
    if not exception.hours:
        return f"{days} closed"
    if exception.hours == _WHOLE_DAY:
        return f"{days} open"
    hours = (f"{_clock(start)}-{_clock(end)}" for start, end in exception.hours)
    return f"{days} {', '.join(hours)}"


def _hours(text: str, whole: str) -> tuple[tuple[int, int], ...]:
    if text == "closed":
        return ()
    if text == "open":
        return _WHOLE_DAY
    pairs = []
    for part in text.split(","):
        match = _HOURS.fullmatch(part.strip())
        if match is None:
            raise _not_an_exception(whole)
        start, end = (_minute(match[one], match[one + 1], whole) for one in (1, 3))
        pairs.append((start, start + ((end - start) % MINUTES_PER_DAY or MINUTES_PER_DAY)))
    return tuple(sorted(pairs))


def _minute(hours: str, minutes: str, whole: str) -> int:
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > MINUTES_PER_DAY:
        raise _not_an_exception(whole)
    return minute


def _clock(minute: int) -> str:
    if minute > MINUTES_PER_DAY:
        minute -= MINUTES_PER_DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _not_an_exception(text: str) -> InvalidQuantityError:
    shown = text if len(text) <= 60 else f"{text[:60]}..."
    advice = "Write 2026-12-24 08:00-12:00, 2026-12-31 closed, or two dates with / between"
    return InvalidQuantityError(shown, "an exception of a calendar", advice)
