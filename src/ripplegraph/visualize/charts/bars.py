"""Horizontal bars with their names and words: contributions, and design against measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ripplegraph.visualize.charts.drawing import (
    WIDTH,
    Box,
    Chart,
    bar,
    chart_of,
    line,
    shortened,
    text,
)

_LEFT, _RIGHT = 250.0, WIDTH - 240.0
_ROW, _THICK, _TOP = 22.0, 14.0, 6.0
_LONGEST_NAME = 33


@dataclass(frozen=True, slots=True, kw_only=True)
class BarRow:
    """One bar: its value >= 0, how it is named, what stands behind it, and its look."""

    name: str
    value: float
    words: str
    look: str


def bar_chart(rows: Sequence[BarRow], *, words: str) -> Chart | None:
    """Return bars on one scale from 0, in the order given; None without rows."""
    if not rows:
        return None
    most = max(one.value for one in rows) or 1.0
    bottom = _TOP + _ROW * len(rows)
    parts = [
        *(part for place, row in enumerate(rows) for part in _row(place, row, most)),
        line((_LEFT, _TOP - 2), (_LEFT, bottom), "muted"),
    ]
    said = "; ".join(f"{one.name} {one.words}" for one in rows)
    return chart_of(parts, height=bottom + 4, words=f"{words}: {said}")


def _row(place: int, row: BarRow, most: float) -> Iterator[str]:
    top = _TOP + _ROW * place
    width = (_RIGHT - _LEFT) * row.value / most
    name = shortened(row.name, _LONGEST_NAME)
    box = Box(x=_LEFT, y=top, width=max(width, 1.0 if row.value else 0.0), height=_THICK)
    yield text(_LEFT - 8, top + 11.5, name, look="ink", anchor="end")
    yield bar(box, row.look, title=f"{row.name}: {row.words}")
    yield text(_LEFT + box.width + 6, top + 11.5, row.words, look="ink")
