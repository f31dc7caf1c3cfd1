"""What ``agreements`` answers: their life, metrics, requirements, and targets per customer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.base import AgreementOut, Out, time_text
from ripplegraph.api.schemas.load import FindingOut
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.applicable import ApplicableTargets
from ripplegraph.impact.agreements.lifecycle import AgreementLife
from ripplegraph.impact.agreements.lifecycle_metrics import (
    LifecycleMetric,
    LifecycleReport,
    Requirement,
)


class AgreementLifeOut(Out):
    """Where one agreement stands."""

    agreement: AgreementOut
    state: str = Field(description="At the moment: by its last change, else as recorded.")
    in_force: bool
    up_to_date: bool = Field(description="In force, and its review is not overdue.")
    begun_at: str | None
    signed_at: str | None
    signed_by: str
    days_to_agree: float | None
    days_open: float | None
    review_due: str | None
    last_review: str | None
    review_overdue: bool
    days_to_end: float | None

    @classmethod
    def of(cls, one: AgreementLife, graph: ServiceGraph) -> AgreementLifeOut:
        """Shape one agreement."""
        return cls(
            agreement=AgreementOut.of(one.agreement, graph),
            state=one.state.value,
            in_force=one.is_in_force,
            up_to_date=one.is_up_to_date,
            begun_at=time_text(one.begun_at),
            signed_at=time_text(one.signed_at),
            signed_by=one.signed_by,
            days_to_agree=one.days_to_agree,
            days_open=one.days_open,
            review_due=time_text(one.review_due),
            last_review=time_text(one.last_review),
            review_overdue=one.is_review_overdue,
            days_to_end=one.days_to_end,
        )


class LifecycleMetricOut(Out):
    """One metric with its definition."""

    name: str
    label: str
    value: float | None
    of: int | None = Field(description="The count that value is a part of; null if none.")
    unit: str
    definition: str

    @classmethod
    def shape(cls, one: LifecycleMetric) -> LifecycleMetricOut:
        """Shape one metric."""
        return cls(
            name=one.name,
            label=one.label,
            value=one.value,
            of=one.of,
            unit=one.unit,
            definition=one.definition,
        )


class RequirementOut(Out):
    """An SLR, the SLAs that answer it, and the agreements behind: ids."""

    slr: str
    customer: str
    state: str
    answered_by: list[str]
    behind: list[str]
    behind_not_agreed: list[str]

    @classmethod
    def of(cls, one: Requirement) -> RequirementOut:
        """Shape one requirement."""
        return cls(
            slr=one.slr.agreement.agreement_id,
            customer=one.slr.agreement.customer,
            state=one.slr.state.value,
            answered_by=[life.agreement.agreement_id for life in one.answered_by],
            behind=[life.agreement.agreement_id for life in one.behind],
            behind_not_agreed=[
                life.agreement.agreement_id for life in one.behind if not life.is_in_force
            ],
        )


class ApplicableTargetOut(Out):
    """The strictest target of one sort."""

    name: str
    value: float
    agreement: str
    looser: list[str]


class ApplicableOut(Out):
    """What holds for one customer of one service."""

    service: str
    name: str
    customer: str = Field(description="Empty: every customer without an SLA of its own.")
    agreements: list[str] = Field(description="All that hold, the nearest to the customer first.")
    targets: list[ApplicableTargetOut]

    @classmethod
    def of(cls, one: ApplicableTargets) -> ApplicableOut:
        """Shape one customer of one service."""
        return cls(
            service=one.service,
            name=one.service_name,
            customer=one.customer,
            agreements=[sla.agreement_id for sla in one.slas],
            targets=[
                ApplicableTargetOut(
                    name=target.name,
                    value=float(target.value),
                    agreement=target.agreement.agreement_id,
                    looser=[sla.agreement_id for sla in target.looser],
                )
                for target in one.targets
            ],
        )


class AgreementsOut(Out):
    """All agreements, those first whose review or end calls first."""

    schema_: Literal["ripplegraph/agreements/1"] = Field(
        default="ripplegraph/agreements/1", serialization_alias="schema"
    )
    at: str | None
    metrics: list[LifecycleMetricOut]
    agreements: list[AgreementLifeOut]
    requirements: list[RequirementOut]
    applicable: list[ApplicableOut]
    findings: list[FindingOut]

    @classmethod
    def of(cls, report: LifecycleReport, graph: ServiceGraph) -> AgreementsOut:
        """Shape one answer."""
        return cls(
            at=time_text(report.life.at),
            metrics=[LifecycleMetricOut.shape(one) for one in report.metrics],
            agreements=[AgreementLifeOut.of(one, graph) for one in report.life.lives],
            requirements=[RequirementOut.of(one) for one in report.requirements],
            applicable=[ApplicableOut.of(one) for one in report.applicable],
            findings=[FindingOut.of(one) for one in report.life.findings],
        )
