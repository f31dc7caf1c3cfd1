"""What would differ if something were otherwise."""

from __future__ import annotations

from fastapi import APIRouter

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.what_if import WhatIfIn
from ripplegraph.api.routes.scenarios import Clock, whole_graph
from ripplegraph.api.schemas import WhatIfOut
from ripplegraph.api.scopes import needs


def what_if_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the route that supposes; it stores nothing."""
    routes = APIRouter(prefix="/v1", tags=["answers"])

    @routes.post("/what-if", summary="Services, SLAs and states, if something were otherwise.")
    @needs(Scope.READ, by_tag=True, is_heavy=True)
    def what_if(question: WhatIfIn) -> WhatIfOut:
        return question.answer(whole_graph(estate, question), question.at or clock())

    return routes
