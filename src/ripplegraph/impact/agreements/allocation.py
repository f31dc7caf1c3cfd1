"""What each negotiable agreement beneath a service would have to promise for a target."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ripplegraph.graph.model import CiId
from ripplegraph.impact.agreements.negotiation import (
    Factors,
    Negotiation,
    Party,
    allowed_downtime,
    factor_of,
    largest_share,
    stricter_target,
)


class AllocationRule(StrEnum):
    """Who gives how much.

    Equal factor: allowed downtimes shrink alike. Equal targets: all below one target are raised
    to it. Proportional: the factor of each is a power of one factor, by what it contributes.
    """

    EQUAL_FACTOR = "equal_factor"
    EQUAL_TARGETS = "equal_targets"
    PROPORTIONAL = "proportional"


class AllocationBasis(StrEnum):
    """Which answer has to keep the target."""

    INDEPENDENT = "independent"
    CONTRACTUAL_WORST = "contractual_worst"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChange:
    """A target of an agreement today, and what it would have to be.

    Parameters
    ----------
    is_fixed
        Not negotiable: it stays.
    """

    agreement_id: str
    kind: str
    name: str
    provider: str
    ci_count: int
    target_today: Decimal
    target_then: Decimal
    is_fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Targets that together keep the target of a service, or why there are none.

    Parameters
    ----------
    factor
        Parameter of the rule, in [0, 1]: 1 changes nothing; None if even perfect negotiable
        agreements would not be enough.
    changes
        One for each agreement beneath, fixed ones too, by id.
    unavailability_today, unavailability_then
        By the basis, with the targets of ``changes`` put back in; the second without a factor
        is what the fixed ones leave. Where changed promises of inclusive scope need each other
        and do not settle, the second is the most that it can be: never too good.
    is_enough
        Whether that keeps the target.
    """

    service: CiId
    target: Decimal
    rule: AllocationRule
    basis: AllocationBasis
    factor: float | None
    changes: tuple[TargetChange, ...]
    unavailability_today: float
    unavailability_then: float
    is_enough: bool


def allocated(
    model: Negotiation,
    target: Decimal,
    *,
    fixed: Collection[str] = (),
    rule: AllocationRule = AllocationRule.EQUAL_FACTOR,
    basis: AllocationBasis = AllocationBasis.INDEPENDENT,
    contributions: Mapping[str, float] | None = None,
) -> Allocation:
    """Return targets for the negotiable agreements beneath a service.

    Parameters
    ----------
    model
        The service.
    target
        What it has to keep, a fraction.
    fixed
        Ids of the agreements that stay.
    contributions
        By agreement id its share of the downtime; for the proportional rule.

    Notes
    -----
    The largest parameter in [0, 1] of the rule at which the service keeps the target, found by
    halving; then the targets are rounded to the stricter side, put back in, and judged anew.
    """
    measure = {
        AllocationBasis.INDEPENDENT: model.independent,
        AllocationBasis.CONTRACTUAL_WORST: model.contractual_worst,
    }[basis]
    negotiable = [one for one in model.parties if one.agreement.agreement_id not in fixed]
    factors = _by_rule(rule, negotiable, contributions or {})
    allowed = allowed_downtime(target)
    share = largest_share(lambda one: measure(factors(one)), allowed)
    agreed = factors(share or 0.0)
    targets = {
        party.agreement.agreement_id: stricter_target(party, agreed[party.agreement.agreement_id])
        for party in negotiable
    }
    put_back = {
        party.agreement.agreement_id: factor_of(party, targets[party.agreement.agreement_id])
        for party in negotiable
    }
    then = measure(put_back)
    return Allocation(
        service=model.found.graph.ci_ids[model.service],
        target=target,
        rule=rule,
        basis=basis,
        factor=share,
        changes=tuple(_change(party, targets, fixed) for party in model.parties),
        unavailability_today=measure({}),
        unavailability_then=then,
        is_enough=then <= allowed,
    )


def _by_rule(
    rule: AllocationRule, parties: Collection[Party], contributions: Mapping[str, float]
) -> Callable[[float], Factors]:
    """Return how many times its downtime each agreement may keep, by the rule's parameter."""
    most_allowed = max((float(one.allowed) for one in parties), default=0.0)
    parts = [contributions.get(one.agreement.agreement_id, 0.0) for one in parties]
    # by the least: by the most, small parts would move only where the parameter has no digits
    least = min((part for part in parts if part > 0.0), default=1.0)

    def factor(party: Party, share: float) -> float:
        if rule is AllocationRule.EQUAL_FACTOR:
            return share
        if rule is AllocationRule.EQUAL_TARGETS:
            allowed = float(party.allowed)
            return min(1.0, share * most_allowed / allowed) if allowed else 1.0
        part = contributions.get(party.agreement.agreement_id, 0.0)
        return float(share ** (part / least)) if part > 0.0 else 1.0

    return lambda share: {one.agreement.agreement_id: factor(one, share) for one in parties}


def _change(party: Party, targets: Mapping[str, Decimal], fixed: Collection[str]) -> TargetChange:
    agreement = party.agreement
    today = 1 - party.allowed
    return TargetChange(
        agreement_id=agreement.agreement_id,
        kind=agreement.kind.value,
        name=agreement.name,
        provider=agreement.provider,
        ci_count=len(party.cis),
        target_today=today,
        target_then=targets.get(agreement.agreement_id, today),
        is_fixed=agreement.agreement_id in fixed,
    )
