"""What lies beneath many services at once: labels of CIs, gathered from the bottom up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.structure import Needs, circles_in_order
from ripplegraph.impact.availability.values import Level


def labels_beneath(
    graph: ServiceGraph,
    services: Sequence[int],
    labels: Mapping[int, Collection[int]],
    cut_points: frozenset[int] = frozenset(),
) -> dict[int, frozenset[int]]:
    """Return for each service the labels of all CIs that it rests on, its own included.

    Parameters
    ----------
    services
        Numbers of CIs.
    labels
        By CI number; CIs without may be left out.
    cut_points
        CIs beneath which nothing counts.

    Notes
    -----
    Every CI is looked at once, for all services.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> sorted(labels_beneath(graph_of("shop -> web; web -> db"), [0], {1: [7], 2: [8]})[0])
    [7, 8]
    """
    needs = Needs(graph, cut_points)
    found: dict[int, frozenset[int]] = {}
    for circle in circles_in_order(graph, needs, all_beneath(needs, services), Level.DOWN):
        own = frozenset(label for ci in circle for label in labels.get(ci, ()))
        inside = set(circle)
        below = {to for ci in circle for to in needs.of(ci).cis(Level.DOWN)} - inside
        found.update(dict.fromkeys(circle, own.union(*(found[to] for to in below))))
    return {service: found[service] for service in services}


def all_beneath(needs: Needs, services: Sequence[int]) -> list[int]:
    """Return the numbers of all CIs that services rest on, themselves included, ascending.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> all_beneath(Needs(graph_of("shop -> web; web -> db"), frozenset()), [0])
    [0, 1, 2]
    """
    seen = set(services)
    waiting = list(seen)
    while waiting:
        fresh = set(needs.of(waiting.pop()).cis(Level.DOWN)) - seen
        seen |= fresh
        waiting.extend(fresh)
    return sorted(seen)
