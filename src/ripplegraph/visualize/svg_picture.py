"""A scene as values that an SVG template prints: short texts, curves, classes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ripplegraph.graph.model import Status, Strength
from ripplegraph.visualize.appearance import STATUS_WORDS
from ripplegraph.visualize.layout import Point
from ripplegraph.visualize.view_model import Band, Box, Line, Scene, counted

GUTTER = 170.0
"""Width of the strip at the left in which the titles of the bands stand."""

_MARGIN = 30.0
_FOOT_LETTER = 7.6
_HEADLINE_LETTER = 9.2
_WIDEST_HEADLINE = 1000.0  # pixels that a small picture is widened to at most for its headline
_FOOT = 44.0  # for the words below the picture
_STRIP = 34.0
_LETTER = 9.4  # pixels, mean width of a bold letter of a name; wide enough for most names
_SMALL_LETTER = 7.2


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBox:
    """One box: where it stands, and the texts on it, cut to its width; ``label`` if any is cut."""

    box: Box
    left: int
    top: int
    css: str
    name: str
    status: str
    detail: str
    plain: str
    hidden: str
    label: str
    members: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLine:
    """One line, from the dependent to the dependency."""

    line: Line
    css: str
    path: str
    relations: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBand:
    """One band with its title."""

    band: Band
    top: float
    height: float
    middle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A scene, ready to print; ``key`` and ``title`` tell it from the others of a page."""

    key: str
    title: str
    scene: Scene
    width: float
    height: float
    foot: float
    strip: float
    bands: tuple[DrawnBand, ...]
    lines: tuple[DrawnLine, ...]
    boxes: tuple[DrawnBox, ...]
    order: tuple[int, ...]
    """The place in the scene of each line, in the order in which they are drawn."""

    @property
    def lines_by_look(self) -> tuple[tuple[str, tuple[DrawnLine, ...]], ...]:
        """The lines in their order, those side by side that look the same together."""
        alike = groupby(self.lines, key=lambda line: line.css)
        return tuple((css, tuple(lines)) for css, lines in alike)


def picture_of(key: str, title: str, scene: Scene) -> Picture:
    """Return the picture of a scene.

    Parameters
    ----------
    key
        Letters and digits: part of the ids in the page.
    """
    lines, needed = scene.lines, scene.width + GUTTER + 2 * _MARGIN
    headline = min(2 * _MARGIN + _HEADLINE_LETTER * len(scene.headline), _WIDEST_HEADLINE)
    width = max(needed, _FOOT_LETTER * len(scene.completeness), headline)
    left = GUTTER + _MARGIN + (width - needed) / 2
    # what explains the status is drawn last, so that nothing lies over it
    drawn = [_drawn_line(line, left) for line in lines]
    order = sorted(range(len(lines)), key=lambda at: (_weight_of(lines[at]), drawn[at].css))
    return Picture(
        key=key,
        title=title,
        scene=scene,
        width=width,
        height=scene.height + 2 * _MARGIN + _FOOT,
        foot=scene.height + 2 * _MARGIN + 6,
        strip=_STRIP,
        bands=tuple(_drawn_band(band) for band in scene.bands),
        lines=tuple(drawn[at] for at in order),
        boxes=tuple(_drawn_box(box, scene, left) for box in scene.boxes),
        order=tuple(order),
    )


def _drawn_band(band: Band) -> DrawnBand:
    top = band.top + _MARGIN - 14
    height = band.bottom - band.top + 28
    return DrawnBand(
        band=band, top=_round(top), height=_round(height), middle=_round(top + height / 2)
    )


def _drawn_box(box: Box, scene: Scene, left: float) -> DrawnBox:
    room = scene.box_width - _STRIP - 18
    hidden = f"+{box.hidden_count} not shown" if box.hidden_count else ""
    pool = f"{len(box.members)} members" if box.members else ""
    status = STATUS_WORDS[box.status]
    classes = ["box", box.status.word]
    classes += ["root"] if box.is_root_cause else []
    classes += ["pool"] if box.members else []
    name = shortened(box.name, int((room - (26 if pool else 0)) / _LETTER))
    status = f"{status}, {pool}" if pool else status
    detail = shortened(box.detail, int(room / _SMALL_LETTER))
    is_cut = (name, detail) != (box.name, box.detail)
    return DrawnBox(
        box=box,
        left=_round(box.x + left - scene.box_width / 2),
        top=_round(box.y + _MARGIN - scene.box_height / 2),
        css=" ".join(classes),
        name=name,
        status=status,
        detail=detail,
        plain="" if box.plain_detail == box.detail else box.plain_detail,
        hidden=hidden,
        label=", ".join(filter(None, [box.name, status, box.detail, hidden])) if is_cut else "",
        members=" ".join(str(one.number) for one in box.members),
    )


def _drawn_line(line: Line, left: float) -> DrawnLine:
    classes = []
    if line.hidden_between:
        classes.append("way")
    elif line.effect is not Strength.HARD:
        classes.append("soft" if line.effect is Strength.SOFT else "none")
    if line.is_on_path:
        classes.append("path")
        if line.is_on_shortest_chain:
            classes.append("chain")
    elif line.passed is not Status.UP:
        classes.append("passed")
    return DrawnLine(
        line=line,
        css=" ".join(classes),
        path=curve([(x + left, y + _MARGIN) for x, y in line.points]),
        relations=_said_of(line),
    )


def _weight_of(line: Line) -> tuple[bool, bool, Status]:
    return line.is_on_path, line.is_on_shortest_chain, line.passed


def _said_of(line: Line) -> str:
    """Return what the pointer reads on a line."""
    if line.hidden_between:
        return f"through {counted(line.hidden_between, 'CI')} not shown"
    types = ", ".join(line.relations)
    if line.relation_count == 1:
        return types
    return f"{line.relation_count} relations" + (f": {types}" if types else "")


def curve(points: Sequence[Point]) -> str:
    """Return an SVG path through points: straight where it goes straight down, else bent.

    All but the start is relative to the point before: shorter, and a page has hundreds of them.

    Examples
    --------
    >>> curve([(0, 0), (0, 10), (20, 30)])
    'M0 0v10c0 10 20 10 20 20'
    """
    places = [(round(x), round(y)) for x, y in points]
    parts = [f"M{places[0][0]} {places[0][1]}"]
    for (x, y), (next_x, next_y) in pairwise(places):
        across, down = next_x - x, next_y - y
        if across:
            numbers = (0, down // 2, across, down // 2, across, down)
            parts.append("c" + " ".join(map(str, numbers)).replace(" -", "-"))
        else:
            parts.append(f"v{down}")
    return "".join(parts)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many letters: the middle goes, as the end tells twins apart.

    Examples
    --------
    >>> shortened("production-web-server-01", 14)
    'producti…er-01'
    """
    if len(text) <= most:
        return text
    head = (most * 3) // 5
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def _round(value: float) -> int:
    return round(value)
