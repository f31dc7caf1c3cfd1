"""The live outages of a journal, read again only where the feed tells of a change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ripplegraph.api.kept import FEED, LIVE_OUTAGES, all_documents
from ripplegraph.graph.journal import Document, Entry
from ripplegraph.graph.ports import EstateJournal

_PAGE = 500

Changed = Mapping[str, Document | None]
"""Documents by key, None for one that is gone."""


class LiveReading:
    """Documents of live outages, and the entry of the feed up to which they were read.

    Whoever changes what a document tells of outages appends to the feed in the same commit, and
    names it there (see :func:`changed_keys`). So what is read is never older than the entries. Not
    safe between threads.
    """

    def __init__(self, journal: EstateJournal) -> None:
        self._journal = journal
        self._documents: dict[str, Document] = {}
        self._number: int | None = None

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by key."""
        return self._documents

    @property
    def number(self) -> int:
        """Number of the last entry that was read, 0 before the first."""
        return self._number or 0

    def catch_up(self) -> Changed:
        """Read what the entries behind the last one name; return what is another thing now."""
        if self._number is None:
            return self._read_all()
        number, named = self._number, dict[str, None]()
        while page := self._journal.entries(FEED, after=number, limit=_PAGE):
            if page[0].number != number + 1:  # some are forgotten already
                return self._read_all()
            named.update(dict.fromkeys(changed_keys(page)))
            number = page[-1].number
        found = {key: self._journal.document(LIVE_OUTAGES, key) for key in named}
        self._number = number
        return self._taken(found)

    def _read_all(self) -> Changed:
        number = self._journal.last_number(FEED)  # first: what is read is never older than it
        found = {one.key: one for one in all_documents(self._journal, LIVE_OUTAGES)}
        self._number = number
        return self._taken({**dict.fromkeys(self._documents), **found})

    def _taken(self, found: Changed) -> Changed:
        changed = {key: one for key, one in found.items() if one != self._documents.get(key)}
        for key, one in changed.items():
            if one is None:
                del self._documents[key]
            else:
                self._documents[key] = one
        return changed


def changed_keys(entries: Sequence[Entry]) -> Iterable[str]:
    """Yield the keys of live outages that entries of the feed name."""
    for one in entries:
        told: dict[str, Any] = json.loads(one.payload)
        if "outage" in told:
            yield str(told["outage"]["id"])
        yield from map(str, told.get("outages", ()))
