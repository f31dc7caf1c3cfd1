"""What would differ, over HTTP: nothing is stored, and differences are those of two questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.servers import NOW, ReadyGraph, serving
from api.test_api import problem_of
from api.test_questions import asked_graph
from ripplegraph import load

AT = "2026-11-20T09:00:00Z"


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(load("examples/acme"))) as client:
        client.timeout = httpx.Timeout(60)
        yield client


def asked(client: httpx.Client, **said: Any) -> Any:
    answer = client.post("/v1/what-if", json={"services": ["Finance"], "at": AT, **said})
    assert answer.status_code == 200, answer.text
    return answer.json()


def single_point(client: httpx.Client) -> str:
    """Return a CI that alone brings Finance down, by its cut sets."""
    found = client.get("/v1/services/Finance/cutsets", params={"max_order": 1, "at": AT}).json()
    return str(found["cut_sets"][0]["cis"][0])


def test_a_twin_of_a_single_point_keeps_the_service_up_and_is_better(client: httpx.Client) -> None:
    ci = single_point(client)
    found = asked(client, twins={ci: 1}, down=[ci])
    finance = next(one for one in found["statuses"] if one["name"] == "Finance")
    assert (finance["before"], finance["unchanged"]) == ("up", "down")
    assert finance["after"] != "down"
    (changed,) = found["services"]
    assert changed["after"]["upper"] < changed["before"]["upper"]


def test_another_availability_is_that_of_the_question_on_slas(client: httpx.Client) -> None:
    ci = single_point(client)
    found = asked(client, own_availability={ci: 0.5})
    assert found["services"][0]["after"]["availability"] < 0.51
    body = {"services": ["Finance"], "own_availability": {ci: 0.5}}
    same = client.post("/v1/slas/what-if", params={"at": AT}, json=body).json()
    was = client.get("/v1/slas", params={"service": "Finance", "at": AT}).json()
    changed = [
        a["agreement"]
        for a, b in zip(was["slas"], same["slas"], strict=True)
        if a["verdict"] != b["verdict"]
    ]
    assert [one["agreement_id"] for one in found["slas"]] == changed


def test_another_target_changes_the_verdict_and_nothing_is_stored(client: httpx.Client) -> None:
    sla = client.get("/v1/slas", params={"service": "Finance", "at": AT}).json()["slas"][0]
    name = sla["agreement"]
    found = asked(client, targets={name: "0.1"})
    assert found["services"] == []
    (verdict,) = found["slas"]
    assert (verdict["target_after"], verdict["verdict_after"]) == (0.1, "met")
    assert verdict["target_before"] > 0.9
    again = client.get("/v1/slas", params={"service": "Finance", "at": AT}).json()["slas"][0]
    assert again == sla


@pytest.mark.parametrize(
    "said",
    [
        {"twins": {"db": 1}},
        {"own_availability": {"h1": 0.5}},
        {"targets": {"SLA-1": "0.9999"}},
        {"remove_relations": [{"dependent": "svc2", "dependency": "db"}]},
        {"add_relations": [{"dependent": "web", "dependency": "db"}]},
        {"down": ["db"]},
    ],
)
def test_all_that_can_differ_is_compared_where_no_service_is_named(said: Any) -> None:
    with serving(ReadyGraph(asked_graph())) as client:
        body = {"at": NOW.isoformat(), **said}
        unnamed = client.post("/v1/what-if", json=body)
        named = client.post("/v1/what-if", json={"services": ["shop", "svc2"], **body})
    assert unnamed.status_code == 200, unnamed.text
    assert unnamed.json() == named.json()


@pytest.mark.parametrize(
    "said",
    [{}, {"twins": {"a": 0}}, {"own_availability": {"a": 1.5}}, {"targets": {"a": "NaN"}}],
)
def test_a_supposition_that_is_none_is_refused(client: httpx.Client, said: Any) -> None:
    problem_of(client.post("/v1/what-if", json=said), 422, "invalid-request")


def test_what_is_not_there_is_a_problem(client: httpx.Client) -> None:
    for said, code, status in (
        ({"twins": {"nobody": 1}}, "unknown-ci", 404),
        ({"targets": {"nothing": "0.9"}}, "unknown-agreement", 404),
        (
            {"remove_relations": [{"dependent": "Finance", "dependency": "Finance"}]},
            "invalid-scenario",
            422,
        ),
    ):
        problem_of(client.post("/v1/what-if", json=said), status, code)
