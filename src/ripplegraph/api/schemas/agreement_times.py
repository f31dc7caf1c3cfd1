"""What ``times`` answers: time targets of SLAs against the times promised beneath."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ripplegraph.api.schemas.agreements import VerdictWord
from ripplegraph.api.schemas.base import Out, time_text
from ripplegraph.api.schemas.load import FindingOut
from ripplegraph.impact.agreements.time_promises import TimeKind
from ripplegraph.impact.agreements.time_targets import TimeAnswer, TimeVerdict

_KINDS = [kind.value for kind in TimeKind]


class TimeStepOut(Out):
    """One promise on the way that takes longest."""

    agreement: str
    agreement_name: str
    kind: str
    calendar: str
    minutes: float


class TimeVerdictOut(Out):
    """The verdict on one time target of one SLA for one service."""

    agreement: str
    agreement_name: str
    customer: str
    service: str
    name: str
    priority: str
    kind: Annotated[str, Field(json_schema_extra={"enum": _KINDS})]
    verdict: VerdictWord
    target_minutes: float
    promised_minutes: float = Field(description="Sum of the steps, whatever their hours.")
    worst_minutes: float | None = Field(
        description="In the SLA's service time, in the hours of each step; null: never done."
    )
    worst_start: str | None
    worst_end: str | None
    missed_by_hours_only: bool
    steps: list[TimeStepOut]
    missing: list[str] = Field(description="CIs beneath without a promised time.")

    @classmethod
    def of(cls, one: TimeVerdict) -> TimeVerdictOut:
        """Shape one verdict."""
        return cls(
            agreement=one.agreement.agreement_id,
            agreement_name=one.agreement.name,
            customer=one.agreement.customer,
            service=one.service,
            name=one.service_name,
            priority=one.priority,
            kind=one.kind.value,
            verdict=one.verdict.value,
            target_minutes=one.target_minutes,
            promised_minutes=one.promised_minutes,
            worst_minutes=one.worst_minutes,
            worst_start=time_text(one.worst_start),
            worst_end=time_text(one.worst_end),
            missed_by_hours_only=one.is_missed_by_hours_only,
            steps=[
                TimeStepOut(
                    agreement=step.agreement.agreement_id,
                    agreement_name=step.agreement.name,
                    kind=step.agreement.kind.value,
                    calendar=step.agreement.calendar,
                    minutes=step.minutes,
                )
                for step in one.steps
            ],
            missing=list(one.missing),
        )


class TimesOut(Out):
    """Verdicts on time targets, worst first."""

    schema_: Literal["ripplegraph/times/1"] = Field(
        default="ripplegraph/times/1", serialization_alias="schema"
    )
    at: str | None
    verdicts: list[TimeVerdictOut]
    findings: list[FindingOut]

    @classmethod
    def of(cls, answer: TimeAnswer) -> TimesOut:
        """Shape one answer."""
        return cls(
            at=time_text(answer.at),
            verdicts=[TimeVerdictOut.of(one) for one in answer.verdicts],
            findings=[FindingOut.of(one) for one in answer.findings],
        )
