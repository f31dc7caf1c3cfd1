"""Transactions of SQLite: one that writes and is whole, one that reads and stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apsw


@contextmanager
def one_transaction(connection: apsw.Connection) -> Iterator[None]:
    """Do everything or nothing; waits for another writer first."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back if the disk is full
            connection.execute("ROLLBACK")
        raise


@contextmanager
def one_reading(connection: apsw.Connection) -> Iterator[None]:
    """Let every statement see one and the same state, whoever writes meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
