"""Events whose CI nobody knows: listed, given a CI, or dismissed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from ripplegraph.api.callers import Scope, current_caller
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.amendments import assign, dismiss, kept_event
from ripplegraph.api.events.answers import LiveOutageOut, UnmatchedEventOut, UnmatchedEventsOut
from ripplegraph.api.events.batch import Batch
from ripplegraph.api.events.desk import EventDesk
from ripplegraph.api.events.documents import plain, unmatched_of
from ripplegraph.api.events.notices import LONGEST_ID, LONGEST_TEXT
from ripplegraph.api.kept import UNMATCHED
from ripplegraph.api.routes.outages import IdPath, SourcePath, shown_outage
from ripplegraph.api.routes.scenarios import CiText
from ripplegraph.api.scopes import needs


class UnmatchedQuery(BaseModel):
    """Which events, and which page."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["unmatched", "dismissed", "all"] = "unmatched"
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[str, Field(max_length=4 * LONGEST_ID)] = ""


class AssignIn(BaseModel):
    """The CI that an event is about."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ci: CiText


class DismissIn(BaseModel):
    """Why an event is of no matter."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


def unmatched_routes(desk: EventDesk) -> APIRouter:
    """Return the routes of unmatched events."""
    estate, intake = desk.estate, desk.intake
    routes = APIRouter(prefix="/v1/events/unmatched", tags=["events"])

    @routes.get("", summary="Events whose CI is not known, by page.")
    @needs(Scope.READ)
    def unmatched(asked: Annotated[UnmatchedQuery, Query()]) -> UnmatchedEventsOut:
        desk.match_again()
        found = list(_matching(estate, asked))
        page = found[: asked.limit]
        after = page[-1].id if len(found) > asked.limit else None
        return UnmatchedEventsOut(events=page, after=after)

    @routes.get("/{source}/{external_id:path}", summary="One such event.")
    @needs(Scope.READ)
    def one(source: SourcePath, external_id: IdPath) -> UnmatchedEventOut:
        kept = kept_event(Batch(estate.journal), *plain(source, external_id))
        return UnmatchedEventOut.of(kept)

    @routes.post("/{source}/{external_id:path}/assign", summary="Say which CI it is about.")
    @needs(Scope.EVENTS)
    def assigned(
        source: SourcePath, external_id: IdPath, body: AssignIn, answer: Response
    ) -> LiveOutageOut:
        source, external_id = plain(source, external_id)
        assign(intake, source, external_id, body.ci)
        desk.told()
        return shown_outage(estate, intake, source, external_id, answer)

    @routes.post("/{source}/{external_id:path}/dismiss", summary="Say why it is of no matter.")
    @needs(Scope.EVENTS)
    def dismissed(source: SourcePath, external_id: IdPath, body: DismissIn) -> UnmatchedEventOut:
        by = current_caller().name
        kept = dismiss(intake, *plain(source, external_id), body.reason, by)
        return UnmatchedEventOut.of(kept)

    return routes


def _matching(estate: ServedEstate, asked: UnmatchedQuery) -> Iterator[UnmatchedEventOut]:
    """Yield one more than a page."""
    count, after = 0, asked.after
    while count <= asked.limit:
        documents = estate.journal.documents(UNMATCHED, after=after)
        for document in documents:
            shaped = UnmatchedEventOut.of(unmatched_of(document.payload))
            if asked.state in ("all", shaped.state):
                count += 1
                yield shaped
        if not documents:
            return
        after = documents[-1].key
