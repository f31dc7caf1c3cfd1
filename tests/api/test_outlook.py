"""The state, missed SLAs, forecasts, gains, allocation: the answers of the commands, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from typer.testing import CliRunner

from api.servers import ReadyGraph, serving
from api.test_api import problem_of
from ripplegraph import load
from ripplegraph.cli.main import app

EXPORT = "examples/acme"
AT = "2026-11-20T09:00:00Z"


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(load(EXPORT))) as client:
        yield client


@pytest.mark.parametrize(
    ("command", "path"),
    [
        (f"at SOURCE {AT}", f"/v1/state?at={AT}"),
        (f"breaches SOURCE --at {AT}", f"/v1/breaches?at={AT}"),
        (
            f"breaches SOURCE Finance --window 2026-10 --at {AT}",
            f"/v1/breaches?service=Finance&window=2026-10&at={AT}",
        ),
        (f"forecast SOURCE --at {AT}", f"/v1/forecast?at={AT}"),
        (f"improve SOURCE --days 90 --at {AT}", f"/v1/improvements?days=90&at={AT}"),
        (f"spof SOURCE --at {AT}", f"/v1/single-points?at={AT}"),
        (
            f"report SOURCE --metrics --design --at {AT}",
            f"/v1/reports?metrics=true&design=true&at={AT}",
        ),
        (
            f"timeline SOURCE --window 2026-10 --at {AT}",
            f"/v1/timeline?window=2026-10&at={AT}",
        ),
        (
            f"allocate SOURCE Finance --target 0.999 --rule proportional --at {AT}",
            f"/v1/services/Finance/allocation?target=0.999&rule=proportional&at={AT}",
        ),
        (
            f"availability SOURCE Finance --uncertainty 50 --at {AT}",
            f"/v1/availability?service=Finance&uncertainty=50&at={AT}",
        ),
    ],
)
def test_a_route_answers_what_the_command_answers(
    client: httpx.Client, command: str, path: str
) -> None:
    words = command.replace("SOURCE", EXPORT).split()
    said = CliRunner().invoke(app, [*words, "--json"])
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json() == json.loads(said.stdout)


def test_a_wrong_window_or_target_is_refused(client: httpx.Client) -> None:
    for path in (
        "/v1/breaches?window=soon",
        "/v1/improvements?days=0",
        "/v1/services/shop/allocation",
        "/v1/services/shop/allocation?target=99.9",
        "/v1/services/shop/allocation?target=NaN",
    ):
        problem_of(client.get(path), 422, "invalid-request")
