"""The answers of version 1, as JSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from ripplegraph.api.routes.scenarios import Clock, ScenarioIn
from ripplegraph.api.schemas import CheckOut, CiOut, ImpactOut, LoadOut, ServicesOut
from ripplegraph.graph.ports import GraphSource
from ripplegraph.graph.validation import validate
from ripplegraph.impact.propagation.answers import impact

CiPath = Annotated[str, Path(max_length=1000, description="ci_id, or a unique native id or name")]


class ImpactIn(ScenarioIn):
    """A question: what falls if these CIs are out."""

    all_cis: Annotated[bool, Field(alias="all", description="Every CI, not services only.")] = (
        False
    )


def answer_routes(source: GraphSource, clock: Clock) -> APIRouter:
    """Return the routes that answer questions on the graph."""
    routes = APIRouter(prefix="/v1", tags=["answers"])

    @routes.get("/services", summary="Every service with its offerings and SLAs.")
    def services() -> ServicesOut:
        return ServicesOut.of(source.read())

    @routes.get("/cis/{ci:path}", summary="One CI with its neighbours, agreements and outages.")
    def ci(ci: CiPath) -> CiOut:
        graph = source.read()
        return CiOut.of(graph.resolve(ci), graph)

    @routes.get(
        "/findings",
        summary="What was read, and what is wrong in the data.",
        response_model=CheckOut,
    )
    def findings() -> LoadOut:
        graph = source.read()
        return CheckOut.of(graph, validate(graph, at=clock()))

    @routes.post("/impact", summary="What falls if these CIs are out, and why.")
    def impact_of(question: ImpactIn) -> ImpactOut:
        graph, moment = source.read(), question.moment(clock)
        scenario = question.scenario(graph, moment)
        answer = impact(graph, scenario, all_cis=question.all_cis, at=question.at or clock())
        return ImpactOut.of(answer, graph, at=moment)

    return routes
