"""A backup of each store is a file with all that it holds, and goes into each empty store."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shop_export import run_cli
from graph_building import graph_of, records_of_text
from neo4j import GraphDatabase
from ripplegraph.errors import StoreCorruptError, StoreUnavailableError, UnreadableFileError
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.journal import AppendEntry, ForgetEntries, PutDocument
from ripplegraph.graph.revisions import ImportRules, Missing
from ripplegraph.loaders.native_write import native_text
from ripplegraph.wiring import back_up, open_estate, open_journal, restore
from store.estates import told
from store.test_conformance import ANY_SHARE, SERVERS, empty_server


@pytest.fixture(params=["sqlite", *SERVERS])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where nothing is stored yet."""
    if request.param == "sqlite":
        return str(tmp_path / "place.db")
    uri: str = request.getfixturevalue(request.param)
    empty_server(uri)
    return uri


def fill(place: str) -> None:
    """Publish three revisions, the first of which is forgotten, and commit to the journal."""
    records = records_of_text("shop -> web & db; web -> h1 | h2; shop .> wiki")
    records.agreements.append(
        Agreement(agreement_id="OLA-1", kind=AgreementKind.OLA, covers=("h1", "h2"))
    )
    records.dependencies.append(dependent="web", dependency="ghost")
    estate = open_estate(place)
    estate.publish(graph_of("shop -> web"), told())
    estate.publish(build_service_graph(records).graph, told(1, reason="weekly"), ANY_SHARE)
    estate.publish(
        graph_of("aaa -> web; shop -> web & db"), told(2), ImportRules(missing=Missing.KEEP)
    )
    estate.prune(2, told(3))
    entries = [AppendEntry(stream="feed", at=told().at, payload=str(n)) for n in range(4)]
    journal = open_journal(place)
    journal.commit([*entries, ForgetEntries(stream="feed", up_to=2)])
    for payload in ("1", "2"):
        journal.commit([PutDocument(collection="jobs", key="a", payload=payload)])


def all_of(place: str) -> tuple[object, ...]:
    """Return all that a store tells."""
    estate, journal = open_estate(place), open_journal(place)
    assert estate.damage() == ()
    return (
        estate.revisions(),
        estate.audit(),
        [native_text(estate.read(one.number), "json") for one in estate.revisions()],
        [estate.read(one.number).report for one in estate.revisions()],
        journal.documents("jobs"),
        journal.entries("feed"),
        journal.last_number("feed"),
    )


def test_a_backup_holds_all_that_the_store_holds(place: str, tmp_path: Path) -> None:
    fill(place)
    copy = str(tmp_path / "copy.db")
    assert run_cli("store", "backup", place, copy).exit_code == 0
    assert all_of(copy) == all_of(place)
    assert [one.name for one in tmp_path.glob("copy.db*") if "unfinished" in one.name] == []
    with pytest.raises(StoreUnavailableError, match="not overwritten"):
        back_up(place, copy)


def test_a_backup_goes_into_each_empty_store_and_work_goes_on(place: str, tmp_path: Path) -> None:
    original = str(tmp_path / "original.db")
    fill(original)
    assert run_cli("store", "restore", original, "--into", place).exit_code == 0
    assert all_of(place) == all_of(original)
    with pytest.raises(StoreUnavailableError, match="not overwritten"):
        restore(original, place)
    estate, journal = open_estate(place), open_journal(place)
    assert estate.publish(graph_of("shop -> mail"), told(4), ANY_SHARE).number == 4
    assert journal.commit([AppendEntry(stream="feed", at=told().at, payload="1")]) == (5,)
    assert estate.damage() == ()


def test_what_is_no_sound_backup_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("no store", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="it is no backup"):
        restore(str(text), str(tmp_path / "other.db"))
    damaged = tmp_path / "damaged.db"
    fill(str(damaged))
    damaged.write_bytes(damaged.read_bytes().replace(b'"native_id":"db"', b'"native_id":"dx"'))
    with pytest.raises(StoreCorruptError, match="not what was published"):
        restore(str(damaged), str(tmp_path / "other.db"))
    assert not (tmp_path / "other.db").exists()


@pytest.mark.neo4j
def test_a_damaged_revision_in_neo4j_is_not_backed_up(neo4j_uri: str, tmp_path: Path) -> None:
    empty_server(neo4j_uri).publish(graph_of("shop -> web"), told())
    with GraphDatabase.driver(neo4j_uri) as driver:
        driver.execute_query("MATCH (c:CI {name: 'web'}) SET c.payload = '{}'")
    with pytest.raises(StoreCorruptError, match="revision 1"):
        back_up(neo4j_uri, str(tmp_path / "copy.db"))
    assert list(tmp_path.iterdir()) == []
