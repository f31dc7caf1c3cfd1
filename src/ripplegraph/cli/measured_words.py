"""How seconds, budgets and moments are shown to people."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from ripplegraph.cli.words import NOTHING
from ripplegraph.impact.timeline.wording import seconds_words
from ripplegraph.visualize.availability_words import availability_words

__all__ = ["availability_of", "moment_words", "seconds_words", "window_words"]


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
