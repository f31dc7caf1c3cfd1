"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.scopes import open_to_all


class LiveOut(BaseModel):
    """The process lives."""

    status: Literal["live"] = "live"


class ReadyOut(BaseModel):
    """The graph is read, so questions are answered at once; nothing is told of the estate.

    ``is_current`` is false while the store cannot be read: then an older revision is served.
    """

    status: Literal["ready"] = "ready"
    is_current: bool


def health_routes(estate: ServedEstate) -> APIRouter:
    """Return the routes that a supervisor asks."""
    routes = APIRouter(tags=["health"])

    @routes.get("/livez", summary="Is the process alive?")
    @open_to_all
    async def live() -> LiveOut:  # needs no thread, which slow questions may all have
        return LiveOut()

    @routes.get("/readyz", summary="Can it answer? Reads the graph if that was not done yet.")
    @open_to_all
    def ready() -> ReadyOut:
        estate.snapshot()
        return ReadyOut(is_current=estate.trouble is None)

    return routes
