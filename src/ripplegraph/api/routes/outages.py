"""Outages that come in: opened, closed, corrected, listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.amendments import Amendment, amend, known_outage
from ripplegraph.api.events.answers import LiveOutageOut, LiveOutagesOut
from ripplegraph.api.events.batch import Batch
from ripplegraph.api.events.documents import live_of, plain
from ripplegraph.api.events.episodes import episodes_of
from ripplegraph.api.events.intake import Intake
from ripplegraph.api.events.notices import LONGEST_ID, LONGEST_TEXT, Became, Notice, Outcome
from ripplegraph.api.kept import LIVE_OUTAGES
from ripplegraph.api.routes.scenarios import CiText, Moment
from ripplegraph.api.scopes import needs
from ripplegraph.errors import InvalidEventError
from ripplegraph.graph.outages import OutageKind

OWN_SOURCE = "api"
_SHOWN: dict[str, Any] = {"model": LiveOutageOut, "description": "It is known from now on."}
_KEPT: dict[str, Any] = {
    "model": LiveOutageOut,
    "description": "It is kept until its CI, or its begin, is known.",
}
IdText = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
SourceText = Annotated[str, Field(min_length=1, max_length=200)]
FreeText = Annotated[str, Field(max_length=LONGEST_TEXT)]
IdPath = Annotated[str, Path(min_length=1, max_length=3 * LONGEST_ID)]
SourcePath = Annotated[str, Path(min_length=1, max_length=600)]
MomentIn = Annotated[Moment | None, Field(strict=False)]
KindIn = Annotated[OutageKind, Field(strict=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewOutageIn(_Body):
    """An outage of a CI."""

    external_id: IdText
    ci: CiText
    source: SourceText = OWN_SOURCE
    start: Annotated[MomentIn, Field(description="Else now, or as it is known.")] = None
    end: Annotated[MomentIn, Field(description="Set if it is over already.")] = None
    kind: KindIn = OutageKind.UNPLANNED
    cause: FreeText = ""
    ticket: Annotated[str, Field(max_length=200)] = ""
    excluded: Annotated[FreeText, Field(description="Why it does not count, and who says so.")] = (
        ""
    )
    announced: MomentIn = None
    change: Annotated[str, Field(max_length=200)] = ""

    def notice(self) -> Notice:
        """Return what it says."""
        said = self.model_dump(exclude={"source", "external_id"})
        return Notice(
            source=self.source,
            external_id=self.external_id,
            origin=OWN_SOURCE,
            opens=True,
            closes=self.end is not None,
            **said,
        )


class EndIn(_Body):
    """When an outage ended."""

    end: Annotated[MomentIn, Field(description="Else now.")] = None


class CorrectionIn(_Body):
    """What is corrected in one episode of an outage; what is not named stays."""

    began: Annotated[MomentIn, Field(description="Which episode; else the last one.")] = None
    version: Annotated[int | None, Field(ge=1, description="Refused if it is another now.")] = None
    start: MomentIn = None
    end: Annotated[MomentIn, Field(description="null if it has not ended after all.")] = None
    ci: CiText | None = None
    kind: KindIn | None = None
    cause: FreeText | None = None
    ticket: Annotated[str | None, Field(max_length=200)] = None
    excluded: FreeText | None = None

    def amendment(self) -> Amendment:
        """Return what it says."""
        reopened = "end" in self.model_fields_set and self.end is None
        return Amendment(reopened=reopened, **self.model_dump())


class OutagesQuery(BaseModel):
    """Which live outages, and which page."""

    model_config = ConfigDict(extra="forbid")

    open: Annotated[bool | None, Field(description="Only those open now, or only the others.")] = (
        None
    )
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[str, Field(max_length=4 * LONGEST_ID)] = ""


def outage_routes(estate: ServedEstate, intake: Intake, told: Callable[[], None]) -> APIRouter:
    """Return the routes of live outages; ``told`` is called when something changed."""
    routes = APIRouter(prefix="/v1", tags=["outages"])
    _add_reading(routes, estate, intake)
    _add_events(routes, estate, intake, told)
    return routes


def _add_reading(routes: APIRouter, estate: ServedEstate, intake: Intake) -> None:
    @routes.get("/outages", summary="Outages that came in, by page.")
    @needs(Scope.READ)
    def outages(asked: Annotated[OutagesQuery, Query()]) -> LiveOutagesOut:
        found = list(_matching(estate, asked, intake.now()))
        page = found[: asked.limit]
        after = page[-1].id if len(found) > asked.limit else None
        return LiveOutagesOut(outages=page, after=after)

    @routes.get("/outages/{source}/{external_id:path}", summary="One outage that came in.")
    @needs(Scope.READ)
    def outage(source: SourcePath, external_id: IdPath, answer: Response) -> LiveOutageOut:
        return shown_outage(estate, intake, *plain(source, external_id), answer)


def _add_events(
    routes: APIRouter, estate: ServedEstate, intake: Intake, told: Callable[[], None]
) -> None:
    @routes.post(
        "/outages",
        summary="An outage begins. Sent again it changes nothing.",
        responses={HTTPStatus.CREATED: _SHOWN, HTTPStatus.ACCEPTED: _KEPT},
    )
    @needs(Scope.EVENTS)
    def opened(body: NewOutageIn, answer: Response) -> LiveOutageOut:
        outcome = _taken(intake, told, body.notice())
        if outcome.became is Became.UNMATCHED:
            answer.status_code = HTTPStatus.ACCEPTED
        elif outcome.became is not Became.UNCHANGED:
            answer.status_code = HTTPStatus.CREATED
        return shown_outage(estate, intake, body.source, body.external_id, answer)

    @routes.post(
        "/outages/{source}/{external_id:path}/close",
        summary="An outage ended.",
        responses={HTTPStatus.ACCEPTED: _KEPT},
    )
    @needs(Scope.EVENTS)
    def closed(
        source: SourcePath, external_id: IdPath, answer: Response, body: EndIn | None = None
    ) -> LiveOutageOut:
        source, external_id = plain(source, external_id)
        end = None if body is None else body.end
        notice = Notice(
            source=source, external_id=external_id, origin=OWN_SOURCE, closes=True, end=end
        )
        if _taken(intake, told, notice).became in (Became.UNMATCHED, Became.WAITING):
            answer.status_code = HTTPStatus.ACCEPTED
        return shown_outage(estate, intake, source, external_id, answer)

    @routes.patch("/outages/{source}/{external_id:path}", summary="Correct an outage.")
    @needs(Scope.EVENTS)
    def corrected(
        source: SourcePath, external_id: IdPath, body: CorrectionIn, answer: Response
    ) -> LiveOutageOut:
        source, external_id = plain(source, external_id)
        amend(intake, source, external_id, body.amendment())
        told()
        return shown_outage(estate, intake, source, external_id, answer)


def _matching(estate: ServedEstate, asked: OutagesQuery, now: datetime) -> Iterator[LiveOutageOut]:
    """Yield one more than a page."""
    count, after = 0, asked.after
    while count <= asked.limit:
        documents = estate.journal.documents(LIVE_OUTAGES, after=after)
        for document in documents:
            shaped = LiveOutageOut.of(live_of(document.payload), document.version, now)
            if shaped.episodes and asked.open in (None, shaped.state == "open"):
                count += 1
                yield shaped
        if not documents:
            return
        after = documents[-1].key


def _taken(intake: Intake, told: Callable[[], None], notice: Notice) -> Outcome:
    outcome = intake.take([notice])[0]
    if outcome.became is Became.IGNORED:
        raise InvalidEventError(outcome.reason, "Correct it and send it again")
    told()
    return outcome


def shown_outage(
    estate: ServedEstate, intake: Intake, source: str, external_id: str, answer: Response
) -> LiveOutageOut:
    """Return one outage as it is told, with its address in the headers."""
    batch = Batch(estate.journal)
    live = batch.live(source, external_id)
    kept = batch.unmatched(live.key)
    if kept is not None and not episodes_of(live.facts):
        return LiveOutageOut.of_unmatched(kept)
    if not live.facts.closings:
        known_outage(batch, source, external_id)
    shaped = LiveOutageOut.of(live, batch.version(live.key), intake.now())
    answer.headers["Location"] = shaped.url
    return shaped
