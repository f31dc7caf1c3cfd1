"""The feed as server-sent events: nothing is lost over a reconnect."""

from __future__ import annotations

import json
from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.feed import FeedType
from ripplegraph.api.kept import FEED
from ripplegraph.api.questions.asked import Clock
from ripplegraph.api.scopes import needs
from ripplegraph.api.streams import goes_on
from ripplegraph.graph.journal import Entry

POLL_SECONDS = 0.25
"""How often the feed is looked at: entries may come from other processes."""

RETRY_MILLISECONDS = 2_000
_PAGE = 200


class StreamQuery(BaseModel):
    """From where on, and what."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[
        int | None, Field(ge=0, description="Entries after this number; else new ones only.")
    ] = None
    type: Annotated[list[FeedType], Field(description="Repeatable; every type if none.")] = []


LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=40, description="Number of the last event seen."),
]


def stream_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the route of the feed."""
    routes = APIRouter(prefix="/v1", tags=["events"])

    @routes.get(
        "/stream",
        summary="What changes, as server-sent events; reconnect with Last-Event-ID.",
        response_class=EventSourceResponse,
    )
    @needs(Scope.READ)
    async def stream(
        request: Request,
        asked: Annotated[StreamQuery, Query()],
        last_event_id: LastEventId = None,
    ) -> AsyncIterator[ServerSentEvent]:
        feed = _Feed(estate, _begin(asked, last_event_id), frozenset(asked.type))
        async for event in feed.events(goes_on(request, clock)):
            yield event

    return routes


def _begin(asked: StreamQuery, last_event_id: str | None) -> int | None:
    """Return after which number the caller wants entries; its own memory wins."""
    said = (last_event_id or "").strip()
    return int(said) if said.isascii() and said.isdecimal() else asked.after


class _Feed:
    """One reader of the feed, from where it was on."""

    def __init__(self, estate: ServedEstate, after: int | None, types: frozenset[str]) -> None:
        self._journal, self._after, self._types = estate.journal, after, types

    async def events(self, goes_on: Callable[[], bool]) -> AsyncIterator[ServerSentEvent]:
        """Yield events for as long as the caller listens and the stream goes on."""
        last = await run_in_threadpool(self._journal.last_number, FEED)
        if self._after is not None and self._after > last:
            yield _reset(last, "the feed is another one than you knew")
            self._after = last
        at = last if self._after is None else self._after
        yield ServerSentEvent(
            event="start", id=str(at), data={"after": at}, retry=RETRY_MILLISECONDS
        )
        while goes_on():
            last, entries = await run_in_threadpool(self._next, at)
            for event in self._told(entries, at, last):
                yield event
            if last > at:
                at = entries[-1].number if entries else last
            else:
                await sleep(POLL_SECONDS)

    def _next(self, after: int) -> tuple[int, Sequence[Entry]]:
        """Return the number of the newest entry, and the next entries."""
        last = self._journal.last_number(FEED)
        entries = self._journal.entries(FEED, after=after, limit=_PAGE) if last > after else ()
        return last, entries

    def _told(self, entries: Sequence[Entry], at: int, last: int) -> Sequence[ServerSentEvent]:
        found = []
        before = entries[0].number - 1 if entries else last
        if before > at:
            found.append(_reset(before, "older entries are forgotten"))
        for entry in entries:
            kind = json.loads(entry.payload).get("type", "")
            if not self._types or kind in self._types:
                found.append(
                    ServerSentEvent(event=kind, id=str(entry.number), raw_data=entry.payload)
                )
        return found


def _reset(last: int, reason: str) -> ServerSentEvent:
    """Return the event that tells a reader to read everything anew."""
    data = {"type": "reset", "after": last, "reason": f"{reason}; read the state anew"}
    return ServerSentEvent(event="reset", id=str(last), data=data)
