"""Live outages that nothing needs any more are forgotten, told and counted; no others are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.events.test_statuses import HOUR, NOON, Scene, closes, opens, scene_of
from api.servers import ReadyGraph
from graph_building import graph_of, records_of_text
from ripplegraph.api.audit import CALLS
from ripplegraph.api.estates import Keeping, ServedEstate
from ripplegraph.api.events.documents import LiveLayer, key_of
from ripplegraph.api.events.forgetting import forget_outages
from ripplegraph.api.events.notices import Became, Notice
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.kept import LIVE_OUTAGES
from ripplegraph.api.readings import readings_of
from ripplegraph.graph.agreements import Agreement, AgreementKind, Window, WindowUnit
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.journal import JournalWrite, PutDocument, RemoveDocument
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.revisions import Provenance
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.store.memory_journal import MemoryJournal
from ripplegraph.store.sqlite.estate import SqliteEstate

DAY = timedelta(days=1)


def shop(*recorded: Outage, window: Window | None = None) -> ServiceGraph:
    """Return a shop on a database, with an SLA and the outages that its export tells."""
    records = records_of_text("shop -> db")
    records.outages.extend(recorded)
    sla = Agreement(
        agreement_id="sla-1",
        kind=AgreementKind.SLA,
        covers=("shop",),
        target_availability=Decimal("0.99"),
        window=window or Window(),
    )
    records.agreements.append(sla)
    return build_service_graph(records).graph


def ended(name: str, days_ago: float) -> Notice:
    """Return an hour that the database was down, which ended so many days ago."""
    end = NOON - days_ago * DAY
    return opens("db", end - HOUR, external_id=name, closes=True, end=end)


def as_exported(notice: Notice) -> Outage:
    assert notice.start is not None
    return Outage(
        ci="db",
        start=notice.start,
        end=notice.end,
        source=notice.source,
        external_id=notice.external_id,
    )


def kept(scene: Scene) -> list[str]:
    documents = scene.estate.journal.documents(LIVE_OUTAGES)
    return [one.key.removeprefix("api/") for one in documents]


def forget(scene: Scene, keep: timedelta = 400 * DAY) -> int:
    return forget_outages(scene.estate, NOON, keep)


def test_outages_that_the_revision_tells_are_kept_as_long_as_others() -> None:
    older, old = ended("older", 401), ended("old", 399)
    scene = scene_of(shop(as_exported(older), as_exported(old)))
    scene.take(older, old, ended("lonely", 402), opens("db", NOON - 500 * DAY))
    before = scene.estate.read()
    assert forget(scene) == 2
    assert kept(scene) == ["db", "old"]
    after = scene.estate.read()
    assert sorted(one.external_id for one in before.outages) == ["db", "lonely", "old", "older"]
    assert sorted(one.external_id for one in after.outages) == ["db", "old", "older"]


def test_what_is_forgotten_is_told_counted_and_audited(caplog: pytest.LogCaptureFixture) -> None:
    old, alone = ended("old", 500), ended("alone", 500)
    scene = scene_of(shop(as_exported(old)))
    scene.take(old, alone, ended("later", 1))
    assert forget(scene) == 2
    assert kept(scene) == ["later"]
    keys = [key_of("api", name) for name in ("alone", "old")]
    (told,) = scene.fed("outage.forgotten")
    assert (told["outages"], told["recorded"]) == (keys, keys[1:])
    (audited,) = scene.estate.journal.entries(CALLS)
    said = json.loads(audited.payload)
    assert (said["caller"], said["code"], said["count"]) == ("server", "forgotten-outages", 2)
    scene.take(ended("another", 500))
    forget(scene)
    found = {name: values for name, _, values in readings_of(scene.estate)}
    assert found["ripplegraph_forgotten_outages"] == {
        (("kind", "others"),): 2,
        (("kind", "recorded"),): 1,
    }
    assert "1 live outages were forgotten that the newest revision tells, and 1 others" in (
        caplog.text
    )


def test_another_process_on_the_journal_sees_that_an_outage_is_forgotten() -> None:
    scene = scene_of(graph_of("shop -> db"))
    other = ServedEstate(
        source=ReadyGraph(graph_of("shop -> db")),
        journal=scene.estate.journal,
        overlay=LiveLayer,
        origin="test",
    )
    scene.take(ended("old", 500), ended("new", 3))
    assert len(other.read().outages) == 2
    forget(scene)
    assert other.read().outages == scene.estate.read().outages
    assert len(other.read().outages) == 1
    assert other.snapshot().tag == scene.estate.snapshot().tag


@pytest.mark.parametrize(
    ("unit", "days", "is_kept"),
    [
        (WindowUnit.MONTH, 180, True),
        (WindowUnit.MONTH, 280, False),
        (WindowUnit.QUARTER, 280, True),
        (WindowUnit.YEAR, 2000, True),
    ],
)
def test_an_outage_stays_while_a_window_that_reports_show_holds_it(
    unit: WindowUnit, days: int, *, is_kept: bool
) -> None:
    scene = scene_of(shop(window=Window(unit=unit)))
    scene.take(ended("old", days), ended("later", 1))
    forget(scene, keep=DAY)
    assert ("old" in kept(scene)) is is_kept


def test_an_outage_is_kept_as_long_as_it_is_to_be() -> None:
    scene = scene_of(shop())
    scene.take(ended("older", 401), ended("old", 399))
    forget(scene)
    assert kept(scene) == ["old"]


def test_the_last_outage_on_record_stays_as_it_tells_that_somebody_observes() -> None:
    scene = scene_of(shop())
    scene.take(ended("older", 900), ended("old", 800), opens("nowhere", NOON - 700 * DAY))
    assert forget(scene) == 1
    assert kept(scene) == ["old"]
    (report,) = service_level_reports(scene.estate.read(), now=NOON).reports
    assert report.availability == 1.0


def test_an_end_that_waits_for_its_begin_is_forgotten_in_the_end() -> None:
    scene = scene_of(shop())
    assert scene.take(closes("old", NOON - 500 * DAY), closes("new", NOON)) == [Became.WAITING] * 2
    assert forget(scene) == 1
    assert kept(scene) == ["new"]


def test_an_outage_that_goes_on_beyond_what_the_export_tells_is_not_recorded() -> None:
    first, again = ended("flaps", 60), ended("flaps", 50)
    scene = scene_of(shop(as_exported(first), replace(as_exported(again), end=None)))
    scene.take(first, again)
    assert forget(scene) == 0
    assert len(scene.estate.read().outages) == 2


def test_more_outages_than_a_commit_takes_are_all_forgotten() -> None:
    scene = scene_of(shop())
    scene.take(*(ended(f"{number:03}", 500 + number) for number in range(121)))
    assert forget(scene) == 120
    assert kept(scene) == ["000"]
    assert [len(one["outages"]) for one in scene.fed("outage.forgotten")] == [50, 50, 20]


class Hurried(MemoryJournal):
    """A journal in which an outage changes just before somebody removes it."""

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        for one in writes:
            if isinstance(one, RemoveDocument):
                held = self.document(one.collection, one.key)
                assert held is not None
                changed = PutDocument(collection=one.collection, key=one.key, payload=held.payload)
                super().commit([changed])
        return super().commit(writes)


def test_an_outage_that_changes_meanwhile_is_not_forgotten() -> None:
    estate = ServedEstate(source=ReadyGraph(shop()), journal=Hurried(), overlay=LiveLayer)
    scene = Scene(estate)
    scene.take(ended("old", 500), ended("later", 1))
    assert forget(scene) == 0
    assert kept(scene) == ["later", "old"]
    assert scene.fed("outage.forgotten") == []


@pytest.mark.parametrize("is_pinned", [False, True])
def test_while_an_older_revision_is_served_nothing_is_forgotten(
    tmp_path: Path, *, is_pinned: bool
) -> None:
    old = ended("old", 500)
    store = SqliteEstate(tmp_path / "estate.db")
    store.publish(shop(as_exported(old)), Provenance(author="ann", at=NOON))
    keeping = Keeping(store=store, revision=1, is_pinned=is_pinned)
    estate = ServedEstate(
        source=store, journal=MemoryJournal(), keeping=keeping, overlay=LiveLayer
    )
    scene = Scene(estate)
    scene.take(old, ended("later", 1))
    assert forget(scene) == (0 if is_pinned else 1)


def test_the_last_outage_stays_even_if_the_revision_tells_it() -> None:
    old = ended("old", 500)
    scene = scene_of(shop(as_exported(old)))
    scene.take(ended("older", 501), old)
    assert forget(scene) == 1
    assert kept(scene) == ["old"]


def test_the_desk_forgets_by_its_options() -> None:
    scene = scene_of(shop(), EventOptions(keep_outages=300 * DAY))
    scene.take(ended("older", 301), ended("old", 299))
    scene.desk.tidy()
    assert kept(scene) == ["old"]


ages = st.sampled_from([1, 20, 31, 32, 45, 100, 190, 250, 380, 420, 900, 2600])
windows = st.sampled_from(
    [
        Window(),
        Window(unit=WindowUnit.QUARTER),
        Window(unit=WindowUnit.YEAR),
        Window(unit=WindowUnit.ROLLING, days=30),
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(ages, st.booleans()), unique_by=lambda one: one[0], max_size=6), windows)
def test_forgetting_changes_no_report(told: list[tuple[int, bool]], window: Window) -> None:
    notices = [(ended(f"{age}", age), is_recorded) for age, is_recorded in told]
    recorded = [as_exported(one) for one, is_recorded in notices if is_recorded]
    scene = scene_of(shop(*recorded, window=window))
    scene.take(*(one for one, _ in notices))
    before = service_level_reports(scene.estate.read(), now=NOON)
    last = service_level_reports(scene.estate.read(), now=NOON, windows_back=1)
    forget(scene, keep=DAY)
    assert service_level_reports(scene.estate.read(), now=NOON) == before
    assert service_level_reports(scene.estate.read(), now=NOON, windows_back=1) == last
    later = ServedEstate(  # an export that leaves out all that is over
        source=ReadyGraph(shop(window=window)), journal=scene.estate.journal, overlay=LiveLayer
    )
    assert service_level_reports(later.read(), now=NOON) == before
