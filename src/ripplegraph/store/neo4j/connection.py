"""The driver of a Neo4j server, and its errors as those of ripplegraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

from neo4j.exceptions import AuthError, DriverError, Neo4jError

from neo4j import Driver, GraphDatabase, Session
from ripplegraph.errors import StoreUnavailableError
from ripplegraph.store.neo4j import cypher

_SECONDS_TO_CONNECT = 10
_CONSTRAINTS_EXIST = "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is, and who asks; no password is shown in errors or logs."""

    uri: str
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Address(uri={self.uri!r}, user={self.user!r})"


@contextmanager
def session_of(address: Address) -> Iterator[Session]:
    """Open a session on a server; its errors become those of a store."""
    auth = (address.user, address.password) if address.user else None
    try:
        with (
            GraphDatabase.driver(
                address.uri,
                auth=auth,
                connection_timeout=_SECONDS_TO_CONNECT,
                connection_acquisition_timeout=_SECONDS_TO_CONNECT,
                notifications_min_severity="OFF",
            ) as driver,
            driver.session() as session,
        ):
            _check(driver)
            yield session
    except AuthError as exc:
        reason = "the server refuses the user or the password"
        raise StoreUnavailableError(address.uri, reason) from exc
    except (DriverError, Neo4jError) as exc:
        raise StoreUnavailableError(address.uri, _words_of(exc)) from exc


def make_constraints(session: Session) -> None:
    """Make the constraints, and with them the indexes, that every MERGE relies on."""
    for text in cypher.CONSTRAINTS:
        session.run(text).consume()
    session.run("CALL db.awaitIndexes(300)").consume()


def rows(session: Session, text: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
    """Return what a query gives, as tuples; it is repeated if the server asks for that."""
    return session.execute_read(lambda work: [tuple(one) for one in work.run(text, parameters)])


def written(session: Session, text: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
    """Write in one transaction, repeated if the server asks for that; return what it gives."""
    return session.execute_write(lambda work: [tuple(one) for one in work.run(text, parameters)])


def written_in_batches(
    session: Session, text: LiteralString, batch: int, chunks: Iterator[Sequence[dict[str, Any]]]
) -> int:
    """Write chunks of rows, a transaction each, and return how many rows the server took."""
    taken = 0
    for chunk in chunks:
        answer = written(session, text, batch=batch, rows=list(chunk))
        taken += answer[0][0] if answer else 0
        written(session, cypher.STILL_STAGING, batch=batch)
    return taken


def _check(driver: Driver) -> None:
    driver.verify_connectivity()


def _words_of(exc: Exception) -> str:
    code = getattr(exc, "code", None)
    text = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
    return f"{text} [{code}]" if code else text
