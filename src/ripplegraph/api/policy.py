"""How a server is run: limits, who is told of calls, what is served beside the routes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from starlette.routing import BaseRoute

from ripplegraph.api.calls import Watcher
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.asked import Clock
from ripplegraph.api.rates import NO_LIMITS, Limits


class Mounted(Protocol):
    """A part of the API that brings its own route, and something that runs while it is served."""

    @property
    def route(self) -> BaseRoute:
        """Return its route, which declares its scope."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Return what is entered before the first call, and left after the last."""
        ...


LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Names under which the API may be asked unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a server is run.

    Parameters
    ----------
    allowed_hosts
        The names under which this machine is served where callers are not told apart.
    watchers
        Told of every call when it has ended, such as a log.
    on_trouble
        Told the kind of an error that no caller sees.
    has_telemetry
        True to hand traces and metrics to OpenTelemetry, if a provider is set up.
    mount
        Makes what is served beside the routes, such as the tools for assistants.
    """

    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    limits: Limits = NO_LIMITS
    watchers: tuple[Watcher, ...] = ()
    on_trouble: Callable[[str], None] = lambda _: None
    has_telemetry: bool = False
    mount: Callable[[ServedEstate, Clock], Mounted] | None = None
