"""The answers of version 1, as JSON."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import Field, model_validator

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.routes.scenarios import AtQuery, CiText, Clock, ScenarioIn, graph_then
from ripplegraph.api.schemas import CheckOut, CiOut, ImpactOut, LoadOut, ServicesOut, WhyOut
from ripplegraph.api.scopes import needs
from ripplegraph.graph.model import Status
from ripplegraph.graph.validation import validate
from ripplegraph.impact.propagation.answers import impact, why, why_not

CiPath = Annotated[str, Path(max_length=1000, description="ci_id, or a unique native id or name")]


class OutageIn(ScenarioIn):
    """A question about an outage: something must be out."""

    @model_validator(mode="after")
    def _something_is_out(self) -> Self:
        if not (self.down or self.maintenance or self.degraded or self.with_open_outages):
            msg = "nothing is out: name CIs in down, maintenance or degraded, or with_open_outages"
            raise ValueError(msg)
        return self


class ImpactIn(OutageIn):
    """A question: what falls if these CIs are out."""

    all_cis: Annotated[bool, Field(alias="all", description="Every CI, not services only.")] = (
        False
    )


class WhyIn(OutageIn):
    """A question: why is this service not up if these CIs are out."""

    service: CiText


class FindingsQuery(AtQuery):
    """From when on CIs that nobody confirmed are stale."""

    stale_after_days: Annotated[int, Field(ge=1, le=36_500)] = 90


Asked = Annotated[AtQuery, Query()]


def answer_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes that answer questions on the graph."""
    routes = APIRouter(prefix="/v1", tags=["answers"])

    @routes.get("/services", summary="Every service with its offerings and SLAs.")
    @needs(Scope.READ, by_tag=True)
    def services(asked: Asked) -> ServicesOut:
        graph, moment = graph_then(estate, clock, asked)
        return ServicesOut.of(graph, moment)

    @routes.get("/cis/{ci:path}", summary="One CI with its neighbours, agreements and outages.")
    @needs(Scope.READ, by_tag=True)
    def ci(ci: CiPath, asked: Asked) -> CiOut:
        graph, _ = graph_then(estate, clock, asked)
        return CiOut.of(graph.resolve(ci), graph)

    @routes.get(
        "/findings",
        summary="What was read, and what is wrong in the data.",
        response_model=CheckOut,
    )
    @needs(Scope.READ, by_tag=True)
    def findings(asked: Annotated[FindingsQuery, Query()]) -> LoadOut:
        graph, moment = graph_then(estate, clock, asked)
        found = validate(graph, at=moment, stale_after_days=asked.stale_after_days)
        return CheckOut.of(graph, found)

    @routes.post("/impact", summary="What falls if these CIs are out, and why.")
    @needs(Scope.READ, by_tag=True)
    def impact_of(question: ImpactIn) -> ImpactOut:
        graph, moment = graph_then(estate, clock, question)
        scenario = question.scenario(graph, moment)
        answer = impact(graph, scenario, all_cis=question.all_cis, at=moment)
        return ImpactOut.of(answer, graph, at=moment)

    @routes.post("/why", summary="Why a service is not up, or what still holds it.")
    @needs(Scope.READ, by_tag=True)
    def why_of(question: WhyIn) -> WhyOut:
        graph, moment = graph_then(estate, clock, question)
        scenario = question.scenario(graph, moment)
        answer = why(graph, question.service, scenario, at=moment)
        still_works = answer.ci.status is not Status.DOWN
        held = why_not(graph, question.service, scenario, at=moment) if still_works else None
        return WhyOut.of(answer, graph, at=moment, why_not=held)

    return routes
