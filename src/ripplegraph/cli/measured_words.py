"""How seconds, budgets and moments are shown to people."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from math import floor

from ripplegraph.cli.availability_words import availability_words
from ripplegraph.cli.words import NOTHING


def seconds_words(seconds: int | Fraction | None) -> str:
    """Return seconds to the second: ``1 d 2 h 3 min 4 s``; parts of one are cut off downwards."""
    if seconds is None:
        return NOTHING
    whole = floor(seconds)
    rest = abs(whole)
    words = []
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, length)
        if count:
            words.append(f"{count} {unit}")
    return ("-" if whole < 0 else "") + (" ".join(words) or "0 s")


def availability_of(fraction: Fraction | None) -> str:
    """Return a measured availability as a percent, never better than it is."""
    return NOTHING if fraction is None else availability_words(float(1 - fraction))


def moment_words(moment: datetime | None, *, none: str = "goes on") -> str:
    """Return a moment in UTC to the second."""
    return none if moment is None else moment.strftime("%Y-%m-%d %H:%M:%SZ")


def window_words(start: datetime, end: datetime) -> str:
    """Return a window by its two ends."""
    return f"{_short(start)} .. {_short(end)}"


def _short(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%MZ")
