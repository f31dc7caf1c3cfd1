"""The audit of an estate: who did what, append-only, each entry sealed with those before it."""

from __future__ import annotations

import apsw

from ripplegraph.graph.revisions import AuditEntry
from ripplegraph.store.moments import moment_of_microseconds
from ripplegraph.store.sealing import seal_of


def append_to_audit(
    connection: apsw.Connection, *, at_us: int, author: str, action: str, detail: str
) -> None:
    """Add an entry, within the transaction of what it tells of."""
    last = connection.execute(
        "SELECT number, sha256 FROM audit ORDER BY number DESC LIMIT 1"
    ).fetchone()
    number, seal = (int(str(last[0])), str(last[1])) if last else (0, "")
    sealed = seal_of(seal, at_us=at_us, author=author, action=action, detail=detail)
    connection.execute(
        "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)",
        (number + 1, at_us, author, action, detail, sealed),
    )


def audit_entries(connection: apsw.Connection) -> tuple[AuditEntry, ...]:
    """Return every entry, the oldest first."""
    rows = connection.execute(
        "SELECT number, at_us, author, action, detail, sha256 FROM audit ORDER BY number"
    )
    return tuple(
        AuditEntry(
            number=int(str(number)),
            at=moment_of_microseconds(int(str(at_us))),
            author=str(author),
            action=str(action),
            detail=str(detail),
            seal=str(seal),
        )
        for number, at_us, author, action, detail, seal in rows
    )
