"""SLAs: whether their targets follow from the dependencies, and what was measured."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.asked import AtQuery
from ripplegraph.api.questions.service_levels import (
    ReportQuery,
    SlaQuery,
    TimelineQuery,
)
from ripplegraph.api.questions.what_if import SlaWhatIf
from ripplegraph.api.routes.scenarios import Clock, answered
from ripplegraph.api.schemas import (
    ReportOut,
    SlasOut,
    TimelineOut,
)
from ripplegraph.api.scopes import needs


def service_level_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes on SLAs, by design and as measured."""
    routes = APIRouter(prefix="/v1", tags=["service levels"])

    @routes.get("/slas", summary="Whether the targets of SLAs can be kept, and why.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def slas(asked: Annotated[SlaQuery, Query()]) -> SlasOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.post("/slas/what-if", summary="The same, if CIs had another availability.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def slas_if(question: SlaWhatIf, asked: Annotated[AtQuery, Query()]) -> SlasOut:
        return answered(estate, clock, asked, question.answer)

    @routes.get("/reports", summary="What was measured against each SLA, to the second.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def reports(asked: Annotated[ReportQuery, Query()]) -> ReportOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/timeline", summary="When services were not up, and why.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def timeline(asked: Annotated[TimelineQuery, Query()]) -> TimelineOut:
        return answered(estate, clock, asked, asked.answer)

    return routes
