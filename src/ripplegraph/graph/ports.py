"""Ports: what the core and the API expect of the edges, as protocols."""

from __future__ import annotations

from typing import Protocol

from ripplegraph.graph.service_graph import ServiceGraph


class GraphSource(Protocol):
    """Where a graph comes from: an export now, a store later."""

    def read(self) -> ServiceGraph:
        """Return the graph; raises errors of ``ripplegraph.errors`` only."""
        ...
