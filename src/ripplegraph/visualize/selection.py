"""The part of the graph that one service rests on, and what of it fits into a view. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from ripplegraph.graph.model import Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.explanation import Explanation, shortest_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a view shows (in order of importance) of all that belongs to the service."""

    service: int
    shown: tuple[int, ...]
    whole: frozenset[int]
    roots: tuple[int, ...]
    path: frozenset[int]
    """Positions of the dependencies that lie on a path from a root cause to the service."""
    chains: frozenset[tuple[int, int]]
    """Steps (dependent, dependency) of the shortest chain to each root cause."""


def select(
    graph: ServiceGraph,
    service: int,
    explanation: Explanation,
    *,
    causes: Iterable[int],
    limit: int,
) -> Selection:
    """Choose the CIs to show: the impact path first, then all others by their distance.

    Every CI shown is joined to the service by CIs that are shown, too.
    """
    reached_from = _reach(graph, service)
    outed = frozenset(causes)

    def is_root(number: int) -> bool:
        return number in outed or not explanation.explaining_edges(number)

    path = _path(graph, service, explanation)
    on_path = dict.fromkeys([service])
    for edge in path:
        on_path[int(graph.topology.edge_dependency[edge])] = None
    failed = explanation.status(service) is not Status.UP
    roots = [number for number in on_path if is_root(number)] if failed else []
    chains = [shortest_chain(explanation, graph, service, _same_as(root)) for root in roots]
    shown: dict[int, None] = {service: None}
    for number in _by_importance(explanation, chains, on_path, reached_from):
        if len(shown) >= limit:
            break
        shown[number] = None
    return Selection(
        service=service,
        shown=tuple(shown),
        whole=frozenset(reached_from),
        roots=tuple(roots),
        path=frozenset(path),
        chains=frozenset(step for chain in chains for step in pairwise(chain)),
    )


def _reach(graph: ServiceGraph, service: int) -> dict[int, int]:
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


def _path(graph: ServiceGraph, service: int, explanation: Explanation) -> list[int]:
    """Return the dependencies that explain the status of the service, nearest first."""
    path: list[int] = []
    seen, waiting = {service}, [service]
    for number in waiting:
        for edge in explanation.explaining_edges(number):
            path.append(edge)
            dependency = int(graph.topology.edge_dependency[edge])
            if dependency not in seen:
                seen.add(dependency)
                waiting.append(dependency)
    return path


def _by_importance(
    explanation: Explanation,
    chains: Iterable[tuple[int, ...]],
    on_path: Iterable[int],
    reached_from: dict[int, int],
) -> Iterator[int]:
    """Yield CIs as they should be shown; each follows one that joins it to the service."""
    for chain in chains:
        yield from chain
    yield from on_path
    for number in reached_from:
        if explanation.status(number) is not Status.UP:
            yield from _way_to(number, reached_from)
    yield from reached_from


def _same_as(root: int) -> Callable[[int], bool]:
    return lambda number: number == root


def _way_to(number: int, reached_from: dict[int, int]) -> list[int]:
    way = [number]
    while reached_from[way[-1]] != way[-1]:
        way.append(reached_from[way[-1]])
    return way[::-1]
