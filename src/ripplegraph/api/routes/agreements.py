"""Agreements: ceilings of targets, times, requirements, and where each agreement stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.agreements import (
    AgreementsQuery,
    AllocationTermsQuery,
    RequirementQuery,
)
from ripplegraph.api.questions.service_levels import CeilingsQuery, TimesQuery
from ripplegraph.api.routes.availability import ServicePath
from ripplegraph.api.routes.scenarios import Clock, answered, graph_then
from ripplegraph.api.schemas import AgreementsOut, AllocationOut, CeilingsOut, SlasOut, TimesOut
from ripplegraph.api.scopes import needs


def agreement_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes on agreements: what could be promised, and where each stands."""
    routes = APIRouter(prefix="/v1", tags=["service levels"])

    @routes.get("/slas/ceilings", summary="The highest target that each service could promise.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def ceilings(asked: Annotated[CeilingsQuery, Query()]) -> CeilingsOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/slas/times", summary="Whether times to respond and resolve can be kept.")
    @needs(Scope.READ, by_tag=True)
    def times(asked: Annotated[TimesQuery, Query()]) -> TimesOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/slrs", summary="Whether requirements could be agreed, and what they need.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def requirements(asked: Annotated[RequirementQuery, Query()]) -> SlasOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/agreements", summary="Agreements with state, review and metrics.")
    @needs(Scope.READ, by_tag=True)
    def agreements(asked: Annotated[AgreementsQuery, Query()]) -> AgreementsOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get(
        "/services/{service:path}/allocation",
        summary="What the agreements beneath a service must promise for a target.",
    )
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def allocation(
        service: ServicePath, asked: Annotated[AllocationTermsQuery, Query()]
    ) -> AllocationOut:
        graph, moment = graph_then(estate, clock, asked)
        return asked.allocation(graph, service, moment)

    return routes
