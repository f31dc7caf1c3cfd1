"""What ``load`` and ``check`` answer: rows per file, counts and findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out
from ripplegraph.graph.findings import FileTally, Finding, Severity
from ripplegraph.graph.model import OperatingState
from ripplegraph.graph.service_graph import ServiceGraph


class FileOut(Out):
    """Rows of one file or sheet: ``rows_read == rows_used + rows_reported``."""

    file: str
    rows_read: int
    rows_used: int
    rows_reported: int

    @classmethod
    def of(cls, tally: FileTally) -> FileOut:
        """Shape one tally."""
        return cls(
            file=tally.file,
            rows_read=tally.rows_read,
            rows_used=tally.rows_used,
            rows_reported=tally.rows_reported,
        )


class FindingOut(Out):
    """One finding; row 1 is the header, and row 0 means that it is about no row."""

    code: str
    severity: Literal["error", "warning", "info"]
    file: str
    row: int
    count: int = Field(description="How many rows or things it stands for.")
    message: str

    @classmethod
    def of(cls, finding: Finding) -> FindingOut:
        """Shape one finding."""
        return cls(
            code=finding.code,
            severity=finding.severity.value,
            file=finding.file,
            row=finding.row,
            count=finding.count,
            message=finding.message,
        )


class TotalsOut(Out):
    """Rows of all files together."""

    rows_read: int
    rows_used: int
    rows_reported: int


class SeveritiesOut(Out):
    """Findings by severity."""

    error: int
    warning: int
    info: int


class CountsOut(Out):
    """What the graph holds."""

    cis: int
    services: int
    stubs: int = Field(description="CIs that are only referred to; their record is missing.")
    not_live: int = Field(description="Retired and test CIs.")
    dependencies: int
    groups: int
    agreements: int
    calendars: int
    outages: int

    @classmethod
    def of(cls, graph: ServiceGraph) -> CountsOut:
        """Count what the graph holds."""
        return cls(
            cis=graph.ci_count,
            services=len(graph.service_numbers),
            stubs=sum(graph.cis.is_stub),
            not_live=sum(state is not OperatingState.LIVE for state in graph.cis.state),
            dependencies=graph.dependency_count,
            groups=len(graph.group_rules),
            agreements=len(graph.agreements),
            calendars=len(graph.calendars),
            outages=len(graph.outages),
        )


class LoadOut(Out):
    """What was read: every row of every file is used or reported."""

    schema_: Literal["ripplegraph/load/1"] = Field(
        default="ripplegraph/load/1", serialization_alias="schema"
    )
    files: list[FileOut]
    totals: TotalsOut
    graph: CountsOut
    findings_by_severity: SeveritiesOut
    findings: list[FindingOut]

    @classmethod
    def of(cls, graph: ServiceGraph, findings: Iterable[Finding] | None = None) -> LoadOut:
        """Shape the load report of a graph, or these findings instead of the report's."""
        found = tuple(graph.report.findings if findings is None else findings)
        return cls(
            files=[FileOut.of(tally) for tally in graph.report.files],
            totals=TotalsOut(
                rows_read=graph.report.rows_read,
                rows_used=graph.report.rows_used,
                rows_reported=graph.report.rows_reported,
            ),
            graph=CountsOut.of(graph),
            findings_by_severity=_by_severity(found),
            findings=[FindingOut.of(one) for one in found],
        )


class CheckOut(LoadOut):
    """The findings of loading and of validation, with what was read."""

    schema_: Literal["ripplegraph/check/1"] = Field(  # type: ignore[assignment] # its own schema
        default="ripplegraph/check/1", serialization_alias="schema"
    )


def _by_severity(findings: Iterable[Finding]) -> SeveritiesOut:
    counts = dict.fromkeys(Severity, 0)
    for one in findings:
        counts[one.severity] += 1
    return SeveritiesOut(
        error=counts[Severity.ERROR],
        warning=counts[Severity.WARNING],
        info=counts[Severity.INFO],
    )
