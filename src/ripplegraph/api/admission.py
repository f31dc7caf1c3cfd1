"""Who may ask what: finds the caller of each request, and refuses what it may not do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ripplegraph.api.callers import (
    LOCAL_CALLER,
    Caller,
    CallerRefusal,
    Credentials,
    called_by,
)
from ripplegraph.api.guard import SAFE_METHODS, Refusal, host_name, refuse
from ripplegraph.api.scopes import KnownRoute, RouteTable


class Admission:
    """Lets a request pass if its caller may make it.

    Without credentials only this machine asks: a page of another site may send nothing. With
    them every call needs one, but for the routes that are open to all.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: RouteTable,
        hosts: Iterable[str],
        clock: Callable[[], datetime],
        credentials: Credentials | None,
    ) -> None:
        self._app, self._routes, self._hosts = app, routes, frozenset(hosts)
        self._clock, self._credentials = clock, credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        route = self._routes.route_of(scope["path"], scope["method"])
        caller = await self._caller(scope["method"], headers, route)
        refusal = caller if isinstance(caller, Refusal) else _refusal_of(caller, route)
        if refusal is not None:
            await refuse(send, refusal)
            return
        assert isinstance(caller, Caller)
        with called_by(caller, scope):
            await self._app(scope, receive, send)

    async def _caller(self, method: str, headers: Headers, route: KnownRoute) -> Caller | Refusal:
        if self._credentials is None:
            origin = headers.get("origin")
            is_foreign = (
                origin is not None
                and method not in SAFE_METHODS
                and host_name(origin.partition("://")[2]) not in self._hosts
            )
            return _FOREIGN_ORIGIN if is_foreign else LOCAL_CALLER
        if route.need.scope is None:
            return _ANYBODY
        caller = await self._known(headers.get("authorization", ""), self._credentials)
        return _KEY_NEEDED if isinstance(caller, CallerRefusal) else caller

    async def _known(self, authorization: str, credentials: Credentials) -> Caller | CallerRefusal:
        now = self._clock()
        if credentials.may_wait(authorization):
            return await to_thread.run_sync(credentials.caller_of, authorization, now)
        return credentials.caller_of(authorization, now)


_ANYBODY = Caller(caller_id="anybody", name="anybody", scopes=frozenset())
_FOREIGN_ORIGIN = Refusal(
    status=HTTPStatus.FORBIDDEN,
    code="foreign-origin",
    detail="A page of another site may not send anything here.",
)
_KEY_NEEDED = Refusal(
    status=HTTPStatus.UNAUTHORIZED,
    code="key-needed",
    detail="Send a valid key: Authorization: Bearer rg_...",
    headers={"WWW-Authenticate": 'Bearer realm="ripplegraph"'},
)


def _refusal_of(caller: Caller, route: KnownRoute) -> Refusal | None:
    need = route.need
    if need.scope is not None and not caller.may(need.scope):
        detail = f"This key may not do that. Ask for a key with the scope {need.scope}."
        return Refusal(status=HTTPStatus.FORBIDDEN, code="missing-scope", detail=detail)
    if caller.tags is not None and not need.by_tag:
        detail = "This answer is about the whole estate, and this key is limited to tags."
        return Refusal(status=HTTPStatus.FORBIDDEN, code="limited-to-tags", detail=detail)
    return None
