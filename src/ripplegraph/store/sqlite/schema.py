"""The tables of the embedded store, and how a file is opened and made."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

import apsw

from ripplegraph.errors import (
    StoreBusyError,
    StoreCorruptError,
    StoreSchemaError,
    StoreUnavailableError,
)
from ripplegraph.store.sqlite.transactions import one_transaction

APPLICATION_ID = 0x52504C47  # "RPLG": tells an estate from any other SQLite file
SCHEMA_VERSION = 2
BUSY_MILLISECONDS = 10_000
CACHE_KIB = 64_000
_FIRST_WITH_JOURNAL = 2

INDEX_OF_NEWEST = "CREATE INDEX record_now ON record (kind, key) WHERE rev_to IS NULL"
_TABLES = """
CREATE TABLE revision (
  rev INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  source TEXT NOT NULL,
  content_sha256 TEXT NOT NULL,
  counts TEXT NOT NULL,
  report TEXT NOT NULL
) STRICT;
CREATE TABLE record (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  payload TEXT NOT NULL,
  rev_from INTEGER NOT NULL,
  rev_to INTEGER
) STRICT;
{index};
CREATE INDEX record_ended ON record (rev_to) WHERE rev_to IS NOT NULL;
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  author TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  sha256 TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_stands BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
""".replace("{index}", INDEX_OF_NEWEST)
_JOURNAL_TABLES = """
CREATE TABLE journal_document (
  collection TEXT NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (collection, key)
) STRICT;
CREATE TABLE journal_entry (
  stream TEXT NOT NULL,
  number INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (stream, number)
) STRICT;
CREATE TABLE journal_stream (
  stream TEXT PRIMARY KEY NOT NULL,
  last INTEGER NOT NULL
) STRICT;
"""
_STEPS = {2: _JOURNAL_TABLES}
"""What makes a file of the version before into one of this version."""


def connect(path: Path, *, create: bool = False, writes: bool = False) -> apsw.Connection:
    """Return a connection to an estate; a new file gets the tables if it may be made.

    Who writes brings a file of an older schema up to this one. Every commit is on the disk
    when it returns (``synchronous=EXTRA``).
    """
    flags = apsw.SQLITE_OPEN_READWRITE if writes else apsw.SQLITE_OPEN_READONLY
    if create:
        flags |= apsw.SQLITE_OPEN_CREATE
    try:
        connection = apsw.Connection(str(path), flags=flags)
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        connection.execute("PRAGMA trusted_schema=OFF")
        if writes:
            connection.execute("PRAGMA synchronous=EXTRA")  # FULL, and the folder too
        else:
            _take_back_half_an_import(path, connection)
        if create:
            _make_tables(connection)
        _refuse_foreign(path, connection)
        if writes:
            _migrate(connection)
            if not create or _holds_revision(connection):
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    except apsw.Error as exc:
        raise translated(path, exc) from exc
    return connection


def write_ahead(connection: apsw.Connection) -> None:
    """Let readers read on while somebody writes, from now on; if one reads now, the next time.

    The first revision is written without: nobody reads yet, and a new page is written once
    then, not twice.
    """
    with suppress(apsw.BusyError):
        connection.execute("PRAGMA journal_mode=WAL")


def translated(path: Path, exc: apsw.Error) -> Exception:
    """Return the error of ripplegraph for one of SQLite."""
    if isinstance(exc, (apsw.BusyError, apsw.LockedError)):
        return StoreBusyError(str(path))
    if isinstance(exc, (apsw.CorruptError, apsw.NotADBError)):
        return StoreCorruptError(str(path), str(exc))
    return StoreUnavailableError(str(path), str(exc))


def schema_version(connection: apsw.Connection) -> int:
    """Return the version of the schema of an open file."""
    return _number(connection, "user_version")


def has_journal(connection: apsw.Connection) -> bool:
    """Return whether the file has the tables of the journal, which came with version 2."""
    return schema_version(connection) >= _FIRST_WITH_JOURNAL


def _take_back_half_an_import(path: Path, connection: apsw.Connection) -> None:
    """Let SQLite take back what a process left that was killed in the first import.

    It does that when the file is next read, but not for who may only read.
    """
    try:
        schema_version(connection)
    except apsw.ReadOnlyError:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as writer:
            schema_version(writer)


def _make_tables(connection: apsw.Connection) -> None:
    """Make the tables of a new, empty file, in one transaction: a crash leaves an empty file."""
    with one_transaction(connection):
        if _number(connection, "application_id") == 0 and not _has_tables(connection):
            connection.execute(_TABLES)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute("PRAGMA user_version=1")


def _migrate(connection: apsw.Connection) -> None:
    """Bring an older file up to this schema, in one transaction: a crash leaves it as it was."""
    if schema_version(connection) == SCHEMA_VERSION:
        return
    with one_transaction(connection):
        for version in range(schema_version(connection) + 1, SCHEMA_VERSION + 1):
            connection.execute(_STEPS[version])
            connection.execute(f"PRAGMA user_version={version}")


def _refuse_foreign(path: Path, connection: apsw.Connection) -> None:
    if _number(connection, "application_id") != APPLICATION_ID:
        raise StoreUnavailableError(str(path), "it is an SQLite file, but no ripplegraph estate")
    version = schema_version(connection)
    if version > SCHEMA_VERSION:
        raise StoreSchemaError(str(path), version, SCHEMA_VERSION)


def _holds_revision(connection: apsw.Connection) -> bool:
    return connection.execute("SELECT 1 FROM revision LIMIT 1").get is not None


def _number(connection: apsw.Connection, pragma: str) -> int:
    return int(str(connection.execute(f"PRAGMA {pragma}").get))


def _has_tables(connection: apsw.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").get is not None
