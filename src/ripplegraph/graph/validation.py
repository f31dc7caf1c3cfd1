"""Validation: everything that is doubtful in a graph, as findings with their place."""

from __future__ import annotations

from datetime import datetime

from ripplegraph.graph.agreement_checks import check_agreements
from ripplegraph.graph.findings import Finding, FindingCollector, sorted_findings
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.structure_checks import check_structure
from ripplegraph.graph.time_checks import check_times


def validate(
    graph: ServiceGraph, *, at: datetime | None = None, stale_after_days: int = 90
) -> tuple[Finding, ...]:
    """Return every finding about a graph: those of its load report, and those of its structure.

    Parameters
    ----------
    at
        Aware; the moment for which ended agreements, overdue reviews, stale CIs and relations
        outside their dates are reported. None leaves out what needs a date.
    stale_after_days
        A CI not confirmed for more than this many days is stale, >= 0.

    Returns
    -------
    tuple[Finding, ...]
        Errors first, then by code and place; the same graph and moment give the same findings.

    Raises
    ------
    ValueError
        If ``at`` has no time zone, or ``stale_after_days`` is negative.

    Notes
    -----
    semantics.md section 1 says what is a finding. A finding that the load report holds already
    is not repeated, and of more than a hundred of one code in one file the rest is counted.
    """
    if at is not None and at.tzinfo is None:
        msg = f"at needs a time zone, got {at.isoformat()}"
        raise ValueError(msg)
    if stale_after_days < 0:
        msg = f"stale_after_days must be >= 0, got {stale_after_days}"
        raise ValueError(msg)
    found = FindingCollector()
    check_structure(graph, found)
    check_agreements(graph, found, at)
    if at is not None:
        check_times(graph, found, at=at, stale_after_days=stale_after_days)
    return sorted_findings(dict.fromkeys((*graph.report.findings, *found.findings())))
