"""The pages for people: the start page and the view of a service or an outage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.routes.scenarios import (
    AtQuery,
    CiTexts,
    Clock,
    ScenarioIn,
    graph_then,
)
from ripplegraph.api.scopes import needs
from ripplegraph.graph.validation import validate
from ripplegraph.impact.propagation.answers import impact
from ripplegraph.impact.propagation.fixpoint import statuses_under
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from ripplegraph.visualize.scene import LARGEST_LIMIT
from ripplegraph.visualize.start_page import StartPage, render_start_page, start_page_policy
from ripplegraph.visualize.svg_page import svg_page_policy

ServicePath = Annotated[str, Path(max_length=1000)]


class StartQuery(AtQuery):
    """What the start page may be asked."""

    down: CiTexts = Field(default=[])
    with_open_outages: bool = False


class ViewQuery(StartQuery):
    """What the picture of a service or an outage may be asked."""

    maintenance: CiTexts = Field(default=[])
    degraded: CiTexts = Field(default=[])
    limit: Annotated[
        int | None,
        Field(ge=1, le=LARGEST_LIMIT, description="Boxes at most; 60 at first, 250 in all."),
    ] = None
    redact: Annotated[
        bool, Field(description="Replace names, ids, owners and suppliers, to mail it outside.")
    ] = False

    def question(self) -> ScenarioIn:
        """Return the scenario that is asked about."""
        return ScenarioIn(**self.model_dump(exclude={"limit", "redact"}))


def page_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes of the pages."""
    routes = APIRouter(tags=["pages"], default_response_class=HTMLResponse)

    @routes.get(
        "/services", summary="The services, and what falls if a CI fails, as a plain page."
    )
    @needs(Scope.READ, by_tag=True)
    def start(asked: Annotated[StartQuery, Query()]) -> HTMLResponse:
        graph, moment = graph_then(estate, clock, asked)
        question = ScenarioIn(down=_named(asked.down), with_open_outages=asked.with_open_outages)
        scenario = question.scenario(graph, moment)
        page = StartPage(
            answer=impact(graph, scenario, at=moment),
            typed=", ".join(question.down),
            findings=validate(graph, at=moment),
            with_open_outages=asked.with_open_outages,
        )
        return _html(render_start_page(graph, page), start_page_policy())

    def picture(service: str | None, asked: ViewQuery) -> HTMLResponse:
        graph, moment = graph_then(estate, clock, asked)
        scenario = asked.question().scenario(graph, moment)
        question = ViewQuestion(
            service=service,
            scenario=scenario if scenario.cis else None,
            statuses=statuses_under(graph, scenario) if scenario.cis else None,
            limit=asked.limit,
            is_redacted=asked.redact,
            moment=moment,
        )
        return _html(render_view_page(graph, question), svg_page_policy())

    @routes.get("/v1/services/{service:path}/view", summary="The picture of one service.")
    @needs(Scope.READ, by_tag=True)
    def view(service: ServicePath, asked: Annotated[ViewQuery, Query()]) -> HTMLResponse:
        return picture(service, asked)

    @routes.get("/v1/view", summary="The picture of an outage: all that falls with it.")
    @needs(Scope.READ, by_tag=True)
    def outage_view(asked: Annotated[ViewQuery, Query()]) -> HTMLResponse:
        return picture(None, asked)

    return routes


def _named(texts: list[str]) -> list[str]:
    """Return the CIs that a person typed, several in one field separated by commas."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def _html(page: str, policy: str) -> HTMLResponse:
    headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"}
    return HTMLResponse(page, headers=headers)
