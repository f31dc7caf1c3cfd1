"""Why one CI is not up, looking only at what lies beneath it."""

from __future__ import annotations

from collections.abc import Mapping

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.reasons import Reasons, reasons_of


def reasons_beneath(graph: ServiceGraph, top: int, own: Mapping[int, Status]) -> Reasons:
    """Return the reasons of a CI and of what it needs; none if it is up.

    Parameters
    ----------
    top
        Number of the CI.
    own
        Status of the CIs with an outage of their own, by number.

    Notes
    -----
    An outage may hurt much of an estate; the reasons of one CI lie in the part that it needs.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> found = reasons_beneath(graph_of("shop -> db; mail -> db"), 0, {1: Status.DOWN})
    >>> sorted(found.causes)
    [0, 1]
    """
    statuses = settle(graph, own)
    ends = graph.topology.edge_dependency
    waiting = [top] if top in statuses else []
    seen = set(waiting)
    while waiting:
        edges = graph.edges_to_dependencies(waiting.pop())
        needed = set(ends[edges.start : edges.stop].tolist()) - seen
        fresh = [ci for ci in needed if ci in statuses]
        seen.update(fresh)
        waiting += fresh
    return reasons_of(
        graph,
        {ci: status for ci, status in own.items() if ci in seen},
        {ci: statuses[ci] for ci in sorted(seen)},
    )
