"""Incidents: what is open and what might fail besides, with budgets and times to breach."""

from __future__ import annotations

from fastapi import APIRouter

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.routes.scenarios import Clock, ScenarioIn, whole_graph
from ripplegraph.api.schemas import IncidentAnswerOut
from ripplegraph.api.scopes import needs
from ripplegraph.graph.build import graph_at
from ripplegraph.impact.propagation.answers import impact
from ripplegraph.impact.propagation.concerned import is_needed_by_services
from ripplegraph.impact.timeline.state_at import state_at
from ripplegraph.impact.timeline.supposed import supposing


def incident_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the route of incidents."""
    routes = APIRouter(prefix="/v1", tags=["answers"])

    @routes.post(
        "/incident",
        summary="What falls if these CIs fail now besides what is open, and when SLAs break.",
    )
    @needs(Scope.READ, by_tag=True)
    def incident(question: ScenarioIn) -> IncidentAnswerOut:
        graph, moment = whole_graph(estate, question), question.at or clock()
        question = question.model_copy(update={"with_open_outages": True})
        now = graph_at(graph, moment)
        scenario = question.scenario(now, moment)
        then = supposing(graph, scenario, moment)
        return IncidentAnswerOut.of(
            impact(now, scenario, at=moment),
            state_at(then, moment, with_forecast=False),
            graph,
            moment,
            is_needed=is_needed_by_services(now, map(now.resolve, scenario.cis)),
        )

    return routes
