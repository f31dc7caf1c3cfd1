"""Headers of every answer, and the hosts that may be asked for: both keep web pages out."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANSWER_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""What an answer carries unless it says something of its own."""


class SafeHeaders:
    """Gives every answer the headers above, and refuses foreign hosts.

    A page elsewhere could give its own name the address of this machine and then read the
    answers (DNS rebinding); its requests still carry its name as host.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _host_name(Headers(scope=scope).get("host", "")) not in self._hosts:
            await _refuse(send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ANSWER_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _host_name(host: str) -> str:
    """Return a Host header without its port; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


async def _refuse(send: Send) -> None:
    status = HTTPStatus.MISDIRECTED_REQUEST
    body = (
        b'{"type":"urn:ripplegraph:problem:foreign-host","title":"Foreign host","status":421,'
        b'"detail":"This host name is not served. Ask for 127.0.0.1 or localhost."}'
    )
    headers = {**ANSWER_HEADERS, "Content-Type": "application/problem+json"}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status.value, "headers": raw})
    await send({"type": "http.response.body", "body": body})
