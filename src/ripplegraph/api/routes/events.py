"""Everything about events, in one place for the app."""

from __future__ import annotations

from fastapi import FastAPI

from ripplegraph.api.events.desk import EventDesk
from ripplegraph.api.routes.event_sources import event_source_routes
from ripplegraph.api.routes.outages import outage_routes
from ripplegraph.api.routes.stream import stream_routes
from ripplegraph.api.routes.unmatched import unmatched_routes
from ripplegraph.api.routes.webhooks import WebhookDesk, webhook_routes


def add_event_routes(app: FastAPI, desk: EventDesk) -> None:
    """Add the routes by which outages come in and are told."""
    app.include_router(outage_routes(desk.estate, desk.intake, desk.told))
    app.include_router(event_source_routes(desk.intake, desk.options, desk.told))
    app.include_router(unmatched_routes(desk))
    app.include_router(stream_routes(desk.estate, desk.clock))
    webhooks = WebhookDesk(
        journal=desk.estate.journal,
        clock=desk.clock,
        secrets=desk.options.secrets,
        rules=desk.options.webhook_rules,
    )
    app.include_router(webhook_routes(webhooks))
