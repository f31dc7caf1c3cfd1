"""The picture of a service or an outage as data, for pages that draw it themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.asked import AtQuery
from ripplegraph.api.routes.availability import ServicePath
from ripplegraph.api.routes.scenarios import (
    CiTexts,
    Clock,
    ScenarioIn,
    graph_then,
)
from ripplegraph.api.schemas import SceneOut
from ripplegraph.api.schemas.scene import SceneLevel
from ripplegraph.api.scopes import needs
from ripplegraph.impact.propagation.fixpoint import statuses_under
from ripplegraph.visualize.scene import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    build_outage_scene,
    build_scenario_scene,
)
from ripplegraph.visualize.view_model import Level


class SceneQuery(AtQuery):
    """What is out, and how much is shown."""

    down: CiTexts = Field(default=[])
    maintenance: CiTexts = Field(default=[])
    degraded: CiTexts = Field(default=[])
    with_open_outages: bool = False
    level: Annotated[
        SceneLevel, Field(description="The impact path, all with pools folded, or every CI.")
    ] = "all"
    limit: Annotated[int, Field(ge=1, le=LARGEST_LIMIT, description="Boxes at most.")] = (
        DEFAULT_LIMIT
    )

    def question(self) -> ScenarioIn:
        """Return the scenario that is asked about."""
        return ScenarioIn(**self.model_dump(exclude={"limit", "level"}))


def scene_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes of the pictures."""
    routes = APIRouter(prefix="/v1", tags=["pages"])

    @routes.get("/services/{service:path}/scene", summary="The picture of a service, as data.")
    @needs(Scope.READ, by_tag=True)
    def scene(service: ServicePath, asked: Annotated[SceneQuery, Query()]) -> SceneOut:
        graph, moment = graph_then(estate, clock, asked)
        scenario = asked.question().scenario(graph, moment)
        found = build_scenario_scene(
            graph,
            service,
            scenario,
            statuses=statuses_under(graph, scenario),
            limit=asked.limit,
            level=Level(asked.level),
        )
        return SceneOut.of(found)

    @routes.get("/scene", summary="The picture of an outage: all that falls with it, as data.")
    @needs(Scope.READ, by_tag=True)
    def outage_scene(asked: Annotated[SceneQuery, Query()]) -> SceneOut:
        graph, moment = graph_then(estate, clock, asked)
        scenario = asked.question().scenario(graph, moment)
        level = Level(asked.level)
        return SceneOut.of(build_outage_scene(graph, scenario, limit=asked.limit, level=level))

    return routes
