"""The audit of an estate: who did what, append-only, each entry sealed with those before it."""

from __future__ import annotations

import apsw

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


def broken_audit_entry(connection: apsw.Connection) -> int | None:
    """Return the number of the first entry whose seal does not fit, None if all fit."""
    seal = ""
    rows = connection.execute(
        "SELECT number, at_us, author, action, detail, sha256 FROM audit ORDER BY number"
    )
    for expected, (number, at_us, author, action, detail, found) in enumerate(rows, start=1):
        seal = seal_of(
            seal, at_us=int(str(at_us)), author=str(author), action=str(action), detail=str(detail)
        )
        if number != expected or seal != found:
            return expected
    return None
