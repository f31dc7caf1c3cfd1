"""Who may ask what: finds the caller of each request, and refuses what it may not do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from math import ceil
from time import monotonic

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
from ripplegraph.api.calls import call_of
from ripplegraph.api.guard import SAFE_METHODS, Refusal, host_name, refuse
from ripplegraph.api.heavy import HeavyQuestions
from ripplegraph.api.rates import NO_LIMITS, Limits, Rate, RateLimiter
from ripplegraph.api.scopes import KnownRoute, RouteTable


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionRules:
    """Who may ask what, and how often.

    Parameters
    ----------
    hosts
        The names under which this machine is served where there are no credentials.
    seconds
        A clock that only runs forward.
    """

    routes: RouteTable
    hosts: Iterable[str]
    clock: Callable[[], datetime]
    credentials: Credentials | None = None
    limits: Limits = NO_LIMITS
    seconds: Callable[[], float] = monotonic


class Admission:
    """Lets a request pass if its caller may make it, and not more often than it may.

    Without credentials only this machine asks: a page of another site may send nothing. With
    them every call needs one, but for the routes that are open to all.
    """

    def __init__(self, app: ASGIApp, rules: AdmissionRules) -> None:
        self._app, self._rules = app, rules
        self._hosts, self._clock = frozenset(rules.hosts), rules.clock
        self._credentials, limits = rules.credentials, rules.limits
        self._callers = _limiter(limits.of_callers, rules.seconds)
        self._strangers = _limiter(limits.of_strangers, rules.seconds)
        self._heavy = HeavyQuestions(app, limits.heavy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, call = Headers(scope=scope), call_of(scope)
        call.route = route = self._rules.routes.route_of(scope["path"], scope["method"])
        caller = await self._caller(scope["method"], headers, route)
        if isinstance(caller, Refusal):
            wait = self._strangers.wait_of(call.address) if self._strangers else 0.0
            await refuse(scope, send, _too_many(wait) if wait else caller)
            return
        call.caller = caller
        refusal = self._rate_refusal(caller) or _refusal_of(caller, route)
        if refusal is not None:
            await refuse(scope, send, refusal)
            return
        with called_by(caller, scope):
            if route.need.is_heavy:
                await self._heavy.answer(route.path, scope, receive, send)
            else:
                await self._app(scope, receive, send)

    def _rate_refusal(self, caller: Caller) -> Refusal | None:
        if self._callers is None or caller is _ANYBODY:
            return None
        wait = self._callers.wait_of(caller.caller_id)
        return _too_many(wait) if wait else None

    async def _caller(self, method: str, headers: Headers, route: KnownRoute) -> Caller | Refusal:
        if self._credentials is None:
            origin = headers.get("origin")
            is_foreign = (
                origin is not None
                and method not in SAFE_METHODS
                and not self._is_own(origin, headers)
            )
            return _FOREIGN_ORIGIN if is_foreign else LOCAL_CALLER
        if route.need.scope is None:
            return _ANYBODY
        caller = await self._known(headers.get("authorization", ""), self._credentials)
        return _KEY_NEEDED if isinstance(caller, CallerRefusal) else caller

    def _is_own(self, origin: str, headers: Headers) -> bool:
        """Return whether a page is ours: another port of this machine is another site, too."""
        place = origin.partition("://")[2].lower()
        return host_name(place) in self._hosts and place == headers.get("host", "").lower()

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


def _limiter(rate: Rate | None, seconds: Callable[[], float]) -> RateLimiter | None:
    return None if rate is None else RateLimiter(rate, seconds)


def _too_many(wait: float) -> Refusal:
    return Refusal(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code="too-many-calls",
        detail="You call too often. Wait as long as Retry-After says.",
        headers={"Retry-After": str(max(1, ceil(wait)))},
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
