"""Forgets live outages that ended long ago and that no answer needs any more; each is told.

They stay as long as they are to be kept, and in any case while a window that a report shows by
itself holds them. So do those that the newest revision tells itself: the next export may leave
out what is long over, and then nobody else would know of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ripplegraph.api.audit import forgotten_entry
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.documents import LiveDocument, live_of
from ripplegraph.api.events.episodes import Facts, episodes_of
from ripplegraph.api.events.feed import OUTAGES_FORGOTTEN, entry
from ripplegraph.api.kept import (
    FORGOTTEN,
    FORGOTTEN_KEY,
    LIVE_OUTAGES,
    all_documents,
    forgotten_counts,
)
from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.journal import Document, JournalWrite, PutDocument, RemoveDocument
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.needed import needed_since

_AT_ONCE = 50
_LOG = logging.getLogger("ripplegraph.events")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Over:
    """A live outage that is over, and whether the newest revision tells all of it."""

    document: Document
    live: LiveDocument
    since: datetime
    is_recorded: bool


def forget_outages(estate: ServedEstate, now: datetime, keep: timedelta) -> int:
    """Forget live outages, and return how many; none while an older revision is served.

    Parameters
    ----------
    keep
        How long an outage is kept after its end.
    """
    documents = list(all_documents(estate.journal, LIVE_OUTAGES))
    graph = estate.refresh().graph  # never older than the documents
    if not estate.is_newest:
        return 0
    over = list(_over(estate, documents))
    kept_since = min(now - keep, needed_since(graph, now))
    last = _last_that_counts(graph, over)
    found = (one for one in over if one is not last and one.since < kept_since)
    count = 0
    while page := list(islice(found, _AT_ONCE)):
        count += _forgotten(estate, page, now)
    return count


def _over(estate: ServedEstate, documents: Sequence[Document]) -> Iterator[_Over]:
    recorded = estate.recorded(one.key for one in documents)
    for one in documents:
        live = live_of(one.payload)
        since = over_since(live.facts)
        if since is not None:
            yield _Over(document=one, live=live, since=since, is_recorded=one.key in recorded)


def _last_that_counts(graph: ServiceGraph, over: Sequence[_Over]) -> _Over | None:
    """Return the last outage that counts.

    It stays: with no outage on record at all, the time would not count as observed any more.
    """
    counted = {(one.source, one.external_id) for one in graph.outages}
    counting = [
        one
        for one in over
        if one.is_recorded or (one.live.source, one.live.external_id) in counted
    ]
    return max(counting, key=lambda one: one.since, default=None)


def over_since(facts: Facts) -> datetime | None:
    """Return when all that was said of an outage lay behind, None while it is open."""
    moments = [*(one.at for one in facts.openings), *facts.closings]
    for episode in episodes_of(facts):
        if episode.end is None:
            return None
        moments.append(episode.end)
    return max(moments, default=None)


def _forgotten(estate: ServedEstate, page: Sequence[_Over], now: datetime) -> int:
    """Forget outages with one commit; none of them if somebody changed one meanwhile."""
    recorded = sum(one.is_recorded for one in page)
    others = len(page) - recorded
    try:
        estate.journal.commit([*_writes(estate, page, now)])
    except JournalConflictError:
        return 0  # the next time they are looked at again
    _LOG.warning(
        "%d live outages were forgotten that the newest revision tells, and %d others",
        recorded,
        others,
    )
    return len(page)


def _writes(estate: ServedEstate, page: Sequence[_Over], now: datetime) -> Iterator[JournalWrite]:
    for one in page:
        yield RemoveDocument(
            collection=LIVE_OUTAGES,
            key=one.document.key,
            expected_version=one.document.version,
        )
    recorded = [one.document.key for one in page if one.is_recorded]
    keys = [one.document.key for one in page]
    yield entry(OUTAGES_FORGOTTEN, now, outages=keys, recorded=recorded)
    yield forgotten_entry(len(page), now)
    held = estate.journal.document(FORGOTTEN, FORGOTTEN_KEY)
    before = forgotten_counts(held)
    counts = {
        "recorded": before["recorded"] + len(recorded),
        "others": before["others"] + len(page) - len(recorded),
    }
    yield PutDocument(
        collection=FORGOTTEN,
        key=FORGOTTEN_KEY,
        payload=json.dumps(counts),
        expected_version=0 if held is None else held.version,
    )
