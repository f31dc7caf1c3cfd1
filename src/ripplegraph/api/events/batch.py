"""Documents that one commit reads and changes: whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from ripplegraph.api.events.documents import (
    TAKEN,
    LiveDocument,
    UnmatchedDocument,
    key_of,
    live_of,
    live_text,
    unmatched_of,
    unmatched_text,
)
from ripplegraph.api.events.feed import outage_entries, settled_entry, unmatched_entry
from ripplegraph.api.events.volumes import whole_story
from ripplegraph.api.kept import LIVE_OUTAGES, UNMATCHED
from ripplegraph.api.schemas.base import time_text
from ripplegraph.graph.journal import JournalWrite, PutDocument, RemoveDocument
from ripplegraph.graph.ports import EstateJournal


class Batch:
    """Live outages and unmatched events as one commit finds and leaves them."""

    def __init__(self, journal: EstateJournal) -> None:
        self._journal = journal
        self._live: dict[str, tuple[int, LiveDocument]] = {}
        self._unmatched: dict[str, tuple[int, UnmatchedDocument | None]] = {}
        self._taken: list[str] = []
        self._live_now: dict[str, LiveDocument] = {}
        self._volumes: dict[str, list[LiveDocument]] = {}
        self._unmatched_now: dict[str, UnmatchedDocument | None] = {}

    def live(self, source: str, external_id: str) -> LiveDocument:
        """Return a live outage, one of which nothing was said if there is none."""
        empty = LiveDocument(source=source, external_id=external_id)
        key = empty.key
        if key not in self._live:
            held = self._journal.document(LIVE_OUTAGES, key)
            self._live[key] = (held.version, live_of(held.payload)) if held else (0, empty)
        return self._live_now.get(key, self._live[key][1])

    def version(self, key: str) -> int:
        """Return the version of a live outage that was read here."""
        return self._live[key][0]

    def unmatched(self, key: str) -> UnmatchedDocument | None:
        """Return an unmatched event, None if there is none."""
        if key not in self._unmatched:
            held = self._journal.document(UNMATCHED, key)
            self._unmatched[key] = (
                (held.version, unmatched_of(held.payload)) if held else (0, None)
            )
        return self._unmatched_now.get(key, self._unmatched[key][1])

    def put_live(self, document: LiveDocument) -> None:
        """Leave a live outage so."""
        self._live_now[document.key] = document

    def put_volume(self, document: LiveDocument, volume: LiveDocument) -> None:
        """Put what is settled of a live outage into a document of its own."""
        self._volumes.setdefault(document.key, []).append(volume)

    def put_unmatched(self, key: str, document: UnmatchedDocument | None) -> None:
        """Leave an unmatched event so; None removes it."""
        self._unmatched_now[key] = document

    def is_taken(self, source: str, delivery: str) -> bool:
        """Return whether this very event was taken in before; from now on it was."""
        key = key_of(source, delivery)
        if key in self._taken or self._journal.document(TAKEN, key) is not None:
            return True
        self._taken.append(key)
        return False

    def writes(self, now: datetime) -> list[JournalWrite]:
        """Return what is to be written, with its entries of the feed; nothing if all is as was."""
        taken = json.dumps({"at": time_text(now)})
        return [
            *self._live_writes(now),
            *self._unmatched_writes(now),
            *(
                PutDocument(collection=TAKEN, key=key, payload=taken, expected_version=0)
                for key in self._taken
            ),
        ]

    def _live_writes(self, now: datetime) -> Iterator[JournalWrite]:
        for key, document in self._live_now.items():
            version, before = self._live[key]
            if document == before:
                continue
            yield PutDocument(
                collection=LIVE_OUTAGES,
                key=key,
                payload=live_text(document),
                expected_version=version,
            )
            volumes = self._volumes.get(key, ())
            yield from outage_entries(before, whole_story(document, volumes), now)
            for volume in volumes:
                yield self._volume_write(volume)
                yield settled_entry(document, volume, now)

    def _volume_write(self, volume: LiveDocument) -> PutDocument:
        """Return the write of a volume; what stands under its id already stays in it."""
        held = self._journal.document(LIVE_OUTAGES, volume.key)
        if held is not None:
            volume = whole_story(volume, [live_of(held.payload)])
        return PutDocument(
            collection=LIVE_OUTAGES,
            key=volume.key,
            payload=live_text(volume),
            expected_version=0 if held is None else held.version,
        )

    def _unmatched_writes(self, now: datetime) -> Iterator[JournalWrite]:
        for key, document in self._unmatched_now.items():
            version, before = self._unmatched[key]
            if document == before:
                continue
            if document is None:
                yield RemoveDocument(collection=UNMATCHED, key=key, expected_version=version)
                continue
            yield PutDocument(
                collection=UNMATCHED,
                key=key,
                payload=unmatched_text(document),
                expected_version=version,
            )
            if before is None:
                yield unmatched_entry(document, now)
