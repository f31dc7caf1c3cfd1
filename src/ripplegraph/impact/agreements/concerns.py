"""Findings that concern the SLAs judged: what their agreements contradict or leave out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ripplegraph.graph.agreement_checks import check_agreements
from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.findings import Finding, FindingCollector, sorted_findings
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.fits import agreement_fits
from ripplegraph.impact.agreements.judging import Judging

_CODES = frozenset({"agreement-overlap", "ola-not-backed", "service-without-dependencies"})


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
    graph = _among(found.graph, [*slas, *_beneath(case)])
    collector = FindingCollector()
    check_agreements(graph, collector, case.at)
    among = [one for one in collector.findings() if one.code in _CODES]
    fits = agreement_fits(graph, at=case.at).findings
    return sorted_findings([*found.findings, *among, *fits])


def _beneath(case: Judging) -> Iterator[Agreement]:
    """Yield the agreements that cover what the services rest on."""
    for ci in case.found.own:
        if ci in case.found.answering:
            answering = case.found.answering[ci]
            yield answering.agreement
            yield from answering.backs


def _among(graph: ServiceGraph, agreements: Iterable[Agreement]) -> ServiceGraph:
    """Return a graph with some of its agreements only, so that no others are looked at."""
    wanted = {id(one) for one in agreements}
    places = [place for place, one in enumerate(graph.agreements) if id(one) in wanted]
    return replace(
        graph,
        agreements=tuple(graph.agreements[place] for place in places),
        covered=tuple(graph.covered[place] for place in places),
    )
