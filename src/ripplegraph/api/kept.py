"""What the journal keeps: names that several modules share, all documents of a collection."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ripplegraph.graph.journal import Document
from ripplegraph.graph.ports import EstateJournal

FEED = "feed"
LIVE_OUTAGES, UNMATCHED = "live-outages", "unmatched-events"
OUTBOX, JOBS = "outbox", "jobs"
FORGOTTEN, FORGOTTEN_KEY = "forgotten-outages", "so-far"

_PAGE = 500


def all_documents(journal: EstateJournal, collection: str) -> Iterator[Document]:
    """Yield every document of a collection in order of their keys, read page by page."""
    after = ""
    while True:
        page = journal.documents(collection, after=after, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].key


def forgotten_counts(held: Document | None) -> dict[str, int]:
    """Return how many live outages were forgotten so far by kind, as their document tells it."""
    if held is None:
        return {"recorded": 0, "others": 0}
    counts: dict[str, int] = json.loads(held.payload)
    return counts
