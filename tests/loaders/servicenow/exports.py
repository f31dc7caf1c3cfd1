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


def ci(name: str, class_name: str = "cmdb_ci_server", **further: object) -> dict[str, object]:
    """Return the record of a CI."""
    return {"sys_id": sys_id(name), "name": name, "sys_class_name": class_name, **further}


def relation(parent: str, relation_type: str, child: str, **further: object) -> dict[str, object]:
    """Return the record of a relation."""
    ends = {"parent": sys_id(parent), "child": sys_id(child)}
    return {**ends, "type": {"display_value": relation_type, "value": sys_id("t")}, **further}


def result(*records: object) -> object:
    """Return records as the answer of an interface."""
    return {"result": list(records)}


def outage(**fields: object) -> dict[str, object]:
    """Return the record of an outage of ``web``."""
    return {
        "cmdb_ci": sys_id("web"),
        "number": "OUT1",
        "type": "outage",
        "begin": "2026-10-01 08:00:00",
        "end": "2026-10-01 09:00:00",
        **fields,
    }
