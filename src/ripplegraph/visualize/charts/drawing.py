"""What charts are drawn with: escaped elements, looks, and the frame that makes a picture of them.

A look is a class, which a page may restyle for its dark theme, and a colour of the light theme,
which holds where no style sheet reaches: in a PDF, or in the file of one chart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ripplegraph.visualize.appearance import STATUS_COLOURS

WIDTH = 760
"""Width of every chart in units of its own picture, which pages scale."""

LOOKS = {
    **{status.word: colour for status, colour in STATUS_COLOURS.items()},
    "planned": "#3465a4",
    "excluded": "#6a6f77",
    "unseen": "#dde1e6",
    "ink": "#1b2430",
    "muted": "#525e6c",
    "rule": "#c9d0d9",
    "panel": "#ffffff",
    "design": "#6a4fa3",
}
"""Colours of the light theme by class, as in ``palette.css`` and ``measured.css``."""

_FONT = 'font-family="system-ui, Segoe UI, Roboto, Noto Sans, DejaVu Sans, sans-serif"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: its SVG, and what it shows in words, which stand in the picture too."""

    svg: str
    words: str


def chart_of(parts: Iterable[str], *, height: float, words: str) -> Chart:
    """Return the picture made of parts, named by its words for those who do not see it."""
    body = "".join(parts)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" {_FONT} '
        f'viewBox="0 0 {WIDTH} {number(height)}" aria-label={quoteattr(words)}>{body}</svg>'
    )
    return Chart(svg=svg, words=words)


def key_of(parts: Iterable[str], *, size: tuple[float, float], words: str) -> Chart:
    """Return the small picture of a legend; its words stand beside it."""
    width, height = map(number, size)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="key" aria-hidden="true" '
        f'width="{width}" height="{height}">{"".join(parts)}</svg>'
    )
    return Chart(svg=svg, words=words)


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in the units of the picture."""

    x: float
    y: float
    width: float
    height: float


def bar(box: Box, look: str, *, title: str = "", is_hatched: bool = False) -> str:
    """Return a filled rectangle that says its title on hovering."""
    shape = (
        f'<rect class="{look}" fill="{LOOKS[look]}" x="{number(box.x)}" y="{number(box.y)}" '
        f'width="{number(box.width)}" height="{number(box.height)}"'
    )
    if is_hatched:
        shape += ' fill-opacity="0.45"'
    return f"{shape}><title>{escape(title)}</title></rect>" if title else f"{shape}/>"


def text(x: float, y: float, words: str, *, look: str = "muted", anchor: str = "start") -> str:
    """Return words at a place; ``anchor`` is start, middle or end."""
    return (
        f'<text class="{look}" fill="{LOOKS[look]}" font-size="12" x="{number(x)}" '
        f'y="{number(y)}" text-anchor="{anchor}">{escape(words)}</text>'
    )


def line(
    start: tuple[float, float], end: tuple[float, float], look: str, *, is_dashed: bool = False
) -> str:
    """Return a straight line."""
    return path((start, end), look, is_dashed=is_dashed, width=1)


def path(
    points: Iterable[tuple[float, float]],
    look: str,
    *,
    is_dashed: bool = False,
    width: float = 2,
) -> str:
    """Return a line through points."""
    places = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    dashes = ' stroke-dasharray="5 4"' if is_dashed else ""
    return (
        f'<polyline class="stroke-{look}" fill="none" stroke="{LOOKS[look]}" '
        f'stroke-width="{number(width)}"{dashes} points="{places}"/>'
    )


def dot(x: float, y: float, look: str, *, title: str) -> str:
    """Return a point that says its title on hovering."""
    return (
        f'<circle class="{look}" fill="{LOOKS[look]}" cx="{number(x)}" cy="{number(y)}" r="4">'
        f"<title>{escape(title)}</title></circle>"
    )


def shortened(words: str, longest: int) -> str:
    """Return words that fit into a column; what is cut off is said by an ellipsis."""
    return words if len(words) <= longest else words[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"
