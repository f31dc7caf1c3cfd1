"""Every route declares what it needs of its caller."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import iter_route_contexts

from api.servers import NOW, ReadyGraph, estate_of
from api.test_api import served_graph
from ripplegraph.api.app import create_app
from ripplegraph.api.callers import (
    LOCAL_CALLER,
    Caller,
    Scope,
    called_by,
    caller_of,
    current_caller,
)
from ripplegraph.api.scopes import OPEN, UNKNOWN_ROUTE, Need, RouteTable, needs, open_to_all


def app_of_today() -> FastAPI:
    return create_app(estate=estate_of(ReadyGraph(served_graph())), clock=lambda: NOW)


def test_every_route_of_the_app_declares_its_scope() -> None:
    contexts = list(iter_route_contexts(app_of_today().routes))
    assert len(contexts) > 20
    undeclared = [one.path for one in contexts if not hasattr(one.endpoint, "ripplegraph_need")]
    assert undeclared == []


def test_only_what_supervisors_ask_and_the_page_without_data_are_open_to_all() -> None:
    known = RouteTable(app_of_today().routes).known
    assert {route.path for route in known if route.need.scope is None} == {
        "/livez",
        "/readyz",
        "/",
        "/assets/{tag}/{name}",
    }


def test_an_app_with_a_route_that_declares_nothing_is_refused() -> None:
    routes = APIRouter(prefix="/v1")

    @routes.get("/secret")
    def secret() -> str:
        return "secret"

    app = FastAPI(openapi_url=None)
    app.include_router(routes)
    with pytest.raises(ValueError, match="route /v1/secret declares no scope"):
        RouteTable(app.routes)


def table_of_two() -> RouteTable:
    routes = APIRouter()

    @routes.get("/things/{name:path}")
    @needs(Scope.READ, by_tag=True)
    def thing(name: str) -> str:
        return name

    @routes.post("/things/{name:path}")
    @needs(Scope.WRITE)
    def change(name: str) -> str:
        return name

    @routes.get("/open")
    @open_to_all
    def anybody() -> str:
        return ""

    app = FastAPI(openapi_url=None)
    app.include_router(routes)
    return RouteTable(app.routes)


def test_a_route_is_known_by_its_path_and_method() -> None:
    table = table_of_two()
    asked = table.route_of("/things/a/b", "GET")
    assert asked.path == "/things/{name:path}"
    assert asked.need == Need(scope=Scope.READ, by_tag=True)
    assert table.route_of("/things/a", "POST").need == Need(scope=Scope.WRITE)
    assert table.route_of("/open", "GET").need == OPEN


def test_a_wrong_method_needs_what_the_path_needs_and_an_unknown_path_a_reader() -> None:
    table = table_of_two()
    assert table.route_of("/things/a", "DELETE").need.scope is Scope.READ
    assert table.route_of("/other", "GET") is UNKNOWN_ROUTE
    assert UNKNOWN_ROUTE.need.scope is Scope.READ


def test_an_administrator_may_do_everything_and_others_what_their_scopes_say() -> None:
    admin = Caller(caller_id="a", name="a", scopes=frozenset({Scope.ADMIN}))
    sender = Caller(caller_id="b", name="b", scopes=frozenset({Scope.EVENTS}))
    assert all(admin.may(scope) for scope in Scope)
    assert [scope for scope in Scope if sender.may(scope)] == [Scope.EVENTS]


def test_a_request_and_what_is_done_for_it_know_who_asked() -> None:
    caller = Caller(caller_id="key:1", name="operations", scopes=frozenset({Scope.READ}))
    asked: dict[str, object] = {"type": "http"}
    with called_by(caller, asked):
        assert caller_of(Request(asked)) is current_caller() is caller
    assert current_caller() is LOCAL_CALLER
