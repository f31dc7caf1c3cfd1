"""The shared store: revisions of one estate in a Neo4j server.

An import is staged as a batch of nodes that nobody reads, and published by one small flip. A crash
leaves a batch that stays unread; a later import clears it away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import msgspec
from neo4j.exceptions import ConstraintError

from neo4j import ManagedTransaction, Session
from ripplegraph.errors import (
    RemovalGuardError,
    RevisionConflictError,
    UnknownRevisionError,
)
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.compilation import is_large
from ripplegraph.graph.findings import LoadReport
from ripplegraph.graph.revisions import (
    AuditEntry,
    ImportRules,
    Missing,
    Provenance,
    RecordDifference,
    Revision,
)
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.store.comparing import content_sha256, differences_of
from ripplegraph.store.moments import microseconds_of, moment_of_microseconds
from ripplegraph.store.neo4j import cypher
from ripplegraph.store.neo4j.connection import (
    Address,
    Server,
    migrate,
    repeated,
    rows,
    schema_of,
    written,
)
from ripplegraph.store.neo4j.journal_damage import journal_damage
from ripplegraph.store.neo4j.reading import payloads_of_batch, rows_of_batch, sorted_rows
from ripplegraph.store.neo4j.staging import Batch, stage
from ripplegraph.store.rows import Row, records_of_rows
from ripplegraph.store.sealing import broken_entry, pruning_detail, seal_of

_TRIES = 10
_IDLE_MILLISECONDS = 10 * 60 * 1000  # a staging batch untouched for longer was abandoned


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A revision, and the batch of nodes that holds it."""

    revision: Revision
    batch: int


class Neo4jEstate:
    """One estate in one server; :meth:`publish` and :meth:`prune` write, the rest reads."""

    def __init__(self, address: Address) -> None:
        self._server = Server(address)

    def publish(
        self, graph: ServiceGraph, provenance: Provenance, rules: ImportRules | None = None
    ) -> Revision:
        """Keep a graph as the newest revision, or change nothing.

        An import that changes nothing is no revision: the newest one is returned. Raises
        errors of the store: conflict, removal guard, unavailable.
        """
        rules = rules or ImportRules()
        with self._server.writing_session() as session:
            _clear_away(
                session,
                [
                    batch
                    for (batch,) in written(
                        session, cypher.ABANDONED, idle_milliseconds=_IDLE_MILLISECONDS
                    )
                ],
            )
            newest = _newest(session)
            number = newest.revision.number if newest else 0
            if rules.expected_revision is not None and rules.expected_revision != number:
                raise RevisionConflictError(rules.expected_revision, number)
            held = _merged(session, newest, graph, rules)
            digest = content_sha256((row.kind, row.payload) for row in held.rows)
            if newest is not None and newest.revision.content_sha256 == digest:
                return newest.revision
            return self._staged_and_published(session, held, provenance, digest, number)

    def read(self, revision: int | None = None) -> ServiceGraph:
        """Return the graph of a revision, by default the newest."""
        with self._server.session() as session:
            found = self._published(session, revision)
            counts = found.revision.counts
            records = records_of_rows(
                payloads_of_batch(self._server, found.batch),
                is_compiled=is_large(counts.get("cis", 0), counts.get("dependencies", 0)),
            )
            report = rows(session, cypher.REPORT, batch=found.batch)
            if not report:  # it was pruned meanwhile, so that rows may be missing
                raise UnknownRevisionError(self._server.uri, f"revision {found.revision.number}")
        loaded = msgspec.json.decode(report[0][0], type=LoadReport)
        return build_service_graph(records).graph.with_report(loaded)

    def newest(self) -> Revision | None:
        """Return the newest revision, None if there is none yet."""
        with self._server.session() as session:
            found = _newest(session)
        return found.revision if found else None

    def revision_at(self, moment: datetime) -> Revision:
        """Return the revision that was the newest at a moment (aware)."""
        found = [one for one in self.revisions() if one.provenance.at <= moment]
        if not found:
            raise UnknownRevisionError(self._server.uri, f"revision at {moment.isoformat()}")
        return found[-1]

    def revisions(self) -> tuple[Revision, ...]:
        """Return every revision, the oldest first."""
        with self._server.session() as session:
            return tuple(one.revision for one in all_published(session))

    def differences(self, old: int, new: int) -> tuple[RecordDifference, ...]:
        """Return what differs between two revisions, by kind and key; places do not count."""
        with self._server.session() as session:
            batches = [self._published(session, number).batch for number in (old, new)]
            before, after = (
                {(row.kind, row.key): row.payload for row in rows_of_batch(session, batch)}
                for batch in batches
            )
        return differences_of(before, after)

    def damage(self) -> tuple[str, ...]:
        """Return what is wrong in the store, a sentence each: empty if all is well."""
        found: list[str] = []
        with self._server.session() as session:
            entry = broken_entry(audit_of(session))
            if entry is not None:
                found.append(f"audit entry {entry} does not follow from those before it")
            newest = _newest(session)
            if newest is not None:
                held = rows_of_batch(session, newest.batch)
                digest = content_sha256((row.kind, row.payload) for row in held)
                if digest != newest.revision.content_sha256:
                    number = newest.revision.number
                    found.append(f"the records of revision {number} are not what was published")
            found += journal_damage(session)
        return tuple(found)

    def audit(self) -> tuple[AuditEntry, ...]:
        """Return what was done to the store, the oldest first."""
        with self._server.session() as session:
            return audit_of(session)

    def versions(self) -> tuple[str, ...]:
        """Return what keeps the store, and in which schema, a phrase each."""
        with self._server.session() as session:
            ((name, number, edition),) = rows(session, cypher.COMPONENTS)
            schema = schema_of(session, self._server.uri)
        driver = version("neo4j")
        return (f"{name} {number} {edition} by driver {driver}", f"schema {schema}")

    def migrate(self) -> tuple[int, int]:
        """Bring an older store up to date; return the schema that it had, and the one it has."""
        with self._server.session() as session:
            return migrate(session, self._server.uri)

    def prune(self, keep_from: int, provenance: Provenance) -> int:
        """Forget the revisions before one; return how many nodes are gone."""
        with self._server.writing_session() as session:
            kept = self._published(session, keep_from).revision.number
            batches = repeated(session, lambda work: _forgotten(work, kept, provenance))
            return _clear_away(session, batches)

    def _published(self, session: Session, number: int | None) -> Published:
        found = all_published(session)
        if number is None:
            if not found:
                raise UnknownRevisionError(self._server.uri, "revision yet")
            return found[-1]
        for one in found:
            if one.revision.number == number:
                return one
        raise UnknownRevisionError(self._server.uri, f"revision {number}")

    def _staged_and_published(
        self, session: Session, held: Batch, provenance: Provenance, digest: str, number: int
    ) -> Revision:
        ((batch,),) = written(session, cypher.NEW_BATCH)
        try:
            stage(session, batch, held)
            counts = dict(sorted(Counter(row.kind for row in held.rows).items()))
            flipped = _flipped(
                session,
                provenance,
                f"revision {number + 1} {digest}",
                batch=batch,
                expected=number,
                props={
                    "at_us": microseconds_of(provenance.at),
                    "author": provenance.author,
                    "reason": provenance.reason,
                    "source": provenance.source,
                    "content_sha256": digest,
                    "counts": msgspec.json.encode(counts).decode(),
                    "report": msgspec.json.encode(held.graph.report).decode(),
                },
            )
        except BaseException:
            written(session, cypher.ABANDON, batch=batch)
            raise
        if not flipped:
            written(session, cypher.ABANDON, batch=batch)
            newest = _newest(session)
            raise RevisionConflictError(number, newest.revision.number if newest else 0)
        return self._published(session, number + 1).revision


def _flipped(
    session: Session, provenance: Provenance, detail: str, *, batch: int, **parameters: Any
) -> bool:
    """Publish a batch; return whether it is the one that came through.

    The driver repeats a flip whose answer was lost; what was published then counts.
    """
    for _ in range(_TRIES):
        audit = _audit_entry(rows(session, cypher.LAST_AUDIT), provenance, "publish", detail)
        with suppress(ConstraintError):  # else somebody's audit entry took the number meanwhile
            if written(session, cypher.PUBLISH, batch=batch, audit=audit, **parameters):
                return True
            return bool(rows(session, cypher.PUBLISHED, batch=batch))
    return False


def _forgotten(work: ManagedTransaction, number: int, provenance: Provenance) -> list[int]:
    """Take the revisions before one from the readers, and say so in the audit, or do neither."""
    work.run(cypher.LOCK_ESTATE).consume()  # nobody publishes meanwhile
    batches = [batch for (batch,) in work.run(cypher.OLDER, no=number).values()]
    last = [tuple(one) for one in work.run(cypher.LAST_AUDIT)]
    detail = pruning_detail(number, provenance.reason)
    audit = _audit_entry(last, provenance, "prune", detail)
    work.run(cypher.ADD_AUDIT, audit=audit).consume()
    work.run(cypher.UNLOCK_ESTATE).consume()
    return batches


def _merged(
    session: Session, newest: Published | None, graph: ServiceGraph, rules: ImportRules
) -> Batch:
    """Return what is to be published: the import, with what it lacks if that is to be kept."""
    held = Batch.of(graph)
    old = rows_of_batch(session, newest.batch) if newest else ()
    if rules.missing is not Missing.KEEP:
        _guard_removals(old, held.rows, rules)
        return held
    keys = {(row.kind, row.key) for row in held.rows}
    kept = [row for row in old if (row.kind, row.key) not in keys]
    merged = sorted_rows([*held.rows, *kept])
    records = records_of_rows((row.kind, row.payload) for row in merged)
    built = build_service_graph(records).graph.with_report(graph.report)
    return Batch.of(built)


def _guard_removals(old: tuple[Row, ...], new: tuple[Row, ...], rules: ImportRules) -> None:
    before = {row.key for row in old if row.kind == "cis"}
    gone = len(before - {row.key for row in new if row.kind == "cis"})
    limit = 0.0 if rules.missing is Missing.FAIL else rules.max_removed_share
    if gone > limit * len(before):
        raise RemovalGuardError(gone, len(before), limit)


def all_published(session: Session) -> list[Published]:
    """Return every revision, the oldest first."""
    return list(map(_published_of, rows(session, cypher.REVISIONS)))


def _newest(session: Session) -> Published | None:
    found = rows(session, cypher.NEWEST)
    return _published_of(found[0]) if found else None


def _published_of(row: tuple[Any, ...]) -> Published:
    number, at_us, author, reason, source, digest, counts, batch = row
    revision = Revision(
        number=number,
        provenance=Provenance(
            author=author, at=moment_of_microseconds(at_us), reason=reason, source=source
        ),
        content_sha256=digest,
        counts=msgspec.json.decode(counts, type=dict[str, int]),
    )
    return Published(revision=revision, batch=batch)


def _clear_away(session: Session, batches: list[int]) -> int:
    """Delete batches that nobody reads any more; return how many nodes are gone."""
    return sum(_deleted(session, batch) for batch in batches)


def _deleted(session: Session, batch: int) -> int:
    gone = 0
    for text in (cypher.DELETE_CIS, cypher.DELETE_RECORDS):
        gone += sum(_until_none(session, text, batch))
    written(session, cypher.DELETE_REVISION, batch=batch)
    return gone


def _until_none(session: Session, text: Any, batch: int) -> Iterator[int]:
    while count := written(session, text, batch=batch)[0][0]:
        yield count


def _audit_entry(
    last: Sequence[tuple[Any, ...]], provenance: Provenance, action: str, detail: str
) -> dict[str, Any]:
    """Return the entry that follows the last one, if there is any."""
    number, seal = last[0] if last else (0, "")
    at_us = microseconds_of(provenance.at)
    return {
        "number": number + 1,
        "at_us": at_us,
        "author": provenance.author,
        "action": action,
        "detail": detail,
        "sha256": seal_of(
            seal, at_us=at_us, author=provenance.author, action=action, detail=detail
        ),
    }


def audit_of(session: Session) -> tuple[AuditEntry, ...]:
    """Return what was done to the store, the oldest first."""
    return tuple(
        AuditEntry(
            number=number,
            at=moment_of_microseconds(at_us),
            author=author,
            action=action,
            detail=detail,
            seal=seal,
        )
        for number, at_us, author, action, detail, seal in rows(session, cypher.AUDIT)
    )
