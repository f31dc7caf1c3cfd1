"""Alerts kept by fingerprint and startsAt, as of old, are closed by what resolves them."""

from __future__ import annotations

from datetime import datetime

from api.events.test_statuses import HOUR, NOON, Scene, closes, opens, scene_of
from graph_building import graph_of
from ripplegraph.api.events.notices import Became
from ripplegraph.api.events.renaming import rename_alerts
from ripplegraph.api.kept import LIVE_OUTAGES


def old_id(start: datetime) -> str:
    """Return the id that an earlier version gave an alert."""
    return f"cafe@{start:%Y-%m-%dT%H:%M:%S.%fZ}"


def shop_of_old(*starts: datetime) -> Scene:
    """Return a shop whose database is down by alerts that an earlier version took in."""
    scene = scene_of(graph_of("shop -> db"))
    for start in starts:
        scene.take(opens("db", start, external_id=old_id(start)))
    return scene


def outages_of(scene: Scene) -> list[tuple[str, datetime, datetime | None]]:
    found = scene.estate.snapshot().graph.outages
    return [(one.external_id, one.start, one.end) for one in found]


def test_an_alert_that_is_open_under_its_old_id_is_closed_by_its_fingerprint() -> None:
    scene = shop_of_old(NOON - HOUR)
    scene.desk.tidy()
    assert outages_of(scene) == [("cafe", NOON - HOUR, None)]
    assert scene.take(closes("cafe", NOON)) == [Became.CLOSED]
    assert outages_of(scene) == [("cafe", NOON - HOUR, NOON)]


def test_it_does_not_matter_whether_what_resolves_it_comes_first() -> None:
    scene = shop_of_old(NOON - HOUR)
    scene.take(opens("db", NOON - HOUR, external_id="cafe", closes=True, end=NOON))
    assert rename_alerts(scene.estate.journal, NOON) == 1
    assert outages_of(scene) == [("cafe", NOON - HOUR, NOON)]
    assert rename_alerts(scene.estate.journal, NOON) == 0


def test_what_ended_a_later_one_ended_an_earlier_one_of_the_same_alert() -> None:
    scene = shop_of_old(NOON - 3 * HOUR, NOON - 2 * HOUR)
    scene.take(closes(old_id(NOON - 2 * HOUR), NOON - HOUR))
    scene.desk.tidy()
    assert outages_of(scene) == [("cafe", NOON - 3 * HOUR, NOON - HOUR)]


def test_the_feed_tells_the_old_id_void_and_the_service_stays_down() -> None:
    scene = shop_of_old(NOON - HOUR)
    before = len(scene.fed("service.status"))
    scene.desk.tidy()
    (void,) = scene.fed("outage.corrected")
    assert (void["outage"]["external_id"], void["outage"]["is_void"]) == (
        old_id(NOON - HOUR),
        True,
    )
    assert scene.fed("outage.opened")[-1]["outage"]["external_id"] == "cafe"
    assert len(scene.fed("service.status")) == before


def test_ended_ones_and_ids_that_only_look_so_stay_as_they_are() -> None:
    scene = shop_of_old(NOON - 3 * HOUR)
    scene.take(closes(old_id(NOON - 3 * HOUR), NOON - 2 * HOUR))
    scene.take(opens("db", NOON, external_id="job@2026-01-01T00:00:00.000000Z"))
    kept = [one.key for one in scene.estate.journal.documents(LIVE_OUTAGES)]
    assert rename_alerts(scene.estate.journal, NOON) == 0
    assert [one.key for one in scene.estate.journal.documents(LIVE_OUTAGES)] == kept
