"""A layered layout: rows inside bands, lines that run between the boxes. Pure, deterministic.

Rows are ordered by barycentre sweeps and placed by isotonic least squares. Every line towards
one dependency shares one trunk, so that a trunk never mixes two dependencies.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]

_SWEEPS = 16
_RELAXATIONS = 24
_TRUNK_WIDTH = 12.0
_PULL_TO_MIDDLE = 0.8
_PORT_STEP = 20.0
_PORT_MARGIN = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Sizes of boxes and the gaps between them, in pixels; ``boxes_per_row`` wraps rows."""

    box_width: float = 268.0
    box_height: float = 66.0
    column_gap: float = 26.0
    row_gap: float = 50.0
    band_gap: float = 26.0
    boxes_per_row: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class BandExtent:
    """From where to where one band reaches, in pixels from the top."""

    band: int
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Centres of the boxes, extents of the bands, and the way of each line.

    A route starts at the dependent and ends at the dependency: from bottom to top where the
    dependency stands lower, from top to bottom where it stands higher.
    """

    centres: Mapping[int, Point]
    bands: tuple[BandExtent, ...]
    routes: Mapping[tuple[int, int], tuple[Point, ...]]
    width: float
    height: float
    crossings: int


@dataclass(slots=True, kw_only=True)
class _Rows:
    """Slots (boxes, and trunk pieces with negative numbers) row by row, and their links."""

    slots: list[list[int]]
    band_of_row: list[int]
    above: dict[int, list[int]] = field(default_factory=dict)
    below: dict[int, list[int]] = field(default_factory=dict)
    chains: dict[tuple[int, int], list[int]] = field(default_factory=dict)


def lay_out(
    band_of: Mapping[int, int],
    edges: Sequence[tuple[int, int]],
    spacing: Spacing | None = None,
    *,
    is_first_alone: bool = True,
) -> Layout:
    """Return where each box and line goes: no two boxes overlap, no line crosses a foreign box.

    ``band_of`` maps each box to its band (0 on top), in the order wanted inside a row; if
    ``is_first_alone``, the first box stands alone in its row, above the others of its band;
    ``edges`` are (dependent, dependency).
    """
    spacing = spacing or Spacing()
    drawn = sorted({edge for edge in edges if edge[0] != edge[1]})
    alone = next(iter(band_of), None) if is_first_alone else None
    rows = _rows(band_of, drawn, spacing.boxes_per_row, alone)
    crossings = _order(rows)
    across = _columns(rows, spacing)
    tops = _tops(rows, spacing)
    row_of = {slot: row for row, slots in enumerate(rows.slots) for slot in slots}
    half = spacing.box_height / 2
    ports = _Ports(rows, across, spacing)
    centres = {box: (across[box], tops[row_of[box]] + half) for box in band_of}
    return Layout(
        centres=centres,
        bands=_bands(rows, tops, spacing),
        routes={
            edge: _route(
                rows.chains[edge], ports, [tops[row_of[s]] for s in rows.chains[edge]], spacing
            )
            for edge in drawn
        },
        width=max((x + _half_width(slot, spacing) for slot, x in across.items()), default=0.0),
        height=tops[-1] + spacing.box_height if tops else 0.0,
        crossings=crossings,
    )


def _rows(
    band_of: Mapping[int, int],
    edges: Sequence[tuple[int, int]],
    boxes_per_row: int,
    alone: int | None,
) -> _Rows:
    ranks = _ranks(band_of, edges, alone)
    grouped: dict[tuple[int, int], list[int]] = {}
    for box, band in band_of.items():
        grouped.setdefault((band, ranks[box]), []).append(box)
    rows = _Rows(slots=[], band_of_row=[])
    for (band, _), boxes in sorted(grouped.items()):
        parts = -(-len(boxes) // boxes_per_row)
        per_part = -(-len(boxes) // parts)
        for start in range(0, len(boxes), per_part):
            rows.slots.append(boxes[start : start + per_part])
            rows.band_of_row.append(band)
    _add_trunks(rows, edges)
    return rows


def _ranks(
    band_of: Mapping[int, int], edges: Sequence[tuple[int, int]], alone: int | None
) -> dict[int, int]:
    """Return the longest path to each box inside its band, without what closes a circle."""
    needed: dict[int, list[int]] = {box: [] for box in band_of}
    for dependent, dependency in edges:
        if band_of[dependent] == band_of[dependency]:
            needed[dependent].append(dependency)
    if alone is not None:  # in its row, above all others of its band
        needed[alone] = [box for box in band_of if box != alone and band_of[box] == band_of[alone]]
    order: list[int] = []
    position: dict[int, int] = {}
    for box in needed:
        _finish(box, needed, position, order)
    ranks = dict.fromkeys(band_of, 0)
    for box in reversed(order):
        for dependency in needed[box]:
            if position[dependency] < position[box]:
                ranks[dependency] = max(ranks[dependency], ranks[box] + 1)
    return ranks


def _finish(
    start: int, needed: Mapping[int, Sequence[int]], position: dict[int, int], order: list[int]
) -> None:
    """Add the boxes reached from ``start`` as a depth-first walk leaves them."""
    open_boxes: set[int] = set()
    waiting = [(start, False)]
    while waiting:
        box, is_done = waiting.pop()
        if is_done:
            position[box] = len(order)
            order.append(box)
        elif box not in open_boxes and box not in position:
            open_boxes.add(box)
            waiting.append((box, True))
            waiting.extend((one, False) for one in reversed(needed[box]))


def _add_trunks(rows: _Rows, edges: Sequence[tuple[int, int]]) -> None:
    row_of = {box: row for row, boxes in enumerate(rows.slots) for box in boxes}
    trunks: dict[tuple[int, bool, int], int] = {}
    links: set[tuple[int, int]] = set()
    for dependent, dependency in edges:
        start, end = row_of[dependent], row_of[dependency]
        step = 1 if end >= start else -1
        chain = [dependent]
        for row in range(start + step, end, step):
            key = (dependency, step > 0, row)
            if key not in trunks:
                trunks[key] = -1 - len(trunks)
                rows.slots[row].append(trunks[key])
            chain.append(trunks[key])
        chain.append(dependency)
        rows.chains[dependent, dependency] = chain
        if start != end:
            links.update(pairwise(chain if step > 0 else chain[::-1]))
    for upper, lower in sorted(links):
        rows.below.setdefault(upper, []).append(lower)
        rows.above.setdefault(lower, []).append(upper)


def _order(rows: _Rows) -> int:
    """Order the slots of each row so that few lines cross; return how many still do."""
    places = {slot: _offset(row, index) for row in rows.slots for index, slot in enumerate(row)}
    best, fewest = [list(row) for row in rows.slots], _crossings(rows)
    for sweep in range(_SWEEPS):
        goes_down = sweep % 2 == 0
        neighbours = rows.above if goes_down else rows.below
        for row in rows.slots if goes_down else reversed(rows.slots):
            wanted = {slot: _mean(places, neighbours.get(slot, ()), places[slot]) for slot in row}
            row.sort(key=wanted.__getitem__)
            places.update({slot: _offset(row, index) for index, slot in enumerate(row)})
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows.slots], crossings
    rows.slots = best
    return fewest


def _offset(row: Sequence[int], index: int) -> float:
    return index - (len(row) - 1) / 2


def _mean(places: Mapping[int, float], neighbours: Sequence[int], default: float) -> float:
    return sum(places[one] for one in neighbours) / len(neighbours) if neighbours else default


def _crossings(rows: _Rows) -> int:
    total = 0
    for upper, lower in pairwise(rows.slots):
        index = {slot: place for place, slot in enumerate(lower)}
        seen: list[int] = []
        for slot in upper:
            ends = sorted(index[one] for one in rows.below.get(slot, ()))
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _columns(rows: _Rows, spacing: Spacing) -> dict[int, float]:
    """Return the centre of each slot: near its neighbours, in order, without overlap."""
    across: dict[int, float] = {}
    for row in rows.slots:
        offsets = _least_offsets(row, spacing)
        middle = offsets[-1] / 2
        across.update({slot: offset - middle for slot, offset in zip(row, offsets, strict=True)})
    for turn in range(_RELAXATIONS):
        for row in rows.slots if turn % 2 == 0 else reversed(rows.slots):
            _relax(row, rows, across, _least_offsets(row, spacing))
    left = min((x - _half_width(slot, spacing) for slot, x in across.items()), default=0.0)
    return {slot: round(place - left, 1) for slot, place in across.items()}


def _half_width(slot: int, spacing: Spacing) -> float:
    return spacing.box_width / 2 if slot >= 0 else _TRUNK_WIDTH / 2


def _least_offsets(row: Sequence[int], spacing: Spacing) -> list[float]:
    halves = [_half_width(slot, spacing) for slot in row]
    offsets = [0.0]
    for index in range(1, len(row)):
        both_trunks = row[index - 1] < 0 and row[index] < 0
        gap = 2.0 if both_trunks else spacing.column_gap
        offsets.append(offsets[-1] + halves[index - 1] + halves[index] + gap)
    return offsets


def _relax(
    row: Sequence[int], rows: _Rows, across: dict[int, float], offsets: Sequence[float]
) -> None:
    """Move one row to where its neighbours pull it (pool adjacent violators, exact)."""
    blocks: list[tuple[float, float, int]] = []
    for slot, offset in zip(row, offsets, strict=True):
        near = (*rows.above.get(slot, ()), *rows.below.get(slot, ()))
        weight = sum(3.0 if one < 0 or slot < 0 else 1.0 for one in near) or 0.2
        wanted = _mean(across, near, across[slot]) * weight / (weight + _PULL_TO_MIDDLE)
        blocks.append(((wanted - offset) * weight, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            last, previous = blocks.pop(), blocks.pop()
            blocks.append((last[0] + previous[0], last[1] + previous[1], last[2] + previous[2]))
    starts = [total / weight for total, weight, count in blocks for _ in range(count)]
    across.update(
        {slot: start + offset for slot, start, offset in zip(row, starts, offsets, strict=True)}
    )


def _tops(rows: _Rows, spacing: Spacing) -> list[float]:
    tops: list[float] = []
    for row, band in enumerate(rows.band_of_row):
        if not tops:
            tops.append(0.0)
            continue
        extra = spacing.band_gap if band != rows.band_of_row[row - 1] else 0.0
        tops.append(tops[-1] + spacing.box_height + spacing.row_gap + extra)
    return tops


def _bands(rows: _Rows, tops: Sequence[float], spacing: Spacing) -> tuple[BandExtent, ...]:
    extents: dict[int, tuple[float, float]] = {}
    for band, top in zip(rows.band_of_row, tops, strict=True):
        first, _ = extents.get(band, (top, top))
        extents[band] = (first, top + spacing.box_height)
    return tuple(
        BandExtent(band=band, top=top, bottom=bottom) for band, (top, bottom) in extents.items()
    )


class _Ports:
    """Where lines meet the edge of a box: side by side, in the order of where they lead."""

    def __init__(self, rows: _Rows, across: Mapping[int, float], spacing: Spacing) -> None:
        self.across = across
        self._offsets: dict[tuple[int, int], float] = {}
        for links in (rows.above, rows.below):
            for slot, others in links.items():
                if slot >= 0:
                    self._spread(slot, others, spacing.box_width - _PORT_MARGIN)

    def _spread(self, slot: int, others: Sequence[int], room: float) -> None:
        count = len(others)
        step = min(_PORT_STEP, room / count)
        for place, other in enumerate(sorted(others, key=lambda one: (self.across[one], one))):
            self._offsets[slot, other] = round((place - (count - 1) / 2) * step, 1)

    def place(self, slot: int, other: int) -> float:
        """Return where a line to ``other`` meets the edge of a slot."""
        return self.across[slot] + self._offsets.get((slot, other), 0.0)


def _route(
    chain: Sequence[int], ports: _Ports, tops: Sequence[float], spacing: Spacing
) -> tuple[Point, ...]:
    height = spacing.box_height
    goes_down = tops[-1] >= tops[0]
    points = [(ports.place(chain[0], chain[1]), tops[0] + (height if goes_down else 0.0))]
    for slot, top in zip(chain[1:-1], tops[1:-1], strict=True):
        ends = (top, top + height) if goes_down else (top + height, top)
        points.extend((ports.across[slot], end_of_piece) for end_of_piece in ends)
    points.append((ports.place(chain[-1], chain[-2]), tops[-1] + (0.0 if goes_down else height)))
    return tuple(points)
