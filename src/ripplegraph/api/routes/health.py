"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from ripplegraph.api.scopes import open_to_all
from ripplegraph.graph.ports import GraphSource


class LiveOut(BaseModel):
    """The process lives."""

    status: Literal["live"] = "live"


class ReadyOut(BaseModel):
    """The graph is read, so questions are answered at once."""

    status: Literal["ready"] = "ready"
    cis: int


def health_routes(source: GraphSource) -> APIRouter:
    """Return the routes that a supervisor asks."""
    routes = APIRouter(tags=["health"])

    @routes.get("/livez", summary="Is the process alive?")
    @open_to_all
    def live() -> LiveOut:
        return LiveOut()

    @routes.get("/readyz", summary="Can it answer? Reads the graph if that was not done yet.")
    @open_to_all
    def ready() -> ReadyOut:
        return ReadyOut(cis=source.read().ci_count)

    return routes
