"""Who calls: a name, what it may do, and which part of the estate it sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.types import Scope as AsgiScope


class Scope(StrEnum):
    """What a caller may do."""

    READ = "read"
    EVENTS = "events"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a request.

    Parameters
    ----------
    caller_id
        Tells it among all callers, such as ``key:0a1b2c3d4e5f``.
    name
        What people call it; the author of what it writes.
    scopes
        What it may do; ``admin`` may do everything.
    tags
        It sees services that carry one of these, and what they rest on; None: everything.
    until
        When what it calls itself by expires; None: never.
    """

    caller_id: str
    name: str
    scopes: frozenset[Scope]
    tags: frozenset[str] | None = None
    until: datetime | None = field(default=None, compare=False)

    def is_known_at(self, moment: datetime) -> bool:
        """Return whether it would still be let in: answers that never end do so then."""
        return self.until is None or moment < self.until

    def may(self, scope: Scope) -> bool:
        """Return whether it may do what needs a scope."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


LOCAL_CALLER = Caller(caller_id="local", name="local", scopes=frozenset(Scope))
"""Everybody on this machine, where no keys are set up."""


class CallerRefusal(StrEnum):
    """Why nobody is known by a credential; the answer does not tell which of them it was."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


class Credentials(Protocol):
    """What tells who calls, such as a ring of keys."""

    def caller_of(self, authorization: str, now: datetime) -> Caller | CallerRefusal:
        """Return who sends this Authorization header, or why nobody is known by it."""
        ...

    def may_wait(self, authorization: str) -> bool:
        """Return whether telling may take time, such as for asking an identity provider."""
        ...


_CALLER = "ripplegraph.caller"
_current: ContextVar[Caller] = ContextVar("caller", default=LOCAL_CALLER)


def caller_of(request: HTTPConnection) -> Caller:
    """Return who makes a request: its writes are theirs."""
    found: Caller = request.scope[_CALLER]
    return found


def current_caller() -> Caller:
    """Return who makes the request that is being answered; outside of requests, this machine."""
    return _current.get()


@contextmanager
def called_by(caller: Caller, scope: AsgiScope | None = None) -> Iterator[None]:
    """Answer a request, or do a part of it elsewhere, for a caller."""
    if scope is not None:
        scope[_CALLER] = caller
    token = _current.set(caller)
    try:
        yield
    finally:
        _current.reset(token)
