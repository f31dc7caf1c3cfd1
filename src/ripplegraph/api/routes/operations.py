"""For who runs the server: metrics, and the audit of calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from ripplegraph.api.audit import CALLS, Audit
from ripplegraph.api.callers import Scope
from ripplegraph.api.metrics import CONTENT_TYPE, Metrics
from ripplegraph.api.schemas import AuditedCallsOut
from ripplegraph.api.scopes import needs
from ripplegraph.graph.ports import EstateJournal

MOST_CALLS = 500


class AuditQuery(BaseModel):
    """Which page of the audit."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, le=2**62, description="From behind this number on.")] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_CALLS)] = 100


def operation_routes(metrics: Metrics, audit: Audit, journal: EstateJournal) -> APIRouter:
    """Return the routes for who runs the server."""
    routes = APIRouter(tags=["operations"])

    @routes.get(
        "/metrics",
        summary="Metrics, as Prometheus reads them.",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    @needs(Scope.READ)
    def read_metrics() -> Response:
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    @routes.get("/v1/audit", summary="Who wrote and who was refused, the oldest first.")
    @needs(Scope.ADMIN)
    def read_audit(asked: Annotated[AuditQuery, Query()]) -> AuditedCallsOut:
        audit.flush()
        entries = journal.entries(CALLS, after=asked.after, limit=asked.limit + 1)
        return AuditedCallsOut.of(entries, limit=asked.limit)

    return routes
