"""How available services are, what brings them down, which CIs matter, and where it comes from."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from ripplegraph.api.callers import Scope
from ripplegraph.api.routes.scenarios import AtQuery, CiTexts, Clock, graph_then
from ripplegraph.api.schemas import AvailabilityOut, CutSetsOut, ExplainOut, ImportanceOut
from ripplegraph.api.scopes import needs
from ripplegraph.graph.ports import GraphSource
from ripplegraph.impact.availability import answers
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.values import Level

LONGEST_SECONDS = 30.0
MOST_ROWS = 10_000

ServicePath = Annotated[str, Path(max_length=1000, description="ci_id, or a unique id or name")]


class AvailabilityQuery(AtQuery):
    """What every question on availability may ask."""

    level: Annotated[Literal["down", "degraded"], Field(description="What counts as failed.")] = (
        "down"
    )
    seconds: Annotated[
        float,
        Field(gt=0, le=LONGEST_SECONDS, description="What is not exact by then is bounded."),
    ] = LONGEST_SECONDS

    def options(self) -> AvailabilityOptions:
        """Return the options of the engine; the budget of time counts from now."""
        end = monotonic() + self.seconds
        return replace(
            DEFAULT_OPTIONS, level=Level(self.level), is_over=lambda: monotonic() >= end
        )


class ServicesQuery(AvailabilityQuery):
    """Which services are asked about."""

    service: CiTexts = Field(default=[], description="Repeatable; every service if none.")


class CutSetsQuery(AvailabilityQuery):
    """Which cut sets are left out."""

    max_order: Annotated[int | None, Field(ge=1, le=100)] = None
    min_probability: Annotated[float | None, Field(ge=0, le=1)] = None


class ImportanceQuery(AvailabilityQuery):
    """How the rows are grouped, and how many there are."""

    by: Literal["", "class", "team", "supplier", "tag"] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 1_000


def availability_routes(source: GraphSource, clock: Clock) -> APIRouter:
    """Return the routes on availability."""
    routes = APIRouter(prefix="/v1", tags=["availability"])

    @routes.get("/availability", summary="How available services are; each number labelled.")
    @needs(Scope.READ, by_tag=True)
    def availability(asked: Annotated[ServicesQuery, Query()]) -> AvailabilityOut:
        graph, moment = graph_then(source, clock, asked.at)
        answer = answers.availability(
            graph, asked.service or None, at=moment, options=asked.options()
        )
        return AvailabilityOut.of(answer, at=moment)

    @routes.get("/importance", summary="Which CIs matter, over all services.")
    @needs(Scope.READ, by_tag=True)
    def estate_importance(asked: Annotated[ImportanceQuery, Query()]) -> ImportanceOut:
        return _importance(None, asked)

    @routes.get("/services/{service:path}/importance", summary="Which CIs matter to a service.")
    @needs(Scope.READ, by_tag=True)
    def importance(
        service: ServicePath, asked: Annotated[ImportanceQuery, Query()]
    ) -> ImportanceOut:
        return _importance(service, asked)

    @routes.get("/services/{service:path}/cutsets", summary="What brings a service down.")
    @needs(Scope.READ, by_tag=True)
    def cut_sets(service: ServicePath, asked: Annotated[CutSetsQuery, Query()]) -> CutSetsOut:
        graph, moment = graph_then(source, clock, asked.at)
        answer = answers.cut_sets(
            graph,
            service,
            at=moment,
            options=asked.options(),
            max_order=asked.max_order,
            min_probability=asked.min_probability,
        )
        return CutSetsOut.of(answer, at=moment)

    @routes.get("/services/{service:path}/explain", summary="Where the availability comes from.")
    @needs(Scope.READ, by_tag=True)
    def explain(service: ServicePath, asked: Annotated[AvailabilityQuery, Query()]) -> ExplainOut:
        graph, moment = graph_then(source, clock, asked.at)
        answer = answers.explain(graph, service, at=moment, options=asked.options())
        return ExplainOut.of(answer, at=moment)

    def _importance(service: str | None, asked: ImportanceQuery) -> ImportanceOut:
        graph, moment = graph_then(source, clock, asked.at)
        answer = answers.importance(
            graph,
            service,
            at=moment,
            options=asked.options(),
            group_by=asked.by,
            limit=asked.limit,
        )
        return ImportanceOut.of(answer, at=moment)

    return routes
