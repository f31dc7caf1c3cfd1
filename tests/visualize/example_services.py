"""Services of the shipped example, cut to so many CIs as a test needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import ripplegraph
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.supposing import SupposedRelation, Supposition, supposed
from ripplegraph.visualize.selection import cis_of_service

EXAMPLE = Path(__file__).parents[2] / "examples" / "acme"


@cache
def example() -> ServiceGraph:
    return ripplegraph.load(EXAMPLE)


def cut_to(name: str, most: int) -> tuple[ServiceGraph, int, list[CiId]]:
    """Return a graph, a service in it of at most so many CIs, and those that need nothing.

    CIs are taken out one by one, the last in the numbering first, which lie deepest.
    """
    graph = example()
    service = graph.resolve(name)
    while len(whole := sorted(cis_of_service(graph, service))) > most:
        deepest = max(number for number in whole if number != service)
        removed = [
            SupposedRelation(
                dependent=graph.ci_ids[int(graph.topology.edge_dependent[edge])],
                dependency=graph.ci_ids[deepest],
            )
            for edge in graph.edges_to_dependents(deepest)
        ]
        graph = supposed(graph, Supposition(removed=removed)).graph
    leaves = [one for one in whole if not len(graph.edges_to_dependencies(one))]
    return graph, service, [graph.ci_ids[one] for one in leaves]
