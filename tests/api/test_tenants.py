"""A key that is limited to tags sees its services and what they rest on, on every route."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from shutil import rmtree
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.servers import NOW, ReadyGraph, estate_of, serving_estate
from api.test_api import problem_of
from graph_building import records_of_text
from ripplegraph.api.app import create_app
from ripplegraph.api.callers import Caller, Scope, called_by
from ripplegraph.api.keys import KeyRing, new_key
from ripplegraph.api.scopes import RouteTable
from ripplegraph.api.visible import KEPT_PARTS, VisibleParts
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.findings import finding
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.wiring.serving import edges_of

PEPPER = b"p" * 32
HIDDEN = ("svcbolt", "mailbolt", "slabolt")
"""What belongs to the other tenant; these words stand nowhere else."""


def estate() -> ServiceGraph:
    records = records_of_text("svcacme -> web & san; svcbolt -> san & mailbolt")
    cis = records.cis
    for number, name in enumerate(cis.native_id):
        cis.availability[number] = None if name.startswith("svc") else Decimal("0.999")
        cis.tags[number] = (f"customer:{name[3:]}",) if name.startswith("svc") else ()
    for name in ("acme", "bolt"):
        records.agreements.append(
            Agreement(
                agreement_id=f"sla{name}",
                kind=AgreementKind.SLA,
                customer=f"svc{name} AG",
                covers=(f"svc{name}",),
                target_availability=Decimal("0.99"),
            )
        )
    hour = timedelta(hours=1)
    for ci in ("san", "mailbolt", "svcbolt"):
        records.outages.append(Outage(ci=ci, start=NOW - hour, cause=f"{ci} broke"))
    records.findings = [finding("cycle", "svcbolt -> mailbolt -> svcbolt", file="slabolt.csv")]
    return build_service_graph(records).graph


def key_for(number: int, *tags: str) -> tuple[str, Any]:
    return new_key(
        key_id=number.to_bytes(6, "big"),
        secret=bytes([number]) * 32,
        pepper=PEPPER,
        name=f"tenant {number}",
        scopes=list(Scope),
        expires=None,
        tags=tags,
    )


ACME, _ACME = key_for(1, "customer:acme")
BOLT, _BOLT = key_for(2, "customer:bolt")
WHOLE, _WHOLE = key_for(3)
NOBODY, _NOBODY = key_for(4, "customer:none")
TENANTS = KeyRing([_ACME, _BOLT, _WHOLE, _NOBODY], PEPPER)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    edges = edges_of(None)
    with serving_estate(estate_of(ReadyGraph(estate())), TENANTS, edges=edges) as client:
        yield client
    rmtree(edges.spool, ignore_errors=True)


def ask(client: httpx.Client, key: str, method: str, path: str, **more: Any) -> httpx.Response:
    return client.request(
        method, path, headers={"Authorization": f"Bearer {key}"}, timeout=60, **more
    )


def whole_app() -> FastAPI:
    edges = edges_of(None)
    app = create_app(estate=estate_of(ReadyGraph(estate())), clock=lambda: NOW, edges=edges)
    rmtree(edges.spool, ignore_errors=True)
    return app


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    app = whole_app()
    return [
        (method.upper(), path, operation)
        for path, found in app.openapi()["paths"].items()
        for method, operation in found.items()
    ]


def needed(operation: dict[str, Any], value: str) -> dict[str, str]:
    """Return the parameters of the query that name a CI or must be given."""
    return {
        one["name"]: value
        for one in operation.get("parameters", [])
        if one["in"] == "query"
        and (one.get("required") or one["name"] in {"ci", "service", "down", "slr"})
    }


BODIES = [
    {"down": ["svcbolt"]},
    {"down": ["san"], "all": True},
    {"service": "svcbolt", "down": ["san"]},
    {"with_open_outages": True, "all": True},
    {"services": ["svcbolt"], "own_availability": {"san": 0.9}},
    {"services": [], "own_availability": {"mailbolt": 0.9}},
]


@pytest.mark.parametrize(("method", "path", "operation"), operations())
def test_no_route_tells_of_what_another_tenant_has(
    client: httpx.Client, method: str, path: str, operation: dict[str, Any]
) -> None:
    answers = []
    for name in ("svcbolt", "svcacme", "san"):
        address = path
        for parameter in ("{service}", "{ci}"):
            address = address.replace(parameter, name)
        for query in ({}, needed(operation, name)):
            if method == "GET":
                answers.append(ask(client, ACME, method, address, params=query))
            else:
                answers += [
                    ask(client, ACME, method, address, params=query, json=body) for body in BODIES
                ]
    for answer in answers:
        assert [name for name in HIDDEN if name in answer.text] == [], answer.url


@pytest.mark.parametrize(
    "address",
    [
        "/v1/cis/svcbolt",
        "/v1/cis/t:service:svcbolt",
        "/v1/cis/mailbolt",
        "/v1/services/svcbolt/view",
        "/v1/services/svcbolt/explain",
        "/v1/availability?service=svcbolt",
        "/v1/neighbourhood?ci=svcbolt",
    ],
)
def test_what_another_tenant_has_is_as_if_it_were_not_there(
    client: httpx.Client, address: str
) -> None:
    hidden = problem_of(ask(client, ACME, "GET", address), 404, "unknown-ci")
    missing = address.replace("svcbolt", "svcnone").replace("mailbolt", "mailnone")
    absent = problem_of(ask(client, ACME, "GET", missing), 404, "unknown-ci")
    assert hidden.keys() == absent.keys()
    assert hidden["suggestions"] == absent["suggestions"]
    assert ask(client, BOLT, "GET", address).status_code == 200
    assert ask(client, WHOLE, "GET", address).status_code == 200


def test_lists_searches_and_closures_hold_what_the_tags_show(client: httpx.Client) -> None:
    def ids(key: str, address: str) -> list[str]:
        found = ask(client, key, "GET", address).json()
        rows = found.get("cis") or found.get("neighbours") or found.get("services") or []
        return sorted(one["native_id"] for one in rows)

    assert ids(ACME, "/v1/cis") == ["san", "svcacme", "web"]
    assert ids(BOLT, "/v1/cis") == ["mailbolt", "san", "svcbolt"]
    assert ids(NOBODY, "/v1/cis") == []
    assert len(ids(WHOLE, "/v1/cis")) == 5
    assert ids(ACME, "/v1/cis?search=bolt") == []
    around = "/v1/neighbourhood?ci=san&direction=dependents"
    assert ids(ACME, around) == ["san", "svcacme"]
    assert ids(WHOLE, around) == ["san", "svcacme", "svcbolt"]


def test_a_shared_ci_fells_only_the_services_that_are_seen(client: httpx.Client) -> None:
    body = ask(client, ACME, "POST", "/v1/impact", json={"down": ["san"]}).json()
    assert [one["native_id"] for one in body["impacted"]] == ["svcacme"]
    problem_of(
        ask(client, ACME, "POST", "/v1/impact", json={"down": ["mailbolt"]}), 404, "unknown-ci"
    )


def test_the_answer_on_what_is_seen_is_that_of_the_whole(client: httpx.Client) -> None:
    address = "/v1/availability?service=svcacme"
    mine, whole = (ask(client, key, "GET", address).json() for key in (ACME, WHOLE))
    assert json.dumps(mine["services"]) == json.dumps(whole["services"])


def test_a_route_about_the_whole_estate_is_refused_to_who_is_limited_to_tags(
    client: httpx.Client,
) -> None:
    app = whole_app()
    for path in {one.path for one in RouteTable(app.routes).known if not one.need.by_tag}:
        method = "GET"
        answer = ask(client, ACME, method, path)
        if answer.status_code != 405:
            problem_of(answer, 403, "limited-to-tags")


def test_parts_are_made_once_and_few_are_kept() -> None:
    parts, graph = VisibleParts(), estate()
    first = parts.of(graph, frozenset({"customer:acme"}))
    assert parts.of(graph, frozenset({"customer:acme"})) is first
    for number in range(KEPT_PARTS):
        parts.of(graph, frozenset({f"customer:{number}"}))
    assert parts.of(graph, frozenset({"customer:acme"})) is not first


def test_a_part_is_not_made_again_where_only_outages_differ() -> None:
    parts, graph, tags = VisibleParts(), estate(), frozenset({"customer:acme"})
    first = parts.of(graph, tags)
    without = replace(graph, outages=(), outage_ci=())
    second = parts.of(without, tags)
    assert second.topology is first.topology
    assert first.outages
    assert second.outages == ()
    assert parts.of(without, tags) is second
    assert parts.of(estate(), tags).topology is not first.topology


def test_states_of_different_parts_have_different_tags() -> None:
    served = estate_of(ReadyGraph(estate()))
    tags = {served.snapshot().tag}
    for name in ("customer:acme", "customer:bolt"):
        limits = frozenset({name})
        caller = Caller(caller_id=name, name=name, scopes=frozenset(Scope), tags=limits)
        with called_by(caller):
            tags.add(served.snapshot().tag)
    assert len(tags) == 3
