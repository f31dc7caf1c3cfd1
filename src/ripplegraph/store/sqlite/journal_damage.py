"""What can be wrong in the journal of the embedded store."""

from __future__ import annotations

import apsw

_GAPS = (
    "SELECT e.stream FROM journal_entry e LEFT JOIN journal_stream s ON s.stream = e.stream"
    " GROUP BY e.stream HAVING count(*) <> max(e.number) - min(e.number) + 1"
    " OR max(e.number) IS NOT s.last ORDER BY e.stream"
)
_NO_JSON = (
    "SELECT 'document ' || collection || '/' || key FROM journal_document"
    " WHERE NOT json_valid(payload) OR version < 1"
    " UNION ALL SELECT 'entry ' || number || ' of ' || stream FROM journal_entry"
    " WHERE NOT json_valid(payload)"
)


def journal_damage(connection: apsw.Connection) -> list[str]:
    """Return what is wrong in the journal, a sentence each: gaps, and what is no JSON."""
    gaps = [f"entries of the stream {row[0]} are missing" for row in connection.execute(_GAPS)]
    return gaps + [f"{row[0]} is not what is written" for row in connection.execute(_NO_JSON)]
