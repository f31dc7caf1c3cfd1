"""Where boxes and lines go: no overlap, nothing crossed, the same picture tomorrow."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from ripplegraph.visualize.layout import Layout, Spacing, lay_out

SPACING = Spacing()


def a_graph(seed: int, boxes: int = 60) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """Return bands and edges of all directions, the same ones for a seed."""
    draw = random.Random(seed)
    band_of = {0: 0} | {box: draw.randrange(1, 7) for box in range(1, boxes)}
    edges = [(draw.randrange(boxes), draw.randrange(boxes)) for _ in range(2 * boxes)]
    return band_of, edges


def boxes_overlap(layout: Layout) -> bool:
    return any(
        abs(x - other_x) < SPACING.box_width and abs(y - other_y) < SPACING.box_height
        for (x, y), (other_x, other_y) in combinations(layout.centres.values(), 2)
    )


def is_inside(x: float, y: float, centre: tuple[float, float]) -> bool:
    inside_x = abs(x - centre[0]) < SPACING.box_width / 2
    return inside_x and abs(y - centre[1]) < SPACING.box_height / 2


@pytest.mark.parametrize("seed", range(8))
def test_no_two_boxes_overlap(seed: int) -> None:
    assert not boxes_overlap(lay_out(*a_graph(seed)))


@pytest.mark.parametrize("seed", range(8))
def test_no_line_crosses_a_box(seed: int) -> None:
    layout = lay_out(*a_graph(seed))
    for route in layout.routes.values():
        for (x, y), (next_x, next_y) in pairwise(route):
            steps = [part / 16 for part in range(1, 16)]
            for step in steps:  # the curves that are drawn stay between both heights
                at_x, at_y = x + step * (next_x - x), y + step * (next_y - y)
                assert not any(is_inside(at_x, at_y, one) for one in layout.centres.values())


def test_lines_start_at_the_dependent_and_end_at_the_dependency() -> None:
    layout = lay_out({1: 0, 2: 1}, [(1, 2)])
    half = SPACING.box_height / 2
    (x, y), (end_x, end_y) = layout.centres[1], layout.centres[2]
    assert layout.routes[1, 2] == ((x, y + half), (end_x, end_y - half))


def test_a_line_upwards_leaves_the_top_of_the_dependent() -> None:
    layout = lay_out({1: 0, 2: 1}, [(2, 1)])
    half = SPACING.box_height / 2
    (x, y), (end_x, end_y) = layout.centres[2], layout.centres[1]
    assert layout.routes[2, 1] == ((x, y - half), (end_x, end_y + half))


def test_bands_stand_below_each_other_in_their_order() -> None:
    layout = lay_out(*a_graph(1))
    assert [band.band for band in layout.bands] == sorted({*a_graph(1)[0].values()})
    for upper, lower in pairwise(layout.bands):
        assert upper.bottom < lower.top


def test_inside_a_band_a_dependency_stands_below_its_dependent() -> None:
    centres = lay_out({1: 0, 2: 0, 3: 0}, [(1, 2), (2, 3), (1, 3)]).centres
    assert centres[1][1] < centres[2][1] < centres[3][1]


def test_a_circle_inside_a_band_is_cut_above_the_first_box() -> None:
    centres = lay_out({1: 0, 2: 0, 3: 0}, [(1, 2), (2, 3), (3, 1)]).centres
    assert centres[1][1] < centres[2][1] < centres[3][1]


def test_the_first_box_stands_alone_on_top() -> None:
    layout = lay_out({1: 0, 2: 0, 3: 1, 4: 0}, [(1, 3), (3, 2), (2, 1), (2, 4)])
    tops = {box: y for box, (_, y) in layout.centres.items()}
    assert tops[1] < min(tops[2], tops[4])
    assert tops[2] < tops[4]


def test_a_long_row_is_wrapped() -> None:
    boxes = {20: 1} | dict.fromkeys(range(20), 2)
    layout = lay_out(boxes, [], Spacing(boxes_per_row=6))
    rows = {y for _, y in layout.centres.values()}
    assert len(rows) == 1 + 4
    assert layout.width < 6 * 260


def test_lines_to_one_dependency_share_one_trunk() -> None:
    layout = lay_out({9: 0, 1: 1, 2: 1, 3: 2, 4: 3}, [(1, 4), (2, 4), (1, 3)])
    assert layout.routes[1, 4][1:] == layout.routes[2, 4][1:]


def test_a_relation_of_a_box_with_itself_is_not_drawn() -> None:
    assert lay_out({1: 0}, [(1, 1)]).routes == {}


def test_without_boxes_there_is_nothing_to_draw() -> None:
    layout = lay_out({}, [])
    assert (layout.width, layout.height, layout.bands) == (0.0, 0.0, ())


def test_ordering_uncrosses_lines_that_can_be_uncrossed() -> None:
    assert lay_out({1: 0, 2: 0, 3: 1, 4: 1}, [(1, 4), (2, 3)]).crossings == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_same_graph_gives_the_same_picture(seed: int) -> None:
    band_of, edges = a_graph(seed)
    assert lay_out(band_of, edges) == lay_out(band_of, edges[::-1])
