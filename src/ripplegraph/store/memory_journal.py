"""A journal in the memory of one process: for exports, which keep nothing, and for tests."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from threading import Lock

from ripplegraph.graph.journal import Document, Entry, JournalWrite
from ripplegraph.store.journal_plan import Place, Plan, places_of, streams_of

_number = attrgetter("number")


class MemoryJournal:
    """Documents and streams that are gone when the process ends; safe between threads."""

    def __init__(self) -> None:
        self._documents: dict[Place, Document] = {}
        self._entries: dict[str, list[Entry]] = {}
        self._last: dict[str, int] = {}
        self._lock = Lock()

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        """Do all writes or none; return the numbers of the appended entries, in order."""
        with self._lock:
            plan = Plan(
                versions={place: self._version(place) for place in places_of(writes)},
                last={stream: self._last.get(stream, 0) for stream in streams_of(writes)},
            )
            numbers = plan.add(writes)
            self._do(plan)
            return numbers

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
            first = bisect_right(held, after, key=_number)
            return tuple(held[first : first + limit])

    def last_number(self, stream: str) -> int:
        """Return the number of the newest entry of a stream, 0 if it never had one."""
        return self._last.get(stream, 0)

    def _version(self, place: Place) -> int:
        held = self._documents.get(place)
        return held.version if held else 0

    def _do(self, plan: Plan) -> None:
        for place, document in plan.documents.items():
            if document is None:
                self._documents.pop(place, None)
            else:
                self._documents[place] = document
        for stream, up_to in plan.forgotten.items():
            held = self._entries.get(stream, [])
            self._entries[stream] = [one for one in held if one.number > up_to]
        for entry in plan.entries:
            self._entries.setdefault(entry.stream, []).append(entry)
        self._last.update(plan.last)
