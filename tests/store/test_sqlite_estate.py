"""The embedded store: revisions, guards, damage, and what a crash leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
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


_KILLED_WRITER = """
import sys
from pathlib import Path
from graph_building import graph_of
from ripplegraph.graph.journal import PutDocument
from ripplegraph.graph.revisions import ImportRules
from ripplegraph.store.sqlite.estate import SqliteEstate
from store.estates import told

estate = SqliteEstate(Path(sys.argv[1]))
graphs = [graph_of(f"shop -> {' & '.join(f'h{n}' for n in range(size))}") for size in (40, 80)]
print("ready", flush=True)
for day in range(10**9):
    estate.publish(graphs[day % 2], told(day), ImportRules(max_removed_share=1.0))
    print("published", flush=True)
"""


def test_a_killed_writer_leaves_the_old_or_the_new_revision(path: Path) -> None:
    estate = SqliteEstate(path)
    published = 0
    for kill in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", _KILLED_WRITER, str(path)],
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": "src:tests"},
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        for _ in range(2 * (kill % 2)):  # every second kill meets a writer that got somewhere
            assert writer.stdout.readline() == b"published\n"
        time.sleep(0.005 + 0.007 * kill)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        if not path.exists():
            continue
        connect(path, create=True, writes=True).close()  # what the next import would do first
        assert estate.damage() == ()
        numbers = [one.number for one in estate.revisions()]
        assert numbers == list(range(1, len(numbers) + 1))
        if numbers:
            assert estate.read().ci_count in {41, 81}
        published = max(published, len(numbers))
    assert published > 1, "no import ever came through: the kills came too early to mean anything"
