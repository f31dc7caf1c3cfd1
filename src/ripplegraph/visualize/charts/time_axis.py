"""A horizontal axis of time, with ticks where days, weeks or months begin in a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from ripplegraph.visualize.charts.drawing import line, text

_MOST_TICKS = 11
_STEPS = (
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=7),
)
_EPOCH_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - of the clock on the wall
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """Maps moments (UTC) of a window to places between ``left`` and ``right``."""

    start: datetime
    end: datetime
    left: float
    right: float
    zone: tzinfo = UTC
    """In which days begin, and times of day are said."""

    def place(self, moment: datetime) -> float:
        """Return where a moment stands; one outside the window stands at its edge."""
        share = (moment - self.start) / (self.end - self.start)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def drawn(self, top: float, bottom: float) -> Iterator[str]:
        """Yield rules and dates of the ticks; dates stand below ``bottom``."""
        for moment, words in self._ticks():
            x = self.place(moment)
            yield line((x, top), (x, bottom + 4), "rule")
            yield text(x, bottom + 17, words, anchor="middle")

    def _ticks(self) -> Iterator[tuple[datetime, str]]:
        length = self.end - self.start
        fitting = [step for step in _STEPS if length / step <= _MOST_TICKS]
        if not fitting:
            yield from self._months()
            return
        step = fitting[0]
        form = "%H:%M" if step < timedelta(days=1) else "%d %b"
        tick = _EPOCH_MONDAY + step * ((self._on_the_wall(self.start) - _EPOCH_MONDAY) // step)
        last = self._on_the_wall(self.end)
        while tick <= last:
            yield from self._tick(tick, form)
            tick += step

    def _months(self) -> Iterator[tuple[datetime, str]]:
        length = (self.end - self.start).days / 30
        step = next((one for one in _MONTH_STEPS if length / one <= _MOST_TICKS), _MONTH_STEPS[-1])
        start, end = self._on_the_wall(self.start), self._on_the_wall(self.end)
        first = start.year * 12 + start.month - 1
        for months in range(-(-first // step) * step, end.year * 12 + end.month, step):
            tick = datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001 - of the wall
            yield from self._tick(tick, "%b %Y")

    def _on_the_wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def _tick(self, wall: datetime, form: str) -> Iterator[tuple[datetime, str]]:
        moment = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if self.start <= moment <= self.end:
            yield moment, wall.strftime(form)
