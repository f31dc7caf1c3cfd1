"""Deliveries in any order and as often as you like end in the same live outages."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from api.servers import NOW, ReadyGraph, estate_of
from graph_building import graph_of
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.amendments import Amendment, amend, assign
from ripplegraph.api.events.background import Chore, doing
from ripplegraph.api.events.desk import EventDesk
from ripplegraph.api.events.documents import LiveLayer, live_of, unmatched_of
from ripplegraph.api.events.episodes import MOST_FACTS, Episode, episodes_of
from ripplegraph.api.events.notices import Became, Notice
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.events.sources.alertmanager import alertmanager_delivery
from ripplegraph.api.events.tidying import KEPT_ENTRIES, tidy
from ripplegraph.api.events.volumes import SETTLED_ABOVE
from ripplegraph.api.events.webhooks.documents import DEAD_LETTERS, Delivery, delivery_text
from ripplegraph.errors import StoreUnavailableError
from ripplegraph.graph.journal import AppendEntry, Entry, PutDocument
from ripplegraph.graph.outages import OutageKind

DAY = datetime(2026, 9, 14, tzinfo=UTC)
GRAPH = graph_of("shop -> web & db; web -> h1 | h2")


def served() -> tuple[ServedEstate, EventDesk]:
    estate = estate_of(ReadyGraph(GRAPH))
    return estate, EventDesk(estate, lambda: NOW, EventOptions())


def at(hour: int) -> datetime:
    return DAY + timedelta(hours=hour)


def own(hour: int, *, opens: bool, name: str, ci: str, kind: OutageKind) -> Notice:
    return Notice(
        source="api",
        external_id=name,
        origin="api",
        opens=opens,
        closes=not opens,
        start=at(hour) if opens else None,
        end=None if opens else at(hour),
        ci=ci,
        kind=kind,
    )


def alert(name: str, hour: int, end: int | None, host: str) -> Notice:
    body = {
        "alerts": [
            {
                "status": "firing" if end is None else "resolved",
                "labels": {"instance": f"{host}:9100", "alertname": name},
                "startsAt": at(hour).isoformat(),
                "endsAt": "0001-01-01T00:00:00Z" if end is None else at(hour + end).isoformat(),
                "fingerprint": name,
            }
        ]
    }
    (notice,) = alertmanager_delivery(body, "alertmanager").events
    assert isinstance(notice, Notice)
    return notice


names = st.sampled_from(("a", "b"))
hours = st.integers(0, 12)
notices = st.one_of(
    st.builds(
        own,
        hours,
        opens=st.booleans(),
        name=names,
        ci=st.sampled_from(("db", "h1", "unheard of")),
        kind=st.sampled_from(OutageKind),
    ),
    st.builds(alert, names, hours, st.none() | st.integers(0, 5), st.sampled_from(("db", "x9"))),
)


def left(estate: ServedEstate) -> dict[str, tuple[Episode, ...]]:
    """Return the episodes of every outage, those whose CI is unknown too."""
    found = {
        f"live {one.key}": episodes_of(live_of(one.payload).facts)
        for one in estate.journal.documents("live-outages")
    } | {
        f"kept {one.key}": episodes_of(unmatched_of(one.payload).facts)
        for one in estate.journal.documents("unmatched-events")
    }
    return {key: episodes for key, episodes in found.items() if episodes}


def is_of_one_ci(said: Sequence[Notice]) -> bool:
    """Return whether no id names a known CI at one time and an unknown one at another."""
    seen: dict[tuple[str, str], set[bool]] = {}
    for one in said:
        if one.opens:
            is_known = one.ci in ("db", "h1") or "db" in one.labels.get("labels.instance", "")
            seen.setdefault((one.source, one.external_id), set()).add(is_known)
    return all(len(one) == 1 for one in seen.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(notices, max_size=7).filter(is_of_one_ci), st.data())
def test_any_order_and_repetition_ends_in_the_same_outages(
    said: list[Notice], data: st.DataObject
) -> None:
    first, desk = served()
    desk.intake.take(said)
    again = data.draw(st.lists(st.sampled_from(said), max_size=4)) if said else []
    shuffled = data.draw(st.permutations([*said, *again]))
    second, other = served()
    for notice in shuffled:
        other.intake.take([notice])
    assert left(second) == left(first)
    before = second.journal.last_number("feed")
    other.intake.take(shuffled)
    assert second.journal.last_number("feed") == before, "all of it is known"


def test_many_threads_that_deliver_the_same_open_it_once() -> None:
    estate, desk = served()
    gate = threading.Barrier(8)
    said = [
        own(number, opens=True, name=str(number % 3), ci="db", kind=OutageKind.UNPLANNED)
        for number in range(3)
    ]

    def deliver() -> None:
        gate.wait()
        for notice in said:
            desk.intake.take([notice])
        desk.told()

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    told = [json.loads(one.payload)["type"] for one in estate.journal.entries("feed")]
    assert sorted(told) == ["outage.opened"] * 3 + ["service.status"]


def test_a_story_without_end_keeps_what_changed_something() -> None:
    estate, desk = served()
    story = [
        own(0, opens=True, name="a", ci="db", kind=OutageKind.UNPLANNED),
        *(
            Notice(
                source="api",
                external_id="a",
                origin="api",
                opens=True,
                start=at(1) + timedelta(seconds=number),
                ci="db",
            )
            for number in range(MOST_FACTS + 20)
        ),
        own(9, opens=False, name="a", ci="", kind=OutageKind.UNPLANNED),
    ]
    desk.intake.take(story)
    (document,) = estate.journal.documents("live-outages")
    facts = live_of(document.payload).facts
    assert facts.count <= MOST_FACTS
    assert [(one.start, one.end) for one in episodes_of(facts)] == [(at(0), at(9))]


def flapping(count: int) -> list[Notice]:
    """Return an alert that fires and is resolved so many times, an hour each."""
    return [
        own(hour, opens=not hour % 2, name="a", ci="db", kind=OutageKind.UNPLANNED)
        for hour in range(2 * count)
    ]


def test_an_id_may_come_again_as_often_as_it_likes_in_documents_that_stay_small() -> None:
    estate, desk = served()
    for notice in flapping(400):
        assert desk.intake.take([notice])[0].became in (Became.OPENED, Became.CLOSED)
        estate.read()
    documents = estate.journal.documents("live-outages")
    live = [live_of(one.payload) for one in documents]
    assert len(live) > 3
    assert all(one.facts.count <= SETTLED_ABOVE for one in live)
    expected = [(at(hour), at(hour + 1)) for hour in range(0, 800, 2)]
    episodes = sorted(
        (episode.start, episode.end) for one in live for episode in episodes_of(one.facts)
    )
    assert episodes == expected
    assert [(one.start, one.end) for one in estate.read().outages] == expected
    at_once = LiveLayer(GRAPH)
    at_once.put({one.key: one for one in documents})
    assert estate.read().outages == at_once.graph.outages
    assert estate.snapshot().tag == f"test-{at_once.tag}"
    told = [json.loads(one.payload) for one in _all_entries(estate)]
    kinds = Counter(one["type"] for one in told)
    assert kinds["outage.opened"] == kinds["outage.closed"] == 400
    assert kinds["outage.settled"] == len(live) - 1
    assert kinds["outage.corrected"] == 0


def _all_entries(estate: ServedEstate) -> Iterator[Entry]:
    after = 0
    while page := estate.journal.entries("feed", after=after):
        yield from page
        after = page[-1].number


def test_one_delivery_that_settles_twice_tells_each_episode_once() -> None:
    estate, desk = served()
    found = desk.intake.take(flapping(300))
    assert {one.became for one in found} == {Became.OPENED, Became.CLOSED}
    assert len(estate.read().outages) == 300
    kinds = Counter(json.loads(one.payload)["type"] for one in _all_entries(estate))
    assert (kinds["outage.opened"], kinds["outage.closed"]) == (300, 300)


def test_what_is_told_again_of_settled_time_changes_nothing_and_says_so() -> None:
    estate, desk = served()
    story = flapping(150)
    desk.intake.take(story)
    before = estate.read().outages
    late = own(1, opens=True, name="a", ci="db", kind=OutageKind.UNPLANNED)
    for one in desk.intake.take([*story[:4], late]):
        assert one.became is Became.IGNORED
        assert "is settled" in one.reason
    assert desk.intake.take(story[-2:])[0].became is Became.UNCHANGED
    assert estate.read().outages == before


def test_an_end_counts_though_its_begin_is_long_settled() -> None:
    estate, desk = served()
    desk.intake.take(flapping(150))
    desk.intake.take([own(900, opens=True, name="a", ci="db", kind=OutageKind.UNPLANNED)])
    end = Notice(
        source="api",
        external_id="a",
        origin="api",
        opens=True,
        closes=True,
        start=at(0),
        end=at(901),
        ci="db",
    )
    assert desk.intake.take([end])[0].became is Became.CLOSED
    assert estate.read().outages[-1].end == at(901)


def test_what_stands_under_the_id_of_a_volume_already_stays_in_it() -> None:
    estate, desk = served()
    name = f"a@{DAY:%Y-%m-%dT%H:%M:%S}Z"
    desk.intake.take([own(-5, opens=True, name=name, ci="db", kind=OutageKind.UNPLANNED)])
    desk.intake.take([own(-3, opens=False, name=name, ci="db", kind=OutageKind.UNPLANNED)])
    desk.intake.take(flapping(150))
    assert len(estate.read().outages) == 151
    assert (estate.read().outages[0].start, estate.read().outages[0].end) == (at(-5), at(-3))


def test_a_settled_episode_is_corrected_by_the_id_of_its_volume() -> None:
    estate, desk = served()
    desk.intake.take(flapping(150))
    volume = f"a@{DAY:%Y-%m-%dT%H:%M:%S}Z"
    amend(desk.intake, "api", volume, Amendment(began=at(0), cause="the fan"))
    assert [one.cause for one in estate.read().outages[:2]] == ["the fan", ""]


def test_more_changes_within_one_outage_than_are_kept_are_refused() -> None:
    _, desk = served()
    kinds = (OutageKind.UNPLANNED, OutageKind.DEGRADATION)
    story = [
        own(hour, opens=True, name="a", ci="db", kind=kinds[hour % 2])
        for hour in range(MOST_FACTS + 1)
    ]
    found = desk.intake.take(story)
    assert found[MOST_FACTS - 1].became is Became.CORRECTED
    assert found[MOST_FACTS].became is Became.IGNORED
    assert "close it first" in found[MOST_FACTS].reason


def test_more_changes_of_an_event_without_a_ci_than_are_kept_are_refused_and_said() -> None:
    estate, desk = served()
    story = [replace(one, ci="unheard of") for one in flapping(MOST_FACTS // 2 + 1)]
    found = desk.intake.take(story)
    assert {one.became for one in found[:MOST_FACTS]} == {Became.UNMATCHED}
    assert found[MOST_FACTS].became is Became.IGNORED
    assert "no more than 500 changes are kept: assign or dismiss it" in found[MOST_FACTS].reason
    (kept,) = estate.journal.documents("unmatched-events")
    assert len(episodes_of(unmatched_of(kept.payload).facts)) == MOST_FACTS // 2
    assign(desk.intake, "api", "a", "db")
    assert len(estate.read().outages) == MOST_FACTS // 2
    later = own(2000, opens=True, name="a", ci="db", kind=OutageKind.UNPLANNED)
    assert desk.intake.take([later])[0].became is Became.OPENED
    assert len(estate.read().outages) == MOST_FACTS // 2 + 1


def test_old_entries_and_ids_are_forgotten() -> None:
    estate, _ = served()
    entry = AppendEntry(stream="feed", at=NOW, payload="{}")
    estate.journal.commit([entry] * (KEPT_ENTRIES + 2))
    old, new = (json.dumps({"at": text}) for text in ("2026-09-01T00:00:00Z", NOW.isoformat()))
    estate.journal.commit(
        [
            PutDocument(collection="taken-events", key=key, payload=payload)
            for key, payload in (("s/1", old), ("s/2", new))
        ]
    )
    letters = [
        Delivery(subscription_id="a", number=number, body="{}", due_at=NOW - timedelta(days=days))
        for number, days in ((1, 31), (2, 29))
    ]
    estate.journal.commit(
        [
            PutDocument(collection=DEAD_LETTERS, key=one.key, payload=delivery_text(one))
            for one in letters
        ]
    )
    tidy(estate.journal, NOW)
    assert estate.journal.entries("feed", limit=1)[0].number == 3
    assert [one.key for one in estate.journal.documents(DEAD_LETTERS)] == [letters[1].key]
    assert [one.key for one in estate.journal.documents("taken-events")] == ["s/2"]


def test_chores_are_done_until_the_block_ends_and_survive_what_they_raise() -> None:
    done = threading.Semaphore(0)
    errors = iter([StoreUnavailableError("estate.db", "it is away"), ValueError("a bug")])

    def work() -> None:
        done.release()
        error = next(errors, None)
        if error is not None:
            raise error

    wake = threading.Event()
    chore = Chore(name="test", work=work, every_seconds=0.01, wake=wake)
    with doing([chore]):
        for _ in range(4):
            assert done.acquire(timeout=20)
    assert not any(thread.name == "test" for thread in threading.enumerate())
