"""Entries of the feed: what changed, as JSON that says its type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from ripplegraph.api.events.documents import LiveDocument, UnmatchedDocument
from ripplegraph.api.events.episodes import Episode, episodes_of
from ripplegraph.api.kept import FEED
from ripplegraph.api.schemas.base import time_text
from ripplegraph.graph.journal import AppendEntry

OPENED, CLOSED, CORRECTED = "outage.opened", "outage.closed", "outage.corrected"
OUTAGES_FORGOTTEN, OUTAGE_SETTLED = "outage.forgotten", "outage.settled"
EVENT_UNMATCHED = "event.unmatched"
SERVICE_STATUS = "service.status"
FORECAST_BREACH = "forecast.breach"
REVISION_PUBLISHED = "revision.published"

FeedType = Literal[
    "outage.opened",
    "outage.closed",
    "outage.corrected",
    "outage.forgotten",
    "outage.settled",
    "event.unmatched",
    "service.status",
    "forecast.breach",
    "revision.published",
    "job.changed",
]
"""Every type of entry that the feed may hold."""


def entry(kind: str, at: datetime, **members: Any) -> AppendEntry:
    """Return the write that appends one entry to the feed."""
    payload = {"type": kind, "at": time_text(at), **members}
    return AppendEntry(stream=FEED, at=at, payload=json.dumps(payload, ensure_ascii=False))


def outage_entries(
    before: LiveDocument, after: LiveDocument, at: datetime
) -> Iterator[AppendEntry]:
    """Yield what is to be told of a live outage that changed; nothing if it did not."""
    held, kept = _without_common_ends(episodes_of(before.facts), episodes_of(after.facts))
    for episode in kept:
        for kind in _changes(_same(episode, held), episode):
            yield entry(kind, at, outage=_told(after, episode))
    for episode in held:
        if not any(_is_same(other, episode) for other in kept):
            yield entry(CORRECTED, at, outage={**_told(after, episode), "is_void": True})


def _without_common_ends(
    held: Sequence[Episode], kept: Sequence[Episode]
) -> tuple[Sequence[Episode], Sequence[Episode]]:
    """Return both without what stands in both at the beginning and at the end."""
    common = min(len(held), len(kept))
    first = next((at for at in range(common) if held[at] != kept[at]), common)
    held, kept, common = held[first:], kept[first:], common - first
    last = next((at for at in range(common) if held[-1 - at] != kept[-1 - at]), common)
    return held[: len(held) - last], kept[: len(kept) - last]


def settled_entry(live: LiveDocument, volume: LiveDocument, at: datetime) -> AppendEntry:
    """Return the entry that old episodes of an outage moved into a document of their own."""
    return entry(OUTAGE_SETTLED, at, outages=[live.key, volume.key])


def unmatched_entry(document: UnmatchedDocument, at: datetime) -> AppendEntry:
    """Return the entry that an event names no known CI."""
    return entry(
        EVENT_UNMATCHED,
        at,
        event={
            "id": document.key,
            "source": document.source,
            "external_id": document.external_id,
            "reason": document.reason,
            "candidates": list(document.candidates),
        },
    )


def _same(episode: Episode, held: Sequence[Episode]) -> Episode | None:
    return next((one for one in held if _is_same(episode, one)), None)


def _is_same(episode: Episode, other: Episode) -> bool:
    """Return whether two episodes, before and after, are one: either holds the other's begin."""
    return _holds(episode, other.began) or _holds(other, episode.began)


def _holds(episode: Episode, moment: datetime) -> bool:
    return episode.began <= moment and (
        episode.end is None or moment < episode.end or moment == episode.began
    )


def _changes(before: Episode | None, after: Episode) -> Iterator[str]:
    if before is None:
        yield OPENED
        if after.end is not None:
            yield CLOSED
    elif before.end is None and after.end is not None:
        if _shape(before)[:-1] != _shape(after)[:-1]:
            yield CORRECTED
        yield CLOSED
    elif before != after:
        yield CORRECTED


def _shape(episode: Episode) -> tuple[object, ...]:
    """Return all that an episode says, its end last."""
    return (*((span.start, span.what) for span in episode.spans), episode.end)


def _told(document: LiveDocument, episode: Episode) -> dict[str, object]:
    last = episode.spans[-1].what
    return {
        "id": document.key,
        "source": document.source,
        "external_id": document.external_id,
        "ci_id": last.ci,
        "kind": last.kind.value,
        "began": time_text(episode.began),
        "start": time_text(episode.start),
        "end": time_text(episode.end),
        "cause": last.cause,
        "ticket": last.ticket,
    }
