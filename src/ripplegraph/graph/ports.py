"""Ports: what the core and the API expect of the edges, as protocols."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ripplegraph.graph.revisions import (
    ImportRules,
    Provenance,
    RecordDifference,
    Revision,
)
from ripplegraph.graph.service_graph import ServiceGraph


class GraphSource(Protocol):
    """Where a graph comes from: an export now, a store later."""

    def read(self) -> ServiceGraph:
        """Return the graph; raises errors of ``ripplegraph.errors`` only."""
        ...


class EstateStore(Protocol):
    """Where the revisions of one estate are kept; errors are those of the store."""

    def publish(
        self, graph: ServiceGraph, provenance: Provenance, rules: ImportRules | None = None
    ) -> Revision:
        """Keep a graph as the newest revision, or change nothing."""
        ...

    def read(self, revision: int | None = None) -> ServiceGraph:
        """Return the graph of a revision, by default the newest."""
        ...

    def revision_at(self, moment: datetime) -> Revision:
        """Return the revision that was the newest at a moment (aware)."""
        ...

    def revisions(self) -> tuple[Revision, ...]:
        """Return every revision, the oldest first."""
        ...

    def differences(self, old: int, new: int) -> tuple[RecordDifference, ...]:
        """Return what differs between two revisions."""
        ...

    def damage(self) -> tuple[str, ...]:
        """Return what is wrong in the store, a sentence each."""
        ...

    def back_up(self, target: str) -> None:
        """Write a copy of the whole estate."""
        ...

    def prune(self, keep_from: int, provenance: Provenance) -> int:
        """Forget the revisions before one; return how many rows are gone."""
        ...
