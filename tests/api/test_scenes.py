"""The picture of a service as data: what is drawn, and what is counted as hidden."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from api.servers import ReadyGraph, serving
from api.test_api import problem_of, served_graph
from ripplegraph.visualize.scene import LARGEST_LIMIT


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(served_graph())) as client:
        yield client


def test_a_scene_shows_every_ci_and_relation_of_the_service(client: httpx.Client) -> None:
    scene = client.get("/v1/services/shop/scene", params={"down": "db"}).json()
    boxes = {one["name"]: one for one in scene["boxes"]}
    assert set(boxes) == {"shop", "web", "db", "h1", "h2"}
    assert (scene["status"], scene["hidden_cis"], scene["hidden_relations"]) == ("down", 0, 0)
    assert boxes["db"]["is_root_cause"]
    assert boxes["shop"]["why"][-1] == "db"
    pairs = {(one["dependent"], one["dependency"]): one for one in scene["lines"]}
    on_path = pairs[boxes["shop"]["box"], boxes["db"]["box"]]
    assert (on_path["passed"], on_path["is_on_path"]) == ("down", True)
    assert scene["service"] == boxes["shop"]["box"]


def test_what_a_smaller_scene_hides_is_counted(client: httpx.Client) -> None:
    path = client.get("/v1/services/shop/scene", params={"down": "db", "level": "path"}).json()
    assert {one["name"] for one in path["boxes"]} == {"shop", "db"}
    assert path["hidden_cis"] == 3
    small = client.get("/v1/services/shop/scene", params={"limit": 2}).json()
    assert len(small["boxes"]) + small["hidden_cis"] == small["ci_count"] == 5


def test_an_outage_shows_all_that_falls_without_naming_a_service(client: httpx.Client) -> None:
    scene = client.get("/v1/scene", params={"down": "db", "level": "path"}).json()
    assert {one["name"] for one in scene["boxes"]} == {"shop", "svc2", "a/b:c", "db"}
    assert (scene["service"], scene["status"]) == (None, "down")
    assert "What falls with db" in client.get("/v1/view", params={"down": "db"}).text
    for address in ("/v1/scene", "/v1/view"):
        problem_of(client.get(address), 422, "invalid-scenario")


def test_a_wrong_scene_is_refused(client: httpx.Client) -> None:
    problem_of(client.get("/v1/services/nobody/scene"), 404, "unknown-ci")
    for asked in ({"level": "most"}, {"limit": 0}, {"limit": LARGEST_LIMIT + 1}):
        answer = client.get("/v1/services/shop/scene", params=asked)
        problem_of(answer, 422, "invalid-request")
