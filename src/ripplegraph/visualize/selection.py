"""The part of the graph that one service rests on, and what of it fits into a view. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from ripplegraph.graph.model import Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.explanation import Explanation
from ripplegraph.visualize.folding import Pools
from ripplegraph.visualize.view_model import Level

PATH_UNFOLDED = 24
"""An impact path of more CIs than this is drawn with its pools folded."""

ROOTS_APART = 12
"""So many root causes have boxes of their own; of more, those that are alike share one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a view shows (in order of importance) of all that belongs to its question."""

    tops: tuple[int, ...]
    """CIs whose status the view explains: the service, or all that an outage impacts."""
    shown: tuple[int, ...]
    box_of: Mapping[int, int]
    """The box of each CI that is shown: itself, or the first member of its pool."""
    whole: frozenset[int]
    roots: tuple[int, ...]
    explaining: frozenset[int]
    """CIs on the impact path, shown or not; the tops are among them."""
    path: frozenset[int]
    """Positions of the dependencies that lie on a path from a root cause to one of the tops."""
    chains: frozenset[tuple[int, int]]
    """Steps (dependent, dependency) of the shortest chain to each root cause."""


def select(
    graph: ServiceGraph,
    service: int,
    explanation: Explanation,
    *,
    causes: Iterable[int],
    limit: int,
    level: Level = Level.ALL,
) -> Selection:
    """Choose the CIs to show: the impact path first, then all others by their distance.

    Every box is joined to the service by boxes that are shown, too. ``limit`` counts boxes.
    """
    reached_from = cis_of_service(graph, service)
    outed = frozenset(causes)

    def is_root(number: int) -> bool:
        return number in outed or not explanation.explaining_edges(number)

    path, on_path = explaining_path(graph, (service,), explanation)
    failed = explanation.status(service) is not Status.UP
    roots = [number for number in on_path if is_root(number)] if failed else []
    chains = [tuple(way_to(root, on_path)) for root in roots]
    box_of: Mapping[int, int] = {}
    if level is Level.FOLDED or (level is Level.PATH and len(on_path) > PATH_UNFOLDED):
        marks = pool_marks(explanation, on_path if failed else (), roots)
        box_of = Pools(graph, reached_from, apart=[service], marks=marks).box_of
    others: Mapping[int, int] = {} if level is Level.PATH else reached_from
    wanted = _by_importance(explanation, (*chains, tuple(on_path)), others)
    shown = within(chain((service,), wanted), box_of, limit)
    return Selection(
        tops=(service,),
        shown=tuple(shown),
        box_of=shown,
        whole=frozenset(reached_from),
        roots=tuple(roots),
        explaining=frozenset(on_path),
        path=frozenset(path),
        chains=frozenset(step for one in chains for step in pairwise(one)),
    )


def within(wanted: Iterable[int], box_of: Mapping[int, int], limit: int) -> dict[int, int]:
    """Return the box of each CI of the first boxes, all members of a pool together."""
    members: dict[int, list[int]] = {}
    for number, box in box_of.items():
        members.setdefault(box, []).append(number)
    boxes: dict[int, None] = {}
    for number in wanted:
        if len(boxes) >= limit:
            break
        boxes[box_of.get(number, number)] = None
    return {number: box for box in boxes for number in members.get(box, (box,))}


def pool_marks(
    explanation: Explanation, on_path: Iterable[int], roots: Sequence[int]
) -> dict[int, Hashable]:
    """Return what keeps CIs on the impact path out of pools of others; roots stay alone."""
    marks: dict[int, Hashable] = {one: explanation.status(one) for one in on_path}
    are_few = len(roots) <= ROOTS_APART
    return marks | {
        root: ("root", root if are_few else explanation.status(root)) for root in roots
    }


def cis_of_service(graph: ServiceGraph, service: int) -> dict[int, int]:
    """Return every CI of the service with the one through which it is reached, nearest first.

    CIs without impact come last, and only those next to a CI that has one.
    """
    reached_from = {service: service}
    waiting = [service]
    for number in waiting:
        for dependency in _needed(graph, number, with_impact=True):
            if dependency not in reached_from:
                reached_from[dependency] = number
                waiting.append(dependency)
    for number in waiting:
        for dependency in _needed(graph, number, with_impact=False):
            reached_from.setdefault(dependency, number)
    return reached_from


def _needed(graph: ServiceGraph, number: int, *, with_impact: bool) -> list[int]:
    topology, effect = graph.topology, graph.gates.edge_effect
    needed = {
        int(topology.edge_dependency[edge])
        for edge in graph.edges_to_dependencies(number)
        if bool(effect[edge] != Strength.NONE) is with_impact
    }
    return sorted(needed, key=graph.ci_ids.__getitem__)


def explaining_path(
    graph: ServiceGraph, tops: Iterable[int], explanation: Explanation
) -> tuple[list[int], dict[int, int]]:
    """Return the dependencies that explain the status of these CIs, nearest first.

    With them: each CI on the path, and the one before it on the shortest chain to it.
    """
    path: list[int] = []
    reached_from = {top: top for top in tops}
    waiting = list(reached_from)
    for number in waiting:
        for edge in explanation.explaining_edges(number):
            path.append(edge)
            dependency = int(graph.topology.edge_dependency[edge])
            if dependency not in reached_from:
                reached_from[dependency] = number
                waiting.append(dependency)
    return path, reached_from


def _by_importance(
    explanation: Explanation,
    chains: Iterable[tuple[int, ...]],
    reached_from: Mapping[int, int],
) -> Iterator[int]:
    """Yield CIs as they should be shown; each follows one that joins it to the service."""
    for one in chains:
        yield from one
    for number in reached_from:
        if explanation.status(number) is not Status.UP:
            yield from way_to(number, reached_from)
    yield from reached_from


def way_to(number: int, reached_from: Mapping[int, int]) -> list[int]:
    """Return the way along which a CI was reached, from where it began."""
    way = [number]
    while reached_from[way[-1]] != way[-1]:
        way.append(reached_from[way[-1]])
    return way[::-1]
