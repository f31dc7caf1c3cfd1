"""Tools for assistants: a real client over HTTP, under the same keys, tags and limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from httpx2 import AsyncClient
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from api.servers import NOW, BrokenSource, ReadyGraph, estate_of, serving_app
from api.test_api import problem_of
from api.test_keys import PEPPER, key_of
from api.test_tenants import _ACME, _BOLT, _WHOLE, ACME, BOLT, HIDDEN, WHOLE, estate
from graph_building import graph_of
from ripplegraph.api.app import create_app
from ripplegraph.api.callers import Scope
from ripplegraph.api.keys import KeyRing
from ripplegraph.api.mcp_tools import MOST_ROWS, McpMount
from ripplegraph.api.policy import Policy
from ripplegraph.api.rates import Limits, Rate
from ripplegraph.errors import StoreUnavailableError

SENDER, _SENDER = key_of(9, Scope.EVENTS)
RING = KeyRing([_ACME, _BOLT, _WHOLE, _SENDER], PEPPER)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    app = create_app(
        estate=estate_of(ReadyGraph(estate())),
        clock=lambda: NOW,
        keys=RING,
        policy=Policy(mount=McpMount),
    )
    with serving_app(app) as client:
        yield client


def asked(client: httpx.Client, key: str, talk: Callable[[Client], Any]) -> Any:
    """Return what a conversation with the tools gives."""

    async def converse() -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with AsyncClient(headers=headers, trust_env=False, timeout=60) as http:
            transport = streamable_http_client(f"{client.base_url}/mcp", http_client=http)
            async with Client(transport, mode="legacy") as tools:
                return await talk(tools)

    return asyncio.run(converse())


def call(client: httpx.Client, key: str, tool: str, **arguments: Any) -> Any:
    return asked(client, key, lambda tools: tools.call_tool(tool, arguments))


def test_there_are_five_tools_and_each_only_reads(client: httpx.Client) -> None:
    found = asked(client, WHOLE, lambda tools: tools.list_tools()).tools
    assert sorted(one.name for one in found) == [
        "explain_availability",
        "find_ci",
        "impact_of",
        "sla_status",
        "what_if",
    ]
    assert all(one.annotations.read_only_hint for one in found)
    assert all(not one.annotations.destructive_hint for one in found)


def test_a_ci_is_found_and_its_impact_told(client: httpx.Client) -> None:
    found = call(client, WHOLE, "find_ci", search="san").structured_content
    assert [one["native_id"] for one in found["cis"]] == ["san"]
    answer = call(client, WHOLE, "impact_of", down=["san"]).structured_content
    assert [one["native_id"] for one in answer["impacted"]] == ["svcacme", "svcbolt"]
    assert answer["impacted"][0]["because"] == ["t:service:svcacme", "t:server:san"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_stream_is_opened_that_would_never_end(client: httpx.Client, method: str) -> None:
    headers = {"Authorization": f"Bearer {WHOLE}", "Accept": "text/event-stream"}
    refused = client.request(method, "/mcp", headers=headers)
    problem_of(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "POST"


def test_the_tools_answer_as_the_api_does(client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {WHOLE}"}

    def api(method: str, path: str, **more: Any) -> Any:
        return client.request(method, path, headers=headers, timeout=60, **more).json()

    moment = NOW.isoformat()
    tool = call(client, WHOLE, "sla_status", at=moment).structured_content
    assert tool == api("GET", "/v1/slas", params={"at": moment})
    tool = call(client, WHOLE, "explain_availability", service="svcacme").structured_content
    assert tool == api("GET", "/v1/services/svcacme/explain")
    question = {"own_availability": {"san": 0.5}, "services": ["svcacme"]}
    tool = call(client, WHOLE, "what_if", **question).structured_content
    assert tool == api("POST", "/v1/slas/what-if", json=question)
    tool = call(client, WHOLE, "impact_of", down=["san"], with_open_outages=True)
    body = {"down": ["san"], "with_open_outages": True}
    assert tool.structured_content == api("POST", "/v1/impact", json=body)


def test_who_is_limited_to_tags_hears_of_nothing_else(client: httpx.Client) -> None:
    told = [
        call(client, ACME, "find_ci", search=""),
        call(client, ACME, "impact_of", down=["san"], with_open_outages=True),
        call(client, ACME, "sla_status"),
        call(client, ACME, "explain_availability", service="svcacme"),
        call(client, ACME, "what_if", own_availability={"san": 0.5}),
    ]
    assert not any(one.is_error for one in told)
    text = " ".join(str(one.structured_content) for one in told)
    assert "svcacme" in text
    assert [name for name in HIDDEN if name in text] == []
    refused = call(client, ACME, "impact_of", down=["mailbolt"])
    assert refused.is_error
    assert refused.content[0].text.startswith("No such CI is in the graph.")
    assert "`ripplegraph" not in refused.content[0].text, "there is no command line"
    assert not call(client, BOLT, "impact_of", down=["mailbolt"]).is_error


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("impact_of", {"down": []}, "nothing is out"),
        ("impact_of", {"down": ["nothing"]}, "No such CI is in the graph"),
        ("impact_of", {"down": "san"}, "down"),
        ("impact_of", {"down": ["san"], "at": "soon"}, "at: "),
        ("impact_of", {"down": ["san"], "at": "2026-01-01"}, "at: "),
        ("what_if", {"own_availability": {"san": 1.5}}, "own_availability"),
        ("explain_availability", {"service": "x" * 1001}, "service"),
        ("find_ci", {}, "search"),
    ],
)
def test_a_wrong_question_is_told_so(
    client: httpx.Client, tool: str, arguments: dict[str, Any], words: str
) -> None:
    answer = call(client, WHOLE, tool, **arguments)
    assert answer.is_error
    assert words in answer.content[0].text


def test_the_tools_need_a_key_that_may_read(client: httpx.Client) -> None:
    question = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    problem_of(client.post("/mcp", json=question), 401, "key-needed")
    headers = {"Authorization": f"Bearer {SENDER}"}
    problem_of(client.post("/mcp", json=question, headers=headers), 403, "missing-scope")


def test_without_the_switch_there_are_no_tools() -> None:
    app = create_app(estate=estate_of(ReadyGraph(estate())), clock=lambda: NOW)
    with serving_app(app) as client:
        problem_of(client.post("/mcp", json={}), 404, "not-found")


def test_the_tools_count_towards_the_limits_of_their_caller() -> None:
    limits = Limits(of_callers=Rate(per_second=1e-6, burst=2))
    app = create_app(
        estate=estate_of(ReadyGraph(estate())),
        clock=lambda: NOW,
        keys=RING,
        policy=Policy(mount=McpMount, limits=limits),
    )
    with serving_app(app) as client:
        headers = {"Authorization": f"Bearer {WHOLE}"}
        codes = [client.post("/mcp", json={}, headers=headers).status_code for _ in range(3)]
    assert codes[2] == 429
    assert 429 not in codes[:2]


def test_long_lists_are_cut_and_say_so() -> None:
    names = " & ".join(f"h{number}" for number in range(MOST_ROWS + 50))
    services = "; ".join(f"svc{number} -> h0" for number in range(MOST_ROWS + 50))
    graph = graph_of(f"shop -> {names}; {services}")
    app = create_app(
        estate=estate_of(ReadyGraph(graph)), clock=lambda: NOW, policy=Policy(mount=McpMount)
    )
    with serving_app(app) as client:
        answer = call(client, "", "impact_of", down=["h0"]).structured_content
    assert len(answer["impacted"]) == MOST_ROWS
    assert answer["impacted_total"] == MOST_ROWS + 51


def test_a_store_that_fails_is_told_without_where_it_lies() -> None:
    source = BrokenSource(StoreUnavailableError("/srv/secret/estate.db", "it is gone"))
    app = create_app(estate=estate_of(source), clock=lambda: NOW, policy=Policy(mount=McpMount))
    with serving_app(app) as client:
        answer = call(client, "", "find_ci", search="db")
    assert answer.is_error
    assert "cannot be reached" in answer.content[0].text
    assert "secret" not in answer.content[0].text
