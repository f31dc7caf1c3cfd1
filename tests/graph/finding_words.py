"""Findings of small graphs, as the words that a person reads."""

from __future__ import annotations

from datetime import UTC, datetime

from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.records import Records
from ripplegraph.graph.validation import validate

TODAY = datetime(2026, 6, 1, tzinfo=UTC)


def found(
    records: Records, code: str, *, at: datetime | None = TODAY, stale_after_days: int = 90
) -> list[str]:
    graph = build_service_graph(records).graph
    every = validate(graph, at=at, stale_after_days=stale_after_days)
    return [finding.message for finding in every if finding.code == code]
