"""What who runs the server sees: request ids, logs, metrics, readiness."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.servers import NOW, BrokenSource, ReadyGraph, estate_of, serving, serving_app
from api.test_api import problem_of, served_graph
from api.test_keys import READER, RING, SENDER
from ripplegraph.api.app import create_app
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.logs import JsonHandler, json_logger, log_as_json, log_calls
from ripplegraph.api.policy import Policy
from ripplegraph.api.readings import readings_of
from ripplegraph.errors import StoreUnavailableError
from ripplegraph.graph.journal import PutDocument
from ripplegraph.store.memory_journal import MemoryJournal


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def client(lines: io.StringIO) -> Iterator[httpx.Client]:
    policy = Policy(watchers=(log_calls(json_logger(lines)),))
    with serving(ReadyGraph(served_graph()), RING, policy) as client:
        client.headers["Authorization"] = f"Bearer {READER}"
        yield client


def lines_of(lines: io.StringIO, *, calls: int) -> str:
    """Return the log once it has the lines of so many calls: each is written after its answer."""
    until = monotonic() + 30
    while lines.getvalue().count("\n") < calls and monotonic() < until:
        sleep(0.01)
    return lines.getvalue()


def test_a_sane_request_id_is_kept_and_any_other_replaced(client: httpx.Client) -> None:
    def answered(text: str | None) -> str:
        headers = {} if text is None else {"X-Request-ID": text}
        given: str = client.get("/v1/services", headers=headers).headers["x-request-id"]
        return given

    assert answered("trace-1.a_B") == "trace-1.a_B"
    for other in ("", "a b", "x" * 65, "a\tb", "<script>", None):
        made = answered(other)
        assert made != other
        assert len(made) == 32
    assert answered(None) != answered(None)


@pytest.mark.parametrize("path", ["/v1/services", "/no", "/v1/cis/none", "/livez", "/v1/audit"])
def test_every_answer_carries_its_request_id(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"X-Request-ID": "mine"})
    assert answer.headers["x-request-id"] == "mine"


def test_an_answer_to_a_defect_carries_its_request_id() -> None:
    with serving(BrokenSource(ZeroDivisionError("secret"))) as client:
        answer = client.get("/v1/services", headers={"X-Request-ID": "mine"})
        problem_of(answer, 500, "failed")
        assert answer.headers["x-request-id"] == "mine"


def test_each_call_is_a_json_line_without_names_or_secrets(
    client: httpx.Client, lines: io.StringIO
) -> None:
    client.get("/v1/cis/hush\u2028", params={"at": "hush"}, headers={"X-Request-ID": "a"})
    client.post("/v1/impact", json={"down": ["hush"]}, headers={"X-Request-ID": "b"})
    client.get("/v1/services", headers={"Authorization": "Bearer rg_hush", "X-Request-ID": "c"})
    client.request("HUSH", "/v1/services", headers={"X-Request-ID": "d"})
    text = lines_of(lines, calls=4)
    told = {one["request_id"]: one for one in map(json.loads, text.splitlines())}
    assert told["a"]["route"] == "/v1/cis/{ci:path}"
    assert (told["a"]["status"], told["a"]["caller"]) == (422, "key:000000000001")
    assert (told["b"]["method"], told["b"]["status"]) == ("POST", 404)
    assert (told["c"]["status"], told["c"]["refusal"]) == (401, "key-needed")
    assert told["d"]["method"] == "OTHER"
    assert told["a"]["timestamp"].endswith("Z")
    assert told["a"]["ms"] >= 0
    assert "hush" not in text.casefold()


def test_messages_of_libraries_become_json_lines_without_the_text_of_errors(
    lines: io.StringIO,
) -> None:
    logger = logging.Logger("uvicorn.error")
    logger.addHandler(JsonHandler(json_logger(lines)))
    logger.warning("one is %s", "hush")
    logger.error({"hush": 1})
    try:
        int("hush")
    except ValueError:
        logger.exception("Exception in ASGI application\nhush")
    first, second, third = map(json.loads, lines.getvalue().splitlines())
    assert (first["event"], first["level"], first["logger"]) == (
        "one is %s",
        "warning",
        "uvicorn.error",
    )
    assert second["event"] == ""
    assert (third["event"], third["error"]) == ("Exception in ASGI application", "ValueError")
    assert third["places"][0].endswith(
        "test_messages_of_libraries_become_json_lines_without_the_text_of_errors"
    )
    assert "hush" not in lines.getvalue()


def test_a_defect_is_logged_as_an_error(lines: io.StringIO) -> None:
    policy = Policy(watchers=(log_calls(json_logger(lines)),))
    with serving(BrokenSource(ZeroDivisionError("hush")), None, policy) as client:
        client.get("/v1/services")
    told = json.loads(lines.getvalue())
    assert (told["level"], told["status"]) == ("error", 500)


def test_all_logging_becomes_json_once_it_is_switched_on(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    log_as_json(lines)
    logging.getLogger("some.library").warning("careful")
    assert json.loads(lines.getvalue())["event"] == "careful"


def metrics_of(client: httpx.Client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *(text for _, text in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_metrics_count_calls_by_route_and_tell_of_the_estate(client: httpx.Client) -> None:
    for name in ("web", "db", "none"):
        client.get(f"/v1/cis/{name}")
    client.get("/v1/services", headers={"Authorization": f"Bearer {SENDER}"})
    found = metrics_of(client)
    route = "/v1/cis/{ci:path}"
    assert found["ripplegraph_calls_total", "GET", route, "200"] == 2
    assert found["ripplegraph_calls_total", "GET", route, "404"] == 1
    assert found["ripplegraph_call_seconds_count", route] == 3
    assert found["ripplegraph_refused_calls_total", "missing-scope"] == 1
    assert found["ripplegraph_cis",] == 9
    assert found["ripplegraph_store_ok",] == 1
    assert found["ripplegraph_documents", "live-outages"] == 0
    assert "web" not in client.get("/metrics").text


def test_metrics_need_a_key_and_are_separate_for_each_server(client: httpx.Client) -> None:
    client.headers.pop("Authorization")
    problem_of(client.get("/metrics"), 401, "key-needed")
    with serving(ReadyGraph(served_graph())) as other:
        assert ("ripplegraph_calls_total", "GET", "/metrics", "401") not in metrics_of(other)


def test_metrics_tell_of_a_store_that_cannot_be_read() -> None:
    error = StoreUnavailableError("estate.db", "is gone")
    with serving(BrokenSource(error)) as client:
        found = metrics_of(client)
    assert found["ripplegraph_store_ok",] == 0
    assert ("ripplegraph_cis",) not in found


def test_jobs_and_documents_of_the_journal_are_counted() -> None:
    journal = MemoryJournal()
    states = {"1": "done", "2": "running", "3": "done"}
    journal.commit(
        [
            PutDocument(collection="jobs", key=key, payload=json.dumps({"state": state}))
            for key, state in states.items()
        ]
        + [
            PutDocument(collection="outbox", key=str(number), payload="{}")
            for number in range(600)
        ]
    )
    served = ServedEstate(source=ReadyGraph(served_graph()), journal=journal)
    found: dict[str, Any] = {name: values for name, _, values in readings_of(served)}
    assert found["ripplegraph_jobs"] == {(("state", "done"),): 2, (("state", "running"),): 1}
    assert found["ripplegraph_documents"][("collection", "outbox"),] == 600


def test_what_was_counted_is_kept_when_the_server_stops() -> None:
    served = estate_of(ReadyGraph(served_graph()))
    app = create_app(estate=served, clock=lambda: NOW, keys=RING)
    with serving_app(app) as client:
        for _ in range(3):
            problem_of(client.get("/v1/services"), 401, "key-needed")
        assert served.journal.last_number("calls") <= 1  # the first of them
    assert served.journal.last_number("calls") == 2
