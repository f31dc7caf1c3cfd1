"""Forgets what nobody needs any more: old entries of the feed, ids of events taken long ago.

Deliveries that were given up are forgotten when nobody asked for them in a month.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from ripplegraph.api.events.documents import TAKEN
from ripplegraph.api.events.webhooks.documents import DEAD_LETTERS, delivery_of
from ripplegraph.api.kept import FEED, all_documents
from ripplegraph.graph.journal import ForgetEntries, JournalWrite, RemoveDocument
from ripplegraph.graph.ports import EstateJournal

KEPT_ENTRIES = 100_000
"""Entries of the feed that a reader may catch up with."""

KEPT_IDS_FOR = timedelta(days=7)
"""How long an event that is sent again is known by its id alone."""

KEPT_LETTERS_FOR = timedelta(days=30)
"""How long a delivery that was given up is listed."""

_AT_ONCE = 500


def tidy(journal: EstateJournal, now: datetime) -> None:
    """Forget old entries and ids."""
    too_old = journal.last_number(FEED) - KEPT_ENTRIES
    if too_old > 0:
        journal.commit([ForgetEntries(stream=FEED, up_to=too_old)])
    writes: list[JournalWrite] = []
    old_ids = _old_ids(journal, now - KEPT_IDS_FOR)
    for write in chain(old_ids, _old_letters(journal, now - KEPT_LETTERS_FOR)):
        writes.append(write)
        if len(writes) == _AT_ONCE:
            journal.commit(writes)
            writes = []
    if writes:
        journal.commit(writes)


def _old_ids(journal: EstateJournal, before: datetime) -> Iterator[RemoveDocument]:
    for one in all_documents(journal, TAKEN):
        if datetime.fromisoformat(json.loads(one.payload)["at"]) < before:
            yield RemoveDocument(collection=TAKEN, key=one.key)


def _old_letters(journal: EstateJournal, before: datetime) -> Iterator[RemoveDocument]:
    for one in all_documents(journal, DEAD_LETTERS):
        if delivery_of(one.payload).due_at < before:
            yield RemoveDocument(collection=DEAD_LETTERS, key=one.key)
