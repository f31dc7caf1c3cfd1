"""What was computed for one graph, known to another one of which the same is true."""

from __future__ import annotations

from ripplegraph.graph.service_graph import ServiceGraph

_OF_CIS = frozenset(
    {"_number_of_ci_id", "_numbers_of_native_id", "_numbers_of_name", "service_numbers"}
)


def share_look_ups(known: ServiceGraph, graph: ServiceGraph) -> None:
    """Let a graph with the same CIs and dependencies know all that was computed for another.

    Parameters
    ----------
    known, graph
        They may differ in outages, agreements and findings: nothing is looked up of those.
    """
    for name, value in list(vars(known).items()):  # a thread may add to it
        vars(graph).setdefault(name, value)


def share_look_ups_of_cis(known: ServiceGraph, graph: ServiceGraph) -> None:
    """Let a graph with the same CIs know what was computed of them for another.

    Parameters
    ----------
    known, graph
        They may differ in all but the CIs.
    """
    for name in _OF_CIS & vars(known).keys():
        vars(graph).setdefault(name, vars(known)[name])
