"""Graphs whose CIs have a stated unavailability or other cells, for tests of answers."""

from __future__ import annotations

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
