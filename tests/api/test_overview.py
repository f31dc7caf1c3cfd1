"""The overview, incidents and who asks: what the live page asks first, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from api.servers import NOW, ReadyGraph, serving
from api.test_api import problem_of
from api.test_questions import asked_graph
from ripplegraph.api.routes.overview import KeptOverviews
from ripplegraph.graph.service_graph import ServiceGraph


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(asked_graph())) as client:
        yield client


def test_the_overview_tells_of_every_service_in_columns(client: httpx.Client) -> None:
    body = client.get("/v1/overview").json()
    services, slas = body["services"], body["slas"]
    assert services["name"] == ["shop", "svc2"]
    assert [len(one) for one in services.values()] == [2] * len(services)
    assert services["strip"] == ["0" * 27 + "300", "0" * 27 + "300"]
    assert (slas["row"], slas["agreement"], slas["target"]) == ([0], ["SLA-1"], [0.99])
    # September has 720 hours, 10 minutes are used
    assert slas["budget_seconds"] == [720 * 36]
    assert slas["budget_left_seconds"] == [720 * 36 - 600]
    elapsed = (NOW - NOW.replace(day=1, hour=0)).total_seconds()
    assert slas["measured"] == [pytest.approx(1 - 600 / elapsed)]
    assert (body["moment"], body["days"][-1]) == ("2026-09-15T12:00:00Z", "2026-09-15")


def test_the_overview_of_a_past_moment_shows_what_was_down_then(client: httpx.Client) -> None:
    then = NOW - timedelta(days=2) + timedelta(minutes=5)
    body = client.get("/v1/overview", params={"at": then.isoformat()}).json()["services"]
    assert body["status"] == [3, 3]
    assert body["root_causes"] == [["db"], ["db"]]
    assert body["since"] == ["2026-09-13T12:00:00Z"] * 2


def test_an_overview_that_did_not_change_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/v1/overview")
    again = client.get("/v1/overview", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "no-cache"


def test_overviews_are_encoded_once_and_forgotten_in_time() -> None:
    encoded: list[ServiceGraph] = []

    def encode(graph: ServiceGraph, _moment: object) -> bytes:
        encoded.append(graph)
        return str(len(encoded)).encode()

    kept = KeptOverviews(encode=encode)
    graph = asked_graph()
    assert kept.of(graph, NOW) is kept.of(graph, NOW)
    for hours in range(1, 6):
        kept.of(graph, NOW + timedelta(hours=hours))
    assert kept.of(graph, NOW).body == b"7"


def test_an_incident_tells_what_falls_and_when_slas_break(client: httpx.Client) -> None:
    body = client.post("/v1/incident", json={"down": ["db"]}).json()
    assert [one["native_id"] for one in body["impact"]["impacted"]] == ["shop", "svc2"]
    (sla,) = body["state"]["slas"]
    assert sla["seconds_to_breach"] == 720 * 36 - 600
    assert {one["name"] for one in body["cis"]} >= {"shop", "svc2", "db"}
    graph = asked_graph()
    scenario = body["impact"]["scenario"]
    assert scenario["down"] == [graph.ci_ids[graph.resolve("db")]]
    assert body["open_outages"] == []
    assert body["is_needed"] is True


def test_an_incident_holds_the_outages_that_are_open(client: httpx.Client) -> None:
    then = NOW - timedelta(days=2) + timedelta(minutes=5)
    body = client.post("/v1/incident", json={"at": then.isoformat()}).json()
    (opened,) = body["open_outages"]
    assert (opened["ci_id"], opened["start"]) == ("t:server:db", "2026-09-13T12:00:00Z")
    assert [one["ci_id"] for one in body["state"]["incidents"]] == ["t:server:db"]


def test_an_incident_of_unknown_cis_is_a_problem(client: httpx.Client) -> None:
    problem_of(client.post("/v1/incident", json={"down": ["nothing"]}), 404, "unknown-ci")


def test_who_asks_is_told(client: httpx.Client) -> None:
    body = client.get("/v1/me").json()
    assert body["name"] == "local"
    assert body["scopes"] == ["admin", "events", "read", "write"]
    assert body["tags"] is None
