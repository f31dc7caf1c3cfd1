"""The embedded store: revisions, guards, damage, and what a crash leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from graph_building import graph_of
from ripplegraph.errors import (
    RemovalGuardError,
    RevisionConflictError,
    StoreBusyError,
    StoreCorruptError,
    StoreSchemaError,
    StoreUnavailableError,
    UnknownRevisionError,
)
from ripplegraph.graph.revisions import Change, ImportRules, Missing
from ripplegraph.loaders.native_write import native_text
from ripplegraph.store.sqlite.estate import SqliteEstate
from ripplegraph.store.sqlite.schema import connect
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


def test_what_is_published_is_read_back(estate: SqliteEstate) -> None:
    assert native_text(estate.read(), "json") == native_text(graph_of(LARGE), "json")


def test_an_import_that_changes_nothing_is_no_revision(estate: SqliteEstate) -> None:
    assert estate.publish(graph_of(LARGE), told(3)).number == 1
    assert [one.number for one in estate.revisions()] == [1]


def test_each_revision_reads_as_it_was_published(estate: SqliteEstate) -> None:
    estate.publish(graph_of(SMALL), told(1), ANY_SHARE)
    assert estate.read(1).ci_count == 5
    assert estate.read(2).ci_count == 3
    assert estate.read().ci_count == 3


def test_a_time_means_the_revision_that_was_the_newest_then(estate: SqliteEstate) -> None:
    estate.publish(graph_of(SMALL), told(2), ANY_SHARE)
    assert estate.revision_at(told(1).at).number == 1
    assert estate.revision_at(told(2).at).number == 2


def test_before_the_first_revision_there_is_nothing(estate: SqliteEstate) -> None:
    with pytest.raises(UnknownRevisionError, match="holds no revision at 2026-10-31"):
        estate.revision_at(told(-1).at)


def test_an_unknown_revision_is_an_error(estate: SqliteEstate) -> None:
    with pytest.raises(UnknownRevisionError, match="holds no revision 7") as caught:
        estate.read(7)
    assert caught.value.wanted == "revision 7"


def test_a_revision_says_who_when_why_and_how_much(estate: SqliteEstate) -> None:
    estate.publish(graph_of(SMALL), told(1, author="bob", reason="weekly"), ANY_SHARE)
    newest = estate.revisions()[-1]
    assert newest.provenance == told(1, author="bob", reason="weekly")
    assert newest.counts["cis"] == 3


def test_an_import_that_lacks_too_many_cis_changes_nothing(estate: SqliteEstate) -> None:
    with pytest.raises(RemovalGuardError, match="lacks 2 of 5 CIs") as caught:
        estate.publish(graph_of(SMALL), told(1))
    assert (caught.value.removed, caught.value.before) == (2, 5)
    assert [one.number for one in estate.revisions()] == [1]


def test_a_share_that_is_allowed_may_go(estate: SqliteEstate) -> None:
    assert estate.publish(graph_of(SMALL), told(1), ImportRules(max_removed_share=0.4)).number == 2


def test_missing_fail_lets_not_one_ci_go(estate: SqliteEstate) -> None:
    with pytest.raises(RemovalGuardError, match="lacks 2 of 5"):
        estate.publish(
            graph_of(SMALL), told(1), ImportRules(missing=Missing.FAIL, max_removed_share=1.0)
        )


def test_missing_keep_leaves_what_the_import_lacks(estate: SqliteEstate) -> None:
    estate.publish(graph_of("svc -> db"), told(1), ImportRules(missing=Missing.KEEP))
    ids = set(estate.read().cis.native_id)
    assert ids == {"shop", "web", "db", "h1", "h2", "svc"}


def test_an_expectation_that_fails_changes_nothing(estate: SqliteEstate) -> None:
    with pytest.raises(RevisionConflictError, match="is 1, not 0") as caught:
        estate.publish(graph_of(LARGE), told(1), ImportRules(expected_revision=0))
    assert (caught.value.expected, caught.value.found) == (0, 1)


def test_differences_name_what_came_went_and_changed(estate: SqliteEstate) -> None:
    estate.publish(graph_of("shop -> web; web ~> h1 | h2; svc -> h1"), told(1), ANY_SHARE)
    found = {(one.change, one.kind, one.key): one.fields for one in estate.differences(1, 2)}
    assert (Change.ADDED, "cis", "t / service / svc") in found
    assert (Change.REMOVED, "cis", "t / server / db") in found
    changed = [fields for (change, kind, _), fields in found.items() if change is Change.CHANGED]
    assert changed == [("strength",), ("strength",)]


def test_differences_backwards_are_the_opposite(estate: SqliteEstate) -> None:
    estate.publish(graph_of(SMALL), told(1), ANY_SHARE)
    there = {(one.kind, one.key): one.change for one in estate.differences(1, 2)}
    back = {(one.kind, one.key): one.change for one in estate.differences(2, 1)}
    opposite = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}
    assert back == {key: opposite.get(change, change) for key, change in there.items()}


def test_a_record_that_only_moved_in_its_file_does_not_differ(path: Path) -> None:
    estate = SqliteEstate(path)
    estate.publish(graph_of("shop -> web; svc -> web"), told())
    estate.publish(graph_of("svc -> web; shop -> web"), told(1))
    assert [one.number for one in estate.revisions()] == [1, 2]
    assert estate.differences(1, 2) == ()


def test_a_sound_estate_has_no_damage(estate: SqliteEstate) -> None:
    assert estate.damage() == ()


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


def test_pruning_forgets_old_revisions_and_keeps_the_rest(estate: SqliteEstate) -> None:
    estate.publish(graph_of(SMALL), told(1), ANY_SHARE)
    estate.publish(graph_of(LARGE), told(2))
    before = [native_text(estate.read(number), "json") for number in (2, 3)]
    assert estate.prune(2, told(3)) > 0
    assert [one.number for one in estate.revisions()] == [2, 3]
    assert [native_text(estate.read(number), "json") for number in (2, 3)] == before
    with pytest.raises(UnknownRevisionError, match="revision 1"):
        estate.read(1)
    assert estate.damage() == ()


def test_an_estate_without_a_revision_says_so(path: Path) -> None:
    connect(path, create=True, writes=True).close()
    with pytest.raises(UnknownRevisionError, match="holds no revision yet"):
        SqliteEstate(path).read()


def test_a_newer_schema_is_refused(estate: SqliteEstate, path: Path) -> None:
    connection = connect(path, writes=True)
    connection.execute("PRAGMA user_version=2")
    connection.close()
    with pytest.raises(StoreSchemaError, match="has schema 2") as caught:
        estate.read()
    assert (caught.value.found, caught.value.known) == (2, 1)


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
from ripplegraph.graph.revisions import ImportRules
from ripplegraph.store.sqlite.estate import SqliteEstate
from store.estates import told

estate = SqliteEstate(Path(sys.argv[1]))
graphs = [graph_of(f"shop -> {' & '.join(f'h{n}' for n in range(size))}") for size in (40, 80)]
print("ready", flush=True)
for day in range(10**9):
    estate.publish(graphs[day % 2], told(day), ImportRules(max_removed_share=1.0))
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
        time.sleep(0.01 + 0.013 * kill)
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


class StoreAgainstDict(RuleBasedStateMachine):
    """The store tells what a dictionary of graphs tells."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile  # noqa: PLC0415 - hypothesis gives no tmp_path

        self.folder = tempfile.TemporaryDirectory()
        self.estate = SqliteEstate(Path(self.folder.name) / "estate.db")
        self.held: dict[int, str] = {}
        self.oldest = 1

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(members=st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True))
    def publish(self, members: list[str]) -> None:
        graph = graph_of(f"shop -> {' & '.join(members)}")
        text = native_text(graph, "json")
        newest = max(self.held, default=0)
        number = self.estate.publish(graph, told(newest), ANY_SHARE).number
        if self.held and self.held[newest] == text:
            assert number == newest
        else:
            assert number == newest + 1
            self.held[number] = text

    @rule()
    def prune(self) -> None:
        if len(self.held) > 1:
            self.oldest = sorted(self.held)[1]
            self.estate.prune(self.oldest, told(1))
            self.held = {
                number: text for number, text in self.held.items() if number >= self.oldest
            }

    @invariant()
    def every_revision_reads_as_published(self) -> None:
        for number, text in self.held.items():
            assert native_text(self.estate.read(number), "json") == text


StoreAgainstDict.TestCase.settings = settings(
    max_examples=15, stateful_step_count=8, deadline=None
)
TestStoreAgainstDict = StoreAgainstDict.TestCase
