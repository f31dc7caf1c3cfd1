"""Findings: what is wrong in the data, with the place and what to do; and the load report.

Every code stands once in :data:`FINDING_CATALOGUE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ripplegraph.graph.finding_catalogue import FINDING_CATALOGUE, FindingRule, Severity

__all__ = [
    "FINDING_CATALOGUE",
    "LISTED_PER_CODE",
    "NOTHING_LOADED",
    "FileTally",
    "Finding",
    "FindingCollector",
    "FindingRule",
    "LoadReport",
    "Severity",
    "finding",
    "sorted_findings",
]

_SEVERITY_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding; it may stand for many rows.

    Parameters
    ----------
    file
        Name of the file as the user gave it, with ``#sheet`` for a sheet or sub-table; "" if none.
    row
        The first row it is about; row 1 is the header of a table, and in JSON, XML and YAML the
        first record. 0 if it is about no row.
    count
        How many rows or things it stands for, >= 1.
    """

    code: str
    severity: Severity
    message: str
    file: str = ""
    row: int = 0
    count: int = 1

    @property
    def sort_key(self) -> tuple[int, str, str, int, str]:
        """Errors first, then by code and place."""
        return (_SEVERITY_ORDER[self.severity], self.code, self.file, self.row, self.message)


def finding(code: str, message: str, *, file: str = "", row: int = 0, count: int = 1) -> Finding:
    """Build a finding whose severity comes from the catalogue.

    Raises
    ------
    KeyError
        If the code is not in :data:`FINDING_CATALOGUE`: a bug.

    Examples
    --------
    >>> finding("cycle", "a -> b -> a").severity.value
    'warning'
    """
    severity = FINDING_CATALOGUE[code].severity
    return Finding(code=code, severity=severity, message=message, file=file, row=row, count=count)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings worst first, then by code and place: same input, same order."""
    return tuple(sorted(findings, key=lambda one: one.sort_key))


LISTED_PER_CODE = 100
"""How many findings of one code and file stand alone; the rest share one finding."""


class FindingCollector:
    """Collects findings; many of one code in one file end as a list and one for the rest."""

    def __init__(self) -> None:
        self._by_code: dict[tuple[str, str], list[Finding]] = {}

    def add(
        self, code: str, message: str, *, file: str = "", row: int = 0, count: int = 1
    ) -> None:
        """Collect one finding; its severity comes from the catalogue."""
        one = finding(code, message, file=file, row=row, count=count)
        self._by_code.setdefault((code, file), []).append(one)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was collected, sorted, with long lists cut and counted."""
        kept: list[Finding] = []
        for (code, file), unsorted in self._by_code.items():
            found = sorted_findings(unsorted)  # so that the order of collecting does not count
            kept.extend(found[:LISTED_PER_CODE])
            rest = found[LISTED_PER_CODE:]
            if rest:
                count = sum(one.count for one in rest)
                message = f"and {count} more like: {rest[0].message}"
                kept.append(finding(code, message, file=file, row=rest[0].row, count=count))
        return sorted_findings(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTally:
    """Rows of one file or sheet: ``rows_read == rows_used + rows_reported``, always."""

    file: str
    rows_read: int
    rows_used: int
    rows_reported: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load read, used and reported, per file, with every finding."""

    files: tuple[FileTally, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def rows_read(self) -> int:
        """Rows of all files."""
        return sum(tally.rows_read for tally in self.files)

    @property
    def rows_used(self) -> int:
        """Rows that became part of the graph."""
        return sum(tally.rows_used for tally in self.files)

    @property
    def rows_reported(self) -> int:
        """Rows that were not used; each has a finding."""
        return sum(tally.rows_reported for tally in self.files)


NOTHING_LOADED = LoadReport()
"""The report of a graph that comes from no export."""
