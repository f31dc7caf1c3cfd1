"""What ``report`` and ``timeline`` answer. Seconds are exact integers; fractions stand as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Annotated, Literal

from pydantic import Field

from ripplegraph.api.schemas.base import CiRef, Out, StatusWord, number_or_none, time_text
from ripplegraph.api.schemas.management import (
    CiHistoryOut,
    DesignOut,
    ExperienceOut,
    MetricOut,
    TicketClockOut,
)
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.management import DesignAnswer, ManagementAnswer
from ripplegraph.impact.timeline.shapley import ShareMethod
from ripplegraph.impact.timeline.status_intervals import StatusInterval
from ripplegraph.impact.timeline.sums import SummedSeconds, summed_seconds
from ripplegraph.impact.timeline.values import (
    Attribution,
    LevelReport,
    OutageCause,
    OutageClass,
    ReportAnswer,
    ServiceOutage,
    TrendPoint,
    Verdict,
)

VerdictWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in Verdict]})]
ClassWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in OutageClass]})]
MethodWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in ShareMethod]})]


class OutageCauseOut(Out):
    """One record of an outage of a root CI."""

    ci_id: str
    external_id: str
    kind: str
    cause: str
    change: str
    excluded: str = Field(description="Clause and approver if it does not count; else empty.")
    file: str
    row: int

    @classmethod
    def of(cls, one: OutageCause) -> OutageCauseOut:
        """Shape one record."""
        return cls(
            ci_id=one.ci_id,
            external_id=one.external_id,
            kind=one.kind,
            cause=one.cause,
            change=one.change,
            excluded=one.excluded,
            file=one.file,
            row=one.row,
        )


class ServiceOutageOut(Out):
    """One time without interruption in which the service was down."""

    start: str
    end: str | None = Field(description="Null while it goes on.")
    outage_class: ClassWord = Field(serialization_alias="class")
    seconds: int = Field(description="Seconds that count: in the window and the agreed hours.")
    planned_seconds: int
    excluded_seconds: int
    root_cis: list[str]
    because: list[str] = Field(description="Shortest chain to a root CI when it began.")
    causes: list[OutageCauseOut]

    @classmethod
    def of(cls, one: ServiceOutage) -> ServiceOutageOut:
        """Shape one outage."""
        return cls(
            start=str(time_text(one.start)),
            end=time_text(one.end),
            outage_class=one.outage_class.value,
            seconds=one.seconds,
            planned_seconds=one.planned_seconds,
            excluded_seconds=one.excluded_seconds,
            root_cis=list(one.root_cis),
            because=list(one.because),
            causes=[OutageCauseOut.of(cause) for cause in one.causes],
        )


class AttributionOut(Out):
    """The seconds of one CI; over all CIs they add up to ``down_seconds``."""

    ci_id: str
    name: str
    seconds: int
    owner_team: str
    supplier: str
    agreement: str | None = Field(description="The OLA, else the UPC, that answers for the CI.")
    agreement_kind: str | None
    backing: list[str] = Field(description="Further agreements that cover it.")
    changes: dict[str, int] = Field(description="Seconds of it within change requests, by id.")

    @classmethod
    def of(cls, one: Attribution) -> AttributionOut:
        """Shape one row."""
        return cls(
            ci_id=one.ci_id,
            name=one.name,
            seconds=one.seconds,
            owner_team=one.owner_team,
            supplier=one.supplier,
            agreement=None if one.answering is None else one.answering.agreement_id,
            agreement_kind=None if one.answering is None else one.answering.kind.value,
            backing=list(one.backing),
            changes=dict(one.changes),
        )


class LevelReportOut(Out):
    """One SLA of one service in one window, up to now."""

    service: str = Field(description="ci_id of the service.")
    agreement: str = Field(description="Id of the SLA.")
    window_start: str
    window_end: str
    agreed_seconds: int = Field(
        description="Agreed service time that is over and observed: the denominator. Without "
        "planned time under the rule 'period'."
    )
    down_seconds: int
    degraded_seconds: int
    at_risk_seconds: int
    planned_seconds: int
    availability: float | None
    target: float | None
    met: bool | None = Field(description="Null as long as time to come can still turn it.")
    budget_seconds: int | None = Field(description="Of the whole window; rounded down.")
    budget_left_seconds: int | None = Field(description="Negative if overdrawn; rounded down.")
    outages: list[ServiceOutageOut]
    attribution: list[AttributionOut]

    @classmethod
    def of(cls, one: LevelReport) -> LevelReportOut:
        """Shape one report."""
        return cls(
            service=one.service,
            agreement=one.agreement.agreement_id,
            window_start=str(time_text(one.window_start)),
            window_end=str(time_text(one.window_end)),
            agreed_seconds=one.agreed_seconds,
            down_seconds=one.down_seconds,
            degraded_seconds=one.degraded_seconds,
            at_risk_seconds=one.at_risk_seconds,
            planned_seconds=one.planned_seconds,
            availability=_float(one.availability),
            target=number_or_none(one.target),
            met=one.met,
            budget_seconds=_floor(one.budget_seconds),
            budget_left_seconds=_floor(one.budget_left_seconds),
            outages=[ServiceOutageOut.of(outage) for outage in one.outages],
            attribution=[AttributionOut.of(row) for row in one.attribution],
        )


class TrendPointOut(Out):
    """One window of the trend."""

    window_start: str
    window_end: str
    agreed_seconds: int
    used_seconds: float
    budget_seconds: int | None
    availability: float | None

    @classmethod
    def of(cls, one: TrendPoint) -> TrendPointOut:
        """Shape one window."""
        return cls(
            window_start=str(time_text(one.start)),
            window_end=str(time_text(one.end)),
            agreed_seconds=one.agreed_seconds,
            used_seconds=float(one.used_seconds),
            budget_seconds=_floor(one.budget_seconds),
            availability=_float(one.availability),
        )


class FurtherTargetOut(Out):
    """A further promise of the agreement; ``met`` is null while it can still turn."""

    name: str
    target: float
    measured: float | None
    met: bool | None


class ReportDetailsOut(Out):
    """What else there is to say on the report at the same place of ``reports``."""

    service_name: str
    agreement_name: str
    customer: str
    time_zone: str = Field(description="IANA name of the zone of its window; empty: UTC.")
    verdict: VerdictWord
    breached_at: str | None = Field(description="The second that overdrew the budget.")
    is_whole_window: bool = Field(description="False: only the part in which a version holds.")
    is_over: bool
    window_seconds: int = Field(description="Agreed service time of the whole window.")
    unobserved_seconds: int
    excluded_seconds: int
    too_short_seconds: int
    used_seconds: float = Field(description="Down, and degraded by its weight.")
    availability_downtime_rule: float | None
    availability_period_rule: float | None
    outage_count: int
    longest_seconds: int
    mtbf_seconds: float | None
    mtrs_seconds: float | None
    penalty: str
    penalty_amount: str | None
    penalty_currency: str
    further_targets: list[FurtherTargetOut]
    attribution_method: MethodWord
    trend: list[TrendPointOut]
    notes: list[str]

    @classmethod
    def of(cls, one: LevelReport) -> ReportDetailsOut:
        """Shape the rest of one report."""
        return cls(
            service_name=one.service_name,
            agreement_name=one.agreement.name,
            customer=one.agreement.customer,
            time_zone=one.time_zone,
            verdict=one.verdict.value,
            breached_at=time_text(one.breached_at),
            is_whole_window=one.is_whole_window,
            is_over=one.is_over,
            window_seconds=one.window_seconds,
            unobserved_seconds=one.unobserved_seconds,
            excluded_seconds=one.excluded_seconds,
            too_short_seconds=one.too_short_seconds,
            used_seconds=float(one.used_seconds),
            availability_downtime_rule=_float(one.availability_downtime_rule),
            availability_period_rule=_float(one.availability_period_rule),
            outage_count=one.outage_count,
            longest_seconds=one.longest_seconds,
            mtbf_seconds=_float(one.mtbf_seconds),
            mtrs_seconds=_float(one.mtrs_seconds),
            penalty=one.penalty,
            penalty_amount=None if one.penalty_amount is None else str(one.penalty_amount),
            penalty_currency=one.agreement.cost_currency,
            further_targets=[
                FurtherTargetOut(
                    name=target.name,
                    target=target.target,
                    measured=target.measured,
                    met=target.met,
                )
                for target in one.further_targets
            ],
            attribution_method=one.attribution_method.value,
            trend=[TrendPointOut.of(point) for point in one.trend],
            notes=list(one.notes),
        )


class SummedSecondsOut(Out):
    """Seconds of downtime of several SLAs that somebody answers for."""

    scope: str = Field(description="portfolio or customer.")
    name: str = Field(description="Of the customer.")
    by: str = Field(description="party, team, supplier, agreement, change or ci: each partitions.")
    key: str = Field(description="Id or name; empty for those without one.")
    seconds: int = Field(description="Seconds of downtime, summed over SLAs.")
    slas: int

    @classmethod
    def of(cls, one: SummedSeconds) -> SummedSecondsOut:
        """Shape one sum."""
        return cls(
            scope=one.scope,
            name=one.name,
            by=one.by,
            key=one.key,
            seconds=one.seconds,
            slas=one.slas,
        )


class ReportOut(Out):
    """Reports on service levels: one per SLA of each service and window."""

    schema_: Literal["ripplegraph/report/1"] = Field(
        default="ripplegraph/report/1", serialization_alias="schema"
    )
    now: str = Field(description="Windows are measured up to here.")
    reports: list[LevelReportOut]
    details: list[ReportDetailsOut]
    totals: list[SummedSecondsOut]
    metrics: list[MetricOut] = Field(description="If metrics are asked for, else empty.")
    experience: list[ExperienceOut] = Field(description="If metrics are asked for, else empty.")
    tickets: list[TicketClockOut] = Field(description="If metrics are asked for, else empty.")
    design: list[DesignOut] = Field(description="If the design is asked for, else empty.")
    ci_histories: list[CiHistoryOut] = Field(
        description="If the design is asked for: CIs that failed."
    )
    notes: list[str]

    @classmethod
    def of(
        cls,
        answer: ReportAnswer,
        management: ManagementAnswer | None = None,
        design: DesignAnswer | None = None,
    ) -> ReportOut:
        """Shape one answer."""
        return cls(
            now=str(time_text(answer.now)),
            reports=[LevelReportOut.of(one) for one in answer.reports],
            details=[ReportDetailsOut.of(one) for one in answer.reports],
            totals=[SummedSecondsOut.of(one) for one in summed_seconds(answer.reports)],
            metrics=[MetricOut.of_metric(one) for one in management.metrics] if management else [],
            experience=(
                [ExperienceOut.of(one) for one in management.experience] if management else []
            ),
            tickets=[TicketClockOut.of(one) for one in management.tickets] if management else [],
            design=[DesignOut.of(one) for one in design.services] if design else [],
            ci_histories=[CiHistoryOut.of(one) for one in design.cis] if design else [],
            notes=list(answer.notes),
        )


class StatusIntervalOut(Out):
    """A time in which the service was not up and no status changed."""

    start: str | None = Field(description="Null if it never was otherwise.")
    end: str | None = Field(description="Null while it goes on.")
    status: StatusWord
    planned_status: StatusWord
    unplanned_status: StatusWord
    in_maintenance: bool
    counts_as_down: bool
    root_cis: list[str]
    because: list[str]

    @classmethod
    def of(cls, one: StatusInterval) -> StatusIntervalOut:
        """Shape one interval."""
        return cls(
            start=time_text(one.start),
            end=time_text(one.end),
            status=one.status.word,
            planned_status=one.planned_status.word,
            unplanned_status=one.unplanned_status.word,
            in_maintenance=one.in_maintenance,
            counts_as_down=one.counts_as_down,
            root_cis=list(one.root_cis),
            because=list(one.because),
        )


class ServiceTimelineOut(Out):
    """The time line of one service."""

    service: CiRef
    intervals: list[StatusIntervalOut]


class TimelineOut(Out):
    """When services were not up, exact to the second."""

    schema_: Literal["ripplegraph/timeline/1"] = Field(
        default="ripplegraph/timeline/1", serialization_alias="schema"
    )
    now: str = Field(description="Nothing later is told; open outages end here.")
    services: list[ServiceTimelineOut]

    @classmethod
    def of(
        cls,
        found: Mapping[CiId, Sequence[StatusInterval]],
        graph: ServiceGraph,
        now: datetime,
    ) -> TimelineOut:
        """Shape one answer."""
        return cls(
            now=str(time_text(now)),
            services=[
                ServiceTimelineOut(
                    service=CiRef.of(ci_id, graph),
                    intervals=[StatusIntervalOut.of(one) for one in intervals],
                )
                for ci_id, intervals in found.items()
            ],
        )


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _floor(value: Fraction | None) -> int | None:
    return None if value is None else floor(value)
