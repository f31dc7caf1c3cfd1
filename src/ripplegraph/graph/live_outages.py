"""A graph with the outages that came in since its export: all else is shared."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar

from ripplegraph.errors import AmbiguousCiError
from ripplegraph.graph.findings import FindingCollector, LoadReport, sorted_findings
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.shared_look_ups import share_look_ups
from ripplegraph.graph.wording import list_words

_NEVER = datetime.max.replace(tzinfo=UTC)

Said = tuple[str, str]
"""Code and text of a finding."""

Order = tuple[datetime, str, str, str, str, int]
"""Where a live outage stands among the others; no two have the same."""

Cell = TypeVar("Cell")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    """What the outages of one key do to the graph: all that is to be taken back later."""

    outages: tuple[LiveOutage, ...] = ()
    placed: tuple[tuple[Order, Outage, int], ...] = ()
    replaced: tuple[int, ...] = ()
    said: tuple[Said, ...] = ()
    is_recorded: bool = False


_NOTHING = _Laid()


class LiveOutages:
    """Live outages over a graph, by key; each is laid when it changes, and then alone.

    Parameters
    ----------
    graph
        As it was loaded, without live outages.

    Notes
    -----
    Their CIs are resolved as those of an export: a ``ci_id``, else a native id that is unique.
    An outage of another CI is not used and has a finding.

    An outage that stands in the export too counts once. The two are one if they are of one CI,
    overlap, and have one source and external id, or the external id of the exported one is the
    ticket of the live one. The export wins if it tells the end, since it was written by somebody
    who looked again; else the live one wins, which may have ended meanwhile.

    Only what lies over the graph now counts, not what lay there before. Beside what changed, the
    next graph costs a copy of its outages as a tuple, and of the numbers of their CIs.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from graph_building import graph_of
    >>> start = datetime(2026, 11, 27, tzinfo=UTC)
    >>> fresh = LiveOutage(outage=Outage(ci="db", start=start, source="nagios", external_id="7"))
    >>> live = LiveOutages(graph_of("shop -> db"))
    >>> live.put({"nagios/7": [fresh]})
    >>> [one.ci for one in live.graph.outages]
    ['db']
    >>> live.put({"nagios/7": []})
    >>> live.graph.outages
    ()
    """

    def __init__(self, graph: ServiceGraph) -> None:
        self._bare = self._graph = graph
        self._exported = _by_external_id(graph)
        self._laid: dict[str, _Laid] = {}
        self._orders: list[Order] = []
        self._outages: list[Outage] = []
        self._numbers: list[int] = []
        self._replaced: Counter[int] = Counter()
        self._said: Counter[Said] = Counter()
        self._beside = graph.outages, graph.outage_ci
        self._report = graph.report
        self._is_graph_old = self._is_beside_old = self._is_report_old = False

    @property
    def graph(self) -> ServiceGraph:
        """The graph with what lies over it; the very graph itself if nothing does."""
        if self._is_graph_old:
            overlaid = self._overlaid() if self._laid else self._bare
            share_look_ups(self._graph, overlaid)
            self._graph, self._is_graph_old = overlaid, False
        return self._graph

    def put(self, outages: Mapping[str, Sequence[LiveOutage]]) -> None:
        """Let these be the outages of their keys from now on; none takes the key away.

        Parameters
        ----------
        outages
            By key; what lies under other keys stays.
        """
        for key, ones in outages.items():
            before = self._laid.pop(key, _NOTHING)
            after = before
            if tuple(ones) != before.outages:
                after = _laid(self._bare, self._exported, key, ones) if ones else _NOTHING
                self._change(before, after)
            if after.outages:
                self._laid[key] = after

    def is_recorded(self, key: str) -> bool:
        """Return whether the export tells each outage of a key, with its end.

        Parameters
        ----------
        key
            Of outages that lie over the graph; others are not recorded. One that lasted no time
            need not be.
        """
        return self._laid.get(key, _NOTHING).is_recorded

    def _change(self, before: _Laid, after: _Laid) -> None:
        self._is_graph_old = True
        for order, _, _ in before.placed:
            at = bisect_left(self._orders, order)
            del self._orders[at], self._outages[at], self._numbers[at]
        for order, outage, number in after.placed:
            at = bisect_left(self._orders, order)
            self._orders.insert(at, order)
            self._outages.insert(at, outage)
            self._numbers.insert(at, number)
        if before.replaced != after.replaced:
            self._is_beside_old = True
            _count(self._replaced, before.replaced, after.replaced)
        if before.said != after.said:
            self._is_report_old = True
            _count(self._said, before.said, after.said)

    def _overlaid(self) -> ServiceGraph:
        bare = self._bare
        if self._is_beside_old:
            gone = sorted(self._replaced)
            self._beside = _without(bare.outages, gone), _without(bare.outage_ci, gone)
            self._is_beside_old = False
        if self._is_report_old:
            self._report = _with_findings(bare.report, self._said)
            self._is_report_old = False
        outages, numbers = self._beside
        return replace(
            bare,
            outages=(*outages, *self._outages),
            outage_ci=(*numbers, *self._numbers),
            report=self._report,
        )


def _by_external_id(graph: ServiceGraph) -> Mapping[tuple[str, int], Sequence[int]]:
    """Return the positions of the exported outages by their external id and CI."""
    said: dict[tuple[str, int], list[int]] = {}
    for at, (outage, number) in enumerate(zip(graph.outages, graph.outage_ci, strict=True)):
        if outage.external_id:
            said.setdefault((outage.external_id, number), []).append(at)
    return said


def _laid(
    graph: ServiceGraph,
    exported: Mapping[tuple[str, int], Sequence[int]],
    key: str,
    outages: Sequence[LiveOutage],
) -> _Laid:
    each = [_laid_alone(graph, exported, (key, at), one) for at, one in enumerate(outages)]
    lasting = [one for one in each if not _lasted_no_time(one.outages[0].outage)]
    return _Laid(
        outages=tuple(outages),
        placed=tuple(chain.from_iterable(one.placed for one in each)),
        replaced=tuple(chain.from_iterable(one.replaced for one in each)),
        said=tuple(chain.from_iterable(one.said for one in each)),
        is_recorded=bool(lasting) and all(one.is_recorded for one in lasting),
    )


def _laid_alone(
    graph: ServiceGraph,
    exported: Mapping[tuple[str, int], Sequence[int]],
    place: tuple[str, int],
    one: LiveOutage,
) -> _Laid:
    """Return what one outage does to the graph; ``place`` tells it from all others."""
    outage = one.outage
    if _lasted_no_time(outage):
        text = f"live outage {outage.external_id!r} ended the moment it started"
        return _Laid(outages=(one,), said=(("zero-length-outage", text),))
    number = graph.find(outage.ci)
    if number is None:
        code, why = _why_not_found(graph, outage.ci)
        text = f"live outage {outage.external_id!r} names {outage.ci!r}, {why}"
        return _Laid(outages=(one,), said=((code, text),))
    likely = {*_likely(exported, one, number)}
    same = tuple(sorted(at for at in likely if _is_one(graph.outages[at], one)))
    text = f"outage {outage.external_id!r} of {outage.ci!r} stands in the export"
    said = (("live-outage-recorded", text),) if same else ()
    if any(graph.outages[at].end is not None for at in same):
        return _Laid(outages=(one,), said=said, is_recorded=True)
    order = (outage.start, outage.source, outage.external_id, outage.ci, *place)
    return _Laid(outages=(one,), placed=((order, outage, number),), replaced=same, said=said)


def _lasted_no_time(outage: Outage) -> bool:
    return outage.end is not None and outage.end <= outage.start


def _why_not_found(graph: ServiceGraph, text: str) -> tuple[str, str]:
    try:
        graph.look_up(text)
    except AmbiguousCiError as error:
        candidates = list_words([repr(one) for one in error.candidates])
        return "ambiguous-id", f"which fits {candidates}"
    return "dangling-outage", "which is no id of a CI in the graph"


def _likely(
    exported: Mapping[tuple[str, int], Sequence[int]], one: LiveOutage, number: int
) -> Iterator[int]:
    """Yield the exported outages of a CI that have the external id or the ticket of this one."""
    for text in {one.outage.external_id, one.ticket} - {""}:
        yield from exported.get((text, number), ())


def _is_one(exported: Outage, live: LiveOutage) -> bool:
    mine = live.outage
    has_its_id = exported.source == mine.source and exported.external_id == mine.external_id
    has_its_ticket = bool(live.ticket) and exported.external_id == live.ticket
    overlaps = exported.start < (mine.end or _NEVER) and mine.start < (exported.end or _NEVER)
    return (has_its_id or has_its_ticket) and overlaps


def _count(counts: Counter[Cell], before: Iterable[Cell], after: Iterable[Cell]) -> None:
    """Count what is there now in place of what was; what is not there at all is not kept."""
    counts.update(after)
    for one in before:
        counts[one] -= 1
        if not counts[one]:
            del counts[one]


def _without(cells: tuple[Cell, ...], gone: Iterable[int]) -> tuple[Cell, ...]:
    """Return cells without those at some positions, which ascend."""
    kept: list[Cell] = []
    first = 0
    for at in gone:
        kept.extend(cells[first:at])
        first = at + 1
    kept.extend(cells[first:])
    return tuple(kept)


def _with_findings(report: LoadReport, said: Counter[Said]) -> LoadReport:
    found = FindingCollector()
    for code, text in said.elements():
        found.add(code, text)
    findings = sorted_findings((*report.findings, *found.findings()))
    return LoadReport(files=report.files, findings=findings)
