"""The overview: every service in one answer, encoded once for all who ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from ripplegraph.api.callers import Scope, caller_of
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.routes.scenarios import AtQuery, Clock, whole_graph
from ripplegraph.api.schemas import CallerOut, OverviewOut
from ripplegraph.api.scopes import needs
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.overview import estate_overview

KEPT_SECONDS = 10
"""How old the moment of an overview may be: budgets that are used move every second."""

_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """One overview as bytes, and the tag that tells it from any other."""

    graph: ServiceGraph
    moment: datetime
    body: bytes
    tag: str


@dataclass(kw_only=True)
class KeptOverviews:
    """The overviews asked for last; safe between threads, none is computed twice at once."""

    encode: Callable[[ServiceGraph, datetime], bytes]
    _kept: OrderedDict[tuple[int, datetime], Encoded] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, graph: ServiceGraph, moment: datetime) -> Encoded:
        """Return the overview of a graph at a moment."""
        key = (id(graph), moment)
        with self._lock:
            found = self._kept.get(key)
            if found is None or found.graph is not graph:
                body = self.encode(graph, moment)
                tag = f'"{sha256(body).hexdigest()[:32]}"'
                found = Encoded(graph=graph, moment=moment, body=body, tag=tag)
                self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def overview_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes that the live page asks first: who asks, and the overview."""
    routes = APIRouter(prefix="/v1", tags=["overview"])
    kept = KeptOverviews(encode=_encoded)

    @routes.get(
        "/overview",
        summary="Every service with its state, its last 30 days and its SLAs, worst first.",
        response_model=OverviewOut,
    )
    @needs(Scope.READ, by_tag=True)
    def overview(asked: Annotated[AtQuery, Query()], request: Request) -> Response:
        found = kept.of(whole_graph(estate, asked), asked.at or _floored(clock()))
        headers = {"ETag": found.tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        return Response(found.body, media_type="application/json", headers=headers)

    @routes.get("/me", summary="Who asks, and what they may do.")
    @needs(Scope.READ, by_tag=True)
    def me(request: Request) -> CallerOut:
        return CallerOut.of(caller_of(request))

    return routes


def _encoded(graph: ServiceGraph, moment: datetime) -> bytes:
    answer = OverviewOut.of(estate_overview(graph, moment), graph)
    return answer.model_dump_json().encode()


def _floored(moment: datetime) -> datetime:
    second = moment.second - moment.second % KEPT_SECONDS
    return moment.replace(second=second, microsecond=0)
