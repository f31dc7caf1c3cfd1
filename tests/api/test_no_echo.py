"""No problem repeats what was sent, wherever it stood: it tells the place instead."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from shutil import rmtree
from typing import Any

import httpx
import pytest

from api.servers import NOW, serving_app
from api.test_keys import PEPPER, key_of
from api.test_revisions import stored_estate
from api.test_tenants import whole_app
from ripplegraph.api.app import create_app
from ripplegraph.api.callers import Scope
from ripplegraph.api.calls import REQUEST_ID
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.keys import KeyRing
from ripplegraph.api.mcp_tools import McpMount
from ripplegraph.api.policy import Policy
from ripplegraph.wiring.serving import edges_of

MARK = "qzmarkzq"
NUMBER = "918273645"
MARKS = (MARK, NUMBER)
ADMIN, _ADMIN = key_of(1, Scope.ADMIN)
TENANT, _TENANT = key_of(2, *Scope)
_TENANT = _TENANT.model_copy(update={"tags": ("customer:none",)})
DESCRIPTION = whole_app().openapi()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, item in DESCRIPTION["paths"].items()
    for method, operation in item.items()
]
OTHERS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/no/{name}", {"parameters": [{"name": "name", "in": "path"}]}),
    ("BREW", "/v1/services", {}),
    ("POST", "/mcp", {"requestBody": {}}),
]
OPEN = ("/livez", "/readyz", "/")
HEADERS: tuple[dict[str, str], ...] = (
    {"Authorization": f"Bearer {MARK}"},
    {"Idempotency-Key": f"{MARK} {NUMBER}"},
    {"Origin": f"https://{MARK}.example"},
    {"If-Match": f'"{NUMBER}"', "If-None-Match": MARK, "Last-Event-ID": MARK, "Range": MARK},
    {"ce-specversion": "1.0", "ce-id": MARK, "ce-source": MARK, "ce-type": MARK},
)
OF_SOURCES: dict[str, Any] = {
    name: {} for name in ("events", "records", "alerts", "payload", "event_action", "method")
}
"""Members of the bodies of event sources, which the description leaves open."""

ALONE: tuple[Any, ...] = (
    {"down": ["db"], "maintenance": ["web", "db"], "degraded": [MARK]},
    {"down": ["db"], "service": MARK},
    {"down": ["db"], "services": ["shop", MARK]},
    {"question": "forecast", "asked": {"services": [MARK], MARK: 1}},
    {"question": "availability", "asked": {"service": ["db", {MARK: MARK}]}},
    *(
        {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        for method, params in (
            (MARK, {}),
            ("tools/call", {"name": MARK}),
            ("tools/call", {"name": "impact_of", "arguments": {"down": MARK, MARK: MARK}}),
            ("tools/call", {"name": "impact_of", "arguments": {"down": ["db", MARK]}}),
            ("tools/call", {"name": "what_if", "arguments": {"own_availability": {MARK: MARK}}}),
            ("tools/call", {"name": "what_if", "arguments": {"own_availability": {MARK: 2}}}),
            ("prompts/get", {"name": MARK}),
            ("resources/read", {"uri": f"file:///{MARK}"}),
        )
    ),
)
Asked = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    edges = edges_of(None)
    app = create_app(
        estate=stored_estate(tmp_path_factory.mktemp("store")),
        clock=lambda: NOW,
        keys=KeyRing([_ADMIN, _TENANT], PEPPER),
        edges=edges,
        events=EventOptions(),
        policy=Policy(mount=McpMount),
    )
    with serving_app(app) as client:
        yield client
    rmtree(edges.spool, ignore_errors=True)


def parameters(operation: dict[str, Any], place: str) -> list[str]:
    return [one["name"] for one in operation.get("parameters", []) if one["in"] == place]


def in_addresses(path: str, operation: dict[str, Any]) -> Iterator[Asked]:
    """Yield the path and each parameter of it with a mark, and one that nobody knows."""
    for mark in MARKS:
        marked = path
        for name in parameters(operation, "path"):
            marked = marked.replace(f"{{{name}}}", mark)
        yield marked, {}
    plain = path.replace("{service}", "shop").replace("{ci}", "db").replace("{name}", "x")
    for name in parameters(operation, "path"):
        plain = plain.replace(f"{{{name}}}", "x")
    yield plain, {"params": {MARK: "1"}}
    for name in parameters(operation, "query"):
        for value in (MARK, NUMBER, ["db", MARK], f"db={MARK}", f"{MARK}=0.5", f"{MARK}=0.5..0.9"):
            yield plain, {"params": {name: value}}
    yield from ((plain, {"headers": headers}) for headers in HEADERS)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def members(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resolved(schema).get("properties", {})
    return found


def least(schema: dict[str, Any]) -> Any:
    """Return about the least that fits a schema."""
    schema = resolved(schema)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return least(schema[several][0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {one: least(members(schema)[one]) for one in schema.get("required", [])}
    if schema.get("type") == "array":
        return [least(schema["items"])] if "items" in schema else []
    simple = {"integer": 1, "number": 1, "boolean": True}
    text = NOW.isoformat() if schema.get("format") == "date-time" else "db"
    return simple.get(schema.get("type", ""), text)


def bodies(operation: dict[str, Any]) -> Iterator[Any]:
    """Yield bodies with a mark in each member, as text, in lists and as a name."""
    schema = operation["requestBody"].get("content", {}).get("application/json", {})
    whole = least(schema.get("schema", {"type": "object"}))
    whole = whole if isinstance(whole, dict) else {}
    named = {**members(schema.get("schema", {})), **OF_SOURCES}
    yield from (MARK, [MARK], {**whole, MARK: MARK})
    for name, member in named.items():
        inner = members(resolved(member).get("items", {}))
        yield from ({**whole, name: value} for value in (MARK, int(NUMBER), ["db", MARK]))
        yield from ({**whole, name: {MARK: value}} for value in (MARK, 0.5, 1))
        yield from ({**whole, name: [{**least(member)[0], one: MARK}]} for one in inner)
        yield {**whole, name: [{MARK: MARK}]}
    yield from ALONE


def in_bodies(path: str, operation: dict[str, Any]) -> Iterator[Asked]:
    if "requestBody" not in operation:
        return
    address = path
    for name in parameters(operation, "path"):
        address = address.replace(f"{{{name}}}", MARK)
    if path != "/v1/imports":  # which takes files, as a job each
        headers = {"If-Match": "*", "Accept": "application/json, text/event-stream"}
        yield from ((address, {"json": one, "headers": headers}) for one in bodies(operation))
    for text in (f'{{"{MARK}": NaN}}', f'{{"{MARK}": ', f'{{"{MARK}": 1, "{MARK}": 2}}', MARK):
        for kind in ("application/json", "application/cloudevents+json", f"text/{MARK}"):
            yield address, {"content": text, "headers": {"Content-Type": kind}}


def is_problem(answer: httpx.Response) -> bool:
    return answer.status_code >= 400


def told_in(answer: httpx.Response) -> str:
    """Return all that a problem tells but the id of the request, which callers choose."""
    headers = "".join(f"{k}: {v}" for k, v in answer.headers.items() if k != REQUEST_ID.lower())
    return (headers + answer.text).casefold()


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [*OPERATIONS, *OTHERS],
    ids=[f"{method} {path}" for method, path, _ in [*OPERATIONS, *OTHERS]],
)
def test_no_problem_repeats_what_was_sent(
    client: httpx.Client, method: str, path: str, operation: dict[str, Any]
) -> None:
    problems = 0
    for address, more in chain(in_addresses(path, operation), in_bodies(path, operation)):
        headers = {"Authorization": f"Bearer {ADMIN}", **more.get("headers", {})}
        with client.stream(method, address, **{**more, "headers": headers}) as answer:
            if not is_problem(answer) and path != "/mcp":
                continue  # a stream that was opened does not end by itself
            answer.read()
        problems += 1
        assert [mark for mark in MARKS if mark in told_in(answer)] == [], (address, more)
        if is_problem(answer):
            assert answer.headers["content-type"] == "application/problem+json", (address, more)
    assert problems or path in OPEN, "no problem was seen"


def places(answer: httpx.Response) -> list[str]:
    return [one["where"] for one in answer.json()["errors"]]


def asked(client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    return client.request(method, path, headers={"Authorization": f"Bearer {ADMIN}"}, **more)


@pytest.mark.parametrize(
    ("method", "path", "more", "where"),
    [
        ("GET", "/v1/cis/no", {}, ["path/ci"]),
        ("GET", "/v1/neighbourhood", {"params": {"ci": "no"}}, ["query/ci"]),
        ("GET", "/v1/availability", {"params": {"service": ["shop", "no"]}}, ["query/service/1"]),
        ("GET", "/v1/availability", {"params": {"own_availability": "no=0.9"}}, ["query/own_"]),
        ("POST", "/v1/impact", {"json": {"down": ["db", "no"]}}, ["body/down/1"]),
        ("POST", "/v1/impact", {"json": {"down": ["no", "db", "no"]}}, ["body/down/0", "/2"]),
        ("POST", "/v1/what-if", {"json": {"twins": {"web": 1, "no": 1}}}, ["body/twins/{1}"]),
        ("POST", "/v1/what-if", {"json": {"targets": {"no": 0.9}}}, ["body/targets/{0}"]),
        (
            "POST",
            "/v1/impact",
            {"json": {"down": ["web", "db"], "degraded": ["db"]}},
            ["body/down/1", "body/degraded/0"],
        ),
    ],
)
def test_what_is_not_there_is_told_by_its_place(
    client: httpx.Client, method: str, path: str, more: dict[str, Any], where: list[str]
) -> None:
    answer = asked(client, method, path, **more)
    assert answer.status_code in {404, 422}
    assert all(one in told for one, told in zip(where, places(answer), strict=True))
    assert '"no"' not in answer.text


def test_what_the_estate_holds_beside_is_told(client: httpx.Client) -> None:
    body = asked(client, "GET", "/v1/cis/shap").json()
    assert (body["suggestions"], "shap" in str(body)) == (["shop"], False)


def test_a_member_that_nobody_knows_is_told_by_its_position(client: httpx.Client) -> None:
    answer = asked(client, "POST", "/v1/impact", json={"down": ["db"], "up": 1})
    assert places(answer) == ["body/{1}"]
    answer = asked(client, "POST", "/v1/what-if", json={"own_availability": {"db": 1, "web": 2}})
    assert places(answer) == ["body/own_availability/{1}"]
