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
from ripplegraph.api.audit import CALLS, KEPT_ENTRIES, MOST_KINDS, Audit, AuditedCall
from ripplegraph.api.callers import LOCAL_CALLER, Scope
from ripplegraph.api.calls import Call
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.documents import LiveLayer
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.policy import Policy
from ripplegraph.api.routes import webhooks
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


HOOK = {"url": "https://hooks.example/hook", "secret": "ops"}


def hooks(journal: MemoryJournal, policy: Policy | None = None) -> Any:
    """Return a client of a server that takes webhooks, whose audit is in a journal."""
    served = ServedEstate(
        source=ReadyGraph(served_graph()), journal=journal, overlay=LiveLayer, origin="test"
    )
    events = EventOptions(secrets={"ops": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    return serving_estate(served, events=events, policy=policy)


def test_each_write_of_a_person_is_kept_when_it_begins_and_before_it_is_answered() -> None:
    journal = MemoryJournal()
    with hooks(journal) as client:
        made = client.post("/v1/webhooks", json=HOOK, headers={"X-Request-ID": "r0"})
        assert made.status_code == 201, made.text
        assert [(one["request_id"], one["outcome"]) for one in told(journal)] == [
            ("r0", "begun"),
            ("r0", "done"),
        ]
        client.delete("/v1/webhooks/0123456789abcdef", headers={"X-Request-ID": "r1"})
        begun, failed = told(journal)[2:]
        assert (begun["outcome"], begun["status"], begun["count"]) == ("begun", 0, 1)
        assert (failed["outcome"], failed["status"], failed["request_id"]) == ("failed", 404, "r1")
        assert failed["route"] == "/v1/webhooks/{webhook}"
    assert len(told(journal)) == 4
    assert journal.entries(CALLS)[0].at == NOW


def test_a_write_that_ends_in_a_bug_is_told_once_as_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = MemoryJournal()
    monkeypatch.setattr(webhooks, "_held", None)
    with hooks(journal) as client:
        assert client.delete("/v1/webhooks/0123456789abcdef").status_code == 500
    assert [(one["outcome"], one["status"]) for one in told(journal)] == [
        ("begun", 0),
        ("failed", 500),
    ]


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
        ("local", "DELETE", 1),
        ("local", "DELETE", 1),
    ]


def test_of_events_and_refused_calls_the_first_is_kept_and_those_like_it_are_counted() -> None:
    journal = MemoryJournal()
    audit = audit_of(journal)
    for number in range(1000):
        audit.note(call(Scope.EVENTS, number=number))
        audit.note(call(Scope.READ, 401, refusal="key-needed", number=number))
    audit.flush()
    kept = [
        (one["caller"], one["outcome"], one["request_id"], one["count"]) for one in told(journal)
    ]
    assert kept == [
        ("local", "done", "r0", 1),
        ("address:192.0.2.1", "refused", "r0", 1),
        ("local", "done", "r1", 999),
        ("address:192.0.2.1", "refused", "r1", 999),
    ]


def test_the_first_refused_call_is_kept_without_waiting_for_those_like_it() -> None:
    journal = MemoryJournal()
    audit = audit_of(journal)
    audit.note(call(Scope.READ, 401, refusal="key-needed"))
    another = audit.count(AuditedCall.ended(call(Scope.READ, 403), 403))
    assert another is not None
    assert another.result()  # written after the one before it
    assert [one["status"] for one in told(journal)] == [401, 403]


def test_an_event_is_answered_when_it_is_kept() -> None:
    journal = MemoryJournal()
    with hooks(journal) as client:
        for number in range(3):
            body = {"source": "s", "external_id": f"{number}", "ci": "db"}
            assert client.post("/v1/outages", json=body).status_code == 201
            assert [(one["route"], one["count"]) for one in told(journal)] == [("/v1/outages", 1)]
    assert [one["count"] for one in told(journal)] == [1, 2]


def test_an_attacker_with_many_addresses_cannot_flood_the_journal() -> None:
    journal = MemoryJournal()
    audit = audit_of(journal)
    for number in range(3 * MOST_KINDS):
        refused = call(Scope.READ, 401, refusal="key-needed")
        refused.address = f"2001:db8::{number:x}"
        audit.note(refused)
    audit.flush()
    found = told(journal)
    assert len(found) == MOST_KINDS + 2
    assert sum(one["count"] for one in found) == 3 * MOST_KINDS
    assert found[-1]["caller"] == "others"


def test_what_was_counted_is_written_when_its_window_ends() -> None:
    journal = MemoryJournal()
    audit = Audit(journal, lambda: NOW, window_seconds=0.01)
    for _ in range(3):
        audit.note(call(Scope.EVENTS))
    while sum(one["count"] for one in told(journal)) < 3:
        pass
    assert told(journal)[0]["count"] == 1


def test_old_entries_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    assert KEPT_ENTRIES == 100_000
    monkeypatch.setattr(audits, "KEPT_ENTRIES", 5)
    journal = MemoryJournal()
    audit = audit_of(journal)
    for number in range(12):
        audit.keep(AuditedCall.begun(call(Scope.WRITE, number=number)))
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
    audit.note(call(Scope.READ, 403))
    audit.flush()
    assert troubles == ["StoreBusyError"]


class FillingJournal(MemoryJournal):
    """A journal to which so much can be written."""

    left = 0

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        if not self.left:
            raise StoreBusyError("estate.db")
        self.left -= 1
        return super().commit(writes)


def test_a_write_whose_audit_cannot_be_kept_is_not_begun() -> None:
    journal, troubles = FillingJournal(), list[str]()
    with hooks(journal, Policy(on_trouble=troubles.append)) as client:
        refused = client.post("/v1/webhooks", json=HOOK)
        problem_of(refused, 503, "store-unusable")
        assert refused.headers["retry-after"] == "5"
    assert journal.documents("webhooks") == ()
    assert troubles == ["StoreBusyError"]


def test_a_write_that_was_done_is_answered_though_its_end_cannot_be_kept() -> None:
    journal, troubles = FillingJournal(), list[str]()
    with hooks(journal, Policy(on_trouble=troubles.append)) as client:
        journal.left = 2  # that it begins, and the webhook
        assert client.post("/v1/webhooks", json=HOOK).status_code == 201
    assert [one["outcome"] for one in told(journal)] == ["begun"]
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
