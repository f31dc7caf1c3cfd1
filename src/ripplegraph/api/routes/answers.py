"""The answers of version 1, as JSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field, model_validator

from ripplegraph.api.routes.scenarios import AtQuery, Clock, ScenarioIn, graph_then
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

    @model_validator(mode="after")
    def _something_is_out(self) -> ImpactIn:
        if not (self.down or self.maintenance or self.degraded or self.with_open_outages):
            msg = "nothing is out: name CIs in down, maintenance or degraded, or with_open_outages"
            raise ValueError(msg)
        return self


Asked = Annotated[AtQuery, Query()]


def answer_routes(source: GraphSource, clock: Clock) -> APIRouter:
    """Return the routes that answer questions on the graph."""
    routes = APIRouter(prefix="/v1", tags=["answers"])

    @routes.get("/services", summary="Every service with its offerings and SLAs.")
    def services(asked: Asked) -> ServicesOut:
        graph, moment = graph_then(source, clock, asked.at)
        return ServicesOut.of(graph, moment)

    @routes.get("/cis/{ci:path}", summary="One CI with its neighbours, agreements and outages.")
    def ci(ci: CiPath, asked: Asked) -> CiOut:
        graph, _ = graph_then(source, clock, asked.at)
        return CiOut.of(graph.resolve(ci), graph)

    @routes.get(
        "/findings",
        summary="What was read, and what is wrong in the data.",
        response_model=CheckOut,
    )
    def findings(asked: Asked) -> LoadOut:
        graph, moment = graph_then(source, clock, asked.at)
        return CheckOut.of(graph, validate(graph, at=moment))

    @routes.post("/impact", summary="What falls if these CIs are out, and why.")
    def impact_of(question: ImpactIn) -> ImpactOut:
        graph, moment = graph_then(source, clock, question.at)
        scenario = question.scenario(graph, moment)
        answer = impact(graph, scenario, all_cis=question.all_cis, at=moment)
        return ImpactOut.of(answer, graph, at=moment)

    return routes
