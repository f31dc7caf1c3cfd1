"""Writes that are sent twice, and bodies that other readers would read otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.servers import NOW, ReadyGraph, estate_of, serving, serving_estate
from api.test_api import problem_of, served_graph
from api.test_jobs import HeldWork, sent
from api.test_keys import ADMIN, READER, RING
from api.test_revisions import stored_estate
from ripplegraph.api.bodies import DEEPEST, fault_of
from ripplegraph.api.jobs.documents import JobBook
from ripplegraph.api.repeats import ANSWERS, KEPT
from ripplegraph.errors import StoreBusyError
from ripplegraph.graph.journal import JournalWrite, PutDocument
from ripplegraph.store.memory_journal import MemoryJournal
from ripplegraph.wiring.serving import edges_of

JSON = {"Content-Type": "application/json"}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def asked(client: httpx.Client, key: str, question: str = "slas") -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return client.post("/v1/jobs", json={"question": question}, headers=headers)


def test_a_write_that_is_sent_twice_is_done_once(tmp_path: Path) -> None:
    estate, clock = stored_estate(tmp_path), Clock()
    edges = replace(edges_of(None), runner=HeldWork())
    with serving_estate(estate, edges=edges, clock=clock) as client:
        first, again = asked(client, "k1"), asked(client, "k1")
        assert (first.status_code, again.status_code) == (202, 202)
        assert again.content == first.content
        assert again.headers["location"] == first.headers["location"]
        assert (first.headers.get("idempotent-replay"), again.headers["idempotent-replay"]) == (
            None,
            "true",
        )
        problem_of(asked(client, "k1", "forecast"), 422, "idempotency-key-reused")
        assert asked(client, "k2").headers["location"] != first.headers["location"]
        clock.now = NOW + KEPT
        assert asked(client, "k1", "forecast").status_code == 202
        assert len(list(JobBook(estate.journal).jobs())) == 3
        assert len(estate.journal.documents(ANSWERS)) == 1  # the old ones were swept


def test_an_import_that_is_sent_twice_is_done_once(tmp_path: Path) -> None:
    edges = replace(edges_of(None), runner=HeldWork())
    with serving_estate(stored_estate(tmp_path), edges=edges) as client:
        client.headers["Idempotency-Key"] = "import-1"
        first, again = sent(client, "a" * 300_000), sent(client, "a" * 300_000)
        assert (first.status_code, again.content) == (202, first.content)
        problem_of(sent(client, "b" * 300_000), 422, "idempotency-key-reused")
        problem_of(sent(client, "a" * 300_000, reason="x"), 422, "idempotency-key-reused")


def test_a_write_that_was_refused_may_be_tried_again(tmp_path: Path) -> None:
    edges = replace(edges_of(None), runner=HeldWork())
    with serving_estate(stored_estate(tmp_path), edges=edges) as client:
        problem_of(asked(client, "k", "nonsense"), 422, "invalid-request")
        assert asked(client, "k").status_code == 202


def test_the_keys_of_two_callers_are_told_apart(tmp_path: Path) -> None:
    edges = replace(edges_of(None), runner=HeldWork())
    with serving_estate(stored_estate(tmp_path), RING, edges=edges) as client:
        places = set()
        for key in (READER, ADMIN):
            client.headers["Authorization"] = f"Bearer {key}"
            places.add(asked(client, "k").headers["location"])
        assert len(places) == 2


def test_a_request_in_progress_is_not_done_twice(tmp_path: Path) -> None:
    estate, clock = stored_estate(tmp_path), Clock()
    edges = replace(edges_of(None), runner=HeldWork())
    with serving_estate(estate, edges=edges, clock=clock) as client:
        asked(client, "k")
        (kept,) = estate.journal.documents(ANSWERS)
        begun = '{"at": "2026-09-15T12:00:00Z"}'
        estate.journal.commit([PutDocument(collection=ANSWERS, key=kept.key, payload=begun)])
        answer = asked(client, "k")
        problem_of(answer, 409, "request-in-progress")
        assert answer.headers["retry-after"] == "1"
        clock.now = NOW + timedelta(minutes=16)
        assert asked(client, "k").status_code == 202


@pytest.mark.parametrize("is_alone", [True, False])
def test_what_a_process_was_answering_that_was_killed_may_be_tried_again_at_once(
    tmp_path: Path, *, is_alone: bool
) -> None:
    estate, clock = stored_estate(tmp_path), Clock()
    edges = replace(edges_of(None), runner=HeldWork(), is_alone=is_alone)
    with serving_estate(estate, edges=edges, clock=clock) as client:
        assert asked(client, "k").status_code == 202
    (kept,) = estate.journal.documents(ANSWERS)
    begun = json.dumps({"at": NOW.isoformat()})  # as if it had been killed before its answer
    estate.journal.commit([PutDocument(collection=ANSWERS, key=kept.key, payload=begun)])
    clock.now = NOW + timedelta(seconds=5)
    edges = replace(edges_of(None), runner=HeldWork(), is_alone=is_alone)
    with serving_estate(estate, edges=edges, clock=clock) as client:
        if is_alone:
            assert asked(client, "k").status_code == 202
        else:  # another process may be at it
            problem_of(asked(client, "k"), 409, "request-in-progress")


def test_a_wrong_key_is_refused_and_questions_need_none(tmp_path: Path) -> None:
    estate = estate_of(ReadyGraph(served_graph()))
    with serving_estate(estate, edges=edges_of(None)) as client:
        problem_of(asked(client, "two words"), 400, "bad-idempotency-key")
        problem_of(asked(client, "x" * 201), 400, "bad-idempotency-key")
        headers = {"Idempotency-Key": "k"}
        for down in ("h1", "h2"):
            answer = client.post("/v1/impact", json={"down": [down]}, headers=headers)
            assert answer.status_code == 200
        assert estate.journal.documents(ANSWERS) == ()


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(served_graph())) as client:
        yield client


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"down": ["h1"], "down": []}', "same key twice"),
        ('{"down": ["h1"], "x": {"a": 1, "a": 1}}', "same key twice"),
        ('{"down": [NaN]}', "NaN"),
        ('{"down": [-Infinity]}', "NaN"),
        ('{"down": ["\\ud800"]}', "half of a character"),
        ('{"down": ' + "[" * DEEPEST + "]" * DEEPEST + "}", "deeper"),
        ("[" * 400_000, "deeper"),
        (b'{"down": ["\xff"]}', "UTF-8"),
        ('{"down": [' + "9" * 5000 + "]}", "digit"),
        ('["\u2200",' + "[" * 100_000 + "]" * 100_000 + ',"\u2200"]', "deeper"),
        (('["\u2200",' + "[" * 5000 + "]" * 5000 + ',"\u2200"]').encode("utf-16-le"), "UTF-8"),
    ],
)
def test_a_body_that_others_would_read_otherwise_is_refused(
    client: httpx.Client, body: str | bytes, words: str
) -> None:
    detail = problem_of(client.post("/v1/impact", content=body, headers=JSON), 400, "bad-json")
    assert words in str(detail["detail"])


def test_brackets_within_texts_are_not_counted(client: httpx.Client) -> None:
    body = '{"down": ["h1"], "maintenance": ["' + "[{" * 200 + '\\""]}'
    problem_of(client.post("/v1/impact", content=body, headers=JSON), 404, "unknown-ci")


@pytest.mark.parametrize("end", ["", "\\"])
def test_a_text_that_never_ends_is_looked_at_once(end: str) -> None:
    assert fault_of(('["' + '\\"' * 490_000 + end).encode()) == ""  # else this takes hours


class FailingJournal(MemoryJournal):
    """A journal that can be written so many times yet."""

    commits_left = 10**6

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        self.commits_left -= 1
        if self.commits_left < 0:
            raise StoreBusyError("estate.db")
        return super().commit(writes)


def test_a_journal_that_cannot_be_written_is_told_and_it_may_be_tried_again(
    tmp_path: Path,
) -> None:
    journal = FailingJournal()
    estate = replace(stored_estate(tmp_path), journal=journal)
    edges = replace(edges_of(None), runner=HeldWork())
    with serving_estate(estate, edges=edges) as client:
        journal.commits_left = 0
        problem_of(asked(client, "k1"), 503, "store-unusable")
        journal.commits_left = 1_000
        assert asked(client, "k1").status_code == 202


def test_the_answer_on_thousands_of_events_is_kept() -> None:
    estate = estate_of(ReadyGraph(served_graph()))
    alerts = [
        {"fingerprint": f"f{number}", "startsAt": "2026-09-15T08:00:00Z", "status": "odd"}
        for number in range(5_000)
    ]
    with serving_estate(estate) as client:
        headers = {"Idempotency-Key": "k"}
        for replayed in (None, "true"):
            body = {"alerts": alerts}
            answer = client.post("/v1/events/alertmanager", json=body, headers=headers)
            assert (answer.status_code, len(answer.json()["events"])) == (200, 5_000)
            assert answer.headers.get("idempotent-replay") == replayed
