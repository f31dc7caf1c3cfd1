"""What every journal does, on each of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.journal import AppendEntry, ForgetEntries, PutDocument, RemoveDocument
from ripplegraph.graph.ports import EstateJournal
from ripplegraph.store.memory_journal import MemoryJournal

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture(params=["memory"])
def journal() -> EstateJournal:
    return MemoryJournal()


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
