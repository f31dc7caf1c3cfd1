"""The journal of the shared store: nodes of the server, for several processes at once.

Commits come one after the other, by a lock on one node; each is one transaction. A commit whose
answer was lost is repeated, and does nothing if it was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import uuid4

from neo4j import ManagedTransaction
from ripplegraph.graph.journal import Document, Entry, JournalWrite
from ripplegraph.store.grouped_commits import Commit, GroupedCommits, add_to
from ripplegraph.store.journal_plan import Plan, places_of, streams_of
from ripplegraph.store.moments import microseconds_of, moment_of_microseconds
from ripplegraph.store.neo4j import journal_cypher as cypher
from ripplegraph.store.neo4j.connection import Address, Server, repeated, rows

_REMEMBERED = 100


class Neo4jJournal:
    """Documents and streams beside the revisions of an estate; safe between processes."""

    def __init__(self, address: Address) -> None:
        self._server = Server(address)
        self._commits = GroupedCommits(self._write)

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        """Do all writes or none; return the numbers of the appended entries, in order."""
        return self._commits.commit(writes)

    def document(self, collection: str, key: str) -> Document | None:
        """Return a document, None if there is none."""
        found = self._rows(cypher.DOCUMENT, collection=collection, key=key)
        return document_of(*found[0]) if found else None

    def documents(
        self, collection: str, *, after: str = "", limit: int = 500
    ) -> tuple[Document, ...]:
        """Return documents in order of their keys, from behind a key on."""
        found = self._rows(cypher.DOCUMENTS, collection=collection, after=after, limit=limit)
        return tuple(document_of(*row) for row in found)

    def entries(self, stream: str, *, after: int = 0, limit: int = 500) -> tuple[Entry, ...]:
        """Return entries in their order, from behind a number on."""
        found = self._rows(cypher.ENTRIES, stream=stream, after=after, limit=limit)
        return tuple(entry_of(*row) for row in found)

    def last_number(self, stream: str) -> int:
        """Return the number of the newest entry of a stream, 0 if it never had one."""
        found = self._rows(cypher.LAST_NUMBER, stream=stream)
        return int(found[0][0]) if found else 0

    def _rows(self, text: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
        with self._server.session() as session:
            return rows(session, text, **parameters)

    def _write(self, group: Sequence[Commit]) -> None:
        """Write commits in one transaction: all of those that do not conflict, or none."""
        mark = uuid4().hex
        with self._server.writing_session() as session:
            repeated(session, lambda work: _do(work, group, mark))


def _do(work: ManagedTransaction, group: Sequence[Commit], mark: str) -> None:
    ((is_done,),) = work.run(cypher.LOCK, commit=mark).values()
    if is_done:  # its answer was lost; what it told its commits still holds
        return
    for one in group:
        one.numbers = one.error = None
    plan = _state(work, [write for one in group for write in one.writes])
    add_to(plan, group)
    _write_plan(work, plan)
    work.run(cypher.UNLOCK, commit=mark, remembered=_REMEMBERED).consume()


def _state(work: ManagedTransaction, writes: Sequence[JournalWrite]) -> Plan:
    """Return the versions and last numbers on which writes rest."""
    places, streams = places_of(writes), streams_of(writes)
    plan = Plan(versions=dict.fromkeys(places, 0), last=dict.fromkeys(streams, 0))
    if places:
        for collection, key, version in work.run(cypher.VERSIONS, places=places).values():
            plan.versions[collection, key] = version
    if streams:
        plan.last.update(map(tuple, work.run(cypher.LAST_NUMBERS, streams=streams).values()))
    return plan


def _write_plan(work: ManagedTransaction, plan: Plan) -> None:
    gone = [place for place, document in plan.documents.items() if document is None]
    _run(work, cypher.REMOVE_DOCUMENTS, places=gone)
    kept = [
        {
            "collection": one.collection,
            "key": one.key,
            "version": one.version,
            "payload": one.payload,
        }
        for one in plan.documents.values()
        if one is not None
    ]
    _run(work, cypher.PUT_DOCUMENTS, rows=kept)
    forgotten = [{"stream": stream, "up_to": up_to} for stream, up_to in plan.forgotten.items()]
    _run(work, cypher.FORGET_ENTRIES, rows=forgotten)
    entries = [
        {
            "stream": one.stream,
            "number": one.number,
            "at_us": microseconds_of(one.at),
            "payload": one.payload,
        }
        for one in plan.entries
    ]
    _run(work, cypher.ADD_ENTRIES, rows=entries)
    last = [{"stream": stream, "last": number} for stream, number in plan.last.items()]
    _run(work, cypher.SET_LAST_NUMBERS, rows=last)


def _run(work: ManagedTransaction, text: LiteralString, **parameters: list[Any]) -> None:
    """Run a text on rows, unless there are none."""
    if any(parameters.values()):
        work.run(text, parameters).consume()


def document_of(collection: str, key: str, version: int, payload: str) -> Document:
    """Return a document from its columns."""
    return Document(collection=collection, key=key, version=version, payload=payload)


def entry_of(stream: str, number: int, at_us: int, payload: str) -> Entry:
    """Return an entry from its columns."""
    at = moment_of_microseconds(at_us)
    return Entry(stream=stream, number=number, at=at, payload=payload)
