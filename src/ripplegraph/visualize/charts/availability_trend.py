"""The trend of an SLA: the availability of one window after the other, beside the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from ripplegraph.impact.timeline.values import TrendPoint
from ripplegraph.impact.timeline.wording import percent_floor
from ripplegraph.visualize.charts.drawing import WIDTH, Chart, chart_of, dot, line, path, text
from ripplegraph.visualize.charts.value_axis import ValueAxis, decimal_step

_LEFT, _RIGHT, _TOP, _BOTTOM = 92.0, WIDTH - 24.0, 14.0, 134.0
_SMALLEST_SPAN = 1e-6
_MOST_DATES = 10
_FARTHEST_ZONE = timedelta(hours=14)


def availability_trend(points: Sequence[TrendPoint], target: Decimal | None) -> Chart | None:
    """Return the chart of windows in their order; None if fewer than two have data."""
    known = [float(one.availability) for one in points if one.availability is not None]
    if len(known) < 2:
        return None
    goal = [] if target is None else [float(target)]
    least = min([*known, *goal])
    span = max((1.0 - least) * 1.15, _SMALLEST_SPAN)
    upright = ValueAxis(least=1.0 - span, most=1.0, top=_TOP, bottom=_BOTTOM)
    parts = [
        *upright.drawn(_LEFT, _RIGHT, step=decimal_step(span), words=_percent),
        *_target(upright, goal),
        path(
            [
                (_place(number, points), upright.place(float(one.availability)))
                for number, one in enumerate(points)
                if one.availability is not None
            ],
            "muted",
            width=1.5,
        ),
        *_dots(points, target, upright),
    ]
    return chart_of(parts, height=_BOTTOM + 24, words=_words(points, target))


def _place(number: int, points: Sequence[TrendPoint]) -> float:
    room = (_RIGHT - _LEFT) / len(points)
    return _LEFT + room * (number + 0.5)


def _target(upright: ValueAxis, goal: Sequence[float]) -> Iterator[str]:
    for value in goal:
        y = upright.place(value)
        yield line((_LEFT, y), (_RIGHT, y), "design", is_dashed=True)
        yield text(_LEFT + 4, y - 4, "target", look="design")


def _dots(
    points: Sequence[TrendPoint], target: Decimal | None, upright: ValueAxis
) -> Iterator[str]:
    every = -(-len(points) // _MOST_DATES)
    for number, one in enumerate(points):
        x, date = _place(number, points), window_words(one.start, one.end)
        if number % every == 0:
            yield text(x, _BOTTOM + 17, date, anchor="middle")
        if one.availability is None:
            yield text(x, (_TOP + _BOTTOM) / 2, "no data", anchor="middle")
            continue
        look = "down" if _misses(one.availability, target) else "up"
        title = f"{date}: {percent_floor(one.availability)}"
        yield dot(x, upright.place(float(one.availability)), look, title=title)


def window_words(start: datetime, end: datetime) -> str:
    """Return the month, quarter or year that a window is, in whichever zone, else its last day.

    Examples
    --------
    >>> window_words(datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC))
    'Oct 2026'
    """
    middle = start + (end - start) / 2
    for months in (1, 3, 12):
        first = (middle.month - 1) // months * months
        begins = datetime(middle.year, first + 1, 1, tzinfo=UTC)
        after = first + months
        ends = datetime(middle.year + after // 12, after % 12 + 1, 1, tzinfo=UTC)
        if max(abs(start - begins), abs(end - ends)) <= _FARTHEST_ZONE:
            quarter = f"Q{first // 3 + 1} {middle.year}"
            return {1: f"{middle:%b %Y}", 3: quarter, 12: str(middle.year)}[months]
    return f"to {end:%d %b %y}"


def _misses(availability: Fraction, target: Decimal | None) -> bool:
    return target is not None and availability < Fraction(target)


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.6f}".rstrip("0").rstrip(".") + "%"


def _words(points: Sequence[TrendPoint], target: Decimal | None) -> str:
    known = [one.availability for one in points if one.availability is not None]
    missed = sum(_misses(one, target) for one in known)
    said = "" if target is None else f", {missed} below the target"
    return f"Availability of {len(known)} windows, lowest {percent_floor(min(known))}{said}"
