"""The tables of ``load`` and ``check``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import counted, place_words
from ripplegraph.graph.findings import FINDING_CATALOGUE, Severity

if TYPE_CHECKING:
    from ripplegraph.graph.findings import Finding
    from ripplegraph.graph.service_graph import ServiceGraph


def load_parts(graph: ServiceGraph) -> list[Part]:
    """Return rows per file, what the graph holds, and the findings by code."""
    parts: list[Part] = [_files_table(graph), holdings_words(graph)]
    findings = graph.report.findings
    parts.append(severity_words(findings))
    if findings:
        parts.append(_codes_table(findings))
    return parts


def check_parts(graph: ServiceGraph, findings: Sequence[Finding]) -> list[Part]:
    """Return the rows in total, every finding, and what to do about each code."""
    report = graph.report
    head = (
        f"{counted(report.rows_read, 'row', 'rows')} read: {report.rows_used:,} used, "
        f"{report.rows_reported:,} reported. {holdings_words(graph)}"
    )
    parts: list[Part] = [f"{head}\n{severity_words(findings)}"]
    if findings:
        parts.append(_findings_table(findings))
        parts.append(_advice_table(findings))
    return parts


def files_csv(graph: ServiceGraph) -> Table:
    """Return one row per file."""
    rows = [
        (one.file, str(one.rows_read), str(one.rows_used), str(one.rows_reported))
        for one in graph.report.files
    ]
    return Table(columns=("file", "rows_read", "rows_used", "rows_reported"), rows=rows)


def findings_csv(findings: Iterable[Finding]) -> Table:
    """Return one row per finding."""
    rows = [
        (one.code, one.severity.value, one.file, str(one.row), str(one.count), one.message)
        for one in findings
    ]
    return Table(columns=("code", "severity", "file", "row", "count", "message"), rows=rows)


def holdings_words(graph: ServiceGraph) -> str:
    """Return what the graph holds, in one line."""
    return (
        "The graph holds "
        + ", ".join(
            (
                counted(graph.ci_count, "CI", "CIs"),
                counted(len(graph.service_numbers), "service", "services") + " among them",
                counted(graph.dependency_count, "dependency", "dependencies"),
                counted(len(graph.group_rules), "redundancy group", "redundancy groups"),
                counted(len(graph.agreements), "agreement", "agreements"),
                counted(len(graph.calendars), "calendar", "calendars"),
                counted(len(graph.outages), "outage", "outages"),
            )
        )
        + "."
    )


def severity_words(findings: Sequence[Finding]) -> str:
    """Return how many findings there are, by severity."""
    if not findings:
        return "No findings."
    counts = dict.fromkeys(Severity, 0)
    for one in findings:
        counts[one.severity] += 1
    return (
        f"{counted(len(findings), 'finding', 'findings')}: "
        f"{counted(counts[Severity.ERROR], 'error', 'errors')}, "
        f"{counted(counts[Severity.WARNING], 'warning', 'warnings')}, "
        f"{counts[Severity.INFO]:,} info."
    )


def _files_table(graph: ServiceGraph) -> Table:
    report = graph.report
    rows = [
        (one.file, f"{one.rows_read:,}", f"{one.rows_used:,}", f"{one.rows_reported:,}")
        for one in report.files
    ]
    total = (report.rows_read, report.rows_used, report.rows_reported)
    rows.append(("total", *(f"{count:,}" for count in total)))  # type: ignore[arg-type]
    return Table(columns=("file", "rows read", "used", "reported"), rows=rows)


def _codes_table(findings: Sequence[Finding]) -> Table:
    by_code: dict[str, list[Finding]] = {}
    for one in findings:
        by_code.setdefault(one.code, []).append(one)
    rows = [
        (
            found[0].severity.value,
            code,
            f"{sum(one.count for one in found):,}",
            place_words(found[0].file, found[0].row),
            found[0].message,
        )
        for code, found in by_code.items()
    ]
    return Table(columns=("severity", "finding", "count", "first at", "which says"), rows=rows)


def _findings_table(findings: Sequence[Finding]) -> Table:
    rows = [
        (
            one.severity.value,
            one.code,
            f"{one.count:,}",
            place_words(one.file, one.row),
            one.message,
        )
        for one in findings
    ]
    return Table(columns=("severity", "finding", "count", "at", "message"), rows=rows)


def _advice_table(findings: Sequence[Finding]) -> Table:
    codes = dict.fromkeys(one.code for one in findings)
    rows = [(code, FINDING_CATALOGUE[code].advice) for code in codes]
    return Table(columns=("finding", "what to do"), rows=rows)
