"""Rows on their way into a file: all of the first revision, later what differs from the newest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat

import apsw

from ripplegraph.errors import RemovalGuardError
from ripplegraph.graph.revisions import ImportRules, Missing
from ripplegraph.store.comparing import ContentHash
from ripplegraph.store.rows import RowBatch
from ripplegraph.store.sqlite.schema import INDEX_OF_NEWEST

STAGED = (
    "CREATE TEMP TABLE staged (kind TEXT NOT NULL, key TEXT NOT NULL, ordinal INTEGER NOT NULL,"
    " payload TEXT NOT NULL)"
)
STAGED_INDEX = "CREATE UNIQUE INDEX IF NOT EXISTS temp.staged_key ON staged (kind, key)"
INTO_STAGED = "INSERT INTO staged VALUES (?, ?, ?, ?)"
_AS_FIRST = "INSERT INTO record VALUES (?, ?, ?, ?, 1, NULL)"
_SAME_ROW = "s.kind = r.kind AND s.key = r.key"
_EQUAL_ROW = f"{_SAME_ROW} AND s.ordinal = r.ordinal AND s.payload = r.payload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an import holds: the hash of its rows, and how many there are of each kind."""

    sha256: str
    counts: dict[str, int]


def stage(connection: apsw.Connection, batches: Iterable[RowBatch]) -> Content:
    """Keep rows in a temporary table, in their order."""
    connection.execute(STAGED)
    connection.execute("BEGIN")
    content = _insert(connection, INTO_STAGED, batches)
    connection.execute("COMMIT")
    return content


def write_first(connection: apsw.Connection, batches: Iterable[RowBatch]) -> Content:
    """Write the rows of the first revision; an index over all at once is made sooner."""
    connection.execute("DROP INDEX record_now")
    content = _insert(connection, _AS_FIRST, batches)
    connection.execute(INDEX_OF_NEWEST)
    return content


def guard_removals(connection: apsw.Connection, rules: ImportRules) -> None:
    """Refuse an import without more of the newest CIs than its rules allow."""
    if rules.missing is Missing.KEEP:
        return
    before = _count(connection, "SELECT count(*) FROM record WHERE rev_to IS NULL AND kind='cis'")
    gone = _count(
        connection,
        "SELECT count(*) FROM record r WHERE rev_to IS NULL AND kind = 'cis'"
        f" AND NOT EXISTS (SELECT 1 FROM staged s WHERE {_SAME_ROW})",
    )
    limit = 0.0 if rules.missing is Missing.FAIL else rules.max_removed_share
    if gone > limit * before:
        raise RemovalGuardError(gone, before, limit)


def write_differences(connection: apsw.Connection, number: int, *, keeps: bool) -> None:
    """End the rows that no longer hold, and add those that are new or changed."""
    kept = f" AND EXISTS (SELECT 1 FROM staged s WHERE {_SAME_ROW})" if keeps else ""
    connection.execute(
        "UPDATE record AS r SET rev_to = ? WHERE rev_to IS NULL"
        f" AND NOT EXISTS (SELECT 1 FROM staged s WHERE {_EQUAL_ROW}){kept}",
        (number,),
    )
    connection.execute(
        "INSERT INTO record SELECT kind, key, ordinal, payload, ?, NULL FROM staged s"
        f" WHERE NOT EXISTS (SELECT 1 FROM record r WHERE rev_to IS NULL AND {_SAME_ROW})"
        " ORDER BY kind, ordinal",
        (number,),
    )


def _insert(connection: apsw.Connection, text: str, batches: Iterable[RowBatch]) -> Content:
    digest, counts = ContentHash(), dict[str, int]()
    for one in batches:
        digest.add_all(one.kind, one.payloads)
        counts[one.kind] = counts.get(one.kind, 0) + len(one.payloads)
        connection.executemany(text, zip(repeat(one.kind), one.keys, one.ordinals, one.payloads))
    return Content(sha256=digest.hexdigest(), counts=counts)


def _count(connection: apsw.Connection, query: str) -> int:
    return int(str(connection.execute(query).get))
