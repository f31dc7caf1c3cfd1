"""What guards every answer: headers, the hosts that may be asked for, the size of a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ripplegraph.api.keys import KeyRefusal, KeyRing
from ripplegraph.api.keys import Scope as KeyScope

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


OPEN_PATHS = frozenset({"/livez", "/readyz"})
"""What supervisors ask, without a key."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Gives every answer the headers above, and refuses who may not ask.

    Without keys only this machine is served: a page elsewhere could give its own name the
    address of this machine and then read the answers (DNS rebinding), but its requests still
    carry its name as host, and what it sends its name as origin. With keys every call needs one.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        clock: Callable[[], datetime],
        keys: KeyRing | None = None,
    ) -> None:
        self._app, self._hosts = app, frozenset(hosts)
        self._clock, self._keys = clock, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(headers) or self._caller_refusal(scope, headers)
        if refusal is not None:
            await _refuse(send, *refusal)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ANSWER_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] == "HEAD":  # answered as GET is, without the body
            await self._app({**scope, "method": "GET"}, receive, _without_body(send_with_headers))
            return
        await self._app(scope, receive, send_with_headers)

    def _refusal(self, headers: Headers) -> tuple[HTTPStatus, str, str] | None:
        """Return why a request is refused before it is read: status, code and detail."""
        if self._keys is None and _host_name(headers.get("host", "")) not in self._hosts:
            detail = "This host name is not served. Ask for 127.0.0.1 or localhost."
            return HTTPStatus.MISDIRECTED_REQUEST, "foreign-host", detail
        if "transfer-encoding" in headers:
            detail = "Send the body with its Content-Length."
            return HTTPStatus.LENGTH_REQUIRED, "length-required", detail
        if int(headers.get("content-length", "0")) > LARGEST_BODY:
            detail = f"A body may have {LARGEST_BODY} bytes. Ask in several requests."
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", detail
        return None

    def _caller_refusal(
        self, scope: Scope, headers: Headers
    ) -> tuple[HTTPStatus, str, str] | None:
        """Return why a caller is refused: a page of another site, or one without the right key."""
        if self._keys is None:
            origin = headers.get("origin")
            if origin is not None and scope["method"] not in _SAFE_METHODS:
                host = _host_name(origin.partition("://")[2])
                if host not in self._hosts:
                    detail = "A page of another site may not send anything here."
                    return HTTPStatus.FORBIDDEN, "foreign-origin", detail
            return None
        if scope["path"] in OPEN_PATHS:
            return None
        authorization = headers.get("authorization", "")
        refusal = self._keys.refusal(authorization, KeyScope.READ, self._clock())
        if refusal is None:
            return None
        if refusal is KeyRefusal.SCOPE:
            detail = "This key may not do that. Ask for a key with the scope read."
            return HTTPStatus.FORBIDDEN, "missing-scope", detail
        detail = "Send a valid key: Authorization: Bearer rg_..."
        return HTTPStatus.UNAUTHORIZED, "key-needed", detail


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


def _host_name(host: str) -> str:
    """Return a Host header without its port; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


async def _refuse(send: Send, status: HTTPStatus, code: str, detail: str) -> None:
    body = json.dumps(problem_body(status, code, detail)).encode()
    headers = {
        **ANSWER_HEADERS,
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="ripplegraph"'
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
