"""A large picture on paper: parts that are legible, and no box that is nowhere whole."""

from __future__ import annotations

import re

from graph_building import graph_of
from ripplegraph.visualize.print_sheets import sheets_of
from ripplegraph.visualize.svg_picture import Picture, picture_of
from visualize.scenes import page_under, scene_under

WIDE = "; ".join(f"shop -> web{at:02}; web{at:02} -> h{at:02}" for at in range(40))


def picture_under(text: str) -> Picture:
    return picture_of("all", "All CIs", scene_under(graph_of(text)))


def test_a_small_picture_is_printed_whole_only() -> None:
    assert sheets_of(picture_under("shop -> web & db; web -> h1 & h2")) == ()


def test_each_box_of_a_large_picture_is_whole_on_one_of_its_parts() -> None:
    picture = picture_under(WIDE)
    sheets = sheets_of(picture)
    assert len(sheets) > 1
    wide, high = picture.scene.box_width, picture.scene.box_height
    held: set[int] = set()
    for left, top, width, height in sheets:
        inside = {
            one.box.number
            for one in picture.boxes
            if left <= one.left and one.left + wide <= left + width
            if top <= one.top and one.top + high <= top + height
        }
        assert inside, "no part is empty"
        held |= inside
    assert len(held) == len(picture.boxes)


def test_parts_are_printed_at_a_legible_size() -> None:
    for _, _, width, height in sheets_of(picture_under(WIDE)):
        a_name = 14.5 * min(273 / width, 168 / height) * 72 / 25.4  # points on A4
        assert a_name > 6


def test_without_scripts_the_parts_of_each_large_picture_stand_in_the_page() -> None:
    page = page_under(graph_of(WIDE), "h00")
    sheets = page.partition('<noscript id="sheets">')[2].partition("</noscript>")[0]
    assert re.findall(r'data-of="(\w+)"', sheets) == ["folded", "all"]
    parts = re.findall(r'<svg viewBox="([^"]*)"><use href="#of-all"/>', sheets)
    assert len(parts) == len(set(parts)) > 1
    of_all = sheets.partition('data-of="all"')[2]
    named = re.findall(r"<b>(.*?)</b>", of_all)
    count = len(parts)
    assert named == [f"All CIs, part {place} of {count}" for place in range(1, count + 1)]
    assert '<g id="of-all">' in page
