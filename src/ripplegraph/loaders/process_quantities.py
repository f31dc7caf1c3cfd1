"""Read quantities of agreements and tickets: minutes, counts, amounts, priorities, pauses.

Like those of ``quantities``, every function raises :class:`InvalidQuantityError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.process_records import Pause
from ripplegraph.loaders.quantities import number_in, split_list

_LONGEST_SHOWN = 60
_MOST_PAUSES = 10_000
_LARGEST_COUNT = 10**9
_PRIORITY = re.compile(r"p?(?:rio(?:rity)?)?\s*([1-9])(?:\s*-.*)?", re.ASCII | re.IGNORECASE)


def read_minutes(text: str) -> float:
    """Return minutes, >= 0; a number with ``h`` is hours, with ``d`` days of 24 hours."""
    word = text.strip().casefold()
    factor = {"h": 60, "d": 1440, "m": 1}.get(word[-1:], 0)
    number = number_in(word[:-1].rstrip() if factor else word)
    if number is None or number < 0:
        advice = "Write a number of minutes >= 0, or 4h, or 2d"
        raise InvalidQuantityError(text[:_LONGEST_SHOWN], "a number of minutes", advice)
    return float(number * (factor or 1))


def read_count(text: str) -> int:
    """Return a whole number, >= 0."""
    number = number_in(text.strip())
    if number is None or not 0 <= number <= _LARGEST_COUNT or number != int(number):
        raise InvalidQuantityError(text[:_LONGEST_SHOWN], "a count", "Write a whole number >= 0")
    return int(number)


def read_amount(text: str) -> Decimal:
    """Return an amount of money, >= 0, exact."""
    number = number_in(text.strip())
    if number is None or number < 0:
        advice = "Write a number >= 0 without the currency"
        raise InvalidQuantityError(text[:_LONGEST_SHOWN], "an amount", advice)
    return number


def read_score(text: str) -> Decimal:
    """Return a score on the user's scale, exact; a percent sign divides by a hundred."""
    bare = text.strip().removesuffix("%").rstrip()
    number = number_in(bare)
    if number is None:
        raise InvalidQuantityError(text[:_LONGEST_SHOWN], "a score", "Write a number")
    return number if bare == text.strip() else number.scaleb(-2)


def read_priority(text: str) -> str:
    """Return ``P1`` for ``1``, ``p1``, ``Priority 1`` and ``1 - Critical``; other words stay."""
    match = _PRIORITY.fullmatch(text.strip()) if len(text) <= _LONGEST_SHOWN else None
    return f"P{match[1]}" if match else text.strip()


def read_pauses(text: str) -> tuple[Pause, ...]:
    """Return pauses from ``start/end; start/`` with zones; the last one may still be open."""
    entries = split_list(text)
    if len(entries) > _MOST_PAUSES:
        raise InvalidQuantityError(text[:_LONGEST_SHOWN], "a list of pauses", "Write fewer")
    return sorted_pauses(_pause(entry) for entry in entries)


def sorted_pauses(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """Return pauses by their start, open ones last of those that start together."""
    latest = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(pauses, key=lambda pause: (pause[0], pause[1] or latest)))


def pauses_text(pauses: tuple[Pause, ...]) -> str:
    """Return the text from which :func:`read_pauses` reads these pauses again."""
    return "; ".join(
        f"{start.isoformat()}/{'' if end is None else end.isoformat()}" for start, end in pauses
    )


def _pause(entry: str) -> Pause:
    pause = _parsed_pause(entry)
    if pause is None or (pause[1] is not None and pause[1] <= pause[0]):
        advice = "Write 2026-10-05T09:00:00Z/2026-10-05T10:30:00Z, with a zone"
        raise InvalidQuantityError(entry[:_LONGEST_SHOWN], "a pause", advice)
    return pause


def _parsed_pause(entry: str) -> Pause | None:
    start, mark, end = (part.strip() for part in entry.partition("/"))
    try:
        first = datetime.fromisoformat(start)
        last = datetime.fromisoformat(end) if end else None
        if not mark or first.tzinfo is None or (last is not None and last.tzinfo is None):
            return None
        return first.astimezone(UTC), last and last.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
