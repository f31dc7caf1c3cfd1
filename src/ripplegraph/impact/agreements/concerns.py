"""Findings that concern the SLAs judged: what their agreements contradict or leave out."""

from __future__ import annotations

from collections.abc import Iterable

from ripplegraph.graph.agreement_checks import check_agreements
from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.findings import Finding, FindingCollector, sorted_findings
from ripplegraph.impact.agreements.fits import agreement_fits
from ripplegraph.impact.agreements.judging import Judging

_CODES = frozenset({"agreement-overlap", "ola-not-backed"})


def findings_on(case: Judging, slas: Iterable[Agreement]) -> tuple[Finding, ...]:
    """Return what is doubtful in these SLAs and in the agreements beneath them.

    Parameters
    ----------
    case
        The services judged.
    slas
        The SLAs judged.
    """
    found = case.found
    concerned = {(one.file, one.row) for one in slas}
    for ci in found.own:
        if ci in found.answering:
            answering = found.answering[ci]
            for one in (answering.agreement, *answering.backs):
                concerned.add((one.file, one.row))
    collector = FindingCollector()
    check_agreements(found.graph, collector, case.at)
    among = [one for one in collector.findings() if one.code in _CODES]
    among += agreement_fits(found.graph, at=case.at).findings
    kept = [one for one in among if (one.file, one.row) in concerned]
    return sorted_findings([*found.findings, *kept])
