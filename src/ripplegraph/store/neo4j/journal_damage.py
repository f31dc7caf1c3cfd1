"""What can be wrong in the journal of the shared store."""

from __future__ import annotations

from neo4j import Session
from ripplegraph.store.neo4j import journal_cypher as cypher
from ripplegraph.store.neo4j.connection import rows


def journal_damage(session: Session) -> list[str]:
    """Return what is wrong in the journal, a sentence each: entries that are missing."""
    streams = [stream for (stream,) in rows(session, cypher.GAPS)]
    return [f"entries of the stream {stream} are missing" for stream in streams]
