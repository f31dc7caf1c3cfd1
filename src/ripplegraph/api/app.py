"""The HTTP API on one estate: offline, every error a problem (RFC 9457)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool

from ripplegraph.api.admission import Admission, AdmissionRules
from ripplegraph.api.audit import Audit
from ripplegraph.api.audited_writes import AuditedWrites
from ripplegraph.api.bodies import StrictBodies
from ripplegraph.api.callers import Credentials, Scope
from ripplegraph.api.calls import Watched
from ripplegraph.api.edges import Edges
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.desk import EventDesk
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.freshness import Freshness
from ripplegraph.api.guard import Guard
from ripplegraph.api.jobs.desk import JobDesk
from ripplegraph.api.metrics import Metrics
from ripplegraph.api.openapi import describe
from ripplegraph.api.policy import Mounted, Policy
from ripplegraph.api.problems import add_problems
from ripplegraph.api.readings import readings_of
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
from ripplegraph.api.routes.operations import operation_routes
from ripplegraph.api.routes.outlook import outlook_routes
from ripplegraph.api.routes.overview import overview_routes
from ripplegraph.api.routes.pages import page_routes
from ripplegraph.api.routes.revisions import revision_routes
from ripplegraph.api.routes.scenes import scene_routes
from ripplegraph.api.routes.service_levels import service_level_routes
from ripplegraph.api.routes.web import web_routes
from ripplegraph.api.routes.what_if import what_if_routes
from ripplegraph.api.scopes import RouteTable, needs
from ripplegraph.api.streams import let_streams_end
from ripplegraph.api.traces import Traced


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What the routes and layers of one app share."""

    estate: ServedEstate
    clock: Callable[[], datetime]
    metrics: Metrics
    audit: Audit
    events: EventDesk
    jobs: JobDesk | None
    mounted: Mounted | None


def create_app(
    *,
    estate: ServedEstate,
    clock: Callable[[], datetime],
    keys: Credentials | None = None,
    edges: Edges | None = None,
    events: EventOptions | None = None,
    policy: Policy | None = None,
) -> FastAPI:
    """Return the API on an estate; ``clock`` tells the moment, in UTC.

    Without ``keys`` it answers everybody on this machine; with them only who has one. Without
    ``edges`` it has no jobs, imports and documents; without ``events`` it tells what follows
    from events only when some come in, and sends no webhooks.
    """
    policy = policy or Policy()
    parts = _Parts(
        estate=estate,
        clock=clock,
        metrics=Metrics(lambda: readings_of(estate)),
        audit=Audit(estate.journal, clock, on_trouble=policy.on_trouble),
        events=EventDesk(estate, clock, events or EventOptions()),
        jobs=None if edges is None else JobDesk(estate=estate, edges=edges, clock=clock),
        mounted=policy.mount(estate, clock) if policy.mount else None,
    )
    running: list[Callable[[], AbstractContextManager[None]]] = [parts.audit.running]
    running += [] if parts.jobs is None else [parts.jobs.running]
    running += [] if events is None else [parts.events.running]
    app = FastAPI(
        title="ripplegraph",
        summary="Which services fall when a CI fails, and why.",
        version=version("ripplegraph"),
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan(running, parts.mounted),
        telemetry=_telemetry(policy),
    )
    let_streams_end(app)
    for own in app.routes:  # FastAPI's description of the others
        needs(Scope.READ, by_tag=True)(own.endpoint)  # type: ignore[attr-defined]
    _add_routes(app, parts)
    add_problems(app)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way
    _add_layers(app, parts, keys, policy)
    return app


def _add_routes(app: FastAPI, parts: _Parts) -> None:
    _add_answers(app, parts.estate, parts.clock)
    if parts.jobs is not None:
        _add_jobs(app, parts.jobs)
    app.include_router(operation_routes(parts.metrics, parts.audit, parts.estate.journal))
    app.include_router(web_routes())
    add_event_routes(app, parts.events)
    if parts.mounted is not None:
        app.router.routes.append(parts.mounted.route)


def _add_layers(app: FastAPI, parts: _Parts, keys: Credentials | None, policy: Policy) -> None:
    """Add what each call passes through; the last one added is passed first."""
    desk, clock, routes = parts.jobs, parts.clock, RouteTable(app.routes)
    uploads = {} if desk is None else {"/v1/imports": desk.edges.limits.upload_bytes}
    app.add_middleware(Freshness, estate=parts.estate)
    app.add_middleware(StrictBodies, uploads=uploads)
    app.add_middleware(
        Repeats,
        journal=parts.estate.journal,
        clock=clock,
        routes=routes,
        is_alone=desk is not None and desk.edges.is_alone,
    )
    app.add_middleware(AuditedWrites, audit=parts.audit)
    rules = AdmissionRules(
        routes=routes,
        hosts=policy.allowed_hosts,
        clock=clock,
        credentials=keys,
        limits=policy.limits,
    )
    app.add_middleware(Admission, rules=rules)
    hosts = None if keys is not None else policy.allowed_hosts
    app.add_middleware(Guard, hosts=hosts, uploads=uploads)
    if policy.has_telemetry:
        app.add_middleware(Traced)
    watchers = (parts.metrics.note, parts.audit.note, *policy.watchers)
    app.add_middleware(Watched, watchers=watchers)


def _telemetry(policy: Policy) -> TelemetryConfig:
    """Return which telemetry FastAPI gives to OpenTelemetry: none unless it was switched on."""
    is_on = policy.has_telemetry
    return {"tracing": is_on, "metrics": is_on, "logs": False, "operation_spans": is_on}


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
    parts: Sequence[Callable[[], AbstractContextManager[None]]], mounted: Mounted | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what goes on while the server runs, begun in this order and ended in the other."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stack = ExitStack()
        for part in parts:
            await run_in_threadpool(stack.enter_context, part())
        try:
            async with nullcontext() if mounted is None else mounted.running():
                yield
        finally:
            await run_in_threadpool(stack.close)

    return lifespan
