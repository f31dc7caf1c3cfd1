"""Read quantities as users write them: fractions, requirements, weights, hours, windows, weeks.

Every function raises :class:`InvalidQuantityError`, which says what is wanted; none of them
passes a number on that means nothing (NaN, infinity, a negative weight).
"""

from __future__ import annotations

import re
from decimal import Decimal

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.agreements import Window, WindowUnit
from ripplegraph.graph.calendars import MINUTES_PER_DAY, WeeklyInterval
from ripplegraph.graph.model import Requirement, RequirementUnit, Strength

_LONGEST_NUMBER = 40  # characters
_LONGEST_WEEK = 2_000
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)
_GERMAN = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+,\d+", re.ASCII)
_ROLLING = re.compile(r"(?:rolling[:\s]*)?(\d{1,5})\s*d(?:ays?)?", re.ASCII)
_INTERVAL = re.compile(
    r"(?P<days>[a-z ,-]*?)\s*(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})", re.ASCII
)
_FLAGS = {
    "true": True, "yes": True, "y": True, "1": True, "x": True,
    "false": False, "no": False, "n": False, "0": False, "": False,
}  # fmt: skip
_STRENGTHS = {"": Strength.HARD, **{strength.word: strength for strength in Strength}}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_NAMES = {
    **{name: day for day, name in enumerate(_FULL_DAYS)},
    **{name: day for day, name in enumerate(_DAYS)},
    "tues": 1, "weds": 2, "thur": 3, "thurs": 3,
}  # fmt: skip
_ALWAYS = frozenset({"", "24x7", "24/7", "always"})
_WINDOWS = {
    "month": WindowUnit.MONTH, "monthly": WindowUnit.MONTH, "calendar month": WindowUnit.MONTH,
    "quarter": WindowUnit.QUARTER, "quarterly": WindowUnit.QUARTER,
    "year": WindowUnit.YEAR, "yearly": WindowUnit.YEAR, "annual": WindowUnit.YEAR,
}  # fmt: skip


def read_fraction(text: str) -> Decimal:
    """Return a fraction in [0, 1] from ``0.9995`` or ``99.95%``; a bare 99.95 is refused."""
    wanted = "a fraction between 0 and 1"
    bare = text.strip().removesuffix("%").rstrip()
    number = number_in(bare)
    if number is None or number < 0:
        advice = "Write a fraction (0.9995) or a percent with its sign (99.95%)"
        raise InvalidQuantityError(_shown(text), wanted, advice)
    if bare != text.strip():
        number = number.scaleb(-2)
    elif number > 1:
        raise InvalidQuantityError(_shown(text), wanted, _both_spellings(number))
    if number > 1:
        raise InvalidQuantityError(_shown(text), wanted, "Write at most 100%")
    return number


def read_requirement(text: str) -> Requirement:
    """Return a group requirement from ``2``, ``50%``, ``count:2``, ``all`` or ``any``."""
    word = text.strip().casefold()
    if word == "all":
        return Requirement(unit=RequirementUnit.PERCENT, value=Decimal(100))
    if word == "any":
        return Requirement(unit=RequirementUnit.COUNT, value=Decimal(1))
    unit = RequirementUnit.WEIGHT
    if word.endswith("%"):
        unit, word = RequirementUnit.PERCENT, word[:-1].rstrip()
    elif word.startswith("count:"):
        unit, word = RequirementUnit.COUNT, word[6:].lstrip()
    number = number_in(word)
    wanted, advice = "a group requirement above 0", "Write 2, 50%, count:2, all or any"
    if number is None or number <= 0:
        raise InvalidQuantityError(_shown(text), wanted, advice)
    if unit is RequirementUnit.PERCENT and number > 100:
        raise InvalidQuantityError(_shown(text), "at most 100%", advice)
    return Requirement(unit=unit, value=number)


def read_weight(text: str) -> Decimal:
    """Return the weight of a group member, >= 0."""
    number = number_in(text.strip())
    if number is None or number < 0:
        raise InvalidQuantityError(_shown(text), "a weight", "Write a number >= 0")
    return number


def read_hours(text: str) -> float:
    """Return hours, >= 0, from ``1.5``, ``1,5`` or ``3,665`` (a thousands separator)."""
    number = number_in(text.strip())
    if number is None or number < 0:
        raise InvalidQuantityError(_shown(text), "a number of hours", "Write a number >= 0")
    return float(number)


def read_operating_hours(text: str) -> float:
    """Return a mean operating time in hours, > 0."""
    hours = read_hours(text)
    if hours == 0:
        raise InvalidQuantityError(_shown(text), "a time between failures", "Write hours > 0")
    return hours


def read_flag(text: str) -> bool:
    """Return whether a cell says yes; an empty cell says no."""
    flag = _FLAGS.get(text.strip().casefold())
    if flag is None:
        raise InvalidQuantityError(_shown(text), "a yes or no", "Write true or false")
    return flag


def read_strength(text: str) -> Strength:
    """Return the strength of a dependency; an empty cell is hard."""
    strength = _STRENGTHS.get(text.strip().casefold())
    if strength is None:
        raise InvalidQuantityError(_shown(text), "a strength", "Write hard, soft or none")
    return strength


def read_window(text: str) -> Window:
    """Return a measuring window from ``month``, ``quarter``, ``year`` or ``rolling:30d``."""
    word = text.strip().casefold()
    if not word:
        return Window()
    if word in _WINDOWS:
        return Window(unit=_WINDOWS[word])
    match = _ROLLING.fullmatch(word) if len(word) <= _LONGEST_NUMBER else None
    if match and int(match[1]):
        return Window(unit=WindowUnit.ROLLING, days=int(match[1]))
    advice = "Write month, quarter, year or rolling:30d"
    raise InvalidQuantityError(_shown(text), "a measuring window", advice)


def read_weekly(text: str) -> tuple[WeeklyInterval, ...]:
    """Return intervals from ``Mon-Fri 08:00-18:00; Sat 22:00-02:00``; none means 24x7."""
    word = text.strip().casefold()
    if word in _ALWAYS:
        return ()
    if len(word) > _LONGEST_WEEK:
        raise _not_a_week(text)
    intervals: list[WeeklyInterval] = []
    for part in filter(None, (part.strip() for part in word.split(";"))):
        match = _INTERVAL.fullmatch(part)
        if match is None:
            raise _not_a_week(text)
        start, end = (_minute(match[name], text) for name in ("start", "end"))
        days = _weekdays(match["days"], text)
        intervals.extend(_interval(day, start, end, text) for day in days)
    return tuple(sorted(set(intervals)))


def weekly_text(intervals: tuple[WeeklyInterval, ...]) -> str:
    """Return the text from which :func:`read_weekly` reads these intervals again."""
    days_of: dict[tuple[int, int], list[int]] = {}
    for interval in sorted(intervals):
        days_of.setdefault((interval.start_minute, interval.end_minute), []).append(
            interval.weekday
        )
    return "; ".join(
        f"{_days_text(days)} {_clock(start)}-{_clock(end)}"
        for (start, end), days in sorted(days_of.items(), key=lambda one: (one[1][0], one[0]))
    )


NO_ENTRIES: tuple[str, ...] = ()
"""What an empty cell that may hold a list means."""

NO_INTERVALS: tuple[WeeklyInterval, ...] = ()
"""What an empty weekly service time means: 24x7."""


def split_list(text: str) -> tuple[str, ...]:
    """Return the entries of a cell that holds a list, separated by ``;``."""
    return tuple(filter(None, (part.strip() for part in text.split(";"))))


def number_in(text: str) -> Decimal | None:
    """Return the number that a cell holds: plain, with thousands, or a decimal comma; or None."""
    if len(text) > _LONGEST_NUMBER:
        return None
    if "," in text:
        if _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        elif _GERMAN.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        elif text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _both_spellings(number: Decimal) -> str:
    if number > 100:
        return "Write a fraction (0.9995) or a percent with its sign (99.95%)"
    return f"Write {format(number.scaleb(-2).normalize(), 'f')} or {format(number, 'f')}%"


def _shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."


def _not_a_week(text: str) -> InvalidQuantityError:
    advice = "Write Mon-Fri 08:00-18:00; Sat 22:00-02:00, or 24x7"
    return InvalidQuantityError(_shown(text), "a weekly service time", advice)


def _minute(clock: str, text: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    minute = hours * 60 + minutes
    if minutes > 59 or minute > MINUTES_PER_DAY:
        raise _not_a_week(text)
    return minute


def _interval(weekday: int, start: int, end: int, text: str) -> WeeklyInterval:
    if start == MINUTES_PER_DAY:
        raise _not_a_week(text)
    length = (end - start) % MINUTES_PER_DAY or MINUTES_PER_DAY
    return WeeklyInterval(weekday=weekday, start_minute=start, end_minute=start + length)


def _weekdays(days: str, text: str) -> list[int]:
    """Return the days of ``mon-fri``, ``sat, sun``, ``fri-mon``, or "" for all."""
    if days.strip() in {"", "daily"}:
        return list(range(7))
    chosen: list[int] = []
    for part in days.split(","):
        first, _, last = (name.strip() for name in part.partition("-"))
        if first not in _DAY_NAMES or (last and last not in _DAY_NAMES):
            raise _not_a_week(text)
        start = _DAY_NAMES[first]
        end = _DAY_NAMES[last] if last else start
        chosen.extend((start + step) % 7 for step in range((end - start) % 7 + 1))
    return chosen


def _days_text(days: list[int]) -> str:
    names = [_DAYS[day].capitalize() for day in days]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{names[0]}-{names[-1]}"
    return ",".join(names)


def _clock(minute: int) -> str:
    if minute > MINUTES_PER_DAY:
        minute -= MINUTES_PER_DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"
