"""What follows from events: services that change, breaches at hand, events matched again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api.servers import ReadyGraph, estate_of
from graph_building import graph_of, records_of_text
from ripplegraph.api.estates import Keeping, ServedEstate
from ripplegraph.api.events.amendments import dismiss
from ripplegraph.api.events.desk import EventDesk
from ripplegraph.api.events.documents import LiveLayer
from ripplegraph.api.events.notices import Became, Notice
from ripplegraph.api.events.options import EventOptions
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.journal import JournalWrite
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.revisions import Provenance
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.store.memory_journal import MemoryJournal
from ripplegraph.store.sqlite.estate import SqliteEstate
from ripplegraph.store.sqlite.journal import SqliteJournal

NOON = datetime(2026, 9, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Scene:
    """An estate with its desk and clock."""

    estate: ServedEstate
    clock: Clock = field(default_factory=Clock)
    options: EventOptions = field(default_factory=EventOptions)

    def __post_init__(self) -> None:
        self.desk = EventDesk(self.estate, self.clock, self.options)

    def take(self, *notices: Notice) -> list[Became]:
        found = self.desk.intake.take(notices)
        self.desk.told()
        return [one.became for one in found]

    def fed(self, kind: str) -> list[dict[str, Any]]:
        entries = (json.loads(one.payload) for one in self.estate.journal.entries("feed"))
        return [one for one in entries if one["type"] == kind]


def scene_of(graph: ServiceGraph, options: EventOptions | None = None) -> Scene:
    return Scene(estate_of(ReadyGraph(graph)), options=options or EventOptions())


def opens(ci: str, start: datetime = NOON, **more: Any) -> Notice:
    name = more.pop("external_id", ci)
    return Notice(
        source="api", external_id=name, origin="api", opens=True, start=start, ci=ci, **more
    )


def closes(external_id: str, end: datetime) -> Notice:
    return Notice(source="api", external_id=external_id, origin="api", closes=True, end=end)


def changes(scene: Scene) -> list[tuple[str, str, str]]:
    return [(one["name"], one["before"], one["after"]) for one in scene.fed("service.status")]


def test_a_service_is_told_of_when_an_event_brings_it_down_and_when_it_is_up_again() -> None:
    scene = scene_of(graph_of("shop -> web; web -> h1 | h2"))
    scene.take(opens("h1"))
    assert changes(scene) == [("shop", "up", "at_risk")]
    scene.take(opens("h2"))
    assert changes(scene)[1:] == [("shop", "at_risk", "down")]
    told = scene.fed("service.status")[-1]
    assert told["because"] == ["t:service:shop", "t:server:web", "t:server:h1"]
    scene.take(opens("h2"), opens("h2"))
    scene.clock.now += HOUR
    scene.take(closes("h2", NOON + HOUR))
    assert changes(scene)[2:] == [("shop", "down", "at_risk")]
    assert scene.fed("service.status")[-1]["was_because"] == told["because"]


def test_what_was_down_before_the_first_event_is_not_told_as_new() -> None:
    records = records_of_text("shop -> db; svc2 -> h1")
    records.outages.append(Outage(ci="db", start=NOON - HOUR))
    scene = scene_of(build_service_graph(records).graph)
    scene.take(opens("h1"))
    assert changes(scene) == [("svc2", "up", "down")]


def test_planned_work_that_begins_by_itself_is_told_at_the_next_look() -> None:
    scene = scene_of(graph_of("shop -> db"))
    scene.take(opens("db", NOON + HOUR, closes=True, end=NOON + 2 * HOUR, kind=OutageKind.PLANNED))
    assert changes(scene) == []
    scene.clock.now = NOON + HOUR
    scene.desk.look()
    scene.desk.look()
    assert changes(scene) == [("shop", "up", "down")]
    scene.clock.now = NOON + 2 * HOUR
    scene.desk.look()
    assert changes(scene)[1:] == [("shop", "down", "up")]


def test_two_processes_on_one_journal_tell_each_change_once() -> None:
    scene = scene_of(graph_of("shop -> db"))
    other = EventDesk(scene.estate, scene.clock, scene.options)
    scene.take(opens("db"))
    other.told()
    other.look()
    assert changes(scene) == [("shop", "up", "down")]


def with_sla(target: str) -> ServiceGraph:
    records = records_of_text("shop -> db")
    records.agreements.append(
        Agreement(
            agreement_id="sla-1",
            kind=AgreementKind.SLA,
            covers=("shop",),
            customer="acme",
            target_availability=Decimal(target),
        )
    )
    return build_service_graph(records).graph


def breaches(scene: Scene) -> list[tuple[str, str, str]]:
    found: Sequence[dict[str, Any]] = scene.fed("forecast.breach")
    return [(one["agreement"], one["name"], one["level"]) for one in found]


def test_a_breach_is_told_once_for_its_window() -> None:
    scene = scene_of(with_sla("0.999"))
    scene.desk.tell_breaches()
    assert breaches(scene) == []
    scene.take(opens("db", NOON - 2 * HOUR))
    scene.desk.tell_breaches()
    assert breaches(scene) == [("sla-1", "shop", "breached")]
    scene.clock.now += HOUR
    scene.desk.tell_breaches()
    EventDesk(scene.estate, scene.clock, scene.options).tell_breaches()
    assert len(breaches(scene)) == 1
    scene.clock.now = datetime(2026, 10, 2, tzinfo=UTC)
    EventDesk(scene.estate, scene.clock, scene.options).tell_breaches()
    assert breaches(scene)[1:] == [("sla-1", "shop", "breached")], "the next month is another"


def test_a_breach_that_is_likely_enough_is_told_before_it_happens() -> None:
    scene = scene_of(with_sla("0.99"), EventOptions(breach_threshold=0.2))
    day = timedelta(days=1)
    for number in range(4):
        begin = NOON - (4 - number) * 3 * day
        scene.take(opens("db", begin, external_id=str(number), closes=True, end=begin + HOUR))
    scene.desk.tell_breaches()
    (told,) = scene.fed("forecast.breach")
    assert told["level"] == "likely"
    assert 0.2 <= told["probability"] < 1
    calm = scene_of(with_sla("0.99"), EventOptions(breach_threshold=1.0))
    calm.take(opens("db", NOON - 3 * day, closes=True, end=NOON - 3 * day + HOUR))
    calm.desk.tell_breaches()
    assert breaches(calm) == []


@pytest.fixture
def stored(tmp_path: Path) -> tuple[SqliteEstate, Scene]:
    """A store of which the first revision lacks a CI, and the scene that serves it."""
    store = SqliteEstate(tmp_path / "estate.db")
    store.publish(graph_of("shop -> db"), Provenance(author="ann", at=NOON))
    keeping = Keeping(store=store, revision=1)
    estate = ServedEstate(
        source=ReadyGraph(store.read(1)),
        journal=MemoryJournal(),
        keeping=keeping,
        overlay=LiveLayer,
    )
    return store, Scene(estate)


def reopened(path: Path) -> Scene:
    """Serve a store as a process does that has just begun."""
    store = SqliteEstate(path)
    number = store.revisions()[-1].number
    estate = ServedEstate(
        source=ReadyGraph(store.read(number)),
        journal=SqliteJournal(path),
        keeping=Keeping(store=store, revision=number),
        overlay=LiveLayer,
        seconds=lambda: 0.0,  # follows the store only when told to
    )
    return Scene(estate)


def test_what_came_in_outlives_a_process_that_dies_before_it_told_what_follows(
    tmp_path: Path,
) -> None:
    path = tmp_path / "estate.db"
    store = SqliteEstate(path)
    store.publish(graph_of("shop -> db"), Provenance(author="ann", at=NOON))
    first = reopened(path)
    first.desk.intake.take([opens("db"), opens("cache-7")])
    second = reopened(path)
    assert [one.ci for one in second.estate.read().outages] == ["t:server:db"]
    second.desk.look()
    second.desk.look()
    assert changes(second) == [("shop", "up", "down")]
    store.publish(graph_of("shop -> db & cache-7"), Provenance(author="ann", at=NOON))
    third = reopened(path)
    third.desk.look()
    assert [one.ci for one in third.estate.read().outages] == ["t:server:cache-7", "t:server:db"]
    assert third.take(opens("db"), opens("cache-7")) == [Became.UNCHANGED] * 2


def grown(store: SqliteEstate, scene: Scene) -> None:
    """Publish a revision that knows one CI more, and let the desk look."""
    store.publish(graph_of("shop -> db & cache-7"), Provenance(author="ann", at=NOON))
    scene.estate.refresh()
    scene.desk.look()


def test_an_unmatched_event_is_matched_when_a_revision_knows_its_ci(
    stored: tuple[SqliteEstate, Scene],
) -> None:
    store, scene = stored
    assert scene.take(opens("cache-7")) == [Became.UNMATCHED]
    scene.desk.look()
    assert changes(scene) == []
    grown(store, scene)
    assert scene.estate.journal.documents("unmatched-events") == ()
    assert changes(scene) == [("shop", "up", "down")]
    assert scene.take(opens("cache-7")) == [Became.UNCHANGED]


def test_an_event_is_matched_though_a_revision_that_knows_its_ci_is_served_while_it_comes(
    stored: tuple[SqliteEstate, Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, scene = stored
    journal, commit = scene.estate.journal, scene.estate.journal.commit

    def commit_after_the_switch(writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        monkeypatch.setattr(journal, "commit", commit)
        grown(store, scene)
        return commit(writes)

    scene.take(opens("db"), closes("db", NOON))
    monkeypatch.setattr(journal, "commit", commit_after_the_switch)
    scene.take(opens("cache-7"))
    scene.desk.look()
    assert journal.documents("unmatched-events") == ()
    assert [one.ci for one in scene.estate.read().outages] == ["t:server:cache-7"]


def test_a_dismissed_event_is_not_matched_again(stored: tuple[SqliteEstate, Scene]) -> None:
    store, scene = stored
    scene.take(opens("cache-7"))
    dismiss(scene.desk.intake, "api", "cache-7", "a test rack", "me")
    grown(store, scene)
    assert len(scene.estate.journal.documents("unmatched-events")) == 1
    assert changes(scene) == []


@pytest.mark.parametrize("word", ["down", "degraded"])
def test_the_told_status_is_that_of_the_outage(word: str) -> None:
    kind = OutageKind.UNPLANNED if word == "down" else OutageKind.DEGRADATION
    scene = scene_of(graph_of("shop -> db"))
    scene.take(opens("db", kind=kind))
    assert changes(scene) == [("shop", "up", word)]


def test_a_revision_is_told_once_whoever_published_it(tmp_path: Path) -> None:
    path = tmp_path / "estate.db"
    store = SqliteEstate(path)
    store.publish(graph_of("shop -> db"), Provenance(author="ann", at=NOON))
    first = reopened(path)
    first.desk.look()
    assert first.fed("revision.published") == []
    store.publish(graph_of("shop -> db & web"), Provenance(author="ann", at=NOON))
    store.publish(graph_of("shop -> db & web & fax"), Provenance(author="ann", at=NOON))
    first.estate.refresh()
    for scene in (first, reopened(path), first):
        scene.desk.look()
    assert [one["revision"] for one in first.fed("revision.published")] == [2, 3]


def test_a_process_with_an_older_revision_takes_back_nothing(tmp_path: Path) -> None:
    path = tmp_path / "estate.db"
    store = SqliteEstate(path)
    store.publish(graph_of("shop -> db; svc2 -> web"), Provenance(author="ann", at=NOON))
    behind = reopened(path)
    behind.take(opens("web", NOON - HOUR))
    assert changes(behind) == [("svc2", "up", "down")]
    store.publish(graph_of("shop -> db & web; svc2 -> web"), Provenance(author="ann", at=NOON))
    reopened(path).desk.look()
    told = changes(behind)
    assert told == [("svc2", "up", "down"), ("shop", "up", "down")]
    assert behind.estate.snapshot().revision == 1, "it has not looked again yet"
    behind.desk.told()
    assert changes(behind) == told
