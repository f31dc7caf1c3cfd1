"""A vertical axis of values, with round ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, floor, log10

from ripplegraph.visualize.charts.drawing import line, text

MOST_TICKS = 5
_DURATIONS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueAxis:
    """Maps values between ``least`` and ``most`` to places from ``bottom`` up to ``top``."""

    least: float
    most: float
    top: float
    bottom: float

    def place(self, value: float) -> float:
        """Return where a value stands."""
        span = self.most - self.least
        return self.bottom - (self.bottom - self.top) * (value - self.least) / span

    def drawn(
        self, left: float, right: float, *, step: float, words: Callable[[float], str]
    ) -> Iterator[str]:
        """Yield a rule and a word for every multiple of ``step``."""
        for count in range(ceil(self.least / step), floor(self.most / step) + 1):
            y = self.place(count * step)
            yield line((left, y), (right, y), "rule")
            yield text(left - 6, y + 4, words(count * step), anchor="end")


def duration_step(span_seconds: float) -> float:
    """Return a round step, seconds, that gives a few ticks over a span."""
    fitting = (step for step in _DURATIONS if span_seconds / step <= MOST_TICKS)
    return next(fitting, 86_400 * ceil(span_seconds / 86_400 / MOST_TICKS))


def decimal_step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten that gives a few ticks over a span > 0."""
    power = 10.0 ** floor(log10(span / MOST_TICKS))
    return next(power * one for one in (1, 2, 5, 10) if span / (power * one) <= MOST_TICKS)
