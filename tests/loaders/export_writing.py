"""Write small exports and count them by hand, apart from the code under test."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from ripplegraph.graph.findings import LoadReport
from ripplegraph.graph.process_records import process_records
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_export


def write_files(folder: Path, **tables: str) -> Path:
    """Write each table as a CSV file; the lines of the text may be indented."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def load_files(folder: Path, options: LoadOptions | None = None, /, **tables: str) -> ServiceGraph:
    """Write tables, load them as one export, and check that every row is accounted for."""
    write_files(folder, **tables)
    graph = load_export([folder], options)
    assert_rows_add_up(folder, graph)
    return graph


def assert_rows_add_up(folder: Path, graph: ServiceGraph) -> None:
    """Check the totals against rows counted in the files and records counted in the graph."""
    tallies = {tally.file: tally for tally in graph.report.files}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            in_file = sum(1 for row in csv.reader(lines) if row) - 1
        tally = tallies[path.name]
        assert tally.rows_read == in_file, path.name
        assert tally.rows_read == tally.rows_used + tally.rows_reported, path.name
        assert tally.rows_used == len(places_in_graph(graph, path.name)), path.name
        assert tally.rows_reported <= reported_rows(graph.report, path.name), path.name


def places_in_graph(graph: ServiceGraph, file: str) -> set[int]:
    """Return the rows of a file from which something in the graph came."""
    rows = {
        row
        for one, row, is_stub in zip(graph.cis.file, graph.cis.row, graph.cis.is_stub, strict=True)
        if one == file and not is_stub
    }
    rows |= {one.row for one in graph.dependencies() if one.file == file}
    rows |= {rule.row for rule in graph.group_rules if rule.file == file}
    rows |= {one.row for one in graph.agreements if one.file == file}
    rows |= {one.row for one in graph.calendars if one.file == file}
    rows |= {one.row for one in process_records(graph) if one.file == file}
    return rows | {one.row for one in graph.outages if one.file == file}


def reported_rows(report: LoadReport, file: str) -> int:
    """Return how many rows of a file the findings stand for."""
    return sum(finding.count for finding in report.findings if finding.file == file)


def codes_of(graph: ServiceGraph) -> Counter[str]:
    """Return how often each finding code stands in the load report."""
    return Counter(finding.code for finding in graph.report.findings)
