"""The driver of a Neo4j server, and its errors as those of ripplegraph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, LiteralString, TypeVar
from weakref import finalize

from neo4j.exceptions import AuthError, DriverError, IncompleteCommit, Neo4jError

from neo4j import Driver, GraphDatabase, ManagedTransaction, Session
from ripplegraph.errors import StoreSchemaError, StoreUnavailableError
from ripplegraph.store.neo4j import cypher

Done = TypeVar("Done")

SCHEMA_VERSION = 2
_SECONDS_TO_CONNECT = 10
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is, and who asks; no password is shown in errors or logs."""

    uri: str
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Address(uri={self.uri!r}, user={self.user!r})"


class Server:
    """One server, with a driver that is opened when it is first needed and then kept."""

    def __init__(self, address: Address) -> None:
        self.uri = address.uri
        self._address = address
        self._driver: Driver | None = None
        self._is_prepared = False
        self._opening = Lock()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session to read; its errors become those of a store."""
        try:
            with self._opened().session() as session:
                yield session
        except AuthError as exc:
            reason = "the server refuses the user or the password"
            raise StoreUnavailableError(self.uri, reason) from exc
        except (DriverError, Neo4jError) as exc:
            raise StoreUnavailableError(self.uri, _words_of(exc)) from exc

    @contextmanager
    def writing_session(self) -> Iterator[Session]:
        """Open a session to write, on a server that has the constraints of this schema."""
        with self.session() as session:
            if not self._is_prepared:
                migrate(session, self.uri)
                self._is_prepared = True
            yield session

    def _opened(self) -> Driver:
        with self._opening:
            if self._driver is None:
                driver = _driver_of(self._address)
                try:
                    driver.verify_connectivity()
                    with driver.session() as session:
                        schema_of(session, self.uri)
                except BaseException:
                    driver.close()
                    raise
                finalize(self, driver.close)
                self._driver = driver
            return self._driver


def migrate(session: Session, uri: str) -> tuple[int, int]:
    """Bring a server up to this schema; return the schema that it had, and the one it has.

    Constraints come first, and with them the indexes, that every MERGE relies on.
    """
    before = schema_of(session, uri)
    for text in cypher.CONSTRAINTS:
        session.run(text).consume()
    session.run("CALL db.awaitIndexes(300)").consume()
    ((after,),) = written(session, cypher.SET_SCHEMA, schema=SCHEMA_VERSION)
    return before or after, after


def schema_of(session: Session, uri: str) -> int:
    """Return the schema of a server, 0 if it holds no estate yet; a newer one is refused."""
    found = rows(session, cypher.SCHEMA)
    version = found[0][0] if found else 0
    if version > SCHEMA_VERSION:
        raise StoreSchemaError(uri, version, SCHEMA_VERSION)
    return int(version)


def rows(session: Session, text: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
    """Return what a query gives, as tuples; it is repeated if the server asks for that."""
    return session.execute_read(lambda work: [tuple(one) for one in work.run(text, parameters)])


def written(session: Session, text: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
    """Write in one transaction, and return what it gives; the text can be repeated."""
    return repeated(session, lambda work: [tuple(one) for one in work.run(text, parameters)])


def repeated(session: Session, work: Callable[[ManagedTransaction], Done]) -> Done:
    """Write in one transaction, again if its answer was lost: the work must bear that.

    The driver repeats what the server asks it to, but not a commit of which it does not know
    whether it was done.
    """
    for _ in range(_TRIES - 1):
        try:
            return session.execute_write(work)
        except IncompleteCommit:
            continue
    return session.execute_write(work)


def staged(
    session: Session, text: LiteralString, batch: int, chunk: Sequence[dict[str, Any]]
) -> int:
    """Write a chunk of rows in one transaction, and return how many the server took.

    The same transaction says that somebody still works on the batch: one of its own would cost
    the server another flush to disk.
    """

    def work(transaction: ManagedTransaction) -> list[tuple[Any, ...]]:
        transaction.run(cypher.STILL_STAGING, {"batch": batch})
        return [tuple(one) for one in transaction.run(text, {"batch": batch, "rows": chunk})]

    answer = repeated(session, work)
    return int(answer[0][0]) if answer else 0


def _driver_of(address: Address) -> Driver:
    auth = (address.user, address.password) if address.user else None
    return GraphDatabase.driver(
        address.uri,
        auth=auth,
        connection_timeout=_SECONDS_TO_CONNECT,
        connection_acquisition_timeout=_SECONDS_TO_CONNECT,
        notifications_min_severity="OFF",
    )


def _words_of(exc: Exception) -> str:
    code = getattr(exc, "code", None)
    text = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
    return f"{text} [{code}]" if code else text
