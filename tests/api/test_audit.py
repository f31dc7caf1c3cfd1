"""The audit of calls: writes one by one, events and refused calls counted; no secrets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from api.servers import NOW, ReadyGraph, estate_of, serving_estate
from api.test_api import problem_of, served_graph
from api.test_keys import ADMIN, READER, RING, SENDER, STRANGER
from ripplegraph.api import audit as audits
from ripplegraph.api.audit import CALLS, KEPT_ENTRIES, MOST_KINDS, Audit
from ripplegraph.api.callers import LOCAL_CALLER, Scope
from ripplegraph.api.calls import Call
from ripplegraph.api.scopes import KnownRoute, Need
from ripplegraph.errors import StoreBusyError
from ripplegraph.graph.journal import JournalWrite
from ripplegraph.store.memory_journal import MemoryJournal


def call(scope: Scope | None, status: int = 200, *, refusal: str = "", number: int = 0) -> Call:
    return Call(
        request_id=f"r{number}",
        method="POST",
        address="192.0.2.1",
        route=KnownRoute(path=f"/v1/{scope}", need=Need(scope=scope)),
        caller=None if refusal == "key-needed" else LOCAL_CALLER,
        refusal=refusal,
        status=status,
    )


def told(journal: MemoryJournal) -> list[dict[str, Any]]:
    return [json.loads(entry.payload) for entry in journal.entries(CALLS, limit=10_000)]


def audit_of(journal: MemoryJournal) -> Audit:
    return Audit(journal, lambda: NOW, window_seconds=3600)


def test_each_write_of_a_person_is_an_entry_of_its_own() -> None:
    journal = MemoryJournal()
    audit = audit_of(journal)
    for number in range(3):
        audit.note(call(Scope.WRITE, number=number))
    audit.note(call(Scope.ADMIN, 409, number=3))
    audit.flush()
    assert [(one["request_id"], one["outcome"], one["count"]) for one in told(journal)] == [
        ("r0", "done", 1),
        ("r1", "done", 1),
        ("r2", "done", 1),
        ("r3", "failed", 1),
    ]
    assert journal.entries(CALLS)[0].at == NOW


def test_reads_are_not_kept() -> None:
    journal = MemoryJournal()
    audit = audit_of(journal)
    audit.note(call(Scope.READ))
    audit.note(call(Scope.READ, 404))
    audit.note(call(None))
    audit.flush()
    assert told(journal) == []


def test_who_cancels_jobs_is_kept_though_readers_may() -> None:
    journal = MemoryJournal()
    audit = audit_of(journal)
    for number in range(2):
        cancelled = call(Scope.READ, 202, number=number)
        cancelled.method = "DELETE"
        audit.note(cancelled)
    audit.flush()
    assert [(one["caller"], one["method"], one["count"]) for one in told(journal)] == [
        ("local", "DELETE", 2)
    ]


def test_events_and_refused_calls_that_are_alike_are_counted() -> None:
    journal = MemoryJournal()
    audit = audit_of(journal)
    for number in range(1000):
        audit.note(call(Scope.EVENTS, number=number))
        audit.note(call(Scope.READ, 401, refusal="key-needed", number=number))
    audit.flush()
    assert [(one["caller"], one["outcome"], one["count"]) for one in told(journal)] == [
        ("local", "done", 1000),
        ("address:192.0.2.1", "refused", 1000),
    ]
    assert {one["request_id"] for one in told(journal)} == {"r0"}


def test_an_attacker_with_many_addresses_cannot_flood_the_journal() -> None:
    journal = MemoryJournal()
    audit = audit_of(journal)
    for number in range(3 * MOST_KINDS):
        refused = call(Scope.READ, 401, refusal="key-needed")
        refused.address = f"2001:db8::{number:x}"
        audit.note(refused)
    audit.flush()
    found = told(journal)
    assert len(found) == MOST_KINDS + 1
    assert sum(one["count"] for one in found) == 3 * MOST_KINDS
    assert found[-1]["caller"] == "others"


def test_what_was_counted_is_written_when_its_window_ends() -> None:
    journal = MemoryJournal()
    audit = Audit(journal, lambda: NOW, window_seconds=0.01)
    audit.note(call(Scope.EVENTS))
    while not journal.last_number(CALLS):
        pass
    assert [one["count"] for one in told(journal)] == [1]


def test_old_entries_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    assert KEPT_ENTRIES == 100_000
    monkeypatch.setattr(audits, "KEPT_ENTRIES", 5)
    journal = MemoryJournal()
    audit = audit_of(journal)
    for number in range(12):
        audit.note(call(Scope.WRITE, number=number))
    audit.flush()
    numbers = [entry.number for entry in journal.entries(CALLS)]
    assert numbers[0] > 1
    assert numbers[-1] == 12
    assert len(numbers) <= 10


class FullJournal(MemoryJournal):
    """A journal to which nobody can write."""

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        raise StoreBusyError("estate.db")


def test_an_audit_that_cannot_be_written_is_told_and_breaks_nothing() -> None:
    troubles: list[str] = []
    audit = Audit(FullJournal(), lambda: NOW, on_trouble=troubles.append)
    audit.note(call(Scope.WRITE))
    audit.flush()
    assert troubles == ["StoreBusyError"]


def ask(client: httpx.Client, key: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
    return client.get(path, headers=headers, **more)


def test_an_administrator_reads_the_audit_in_pages_and_nobody_else_does() -> None:
    served = estate_of(ReadyGraph(served_graph()))
    with serving_estate(served, RING) as client:
        ask(client, STRANGER, "/v1/cis/hush", headers={"X-Request-ID": "mine"})
        ask(client, SENDER, "/v1/services?at=hush", params={"search": "hush"})
        problem_of(ask(client, READER, "/v1/audit"), 403, "missing-scope")
        first = ask(client, ADMIN, "/v1/audit", params={"limit": 2}).json()
        rest = ask(client, ADMIN, "/v1/audit", params={"after": first["after"]}).json()
        problem_of(ask(client, ADMIN, "/v1/audit", params={"limit": 0}), 422, "invalid-request")
    assert first["schema"] == "ripplegraph/audited-calls/1"
    calls = [*first["calls"], *rest["calls"]]
    assert rest["after"] is None
    assert [(one["caller"], one["route"], one["code"]) for one in calls[:3]] == [
        ("address:127.0.0.1", "/v1/cis/{ci:path}", "key-needed"),
        ("key:000000000003", "/v1/services", "missing-scope"),
        ("key:000000000001", "/v1/audit", "missing-scope"),
    ]
    assert calls[0]["request_id"] == "mine"
    assert calls[3]["outcome"] == "done"  # the reading of the audit itself
    kept = json.dumps(calls)
    for secret in (STRANGER, STRANGER.rpartition("_")[2], SENDER, "hush"):
        assert secret not in kept
