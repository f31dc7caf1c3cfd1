"""Write small ServiceNow exports and load them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_export

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"


def sys_id(name: str) -> str:
    """Return a record id that still reads: the name in hexadecimal, filled up to 32 digits."""
    return name.encode().hex().ljust(32, "0")[:32]


def load_files(
    folder: Path, files: Mapping[str, str | object], options: LoadOptions | None = None
) -> ServiceGraph:
    """Write texts as they are and everything else as JSON, and load the folder."""
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text, encoding="utf-8")
    graph = load_export([folder], options)
    check_totals(graph)
    return graph


def check_totals(graph: ServiceGraph) -> None:
    """Rows in = rows used + rows reported, per file."""
    for tally in graph.report.files:
        assert tally.rows_read == tally.rows_used + tally.rows_reported, tally


def codes(graph: ServiceGraph) -> dict[str, int]:
    """Return how many rows the findings of each code stand for."""
    counts: dict[str, int] = {}
    for finding in graph.report.findings:
        counts[finding.code] = counts.get(finding.code, 0) + finding.count
    return counts


def needs(graph: ServiceGraph) -> set[tuple[str, str, str]]:
    """Return dependent, dependency and strength of each dependency, by name."""
    names = dict(zip(graph.ci_ids, graph.cis.name, strict=True))
    return {
        (names[one.dependent], names[one.dependency], one.strength.word)
        for one in graph.dependencies()
    }
