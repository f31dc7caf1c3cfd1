"""The embedded store: revisions, guards, damage, and what a crash leaves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from graph_building import graph_of
from ripplegraph.errors import (
    StoreBusyError,
    StoreCorruptError,
    StoreSchemaError,
    StoreUnavailableError,
    UnknownRevisionError,
)
from ripplegraph.graph.journal import AppendEntry, PutDocument
from ripplegraph.graph.revisions import ImportRules
from ripplegraph.store.sqlite.estate import SqliteEstate
from ripplegraph.store.sqlite.journal import SqliteJournal
from ripplegraph.store.sqlite.schema import connect, schema_version
from ripplegraph.store.sqlite.transactions import one_reading, one_transaction
from store.estates import told

SMALL = "shop -> web & db"
LARGE = "shop -> web & db; web -> h1 | h2"
ANY_SHARE = ImportRules(max_removed_share=1.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "estate.db"


@pytest.fixture
def estate(path: Path) -> SqliteEstate:
    """An estate that holds LARGE as its revision 1."""
    store = SqliteEstate(path)
    store.publish(graph_of(LARGE), told())
    return store


def test_a_changed_record_is_damage(estate: SqliteEstate, path: Path) -> None:
    connection = connect(path, writes=True)
    connection.execute("UPDATE record SET payload = replace(payload, 'h2', 'h3')")
    connection.close()
    assert estate.damage() == ("the records of revision 1 are not what was published",)


def test_the_audit_takes_no_change_and_shows_one_made_by_force(
    estate: SqliteEstate, path: Path
) -> None:
    connection = connect(path, writes=True)
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        connection.execute("UPDATE audit SET author = 'eve'")
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        connection.execute("DELETE FROM audit")
    connection.execute("DROP TRIGGER audit_stands")
    connection.execute("UPDATE audit SET author = 'eve'")
    connection.close()
    assert estate.damage() == ("audit entry 1 does not follow from those before it",)


def test_a_backup_reads_as_the_estate(estate: SqliteEstate, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    estate.back_up(str(copy))
    assert SqliteEstate(copy).revisions() == estate.revisions()
    with pytest.raises(StoreUnavailableError, match="not overwritten"):
        estate.back_up(str(copy))


def test_who_reads_the_first_revision_does_not_hold_up_the_second(
    estate: SqliteEstate, path: Path
) -> None:
    reader = connect(path)
    with one_reading(reader):
        before = reader.execute("SELECT count(*) FROM record").get
        assert estate.publish(graph_of(SMALL), told(1), ANY_SHARE).number == 2
        assert reader.execute("SELECT count(*) FROM record").get == before


def test_two_first_imports_at_once_are_two_revisions(path: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        graphs = [graph_of(SMALL), graph_of(LARGE)]
        made = list(
            both.map(lambda graph: SqliteEstate(path).publish(graph, told(), ANY_SHARE), graphs)
        )
    assert {one.number for one in made} == {1, 2}
    assert SqliteEstate(path).damage() == ()


def test_an_estate_without_a_revision_says_so(path: Path) -> None:
    connect(path, create=True, writes=True).close()
    with pytest.raises(UnknownRevisionError, match="holds no revision yet"):
        SqliteEstate(path).read()


def test_a_newer_schema_is_refused(estate: SqliteEstate, path: Path) -> None:
    connection = connect(path, writes=True)
    connection.execute("PRAGMA user_version=9")
    connection.close()
    with pytest.raises(StoreSchemaError, match="has schema 9") as caught:
        estate.read()
    assert (caught.value.found, caught.value.known) == (9, 2)


@pytest.fixture
def old_path(estate: SqliteEstate, path: Path) -> Path:
    """A file as ripplegraph wrote it before there was a journal."""
    connection = connect(path, writes=True)
    for table in ("document", "entry", "stream"):
        connection.execute(f"DROP TABLE journal_{table}")
    connection.execute("PRAGMA user_version=1")
    connection.close()
    return path


def test_migrating_brings_an_older_file_up_to_date_once(old_path: Path) -> None:
    estate = SqliteEstate(old_path)
    assert [estate.migrate(), estate.migrate()] == [(1, 2), (2, 2)]


def test_a_journal_with_a_gap_or_without_json_is_damaged(estate: SqliteEstate, path: Path) -> None:
    entry = AppendEntry(stream="feed", at=told().at, payload="{}")
    SqliteJournal(path).commit([entry, entry, entry])
    SqliteJournal(path).commit([PutDocument(collection="jobs", key="a", payload="{}")])
    assert estate.damage() == ()
    connection = connect(path, writes=True)
    connection.execute("DELETE FROM journal_entry WHERE number = 2")
    connection.execute("UPDATE journal_document SET payload = '{'")
    connection.close()
    assert estate.damage() == (
        "entries of the stream feed are missing",
        "document jobs/a is not what is written",
    )


def test_a_backup_holds_the_journal(estate: SqliteEstate, path: Path, tmp_path: Path) -> None:
    SqliteJournal(path).commit([PutDocument(collection="jobs", key="a", payload="{}")])
    estate.back_up(str(tmp_path / "copy.db"))
    assert SqliteJournal(tmp_path / "copy.db").document("jobs", "a") is not None


def test_an_older_file_is_read_as_it_is_and_its_journal_is_empty(old_path: Path) -> None:
    journal = SqliteJournal(old_path)
    assert SqliteEstate(old_path).read().ci_count == 5
    assert journal.document("jobs", "a") is None
    assert (journal.documents("jobs"), journal.entries("feed")) == ((), ())
    assert journal.last_number("feed") == 0
    assert schema_version(connect(old_path)) == 1


def test_the_first_commit_to_an_older_file_migrates_it_and_readers_see_it(old_path: Path) -> None:
    reader = SqliteJournal(old_path)
    assert reader.document("jobs", "a") is None
    SqliteJournal(old_path).commit([PutDocument(collection="jobs", key="a", payload="{}")])
    assert reader.document("jobs", "a") is not None
    assert schema_version(connect(old_path)) == 2
    assert SqliteEstate(old_path).damage() == ()


def test_an_import_migrates_an_older_file(old_path: Path) -> None:
    assert SqliteEstate(old_path).publish(graph_of(SMALL), told(1), ANY_SHARE).number == 2
    assert schema_version(connect(old_path)) == 2


def test_another_sqlite_file_is_no_estate_and_is_left_alone(path: Path) -> None:
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(StoreUnavailableError, match="no ripplegraph estate"):
        SqliteEstate(path).publish(graph_of(SMALL), told())
    tables = apsw.Connection(str(path)).execute("SELECT name FROM sqlite_schema").fetchall()
    assert tables == [("mine",)]


def test_a_file_that_is_cut_off_is_damaged(estate: SqliteEstate, path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StoreCorruptError, match="is damaged"):
        estate.read()


def test_a_missing_file_is_unavailable(path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="Check the path"):
        SqliteEstate(path).read()


def test_two_writers_at_once_are_told(
    estate: SqliteEstate, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ripplegraph.store.sqlite.schema.BUSY_MILLISECONDS", 1)
    other = connect(path, writes=True)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError, match="another process is writing"):
        estate.publish(graph_of(SMALL), told(1), ANY_SHARE)
    assert estate.read().ci_count == 5  # readers go on
    other.close()


@pytest.fixture
def killed_path(path: Path, tmp_path: Path) -> Path:
    """A file as a process leaves it that is killed while it writes the first revision."""
    writer = connect(path, create=True, writes=True)
    killed = tmp_path / "killed.db"
    with one_transaction(writer):
        writer.execute("PRAGMA cache_size=10")  # pages go to the file before the end
        row = "INSERT INTO record VALUES ('cis', ?, 0, ?, 1, NULL)"
        writer.executemany(row, ((str(number), "x" * 500) for number in range(500)))
        for ending in ("", "-journal"):
            held = path.with_name(path.name + ending).read_bytes()
            killed.with_name(killed.name + ending).write_bytes(held)
    assert len(killed.read_bytes()) > 100_000
    return killed


def test_after_a_kill_in_the_first_import_there_is_no_revision(killed_path: Path) -> None:
    estate = SqliteEstate(killed_path)
    assert estate.newest() is None
    with pytest.raises(UnknownRevisionError, match="holds no revision yet"):
        estate.read()


def test_after_a_kill_in_the_first_import_the_next_one_is_whole(killed_path: Path) -> None:
    estate = SqliteEstate(killed_path)
    assert estate.publish(graph_of(SMALL), told()).number == 1
    assert (estate.damage(), estate.read().ci_count) == ((), 3)
