"""Revisions that were published, by whomever: each is told once on the feed."""

from __future__ import annotations

from datetime import datetime

from ripplegraph.api.events.feed import REVISION_PUBLISHED, entry
from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.journal import JournalWrite, PutDocument
from ripplegraph.graph.ports import EstateJournal

TOLD_REVISIONS, NEWEST_KEY = "told-revisions", "newest"
_MOST_AT_ONCE = 100


def tell_revision(journal: EstateJournal, number: int, now: datetime, *, is_new: bool) -> None:
    """Tell of the revisions up to a number that nobody told of yet.

    Where nothing was ever told, ``is_new`` says whether this one was just published; else it is
    taken for known.
    """
    while True:
        held = journal.document(TOLD_REVISIONS, NEWEST_KEY)
        told = (number - 1 if is_new else number) if held is None else int(held.payload)
        if held is not None and number <= told:
            return
        first = max(told + 1, number - _MOST_AT_ONCE + 1)
        writes: list[JournalWrite] = [
            PutDocument(
                collection=TOLD_REVISIONS,
                key=NEWEST_KEY,
                payload=str(number),
                expected_version=0 if held is None else held.version,
            ),
            *(entry(REVISION_PUBLISHED, now, revision=one) for one in range(first, number + 1)),
        ]
        try:
            journal.commit(writes)
        except JournalConflictError:
            continue  # somebody else told meanwhile
        return
