"""Live outages and events as the API tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field

from ripplegraph.api.events.documents import LiveDocument, UnmatchedDocument
from ripplegraph.api.events.episodes import Episode, Facts, Span, episodes_of
from ripplegraph.api.events.notices import Became, Outcome
from ripplegraph.api.schemas.base import Out, time_text
from ripplegraph.graph.outages import OutageKind

OutageState = Literal["open", "coming", "closed", "waiting", "unmatched"]
KindWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in OutageKind]})]
BecameWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in Became]})]


class OutageSpanOut(Out):
    """A part of an episode in which it is one thing."""

    start: str
    end: str | None
    ci_id: str = Field(description="Empty while nobody knows which CI it is.")
    kind: KindWord
    cause: str
    ticket: str
    excluded: str
    announced: str | None
    change: str

    @classmethod
    def of(cls, span: Span) -> OutageSpanOut:
        """Shape one span."""
        what = span.what
        return cls(
            start=str(time_text(span.start)),
            end=time_text(span.end),
            ci_id=what.ci,
            kind=what.kind.value,
            cause=what.cause,
            ticket=what.ticket,
            excluded=what.excluded,
            announced=time_text(what.announced),
            change=what.change,
        )


class EpisodeOut(Out):
    """From an opening to the closing that ends it."""

    began: str = Field(description="When it was first said to begin; names it in corrections.")
    start: str
    end: str | None
    spans: list[OutageSpanOut]

    @classmethod
    def of(cls, episode: Episode) -> EpisodeOut:
        """Shape one episode."""
        return cls(
            began=str(time_text(episode.began)),
            start=str(time_text(episode.start)),
            end=time_text(episode.end),
            spans=[OutageSpanOut.of(span) for span in episode.spans],
        )


class LiveOutageOut(Out):
    """One outage that came in, with every episode of it, the last one last."""

    schema_: Literal["ripplegraph/live-outage/1"] = Field(
        default="ripplegraph/live-outage/1", serialization_alias="schema"
    )
    id: str
    url: str = Field(description="Where it is found.")
    source: str
    external_id: str
    version: int = Field(description="One more with every change; 0 while it is unmatched.")
    state: OutageState = Field(
        description="coming: it begins later; waiting: only its end is known yet; unmatched: its "
        "CI is not known."
    )
    reason: str = Field(description="Why it is unmatched; empty else.")
    candidates: list[str]
    settled_until: str | None = Field(
        description="What was told of the time before stands in volumes of their own, whose ids "
        "end with @ and a moment; null if all of it is here."
    )
    episodes: list[EpisodeOut]

    @classmethod
    def of(cls, one: LiveDocument, version: int, now: datetime) -> LiveOutageOut:
        """Shape one live outage, at a version of its document."""
        shaped = cls._of(one.key, one.source, one.external_id, one.facts, now)
        until = time_text(one.settled_until)
        return shaped.model_copy(update={"version": version, "settled_until": until})

    @classmethod
    def of_unmatched(cls, one: UnmatchedDocument) -> LiveOutageOut:
        """Shape an outage whose CI is not known."""
        shaped = cls._of(one.key, one.source, one.external_id, one.facts, one.first_seen)
        found = {"state": "unmatched", "reason": one.reason, "candidates": list(one.candidates)}
        return shaped.model_copy(update=found)

    @classmethod
    def _of(
        cls, key: str, source: str, external_id: str, facts: Facts, now: datetime
    ) -> LiveOutageOut:
        episodes = episodes_of(facts)
        return cls(
            id=key,
            url=f"/v1/outages/{quote(key)}",
            source=source,
            external_id=external_id,
            version=0,
            state=state_of(episodes, now),
            reason="",
            candidates=[],
            settled_until=None,
            episodes=[EpisodeOut.of(one) for one in episodes],
        )


def state_of(episodes: tuple[Episode, ...], now: datetime) -> OutageState:
    """Return the state of a live outage at a moment."""
    if not episodes:
        return "waiting"
    if any(one.start <= now and (one.end is None or now < one.end) for one in episodes):
        return "open"
    return "coming" if now < episodes[-1].start else "closed"


class LiveOutagesOut(Out):
    """Live outages, by page."""

    schema_: Literal["ripplegraph/live-outages/1"] = Field(
        default="ripplegraph/live-outages/1", serialization_alias="schema"
    )
    outages: list[LiveOutageOut]
    after: str | None = Field(description="Ask with it for the next page; null if this is it.")


class OutcomeOut(Out):
    """What became of one event."""

    source: str
    external_id: str
    became: BecameWord
    reason: str
    ci_id: str | None
    candidates: list[str]

    @classmethod
    def of(cls, one: Outcome) -> OutcomeOut:
        """Shape one outcome."""
        return cls(
            source=one.source,
            external_id=one.external_id,
            became=one.became.value,
            reason=one.reason,
            ci_id=one.ci_id or None,
            candidates=list(one.candidates),
        )


class IntakeOut(Out):
    """What became of each event of a delivery, in its order."""

    schema_: Literal["ripplegraph/intake/1"] = Field(
        default="ripplegraph/intake/1", serialization_alias="schema"
    )
    events: list[OutcomeOut]
    notes: list[str] = Field(description="What else the sender should know.")


class UnmatchedEventOut(Out):
    """An event whose CI is not known, or that a person dismissed."""

    id: str
    source: str
    external_id: str
    origin: str
    labels: dict[str, str]
    reason: str
    candidates: list[str]
    first_seen: str
    state: Literal["unmatched", "dismissed"]
    dismissed: str
    dismissed_by: str
    episodes: list[EpisodeOut]

    @classmethod
    def of(cls, one: UnmatchedDocument) -> UnmatchedEventOut:
        """Shape one event."""
        return cls(
            id=one.key,
            source=one.source,
            external_id=one.external_id,
            origin=one.origin,
            labels=dict(one.labels),
            reason=one.reason,
            candidates=list(one.candidates),
            first_seen=str(time_text(one.first_seen)),
            state="dismissed" if one.dismissed else "unmatched",
            dismissed=one.dismissed,
            dismissed_by=one.dismissed_by,
            episodes=[EpisodeOut.of(episode) for episode in episodes_of(one.facts)],
        )


class UnmatchedEventsOut(Out):
    """Unmatched events, by page."""

    schema_: Literal["ripplegraph/unmatched-events/1"] = Field(
        default="ripplegraph/unmatched-events/1", serialization_alias="schema"
    )
    events: list[UnmatchedEventOut]
    after: str | None = Field(description="Ask with it for the next page; null if this is it.")
