"""What verdicts on SLAs share: services derived once, windows, contracts, proposals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import fsum

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.agreed_windows import AgreedWindow, AgreedWindows
from ripplegraph.impact.agreements.contractual import ContractualCase, contractual_case
from ripplegraph.impact.agreements.contribution_rows import contribution_rows
from ripplegraph.impact.agreements.contributions import Partition, partitions
from ripplegraph.impact.agreements.derived import Derived, derived_services
from ripplegraph.impact.agreements.foundations import Foundations, foundations
from ripplegraph.impact.agreements.negotiation import Negotiation, negotiation_on
from ripplegraph.impact.agreements.proposals import proposals_for
from ripplegraph.impact.agreements.values import (
    ContributionShare,
    Proposal,
    SlaVerdict,
    verdict_of,
)
from ripplegraph.impact.agreements.window_met import probability_of_window_met
from ripplegraph.impact.availability.options import AvailabilityOptions
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, Basis

_FEW_SERVICES = 8


def judging(
    graph: ServiceGraph, services: Iterable[int], *, at: datetime, options: AvailabilityOptions
) -> Judging:
    """Return what verdicts on services share.

    Parameters
    ----------
    graph
        With the dependencies that hold at the moment.
    services
        Numbers of CIs.
    """
    found = foundations(graph, services, at=at, options=options)
    by, windows = partitions(graph, found.answering), AgreedWindows(graph=graph, at=at)
    return Judging(
        at=at,
        found=found,
        by=by,
        derived=derived_services(found, by),
        windows=windows,
        contractual=contractual_case(found, windows),
        options=options,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judging:
    """Services that can be judged against targets."""

    at: datetime
    found: Foundations
    by: Mapping[str, Partition]
    derived: Mapping[int, Derived]
    windows: AgreedWindows
    contractual: ContractualCase
    options: AvailabilityOptions

    def verdict(self, agreement: Agreement, service: int) -> SlaVerdict:
        """Return the verdict on one SLA with a target, for one service."""
        graph, one = self.found.graph, self.derived[service]
        allowed = self.contractual.answers(agreement, service)
        # a promise says how long its CI is down, whatever an unknown CI takes of that
        expected = one.unavailability.at_least(allowed.best.lower)
        target = agreement.target_availability or Decimal(0)
        window = self.windows.of(agreement)
        budget = float(1 - target) * window.minutes
        least, most = (budget - end * window.minutes for end in (expected.upper, expected.lower))
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
            verdict=verdict_of(expected, target),
            independent=expected,
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

    def proposals(self, agreement: Agreement, service: int) -> tuple[Proposal, ...]:
        """Return what could be done about a target that a service misses."""
        case = self.alone(service)
        model, shares = case.negotiation(agreement, service), case.derived[service].shares
        if model is None or shares is None:
            return ()
        target = agreement.target_availability or Decimal(0)
        return proposals_for(model, target, shares, self.windows.of(agreement).minutes)

    def negotiation(self, agreement: Agreement, service: int) -> Negotiation | None:
        """Return the model of a service whose agreements change; None if a number is open."""
        return negotiation_on(self.found, self.contractual, agreement, service)

    def alone(self, service: int) -> Judging:
        """Return the same for one service, so that many trials do not compute all others."""
        number, _ = self.found.place_of[service]
        if len(self.found.batches[number].services) <= _FEW_SERVICES:
            return self
        return judging(self.found.graph, [service], at=self.at, options=self.options)

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
