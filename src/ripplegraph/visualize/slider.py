"""What the script of a page needs for its time slider: each moment as what it changes. Pure.

Whole states at each of forty moments would be the largest part of a page; what changes is little.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.moments import Moments, Repaint, repaints
from ripplegraph.visualize.svg_picture import Picture

LETTERS_PER_CI = 160
"""So much of a page its moments may take up; the earliest ones are left out beyond it."""

_FEWEST_CIS = 50
_SHRINK = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """The moments that a page has room for, and the data from which its script paints them."""

    moments: Moments
    data: Mapping[str, object]


def slider_of(
    graph: ServiceGraph, pictures: Sequence[Picture], whole: Collection[int], moments: Moments
) -> Slider:
    """Return the slider over the last moments of a page.

    Parameters
    ----------
    pictures
        Those of the page.
    whole
        All CIs that belong to the service.
    """
    painted = repaints(graph, [one.scene for one in pictures], whole, moments)
    paints = dict(zip([one.key for one in pictures], painted, strict=True))
    room = LETTERS_PER_CI * max(_FEWEST_CIS, len(whole))
    count = len(moments.moments)
    while True:
        latest = moments.latest(count)
        last_paints = {key: found[len(found) - count :] for key, found in paints.items()}
        data = _data(pictures, latest, last_paints)
        if count == 1 or len(json.dumps(data)) <= room:
            return Slider(moments=latest, data=data)
        count = max(1, int(count * _SHRINK))


def _data(
    pictures: Sequence[Picture], moments: Moments, paints: Mapping[str, Sequence[Repaint]]
) -> dict[str, object]:
    return {
        "last": moments.last,
        "moments": [[one.when, one.what] for one in moments.moments],
        "states": _changes([one.statuses for one in moments.moments]),
        "paint": {one.key: _painted(paints[one.key], one) for one in pictures},
    }


def _painted(moments: Sequence[Repaint], picture: Picture) -> list[list[str]]:
    """Return pools by status, and the lines that carry trouble by their place in the page."""
    return [
        _changes([one.pools for one in moments]),
        _toggles([_places(one.path, picture) for one in moments]),
        _toggles([_places(one.passing, picture) for one in moments]),
    ]


def _places(lines: Collection[int], picture: Picture) -> frozenset[int]:
    return frozenset(place for place, one in enumerate(picture.order) if one in lines)


def _changes(statuses: Sequence[Mapping[int, Status]]) -> list[str]:
    """Return the statuses of each moment that differ from the one before, such as ``7:3 9:0``."""
    return [
        " ".join(
            f"{number}:{int(after.get(number, Status.UP))}"
            for number in sorted(before.keys() | after.keys())
            if before.get(number, Status.UP) is not after.get(number, Status.UP)
        )
        for before, after in pairwise(({}, *statuses))
    ]


def _toggles(places: Sequence[frozenset[int]]) -> list[str]:
    """Return the places of each moment that join or leave those of the one before."""
    return [
        " ".join(map(str, sorted(before ^ after)))
        for before, after in pairwise((frozenset[int](), *places))
    ]
