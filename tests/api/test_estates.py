"""The served estate: newest revisions, live outages laid over them, and earlier revisions."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from api.servers import NOW, ReadyGraph
from graph_building import graph_of
from ripplegraph.api.estates import Keeping, ServedEstate, Snapshot
from ripplegraph.api.kept import LIVE_OUTAGES
from ripplegraph.api.live_reading import Changed
from ripplegraph.errors import StoreError, StoreUnavailableError, UnknownRevisionError
from ripplegraph.graph.journal import (
    AppendEntry,
    Document,
    ForgetEntries,
    JournalWrite,
    PutDocument,
    RemoveDocument,
)
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


class CountedLayer:
    """Lays nothing over a graph but one more CI, and keeps what it was asked to lay."""

    def __init__(self, graph: ServiceGraph) -> None:
        self.bare, self.seen = graph, list[dict[str, str | None]]()
        self.held: dict[str, Document] = {}
        self.error: Exception | None = None
        self.graph = graph

    @property
    def tag(self) -> str:
        return "".join(f"{one.key}-{one.version}" for one in self.held.values())

    def put(self, documents: Changed) -> None:
        if self.error is not None:
            raise self.error
        if documents:
            told = {key: None if one is None else one.payload for key, one in documents.items()}
            self.seen.append(told)
        for key, one in documents.items():
            if one is None:
                self.held.pop(key, None)
            else:
                self.held[key] = one
            self.graph = graph_of("shop -> web & db & live") if self.held else self.bare

    def is_recorded(self, key: str) -> bool:
        return key in self.held


class CountedOverlay:
    """Begins layers and keeps them."""

    def __init__(self) -> None:
        self.layers: list[CountedLayer] = []

    def __call__(self, graph: ServiceGraph) -> CountedLayer:
        self.layers.append(CountedLayer(graph))
        return self.layers[-1]


def opened(key: str, payload: str = "{}") -> list[JournalWrite]:
    """Return the writes of an outage that came in, told on the feed as events are."""
    told = json.dumps({"type": "outage.opened", "outage": {"id": key}})
    return [
        PutDocument(collection=LIVE_OUTAGES, key=key, payload=payload),
        AppendEntry(stream="feed", at=NOW, payload=told),
    ]


@pytest.fixture
def store(tmp_path: Path) -> SqliteEstate:
    kept = SqliteEstate(tmp_path / "estate.db")
    kept.publish(FIRST, told())
    return kept


def served(store: SqliteEstate, clock: Clock, *, is_pinned: bool = False) -> ServedEstate:
    keeping = Keeping(store=store, revision=1, is_pinned=is_pinned)
    source = ReadyGraph(store.read(1))
    return ServedEstate(
        source=source,
        journal=MemoryJournal(),
        keeping=keeping,
        seconds=clock,
        aside=lambda work: work(),
    )


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


OTHER = AppendEntry(stream="feed", at=NOW, payload='{"type": "service.status"}')


def exported() -> tuple[ServedEstate, MemoryJournal, CountedOverlay]:
    journal, overlay = MemoryJournal(), CountedOverlay()
    estate = ServedEstate(source=ReadyGraph(FIRST), journal=journal, overlay=overlay, origin="e")
    return estate, journal, overlay


def test_only_live_outages_that_changed_are_read_and_laid() -> None:
    estate, journal, overlay = exported()
    journal.commit([*opened("mon/1"), *opened("mon/2")])
    assert estate.read().ci_count == 4
    tag = estate.snapshot().tag
    journal.commit([OTHER])
    assert estate.snapshot().tag == tag
    journal.commit(opened("mon/2", '{"later": 1}'))
    assert estate.snapshot().tag != tag
    (layer,) = overlay.layers
    assert layer.seen == [{"mon/1": "{}", "mon/2": "{}"}, {"mon/2": '{"later": 1}'}]


def test_a_live_outage_that_is_gone_is_taken_away() -> None:
    estate, journal, overlay = exported()
    journal.commit(opened("mon/1"))
    assert estate.read().ci_count == 4
    gone = RemoveDocument(collection=LIVE_OUTAGES, key="mon/1")
    told = '{"type": "outage.forgotten", "outages": ["mon/1"]}'
    journal.commit([gone, AppendEntry(stream="feed", at=NOW, payload=told)])
    assert estate.read() is FIRST
    assert estate.snapshot().tag == "e"
    assert overlay.layers[0].seen[-1] == {"mon/1": None}


def test_all_is_read_again_where_entries_were_forgotten_unread() -> None:
    estate, journal, overlay = exported()
    journal.commit([*opened("mon/1"), *opened("mon/2")])
    estate.read()
    journal.commit([*opened("mon/3"), RemoveDocument(collection=LIVE_OUTAGES, key="mon/1")])
    journal.commit([ForgetEntries(stream="feed", up_to=journal.last_number("feed")), OTHER])
    estate.read()
    assert overlay.layers[0].seen[1:] == [{"mon/1": None, "mon/3": "{}"}]


def test_more_live_outages_and_entries_than_a_page_are_all_laid() -> None:
    estate, journal, overlay = exported()
    keys = [f"mon/{number:04}" for number in range(1100)]
    journal.commit([write for key in keys[:501] for write in opened(key)])
    estate.read()
    journal.commit([write for key in keys[501:] for write in opened(key)])
    estate.read()
    assert [list(one) for one in overlay.layers[0].seen] == [keys[:501], keys[501:]]


def test_outages_that_cannot_be_laid_are_not_left_out_later() -> None:
    estate, journal, overlay = exported()
    journal.commit(opened("mon/1"))
    estate.read()
    journal.commit(opened("mon/2"))
    overlay.layers[0].error = ValueError("a damaged document")
    with pytest.raises(ValueError, match="damaged"):
        estate.read()
    assert estate.read().ci_count == 4
    assert list(overlay.layers[1].held) == ["mon/1", "mon/2"]


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


def slowly_served(store: SqliteEstate, clock: Clock) -> tuple[SlowStore, ServedEstate]:
    slow = SlowStore(store)
    keeping = Keeping(store=slow, revision=1)  # type: ignore[arg-type] # the rest is delegated
    estate = ServedEstate(source=store, journal=MemoryJournal(), keeping=keeping, seconds=clock)
    estate.snapshot()
    return slow, estate


def test_nobody_waits_while_a_new_revision_is_read(store: SqliteEstate) -> None:
    clock = Clock()
    slow, estate = slowly_served(store, clock)
    store.publish(SECOND, told(1))
    clock.now = 1.0
    assert state(estate.snapshot()) == (1, 2), "whoever finds it does not wait for it either"
    assert slow.is_reading.wait(20)
    assert state(estate.snapshot()) == (1, 2)
    estate.journal.commit([OTHER])
    assert state(estate.snapshot()) == (1, 2), "nor does who reads a journal that went on"
    slow.may_go_on.set()
    assert state(estate.refresh()) == (2, 3)


def test_who_refreshes_waits_for_what_is_published_by_then(store: SqliteEstate) -> None:
    clock = Clock()
    slow, estate = slowly_served(store, clock)
    store.publish(SECOND, told(1))
    clock.now = 1.0
    estate.snapshot()
    assert slow.is_reading.wait(20)
    store.publish(graph_of("shop -> web & db & fax"), told(2))
    found: list[Snapshot] = []
    reader = threading.Thread(target=lambda: found.append(estate.refresh()))
    reader.start()
    slow.may_go_on.set()
    reader.join(20)
    assert state(found[0]) == (3, 4), "not only what another thread was reading"


def test_an_earlier_revision_in_memory_is_told_while_another_is_read(store: SqliteEstate) -> None:
    store.publish(SECOND, told(1))
    store.publish(graph_of("shop -> web & db & fax"), told(2))
    slow = SlowStore(store)
    keeping = Keeping(store=slow, revision=3)  # type: ignore[arg-type] # the rest is delegated
    estate = ServedEstate(source=store, journal=MemoryJournal(), keeping=keeping)
    held = estate.snapshot(1)
    reader = threading.Thread(target=lambda: estate.snapshot(2))
    reader.start()
    assert slow.is_reading.wait(20)
    assert estate.snapshot(1) is held
    slow.may_go_on.set()
    reader.join(20)
    assert state(estate.snapshot(2)) == (2, 3)


def test_what_comes_in_while_a_revision_is_read_lies_over_it_too(store: SqliteEstate) -> None:
    journal, overlay, clock = MemoryJournal(), CountedOverlay(), Clock()
    slow = SlowStore(store)
    keeping = Keeping(store=slow, revision=1)  # type: ignore[arg-type] # the rest is delegated
    estate = ServedEstate(
        source=store, journal=journal, keeping=keeping, overlay=overlay, seconds=clock
    )
    journal.commit(opened("mon/1"))
    estate.snapshot()
    store.publish(SECOND, told(1))
    clock.now = 1.0
    estate.snapshot()
    assert slow.is_reading.wait(20)
    journal.commit(opened("mon/2"))
    slow.may_go_on.set()
    assert state(estate.refresh()) == (2, 4)
    old, new = overlay.layers
    assert list(new.held) == ["mon/1", "mon/2"]
    assert list(old.held) == ["mon/1", "mon/2"], "it is served until the new one is"


def test_a_bug_while_a_revision_is_read_is_logged_and_the_old_one_stays(
    store: SqliteEstate, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    estate = served(store, clock)
    overlay = CountedOverlay()
    estate.overlay = overlay
    estate.journal.commit(opened("mon/1"))
    assert state(estate.snapshot()) == (1, 4)
    store.publish(SECOND, told(1))

    def broken(_graph: ServiceGraph) -> CountedLayer:
        raise ValueError("a bug")

    estate.overlay = broken
    clock.now = 1.0
    assert state(estate.snapshot()) == (1, 4)
    assert "it is tried again" in caplog.text
    estate.overlay, clock.now = overlay, 2.0
    assert state(estate.snapshot()) == (2, 4)


def test_a_store_that_fails_leaves_the_old_revision_served(store: SqliteEstate) -> None:
    clock = Clock()
    slow, estate = slowly_served(store, clock)
    estate.aside = lambda work: work()
    slow.error = StoreUnavailableError("estate.db", "it went away")
    clock.now = 1.0
    assert state(estate.snapshot()) == (1, 2)
    assert estate.trouble is slow.error
    slow.error, clock.now = None, 2.0
    estate.snapshot()
    assert estate.trouble is None
