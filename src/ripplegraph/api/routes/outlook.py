"""The state of services at a moment, missed SLAs, where SLAs go, and what would help most."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.service_levels import (
    BreachesQuery,
    ForecastQuery,
    ImproveQuery,
    StateQuery,
)
from ripplegraph.api.routes.scenarios import Clock, answered
from ripplegraph.api.schemas import BreachesOut, ForecastOut, ImproveOut, StateOut
from ripplegraph.api.scopes import needs


def outlook_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes on the state of services and of SLAs."""
    routes = APIRouter(prefix="/v1", tags=["service levels"])

    @routes.get("/breaches", summary="The SLAs that are missed, and through whom.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def breaches(asked: Annotated[BreachesQuery, Query()]) -> BreachesOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/state", summary="What is not up at a moment, and what to fix first.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def state(asked: Annotated[StateQuery, Query()]) -> StateOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/forecast", summary="How likely each SLA will be missed.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def forecast(asked: Annotated[ForecastQuery, Query()]) -> ForecastOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/improvements", summary="What would gain most for the SLAs.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def improvements(asked: Annotated[ImproveQuery, Query()]) -> ImproveOut:
        return answered(estate, clock, asked, asked.answer)

    return routes
