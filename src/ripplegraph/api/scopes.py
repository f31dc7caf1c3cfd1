"""What each route needs: every route declares its scope, a server with one that does not is none.

@routes.post("/outages", summary="...")
@needs(Scope.EVENTS)
def open_outage(...): ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from ripplegraph.api.callers import Scope

_NEED = "ripplegraph_need"
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a route needs of its caller.

    Parameters
    ----------
    scope
        None: it answers everybody, without a key.
    by_tag
        True if all it tells comes from the graph of its source, which holds only what the caller
        may see. A caller who is limited to tags may not ask any other route.
    is_heavy
        True if answering may take seconds of a processor: only few are answered at once.
    """

    scope: Scope | None
    by_tag: bool = False
    is_heavy: bool = False


OPEN = Need(scope=None, by_tag=True)
_OF_UNKNOWN_PATHS = Need(scope=Scope.READ, by_tag=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRoute:
    """A route as it is declared: its path with names for what varies, and what it needs."""

    path: str
    need: Need


UNKNOWN_ROUTE = KnownRoute(path="unknown", need=_OF_UNKNOWN_PATHS)


def needs(
    scope: Scope, *, by_tag: bool = False, is_heavy: bool = False
) -> Callable[[Endpoint], Endpoint]:
    """Declare what a handler needs; write it under the line of its route. See :class:`Need`."""
    return _declared(Need(scope=scope, by_tag=by_tag, is_heavy=is_heavy))


def open_to_all(endpoint: Endpoint) -> Endpoint:
    """Declare that a handler answers everybody, without a key: it tells nothing of the estate."""
    return _declared(OPEN)(endpoint)


def _declared(need: Need) -> Callable[[Endpoint], Endpoint]:
    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _NEED, need)
        return endpoint

    return declare


class RouteTable:
    """The routes of an app with what each needs.

    Raises ``ValueError`` if one does not say, so that no route is open by an oversight.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = [(one, _known(one)) for one in iter_route_contexts(routes)]

    @property
    def known(self) -> tuple[KnownRoute, ...]:
        """All routes, in their order."""
        return tuple(route for _, route in self._routes)

    def route_of(self, path: str, method: str) -> KnownRoute:
        """Return the route that answers; an address that no route has tells readers so."""
        nearly = UNKNOWN_ROUTE
        for context, route in self._routes:
            if context.path_regex.match(path) is None:
                continue
            if context.methods is None or method in context.methods:
                return route
            if nearly is UNKNOWN_ROUTE:
                nearly = route
        return nearly


def _known(context: RouteContext) -> KnownRoute:
    endpoint = context.endpoint or getattr(context.route, "app", None)
    need: Need | None = getattr(endpoint, _NEED, None)
    if need is None:
        msg = f"the route {context.path} declares no scope; write @needs(...) under its line"
        raise ValueError(msg)
    return KnownRoute(path=context.path or "", need=need)
