"""What would close the gap of a missed target: one agreement alone, all of them, redundancy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from ripplegraph.impact.agreements.allocation import Allocation, AllocationRule, allocated
from ripplegraph.impact.agreements.contributions import Shares
from ripplegraph.impact.agreements.negotiation import (
    Negotiation,
    Party,
    allowed_downtime,
    factor_of,
    largest_share,
    stricter_target,
)
from ripplegraph.impact.agreements.values import (
    TIE,
    Proposal,
    ProposalKind,
    ProposedChange,
    Unavailability,
    verdict_of,
)

_MOST_DOUBLED = 10


def proposals_for(
    model: Negotiation, target: Decimal, shares: Shares, minutes: float
) -> tuple[Proposal, ...]:
    """Return what could be done about a target that a service misses, each judged anew.

    Parameters
    ----------
    model
        The service.
    target
        A fraction.
    shares
        Who takes how much of its downtime.
    minutes
        Of agreed service time in the window.

    Returns
    -------
    tuple of Proposal
        Single agreements, those first that take most; allocations by each rule; then single
        points of failure to double, those first that save most.
    """
    parts = contributions_by_agreement(model, shares)
    case = _Case(model, target, minutes)
    ordered = sorted(
        model.parties,
        key=lambda one: (-parts[one.agreement.agreement_id], one.agreement.agreement_id),
    )
    fixed = frozenset(one.agreement.agreement_id for one in model.parties if one.agreement.fixed)
    return (
        *(case.alone(party) for party in ordered if parts[party.agreement.agreement_id] > 0),
        *case.together(fixed, parts),
        *case.redundant(shares),
    )


def contributions_by_agreement(model: Negotiation, shares: Shares) -> Mapping[str, float]:
    """Return by agreement id what its CIs take of the unavailability."""
    of_ci = dict(zip(shares.cis.tolist(), shares.shares.tolist(), strict=True))
    return {
        party.agreement.agreement_id: sum(of_ci.get(ci, 0.0) for ci in party.cis)
        for party in model.parties
    }


class _Case:
    """One service against one target."""

    def __init__(self, model: Negotiation, target: Decimal, minutes: float) -> None:
        self._model, self._target, self._minutes = model, target, minutes
        self._today = model.independent({})

    def alone(self, party: Party) -> Proposal:
        """Return the target that one agreement needs if nothing else changes."""
        ident = party.agreement.agreement_id
        share = largest_share(
            lambda one: self._model.independent({ident: one}), allowed_downtime(self._target)
        )
        then = Decimal(1) if share is None else stricter_target(party, share)
        return self._proposal(
            ProposalKind.SINGLE_AGREEMENT,
            (self._change(party, then),),
            self._model.independent({ident: factor_of(party, then)}),
        )

    def together(self, fixed: frozenset[str], parts: Mapping[str, float]) -> Iterator[Proposal]:
        """Yield the targets that all negotiable agreements need, by each rule."""
        if len(self._model.parties) - len(fixed) < 2:
            return
        for rule in AllocationRule:
            found = allocated(
                self._model, self._target, fixed=fixed, rule=rule, contributions=parts
            )
            yield self._proposal(
                ProposalKind.ALLOCATION, _changes(found), found.unavailability_then, rule.value
            )

    def redundant(self, shares: Shares) -> Iterator[Proposal]:
        """Yield single points of failure with what an independent twin of each would save."""
        graph = self._model.found.graph
        alone = [
            ci
            for ci, slope, share in zip(
                shares.cis.tolist(), shares.slopes.tolist(), shares.shares.tolist(), strict=True
            )
            if share > 0 and self._is_alone(ci, slope)
        ]
        found = sorted(zip(self._model.doubled(alone), alone, strict=True), key=lambda one: one[0])
        for then, ci in found[:_MOST_DOUBLED]:
            if self._today - then <= TIE * self._today:
                continue  # what a promise above it counts already
            change = ProposedChange(kind="ci", id=graph.cis.native_id[ci], name=graph.cis.name[ci])
            yield self._proposal(ProposalKind.REDUNDANCY, (change,), then)

    def _is_alone(self, ci: int, slope: float) -> bool:
        """Return whether a CI alone brings the service down: failed, it leaves nothing up."""
        own = float(self._model.batch.best[ci])
        up_without = self._today + (1.0 - own) * slope
        return up_without >= 1.0 - 1e-9

    def _change(self, party: Party, then: Decimal) -> ProposedChange:
        agreement = party.agreement
        return ProposedChange(
            kind=agreement.kind.value,
            id=agreement.agreement_id,
            name=agreement.name,
            target_today=1 - party.allowed,
            target_then=then,
        )

    def _proposal(
        self,
        kind: ProposalKind,
        changes: tuple[ProposedChange, ...],
        then: float,
        rule: str = "",
    ) -> Proposal:
        unavailability = Unavailability(lower=then, upper=then)
        return Proposal(
            kind=kind,
            rule=rule,
            changes=changes,
            independent=unavailability,
            verdict=verdict_of(unavailability, self._target),
            saved_minutes=(self._today - then) * self._minutes,
        )


def _changes(found: Allocation) -> tuple[ProposedChange, ...]:
    return tuple(
        ProposedChange(
            kind=one.kind,
            id=one.agreement_id,
            name=one.name,
            target_today=one.target_today,
            target_then=one.target_then,
        )
        for one in found.changes
        if one.target_then != one.target_today
    )
