"""What a question of the command line may say, its route may say too: one table, kept whole."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import typer

from api.test_tenants import whole_app
from ripplegraph.cli.main import app

OF_READING = {
    "also", "outage_rules", "mapping", "timezone", "day_first", "source_name", "strict",
}  # fmt: skip
"""How an export is read: a server has read it."""

OF_WRITING = {"as_json", "as_csv", "fail_on", "fail_below", "fail_above", "with_paths", "paths"}
"""How an answer is shown, and exit codes: the JSON holds all that they look at."""

FILES = {"open_psa", "xlsx", "openslo", "html", "pdf", "target", "renderer"}
"""Files for other programs: the command writes them, from the store that is served too."""

OF_MACHINES = {"memory", "mission_hours"}
"""The server has a budget of its own; fault trees are not served."""

ROUTES = {
    "availability": "GET /v1/availability",
    "cutsets": "GET /v1/services/{service}/cutsets",
    "spof": "GET /v1/single-points",
    "importance": "GET /v1/importance",
    "explain": "GET /v1/services/{service}/explain",
    "impact": "POST /v1/impact",
    "why": "POST /v1/why",
    "show": "GET /v1/cis",
    "services": "GET /v1/services",
    "check": "GET /v1/findings",
    "view": "GET /v1/services/{service}/view",
    "sla": "GET /v1/slas",
    "slr": "GET /v1/slrs",
    "allocate": "GET /v1/services/{service}/allocation",
    "times": "GET /v1/slas/times",
    "agreements": "GET /v1/agreements",
    "report": "GET /v1/reports",
    "timeline": "GET /v1/timeline",
    "improve": "GET /v1/improvements",
    "at": "GET /v1/state",
    "breaches": "GET /v1/breaches",
    "forecast": "GET /v1/forecast",
}
OTHER_NAMES = {
    ("at", "time"): "at",
    ("show", "ci"): "search",  # GET /v1/cis/{ci} shows one
    ("impact", "all_cis"): "all",
    ("why", "more_down"): "down",
    ("allocate", "answer"): "basis",
    ("sla", "ceiling"): "service",  # GET /v1/slas/ceilings is a route of its own
    ("slr", "requirement"): "slr",
    "services": "service",
    "basis": "bases",
    "own": "own_availability",
    "most_nodes": "nodes",
    "ranges": "range",
    "group_by": "by",
}


def test_no_question_is_left_out() -> None:
    others = {
        "load", "export", "mapping", "store", "keys", "serve", "warm-up", "version",
    }  # fmt: skip
    assert set(commands()) == set(ROUTES) | others


@pytest.mark.parametrize("command", ROUTES)
def test_the_api_may_be_asked_what_the_command_line_may(command: str) -> None:
    options = {one.name for one in commands()[command].params} - {"source", "sources", "help"}
    said = options - OF_READING - OF_WRITING - FILES - OF_MACHINES
    wanted = {
        OTHER_NAMES.get((command, name or ""), OTHER_NAMES.get(name or "", name)) for name in said
    }
    assert wanted <= parameters(ROUTES[command]), wanted - parameters(ROUTES[command])


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


@cache
def described_api() -> dict[str, Any]:
    return whole_app().openapi()


def parameters(label: str) -> set[str]:
    """Return what an operation takes: in its path, its query and its body."""
    method, path = label.split()
    described = described_api()
    operation = described["paths"][path][method.lower()]
    names = {one["name"] for one in operation.get("parameters", ())}
    if "requestBody" in operation:
        ref = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        names |= set(described["components"]["schemas"][ref.rpartition("/")[2]]["properties"])
    return names
