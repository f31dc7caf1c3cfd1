"""ServiceNow's durations: as the database holds them, in seconds, or in words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ripplegraph.errors import InvalidQuantityError

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a duration is written as a time after it
_STORED = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,5}) )?(\d{1,3}):(\d{2}):(\d{2})", re.ASCII)
_WORDS = re.compile(r"(\d[\d,.]{0,9})\s*(day|hour|minute|second)s?", re.ASCII | re.IGNORECASE)
_UNIT_SECONDS = {"day": 86_400.0, "hour": 3600.0, "minute": 60.0, "second": 1.0}
_LONGEST = 80


def read_duration(text: str) -> timedelta:
    """Return the duration of ``1970-01-01 04:00:00``, ``14400``, ``1 04:00:00``, ``4 Hours``."""
    word = text.strip()
    seconds = _seconds(word) if len(word) <= _LONGEST else None
    if seconds is None:
        advice = "Write 1970-01-01 04:00:00, seconds, or 4 Hours"
        raise InvalidQuantityError(text[:_LONGEST], "a duration", advice)
    return timedelta(seconds=seconds)


def _seconds(word: str) -> float | None:
    if _STORED.fullmatch(word):
        return _seconds_stored(word)
    if word.isdecimal() and word.isascii():
        return min(float(word), 1e9)
    clock = _CLOCK.fullmatch(word)
    if clock:
        days, hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        return days * 86_400 + hours * 3600 + minutes * 60 + seconds
    return _seconds_in_words(word)


def _seconds_stored(word: str) -> float | None:
    try:
        return max(0.0, (datetime.fromisoformat(word) - _EPOCH).total_seconds())
    except ValueError:
        return None


def _seconds_in_words(word: str) -> float | None:
    parts = _WORDS.findall(word)
    if not parts or _WORDS.sub("", word).strip(" ,"):
        return None
    try:
        return sum(float(n.replace(",", "")) * _UNIT_SECONDS[unit.lower()] for n, unit in parts)
    except ValueError:
        return None
