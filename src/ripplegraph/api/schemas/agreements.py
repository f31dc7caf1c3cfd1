"""What ``sla``, ``slr`` and ``allocate`` answer: verdicts on SLAs with what they rest on.

Availabilities are fractions; where they are not known exactly, ``{lower, upper}``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from ripplegraph.api.schemas.availability import BasisWord, LabelWord
from ripplegraph.api.schemas.base import Out, number_or_none, time_text
from ripplegraph.api.schemas.load import FindingOut
from ripplegraph.impact.agreements.allocation import (
    Allocation,
    AllocationBasis,
    AllocationRule,
)
from ripplegraph.impact.agreements.ceilings import CeilingAnswer
from ripplegraph.impact.agreements.values import (
    ContributionShare,
    Proposal,
    ProposalKind,
    SlaAnswer,
    SlaVerdict,
    Unavailability,
    Verdict,
)
from ripplegraph.impact.availability.values import OwnReliability

VerdictWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in Verdict]})]
_KINDS = ["ci", "class", "team", "supplier", "OLA", "UPC", "none"]


class BoundsOut(Out):
    """A number that surely lies between two others."""

    lower: float
    upper: float


class ContributionRowOut(Out):
    """What one CI, agreement, team, supplier or class takes of the expected downtime."""

    kind: Annotated[str, Field(json_schema_extra={"enum": _KINDS})] = Field(
        description="OLA, UPC and none (CIs without either) are one partition; "
        "ci, class, team and supplier are one each."
    )
    id: str = Field(description="As exported; empty for CIs without one.")
    name: str
    minutes: float = Field(description="Of one window; a partition adds up to the downtime.")
    percent: float | None
    gain_if_perfect_minutes: float = Field(description="Saved if none of its CIs failed.")
    agreement: str = Field(
        description="Of a CI the agreement that answers for it, to drill down; else empty."
    )


class SlaInputOut(Out):
    """How unavailable one CI beneath is by itself, and where that is known from."""

    ci_id: str
    native_id: str
    name: str
    basis: BasisWord
    unavailability: float | None
    detail: str


class ChangeOut(Out):
    """A target raised, or (kind ``ci``) a CI doubled."""

    kind: Annotated[str, Field(json_schema_extra={"enum": ["OLA", "UPC", "ci"]})]
    id: str
    name: str
    target_today: float | None
    target_then: float | None


class ProposalOut(Out):
    """Something to do about a miss, and the service computed anew with it."""

    kind: Annotated[str, Field(json_schema_extra={"enum": [one.value for one in ProposalKind]})]
    rule: str = Field(description="Of an allocation; else empty.")
    changes: list[ChangeOut]
    independent: float = Field(description="Expected availability with the changes.")
    verdict: VerdictWord
    saved_minutes: float


class SlaOut(Out):
    """The verdict on one SLA for one service."""

    agreement: str
    agreement_name: str
    customer: str
    service: str
    native_id: str
    name: str
    target: float
    window: str
    window_start: str | None
    window_end: str | None
    verdict: VerdictWord = Field(description="By independent.")
    verdict_contractual_worst: VerdictWord
    independent: float | BoundsOut = Field(description="Expected availability, CIs independent.")
    contractual_worst: float | BoundsOut = Field(
        description="The least availability in one window that the agreements allow."
    )
    contractual_worst_covered: float | BoundsOut = Field(
        description="The same if each promise held in all hours of the SLA."
    )
    contractual_best: float | BoundsOut
    contractual_method: str
    label: LabelWord
    method: str
    naive_product: float | None
    naive_tree: float | None
    p_window_met: float | None = Field(
        description="Probability that one window keeps the target; null without frequencies."
    )
    agreed_minutes: float
    budget_minutes: float
    headroom_minutes: float | BoundsOut = Field(description="Negative: minutes beyond the budget.")
    coverage: float = Field(description="Share of the CIs that can fail whose number is known.")
    promised_share: float | None = Field(
        description="Share of the expected downtime that rests on agreements."
    )
    missing: list[str]
    inputs: list[SlaInputOut]
    contributions: list[ContributionRowOut]
    proposals: list[ProposalOut] = Field(description="What could be done about a miss.")
    no_proposals: str = Field(
        description="Why there are none though the target is not met; else empty."
    )

    @classmethod
    def of(cls, one: SlaVerdict) -> SlaOut:
        """Shape one verdict."""
        return cls(
            agreement=one.agreement.agreement_id,
            agreement_name=one.agreement.name,
            customer=one.agreement.customer,
            service=one.service,
            native_id=one.native_id,
            name=one.name,
            target=float(one.target),
            window=str(one.agreement.window),
            window_start=time_text(one.window_start),
            window_end=time_text(one.window_end),
            verdict=one.verdict.value,
            verdict_contractual_worst=one.verdict_contractual_worst.value,
            independent=available(one.independent),
            contractual_worst=available(one.contractual_worst),
            contractual_worst_covered=available(one.contractual_worst_covered),
            contractual_best=available(one.contractual_best),
            contractual_method=one.contractual_method,
            label=one.label.value,
            method=one.method,
            naive_product=one.naive_product,
            naive_tree=one.naive_tree,
            p_window_met=one.p_window_met,
            agreed_minutes=one.agreed_minutes,
            budget_minutes=one.budget_minutes,
            headroom_minutes=between(*one.headroom_minutes),
            coverage=one.coverage,
            promised_share=one.promised_share,
            missing=list(one.missing),
            inputs=[_input(own) for own in one.inputs],
            contributions=[_contribution(share) for share in one.contributions],
            proposals=[_proposal(proposal) for proposal in one.proposals],
            no_proposals=one.no_proposals,
        )


class SlasOut(Out):
    """Verdicts on SLAs, worst first."""

    schema_: Literal["ripplegraph/sla/1"] = Field(
        default="ripplegraph/sla/1", serialization_alias="schema"
    )
    at: str | None = Field(description="The moment whose windows and agreements count, UTC.")
    slas: list[SlaOut]
    not_judged: list[str] = Field(
        description="SLAs in force that promise no availability or cover nothing."
    )
    findings: list[FindingOut]
    assumptions: list[str]

    @classmethod
    def of(cls, answer: SlaAnswer) -> SlasOut:
        """Shape one answer."""
        return cls(
            at=time_text(answer.at),
            slas=[SlaOut.of(one) for one in answer.slas],
            not_judged=list(answer.not_judged),
            findings=[FindingOut.of(one) for one in answer.findings],
            assumptions=list(answer.assumptions),
        )


class CeilingOut(Out):
    """The highest target that a service could promise; availabilities are fractions."""

    service: str
    native_id: str
    name: str
    independent: float | BoundsOut = Field(description="Kept on average up to this target.")
    contractual_worst: float | BoundsOut = Field(description="Kept in every window up to this.")
    contractual_worst_covered: float | BoundsOut
    label: LabelWord
    targets: list[float] = Field(description="Of the SLAs in force on it.")
    missing: list[str]


class CeilingsOut(Out):
    """The highest target that each service could promise, the lowest first."""

    schema_: Literal["ripplegraph/sla-ceiling/1"] = Field(
        default="ripplegraph/sla-ceiling/1", serialization_alias="schema"
    )
    at: str | None = Field(description="The moment whose window counts, UTC.")
    window: str
    calendar: str
    ceilings: list[CeilingOut]

    @classmethod
    def of(cls, answer: CeilingAnswer) -> CeilingsOut:
        """Shape one answer."""
        return cls(
            at=time_text(answer.at),
            window=str(answer.window),
            calendar=answer.calendar,
            ceilings=[
                CeilingOut(
                    service=one.service,
                    native_id=one.native_id,
                    name=one.name,
                    independent=available(one.independent),
                    contractual_worst=available(one.contractual_worst),
                    contractual_worst_covered=available(one.contractual_worst_covered),
                    label=one.label.value,
                    targets=[float(target) for target in one.targets],
                    missing=list(one.missing),
                )
                for one in answer.ceilings
            ],
        )


class TargetChangeOut(Out):
    """A target of an agreement today, and what it would have to be."""

    agreement: str
    kind: str
    name: str
    provider: str
    ci_count: int
    target_today: float
    target_then: float
    is_fixed: bool


class AllocationOut(Out):
    """Targets that together keep the target of a service, or why there are none."""

    schema_: Literal["ripplegraph/sla-allocation/1"] = Field(
        default="ripplegraph/sla-allocation/1", serialization_alias="schema"
    )
    at: str | None
    service: str
    target: float
    rule: Annotated[str, Field(json_schema_extra={"enum": [one.value for one in AllocationRule]})]
    basis: Annotated[
        str, Field(json_schema_extra={"enum": [one.value for one in AllocationBasis]})
    ]
    factor: float | None = Field(description="Of the rule, in 0..1; null if nothing is enough.")
    is_enough: bool
    availability_today: float
    availability_then: float = Field(
        description="With the targets put back in; where changed promises of inclusive scope need "
        "each other and do not settle, the least that it can be."
    )
    changes: list[TargetChangeOut]

    @classmethod
    def of(cls, found: Allocation, *, at: datetime) -> AllocationOut:
        """Shape one answer."""
        return cls(
            at=time_text(at),
            service=found.service,
            target=float(found.target),
            rule=found.rule.value,
            basis=found.basis.value,
            factor=found.factor,
            is_enough=found.is_enough,
            availability_today=1.0 - found.unavailability_today,
            availability_then=1.0 - found.unavailability_then,
            changes=[
                TargetChangeOut(
                    agreement=one.agreement_id,
                    kind=one.kind,
                    name=one.name,
                    provider=one.provider,
                    ci_count=one.ci_count,
                    target_today=float(one.target_today),
                    target_then=float(one.target_then),
                    is_fixed=one.is_fixed,
                )
                for one in found.changes
            ],
        )


def available(one: Unavailability) -> float | BoundsOut:
    """Return an unavailability as availability: a fraction, or what it lies between."""
    return between(1.0 - one.upper, 1.0 - one.lower)


def between(lower: float, upper: float) -> float | BoundsOut:
    """Return one number, or the two that it lies between."""
    return lower if lower == upper else BoundsOut(lower=lower, upper=upper)


def _input(one: OwnReliability) -> SlaInputOut:
    return SlaInputOut(
        ci_id=one.ci_id,
        native_id=one.native_id,
        name=one.name,
        basis=one.basis.value,
        unavailability=one.unavailability,
        detail=one.detail,
    )


def _proposal(one: Proposal) -> ProposalOut:
    return ProposalOut(
        kind=one.kind.value,
        rule=one.rule,
        changes=[
            ChangeOut(
                kind=change.kind,
                id=change.id,
                name=change.name,
                target_today=number_or_none(change.target_today),
                target_then=number_or_none(change.target_then),
            )
            for change in one.changes
        ],
        independent=1.0 - one.independent.upper,
        verdict=one.verdict.value,
        saved_minutes=one.saved_minutes,
    )


def _contribution(one: ContributionShare) -> ContributionRowOut:
    return ContributionRowOut(
        kind=one.kind,
        id=one.id,
        name=one.name,
        minutes=one.minutes,
        percent=one.percent,
        gain_if_perfect_minutes=one.gain_if_perfect_minutes,
        agreement=one.agreement,
    )
