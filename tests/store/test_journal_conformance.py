"""What every journal does, on each of them."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.journal import (
    AppendEntry,
    ForgetEntries,
    JournalWrite,
    PutDocument,
    RemoveDocument,
)
from ripplegraph.graph.ports import EstateJournal
from ripplegraph.store.memory_journal import MemoryJournal
from ripplegraph.store.neo4j.connection import Address
from ripplegraph.store.neo4j.journal import Neo4jJournal
from ripplegraph.store.sqlite.journal import SqliteJournal
from ripplegraph.store.sqlite.schema import connect
from store.test_conformance import SERVERS, empty_server

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture(
    params=["memory", "sqlite", *SERVERS],
)
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> EstateJournal:
    if request.param == "memory":
        return MemoryJournal()
    if request.param.endswith("neo4j_uri"):
        return empty_server_journal(request.getfixturevalue(request.param))
    return empty_file(tmp_path / "estate.db")


def empty_file(path: Path) -> SqliteJournal:
    """Return the journal of a new file that holds no revision yet."""
    connect(path, create=True, writes=True).close()
    return SqliteJournal(path)


def empty_server_journal(uri: str) -> Neo4jJournal:
    """Return the journal of a server from which everything was deleted."""
    empty_server(uri)
    return Neo4jJournal(Address(uri=uri))


def put(key: str, payload: str = "{}", *, expected: int | None = None) -> PutDocument:
    return PutDocument(collection="jobs", key=key, payload=payload, expected_version=expected)


def test_a_document_is_read_as_it_was_put_and_counts_its_versions(
    journal: EstateJournal,
) -> None:
    journal.commit([put("a", '{"n": 1}', expected=0)])
    journal.commit([put("a", '{"n": 2}', expected=1)])
    found = journal.document("jobs", "a")
    assert found is not None
    assert (found.version, found.payload) == (2, '{"n": 2}')
    assert journal.document("other", "a") is None


def test_a_commit_that_conflicts_changes_nothing(journal: EstateJournal) -> None:
    journal.commit([put("a")])
    with pytest.raises(JournalConflictError, match="jobs/a is at version 1, not 0"):
        journal.commit(
            [put("b"), AppendEntry(stream="feed", at=NOON, payload="1"), put("a", expected=0)]
        )
    assert journal.document("jobs", "b") is None
    assert journal.last_number("feed") == 0


def test_documents_come_in_order_of_their_keys_in_pages(journal: EstateJournal) -> None:
    journal.commit([put(key) for key in ("b", "ä", "a", "Z")])
    assert [one.key for one in journal.documents("jobs")] == ["Z", "a", "b", "ä"]
    assert [one.key for one in journal.documents("jobs", after="Z", limit=2)] == ["a", "b"]


def test_a_removed_document_is_gone_and_starts_again_at_version_1(
    journal: EstateJournal,
) -> None:
    journal.commit([put("a"), RemoveDocument(collection="jobs", key="a")])
    journal.commit([RemoveDocument(collection="jobs", key="never")])
    assert journal.documents("jobs") == ()
    journal.commit([put("a", expected=0)])
    found = journal.document("jobs", "a")
    assert found is not None
    assert found.version == 1


def test_entries_are_numbered_per_stream_and_numbers_go_on_after_forgetting(
    journal: EstateJournal,
) -> None:
    def append(payload: str, stream: str = "feed") -> AppendEntry:
        return AppendEntry(stream=stream, at=NOON, payload=payload)

    assert journal.commit([append("1"), append("x", "audit"), append("2")]) == (1, 1, 2)
    assert journal.commit([ForgetEntries(stream="feed", up_to=2), append("3")]) == (3,)
    assert [(one.number, one.payload, one.at) for one in journal.entries("feed")] == [
        (3, "3", NOON)
    ]
    assert journal.entries("feed", after=3) == ()
    assert journal.last_number("feed") == 3


def test_keys_are_told_apart_and_ordered_by_code_points(journal: EstateJournal) -> None:
    keys = ["a", "a ", "a\tb", "A", "\u00e9", "e\u0301", "\uff61", "\U0001f600", "x" * 3000]
    journal.commit([put(key, f'"{number}"') for number, key in enumerate(keys)])
    found = [(one.key, one.payload) for one in journal.documents("jobs")]
    assert found == sorted((key, f'"{number}"') for number, key in enumerate(keys))


def test_entries_appended_and_forgotten_in_one_commit_are_gone(journal: EstateJournal) -> None:
    entry = AppendEntry(stream="feed", at=NOON, payload="1")
    journal.commit([entry])
    numbers = journal.commit([entry, ForgetEntries(stream="feed", up_to=9), entry])
    assert numbers == (2, 3)
    assert [one.number for one in journal.entries("feed")] == [3]


def test_entries_come_in_pages(journal: EstateJournal) -> None:
    journal.commit([AppendEntry(stream="feed", at=NOON, payload=str(n)) for n in range(5)])
    assert [one.payload for one in journal.entries("feed", after=1, limit=2)] == ["1", "2"]


def test_threads_that_commit_at_once_lose_nothing_and_conflicts_are_told(
    journal: EstateJournal,
) -> None:
    def work(worker: int) -> int:
        won = 0
        for turn in range(5):
            entry = AppendEntry(stream="feed", at=NOON, payload=f'"{worker}/{turn}"')
            journal.commit([entry, put(f"{worker}/{turn}")])
            try:
                journal.commit([put(f"one/{turn}", expected=0), entry])
            except JournalConflictError:
                continue
            won += 1
        return won

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(work, range(6))) == 5
    entries = journal.entries("feed")
    assert [one.number for one in entries] == list(range(1, 36))
    assert len({one.payload for one in entries}) == 30
    assert len(journal.documents("jobs")) == 35


PLACES = st.sampled_from([("jobs", "a"), ("jobs", "b"), ("outbox", "a")])
STREAMS = st.sampled_from(["feed", "calls"])
WRITES = st.one_of(
    st.builds(
        lambda place, payload, expected: PutDocument(
            collection=place[0], key=place[1], payload=payload, expected_version=expected
        ),
        PLACES,
        st.text(max_size=5),
        st.none() | st.integers(0, 3),
    ),
    st.builds(
        lambda place, expected: RemoveDocument(
            collection=place[0], key=place[1], expected_version=expected
        ),
        PLACES,
        st.none() | st.integers(0, 3),
    ),
    st.builds(AppendEntry, stream=STREAMS, at=st.just(NOON), payload=st.text(max_size=5)),
    st.builds(ForgetEntries, stream=STREAMS, up_to=st.integers(0, 8)),
)


class PlainJournal:
    """What a journal is to do, in dictionaries, write by write."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], tuple[int, str]] = {}
        self.entries: dict[tuple[str, int], str] = {}
        self.last = {"feed": 0, "calls": 0}

    def do(self, write: JournalWrite) -> bool:
        """Do one write; return whether it conflicts."""
        if isinstance(write, AppendEntry):
            self.last[write.stream] += 1
            self.entries[write.stream, self.last[write.stream]] = write.payload
        elif isinstance(write, ForgetEntries):
            for stream, number in list(self.entries):
                if stream == write.stream and number <= write.up_to:
                    del self.entries[stream, number]
        else:
            version = self.documents.get((write.collection, write.key), (0, ""))[0]
            if write.expected_version not in {None, version}:
                return True
            if isinstance(write, PutDocument):
                self.documents[write.collection, write.key] = (version + 1, write.payload)
            else:
                self.documents.pop((write.collection, write.key), None)
        return False


def check_against_dict(journal: EstateJournal, commits: list[list[JournalWrite]]) -> None:
    """Commit to a journal and to dictionaries, and compare what they hold after each commit."""
    plain = PlainJournal()
    for writes in commits:
        tried = deepcopy(plain)
        if any(tried.do(write) for write in writes):
            with pytest.raises(JournalConflictError, match="is at version"):
                journal.commit(writes)
        else:
            before, plain = plain, tried
            appended = Counter(one.stream for one in writes if isinstance(one, AppendEntry))
            numbers = journal.commit(writes)
            assert len(numbers) == appended.total()
            for stream, count in appended.items():
                assert plain.last[stream] == before.last[stream] + count
        held = {
            (one.collection, one.key): (one.version, one.payload)
            for collection in ("jobs", "outbox")
            for one in journal.documents(collection)
        }
        assert held == plain.documents
        for stream in ("feed", "calls"):
            assert journal.last_number(stream) == plain.last[stream]
            assert {(one.stream, one.number): one.payload for one in journal.entries(stream)} == {
                place: text for place, text in plain.entries.items() if place[0] == stream
            }


@given(st.lists(st.lists(WRITES, min_size=1, max_size=6), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_journal_in_memory_does_what_dictionaries_do(commits: list[list[JournalWrite]]) -> None:
    check_against_dict(MemoryJournal(), commits)


@given(st.lists(st.lists(WRITES, min_size=1, max_size=6), max_size=6))
@settings(max_examples=25, deadline=None)
def test_a_journal_in_a_file_does_what_dictionaries_do(commits: list[list[JournalWrite]]) -> None:
    with TemporaryDirectory() as folder:
        journal = empty_file(Path(folder) / "estate.db")
        check_against_dict(journal, commits)
        journal.close()


@pytest.mark.neo4j
@given(commits=st.lists(st.lists(WRITES, min_size=1, max_size=6), max_size=6))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_journal_in_neo4j_does_what_dictionaries_do(
    neo4j_uri: str, commits: list[list[JournalWrite]]
) -> None:
    check_against_dict(empty_server_journal(neo4j_uri), commits)
