"""Outages that come in over real HTTP: opened, closed, corrected, and in every answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.servers import ReadyGraph, estate_of, serving_estate
from api.test_api import problem_of
from graph_building import graph_of
from ripplegraph.api.estates import ServedEstate

NINE, TEN, ELEVEN, NOON = (f"2026-09-15T{hour:02}:00:00Z" for hour in (9, 10, 11, 12))
"""The server's clock stands at noon."""


@pytest.fixture
def estate() -> ServedEstate:
    return estate_of(ReadyGraph(graph_of("shop -> web & db; web -> h1 | h2")))


@pytest.fixture
def client(estate: ServedEstate) -> Iterator[httpx.Client]:
    with serving_estate(estate) as client:
        yield client


@pytest.fixture(scope="module")
def idle() -> Iterator[tuple[ServedEstate, httpx.Client]]:
    estate = estate_of(ReadyGraph(graph_of("shop -> web & db; web -> h1 | h2")))
    with serving_estate(estate) as client:
        yield estate, client


@pytest.fixture(scope="module")
def busy() -> Iterator[httpx.Client]:
    with serving_estate(estate_of(ReadyGraph(graph_of("shop -> db")))) as client:
        yield client


def fed(estate: ServedEstate) -> list[str]:
    entries = [json.loads(one.payload) for one in estate.journal.entries("feed")]
    return [one["type"] for one in entries if one["type"].startswith(("outage", "event"))]


def spans(outage: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["start"], one["end"]) for one in outage["episodes"]]


def opened(client: httpx.Client, **more: object) -> httpx.Response:
    body = {"external_id": "4711", "source": "nagios", "ci": "db", "start": TEN, **more}
    return client.post("/v1/outages", json=body)


def closed(client: httpx.Client, end: str | None = ELEVEN) -> httpx.Response:
    return client.post("/v1/outages/nagios/4711/close", json={"end": end} if end else None)


def test_an_outage_that_is_opened_brings_its_services_down(client: httpx.Client) -> None:
    answer = opened(client)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/outages/nagios/4711"
    body = answer.json()
    assert (body["schema"], body["state"]) == ("ripplegraph/live-outage/1", "open")
    assert body["episodes"][0]["spans"][0]["ci_id"] == "t:server:db"
    impact = client.post("/v1/impact", json={"with_open_outages": True}).json()
    assert [one["ci_id"] for one in impact["impacted"]] == ["t:service:shop"]


def test_an_outage_sent_again_has_the_same_answer_and_no_second_entry(
    client: httpx.Client, estate: ServedEstate
) -> None:
    first, again = opened(client), opened(client)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert fed(estate) == ["outage.opened"]


def test_an_outage_without_a_start_begins_when_it_comes_and_not_again(
    client: httpx.Client, estate: ServedEstate
) -> None:
    opened(client, start=None)
    assert spans(opened(client, start=None).json()) == [(NOON, None)]
    assert fed(estate) == ["outage.opened"]


def test_an_outage_ends_at_the_moment_said_or_when_that_comes(
    client: httpx.Client, estate: ServedEstate
) -> None:
    opened(client)
    answer = closed(client)
    assert answer.status_code == 200
    assert spans(answer.json()) == [(TEN, ELEVEN)]
    assert closed(client).json() == answer.json()
    assert closed(client, None).json() == answer.json()
    assert fed(estate) == ["outage.opened", "outage.closed"]
    impact = client.post("/v1/impact", json={"with_open_outages": True, "down": ["h1"]}).json()
    assert impact["impacted"] == [] or all(one["status"] != "down" for one in impact["impacted"])


def test_an_end_that_comes_before_its_outage_waits_for_it(
    client: httpx.Client, estate: ServedEstate
) -> None:
    early = closed(client)
    assert (early.status_code, early.json()["state"]) == (202, "waiting")
    assert fed(estate) == []
    assert client.get("/v1/outages").json()["outages"] == []
    late = opened(client)
    assert (late.status_code, spans(late.json())) == (201, [(TEN, ELEVEN)])
    assert fed(estate) == ["outage.opened", "outage.closed"]


def test_planned_work_ahead_is_coming_then_open_then_closed(client: httpx.Client) -> None:
    later, latest = "2026-09-15T13:00:00Z", "2026-09-15T14:00:00Z"
    ahead = opened(client, external_id="1", start=later, end=latest, kind="planned").json()
    held = opened(client, external_id="2", start=ELEVEN, end=later, kind="planned").json()
    past = opened(client, external_id="3", start=TEN, end=ELEVEN, kind="planned").json()
    assert [one["state"] for one in (ahead, held, past)] == ["coming", "open", "closed"]
    listed = client.get("/v1/outages", params={"open": True}).json()["outages"]
    assert [one["external_id"] for one in listed] == ["2"]


def test_an_outage_that_is_opened_again_is_a_new_episode(client: httpx.Client) -> None:
    opened(client, start=NINE)
    closed(client, TEN)
    assert spans(opened(client, start=ELEVEN).json()) == [(NINE, TEN), (ELEVEN, None)]
    report = client.get("/v1/outages/nagios/4711").json()
    assert report["state"] == "open"


def test_a_degradation_that_grows_into_an_outage_is_one_episode_of_two_spans(
    client: httpx.Client,
) -> None:
    opened(client, kind="degradation")
    (episode,) = opened(client, start=ELEVEN).json()["episodes"]
    kinds = [(one["start"], one["end"], one["kind"]) for one in episode["spans"]]
    assert kinds == [(TEN, ELEVEN, "degradation"), (ELEVEN, None, "unplanned")]


def test_a_correction_changes_what_it_names(client: httpx.Client, estate: ServedEstate) -> None:
    opened(client)
    closed(client)
    path = "/v1/outages/nagios/4711"
    said = {"start": NINE, "ci": "h1", "kind": "planned", "cause": "work", "version": 2}
    body = client.patch(path, json=said).json()
    (episode,) = body["episodes"]
    assert (episode["began"], episode["start"], episode["end"]) == (TEN, NINE, ELEVEN)
    (span,) = episode["spans"]
    assert (span["ci_id"], span["kind"], span["cause"]) == ("t:server:h1", "planned", "work")
    assert spans(opened(client).json()) == [(NINE, ELEVEN)], "the source says again what it said"
    assert fed(estate)[-1] == "outage.corrected"


def test_an_end_that_was_wrong_stays_wrong_when_it_is_sent_again(client: httpx.Client) -> None:
    opened(client)
    closed(client)
    path = "/v1/outages/nagios/4711"
    assert spans(client.patch(path, json={"end": None}).json()) == [(TEN, None)]
    assert spans(closed(client).json()) == [(TEN, None)]
    assert spans(closed(client, NOON).json()) == [(TEN, NOON)]
    earlier = "2026-09-15T10:30:00Z"
    assert spans(client.patch(path, json={"end": earlier}).json()) == [(TEN, earlier)]
    assert spans(closed(client, NOON).json()) == [(TEN, earlier)]


def test_a_correction_of_what_somebody_else_changed_is_refused(client: httpx.Client) -> None:
    opened(client)
    closed(client)
    path = "/v1/outages/nagios/4711"
    problem_of(client.patch(path, json={"cause": "x", "version": 1}), 409, "changed-meanwhile")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"end": NINE}, 422, "invalid-event"),
        ({"start": NOON}, 422, "invalid-event"),
        ({"began": NOON, "cause": "x"}, 422, "invalid-event"),
        ({"start": "1960-01-01T00:00:00Z"}, 422, "invalid-event"),
        ({"ci": "nowhere"}, 404, "unknown-ci"),
        ({"kind": "holiday"}, 422, "invalid-request"),
        ({"surprise": 1}, 422, "invalid-request"),
        ({"start": "2026-09-15T10:00:00"}, 422, "invalid-request"),
    ],
)
def test_a_wrong_correction_changes_nothing(
    busy: httpx.Client, said: dict[str, object], status: int, code: str
) -> None:
    client = busy
    opened(client)
    before = closed(client).json()
    problem_of(client.patch("/v1/outages/nagios/4711", json=said), status, code)
    assert client.get("/v1/outages/nagios/4711").json() == before


def test_a_method_that_an_address_has_not_is_told_those_that_it_has(
    busy: httpx.Client,
) -> None:
    for path, methods in (
        ("/v1/outages/nagios/1", "GET, HEAD, PATCH"),
        ("/v1/outages", "GET, HEAD, POST"),
        ("/v1/webhooks/00", "DELETE, GET, HEAD, PATCH"),
        ("/v1/services", "GET, HEAD"),
    ):
        answer = busy.put(path)
        problem_of(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == methods


def test_what_nobody_told_of_is_a_problem(client: httpx.Client) -> None:
    problem_of(client.get("/v1/outages/nagios/1"), 404, "unknown-item")
    problem_of(client.patch("/v1/outages/nagios/1", json={}), 404, "unknown-item")
    problem_of(client.post("/v1/outages/nagios/1/close"), 404, "unknown-item")


def test_an_outage_of_an_unknown_ci_is_kept_and_says_so(
    client: httpx.Client, estate: ServedEstate
) -> None:
    answer = opened(client, ci="dbb")
    body = answer.json()
    assert (answer.status_code, body["state"]) == (202, "unmatched")
    assert (body["reason"], body["candidates"]) == ("no CI is named 'dbb'", ["db"])
    assert opened(client, ci="dbb").json() == body
    assert fed(estate) == ["event.unmatched"]
    impact = client.post("/v1/impact", json={"with_open_outages": True, "down": ["h1"]}).json()
    assert all(one["status"] != "down" for one in impact["impacted"])


def test_outages_are_listed_by_page_and_by_what_is_open(client: httpx.Client) -> None:
    for number in range(5):
        opened(client, external_id=f"n{number}", end=ELEVEN if number % 2 else None)
    ids = [one["external_id"] for one in client.get("/v1/outages").json()["outages"]]
    assert ids == ["n0", "n1", "n2", "n3", "n4"]
    first = client.get("/v1/outages", params={"open": True, "limit": 2}).json()
    assert [one["external_id"] for one in first["outages"]] == ["n0", "n2"]
    query = {"open": True, "limit": 2, "after": first["after"]}
    second = client.get("/v1/outages", params=query).json()
    assert [one["external_id"] for one in second["outages"]] == ["n4"]
    assert second["after"] is None


@pytest.mark.parametrize("external_id", ["a/b", "cpu 100%", "ü/../x", "a/close", "%2F"])
def test_any_id_has_an_address_of_its_own(external_id: str, busy: httpx.Client) -> None:
    client = busy
    source = "https://probe.example/x"
    made = opened(client, external_id=external_id, source=source).json()
    found = client.get(made["url"]).json()
    assert found == made
    assert (found["source"], found["external_id"]) == (source, external_id)
    assert client.post(f"{made['url']}/close", json={"end": ELEVEN}).json()["state"] == "closed"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"external_id": "1", "ci": "db", "start": NaN}',
        b'{"external_id": "", "ci": "db"}',
        b'{"external_id": 1, "ci": "db"}',
        b'{"external_id": "1", "ci": "db", "start": "soon"}',
        b'{"external_id": "1", "ci": "db", "start": "2026-09-15T10:00:00Z", '
        b'"end": "2026-09-15T09:00:00Z"}',
        b'{"external_id": "1", "ci": "db", "start": "0001-01-01T00:00:00Z"}',
        b'{"external_id": "' + b"x" * 1001 + b'", "ci": "db"}',
        b'{"external_id": "1", "ci": "db", "kind": "sabotage"}',
    ],
)
def test_a_hostile_body_is_a_problem_and_leaves_nothing(
    idle: tuple[ServedEstate, httpx.Client], body: bytes
) -> None:
    estate, client = idle
    answer = client.post("/v1/outages", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert estate.journal.documents("live-outages") == ()
    assert estate.journal.last_number("feed") == 0
