"""A whole estate out of a server, and into one that holds none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import msgspec

from neo4j import ManagedTransaction, Session
from ripplegraph.errors import StoreUnavailableError, UnknownRevisionError
from ripplegraph.store.estate_copy import EstateCopy, KeptRevision
from ripplegraph.store.moments import microseconds_of
from ripplegraph.store.neo4j import cypher, journal_cypher
from ripplegraph.store.neo4j.connection import Address, Server, repeated, rows, written
from ripplegraph.store.neo4j.estate import Published, all_published, audit_of
from ripplegraph.store.neo4j.journal import document_of, entry_of
from ripplegraph.store.neo4j.reading import rows_of_batch
from ripplegraph.store.neo4j.staging import Batch, stage

_ROWS_AT_ONCE = 5_000


@contextmanager
def copy_out_of(address: Address) -> Iterator[EstateCopy]:
    """Yield all that a server holds; commits to the journal wait while the journal is read."""
    server = Server(address)
    with server.session() as session:
        documents, entries, last = repeated(session, _journal_of)
        yield EstateCopy(
            revisions=(_kept(server, session, one) for one in all_published(session)),
            audit=audit_of(session),
            documents=tuple(document_of(*row) for row in documents),
            entries=tuple(entry_of(*row) for row in entries),
            last_numbers=dict(map(tuple, last)),
        )


def write_copy(copy: EstateCopy, address: Address) -> None:
    """Write a whole estate into a server that holds none: all becomes visible at once."""
    server = Server(address)
    with server.writing_session() as session:
        _refuse_what_holds(server, session.execute_read(_holds_something))
        batches: list[int] = []
        try:
            revisions = [_staged(session, kept, batches) for kept in copy.revisions]
            is_done = repeated(session, lambda work: _publish_all(work, revisions, copy))
            _refuse_what_holds(server, not is_done)
        except BaseException:
            for batch in batches:
                written(session, cypher.ABANDON, batch=batch)
            raise


def _journal_of(work: ManagedTransaction) -> tuple[list[Any], list[Any], list[Any]]:
    work.run(journal_cypher.HOLD).consume()
    found = [
        work.run(text).values()
        for text in (
            journal_cypher.ALL_DOCUMENTS,
            journal_cypher.ALL_ENTRIES,
            journal_cypher.ALL_STREAMS,
        )
    ]
    work.run(journal_cypher.LET_GO).consume()
    return found[0], found[1], found[2]


def _kept(server: Server, session: Session, published: Published) -> KeptRevision:
    held = rows_of_batch(session, published.batch)
    report = rows(session, cypher.REPORT, batch=published.batch)
    if not report:  # it was pruned meanwhile, so that rows may be missing
        raise UnknownRevisionError(server.uri, f"revision {published.revision.number}")
    kept = KeptRevision(revision=published.revision, report=report[0][0], rows=held)
    kept.check(server.uri)
    return kept


def _holds_something(work: ManagedTransaction) -> bool:
    return bool(work.run(cypher.HOLDS_SOMETHING).values()[0][0])


def _refuse_what_holds(server: Server, holds: object) -> None:
    if holds:
        reason = "it holds an estate already, and is not overwritten"
        raise StoreUnavailableError(server.uri, reason)


def _staged(session: Session, kept: KeptRevision, batches: list[int]) -> dict[str, Any]:
    """Stage a revision; return what is to be set on it when all are published."""
    ((batch,),) = written(session, cypher.NEW_BATCH)
    batches.append(batch)
    stage(session, batch, Batch.of_rows(kept.rows))
    revision = kept.revision
    props = {
        "no": revision.number,
        "at_us": microseconds_of(revision.provenance.at),
        "author": revision.provenance.author,
        "reason": revision.provenance.reason,
        "source": revision.provenance.source,
        "content_sha256": revision.content_sha256,
        "counts": msgspec.json.encode(dict(revision.counts)).decode(),
        "report": kept.report,
    }
    return {"batch": batch, "props": props}


def _publish_all(
    work: ManagedTransaction, revisions: Sequence[dict[str, Any]], copy: EstateCopy
) -> bool:
    """Publish everything in one transaction, unless the server holds something by now."""
    mark = uuid4().hex
    work.run(cypher.LOCK_ESTATE).consume()
    work.run(journal_cypher.LOCK, commit=mark).consume()
    if _holds_something(work):
        newest = [one["batch"] for one in revisions[-1:]]  # ours, if only the answer was lost
        return bool(newest and work.run(cypher.PUBLISHED, batch=newest[0]).values())
    work.run(cypher.PUBLISH_ALL, rows=list(revisions)).consume()
    if revisions:
        work.run(cypher.MAKE_CURRENT, batch=revisions[-1]["batch"]).consume()
    audit = [
        {
            "number": one.number,
            "at_us": microseconds_of(one.at),
            "author": one.author,
            "action": one.action,
            "detail": one.detail,
            "sha256": one.seal,
        }
        for one in copy.audit
    ]
    _run_in_chunks(work, cypher.ADD_ALL_AUDIT, audit)
    documents = [
        {name: getattr(one, name) for name in ("collection", "key", "version", "payload")}
        for one in copy.documents
    ]
    _run_in_chunks(work, journal_cypher.PUT_DOCUMENTS, documents)
    entries = [
        {
            "stream": one.stream,
            "number": one.number,
            "at_us": microseconds_of(one.at),
            "payload": one.payload,
        }
        for one in copy.entries
    ]
    _run_in_chunks(work, journal_cypher.ADD_ENTRIES, entries)
    last = [{"stream": stream, "last": number} for stream, number in copy.last_numbers.items()]
    _run_in_chunks(work, journal_cypher.SET_LAST_NUMBERS, last)
    work.run(journal_cypher.UNLOCK, commit=mark, remembered=1).consume()
    work.run(cypher.UNLOCK_ESTATE).consume()
    return True


def _run_in_chunks(work: ManagedTransaction, text: Any, held: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(held), _ROWS_AT_ONCE):
        work.run(text, rows=held[start : start + _ROWS_AT_ONCE]).consume()
