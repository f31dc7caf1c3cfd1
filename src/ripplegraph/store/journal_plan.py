"""What a commit does to a journal, worked out once for every journal.

A journal reads the versions and last numbers that the writes of a commit touch, asks for the
plan, and writes the plan: it never decides by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.journal import (
    AppendEntry,
    Document,
    Entry,
    ForgetEntries,
    JournalWrite,
    PutDocument,
    RemoveDocument,
)

Place = tuple[str, str]
"""Collection and key of a document."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """The state on which commits rest, and what they leave behind in the end.

    Parameters
    ----------
    versions
        Version of each document that is touched, 0 for none.
    last
        Last number of each stream that is touched.
    documents
        What each changed document is afterwards, None for removed.
    entries
        New entries, each stream's in order.
    forgotten
        Up to which number the entries that stood before are to go, by stream.
    """

    versions: dict[Place, int]
    last: dict[str, int]
    documents: dict[Place, Document | None] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    forgotten: dict[str, int] = field(default_factory=dict)

    def add(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        """Add a commit; return the numbers of its entries.

        Raises :class:`ripplegraph.errors.JournalConflictError`, and then adds nothing.
        """
        versions, last = dict(self.versions), dict(self.last)
        tried = Plan(
            versions=versions,
            last=last,
            documents=dict(self.documents),
            entries=list(self.entries),
            forgotten=dict(self.forgotten),
        )
        numbers = tuple(number for write in writes if (number := tried._add(write)) is not None)
        self.versions, self.last, self.documents = versions, last, tried.documents
        self.entries, self.forgotten = tried.entries, tried.forgotten
        return numbers

    def _add(self, write: JournalWrite) -> int | None:
        match write:
            case PutDocument() | RemoveDocument():
                self._change(write)
            case AppendEntry():
                return self._append(write)
            case ForgetEntries(stream=stream, up_to=up_to):
                self.forgotten[stream] = max(up_to, self.forgotten.get(stream, 0))
                self.entries = [
                    one for one in self.entries if one.stream != stream or one.number > up_to
                ]
        return None

    def _change(self, write: PutDocument | RemoveDocument) -> None:
        place = (write.collection, write.key)
        version = self.versions[place]
        if write.expected_version is not None and write.expected_version != version:
            raise JournalConflictError("/".join(place), write.expected_version, version)
        if isinstance(write, RemoveDocument):
            self.versions[place] = 0
            self.documents[place] = None
            return
        self.versions[place] = version + 1
        self.documents[place] = Document(
            collection=write.collection, key=write.key, version=version + 1, payload=write.payload
        )

    def _append(self, write: AppendEntry) -> int:
        number = self.last[write.stream] = self.last[write.stream] + 1
        entry = Entry(stream=write.stream, number=number, at=write.at, payload=write.payload)
        self.entries.append(entry)
        return number


def places_of(writes: Iterable[JournalWrite]) -> list[Place]:
    """Return the documents that writes touch, each once, sorted."""
    return sorted(
        {
            (write.collection, write.key)
            for write in writes
            if isinstance(write, (PutDocument, RemoveDocument))
        }
    )


def streams_of(writes: Iterable[JournalWrite]) -> list[str]:
    """Return the streams that writes touch, each once, sorted."""
    return sorted(
        {write.stream for write in writes if isinstance(write, (AppendEntry, ForgetEntries))}
    )
