"""Alerts that an earlier version kept by ``fingerprint@startsAt`` go on under their fingerprint.

What resolves them comes under the fingerprint alone: an outage that is open under an id of old
would stay open until a person closed it. Facts are a set, so it does not matter what came first.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ripplegraph.api.events.batch import Batch
from ripplegraph.api.events.documents import LiveDocument, live_of
from ripplegraph.api.events.episodes import Facts, open_now
from ripplegraph.api.events.feed import outage_entries
from ripplegraph.api.kept import LIVE_OUTAGES, all_documents
from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.journal import Document, JournalWrite, RemoveDocument
from ripplegraph.graph.ports import EstateJournal

_OLD_ID = re.compile(r"(.+)@(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)", re.DOTALL)
_LOG = logging.getLogger("ripplegraph.events")


def rename_alerts(journal: EstateJournal, now: datetime) -> int:
    """Join what is kept of each alert that is open under an old id; return how many were."""
    kept: dict[tuple[str, str], list[Document]] = {}
    for document in all_documents(journal, LIVE_OUTAGES):
        live = live_of(document.payload)
        fingerprint = _fingerprint_of(live)
        if fingerprint:
            kept.setdefault((live.source, fingerprint), []).append(document)
    count = 0
    for (source, fingerprint), documents in kept.items():
        if any(open_now(live_of(one.payload).facts) for one in documents):
            count += _joined(
                journal, LiveDocument(source=source, external_id=fingerprint), documents, now
            )
    if count:
        _LOG.warning("%d open alerts go on under their fingerprint alone", count)
    return count


def _fingerprint_of(live: LiveDocument) -> str:
    """Return the fingerprint in an id of old, "" if it is none: it names when it opened."""
    found = _OLD_ID.fullmatch(live.external_id)
    if found is None or live.volume or not live.facts.openings:
        return ""
    return found[1] if live.facts.openings[0].at == datetime.fromisoformat(found[2]) else ""


def _joined(
    journal: EstateJournal, named: LiveDocument, documents: Sequence[Document], now: datetime
) -> bool:
    """Join documents of an alert into one; not now if somebody changed one meanwhile."""
    batch = Batch(journal)
    live = batch.live(named.source, named.external_id)
    for one in documents:
        live = replace(live, facts=live.facts.joined_with(live_of(one.payload).facts))
    batch.put_live(live)
    try:
        journal.commit([*batch.writes(now), *_removed(documents, now)])
    except JournalConflictError:
        return False
    return True


def _removed(documents: Sequence[Document], now: datetime) -> Iterator[JournalWrite]:
    for one in documents:
        yield RemoveDocument(collection=LIVE_OUTAGES, key=one.key, expected_version=one.version)
        live = live_of(one.payload)
        yield from outage_entries(live, replace(live, facts=Facts()), now)
