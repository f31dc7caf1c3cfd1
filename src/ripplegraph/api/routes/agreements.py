"""Agreements: ceilings of targets, times, requirements, and where each agreement stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from ripplegraph.api.callers import Scope
from ripplegraph.api.routes.availability import LONGEST_SECONDS, AvailabilityQuery
from ripplegraph.api.routes.scenarios import AtQuery, CiTexts, Clock, graph_then
from ripplegraph.api.routes.service_levels import SlaQuery
from ripplegraph.api.schemas import AgreementsOut, CeilingsOut, SlasOut, TimesOut
from ripplegraph.api.scopes import needs
from ripplegraph.graph.ports import GraphSource
from ripplegraph.impact.agreements.ceilings import target_ceilings
from ripplegraph.impact.agreements.lifecycle_metrics import lifecycle_report
from ripplegraph.impact.agreements.time_targets import time_verdicts
from ripplegraph.impact.agreements.verdict import requirement_verdicts


class RequirementQuery(AtQuery):
    """Which requirements are asked about."""

    slr: CiTexts = Field(
        default=[], description="Id or name of an SLR or SLA; repeatable; every SLR if none."
    )


def agreement_routes(source: GraphSource, clock: Clock) -> APIRouter:
    """Return the routes on agreements: what could be promised, and where each stands."""
    routes = APIRouter(prefix="/v1", tags=["service levels"])

    @routes.get("/slas/ceilings", summary="The highest target that each service could promise.")
    @needs(Scope.READ, by_tag=True)
    def ceilings(asked: Annotated[SlaQuery, Query()]) -> CeilingsOut:
        graph, moment = graph_then(source, clock, asked.at)
        options = AvailabilityQuery(seconds=LONGEST_SECONDS).options()
        answer = target_ceilings(graph, asked.service or None, at=moment, options=options)
        return CeilingsOut.of(answer)

    @routes.get("/slas/times", summary="Whether times to respond and resolve can be kept.")
    @needs(Scope.READ, by_tag=True)
    def times(asked: Annotated[SlaQuery, Query()]) -> TimesOut:
        graph, moment = graph_then(source, clock, asked.at)
        return TimesOut.of(time_verdicts(graph, asked.service or None, at=moment))

    @routes.get("/slrs", summary="Whether requirements could be agreed, and what they need.")
    @needs(Scope.READ, by_tag=True)
    def requirements(asked: Annotated[RequirementQuery, Query()]) -> SlasOut:
        graph, moment = graph_then(source, clock, asked.at)
        options = AvailabilityQuery(seconds=LONGEST_SECONDS).options()
        wanted = asked.slr or None
        return SlasOut.of(requirement_verdicts(graph, wanted, at=moment, options=options))

    @routes.get("/agreements", summary="Agreements with state, review and metrics.")
    @needs(Scope.READ, by_tag=True)
    def agreements(asked: Annotated[AtQuery, Query()]) -> AgreementsOut:
        return AgreementsOut.of(lifecycle_report(source.read(), at=asked.at or clock()))

    return routes
