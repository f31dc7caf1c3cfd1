"""The part of the graph that an outage impacts, and what of it fits into a view. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise

from ripplegraph.graph.model import SERVICE_KINDS, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.concerned import offerings_of
from ripplegraph.visualize.explanation import Explanation
from ripplegraph.visualize.folding import Pools
from ripplegraph.visualize.selection import (
    PATH_UNFOLDED,
    ROOTS_APART,
    Selection,
    explaining_path,
    pool_marks,
    way_to,
    within,
)
from ripplegraph.visualize.view_model import Level


def select_outage(
    graph: ServiceGraph,
    explanation: Explanation,
    *,
    impacted: Collection[int],
    causes: Collection[int],
    limit: int,
    level: Level = Level.ALL,
) -> Selection:
    """Choose the CIs to show: what is out, the way to each service that falls, then the rest.

    Parameters
    ----------
    impacted
        CIs that are not up.
    causes
        CIs that are out by themselves.
    limit
        Boxes at most.
    """
    roots = sorted(causes, key=graph.ci_ids.__getitem__)
    tops = _worst_first(graph, explanation, impacted)
    path, _ = explaining_path(graph, tops, explanation)
    reached_from = _reached_from(graph, roots, path)
    services = [one for one in tops if graph.cis.kind[one] in SERVICE_KINDS]
    chains = [way_to(one, reached_from) for one in services if one in reached_from]
    explaining = frozenset((*roots, *tops))
    whole = _with_needs(graph, explaining)
    box_of: Mapping[int, int] = {}
    if level is Level.FOLDED or (level is Level.PATH and len(explaining) > PATH_UNFOLDED):
        marks = pool_marks(explanation, explaining, roots)
        box_of = Pools(graph, whole, apart=(), marks=marks).box_of

    def wanted() -> Iterator[int]:
        yield from roots[:ROOTS_APART]
        for one in chains:
            yield from one
        yield from roots
        yield from reached_from
        yield from tops
        if level is not Level.PATH:
            yield from whole

    shown = within(wanted(), box_of, limit)
    return Selection(
        tops=tuple(tops),
        shown=tuple(shown),
        box_of=shown,
        whole=frozenset(whole),
        roots=tuple(roots),
        explaining=explaining,
        path=frozenset(path),
        chains=frozenset(step for one in chains for step in pairwise(one[::-1])),
    )


def cis_of_outage(
    graph: ServiceGraph, impacted: Collection[int], causes: Collection[int]
) -> list[int]:
    """Return what is out or impacted, and after it what that directly needs: what still works."""
    return _with_needs(graph, {*causes, *impacted})


def services_among(graph: ServiceGraph, numbers: Iterable[int]) -> list[int]:
    """Return the services among CIs; an offering falls with its service, and is not counted twice.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> services_among(graph_of("shop -> db; mail -> db", services=("shop", "mail")), [0, 1, 2])
    [0, 2]
    """
    services = [one for one in numbers if graph.cis.kind[one] in SERVICE_KINDS]
    offered = {offering for one in services for offering in offerings_of(graph, one)}
    return [one for one in services if one not in offered]


def _worst_first(
    graph: ServiceGraph, explanation: Explanation, impacted: Collection[int]
) -> list[int]:
    """Return what is impacted: services before others, the worst status first."""
    kinds = graph.cis.kind

    def key(number: int) -> tuple[bool, int, str]:
        is_other = kinds[number] not in SERVICE_KINDS
        return (is_other, -explanation.status(number), graph.ci_ids[number])

    return sorted((one for one in impacted if explanation.status(one) is not Status.UP), key=key)


def _reached_from(
    graph: ServiceGraph, roots: Collection[int], path: Collection[int]
) -> dict[int, int]:
    """Return what the outage reaches, nearest first, with the CI through which it gets there."""
    topology = graph.topology
    dependents: dict[int, list[int]] = {}
    for edge in path:
        ends = int(topology.edge_dependent[edge]), int(topology.edge_dependency[edge])
        dependents.setdefault(ends[1], []).append(ends[0])
    reached_from = {root: root for root in roots}
    waiting = list(reached_from)
    for number in waiting:
        for dependent in sorted(dependents.get(number, ()), key=graph.ci_ids.__getitem__):
            if dependent not in reached_from:
                reached_from[dependent] = number
                waiting.append(dependent)
    return reached_from


def _with_needs(graph: ServiceGraph, numbers: Collection[int]) -> list[int]:
    """Return these CIs, then those that they directly need and whose failure would reach them."""
    topology, effect = graph.topology, graph.gates.edge_effect
    ordered = sorted(numbers)
    found = dict.fromkeys(ordered)
    for number in ordered:
        for edge in graph.edges_to_dependencies(number):
            if effect[edge] != Strength.NONE:
                found[int(topology.edge_dependency[edge])] = None
    return list(found)
