"""What ``GET /v1/overview`` answers: every service in one compact answer, as columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from ripplegraph.api.callers import Caller
from ripplegraph.api.schemas.base import Out, time_text
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.outlook import SlaOutlook
from ripplegraph.impact.timeline.overview import EstateOverview, ServiceOverview

_PLANNED = "abcd"
"""How a strip writes a status that planned or excluded outages alone explain: a is up."""


class OverviewSlaColumns(Out):
    """The SLAs in force of every service, the most urgent of a service first; one list each."""

    row: list[int] = Field(description="Place of its service in the columns of services.")
    agreement: list[str]
    customer: list[str]
    target: list[float]
    measured: list[float | None] = Field(
        description="Fraction of the agreed time so far; null before any is over."
    )
    budget_seconds: list[int]
    budget_left_seconds: list[int] = Field(description="Negative if overdrawn; rounded down.")
    time_zone: list[str] = Field(description="IANA name of the zone of its window; empty: UTC.")
    window_end: list[str]
    breach_at: list[str | None] = Field(
        description="When the budget is used up if the present status goes on; null if not within "
        "the window."
    )

    @classmethod
    def of(cls, found: Iterable[tuple[int, SlaOutlook]]) -> OverviewSlaColumns:
        """Shape SLAs with the places of their services."""
        pairs = list(found)
        slas = [one for _, one in pairs]
        return cls(
            row=[row for row, _ in pairs],
            agreement=[one.agreement.agreement_id for one in slas],
            customer=[one.agreement.customer for one in slas],
            target=[float(one.agreement.target_availability or 0) for one in slas],
            measured=[_measured(one) for one in slas],
            budget_seconds=[int(one.budget_seconds) for one in slas],
            budget_left_seconds=[one.budget_left_seconds.__floor__() for one in slas],
            time_zone=[one.time_zone for one in slas],
            window_end=[str(time_text(one.window_end)) for one in slas],
            breach_at=[time_text(one.breach_at) for one in slas],
        )


class OverviewServiceColumns(Out):
    """Every service, the worst first; one list each."""

    service: list[str] = Field(description="ci_id; offerings count with their service.")
    name: list[str]
    kind: list[str]
    owner_team: list[str]
    criticality: list[str]
    offerings: list[int] = Field(description="How many.")
    status: list[int] = Field(description="0 up, 1 at risk, 2 degraded, 3 down.")
    since: list[str | None] = Field(description="Null if it is up, or never was otherwise.")
    in_maintenance: list[bool]
    root_causes: list[list[str]] = Field(description="Names of the CIs that explain the status.")
    strip: list[str] = Field(
        description="The worst status of each day as a digit; a letter (a is 0) where planned or "
        "excluded outages alone explain it."
    )

    @classmethod
    def of(cls, rows: Iterable[ServiceOverview], graph: ServiceGraph) -> OverviewServiceColumns:
        """Shape the services."""
        found = list(rows)
        cis, numbers = graph.cis, [graph.resolve(one.service) for one in found]
        intervals = [one.interval for one in found]
        return cls(
            service=[one.service for one in found],
            name=[one.name for one in found],
            kind=[cis.kind[number].value for number in numbers],
            owner_team=[cis.owner_team[number] for number in numbers],
            criticality=[cis.criticality[number] for number in numbers],
            offerings=[len(one.offerings) for one in found],
            status=[int(one.status) for one in found],
            since=[time_text(one.since) for one in found],
            in_maintenance=[one is not None and one.in_maintenance for one in intervals],
            root_causes=[
                [] if one is None else [cis.name[graph.resolve(ci)] for ci in one.root_cis]
                for one in intervals
            ],
            strip=[_strip(one) for one in found],
        )


class OverviewOut(Out):
    """Every service with its state, its last days and its SLAs, as columns."""

    schema_: Literal["ripplegraph/overview/1"] = Field(
        default="ripplegraph/overview/1", serialization_alias="schema"
    )
    moment: str
    days: list[str] = Field(description="The dates of the strips, UTC.")
    statuses: list[str] = Field(description="The words of the numbers of statuses.")
    cis: int
    services: OverviewServiceColumns
    slas: OverviewSlaColumns

    @classmethod
    def of(cls, answer: EstateOverview, graph: ServiceGraph) -> OverviewOut:
        """Shape one answer."""
        return cls(
            moment=str(time_text(answer.moment)),
            days=[day.isoformat() for day in answer.days],
            statuses=[status.word for status in sorted(Status)],
            cis=graph.ci_count,
            services=OverviewServiceColumns.of(answer.services, graph),
            slas=OverviewSlaColumns.of(
                (row, outlook)
                for row, one in enumerate(answer.services)
                for outlook in one.outlooks
            ),
        )


class CallerOut(Out):
    """Who asks, and what they may do."""

    schema_: Literal["ripplegraph/caller/1"] = Field(
        default="ripplegraph/caller/1", serialization_alias="schema"
    )
    name: str
    scopes: list[str] = Field(description="admin may do everything.")
    tags: list[str] | None = Field(
        description="It sees services that carry one of these; null: everything."
    )

    @classmethod
    def of(cls, caller: Caller) -> CallerOut:
        """Shape one caller."""
        return cls(
            name=caller.name,
            scopes=sorted(caller.scopes),
            tags=None if caller.tags is None else sorted(caller.tags),
        )


def _measured(one: SlaOutlook) -> float | None:
    if one.agreed_seconds <= 0:
        return None
    return float((one.agreed_seconds - one.used_seconds) / one.agreed_seconds)


def _strip(one: ServiceOverview) -> str:
    return "".join(
        _PLANNED[status] if is_planned else str(int(status))
        for status, is_planned in zip(one.worst_of_days, one.is_planned, strict=True)
    )
