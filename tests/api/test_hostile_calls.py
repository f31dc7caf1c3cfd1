"""Hostile requests: each gets a problem, none a crash, and the server answers on."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from api.servers import ReadyGraph, serving
from api.test_api import problem_of, served_graph


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(served_graph())) as client:
        yield client


BODIES = {
    "nothing": b"",
    "no JSON": b"down=db",
    "cut off": b'{"down": ["db"',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "NaN": b'{"down": [NaN]}',
    "infinity": b'{"down": ["db"], "at": Infinity}',
    "a key twice": b'{"down": ["db"], "down": ["web"]}',
    "half a character": b'{"down": ["\\ud800"]}',
    "no UTF-8": b'{"down": ["\xff\xfe"]}',
    "NUL": b'{"down": ["db\x00"]}',
    "escaped NUL": b'{"down": ["db\\u0000"]}',
    "deep lists": b'{"down": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "deep objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "a huge number": b'{"with_open_outages": ' + b"9" * 5_000 + b"}",
    "many names": b'{"down": [' + b'"x",' * 10_001 + b'"x"]}',
    "a long name": b'{"down": ["' + b"x" * 1_001 + b'"]}',
    "far away": b'{"down": ["db"], "at": "9999-12-31T23:59:59-14:00"}',
}


@pytest.mark.parametrize("path", ["/v1/impact", "/v1/why", "/v1/slas/what-if"])
@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_hostile_body_is_a_problem(client: httpx.Client, path: str, name: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post(path, content=BODIES[name], headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/livez").status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
)
def test_a_body_that_does_not_say_that_it_is_json_is_a_problem(
    client: httpx.Client, content_type: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.post("/v1/impact", content=b'{"down": ["db"]}', headers=headers)
    problem = problem_of(answer, 415, "unsupported-media-type")
    assert "Content-Type: application/json" in str(problem["detail"])


def test_a_body_in_json_of_another_shape_is_told_as_that(client: httpx.Client) -> None:
    problem_of(client.post("/v1/impact", json=["db"]), 422, "invalid-request")


def test_no_body_at_all_is_told_as_that(client: httpx.Client) -> None:
    problem_of(client.post("/v1/impact"), 422, "invalid-request")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/cis/%00",
        "/v1/cis/%ff%fe",
        "/v1/cis/..%2f..%2fetc%2fpasswd",
        "/v1/cis/" + "x" * 1_001,
        "/v1/cis?search=%00&after=%ff",
        "/v1/cis?limit=1e9",
        "/v1/cis?limit=-1",
        "/v1/cis?after=" + "A" * 5_000,
        "/v1/neighbourhood?ci=db&depth=99999999999999999999",
        "/v1/services?at=9999-12-31T23:59:59-14:00",
        "/v1/services?at=%F0%9F%92%A9",
        "/v1/services?revision=99999999999999999999",
        "/../../etc/passwd",
    ],
)
def test_a_hostile_address_is_a_problem(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/livez").status_code == 200


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("path", ["overview", "state", "forecast", "reports", "slas", "breaches"])
def test_a_moment_around_which_there_are_no_windows_is_a_problem(
    client: httpx.Client, path: str, year: str
) -> None:
    moment = {"0001": "0001-01-01T00:00Z", "9999": "9999-12-31T23:59Z"}[year]
    problem_of(client.get(f"/v1/{path}", params={"at": moment}), 422, "invalid-request")


RAW = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a length that is no number": b"POST /v1/impact HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Length: x\r\n\r\n",
    "two lengths": b"POST /v1/impact HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
    b"Content-Length: 30\r\n\r\n{}",
    "length and chunks": b"POST /v1/impact HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two hosts": b"GET /v1/services HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "no host": b"GET /v1/services HTTP/1.1\r\n\r\n",
    "a header without end": b"GET /v1/services HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 80_000,
}


@pytest.mark.parametrize("name", sorted(RAW))
def test_bytes_that_are_no_request_are_refused(client: httpx.Client, name: str) -> None:
    address = (client.base_url.host, client.base_url.port or 0)
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(RAW[name])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(4_096)
    assert answer == b"" or answer.split(b" ", 2)[1][:1] == b"4"
    assert client.get("/livez").status_code == 200


@pytest.mark.parametrize(
    "revision", ["0", "-1", "9" * 20, "soon", "", "2026-11-23T03:00", "0001-01-01T00:00+14:00"]
)
def test_what_is_no_revision_is_told_by_the_name_of_its_field(
    client: httpx.Client, revision: str
) -> None:
    answer = client.get("/v1/services", params={"revision": revision})
    problem_of(answer, 422, "invalid-request")
    assert [one["where"] for one in answer.json()["errors"]] == ["query/revision"]
