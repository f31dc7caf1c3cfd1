"""Ports: what the core and the API expect of the edges, as protocols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ripplegraph.graph.journal import Document, Entry, JournalWrite
from ripplegraph.graph.revisions import (
    AuditEntry,
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

    def newest(self) -> Revision | None:
        """Return the newest revision, None if there is none yet; cheap enough to ask often."""
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

    def audit(self) -> tuple[AuditEntry, ...]:
        """Return what was done to the store, the oldest first."""
        ...

    def versions(self) -> tuple[str, ...]:
        """Return what keeps the store, and in which schema, a phrase each."""
        ...

    def migrate(self) -> tuple[int, int]:
        """Bring an older store up to date; return the schema that it had, and the one it has."""
        ...

    def damage(self) -> tuple[str, ...]:
        """Return what is wrong in the store, a sentence each."""
        ...

    def prune(self, keep_from: int, provenance: Provenance) -> int:
        """Forget the revisions before one; return how many rows are gone."""
        ...


class EstateJournal(Protocol):
    """What happens to an estate between imports; errors are those of the store.

    Documents and entries are kept beside the revisions; a commit is whole or is not at all.
    """

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        """Do all writes or none; return the numbers that the appended entries got, in order.

        Raises ``JournalConflictError`` if a document is not at the version expected.
        """
        ...

    def document(self, collection: str, key: str) -> Document | None:
        """Return a document, None if there is none."""
        ...

    def documents(
        self, collection: str, *, after: str = "", limit: int = 500
    ) -> tuple[Document, ...]:
        """Return documents in order of their keys (by code points), from behind a key on."""
        ...

    def entries(self, stream: str, *, after: int = 0, limit: int = 500) -> tuple[Entry, ...]:
        """Return entries in their order, from behind a number on."""
        ...

    def last_number(self, stream: str) -> int:
        """Return the number of the newest entry of a stream, 0 if it never had one."""
        ...
