"""What ``availability``, ``cutsets``, ``importance`` and ``explain`` answer.

Probabilities and availabilities are fractions. A year has 525,600 minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out, time_text
from ripplegraph.impact.availability.importance_values import ImportanceAnswer
from ripplegraph.impact.availability.values import (
    AvailabilityAnswer,
    Basis,
    CutSetsAnswer,
    ExplainAnswer,
    Label,
    Level,
    SinglePointsAnswer,
    UncertaintyAnswer,
)

LabelWord = Annotated[
    str,
    Field(
        json_schema_extra={"enum": [one.value for one in Label]},
        description="How far the numbers can be trusted.",
    ),
]
LevelWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in Level]})]
BasisWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in Basis]})]
_AT = Field(description="The moment whose dependencies count, UTC; null for a fault tree.")


class ServiceAvailabilityOut(Out):
    """The availability of one service; never to be read without its label."""

    ci_id: str
    native_id: str
    name: str
    availability: float | None = Field(
        description="Null if incomplete; of a bounded row from the lower bound."
    )
    unavailability: float | None = Field(
        description="Keeps the digits that 1 - availability loses; of a bounded row the lower."
    )
    label: LabelWord
    lower: float = Field(description="The unavailability is at least this.")
    upper: float = Field(description="The unavailability is at most this.")
    method: str
    downtime_minutes_per_year: float | None
    downtime_minutes_per_window: float | None
    naive_product: float | None = Field(
        description="Availability as the product over all CIs, redundancy ignored."
    )
    naive_tree: float | None = Field(
        description="Availability on the unfolded tree, shared CIs as if separate; null on cycles."
    )
    failures_per_year: float | None
    mtbf_hours: float | None
    mean_down_time_hours: float | None
    cycle_hours: float | None
    failures_per_year_lower: float | None = Field(
        description="Equal to the upper where exact, certified bounds where bounded."
    )
    failures_per_year_upper: float | None
    failures_reason: str = Field(
        description="Why there are no failures a year, or only bounds; empty where there are."
    )
    missing: list[str] = Field(description="CIs beneath of unknown availability.")
    missing_frequency: list[str] = Field(description="CIs beneath of unknown failure frequency.")
    coverage: float = Field(description="Share of the CIs that can fail whose number is known.")
    width_seconds_per_year: float


class UncertaintyOut(Out):
    """How far the unavailability of one service is known; quantiles of samples."""

    ci_id: str
    native_id: str
    name: str
    lower: float | None = Field(description="Null where the service was not sampled.")
    median: float | None
    upper: float | None
    mean: float | None
    confidence: float = Field(description="Share of the samples between lower and upper.")
    samples: int
    seed: int
    reason: str = Field(description="Why the service was not sampled; empty where it was.")
    missing: list[str] = Field(description="CIs beneath of unknown availability, as perfect.")
    assumptions: list[str]


class AvailabilityOut(Out):
    """The availability of services, in the order of the export."""

    schema_: Literal["ripplegraph/availability/1"] = Field(
        default="ripplegraph/availability/1", serialization_alias="schema"
    )
    at: str | None = _AT
    level: LevelWord
    services: list[ServiceAvailabilityOut]
    basis_counts: dict[str, int] = Field(description="CIs beneath, by where their number is from.")
    uncertainty: list[UncertaintyOut] = Field(description="Empty unless asked for.")
    assumptions: list[str]

    @classmethod
    def of(
        cls,
        answer: AvailabilityAnswer,
        *,
        at: datetime | None = None,
        uncertainty: Sequence[UncertaintyAnswer] = (),
    ) -> AvailabilityOut:
        """Shape one answer."""
        return cls(
            at=time_text(at),
            level=answer.level.value,
            services=[_service(one) for one in answer.services],
            basis_counts=dict(answer.basis_counts),
            uncertainty=[
                UncertaintyOut.model_validate(one, from_attributes=True) for one in uncertainty
            ],
            assumptions=list(answer.assumptions),
        )


class CutSetOut(Out):
    """CIs that together bring the service down, and no fewer of them do."""

    cis: list[str]
    order: int
    probability: float | None
    downtime_minutes_per_year: float | None
    downtime_minutes_per_window: float | None


class PathSetOut(Out):
    """CIs that together keep the service up, and no fewer of them do."""

    cis: list[str]
    order: int
    probability: float | None = Field(description="That all work; null if one is unknown.")
    unavailability: float | None = Field(
        description="That one is down: keeps the digits that 1 - probability loses."
    )
    uptime_minutes_per_year: float | None
    uptime_minutes_per_window: float | None


class CutSetsOut(Out):
    """The minimal cut sets of one service, likeliest first, and its minimal path sets."""

    schema_: Literal["ripplegraph/cutsets/1"] = Field(
        default="ripplegraph/cutsets/1", serialization_alias="schema"
    )
    at: str | None = _AT
    ci_id: str
    native_id: str
    name: str
    cut_sets: list[CutSetOut]
    is_complete: bool = Field(description="False if an order, probability or number ended it.")
    count: int | None = Field(description="How many there are, listed or not.")
    counts_by_order: list[int] = Field(
        description="How many there are of 0, 1, 2 ... CIs, listed or not; empty if not counted."
    )
    single_points_of_failure: list[str]
    path_sets: list[PathSetOut] = Field(description="Likeliest first; empty if too many.")
    assumptions: list[str]

    @classmethod
    def of(cls, answer: CutSetsAnswer, *, at: datetime | None = None) -> CutSetsOut:
        """Shape one answer."""
        return cls(
            at=time_text(at),
            ci_id=answer.ci_id,
            native_id=answer.native_id,
            name=answer.name,
            cut_sets=[
                CutSetOut.model_validate(one, from_attributes=True) for one in answer.cut_sets
            ],
            is_complete=answer.is_complete,
            count=answer.count,
            counts_by_order=list(answer.counts_by_order),
            single_points_of_failure=list(answer.single_points_of_failure),
            path_sets=[
                PathSetOut.model_validate(one, from_attributes=True) for one in answer.path_sets
            ],
            assumptions=list(answer.assumptions),
        )


class SinglePointOut(Out):
    """A CI that alone brings services down."""

    ci_id: str
    native_id: str
    name: str
    unavailability: float | None
    downtime_minutes_per_year: float | None
    services: list[str]


class SinglePointsOut(Out):
    """The single points of failure of services: those that bring most of them down first."""

    schema_: Literal["ripplegraph/spof/1"] = Field(
        default="ripplegraph/spof/1", serialization_alias="schema"
    )
    at: str | None = _AT
    single_points: list[SinglePointOut]
    service_count: int
    without: list[str] = Field(description="Services without a single point of failure.")
    assumptions: list[str]

    @classmethod
    def of(cls, answer: SinglePointsAnswer, *, at: datetime | None = None) -> SinglePointsOut:
        """Shape one answer."""
        return cls(
            at=time_text(at),
            single_points=[
                SinglePointOut.model_validate(one, from_attributes=True)
                for one in answer.single_points
            ],
            service_count=answer.service_count,
            without=list(answer.without),
            assumptions=list(answer.assumptions),
        )


class ImportanceRowOut(Out):
    """What one CI means to one service."""

    service: str
    ci_id: str
    native_id: str
    name: str
    unavailability: float | None
    birnbaum: float
    criticality: float | None
    fussell_vesely: float | None
    dif: float | None
    raw: float | None
    rrw: float | None = Field(
        description="Null for a sole single point of failure, and where its own is unknown."
    )
    minutes: float | None = Field(
        description="Minutes a year that a perfect CI would save; null if its own is unknown."
    )
    minutes_lower: float | None = Field(description="They are at least this; equal where exact.")
    minutes_upper: float | None
    label: LabelWord
    minutes_per_window: float | None = Field(description="The same in the window asked for.")
    contribution_minutes: float | None = Field(
        description="Its share of the downtime a year; the shares add up. Null if not exact."
    )
    mtbf_hours: float | None
    mean_down_time_hours: float | None


class GroupImportanceOut(Out):
    """What several CIs mean to one service together."""

    service: str
    kind: str
    key: str
    ci_count: int
    birnbaum: float
    criticality: float | None
    fussell_vesely: float | None = Field(
        description="Null where cut sets are too many, or the service is not exact."
    )
    dif: float | None = Field(description="P(one of them is down, given that the service is).")
    raw: float | None
    rrw: float | None
    minutes: float | None = Field(description="Null if the availability of one is unknown.")
    minutes_lower: float | None = Field(description="They are at least this; equal where exact.")
    minutes_upper: float | None
    label: LabelWord
    minutes_per_window: float | None


class CiTotalOut(Out):
    """What one CI means to all services, added up."""

    ci_id: str
    native_id: str
    name: str
    unavailability: float | None
    minutes: float | None = Field(
        description="Minutes a year at stake, summed over the services; null if unknown."
    )
    service_count: int = Field(description="Services whose unavailability changes with its own.")
    alone_count: int = Field(description="Services that it alone brings down.")
    worst_service: str | None
    worst_minutes: float | None


class GroupTotalOut(Out):
    """What a group of CIs means to all services, added up."""

    kind: str
    key: str
    minutes: float | None = Field(description="Null if the availability of one is unknown.")
    service_count: int
    worst_service: str | None
    worst_minutes: float | None
    label: LabelWord


class ImportanceOut(Out):
    """What CIs mean to one service, or to all: most minutes first."""

    schema_: Literal["ripplegraph/importance/1"] = Field(
        default="ripplegraph/importance/1", serialization_alias="schema"
    )
    at: str | None = _AT
    service: str | None = Field(description="Null for every service.")
    importance: list[ImportanceRowOut]
    groups: list[GroupImportanceOut]
    row_count: int = Field(description="Rows there are, listed or not.")
    totals: list[CiTotalOut] = Field(
        description="CIs over all services, most minutes first; empty for one service."
    )
    total_count: int = Field(description="CIs in totals, listed or not.")
    group_totals: list[GroupTotalOut]
    labels: dict[str, str] = Field(description="Label of each service.")
    assumptions: list[str]

    @classmethod
    def of(cls, answer: ImportanceAnswer, *, at: datetime | None = None) -> ImportanceOut:
        """Shape one answer."""
        rows, groups, totals = answer.rows, answer.groups, answer.totals
        return cls(
            at=time_text(at),
            service=answer.service,
            importance=[
                ImportanceRowOut.model_validate(one, from_attributes=True) for one in rows
            ],
            groups=[
                GroupImportanceOut.model_validate(one, from_attributes=True) for one in groups
            ],
            row_count=answer.row_count,
            totals=[CiTotalOut.model_validate(one, from_attributes=True) for one in totals],
            total_count=answer.total_count,
            group_totals=[
                GroupTotalOut.model_validate(one, from_attributes=True)
                for one in answer.group_totals
            ],
            labels={service: str(label) for service, label in answer.labels.items()},
            assumptions=list(answer.assumptions),
        )


class ContributionOut(Out):
    """The share of one CI in the downtime; the shares add up to all of it."""

    ci_id: str
    native_id: str
    name: str
    minutes_per_year: float
    percent: float | None
    basis: BasisWord | None
    detail: str


class OwnReliabilityOut(Out):
    """How reliable one CI is by itself, and where that is from."""

    ci_id: str
    native_id: str
    name: str
    basis: BasisWord
    unavailability: float | None
    failures_per_year: float | None
    detail: str


class ExplainOut(Out):
    """Where the availability of one service comes from."""

    schema_: Literal["ripplegraph/explain/1"] = Field(
        default="ripplegraph/explain/1", serialization_alias="schema"
    )
    at: str | None = _AT
    service: ServiceAvailabilityOut
    contributions: list[ContributionOut]
    inputs: list[OwnReliabilityOut]
    single_points_of_failure: list[str]
    spreadsheet: list[str]
    assumptions: list[str]

    @classmethod
    def of(cls, answer: ExplainAnswer, *, at: datetime | None = None) -> ExplainOut:
        """Shape one answer."""
        shares = answer.contributions
        return cls(
            at=time_text(at),
            service=_service(answer.service),
            contributions=[
                ContributionOut.model_validate(one, from_attributes=True) for one in shares
            ],
            inputs=[
                OwnReliabilityOut.model_validate(one, from_attributes=True)
                for one in answer.inputs
            ],
            single_points_of_failure=list(answer.single_points_of_failure),
            spreadsheet=list(answer.spreadsheet),
            assumptions=list(answer.assumptions),
        )


def _service(one: object) -> ServiceAvailabilityOut:
    return ServiceAvailabilityOut.model_validate(one, from_attributes=True)
