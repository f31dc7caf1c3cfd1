"""SLAs: whether their targets follow from the dependencies, and what was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ripplegraph.api.callers import Scope
from ripplegraph.api.routes.availability import LONGEST_SECONDS, AvailabilityQuery
from ripplegraph.api.routes.scenarios import AtQuery, CiText, CiTexts, Clock, graph_then
from ripplegraph.api.schemas import ReportOut, SlasOut, TimelineOut
from ripplegraph.api.scopes import needs
from ripplegraph.graph.ports import GraphSource
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.availability.options import Reliability
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.status_intervals import status_intervals
from ripplegraph.impact.timeline.timeline import timeline_of
from ripplegraph.impact.timeline.windows import parse_window


def _window(text: str) -> str:
    parse_window(text)
    return text


WindowText = Annotated[
    str,
    Field(max_length=20, description="2026-10, 2026-Q4, 2026 or rolling:30d"),
    AfterValidator(_window),
]
Fraction = Annotated[float, Field(ge=0, le=1)]


class SlaQuery(AtQuery):
    """Whose SLAs are asked about."""

    service: CiTexts = Field(default=[], description="Repeatable; every SLA if none.")


class SlaWhatIf(BaseModel):
    """What if CIs had another availability of their own? Nothing is stored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    services: CiTexts = []
    own_availability: Annotated[
        dict[CiText, Fraction],
        Field(max_length=10_000, description="By CI: a fraction in [0, 1]."),
    ]


class ReportQuery(SlaQuery):
    """Which window is reported on."""

    window: WindowText | None = None
    trend: Annotated[int, Field(ge=0, le=120, description="Windows of the trend.")] = 6


class TimelineQuery(SlaQuery):
    """Whose time line is asked about."""


def service_level_routes(source: GraphSource, clock: Clock) -> APIRouter:
    """Return the routes on SLAs, by design and as measured."""
    routes = APIRouter(prefix="/v1", tags=["service levels"])

    @routes.get("/slas", summary="Whether the targets of SLAs can be kept, and why.")
    @needs(Scope.READ, by_tag=True)
    def slas(asked: Annotated[SlaQuery, Query()]) -> SlasOut:
        graph, moment = graph_then(source, clock, asked.at)
        options = AvailabilityQuery(seconds=LONGEST_SECONDS).options()
        return SlasOut.of(sla_verdicts(graph, asked.service or None, at=moment, options=options))

    @routes.post("/slas/what-if", summary="The same, if CIs had another availability.")
    @needs(Scope.READ, by_tag=True)
    def slas_if(question: SlaWhatIf, asked: Annotated[AtQuery, Query()]) -> SlasOut:
        graph, moment = graph_then(source, clock, asked.at)
        own = {
            graph.resolve(ci): Reliability(unavailability=1 - fraction)
            for ci, fraction in question.own_availability.items()
        }
        options = replace(AvailabilityQuery(seconds=LONGEST_SECONDS).options(), own=own)
        answer = sla_verdicts(graph, question.services or None, at=moment, options=options)
        return SlasOut.of(answer)

    @routes.get("/reports", summary="What was measured against each SLA, to the second.")
    @needs(Scope.READ, by_tag=True)
    def reports(asked: Annotated[ReportQuery, Query()]) -> ReportOut:
        moment = asked.at or clock()
        answer = service_level_reports(
            source.read(),
            now=moment,
            services=asked.service or None,
            window=None if asked.window is None else parse_window(asked.window),
            trend_windows=asked.trend,
        )
        return ReportOut.of(answer)

    @routes.get("/timeline", summary="When services were not up, and why.")
    @needs(Scope.READ, by_tag=True)
    def timeline(asked: Annotated[TimelineQuery, Query()]) -> TimelineOut:
        graph, moment = source.read(), asked.at or clock()
        numbers = list(dict.fromkeys(map(graph.resolve, asked.service)))
        numbers = numbers or list(graph.service_numbers)
        line = timeline_of(graph, now=moment, services=numbers)
        found = {
            graph.ci_ids[number]: status_intervals(line, number, start=None, end=None)
            for number in numbers
        }
        if not asked.service:
            found = {ci_id: intervals for ci_id, intervals in found.items() if intervals}
        return TimelineOut.of(found, graph, moment)

    return routes
