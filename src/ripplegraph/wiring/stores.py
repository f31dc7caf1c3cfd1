"""Stores by name: which adapter keeps the revisions of an estate, and which revision is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ripplegraph.errors import SettingsError, UnknownRevisionError
from ripplegraph.wiring.extras import missing_extra
from ripplegraph.wiring.moments import moment_in

if TYPE_CHECKING:
    from ripplegraph.graph.ports import EstateJournal, EstateStore
    from ripplegraph.store.neo4j.connection import Address

SERVER_SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})


def is_estate(text: str) -> bool:
    """Return whether a source is a store rather than an export."""
    if is_server_address(text):
        return True
    path = Path(text)
    if text == "-" or not path.is_file():
        return False
    from ripplegraph.store.sqlite.sqlite_files import is_sqlite_file

    return is_sqlite_file(path)


def is_server_address(text: str) -> bool:
    """Return whether a source is the address of a Neo4j server."""
    return text.partition("://")[0] in SERVER_SCHEMES


def open_estate(text: str) -> EstateStore:
    """Return the store in a file or on a Neo4j server; opening reads nothing yet."""
    if is_server_address(text):
        return _open_server(text)
    from ripplegraph.store.sqlite.estate import SqliteEstate

    return SqliteEstate(Path(text))


def _open_server(uri: str) -> EstateStore:
    address = address_of(uri)
    from ripplegraph.store.neo4j.estate import Neo4jEstate

    return Neo4jEstate(address)


def address_of(uri: str) -> Address:
    """Return where a server is, with the user and the password of the settings."""
    from ripplegraph.settings import read_settings

    try:
        from ripplegraph.store.neo4j.connection import Address
    except ModuleNotFoundError as exc:
        raise missing_extra(exc, "a store in Neo4j", "neo4j") from exc
    if "@" in uri:
        raise SettingsError(
            setting="SOURCE",
            reason="the address holds a user or a password, which others could read",
            advice="Set RIPPLEGRAPH_NEO4J_USER and RIPPLEGRAPH_NEO4J_PASSWORD_FILE",
        )
    settings = read_settings()
    user, password = settings.neo4j_user, settings.neo4j_password
    return Address(uri=uri, user=user, password=password)


def revision_number(estate: EstateStore, text: str | None) -> int | None:
    """Return the revision that a person means: a number, or a time; None for the newest."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return int(text)
    advice = "Write a number, or a time such as 2026-11-23T03:00Z"
    moment = moment_in(text, "--revision", flaw="is neither", advice=advice)
    return estate.revision_at(moment).number


def newest_number(estate: EstateStore, text: str) -> int:
    """Return the number of the newest revision; a store without one is an error."""
    found = estate.newest()
    if found is None:
        raise UnknownRevisionError(text, "revision yet")
    return found.number


@contextmanager
def sole_server(text: str) -> Iterator[None]:
    """Be the one process that serves an embedded store; exports and Neo4j are served by many."""
    if is_server_address(text) or not is_estate(text):
        yield
        return
    from ripplegraph.store.sqlite.serving_lock import serving_lock

    with serving_lock(Path(text)):
        yield


def open_journal(text: str | None) -> EstateJournal:
    """Return the journal beside the revisions of a store; that of an export ends with the process.

    Opening reads nothing yet.
    """
    if text is not None and is_server_address(text):
        address = address_of(text)
        from ripplegraph.store.neo4j.journal import Neo4jJournal

        return Neo4jJournal(address)
    if text is not None and is_estate(text):
        from ripplegraph.store.sqlite.journal import SqliteJournal

        return SqliteJournal(Path(text))
    from ripplegraph.store.memory_journal import MemoryJournal

    return MemoryJournal()
