"""One call from its first byte to its last: its id, its caller, its route, how it ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ripplegraph.api.callers import Caller
from ripplegraph.api.scopes import UNKNOWN_ROUTE, KnownRoute

REQUEST_ID = "X-Request-ID"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CALL = "ripplegraph.call"


@dataclass(slots=True, kw_only=True)
class Call:
    """What is known of a call; no path as it was asked, no query, no body: they hold names.

    Parameters
    ----------
    method
        ``OTHER`` for one that HTTP does not know: strangers send what they like.
    route
        As it is declared, such as ``/v1/cis/{ci:path}``.
    caller
        None if nobody was found to make it.
    refusal
        The code of the problem if it was refused before it came to its route.
    status
        What it was answered; 500 if it ended without an answer.
    is_audited
        Whether the audit tells already how it ended.
    """

    request_id: str
    method: str
    address: str
    route: KnownRoute = UNKNOWN_ROUTE
    caller: Caller | None = None
    refusal: str = ""
    status: int = 500
    is_audited: bool = False
    seconds: float = 0.0


Watcher = Callable[[Call], None]
"""Told of every call when it has ended; must not block."""


def call_of(scope: Scope) -> Call:
    """Return the call that a request belongs to."""
    found: Call = scope[_CALL]
    return found


@dataclass(slots=True)
class Watched:
    """Gives each call an id and tells watchers how it ended; the outermost layer."""

    app: ASGIApp
    watchers: Sequence[Watcher] = field(default=())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client, method = scope.get("client"), scope["method"]
        call = scope[_CALL] = Call(
            request_id=_request_id(Headers(scope=scope).get(REQUEST_ID, "")),
            method=method if method in _METHODS else "OTHER",
            address=client[0] if client else "",
        )
        begun = perf_counter()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = call.request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            call.seconds = perf_counter() - begun
            for watcher in self.watchers:
                watcher(call)


def _request_id(asked: str) -> str:
    """Return the id that the caller gave if it is sane, else a new one."""
    return asked if _SANE_ID.fullmatch(asked) else uuid4().hex
