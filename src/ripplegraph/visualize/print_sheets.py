"""A picture in parts that are legible on paper: sheets of A4, left to right and down. Pure."""

from __future__ import annotations

from math import ceil

from ripplegraph.visualize.svg_picture import DrawnBox, Picture

_PAPER = (1020.0, 640.0)
"""Pixels (of 1/96 inch) of A4 across, without its margins and a line for the title."""

_OVERVIEW = (1020.0, 440.0)
"""So much of the first page is left to the whole picture."""

_LEGIBLE = 0.6
"""So much smaller than on the screen may a part be: a name is then 6.5 points high."""

_WHOLE_IS_ENOUGH = 0.45
"""A picture that is printed at this size or larger needs no parts."""

_GAP = 20.0

Sheet = tuple[int, int, int, int]
"""Left, top, width and height of a part of the picture."""


def sheets_of(picture: Picture) -> tuple[Sheet, ...]:
    """Return the parts in which a picture is printed; none if the whole of it is legible.

    Parts overlap by a box, so that each box is whole on one of them; parts without a box are
    left out.
    """
    size = (picture.width, picture.height)
    if min(room / side for room, side in zip(_OVERVIEW, size, strict=True)) >= _WHOLE_IS_ENOUGH:
        return ()
    wide, high = (side / _LEGIBLE for side in _PAPER)
    scene = picture.scene
    lefts = _starts(picture.width, wide, scene.box_width + _GAP)
    tops = _starts(picture.height, high, scene.box_height + _GAP)
    sheets = [(left, top, round(wide), round(high)) for top in tops for left in lefts]
    return tuple(one for one in sheets if any(_holds(one, box, picture) for box in picture.boxes))


def _starts(whole: float, part: float, overlap: float) -> list[int]:
    count = max(1, ceil((whole - overlap) / (part - overlap)))
    step = (whole - part) / (count - 1) if count > 1 else 0.0
    return [round(step * place) for place in range(count)]


def _holds(sheet: Sheet, box: DrawnBox, picture: Picture) -> bool:
    left, top, wide, high = sheet
    is_across = left <= box.left and box.left + picture.scene.box_width <= left + wide
    return is_across and top <= box.top and box.top + picture.scene.box_height <= top + high
