"""A batch read back: in chunks, which is right because it no longer changes once published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString

import numpy as np

from neo4j import Session
from ripplegraph.store.neo4j import cypher
from ripplegraph.store.neo4j.connection import Server, rows
from ripplegraph.store.rows import Row

_CHUNK = 20_000
_READERS = 2
"""So many chunks are read at once: the server finds one while another is taken."""


def rows_of_batch(session: Session, batch: int) -> tuple[Row, ...]:
    """Return the rows of a batch, sorted by kind, ordinal and key."""
    (ci_count, record_count) = _counts(session, batch)
    found: list[Row] = []
    for kind, text in (("cis", cypher.READ_CIS), ("dependencies", cypher.READ_DEPENDENCIES)):
        for low in range(0, ci_count, _CHUNK):
            for columns in rows(session, text, batch=batch, low=low, high=low + _CHUNK):
                found.extend(map(Row, [kind] * len(columns[0]), *columns))
    for low in range(0, record_count, _CHUNK):
        given = {"batch": batch, "low": low, "high": low + _CHUNK}
        for columns in rows(session, cypher.READ_RECORDS, **given):
            found.extend(map(Row, *columns))
    return sorted_rows(found)


def sorted_rows(held: Sequence[Row]) -> tuple[Row, ...]:
    """Return rows by kind, ordinal and key."""
    return tuple(sorted(held, key=lambda row: (row.kind, row.ordinal, row.key)))


def payloads_of_batch(server: Server, batch: int) -> Iterator[tuple[str, str]]:
    """Yield kind and JSON of the rows of a batch, those of a kind in their order."""
    with server.session() as session:
        ci_count, record_count = _counts(session, batch)
    chunks = list(_chunks(server, cypher.READ_RECORDS, batch, record_count))
    records = [Row(*one) for columns in chunks for one in zip(*columns, strict=True)]
    for kind, text, keyed in (
        ("cis", cypher.READ_CI_PAYLOADS, cypher.READ_CIS),
        ("dependencies", cypher.READ_DEPENDENCY_PAYLOADS, cypher.READ_DEPENDENCIES),
    ):
        ordinals, payloads = _joined(_chunks(server, text, batch, ci_count), 2)
        order = np.argsort(np.array(ordinals, dtype=np.int64), kind="stable")
        in_order = np.array(ordinals, dtype=np.int64)[order]
        if (in_order[1:] == in_order[:-1]).any():  # then keys decide
            keys, ordinals, payloads = _joined(_chunks(server, keyed, batch, ci_count), 3)
            alike = zip(ordinals, keys, payloads, strict=True)
            yield from ((kind, payload) for _, _, payload in sorted(alike))
        else:
            yield from ((kind, payloads[at]) for at in order.tolist())
    yield from ((row.kind, row.payload) for row in sorted_rows(records))


def _chunks(
    server: Server, text: LiteralString, batch: int, count: int
) -> Iterator[tuple[list[Any], ...]]:
    def chunk(low: int) -> tuple[list[Any], ...]:
        with server.session() as session:
            return rows(session, text, batch=batch, low=low, high=low + _CHUNK)[0]

    with ThreadPoolExecutor(_READERS) as readers:
        yield from readers.map(chunk, range(0, count, _CHUNK))


def _joined(chunks: Iterator[tuple[list[Any], ...]], width: int) -> list[list[Any]]:
    """Return each column of chunks as one list."""
    whole: list[list[Any]] = [[] for _ in range(width)]
    for columns in chunks:
        for cells, more in zip(whole, columns, strict=True):
            cells.extend(more)
    return whole


def _counts(session: Session, batch: int) -> tuple[int, int]:
    """Return one more than the last number of a CI, and of a record."""
    ((ci_count,),) = rows(session, cypher.CI_COUNT, batch=batch)
    ((record_count,),) = rows(session, cypher.RECORD_COUNT, batch=batch)
    return ci_count, record_count
