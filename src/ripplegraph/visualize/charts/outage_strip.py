"""The outage strip: one row that shows when a service was not up, and as what that counts.

Height tells it as colour does: what counts stands on the ground, the higher the worse; time down
that does not count hangs from the top.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ripplegraph.graph.model import Status
from ripplegraph.impact.timeline.status_intervals import StatusInterval
from ripplegraph.visualize.charts.drawing import WIDTH, Box, Chart, bar, chart_of, key_of
from ripplegraph.visualize.charts.time_axis import TimeAxis
from ripplegraph.visualize.zoned_times import ZonedTimes

_LEFT, _RIGHT, _TOP, _BOTTOM = 24.0, WIDTH - 24.0, 4.0, 30.0
_THINNEST = 1.5
_HEIGHT = _BOTTOM - _TOP
_RISES = {"down": 1.0, "degraded": 2 / 3, "at_risk": 1 / 3}
_HANGS = {"planned": 2 / 3, "excluded": 1 / 3}
_KEY_WIDTH, _KEY_HEIGHT = 16.0, 18.0
_KEYS = {
    "down": "down, counts",
    "planned": "planned",
    "excluded": "excluded",
    "degraded": "degraded",
    "at_risk": "at risk",
    "up": "up",
    "unseen": "to come",
}
_WORDS = {
    "down": "down",
    "planned": "down, planned",
    "excluded": "down, excluded",
    "degraded": "degraded",
    "at_risk": "at risk",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StripWindow:
    """The time that a strip shows; what lies behind ``now`` is still to come. All UTC.

    Dates and times of day are said as ``times`` says them.
    """

    start: datetime
    end: datetime
    now: datetime
    times: ZonedTimes


def outage_strip(intervals: Sequence[StatusInterval], window: StripWindow) -> Chart:
    """Return the strip of one service; times in which it was up are the ground."""
    axis = TimeAxis(
        start=window.start, end=window.end, left=_LEFT, right=_RIGHT, zone=window.times.zone
    )
    seen = min(window.now, window.end)
    shown = [one for one in intervals if _overlaps(one, window)]
    parts = [
        _shaped(_box(axis, window.start, seen), "up"),
        *_to_come(axis, seen, window.times),
        *(part for one in shown for part in _bar(axis, one, window)),
        *axis.drawn(_BOTTOM, _BOTTOM),
    ]
    looks = [_look(one) for one in shown]
    counted = ", ".join(
        f"{looks.count(look)} times {words}" for look, words in _WORDS.items() if look in looks
    )
    return chart_of(parts, height=_BOTTOM + 22, words=f"Outage strip: {counted or 'always up'}")


def strip_keys() -> tuple[Chart, ...]:
    """Return what each bar of a strip looks like, with its words."""
    whole = Box(x=0.5, y=0.5, width=_KEY_WIDTH - 1, height=_KEY_HEIGHT - 1)
    return tuple(
        key_of(
            [bar(whole, "panel"), _shaped(whole, look)],
            size=(_KEY_WIDTH, _KEY_HEIGHT),
            words=words,
        )
        for look, words in _KEYS.items()
    )


def _shaped(box: Box, look: str, title: str = "") -> str:
    """Return the bar of a look within the height of the strip."""
    share = _RISES.get(look) or _HANGS.get(look, 1.0)
    height = box.height * share
    top = box.y + box.height - height if look in _RISES else box.y
    shape = Box(x=box.x, y=top, width=box.width, height=height)
    return bar(shape, look, title=title, is_hatched=look == "up")


def _overlaps(one: StatusInterval, window: StripWindow) -> bool:
    begin = max(one.start or window.start, window.start)
    return begin < min(one.end or window.now, window.end)


def _bar(axis: TimeAxis, one: StatusInterval, window: StripWindow) -> Iterator[str]:
    begin = max(one.start or window.start, window.start)
    end = min(one.end or window.now, window.end)
    look = _look(one)
    since = "before the records begin" if one.start is None else window.times.words(one.start)
    until = "now" if one.end is None else window.times.words(one.end)
    box = _box(axis, begin, end)
    yield bar(box, "panel")
    yield _shaped(box, look, f"{_WORDS[look]}: {since} to {until}")


def _look(one: StatusInterval) -> str:
    if one.status is not Status.DOWN:
        return one.status.word
    if one.counts_as_down:
        return "down"
    return "planned" if one.in_maintenance else "excluded"


def _to_come(axis: TimeAxis, seen: datetime, times: ZonedTimes) -> Iterator[str]:
    if seen < axis.end:
        yield bar(_box(axis, seen, axis.end), "unseen", title=f"to come, from {times.words(seen)}")


def _box(axis: TimeAxis, begin: datetime, end: datetime) -> Box:
    left, right = axis.place(begin), axis.place(end)
    return Box(x=left, y=_TOP, width=max(right - left, _THINNEST), height=_HEIGHT)
