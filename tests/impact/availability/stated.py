"""Graphs whose CIs have a stated unavailability or other cells, for tests of answers."""

from __future__ import annotations

from dataclasses import replace

from graph_building import records_of_text
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.options import (
    AvailabilityOptions,
    Reliability,
)


def stating(graph: ServiceGraph, **u: float) -> AvailabilityOptions:
    """State the unavailability of CIs by name."""
    own = {graph.resolve(name): Reliability(unavailability=value) for name, value in u.items()}
    return AvailabilityOptions(own=own)


def with_db(**cells: object) -> ServiceGraph:
    records = records_of_text("shop -> db")
    at = records.cis.native_id.index("db")
    for name, value in cells.items():
        getattr(records.cis, name)[at] = value
    return build_service_graph(records).graph


RING = (
    "shop -> p1 & p2 & p3 & p4 & p5;"
    "p1 -> a | b; p2 -> b | c; p3 -> c | d; p4 -> d | e; p5 -> e | a"
)


def ring_down(u: float) -> float:
    """Return the unavailability of the ring: up while no two neighbours have failed."""
    up = (1 - u) ** 5 + 5 * u * (1 - u) ** 4 + 5 * u**2 * (1 - u) ** 3
    return 1 - up


def budgeted(graph: ServiceGraph, u: float, **more: object) -> AvailabilityOptions:
    """State the unavailability of a to e, and a budget that the ring of pairs exceeds."""
    own = dict.fromkeys("abcde", u) | dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), 0.0)
    return replace(stating(graph, **own), nodes_per_module=(4,), **more)  # type: ignore[arg-type]
