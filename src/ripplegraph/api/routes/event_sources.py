"""Events in: what monitors and ticket systems send, each in its own shape."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from ripplegraph.api.callers import Scope
from ripplegraph.api.events.answers import IntakeOut, OutcomeOut
from ripplegraph.api.events.intake import Intake
from ripplegraph.api.events.notices import Became, Notice, Outcome
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.events.sources import alertmanager, cloudevents, pagerduty, servicenow
from ripplegraph.api.events.sources.bodies import Delivery, json_of
from ripplegraph.api.scopes import needs
from ripplegraph.errors import UnsignedEventError

_ANY_OBJECT = {"schema": {"type": "object"}}
_MANY = {"schema": {"type": "array", "items": {}}}
Reader = Callable[[bytes, str], Delivery]
"""Reads a body that came from a source."""


class SourceQuery(BaseModel):
    """As whose events they are kept."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[
        str,
        Field(max_length=200, description="Tells senders of one kind apart; else the kind."),
    ] = ""


def event_source_routes(
    intake: Intake, options: EventOptions, told: Callable[[], None]
) -> APIRouter:
    """Return the routes that take events in; ``told`` is called when some were."""
    routes = APIRouter(prefix="/v1/events", tags=["events"])

    async def taken(request: Request, source: str, read: Reader) -> IntakeOut:
        """Read a body and take it in, away from the event loop: it may hold 5,000 events."""
        raw = await request.body()
        return await run_in_threadpool(lambda: _taken(intake, read(raw, source), source, told))

    @routes.post(
        "/alertmanager",
        summary="A webhook of Alertmanager (version 4) or Grafana.",
        openapi_extra=_body("application/json"),
    )
    @needs(Scope.EVENTS)
    async def from_alertmanager(
        request: Request, asked: Annotated[SourceQuery, Query()]
    ) -> IntakeOut:
        source = asked.source or alertmanager.ORIGIN
        return await taken(request, source, _of_json(alertmanager.alertmanager_delivery))

    @routes.post(
        "/pagerduty",
        summary="An event in the shape of PagerDuty's Events API v2, or a webhook V3.",
        status_code=HTTPStatus.ACCEPTED,
        openapi_extra=_body("application/json"),
    )
    @needs(Scope.EVENTS)
    async def from_pagerduty(
        request: Request, asked: Annotated[SourceQuery, Query()]
    ) -> IntakeOut:
        source = asked.source or pagerduty.ORIGIN

        def read(raw: bytes, source: str) -> Delivery:
            body = json_of(raw)
            _check_signature(raw, body, request, options)
            return pagerduty.pagerduty_delivery(body, source)

        return await taken(request, source, read)

    @routes.post(
        "/servicenow",
        summary="Records of em_event, as ServiceNow's JSONv2 has them.",
        openapi_extra=_body("application/json"),
    )
    @needs(Scope.EVENTS)
    async def from_servicenow(
        request: Request, asked: Annotated[SourceQuery, Query()]
    ) -> IntakeOut:
        source = asked.source or servicenow.ORIGIN
        return await taken(request, source, _of_json(servicenow.servicenow_delivery))

    @routes.post(
        "/cloudevents",
        summary="CloudEvents 1.0: structured, binary, or a batch.",
        openapi_extra=_body(cloudevents.STRUCTURED, cloudevents.BATCH, "application/json"),
    )
    @needs(Scope.EVENTS)
    async def from_cloudevents(request: Request) -> IntakeOut:
        headers = {name.lower(): value for name, value in request.headers.items()}

        def read(raw: bytes, _source: str) -> Delivery:
            return cloudevents.cloudevents_delivery(raw, headers)

        return await taken(request, cloudevents.ORIGIN, read)

    return routes


def _of_json(delivery_of: Callable[[Any, str], Delivery]) -> Reader:
    return lambda raw, source: delivery_of(json_of(raw), source)


def _body(*media_types: str) -> dict[str, Any]:
    content = {one: _MANY if one == cloudevents.BATCH else _ANY_OBJECT for one in media_types}
    return {"requestBody": {"required": True, "content": content}}


def _check_signature(raw: bytes, body: Any, request: Request, options: EventOptions) -> None:
    """Refuse a webhook V3 that is not signed, where a secret is set."""
    secret = options.secrets.get(pagerduty.ORIGIN)
    if secret is None or not pagerduty.is_webhook(body):
        return
    header = request.headers.get(pagerduty.SIGNATURE_HEADER, "")
    if not pagerduty.is_signed(raw, header, secret):
        raise UnsignedEventError(pagerduty.SIGNATURE_HEADER)


def _taken(intake: Intake, delivery: Delivery, source: str, told: Callable[[], None]) -> IntakeOut:
    """Take the events in with one commit, and answer for each in its order."""
    notices = [one for one in delivery.events if isinstance(one, Notice)]
    outcomes = iter(intake.take(notices))
    if notices:
        told()
    answers = [
        next(outcomes)
        if isinstance(one, Notice)
        else Outcome(
            source=source,
            external_id=one.external_id,
            became=Became.IGNORED,
            reason=one.reason,
        )
        for one in delivery.events
    ]
    return IntakeOut(events=[OutcomeOut.of(one) for one in answers], notes=list(delivery.notes))
