"""The journal of the embedded store: tables in the file of the estate.

One connection of the process writes, another reads; commits of several threads share one wait for
the disk. A file of an older ripplegraph gets the tables with the first commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeVar

import apsw

from ripplegraph.graph.journal import Document, Entry, JournalWrite
from ripplegraph.store.grouped_commits import Commit, GroupedCommits, add_to
from ripplegraph.store.journal_plan import Plan, places_of, streams_of
from ripplegraph.store.moments import microseconds_of, moment_of_microseconds
from ripplegraph.store.sqlite.schema import connect, has_journal, translated
from ripplegraph.store.sqlite.transactions import one_transaction

Found = TypeVar("Found")


class SqliteJournal:
    """Documents and streams beside the revisions of an estate; safe between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: apsw.Connection | None = None
        self._writer: apsw.Connection | None = None
        self._reading = Lock()
        self._has_journal = False
        self._commits = GroupedCommits(self._write)

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        """Do all writes or none; return the numbers of the appended entries, in order."""
        return self._commits.commit(writes)

    def document(self, collection: str, key: str) -> Document | None:
        """Return a document, None if there is none."""
        rows = self._rows(
            document_of,
            "SELECT collection, key, version, payload FROM journal_document"
            " WHERE collection = ? AND key = ?",
            (collection, key),
        )
        return rows[0] if rows else None

    def documents(
        self, collection: str, *, after: str = "", limit: int = 500
    ) -> tuple[Document, ...]:
        """Return documents in order of their keys, from behind a key on."""
        return self._rows(
            document_of,
            "SELECT collection, key, version, payload FROM journal_document"
            " WHERE collection = ? AND key > ? ORDER BY key LIMIT ?",
            (collection, after, limit),
        )

    def entries(self, stream: str, *, after: int = 0, limit: int = 500) -> tuple[Entry, ...]:
        """Return entries in their order, from behind a number on."""
        return self._rows(
            entry_of,
            "SELECT stream, number, at_us, payload FROM journal_entry"
            " WHERE stream = ? AND number > ? ORDER BY number LIMIT ?",
            (stream, after, limit),
        )

    def last_number(self, stream: str) -> int:
        """Return the number of the newest entry of a stream, 0 if it never had one."""
        text = "SELECT last FROM journal_stream WHERE stream = ?"
        return next(iter(self._rows(_number_of, text, (stream,))), 0)

    def close(self) -> None:
        """Close the file; whoever reads or commits afterwards opens it again."""
        with self._commits.paused(), self._reading:
            for connection in (self._reader, self._writer):
                if connection is not None:
                    connection.close()
            self._reader = self._writer = None

    def _rows(
        self, shape: Callable[..., Found], text: str, bindings: tuple[object, ...]
    ) -> tuple[Found, ...]:
        with self._reading, self._translating():
            if self._reader is None:
                self._reader = connect(self._path)
            if not self._has_journal:
                self._has_journal = has_journal(self._reader)
            if not self._has_journal:
                return ()
            return tuple(shape(*row) for row in self._reader.execute(text, bindings))

    def _write(self, group: Sequence[Commit]) -> None:
        """Write commits in one transaction: all of those that do not conflict, or none."""
        with self._translating():
            if self._writer is None:
                self._writer = connect(self._path, writes=True)
            with one_transaction(self._writer):
                writes = [write for one in group for write in one.writes]
                plan = _state(self._writer, writes)
                add_to(plan, group)
                _do(self._writer, plan)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except apsw.Error as exc:
            raise translated(self._path, exc) from exc


def _state(connection: apsw.Connection, writes: Sequence[JournalWrite]) -> Plan:
    """Return the versions and last numbers on which writes rest."""
    find_version = "SELECT version FROM journal_document WHERE collection = ? AND key = ?"
    find_last = "SELECT last FROM journal_stream WHERE stream = ?"
    return Plan(
        versions={
            place: _number_of(connection.execute(find_version, place).get or 0)
            for place in places_of(writes)
        },
        last={
            stream: _number_of(connection.execute(find_last, (stream,)).get or 0)
            for stream in streams_of(writes)
        },
    )


def _do(connection: apsw.Connection, plan: Plan) -> None:
    gone = [place for place, document in plan.documents.items() if document is None]
    connection.executemany("DELETE FROM journal_document WHERE collection = ? AND key = ?", gone)
    connection.executemany(
        "INSERT INTO journal_document VALUES (?, ?, ?, ?) ON CONFLICT (collection, key)"
        " DO UPDATE SET version = excluded.version, payload = excluded.payload",
        (
            (one.collection, one.key, one.version, one.payload)
            for one in plan.documents.values()
            if one is not None
        ),
    )
    connection.executemany(
        "DELETE FROM journal_entry WHERE stream = ? AND number <= ?", plan.forgotten.items()
    )
    connection.executemany(
        "INSERT INTO journal_entry VALUES (?, ?, ?, ?)",
        ((one.stream, one.number, microseconds_of(one.at), one.payload) for one in plan.entries),
    )
    connection.executemany(
        "INSERT INTO journal_stream VALUES (?, ?)"
        " ON CONFLICT (stream) DO UPDATE SET last = excluded.last",
        plan.last.items(),
    )


def document_of(collection: object, key: object, version: object, payload: object) -> Document:
    """Return a document from its columns."""
    return Document(
        collection=str(collection),
        key=str(key),
        version=_number_of(version),
        payload=str(payload),
    )


def entry_of(stream: object, number: object, at_us: object, payload: object) -> Entry:
    """Return an entry from its columns."""
    at = moment_of_microseconds(_number_of(at_us))
    return Entry(stream=str(stream), number=_number_of(number), at=at, payload=str(payload))


def _number_of(value: object) -> int:
    return int(str(value))
