"""A whole estate on its way from one store to another: its revisions, audit and journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ripplegraph.errors import StoreCorruptError
from ripplegraph.graph.journal import Document, Entry
from ripplegraph.graph.revisions import AuditEntry, Revision
from ripplegraph.store.comparing import content_sha256
from ripplegraph.store.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRevision:
    """A revision with its rows, sorted by kind, ordinal and key, and its report as JSON."""

    revision: Revision
    report: str
    rows: Sequence[Row]

    def check(self, store: str) -> None:
        """Raise an error if the rows are not what was published."""
        digest = content_sha256((row.kind, row.payload) for row in self.rows)
        if digest != self.revision.content_sha256:
            number = self.revision.number
            reason = f"the records of revision {number} are not what was published"
            raise StoreCorruptError(store, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateCopy:
    """Everything that a store holds; revisions come one by one, the oldest first."""

    revisions: Iterable[KeptRevision]
    audit: Sequence[AuditEntry]
    documents: Sequence[Document]
    entries: Sequence[Entry]
    last_numbers: Mapping[str, int]
