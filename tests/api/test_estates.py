"""The served estate: newest revisions, live outages laid over them, and earlier revisions."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from api.servers import NOW, ReadyGraph
from graph_building import graph_of
from ripplegraph.api.estates import Keeping, ServedEstate, Snapshot
from ripplegraph.api.kept import LIVE_OUTAGES
from ripplegraph.errors import StoreError, StoreUnavailableError, UnknownRevisionError
from ripplegraph.graph.journal import AppendEntry, Document, PutDocument
from ripplegraph.graph.revisions import ImportRules, Provenance, Revision
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.store.memory_journal import MemoryJournal
from ripplegraph.store.sqlite.estate import SqliteEstate

FIRST, SECOND = graph_of("shop -> web"), graph_of("shop -> web & db")


def told(day: int = 0) -> Provenance:
    return Provenance(author="ann", at=NOW + timedelta(days=day))


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class CountedOverlay:
    """Lays nothing over a graph, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, ...]] = []

    def __call__(self, graph: ServiceGraph, documents: tuple[Document, ...]) -> ServiceGraph:
        self.seen.append(tuple(one.key for one in documents))
        return graph_of("shop -> web & db & live")


@pytest.fixture
def store(tmp_path: Path) -> SqliteEstate:
    kept = SqliteEstate(tmp_path / "estate.db")
    kept.publish(FIRST, told())
    return kept


def served(store: SqliteEstate, clock: Clock, *, is_pinned: bool = False) -> ServedEstate:
    keeping = Keeping(store=store, revision=1, is_pinned=is_pinned)
    source = ReadyGraph(store.read(1))
    return ServedEstate(source=source, journal=MemoryJournal(), keeping=keeping, seconds=clock)


def state(snapshot: Snapshot) -> tuple[int | None, int]:
    return snapshot.revision, snapshot.graph.ci_count


def test_a_new_revision_is_served_once_the_store_is_asked_again(store: SqliteEstate) -> None:
    clock = Clock()
    estate = served(store, clock)
    first = estate.snapshot()
    store.publish(SECOND, told(1))
    clock.now = 0.9
    assert estate.snapshot() is first
    clock.now = 1.0
    assert state(estate.snapshot()) == (2, 3)
    assert state(first) == (1, 2)
    assert first.tag != estate.snapshot().tag


def test_a_refresh_asks_the_store_at_once(store: SqliteEstate) -> None:
    estate = served(store, Clock())
    estate.snapshot()
    store.publish(SECOND, told(1))
    assert state(estate.refresh()) == (2, 3)


def test_a_pinned_revision_stays_served(store: SqliteEstate) -> None:
    clock = Clock()
    estate = served(store, clock, is_pinned=True)
    store.publish(SECOND, told(1))
    clock.now = 10.0
    assert state(estate.snapshot()) == (1, 2)


def test_an_earlier_revision_is_read_as_it_was_published(store: SqliteEstate) -> None:
    store.publish(SECOND, told(1))
    estate = served(store, Clock())
    assert [state(estate.snapshot(number)) for number in (1, 2, 1)] == [(1, 2), (2, 3), (1, 2)]
    with pytest.raises(UnknownRevisionError, match="revision 3"):
        estate.snapshot(3)


def test_an_export_has_no_revisions() -> None:
    estate = ServedEstate(source=ReadyGraph(FIRST), journal=MemoryJournal(), origin="read-1")
    assert estate.snapshot().revision is None
    assert estate.snapshot().tag == "read-1"
    with pytest.raises(UnknownRevisionError, match="this export holds no revision 1"):
        estate.snapshot(1)


def test_live_outages_are_laid_over_only_when_they_changed() -> None:
    journal, overlay = MemoryJournal(), CountedOverlay()
    estate = ServedEstate(source=ReadyGraph(FIRST), journal=journal, overlay=overlay, origin="e")
    assert estate.read().ci_count == 2
    opened = PutDocument(collection=LIVE_OUTAGES, key="mon/1", payload="{}")
    entry = AppendEntry(stream="feed", at=NOW, payload='{"type": "outage.opened"}')
    journal.commit([opened, entry])
    assert estate.read().ci_count == 4
    tag = estate.snapshot().tag
    journal.commit([entry])
    assert estate.snapshot().tag == tag
    journal.commit([opened, entry])
    assert estate.snapshot().tag != tag
    assert overlay.seen == [("mon/1",), ("mon/1",)]


def test_more_live_outages_than_a_page_are_all_laid_over() -> None:
    journal, overlay = MemoryJournal(), CountedOverlay()
    estate = ServedEstate(source=ReadyGraph(FIRST), journal=journal, overlay=overlay, origin="e")
    keys = [f"mon/{number:04}" for number in range(1000)]
    journal.commit([PutDocument(collection=LIVE_OUTAGES, key=one, payload="{}") for one in keys])
    estate.read()
    assert overlay.seen == [tuple(keys)]


class SlowStore:
    """A store that reads its second revision only when it may."""

    def __init__(self, store: SqliteEstate) -> None:
        self._store = store
        self.is_reading, self.may_go_on = threading.Event(), threading.Event()
        self.error: StoreError | None = None

    def publish(
        self, graph: ServiceGraph, provenance: Provenance, rules: ImportRules | None = None
    ) -> Revision:
        return self._store.publish(graph, provenance, rules)

    def read(self, revision: int | None = None) -> ServiceGraph:
        if revision == 2:
            self.is_reading.set()
            assert self.may_go_on.wait(20)
        return self._store.read(revision)

    def newest(self) -> Revision | None:
        if self.error is not None:
            raise self.error
        return self._store.newest()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_readers_see_the_old_revision_while_one_thread_reads_the_new_one(
    store: SqliteEstate,
) -> None:
    slow, clock = SlowStore(store), Clock()
    keeping = Keeping(store=slow, revision=1)  # type: ignore[arg-type] # the rest is delegated
    estate = ServedEstate(source=store, journal=MemoryJournal(), keeping=keeping, seconds=clock)
    estate.snapshot()
    store.publish(SECOND, told(1))
    clock.now = 1.0
    found: list[Snapshot] = []
    reader = threading.Thread(target=lambda: found.append(estate.snapshot()))
    reader.start()
    assert slow.is_reading.wait(20)
    assert state(estate.snapshot()) == (1, 2)
    slow.may_go_on.set()
    reader.join(20)
    assert state(found[0]) == (2, 3)
    assert state(estate.snapshot()) == (2, 3)


def test_a_store_that_fails_leaves_the_old_revision_served(store: SqliteEstate) -> None:
    slow, clock = SlowStore(store), Clock()
    keeping = Keeping(store=slow, revision=1)  # type: ignore[arg-type] # the rest is delegated
    estate = ServedEstate(source=store, journal=MemoryJournal(), keeping=keeping, seconds=clock)
    estate.snapshot()
    slow.error = StoreUnavailableError("estate.db", "it went away")
    clock.now = 1.0
    assert state(estate.snapshot()) == (1, 2)
    assert estate.trouble is slow.error
    slow.error, clock.now = None, 2.0
    estate.snapshot()
    assert estate.trouble is None
