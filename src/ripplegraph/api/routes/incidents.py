"""Incidents: what is open and what might fail besides, with budgets and times to breach."""

from __future__ import annotations

from fastapi import APIRouter

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.incident import IncidentIn
from ripplegraph.api.routes.scenarios import Clock, whole_graph
from ripplegraph.api.schemas import IncidentAnswerOut
from ripplegraph.api.scopes import needs


def incident_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the route of incidents."""
    routes = APIRouter(prefix="/v1", tags=["answers"])

    @routes.post(
        "/incident",
        summary="What falls if these CIs fail now besides what is open, and when SLAs break.",
    )
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def incident(question: IncidentIn) -> IncidentAnswerOut:
        return question.answer(whole_graph(estate, question), question.at or clock())

    return routes
