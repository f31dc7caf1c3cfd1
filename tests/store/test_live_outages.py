"""Live outages in every store: what a later revision leaves out is still answered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from api.events.test_forgetting import as_exported, ended, shop
from api.events.test_statuses import NOON, Scene
from ripplegraph.api.estates import Keeping, ServedEstate
from ripplegraph.api.events.documents import LiveLayer
from ripplegraph.api.events.forgetting import forget_outages
from ripplegraph.graph.ports import EstateJournal, EstateStore
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.store.neo4j.connection import Address
from ripplegraph.store.neo4j.journal import Neo4jJournal
from ripplegraph.store.sqlite.estate import SqliteEstate
from ripplegraph.store.sqlite.journal import SqliteJournal
from store.estates import told
from store.test_conformance import SERVERS, empty_server

Kept = tuple[EstateStore, EstateJournal]


@pytest.fixture(params=["sqlite", *SERVERS])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """Return an empty store and its journal."""
    if request.param == "sqlite":
        path = tmp_path / "estate.db"
        return SqliteEstate(path), SqliteJournal(path)
    uri = request.getfixturevalue(request.param)
    return empty_server(uri), Neo4jJournal(Address(uri=uri))


def test_an_outage_that_a_later_revision_leaves_out_is_still_answered(kept: Kept) -> None:
    store, journal = kept
    old = ended("old", 40)
    store.publish(shop(as_exported(old)), told())
    estate = ServedEstate(
        source=store,
        journal=journal,
        keeping=Keeping(store=store, revision=1),
        overlay=LiveLayer,
        seconds=lambda: 0.0,
    )
    Scene(estate).take(old, ended("later", 1))
    before = service_level_reports(estate.read(), now=NOON)
    forget_outages(estate, NOON, timedelta(days=400))
    store.publish(shop(), told())
    assert len(estate.refresh().graph.outages) == 2
    assert service_level_reports(estate.read(), now=NOON) == before
