"""Who may ask the API: keys, their scopes and dates, foreign pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from api.servers import NOW, ReadyGraph, estate_of, serving
from api.test_api import problem_of, served_graph
from ripplegraph.api.app import create_app
from ripplegraph.api.callers import CallerRefusal, Scope
from ripplegraph.api.keys import ApiKey, KeyRing, new_key

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


def addresses() -> list[tuple[str, str]]:
    """Return each route of the API with something in place of its parameters."""
    app = create_app(estate=estate_of(ReadyGraph(served_graph())), clock=lambda: NOW)
    routes = app.openapi()["paths"].items()
    return [
        (method.upper(), path.replace("{service}", "shop").replace("{ci}", "shop"))
        for path, operations in routes
        for method in operations
        if path not in {"/livez", "/readyz"}
    ]


@pytest.mark.parametrize(
    ("method", "path"), [*addresses(), ("GET", "/openapi.json"), ("GET", "/no")]
)
@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        ("", 401, "key-needed"),
        ("Basic dTpw", 401, "key-needed"),
        (f"Bearer {STRANGER}", 401, "key-needed"),
        (f"Bearer {READER[:-1]}A", 401, "key-needed"),
        (f"Bearer {LATE}", 401, "key-needed"),
        (f"Bearer {TAKEN}", 401, "key-needed"),
    ],
)
def test_every_route_needs_a_key(
    client: httpx.Client, method: str, path: str, authorization: str, status: int, code: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = client.request(method, path, headers=headers)
    problem_of(answer, status, code)
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[
            (method, path)
            for method, path in addresses()
            if method == "GET" or not path.startswith(("/v1/outages", "/v1/events"))
        ],
        ("GET", "/openapi.json"),
        ("GET", "/no"),
    ],
)
def test_a_key_for_events_may_do_nothing_else(
    client: httpx.Client, method: str, path: str
) -> None:
    answer = client.request(method, path, headers={"Authorization": f"Bearer {SENDER}"})
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
    "origin", ["https://evil.example", "http://127.0.0.1.evil.example", "null"]
)
def test_a_page_of_another_site_sends_nothing(origin: str) -> None:
    with serving(ReadyGraph(served_graph())) as open_client:
        headers = {"Origin": origin}
        answer = open_client.post("/v1/impact", json={"down": ["db"]}, headers=headers)
        problem_of(answer, 403, "foreign-origin")
        own = {"Origin": "http://127.0.0.1:8000"}
        answer = open_client.post("/v1/impact", json={"down": ["db"]}, headers=own)
        assert answer.status_code == 200
