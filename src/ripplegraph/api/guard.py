"""What guards every answer: headers, the hosts that may be asked for, the size of a request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from anyio import CancelScope
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ripplegraph.api.calls import call_of

ANSWER_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""What an answer carries unless it says something of its own."""


LARGEST_BODY = 1_000_000
"""Bytes that a request may send; a scenario names CIs, and thousands fit."""


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is refused, as the problem that its caller gets."""

    status: HTTPStatus
    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Guard:
    """Gives every answer the headers above, and refuses what need not even be read.

    Without keys only this machine is served: a page elsewhere could give its own name the
    address of this machine and then read the answers (DNS rebinding), but its requests still
    carry its name as host. With keys any name is served (``hosts`` is None). ``uploads`` are the
    paths that take more than other bodies, with how many bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str] | None,
        uploads: Mapping[str, int] | None = None,
    ) -> None:
        self._app, self._hosts = app, None if hosts is None else frozenset(hosts)
        self._uploads = dict(uploads or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(headers, self._uploads.get(scope["path"], LARGEST_BODY))
        if refusal is not None:
            await refuse(scope, send, refusal)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ANSWER_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] == "HEAD":
            await _answer_head(self._app, scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _refusal(self, headers: Headers, largest: int) -> Refusal | None:
        """Return why a request is refused before it is read."""
        if self._hosts is not None and host_name(headers.get("host", "")) not in self._hosts:
            return _FOREIGN_HOST
        if "transfer-encoding" in headers:
            return _LENGTH_REQUIRED
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > largest:
            return _too_large(largest)
        return None


_FOREIGN_HOST = Refusal(
    status=HTTPStatus.MISDIRECTED_REQUEST,
    code="foreign-host",
    detail="This host name is not served. Ask for 127.0.0.1 or localhost.",
)
_LENGTH_REQUIRED = Refusal(
    status=HTTPStatus.LENGTH_REQUIRED,
    code="length-required",
    detail="Send the body with its Content-Length.",
)


def _too_large(largest: int) -> Refusal:
    return Refusal(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        code="body-too-large",
        detail=f"A body may have {largest} bytes. Ask in several requests.",
    )


async def _answer_head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as GET is answered, up to the body; a stream, which would go on, ends there."""
    with CancelScope() as answering:

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                answering.cancel()

        await app({**scope, "method": "GET"}, receive, send_head)


def host_name(host: str) -> str:
    """Return a Host header without its port; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


async def refuse(scope: Scope, send: Send, refusal: Refusal) -> None:
    """Answer with a problem, and close the connection: the request was not read."""
    call_of(scope).refusal = refusal.code
    status = refusal.status
    body = json.dumps(problem_body(status, refusal.code, refusal.detail)).encode()
    headers = {
        **ANSWER_HEADERS,
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **refusal.headers,
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status.value, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def problem_body(status: HTTPStatus, code: str, detail: str) -> dict[str, object]:
    """Return the members that every problem has (RFC 9457)."""
    return {
        "type": f"urn:ripplegraph:problem:{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status.value,
        "detail": detail,
    }
