"""How seconds are said: to the second, never rounded up into a promise."""

from __future__ import annotations

from fractions import Fraction
from math import floor

_MOST_DIGITS = 12
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def seconds_words(seconds: int | Fraction | None) -> str:
    """Return seconds as people say them; parts of one are cut off downwards.

    Examples
    --------
    >>> seconds_words(93784), seconds_words(Fraction(-3, 2)), seconds_words(None)
    ('1 d 2 h 3 min 4 s', '-2 s', '-')
    """
    if seconds is None:
        return "-"
    whole = floor(seconds)
    rest = abs(whole)
    words = []
    for length, unit in _UNITS:
        count, rest = divmod(rest, length)
        if count:
            words.append(f"{count} {unit}")
    return ("-" if whole < 0 else "") + (" ".join(words) or "0 s")


def percent_floor(fraction: Fraction | None) -> str:
    """Return a fraction as a percent with three decimals or more, rounded down.

    Examples
    --------
    >>> percent_floor(Fraction(99_999_999, 100_000_000)), percent_floor(None)
    ('99.99999900%', '-')
    """
    if fraction is None:
        return "-"
    if fraction == 1:
        return "100%"
    digits = 3
    while digits < _MOST_DIGITS and (1 - fraction) * 10**digits < 1:
        digits += 1
    scaled = floor(fraction * 10 ** (digits + 2))
    whole, part = divmod(abs(scaled), 10**digits)
    return f"{'-' if scaled < 0 else ''}{whole}.{part:0{digits}d}%"
