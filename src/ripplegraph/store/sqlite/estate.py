"""The embedded store: an SQLite file that keeps every revision of one estate.

An import is one transaction. The rows of the first revision are written at once; later ones stand
in a temporary table first, then what differs from the newest revision is written and the revision
is published, or nothing is. Readers read one revision and never see half an import. Rows carry the
revision from which they hold and the one from which they no longer do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import apsw
import msgspec

from ripplegraph.errors import (
    RevisionConflictError,
    StoreUnavailableError,
    UnknownRevisionError,
)
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.compilation import is_large
from ripplegraph.graph.findings import LoadReport
from ripplegraph.graph.records_of import records_in_arrays_of
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
from ripplegraph.store.rows import RowBatch, batches_of, records_of_rows
from ripplegraph.store.sealing import broken_entry, pruning_detail
from ripplegraph.store.sqlite.audit import append_to_audit, audit_entries
from ripplegraph.store.sqlite.journal_damage import journal_damage
from ripplegraph.store.sqlite.schema import (
    connect,
    has_journal,
    schema_version,
    translated,
    write_ahead,
)
from ripplegraph.store.sqlite.staging import (
    STAGED_INDEX,
    Content,
    guard_removals,
    stage,
    write_differences,
    write_first,
)
from ripplegraph.store.sqlite.transactions import one_reading, one_transaction

HOLDS = "rev_from <= :rev AND (rev_to IS NULL OR rev_to > :rev)"
_CURRENT_ROWS = "SELECT kind, payload FROM record WHERE rev_to IS NULL ORDER BY kind, ordinal, key"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Import:
    """What is published: rows, made when they are asked for, and what is said of them."""

    batches: Callable[[], Iterable[RowBatch]]
    report: LoadReport
    provenance: Provenance
    rules: ImportRules


class SqliteEstate:
    """One estate in one file; :meth:`publish` writes, everything else reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(
        self, graph: ServiceGraph, provenance: Provenance, rules: ImportRules | None = None
    ) -> Revision:
        """Keep a graph as the newest revision, or change nothing; the file is made if need be.

        An import that changes nothing is no revision: the newest one is returned. Raises
        errors of the store: conflict, removal guard, busy, unavailable.
        """
        given = _Import(
            batches=lambda: batches_of(records_in_arrays_of(graph)),
            report=graph.report,
            provenance=provenance,
            rules=rules or ImportRules(),
        )
        with self._connected(create=True, writes=True) as connection:
            first = None if self._newest(connection) else self._publish_first(connection, given)
            return first or self._publish_next(connection, given)

    def read(self, revision: int | None = None) -> ServiceGraph:
        """Return the graph of a revision, by default the newest."""
        with self._connected() as connection, one_reading(connection):
            found = self._revision(connection, revision)
            rows = connection.execute(
                f"SELECT kind, payload FROM record WHERE {HOLDS} ORDER BY kind, ordinal, key",
                {"rev": found.number},
            )
            counts = found.counts
            records = records_of_rows(
                ((str(kind), str(payload)) for kind, payload in rows),
                is_compiled=is_large(counts.get("cis", 0), counts.get("dependencies", 0)),
            )
            report = connection.execute(
                "SELECT report FROM revision WHERE rev = ?", (found.number,)
            ).get
        loaded = msgspec.json.decode(str(report), type=LoadReport)
        return build_service_graph(records).graph.with_report(loaded)

    def newest(self) -> Revision | None:
        """Return the newest revision, None if there is none yet."""
        with self._connected() as connection:
            return self._newest(connection)

    def revision_at(self, moment: datetime) -> Revision:
        """Return the revision that was the newest at a moment (aware)."""
        with self._connected() as connection:
            number = connection.execute(
                "SELECT max(rev) FROM revision WHERE at_us <= ?", (microseconds_of(moment),)
            ).get
            if number is None:
                raise UnknownRevisionError(str(self._path), f"revision at {moment.isoformat()}")
            return self._revision(connection, int(str(number)))

    def revisions(self) -> tuple[Revision, ...]:
        """Return every revision, the oldest first."""
        with self._connected() as connection:
            rows = connection.execute(f"SELECT {REVISION} FROM revision ORDER BY rev")
            return tuple(revision_of(*row) for row in rows)

    def differences(self, old: int, new: int) -> tuple[RecordDifference, ...]:
        """Return what differs between two revisions, by kind and key; places do not count."""
        with self._connected() as connection, one_reading(connection):
            before = self._rows_by_key(connection, old, other=new)
            after = self._rows_by_key(connection, new, other=old)
        return differences_of(before, after)

    def damage(self) -> tuple[str, ...]:
        """Return what is wrong in the file, a sentence each: empty if all is well."""
        with self._connected() as connection, one_reading(connection):
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            found = [] if said == ["ok"] else said
            entry = broken_entry(audit_entries(connection))
            if entry is not None:
                found.append(f"audit entry {entry} does not follow from those before it")
            newest = self._newest(connection)
            if newest is not None and _content_sha256(connection) != newest.content_sha256:
                found.append(f"the records of revision {newest.number} are not what was published")
            found += journal_damage(connection) if has_journal(connection) else []
        return tuple(found)

    def audit(self) -> tuple[AuditEntry, ...]:
        """Return what was done to the store, the oldest first."""
        with self._connected() as connection:
            return audit_entries(connection)

    def versions(self) -> tuple[str, ...]:
        """Return what keeps the store, and in which schema, a phrase each."""
        with self._connected() as connection:
            return (
                f"SQLite {apsw.sqlite_lib_version()} by apsw {apsw.apsw_version()}",
                f"schema {schema_version(connection)}",
            )

    def migrate(self) -> tuple[int, int]:
        """Bring an older file up to date; return the schema that it had, and the one it has."""
        with self._connected() as connection:
            before = schema_version(connection)
        with self._connected(writes=True) as connection:
            return before, schema_version(connection)

    def back_up(self, target: str) -> None:
        """Write a copy of the whole estate to a new file, whole though another process writes."""
        if Path(target).exists():
            raise StoreUnavailableError(target, "it is there already, and is not overwritten")
        with self._connected() as connection:
            connection.execute("VACUUM INTO ?", (target,))

    def prune(self, keep_from: int, provenance: Provenance) -> int:
        """Forget the revisions before one; return how many rows are gone."""
        with self._connected(writes=True) as connection, one_transaction(connection):
            kept = self._revision(connection, keep_from)
            connection.execute("DELETE FROM record WHERE rev_to <= ?", (kept.number,))
            gone = connection.changes()
            connection.execute("DELETE FROM revision WHERE rev < ?", (kept.number,))
            append_to_audit(
                connection,
                at_us=microseconds_of(provenance.at),
                author=provenance.author,
                action="prune",
                detail=pruning_detail(kept.number, provenance.reason),
            )
            return gone

    @contextmanager
    def _connected(
        self, *, create: bool = False, writes: bool = False
    ) -> Iterator[apsw.Connection]:
        connection = connect(self._path, create=create, writes=writes)
        try:
            yield connection
        except apsw.Error as exc:
            raise translated(self._path, exc) from exc
        finally:
            connection.close(True)

    def _publish_first(self, connection: apsw.Connection, given: _Import) -> Revision | None:
        """Publish the first revision; None if there is one by now."""
        with one_transaction(connection):
            if self._newest(connection) is not None:
                return None
            _refuse_unexpected(given.rules, 0)
            content = write_first(connection, given.batches())
            revision = self._add_revision(connection, 1, content, given)
        write_ahead(connection)
        return revision

    def _publish_next(self, connection: apsw.Connection, given: _Import) -> Revision:
        content = stage(connection, given.batches())
        newest = self._revision(connection, None)
        if newest.content_sha256 != content.sha256:
            connection.execute(STAGED_INDEX)  # before the transaction, so that it is short
        with one_transaction(connection):
            return self._publish_staged(connection, given, content)

    def _publish_staged(
        self, connection: apsw.Connection, given: _Import, content: Content
    ) -> Revision:
        newest, keeps = self._revision(connection, None), given.rules.missing is Missing.KEEP
        _refuse_unexpected(given.rules, newest.number)
        if content.sha256 == newest.content_sha256:
            return newest
        connection.execute(STAGED_INDEX)  # if somebody published meanwhile
        guard_removals(connection, given.rules)
        write_differences(connection, newest.number + 1, keeps=keeps)
        if keeps:
            content = Content(sha256=_content_sha256(connection), counts=_counts(connection))
            if content.sha256 == newest.content_sha256:
                return newest
        return self._add_revision(connection, newest.number + 1, content, given)

    def _add_revision(
        self, connection: apsw.Connection, number: int, content: Content, given: _Import
    ) -> Revision:
        provenance = given.provenance
        connection.execute(
            "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                microseconds_of(provenance.at),
                provenance.author,
                provenance.reason,
                provenance.source,
                content.sha256,
                msgspec.json.encode(content.counts).decode(),
                msgspec.json.encode(given.report).decode(),
            ),
        )
        append_to_audit(
            connection,
            at_us=microseconds_of(provenance.at),
            author=provenance.author,
            action="publish",
            detail=f"revision {number} {content.sha256}",
        )
        return self._revision(connection, number)

    def _newest(self, connection: apsw.Connection) -> Revision | None:
        row = connection.execute(
            f"SELECT {REVISION} FROM revision ORDER BY rev DESC LIMIT 1"
        ).fetchone()
        return None if row is None else revision_of(*row)

    def _revision(self, connection: apsw.Connection, number: int | None) -> Revision:
        if number is None:
            found = self._newest(connection)
            if found is None:
                raise UnknownRevisionError(str(self._path), "revision yet")
            return found
        row = connection.execute(
            f"SELECT {REVISION} FROM revision WHERE rev = ?",
            (number,),
        ).fetchone()
        if row is None:
            raise UnknownRevisionError(str(self._path), f"revision {number}")
        return revision_of(*row)

    def _rows_by_key(
        self, connection: apsw.Connection, number: int, *, other: int
    ) -> dict[tuple[str, str], str]:
        """Return the rows that hold in one revision and not, as they are, in the other."""
        self._revision(connection, number)
        rows = connection.execute(
            "SELECT kind, key, payload FROM record WHERE rev_from <= :rev"
            " AND (rev_to IS NULL OR rev_to > :rev)"
            " AND NOT (rev_from <= :other AND (rev_to IS NULL OR rev_to > :other))",
            {"rev": number, "other": other},
        )
        return {(str(kind), str(key)): str(payload) for kind, key, payload in rows}


def _refuse_unexpected(rules: ImportRules, number: int) -> None:
    if rules.expected_revision is not None and rules.expected_revision != number:
        raise RevisionConflictError(rules.expected_revision, number)


REVISION = "rev, at_us, author, reason, source, content_sha256, counts"


def revision_of(  # noqa: PLR0913, PLR0917 - one per column
    rev: object,
    at_us: object,
    author: object,
    reason: object,
    source: object,
    digest: object,
    counts: object,
) -> Revision:
    """Return a revision from its columns."""
    return Revision(
        number=int(str(rev)),
        provenance=Provenance(
            author=str(author),
            at=moment_of_microseconds(int(str(at_us))),
            reason=str(reason),
            source=str(source),
        ),
        content_sha256=str(digest),
        counts=msgspec.json.decode(str(counts), type=dict[str, int]),
    )


def _content_sha256(connection: apsw.Connection) -> str:
    rows = connection.execute(_CURRENT_ROWS)
    return content_sha256((str(kind), str(payload)) for kind, payload in rows)


def _counts(connection: apsw.Connection) -> dict[str, int]:
    rows = connection.execute(
        "SELECT kind, count(*) FROM record WHERE rev_to IS NULL GROUP BY kind ORDER BY kind"
    )
    return {str(kind): int(str(count)) for kind, count in rows}
