"""Breaches of SLAs in a window: when, by how much, how grave, and through whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.sums import Party, party_of
from ripplegraph.impact.timeline.values import LevelReport, Verdict
from ripplegraph.impact.timeline.windows import AskedWindow


class Severity(StrEnum):
    """How far a budget was overdrawn: by less than half of it, less than twice, or more."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One missed SLA of one service in one window.

    Parameters
    ----------
    over_seconds
        Exact seconds beyond the budget.
    breached_at
        The second that overdrew the budget, UTC.
    parties
        Seconds of downtime by who answers for them; they add up to the downtime.
    party
        Who answers for most of it.
    """

    report: LevelReport
    severity: Severity
    over_seconds: Fraction
    breached_at: datetime | None
    parties: tuple[tuple[Party, int], ...]
    party: Party


def severity_of(used: Fraction, budget: Fraction) -> Severity:
    """Return how grave it is to have used so much of a budget.

    Examples
    --------
    >>> [severity_of(Fraction(used), Fraction(10)).value for used in (14, 15, 30)]
    ['minor', 'major', 'critical']
    """
    if not budget or used >= 3 * budget:
        return Severity.CRITICAL
    return Severity.MAJOR if 2 * used >= 3 * budget else Severity.MINOR


def breach_of(report: LevelReport) -> Breach | None:
    """Return the breach that a report tells; None if its SLA is not missed."""
    budget = report.budget_seconds
    if report.verdict is not Verdict.MISSED or budget is None:
        return None
    seconds: dict[Party, int] = dict.fromkeys(Party, 0)
    for row in report.attribution:
        seconds[party_of(row)] += row.seconds
    order = list(Party)
    parties = sorted(seconds.items(), key=lambda one: (-one[1], order.index(one[0])))
    return Breach(
        report=report,
        severity=severity_of(report.used_seconds, budget),
        over_seconds=report.used_seconds - budget,
        breached_at=report.breached_at,
        parties=tuple((party, amount) for party, amount in parties if amount),
        party=parties[0][0] if parties[0][1] else Party.UNKNOWN,
    )


def sla_breaches(
    graph: ServiceGraph,
    *,
    now: datetime,
    services: Sequence[str] | None = None,
    window: AskedWindow | None = None,
) -> tuple[Breach, ...]:
    """Return the SLAs that are missed in a window, the gravest first.

    Parameters
    ----------
    graph, now, services, window
        As for :func:`ripplegraph.impact.timeline.report.service_level_reports`, also for what
        is raised.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> sla_breaches(graph_of("shop -> db"), now=datetime(2026, 12, 1, tzinfo=UTC))
    ()
    """
    answer = service_level_reports(
        graph, now=now, services=services, window=window, trend_windows=0
    )
    return breaches_in(answer.reports)


def breaches_in(reports: Sequence[LevelReport]) -> tuple[Breach, ...]:
    """Return the breaches that reports tell, the gravest first.

    Parameters
    ----------
    reports
        Any reports.
    """
    found = [breach for one in reports for breach in [breach_of(one)] if breach is not None]
    order = list(Severity)[::-1]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                order.index(one.severity),
                -one.over_seconds,
                one.report.service,
                one.report.agreement.agreement_id,
                one.report.window_start,
            ),
        )
    )
