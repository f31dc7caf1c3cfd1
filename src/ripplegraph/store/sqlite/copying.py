"""A whole estate out of a file, and into a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw
import msgspec

from ripplegraph.errors import StoreUnavailableError
from ripplegraph.store.estate_copy import EstateCopy, KeptRevision
from ripplegraph.store.moments import microseconds_of
from ripplegraph.store.rows import Row
from ripplegraph.store.sqlite.audit import audit_entries
from ripplegraph.store.sqlite.estate import HOLDS, REVISION, revision_of
from ripplegraph.store.sqlite.journal import document_of, entry_of
from ripplegraph.store.sqlite.schema import connect, has_journal, translated
from ripplegraph.store.sqlite.staging import (
    INTO_STAGED,
    STAGED,
    STAGED_INDEX,
    write_differences,
)
from ripplegraph.store.sqlite.transactions import one_reading, one_transaction


@contextmanager
def copy_out_of(path: Path) -> Iterator[EstateCopy]:
    """Yield all that a file holds, as it stands now whoever writes meanwhile."""
    with closing(connect(path)) as connection:
        try:
            with one_reading(connection):
                yield _copy_of(path, connection)
        except apsw.Error as exc:
            raise translated(path, exc) from exc


def write_copy(copy: EstateCopy, path: Path) -> None:
    """Write a new file that holds a whole estate; one that is there is not overwritten."""
    if path.exists():
        raise StoreUnavailableError(str(path), "it is there already, and is not overwritten")
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(connect(unfinished, create=True, writes=True)) as connection:
            _write(connection, copy)
        unfinished.rename(path)
    except apsw.Error as exc:
        raise translated(path, exc) from exc
    except OSError as exc:
        raise StoreUnavailableError(str(path), exc.strerror or str(exc)) from exc
    finally:
        for ending in ("", "-wal", "-shm"):
            with suppress(OSError):
                path.with_name(f"{unfinished.name}{ending}").unlink(missing_ok=True)


def _copy_of(path: Path, connection: apsw.Connection) -> EstateCopy:
    found = connection.execute(f"SELECT {REVISION}, report FROM revision ORDER BY rev").fetchall()
    copy = EstateCopy(
        revisions=(_kept(path, connection, row) for row in found),
        audit=audit_entries(connection),
        documents=(),
        entries=(),
        last_numbers={},
    )
    if not has_journal(connection):
        return copy
    documents = connection.execute("SELECT * FROM journal_document ORDER BY collection, key")
    entries = connection.execute("SELECT * FROM journal_entry ORDER BY stream, number")
    last = connection.execute("SELECT stream, last FROM journal_stream ORDER BY stream")
    return EstateCopy(
        revisions=copy.revisions,
        audit=copy.audit,
        documents=tuple(document_of(*row) for row in documents),
        entries=tuple(entry_of(*row) for row in entries),
        last_numbers={str(stream): int(str(number)) for stream, number in last},
    )


def _kept(path: Path, connection: apsw.Connection, row: tuple[object, ...]) -> KeptRevision:
    *columns, report = row
    revision = revision_of(*columns)
    rows = connection.execute(
        f"SELECT kind, key, ordinal, payload FROM record WHERE {HOLDS}"
        " ORDER BY kind, ordinal, key",
        {"rev": revision.number},
    )
    kept = KeptRevision(
        revision=revision,
        report=str(report),
        rows=[
            Row(str(kind), str(key), int(str(ordinal)), str(payload))
            for kind, key, ordinal, payload in rows
        ],
    )
    kept.check(str(path))
    return kept


def _write(connection: apsw.Connection, copy: EstateCopy) -> None:
    connection.execute(STAGED)
    connection.execute(STAGED_INDEX)
    with one_transaction(connection):
        for kept in copy.revisions:
            _write_revision(connection, kept)
        connection.executemany(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)",
            (
                (one.number, microseconds_of(one.at), one.author, one.action, one.detail, one.seal)
                for one in copy.audit
            ),
        )
        connection.executemany(
            "INSERT INTO journal_document VALUES (?, ?, ?, ?)",
            ((one.collection, one.key, one.version, one.payload) for one in copy.documents),
        )
        connection.executemany(
            "INSERT INTO journal_entry VALUES (?, ?, ?, ?)",
            (
                (one.stream, one.number, microseconds_of(one.at), one.payload)
                for one in copy.entries
            ),
        )
        connection.executemany(
            "INSERT INTO journal_stream VALUES (?, ?)", copy.last_numbers.items()
        )


def _write_revision(connection: apsw.Connection, kept: KeptRevision) -> None:
    connection.execute("DELETE FROM staged")
    connection.executemany(INTO_STAGED, kept.rows)
    revision = kept.revision
    write_differences(connection, revision.number, keeps=False)
    provenance = revision.provenance
    connection.execute(
        "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            revision.number,
            microseconds_of(provenance.at),
            provenance.author,
            provenance.reason,
            provenance.source,
            revision.content_sha256,
            msgspec.json.encode(dict(revision.counts)).decode(),
            kept.report,
        ),
    )
