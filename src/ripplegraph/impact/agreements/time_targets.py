"""Time targets of SLAs against the times that OLAs and underpinning contracts promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.findings import Finding, FindingCollector, sorted_findings
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import agreement_words, ci_words
from ripplegraph.impact.agreements.agreed_windows import AgreedWindow, AgreedWindows
from ripplegraph.impact.agreements.time_chains import ChainStep, WorstWait, worst_wait
from ripplegraph.impact.agreements.time_promises import (
    TimeKind,
    TimePromise,
    Way,
    Ways,
    time_promises,
    ways_beneath,
)
from ripplegraph.impact.agreements.values import Verdict
from ripplegraph.impact.availability.structure import cis_beneath

_WORST_FIRST = {Verdict.MISSED: 0, Verdict.UNPROVABLE: 1, Verdict.MET: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeVerdict:
    """Whether a time target of an SLA follows from the promises beneath a service.

    Parameters
    ----------
    target_minutes
        Minutes of the SLA's service time.
    steps
        The promises of the way that takes longest, in their order; parts of it for which
        nobody promises a time are left out.
    promised_minutes
        What the steps add up to, their hours of service left out of account.
    worst_minutes
        The most minutes of the SLA's service time that they may take in its window, in their
        own hours of service; None if they never end.
    worst_start, worst_end
        When that ticket is opened and done, UTC; no end if it never is.
    missing
        CIs beneath without a promised time: the verdict is then not ``met``.
    """

    agreement: Agreement
    service: CiId
    service_name: str
    priority: str
    kind: TimeKind
    target_minutes: float
    steps: tuple[TimePromise, ...]
    promised_minutes: float
    worst_minutes: float | None
    worst_start: datetime
    worst_end: datetime | None
    verdict: Verdict
    missing: tuple[CiId, ...]

    @property
    def is_missed_by_hours_only(self) -> bool:
        """Whether the promises add up to no more than the target, but wait for their hours."""
        return self.verdict is Verdict.MISSED and self.promised_minutes <= self.target_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAnswer:
    """Verdicts on time targets, worst first, and findings on those behind them."""

    at: datetime
    verdicts: tuple[TimeVerdict, ...]
    findings: tuple[Finding, ...]


def time_verdicts(
    graph: ServiceGraph, services: Sequence[str] | None = None, *, at: datetime
) -> TimeAnswer:
    """Return the verdict on each time target of the SLAs in force, for each of their services.

    Parameters
    ----------
    services
        Texts that name services; None for all.
    at
        Aware; agreements in force then count, in the window that contains it.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.

    Notes
    -----
    A ticket is passed on along the dependencies, so promises on a path follow each other and
    the longest path decides; the contract behind an OLA is in the OLA's own time. What is
    known beneath is enough to miss a target, but not to keep it.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> time_verdicts(graph_of("shop -> db"), at=datetime(2026, 11, 20, tzinfo=UTC)).verdicts
    ()
    """
    graph = graph_at(graph, at)
    chosen = None if services is None else frozenset(map(graph.resolve, services))
    asked = [
        (agreement, service)
        for agreement, covered in zip(graph.agreements, graph.covered, strict=True)
        if agreement.kind is AgreementKind.SLA and agreement.is_in_force_at(at)
        for service in covered
        if chosen is None or service in chosen
    ]
    case = _Case(graph=graph, at=at, windows=AgreedWindows(graph=graph, at=at))
    numbers = sorted({service for _, service in asked})
    verdicts: list[TimeVerdict] = []
    for priority, kind, minutes in _targets(graph):
        judged = [(sla, service) for sla, service in asked if sla.agreement_id in minutes]
        if not judged:
            continue
        ways = ways_beneath(graph, numbers, priority, kind, at=at)
        verdicts += [
            case.verdict(sla, service, minutes[sla.agreement_id], ways, (priority, kind))
            for sla, service in judged
        ]
    return TimeAnswer(
        at=at,
        verdicts=tuple(sorted(verdicts, key=_worst_first)),
        findings=_not_backed(graph, at),
    )


def _worst_first(one: TimeVerdict) -> tuple[int, float, str, str, str, str]:
    worst = inf if one.worst_minutes is None else one.worst_minutes
    over = worst / one.target_minutes if one.target_minutes else worst
    ids = (one.agreement.agreement_id, one.service, one.priority, one.kind.value)
    return (_WORST_FIRST[one.verdict], -over, *ids)


def _targets(graph: ServiceGraph) -> Iterable[tuple[str, TimeKind, Mapping[str, float]]]:
    """Yield each priority and kind with the minutes by agreement."""
    found: dict[tuple[str, TimeKind], dict[str, float]] = {}
    for target in graph.time_targets:
        for kind, minutes in (
            (TimeKind.RESPONSE, target.response_minutes),
            (TimeKind.RESOLUTION, target.resolution_minutes),
        ):
            if minutes is not None:
                by_agreement = found.setdefault((target.priority, kind), {})
                by_agreement.setdefault(target.agreement, minutes)
    return ((priority, kind, found[priority, kind]) for priority, kind in sorted(found))


_Key = tuple[str, datetime, datetime, tuple[ChainStep, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    graph: ServiceGraph
    at: datetime
    windows: AgreedWindows
    known: dict[_Key, WorstWait] = field(default_factory=dict)

    def verdict(
        self, sla: Agreement, service: int, target: float, ways: Ways, of: tuple[str, TimeKind]
    ) -> TimeVerdict:
        """Return the verdict on one target for one service."""
        window = self.windows.of(sla)
        judged = [(self._waits(sla, window, way, ways), way) for way in ways.of_service[service]]
        longest, way = max(judged, key=lambda one: (_seconds(one[0]), one[1]))
        is_open = any(not one or min(one) < 0 for _, one in judged)
        steps = tuple(ways.promises[step] for step in way if step >= 0)
        seconds = _seconds(longest)
        open_or_met = Verdict.UNPROVABLE if is_open else Verdict.MET
        return TimeVerdict(
            agreement=sla,
            service=self.graph.ci_ids[service],
            service_name=self.graph.cis.name[service],
            priority=of[0],
            kind=of[1],
            target_minutes=target,
            steps=steps,
            promised_minutes=sum(step.minutes for step in steps),
            worst_minutes=None if longest.seconds is None else seconds / 60,
            worst_start=longest.start,
            worst_end=longest.end,
            verdict=Verdict.MISSED if seconds > round(60 * target) else open_or_met,
            missing=self._missing(service, ways) if is_open else (),
        )

    def _waits(self, sla: Agreement, window: AgreedWindow, way: Way, ways: Ways) -> WorstWait:
        steps = tuple(
            ChainStep(minutes=one.minutes, calendar=self._calendar(one.agreement))
            for one in (ways.promises[step] for step in way if step >= 0)
        )
        key = (sla.calendar, window.start, window.end, steps)
        if key not in self.known:
            calendar = self._calendar(sla)
            self.known[key] = worst_wait(calendar, steps, window.start, window.end)
        return self.known[key]

    def _calendar(self, agreement: Agreement) -> Calendar | None:
        return self.windows.calendar_of(agreement)

    def _missing(self, service: int, ways: Ways) -> tuple[CiId, ...]:
        beneath = cis_beneath(self.graph, [service], cut_points=ways.cut_points)
        return tuple(self.graph.ci_ids[ci] for ci in beneath if ci in ways.silent)


def _seconds(wait: WorstWait) -> float:
    return inf if wait.seconds is None else wait.seconds


# --- findings ------------------------------------------------------------------------------------


def _not_backed(graph: ServiceGraph, at: datetime) -> tuple[Finding, ...]:
    """Report OLAs that promise to be sooner than the contract behind them."""
    collector = FindingCollector()
    for priority, kind, _ in _targets(graph):
        pairs: dict[tuple[str, str], tuple[int, int]] = {}
        promises = time_promises(graph, priority, kind, at=at)
        for ci, promise in promises.items():
            for place, behind in enumerate(promise.backs):
                if behind.minutes > promise.minutes:
                    key = (promise.agreement.agreement_id, behind.agreement.agreement_id)
                    pairs.setdefault(key, (ci, place))
        for ci, place in pairs.values():
            ola, behind = promises[ci], promises[ci].backs[place]
            text = (
                f"{agreement_words(ola.agreement)} promises {priority} {kind.value} on "
                f"{ci_words(graph.cis, ci)} in {ola.minutes:g} minutes, "
                f"{agreement_words(behind.agreement)} behind it only in {behind.minutes:g}"
            )
            file, row = ola.agreement.file, ola.agreement.row
            collector.add("ola-not-backed", text, file=file, row=row)
    return sorted_findings(collector.findings())
