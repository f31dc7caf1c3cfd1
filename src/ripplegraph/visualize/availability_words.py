"""How availabilities are shown to people: enough nines, never better than they are."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

_PRECISION = 60
_MOST_DECIMALS = 18


def availability_words(unavailability: float, *, digits: int = 3) -> str:
    """Return an availability as a percent, rounded down: ``99.99876%``.

    There are as many decimals as show ``digits`` digits of what is missing to 100 %, at least 3.
    """
    with localcontext() as context:
        context.prec, context.rounding = _PRECISION, ROUND_FLOOR
        missing = _exactly(unavailability) * 100
        if not missing:
            return "100%"
        decimals = min(max(3, digits - 1 - missing.adjusted()), _MOST_DECIMALS)
        shown = (100 - missing).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_FLOOR)
    return f"{shown.copy_abs():f}%"  # floor makes 100 - 100 a negative zero


def interval_words(lower: float, upper: float) -> str:
    """Return an availability between two bounds of the unavailability, the worse first.

    The worse end is rounded down, the better one up, with enough decimals to tell them apart.
    """
    if lower == upper:
        return availability_words(lower)
    with localcontext() as context:
        context.prec = _PRECISION
        worst, best = _exactly(upper) * 100, _exactly(lower) * 100
        wanted = 1 - (worst - best).adjusted()
        if best:
            wanted = max(wanted, 2 - best.adjusted())
        unit = Decimal(1).scaleb(-min(max(3, wanted), _MOST_DECIMALS))
        worse = (100 - worst).quantize(unit, rounding=ROUND_FLOOR)
        better = (100 - best).quantize(unit, rounding=ROUND_CEILING)
    return f"{worse:f}% .. {better:f}%"


def amount_words(value: float | None, *, digits: int = 4) -> str:
    """Return minutes or hours with a few digits, rounded up: never less than they are."""
    if value is None:
        return "-"
    if not value:
        return "0"
    with localcontext() as context:
        context.prec = _PRECISION
        amount = _exactly(value)
        if amount.adjusted() < -6:
            return f"{value:.{digits - 1}e}"
        unit = Decimal(1).scaleb(min(0, amount.adjusted() - digits + 1))
        shown = amount.quantize(unit, rounding=ROUND_CEILING)
    return f"{shown:,f}"


def floor_words(value: float, *, digits: int = 4) -> str:
    """Return minutes that are left with a few digits, rounded down: never more than they are."""
    with localcontext() as context:
        context.prec = _PRECISION
        amount = _exactly(value)
        unit = Decimal(1).scaleb(min(0, amount.adjusted() - digits + 1))
        shown = amount.quantize(unit, rounding=ROUND_FLOOR)
    return f"{shown:,f}"


def downtime_words(minutes: float | None) -> str:
    """Return a downtime a year in the unit that reads best: ``8.4 h``, ``3.2 min``, ``5 s``."""
    if minutes is None:
        return "-"
    if minutes >= 120:
        return f"{amount_words(minutes / 60)} h"
    if minutes >= 1 or not minutes:
        return f"{amount_words(minutes)} min"
    return f"{amount_words(minutes * 60)} s"


def ratio_words(value: float | None) -> str:
    """Return a ratio with four digits, or a dash."""
    return "-" if value is None else f"{value:.4g}"


def share_words(value: float | None) -> str:
    """Return a fraction as a percent with one decimal, or a dash."""
    return "-" if value is None else f"{100 * value:.1f}%"


def _exactly(value: float) -> Decimal:
    """Return a number with 12 digits: the last bits of a sum must not turn 98 % into 97.999 %."""
    return Decimal(f"{value:.12g}")
