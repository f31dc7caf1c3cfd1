"""The HTTP API on one estate: offline, every error a problem (RFC 9457)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
)
from datetime import datetime
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from ripplegraph.api.admission import Admission
from ripplegraph.api.bodies import StrictBodies
from ripplegraph.api.callers import Credentials, Scope
from ripplegraph.api.edges import Edges
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.desk import EventDesk
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.freshness import Freshness
from ripplegraph.api.guard import Guard
from ripplegraph.api.jobs.desk import JobDesk
from ripplegraph.api.openapi import describe
from ripplegraph.api.problems import add_problems
from ripplegraph.api.repeats import Repeats
from ripplegraph.api.routes.agreements import agreement_routes
from ripplegraph.api.routes.answers import answer_routes
from ripplegraph.api.routes.availability import availability_routes
from ripplegraph.api.routes.cis import ci_routes
from ripplegraph.api.routes.events import add_event_routes
from ripplegraph.api.routes.exports import export_routes
from ripplegraph.api.routes.health import health_routes
from ripplegraph.api.routes.imports import import_routes
from ripplegraph.api.routes.incidents import incident_routes
from ripplegraph.api.routes.jobs import job_routes
from ripplegraph.api.routes.outlook import outlook_routes
from ripplegraph.api.routes.overview import overview_routes
from ripplegraph.api.routes.pages import page_routes
from ripplegraph.api.routes.revisions import revision_routes
from ripplegraph.api.routes.scenes import scene_routes
from ripplegraph.api.routes.service_levels import service_level_routes
from ripplegraph.api.routes.web import web_routes
from ripplegraph.api.routes.what_if import what_if_routes
from ripplegraph.api.scopes import RouteTable, needs

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Names under which the API may be asked unless told otherwise."""


def create_app(
    *,
    estate: ServedEstate,
    clock: Callable[[], datetime],
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS,
    keys: Credentials | None = None,
    edges: Edges | None = None,
    events: EventOptions | None = None,
) -> FastAPI:
    """Return the API on an estate; ``clock`` tells the moment, in UTC.

    Without ``keys`` it answers everybody on this machine; with them only who has one. Without
    ``edges`` it has no jobs, imports and documents; without ``events`` it tells what follows
    from events only when some come in, and sends no webhooks.
    """
    event_desk = EventDesk(estate, clock, events or EventOptions())
    desk = None if edges is None else JobDesk(estate=estate, edges=edges, clock=clock)
    app = FastAPI(
        title="ripplegraph",
        summary="Which services fall when a CI fails, and why.",
        version=version("ripplegraph"),
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan(
            [
                *([] if desk is None else [desk.running]),
                *([] if events is None else [event_desk.running]),
            ]
        ),
    )
    for own in app.routes:  # FastAPI's description of the others
        needs(Scope.READ, by_tag=True)(own.endpoint)  # type: ignore[attr-defined]
    _add_answers(app, estate, clock)
    if desk is not None:
        _add_jobs(app, desk)
    app.include_router(web_routes())
    add_event_routes(app, event_desk)
    add_problems(app)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way
    uploads = {} if desk is None else {"/v1/imports": desk.edges.limits.upload_bytes}
    routes = RouteTable(app.routes)
    app.add_middleware(Freshness, estate=estate)
    app.add_middleware(StrictBodies, uploads=uploads)
    app.add_middleware(Repeats, journal=estate.journal, clock=clock, routes=routes)
    app.add_middleware(
        Admission,
        routes=routes,
        hosts=allowed_hosts,
        clock=clock,
        credentials=keys,
    )
    hosts = None if keys is not None else allowed_hosts
    app.add_middleware(Guard, hosts=hosts, uploads=uploads)
    return app


def _add_answers(app: FastAPI, estate: ServedEstate, clock: Callable[[], datetime]) -> None:
    app.include_router(health_routes(estate))
    app.include_router(ci_routes(estate, clock))  # before /v1/cis/{ci}, which takes any path
    app.include_router(availability_routes(estate, clock))
    app.include_router(service_level_routes(estate, clock))
    app.include_router(agreement_routes(estate, clock))
    app.include_router(outlook_routes(estate, clock))
    app.include_router(revision_routes(estate))
    app.include_router(answer_routes(estate, clock))
    app.include_router(what_if_routes(estate, clock))
    app.include_router(incident_routes(estate, clock))
    app.include_router(overview_routes(estate, clock))
    app.include_router(scene_routes(estate, clock))
    app.include_router(page_routes(estate, clock))


def _add_jobs(app: FastAPI, desk: JobDesk) -> None:
    app.include_router(job_routes(desk))
    app.include_router(import_routes(desk))
    app.include_router(export_routes(desk.estate, desk.edges))


def _lifespan(
    parts: Sequence[Callable[[], AbstractContextManager[None]]],
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what goes on while the server runs, begun in this order and ended in the other."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stack = ExitStack()
        for part in parts:
            await run_in_threadpool(stack.enter_context, part())
        try:
            yield
        finally:
            await run_in_threadpool(stack.close)

    return lifespan
