"""A journal in the memory of one process: for exports, which keep nothing, and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

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


class MemoryJournal:
    """Documents and streams that are gone when the process ends; safe between threads."""

    def __init__(self) -> None:
        self._documents: dict[tuple[str, str], Document] = {}
        self._entries: dict[str, list[Entry]] = {}
        self._last: dict[str, int] = {}
        self._lock = Lock()

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        """Do all writes or none; return the numbers of the appended entries, in order."""
        with self._lock:
            documents, last = dict(self._documents), dict(self._last)
            entries = {stream: list(held) for stream, held in self._entries.items()}
            numbers: list[int] = []
            for write in writes:
                match write:
                    case PutDocument() | RemoveDocument():
                        _change(documents, write)
                    case AppendEntry():
                        number = last[write.stream] = last.get(write.stream, 0) + 1
                        numbers.append(number)
                        entry = Entry(
                            stream=write.stream, number=number, at=write.at, payload=write.payload
                        )
                        entries.setdefault(write.stream, []).append(entry)
                    case ForgetEntries():
                        held = entries.get(write.stream, [])
                        entries[write.stream] = [e for e in held if e.number > write.up_to]
            self._documents, self._entries, self._last = documents, entries, last
            return tuple(numbers)

    def document(self, collection: str, key: str) -> Document | None:
        """Return a document, None if there is none."""
        return self._documents.get((collection, key))

    def documents(
        self, collection: str, *, after: str = "", limit: int = 500
    ) -> tuple[Document, ...]:
        """Return documents in order of their keys, from behind a key on."""
        with self._lock:
            found = sorted(
                key for held, key in self._documents if held == collection and key > after
            )
            return tuple(self._documents[collection, key] for key in found[:limit])

    def entries(self, stream: str, *, after: int = 0, limit: int = 500) -> tuple[Entry, ...]:
        """Return entries in their order, from behind a number on."""
        with self._lock:
            held = self._entries.get(stream, [])
            return tuple([entry for entry in held if entry.number > after][:limit])

    def last_number(self, stream: str) -> int:
        """Return the number of the newest entry of a stream, 0 if it never had one."""
        return self._last.get(stream, 0)


def _change(
    documents: dict[tuple[str, str], Document], write: PutDocument | RemoveDocument
) -> None:
    place = (write.collection, write.key)
    held = documents.get(place)
    version = held.version if held else 0
    if write.expected_version is not None and write.expected_version != version:
        raise JournalConflictError("/".join(place), write.expected_version, version)
    if isinstance(write, RemoveDocument):
        documents.pop(place, None)
        return
    documents[place] = Document(
        collection=write.collection, key=write.key, version=version + 1, payload=write.payload
    )
