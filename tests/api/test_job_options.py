"""What jobs may use is set by who runs the server."""

from __future__ import annotations

import pytest

from api.servers import NOW, ReadyGraph, serving_app
from api.test_api import problem_of
from graph_building import graph_of
from ripplegraph.api.edges import JobLimits
from ripplegraph.errors import SettingsError
from ripplegraph.wiring.job_options import job_options
from ripplegraph.wiring.job_runner import Budgets
from ripplegraph.wiring.serving import build_app

SETTING = "RIPPLEGRAPH_JOB_LIMITS"


def test_the_environment_sets_budgets_of_each_job_and_limits_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert job_options() == (Budgets(), JobLimits())
    monkeypatch.setenv(SETTING, "seconds=60, memory_bytes=2000000000,at_once=2,waiting=5")
    budgets, limits = job_options()
    assert budgets == Budgets(seconds=60, memory_bytes=2_000_000_000)
    assert limits == JobLimits(at_once=2, waiting=5)


@pytest.mark.parametrize("text", ["minutes=1", "seconds", "seconds=0", "seconds=-1", "at_once=x"])
def test_a_limit_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, text)
    with pytest.raises(SettingsError, match=SETTING) as wrong:
        job_options()
    assert wrong.value.setting == SETTING


def test_a_server_keeps_the_limits_that_were_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "upload_bytes=10")
    app = build_app(ReadyGraph(graph_of("shop -> db")), lambda: NOW)
    with serving_app(app) as client:  # type: ignore[arg-type] # it is FastAPI's
        sent = client.post("/v1/imports?name=a.json&reason=r", content="x" * 11)
        problem_of(sent, 413, "body-too-large")
