"""Small estates for the tests of stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ripplegraph.graph.revisions import Provenance

FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)


def told(day: int = 0, *, author: str = "ann", reason: str = "") -> Provenance:
    """Return who publishes, ``day`` days after the first of November 2026."""
    at = FIRST_DAY + timedelta(days=day)
    return Provenance(author=author, at=at, reason=reason, source="export")
