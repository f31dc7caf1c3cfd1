"""The question whether the target of each SLA follows from what its services rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import fsum

from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.findings import sorted_findings
from ripplegraph.graph.model import SERVICE_KINDS, CiKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import agreement_words
from ripplegraph.impact.agreements.agreed_windows import AgreedWindow, AgreedWindows
from ripplegraph.impact.agreements.contractual import ContractualCase, contractual_case
from ripplegraph.impact.agreements.contribution_rows import contribution_rows
from ripplegraph.impact.agreements.contributions import Partition, partitions
from ripplegraph.impact.agreements.derived import Derived, derived_services
from ripplegraph.impact.agreements.foundations import Foundations, foundations
from ripplegraph.impact.agreements.values import (
    ContributionShare,
    SlaAnswer,
    SlaVerdict,
    Verdict,
    verdict_of,
)
from ripplegraph.impact.agreements.window_met import probability_of_window_met
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, Basis

_WORST_FIRST = {Verdict.MISSED: 0, Verdict.UNPROVABLE: 1, Verdict.MET: 2}


def sla_verdicts(
    graph: ServiceGraph,
    services: Sequence[str] | None = None,
    *,
    at: datetime,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> SlaAnswer:
    """Return the verdict on each SLA in force, for each service that it covers.

    Parameters
    ----------
    graph
        The graph; dependencies that hold at the moment count.
    services
        Texts that name services: SLAs on them and on their offerings are judged. None for all.
    at
        Aware; agreements in force then count, in the window that contains it.
    options
        Bases, defaults, what-if values and budgets.

    Returns
    -------
    SlaAnswer
        Worst first.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> sla_verdicts(graph_of("shop -> db"), at=datetime(2026, 11, 20, tzinfo=UTC)).slas
    ()
    """
    graph = graph_at(graph, at)
    asked = _asked(graph, services, at)
    judged = [(one, service) for one, service in asked if one.target_availability is not None]
    found = foundations(graph, [service for _, service in judged], at=at, options=options)
    by = partitions(graph, found.answering)
    windows = AgreedWindows(graph=graph, at=at)
    case = _Case(
        found=found,
        by=by,
        derived=derived_services(found, by),
        windows=windows,
        contractual=contractual_case(found, windows),
    )
    verdicts = [case.verdict(agreement, service) for agreement, service in judged]
    unjudged = {one.agreement_id: one for one, _ in asked if one.target_availability is None}
    return SlaAnswer(
        at=at,
        slas=tuple(sorted(verdicts, key=_worst_first)),
        not_judged=tuple(agreement_words(one) for one in unjudged.values()),
        findings=sorted_findings(found.findings),
        assumptions=case.assumptions(),
    )


def _asked(
    graph: ServiceGraph, services: Sequence[str] | None, at: datetime
) -> list[tuple[Agreement, int]]:
    """Return the SLAs in force with each service that they cover."""
    chosen = None if services is None else _with_offerings(graph, map(graph.resolve, services))
    return [
        (agreement, service)
        for agreement, covered in zip(graph.agreements, graph.covered, strict=True)
        if agreement.kind is AgreementKind.SLA and agreement.is_in_force_at(at)
        for service in covered
        if chosen is None or service in chosen
    ]


def _with_offerings(graph: ServiceGraph, services: Iterable[int]) -> set[int]:
    """Return services with the offerings that need them."""
    chosen: set[int] = set()
    for service in services:
        chosen.add(service)
        needing = [
            int(graph.topology.edge_dependent[edge]) for edge in graph.edges_to_dependents(service)
        ]
        if graph.cis.kind[service] in SERVICE_KINDS:
            chosen.update(one for one in needing if graph.cis.kind[one] is CiKind.SERVICE_OFFERING)
    return chosen


def _worst_first(one: SlaVerdict) -> tuple[int, float, str, str]:
    left = one.headroom_minutes[0] / one.agreed_minutes if one.agreed_minutes else 0.0
    return (_WORST_FIRST[one.verdict], left, one.agreement.agreement_id, one.service)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    found: Foundations
    by: Mapping[str, Partition]
    derived: Mapping[int, Derived]
    windows: AgreedWindows
    contractual: ContractualCase

    def verdict(self, agreement: Agreement, service: int) -> SlaVerdict:
        """Return the verdict on one SLA with a target, for one service."""
        graph, one = self.found.graph, self.derived[service]
        allowed = self.contractual.answers(agreement, service)
        target = agreement.target_availability or Decimal(0)
        window = self.windows.of(agreement)
        budget = float(1 - target) * window.minutes
        least, most = (
            budget - end * window.minutes
            for end in (one.unavailability.upper, one.unavailability.lower)
        )
        return SlaVerdict(
            agreement=agreement,
            service=graph.ci_ids[service],
            native_id=graph.cis.native_id[service],
            name=graph.cis.name[service],
            target=target,
            window_start=window.start,
            window_end=window.end,
            agreed_minutes=window.minutes,
            budget_minutes=budget,
            verdict=verdict_of(one.unavailability, target),
            independent=one.unavailability,
            label=one.label,
            method=one.method,
            headroom_minutes=(least, most),
            verdict_contractual_worst=verdict_of(allowed.worst, target),
            contractual_worst=allowed.worst,
            contractual_worst_covered=allowed.covered,
            contractual_best=allowed.best,
            contractual_method=allowed.method,
            naive_product=one.naive_product,
            naive_tree=one.naive_tree,
            p_window_met=_p_window_met(one, window, budget),
            coverage=one.coverage,
            promised_share=self._promised_share(one),
            missing=one.missing,
            inputs=tuple(self.found.own[ci] for ci in one.inputs),
            contributions=self._contributions(one, window),
        )

    def assumptions(self) -> tuple[str, ...]:
        """Return what the verdicts rest on, one sentence each."""
        said = ["independent: CIs fail independently of each other; long-run means."]
        if self.found.inclusive:
            said.append("What lies beneath a CI of inclusive promise counts as part of it.")
        return tuple(said)

    def _contributions(self, one: Derived, window: AgreedWindow) -> tuple[ContributionShare, ...]:
        if one.shares is None:
            return ()
        return contribution_rows(self.found.graph, self.by, one.shares, window.minutes)

    def _promised_share(self, one: Derived) -> float | None:
        """Return how much of the expected downtime rests on agreements."""
        if one.shares is None or not one.shares.total:
            return None
        pairs = zip(one.shares.cis.tolist(), one.shares.shares.tolist(), strict=True)
        own = self.found.own
        promised = fsum(share for ci, share in pairs if own[ci].basis is Basis.AGREEMENT)
        return promised / one.shares.total


def _p_window_met(one: Derived, window: AgreedWindow, budget: float) -> float | None:
    if one.failures_per_year is None or not one.unavailability.is_known or not window.minutes:
        return None
    if one.unavailability.lower >= 1.0:
        return 0.0
    return probability_of_window_met(
        unavailability=one.unavailability.lower,
        failures_per_minute=one.failures_per_year / MINUTES_PER_YEAR,
        minutes=window.minutes,
        budget_minutes=budget,
    )
