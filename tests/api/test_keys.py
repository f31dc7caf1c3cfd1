"""Who may ask the API: keys, their scopes and dates, foreign pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from shutil import rmtree

import httpx
import pytest

from api.servers import NOW, ReadyGraph, estate_of, serving, serving_estate
from api.test_api import problem_of, served_graph
from ripplegraph.api.app import create_app
from ripplegraph.api.callers import CallerRefusal, Scope
from ripplegraph.api.keys import ApiKey, KeyRing, new_key
from ripplegraph.api.mcp_tools import McpMount
from ripplegraph.api.policy import Policy
from ripplegraph.api.scopes import RouteTable
from ripplegraph.wiring.serving import edges_of

PEPPER = b"p" * 32


def key_of(
    number: int, *scopes: Scope, days: int | None = None, is_enabled: bool = True
) -> tuple[str, ApiKey]:
    expires = None if days is None else NOW + timedelta(days=days)
    shown, kept = new_key(
        key_id=number.to_bytes(6, "big"),
        secret=bytes([number]) * 32,
        pepper=PEPPER,
        name=f"key {number}",
        scopes=scopes,
        expires=expires,
    )
    return shown, kept.model_copy(update={"is_enabled": is_enabled})


READER, _READER = key_of(1, Scope.READ)
ADMIN, _ADMIN = key_of(2, Scope.ADMIN)
SENDER, _SENDER = key_of(3, Scope.EVENTS)
LATE, _LATE = key_of(4, Scope.READ, days=0)
EARLY, _EARLY = key_of(5, Scope.READ, days=1)
TAKEN, _TAKEN = key_of(6, Scope.READ, is_enabled=False)
STRANGER, _ = key_of(7, Scope.READ)
RING = KeyRing([_READER, _ADMIN, _SENDER, _LATE, _EARLY, _TAKEN], PEPPER)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(served_graph()), RING) as client:
        yield client


def routes_that_need_a_key() -> list[tuple[str, str, Scope]]:
    """Return each route of the API as it can be asked, with the scope that it needs."""
    edges = edges_of(None)
    app = create_app(estate=estate_of(ReadyGraph(served_graph())), clock=lambda: NOW, edges=edges)
    rmtree(edges.spool, ignore_errors=True)
    table, found = RouteTable(app.routes), []
    for path, operations in app.openapi()["paths"].items():
        address = re.sub(r"{(service|ci)}", "shop", path)
        address = re.sub(r"{(\w+)}", "x", address)
        for method in operations:
            scope = table.route_of(address, method.upper()).need.scope
            if scope is not None:
                found.append((method.upper(), address, scope))
    beside = ("/openapi.json", "/no", "/mcp")
    return [*found, *(("GET", path, Scope.READ) for path in beside), ("POST", "/mcp", Scope.READ)]


ROUTES = routes_that_need_a_key()
ONLY = {scope: key_of(20 + number, scope) for number, scope in enumerate(Scope)}


def test_the_matrix_holds_every_scope() -> None:
    assert {scope for _, _, scope in ROUTES} == set(Scope)


@pytest.fixture(scope="module")
def matrix_client() -> Iterator[httpx.Client]:
    ring = KeyRing([_LATE, _TAKEN, *(kept for _, kept in ONLY.values())], PEPPER)
    edges = edges_of(None)
    served, policy = estate_of(ReadyGraph(served_graph())), Policy(mount=McpMount)
    with serving_estate(served, ring, edges=edges, policy=policy) as client:
        yield client
    rmtree(edges.spool, ignore_errors=True)


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
def test_every_route_refuses_who_has_no_valid_key_or_not_its_scope(
    matrix_client: httpx.Client, method: str, path: str, scope: Scope
) -> None:
    for authorization in (
        "",
        "Basic dTpw",
        f"Bearer {STRANGER}",
        f"Bearer {ONLY[Scope.ADMIN][0][:-1]}_",
        f"Bearer {LATE}",
        f"Bearer {TAKEN}",
    ):
        headers = {"Authorization": authorization} if authorization else {}
        answer = matrix_client.request(method, path, headers=headers)
        problem_of(answer, 401, "key-needed")
        assert "WWW-Authenticate" in answer.headers
    for other, (shown, _) in ONLY.items():
        if other not in {scope, Scope.ADMIN}:
            headers = {"Authorization": f"Bearer {shown}"}
            answer = matrix_client.request(method, path, headers=headers)
            problem_of(answer, 403, "missing-scope")
            assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("key", [READER, ADMIN, EARLY])
def test_a_key_that_may_read_reads(client: httpx.Client, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/v1/services", headers=headers).status_code == 200
    assert client.post("/v1/impact", json={"down": ["db"]}, headers=headers).status_code == 200


def test_supervisors_need_no_key(client: httpx.Client) -> None:
    assert client.get("/livez").status_code == client.get("/readyz").status_code == 200


def test_with_keys_any_host_name_is_served(client: httpx.Client) -> None:
    headers = {"Host": "cmdb.example.org", "Authorization": f"Bearer {READER}"}
    assert client.get("/v1/services", headers=headers).status_code == 200


def test_what_is_kept_does_not_hold_the_secret() -> None:
    secret = READER.rpartition("_")[2]
    assert secret not in _READER.model_dump_json()


def test_another_pepper_opens_nothing() -> None:
    ring = KeyRing([_READER], b"q" * 32)
    assert ring.caller_of(f"Bearer {READER}", NOW) is CallerRefusal.UNKNOWN


def test_a_short_pepper_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes or more, got 5"):
        KeyRing([], b"short")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1:1",  # another server of this machine
        "http://evil.example:80",
        "null",
    ],
)
def test_a_page_of_another_site_sends_nothing(origin: str) -> None:
    with serving(ReadyGraph(served_graph())) as open_client:
        headers = {"Origin": origin}
        answer = open_client.post("/v1/impact", json={"down": ["db"]}, headers=headers)
        problem_of(answer, 403, "foreign-origin")
        own = {"Origin": str(open_client.base_url).rstrip("/")}
        answer = open_client.post("/v1/impact", json={"down": ["db"]}, headers=own)
        assert answer.status_code == 200
