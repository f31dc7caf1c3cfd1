"""How available services are, what brings them down, which CIs matter, and where it comes from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.availability import (
    AvailabilityQuery,
    CutSetsQuery,
    EstateImportanceQuery,
    ImportanceQuery,
    ServicesQuery,
    SinglePointsQuery,
    explained,
)
from ripplegraph.api.routes.scenarios import Clock, answered, graph_then
from ripplegraph.api.schemas import (
    AvailabilityOut,
    CutSetsOut,
    ExplainOut,
    ImportanceOut,
    SinglePointsOut,
)
from ripplegraph.api.scopes import needs

ServicePath = Annotated[str, Path(max_length=1000, description="ci_id, or a unique id or name")]


def availability_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes on availability."""
    routes = APIRouter(prefix="/v1", tags=["availability"])

    @routes.get("/availability", summary="How available services are; each number labelled.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def availability(asked: Annotated[ServicesQuery, Query()]) -> AvailabilityOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/single-points", summary="Which CIs alone bring services down.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def single_points(asked: Annotated[SinglePointsQuery, Query()]) -> SinglePointsOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/importance", summary="Which CIs matter, over all services.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def estate_importance(
        asked: Annotated[EstateImportanceQuery, Query()],
    ) -> ImportanceOut:
        return answered(estate, clock, asked, asked.answer)

    @routes.get("/services/{service:path}/importance", summary="Which CIs matter to a service.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def importance(
        service: ServicePath, asked: Annotated[ImportanceQuery, Query()]
    ) -> ImportanceOut:
        graph, moment = graph_then(estate, clock, asked)
        return asked.importance(graph, service, moment)

    @routes.get("/services/{service:path}/cutsets", summary="What brings a service down.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def cut_sets(service: ServicePath, asked: Annotated[CutSetsQuery, Query()]) -> CutSetsOut:
        graph, moment = graph_then(estate, clock, asked)
        return asked.cut_sets(graph, service, moment)

    @routes.get("/services/{service:path}/explain", summary="Where the availability comes from.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def explain(service: ServicePath, asked: Annotated[AvailabilityQuery, Query()]) -> ExplainOut:
        graph, moment = graph_then(estate, clock, asked)
        return explained(asked, graph, service, moment)

    return routes
