"""A graph with the outages that came in since its export: all else is shared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ripplegraph.errors import AmbiguousCiError
from ripplegraph.graph.findings import FindingCollector, LoadReport, sorted_findings
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import list_words

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOutage:
    """An outage that came in while the graph is served.

    Parameters
    ----------
    outage
        Its source and external id tell it from others of its source; one whose end is not after
        its start lasted no time.
    ticket
        Id of the ticket that an export may write for the same outage; "" if nobody says.
    """

    outage: Outage
    ticket: str = ""


def with_outages(graph: ServiceGraph, outages: Sequence[LiveOutage]) -> ServiceGraph:
    """Return the graph with live outages too; it shares everything but outages and findings.

    Parameters
    ----------
    graph
        As it was loaded, without live outages.
    outages
        What came in. Their CIs are resolved as those of an export: a ``ci_id``, else a native
        id that is unique. An outage of another CI is not used and has a finding.

    Returns
    -------
    ServiceGraph
        The same graph if there is nothing to add.

    Notes
    -----
    An outage that stands in the export too counts once. The two are one if they are of one CI,
    overlap, and have one source and external id, or the external id of the exported one is the
    ticket of the live one. The export wins if it tells the end, since it was written by somebody
    who looked again; else the live one wins, which may have ended meanwhile.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from graph_building import graph_of
    >>> start = datetime(2026, 11, 27, tzinfo=UTC)
    >>> fresh = LiveOutage(outage=Outage(ci="db", start=start, source="nagios", external_id="7"))
    >>> [one.ci for one in with_outages(graph_of("shop -> db"), [fresh]).outages]
    ['db']
    """
    if not outages:
        return graph
    found = FindingCollector()
    known = list(_of_known_cis(graph, outages, found))
    exported = list(zip(graph.outages, graph.outage_ci, strict=True))
    kept = _each_once(exported, known, found)
    report = graph.report
    findings = sorted_findings((*report.findings, *found.findings()))
    overlaid = replace(
        graph,
        outages=tuple(outage for outage, _ in kept),
        outage_ci=tuple(number for _, number in kept),
        report=LoadReport(files=report.files, findings=findings),
    )
    _share_look_ups(graph, overlaid)
    return overlaid


def _of_known_cis(
    graph: ServiceGraph, outages: Iterable[LiveOutage], found: FindingCollector
) -> Iterable[tuple[LiveOutage, int]]:
    for one in sorted(outages, key=_order):
        outage = one.outage
        if outage.end is not None and outage.end <= outage.start:
            text = f"live outage {outage.external_id!r} ended the moment it started"
            found.add("zero-length-outage", text)
            continue
        number = graph.find(outage.ci)
        if number is not None:
            yield one, number
            continue
        code, why = _why_not_found(graph, outage.ci)
        found.add(code, f"live outage {outage.external_id!r} names {outage.ci!r}, {why}")


def _order(one: LiveOutage) -> tuple[datetime, str, str, str]:
    outage = one.outage
    return outage.start, outage.source, outage.external_id, outage.ci


def _why_not_found(graph: ServiceGraph, text: str) -> tuple[str, str]:
    try:
        graph.look_up(text)
    except AmbiguousCiError as error:
        candidates = list_words([repr(one) for one in error.candidates])
        return "ambiguous-id", f"which fits {candidates}"
    return "dangling-outage", "which is no id of a CI in the graph"


def _each_once(
    exported: Sequence[tuple[Outage, int]],
    live: Sequence[tuple[LiveOutage, int]],
    found: FindingCollector,
) -> list[tuple[Outage, int]]:
    """Return exported and live outages without those that the other side tells better."""
    said: dict[tuple[str, int], list[int]] = {}
    for at, (outage, number) in enumerate(exported):
        if outage.external_id:
            said.setdefault((outage.external_id, number), []).append(at)
    replaced: set[int] = set()
    added: list[tuple[Outage, int]] = []
    for one, number in live:
        same = [at for at in _likely(said, one, number) if _is_one(exported[at][0], one)]
        if same:
            text = f"outage {one.outage.external_id!r} of {one.outage.ci!r} stands in the export"
            found.add("live-outage-recorded", text)
        if any(exported[at][0].end is not None for at in same):
            continue
        replaced.update(same)
        added.append((one.outage, number))
    return [pair for at, pair in enumerate(exported) if at not in replaced] + added


def _likely(said: dict[tuple[str, int], list[int]], one: LiveOutage, number: int) -> Iterable[int]:
    """Yield the exported outages of a CI that have the external id or the ticket of this one."""
    for text in {one.outage.external_id, one.ticket} - {""}:
        yield from said.get((text, number), ())


def _is_one(exported: Outage, live: LiveOutage) -> bool:
    mine = live.outage
    has_its_id = exported.source == mine.source and exported.external_id == mine.external_id
    has_its_ticket = bool(live.ticket) and exported.external_id == live.ticket
    overlaps = exported.start < (mine.end or _NEVER) and mine.start < (exported.end or _NEVER)
    return (has_its_id or has_its_ticket) and overlaps


def _share_look_ups(graph: ServiceGraph, overlaid: ServiceGraph) -> None:
    """Let the new graph know what was computed for the old one: none of it is about outages."""
    for name, value in list(vars(graph).items()):  # a thread may add to it
        vars(overlaid).setdefault(name, value)
