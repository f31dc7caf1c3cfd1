"""Metrics of service level management over a window, each with its definition and change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.lifecycle_metrics import lifecycle_metrics
from ripplegraph.impact.propagation.concerned import offerings_of
from ripplegraph.impact.timeline.breaches import Severity, breaches_in
from ripplegraph.impact.timeline.sums import Party
from ripplegraph.impact.timeline.tickets import ClockState, TicketClock, ticket_clocks
from ripplegraph.impact.timeline.values import LevelReport, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelMetric:
    """One metric of a window beside that of the window before.

    Parameters
    ----------
    name
        Stable, for programs.
    value, before
        A count, a fraction, days or seconds, as ``unit`` says; None if there is none.
    of
        How many it is counted of; None if it is no part of anything.
    """

    name: str
    label: str
    unit: str
    value: float | None
    of: int | None
    before: float | None
    definition: str

    @property
    def change(self) -> float | None:
        """Value less the value before; None if one of them is missing."""
        if self.value is None or self.before is None:
            return None
        return self.value - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceRow:
    """An experience score beside the SLAs of the same service in its window.

    Parameters
    ----------
    is_poor
        The score is below its target; None without one.
    is_met_but_poor
        Every SLA of the service was met, and the experience was poor all the same.
    """

    service: CiId
    customer: str
    window_start: datetime
    score: Decimal
    target: Decimal | None
    verdicts: tuple[str, ...]
    is_poor: bool | None
    is_met_but_poor: bool


def level_metrics(
    graph: ServiceGraph,
    reports: Sequence[LevelReport],
    before: Sequence[LevelReport],
    *,
    now: datetime,
) -> tuple[LevelMetric, ...]:
    """Return the metrics of a window, with those of the window before.

    Parameters
    ----------
    reports, before
        Reports on all SLAs in the window, and in the one before it.
    now
        Aware.
    """
    here, there = _measured(graph, reports, now), _measured(graph, before, now)
    found = [
        LevelMetric(
            name=name,
            label=label,
            unit=unit,
            value=here[name][0],
            of=here[name][1],
            before=there[name][0],
            definition=definition,
        )
        for name, label, unit, definition in _DEFINITIONS
    ]
    start = min((one.window_start for one in reports), default=now)
    earlier = {one.name: one for one in lifecycle_metrics(graph, at=start)}
    found.extend(
        LevelMetric(
            name=one.name,
            label=one.label,
            unit=one.unit,
            value=one.value,
            of=one.of,
            before=earlier[one.name].value,
            definition=one.definition,
        )
        for one in lifecycle_metrics(graph, at=min(_end(reports, now), now))
    )
    return tuple(found)


_DEFINITIONS = (
    ("targets_met", "targets met", "fraction",
     "SLAs met, of those of which the window decides: open ones and those without data left out"),
    ("breaches", "breaches", "SLAs", "SLAs missed in the window"),
    ("breaches_critical", "breaches, critical", "SLAs", "three times the budget or more was used"),
    ("breaches_major", "breaches, major", "SLAs", "one and a half of the budget or more"),
    ("breaches_minor", "breaches, minor", "SLAs", "less than one and a half of the budget"),
    ("breaches_third_party", "breaches due to third parties", "SLAs",
     "most of the downtime is answered for by an underpinning contract or a supplier"),
    ("breaches_internal", "breaches due to internal departments", "SLAs",
     "most of the downtime is answered for by an OLA or a team"),
    ("undecided", "SLAs open or without data", "SLAs",
     "the window is not over, was not observed, or the agreement has no target"),
    ("downtime", "downtime", "seconds", "seconds that count, summed over SLAs"),
    ("outages", "outages", "outages", "outages of services that count, summed over SLAs"),
    ("responses_met", "response times met", "fraction",
     "of the time targets of tickets opened in the window that are over or overdue"),
    ("resolutions_met", "resolution times met", "fraction", "as for response times"),
    ("reports_issued", "reports issued", "reports", "reports given to customers on the window"),
    ("complaints", "complaints", "complaints", "complaints in the window"),
    ("met_but_poor", "SLA met, experience poor", "scores",
     "experience scores below their target although every SLA of the service was met"),
)  # fmt: skip


def _measured(
    graph: ServiceGraph, reports: Sequence[LevelReport], now: datetime
) -> Mapping[str, tuple[float | None, int | None]]:
    verdicts = Counter(one.verdict for one in reports)
    met, missed = verdicts[Verdict.MET], verdicts[Verdict.MISSED]
    breaches = breaches_in(reports)
    severities = Counter(one.severity for one in breaches)
    parties = Counter(one.party for one in breaches)
    start, end = min((one.window_start for one in reports), default=now), _end(reports, now)
    clocks = [one for one in ticket_clocks(graph, now=now) if start <= one.ticket.opened < end]
    issued = [one for one in graph.reports_issued if start <= one.window_start < end]
    complaints = [one for one in graph.complaints if start <= one.at < end]
    experience = experience_rows(graph, reports)
    return {
        "targets_met": (_share(met, met + missed), met + missed),
        "breaches": (missed, len(reports)),
        "breaches_critical": (severities[Severity.CRITICAL], missed),
        "breaches_major": (severities[Severity.MAJOR], missed),
        "breaches_minor": (severities[Severity.MINOR], missed),
        "breaches_third_party": (parties[Party.THIRD_PARTY], missed),
        "breaches_internal": (parties[Party.INTERNAL], missed),
        "undecided": (len(reports) - met - missed, len(reports)),
        "downtime": (sum(one.down_seconds for one in reports), None),
        "outages": (sum(one.outage_count for one in reports), None),
        "responses_met": _clocks_met(clocks, "response"),
        "resolutions_met": _clocks_met(clocks, "resolution"),
        "reports_issued": (len(issued), len(reports)),
        "complaints": (len(complaints), None),
        "met_but_poor": (sum(one.is_met_but_poor for one in experience), len(experience)),
    }


def _end(reports: Sequence[LevelReport], now: datetime) -> datetime:
    return max((one.window_end for one in reports), default=now)


def _share(part: int, of: int) -> float | None:
    return part / of if of else None


def _clocks_met(clocks: Sequence[TicketClock], kind: str) -> tuple[float | None, int | None]:
    decided = [
        one.state is ClockState.MET
        for one in clocks
        if one.kind == kind
        and one.state in (ClockState.MET, ClockState.MISSED, ClockState.OVERDUE)
    ]
    return _share(sum(decided), len(decided)), len(decided)


def experience_rows(
    graph: ServiceGraph, reports: Sequence[LevelReport]
) -> tuple[ExperienceRow, ...]:
    """Return the experience scores of windows that reports are about, beside their verdicts.

    Parameters
    ----------
    reports
        A score belongs to those of its service, or of an offering of it, whose window it starts
        in; where it names a customer, to those of that customer.
    """
    return tuple(sorted(_experience(graph, reports), key=lambda one: (one.service, one.customer)))


def _experience(graph: ServiceGraph, reports: Sequence[LevelReport]) -> Iterator[ExperienceRow]:
    for one in graph.experience:
        number = graph.find(one.service)
        if number is None:
            continue
        services = {graph.ci_ids[ci] for ci in (number, *offerings_of(graph, number))}
        beside = [
            report
            for report in reports
            if report.service in services
            and report.window_start <= one.window_start < report.window_end
            and one.customer in ("", report.agreement.customer)
        ]
        if not beside:
            continue
        is_poor = None if one.target is None else one.score < one.target
        yield ExperienceRow(
            service=graph.ci_ids[number],
            customer=one.customer,
            window_start=one.window_start,
            score=one.score,
            target=one.target,
            verdicts=tuple(report.verdict.value for report in beside),
            is_poor=is_poor,
            is_met_but_poor=bool(is_poor)
            and all(report.verdict is Verdict.MET for report in beside),
        )
