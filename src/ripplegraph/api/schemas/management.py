"""What ``report --metrics`` and ``--design`` add, and what ``improve`` answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out, number_or_none, time_text
from ripplegraph.impact.timeline.ci_history import CiHistory
from ripplegraph.impact.timeline.design import DesignComparison
from ripplegraph.impact.timeline.gains import (
    LEVER_DEFINITIONS,
    Candidate,
    ImproveAnswer,
    Lever,
    TrackedImprovement,
)
from ripplegraph.impact.timeline.metrics import ExperienceRow, LevelMetric
from ripplegraph.impact.timeline.tickets import ClockState, TicketClock

LeverWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in Lever]})]
ClockWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in ClockState]})]


class MetricOut(Out):
    """One metric of service level management, with its definition."""

    name: str
    label: str
    unit: str
    value: float | None
    of: int | None = Field(description="How many it is counted of; null if no part of anything.")
    before: float | None = Field(description="In the window before.")
    change: float | None
    definition: str

    @classmethod
    def of_metric(cls, one: LevelMetric) -> MetricOut:
        """Shape one metric."""
        return cls(
            name=one.name,
            label=one.label,
            unit=one.unit,
            value=one.value,
            of=one.of,
            before=one.before,
            change=one.change,
            definition=one.definition,
        )


class ExperienceOut(Out):
    """An experience score beside the SLAs of its service."""

    service: str
    customer: str
    window_start: str
    score: float
    target: float | None
    verdicts: list[str]
    is_poor: bool | None
    is_met_but_poor: bool = Field(description="Every SLA was met, and the experience was poor.")

    @classmethod
    def of(cls, one: ExperienceRow) -> ExperienceOut:
        """Shape one row."""
        return cls(
            service=one.service,
            customer=one.customer,
            window_start=str(time_text(one.window_start)),
            score=float(one.score),
            target=number_or_none(one.target),
            verdicts=list(one.verdicts),
            is_poor=one.is_poor,
            is_met_but_poor=one.is_met_but_poor,
        )


class TicketClockOut(Out):
    """One time target of one ticket, in agreed service time."""

    ticket: str
    agreement: str
    priority: str
    kind: str = Field(description="response or resolution.")
    target_seconds: int
    elapsed_seconds: int
    due: str | None
    state: ClockWord

    @classmethod
    def of(cls, one: TicketClock) -> TicketClockOut:
        """Shape one clock."""
        return cls(
            ticket=one.ticket.ticket_id,
            agreement=one.agreement.agreement_id,
            priority=one.ticket.priority,
            kind=one.kind,
            target_seconds=one.target_seconds,
            elapsed_seconds=one.elapsed_seconds,
            due=time_text(one.due),
            state=one.state.value,
        )


class DesignDifferenceOut(Out):
    """What one CI was expected to cost, and what it did."""

    ci_id: str
    name: str
    expected_seconds: float | None
    measured_seconds: int


class DesignOut(Out):
    """One service by design and as measured, round the clock."""

    service: str
    service_name: str
    start: str
    end: str
    derived: float | None
    label: str
    measured: float | None
    differences: list[DesignDifferenceOut]

    @classmethod
    def of(cls, one: DesignComparison) -> DesignOut:
        """Shape one service."""
        return cls(
            service=one.service,
            service_name=one.service_name,
            start=str(time_text(one.start)),
            end=str(time_text(one.end)),
            derived=one.derived,
            label=one.label.value,
            measured=one.measured,
            differences=[
                DesignDifferenceOut(
                    ci_id=row.ci_id,
                    name=row.name,
                    expected_seconds=row.expected_seconds,
                    measured_seconds=row.measured_seconds,
                )
                for row in one.differences
            ],
        )


class CiHistoryOut(Out):
    """How a CI did by itself, beside what is agreed on it."""

    ci_id: str
    name: str
    observed_seconds: int
    is_assumed: bool
    failures: int
    down_seconds: int
    availability: float | None
    lower: float | None = Field(description="Of its long-run availability, 90 % confidence.")
    upper: float | None
    mtbf_hours: float | None
    mttr_hours: float | None
    agreement: str | None
    agreed: float | None
    is_below_agreed: bool | None

    @classmethod
    def of(cls, one: CiHistory) -> CiHistoryOut:
        """Shape one CI."""
        agreed = None if one.agreement is None else one.agreement.target_availability
        return cls(
            ci_id=one.ci_id,
            name=one.name,
            observed_seconds=one.observed_seconds,
            is_assumed=one.is_assumed,
            failures=one.failures,
            down_seconds=one.down_seconds,
            availability=one.availability,
            lower=one.lower,
            upper=one.upper,
            mtbf_hours=one.mtbf_hours,
            mttr_hours=one.mttr_hours,
            agreement=None if one.agreement is None else one.agreement.agreement_id,
            agreed=number_or_none(agreed),
            is_below_agreed=one.is_below_agreed,
        )


class TrackedOut(Out):
    """One action of the service improvement plan."""

    improvement: str
    service: str
    action: str
    origin: str
    owner: str
    due: str | None
    state: str
    is_overdue: bool
    expected_minutes: float | None = Field(description="Downtime that it saves in a year.")
    realised_minutes: float | None
    realised_share: float | None

    @classmethod
    def of(cls, row: TrackedImprovement) -> TrackedOut:
        """Shape one action."""
        one = row.improvement
        return cls(
            improvement=one.improvement_id,
            service=one.service,
            action=one.action,
            origin=one.origin,
            owner=one.owner,
            due=time_text(one.due),
            state=one.state.value,
            is_overdue=row.is_overdue,
            expected_minutes=one.expected_minutes,
            realised_minutes=one.realised_minutes,
            realised_share=row.realised_share,
        )


class CandidateOut(Out):
    """One option, with the seconds that all SLAs together would not have lost."""

    lever: LeverWord
    subject: str
    name: str
    gained_seconds: int
    slas: list[str]
    outages: int

    @classmethod
    def of(cls, one: Candidate) -> CandidateOut:
        """Shape one option."""
        return cls(
            lever=one.lever.value,
            subject=one.subject,
            name=one.name,
            gained_seconds=one.gained_seconds,
            slas=list(one.slas),
            outages=one.outages,
        )


class ImproveOut(Out):
    """Tracked actions, and options by what they would have gained."""

    schema_: Literal["ripplegraph/improve/1"] = Field(
        default="ripplegraph/improve/1", serialization_alias="schema"
    )
    start: str
    now: str
    down_seconds: int = Field(description="Downtime of all SLAs in the time looked at, summed.")
    tracked: list[TrackedOut]
    candidates: list[CandidateOut]
    levers: dict[str, str] = Field(description="What each lever assumes.")

    @classmethod
    def of(cls, answer: ImproveAnswer) -> ImproveOut:
        """Shape one answer."""
        return cls(
            start=_text(answer.start),
            now=_text(answer.now),
            down_seconds=answer.down_seconds,
            tracked=[TrackedOut.of(one) for one in answer.tracked],
            candidates=[CandidateOut.of(one) for one in answer.candidates],
            levers={lever.value: words for lever, words in LEVER_DEFINITIONS.items()},
        )


def _text(moment: datetime) -> str:
    return str(time_text(moment))
