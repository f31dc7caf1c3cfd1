"""How often callers may call, and how many heavy questions are answered at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Event

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.servers import NOW, ReadyGraph, estate_of, serving, serving_app
from api.test_api import problem_of, served_graph
from api.test_keys import READER, RING, STRANGER
from ripplegraph.api.app import create_app
from ripplegraph.api.policy import Policy
from ripplegraph.api.rates import (
    KEPT_BUCKETS,
    Bucket,
    Limits,
    Places,
    Rate,
    RateLimiter,
    after_call,
)
from ripplegraph.api.scopes import RouteTable
from ripplegraph.graph.service_graph import ServiceGraph

NEVER_AGAIN = Rate(per_second=1e-6, burst=3)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(0, 5), min_size=1, max_size=60),
    st.floats(0.1, 10),
    st.integers(1, 10),
)
def test_no_caller_gets_more_than_its_burst_and_its_rate(
    pauses: list[float], per_second: float, burst: int
) -> None:
    rate, bucket, now, passed = Rate(per_second=per_second, burst=burst), None, 0.0, 0
    for pause in pauses:
        now += pause
        bucket, wait = after_call(bucket, rate, now)
        passed += wait == 0
        again, _ = after_call(bucket, rate, now + wait + 1e-9)
        assert wait == 0 or again.tokens >= 0  # who waits as long as told may pass
        assert wait == 0 or after_call(bucket, rate, now + wait + 1e-6)[1] == 0
    assert passed <= burst + per_second * (now - pauses[0]) + 1e-6


def test_a_clock_that_stands_still_or_runs_back_gives_nothing() -> None:
    rate = Rate(per_second=1, burst=1)
    empty = Bucket(tokens=0, at=10.0)
    assert after_call(empty, rate, 10.0)[1] == 1.0
    assert after_call(empty, rate, 9.0)[1] == 1.0


def test_the_buckets_of_many_callers_take_bounded_memory() -> None:
    limiter = RateLimiter(Rate(per_second=1, burst=1), lambda: 0.0)
    assert limiter.wait_of("first") == 0
    assert limiter.wait_of("first") > 0
    for number in range(KEPT_BUCKETS):
        limiter.wait_of(str(number))
    assert limiter.wait_of("first") == 0  # it was forgotten


def test_places_are_taken_and_given_back() -> None:
    places = Places(of_one=1, of_all=2)
    with places.place_for("a") as first, places.place_for("a") as second:
        assert (first, second) == (True, False)
        with places.place_for("b") as other, places.place_for("c") as beyond:
            assert (other, beyond) == (True, False)
    with places.place_for("a") as again:
        assert again


def test_a_caller_who_calls_too_often_waits_while_others_are_answered() -> None:
    policy = Policy(limits=Limits(of_callers=NEVER_AGAIN))
    with serving(ReadyGraph(served_graph()), RING, policy) as client:
        mine = {"Authorization": f"Bearer {READER}"}
        codes = [client.get("/v1/services", headers=mine).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        answer = client.get("/v1/services", headers=mine)
        problem_of(answer, 429, "too-many-calls")
        assert int(answer.headers["retry-after"]) > 1000
        assert client.get("/livez").status_code == 200
        stranger = {"Authorization": f"Bearer {STRANGER}"}
        problem_of(client.get("/v1/services", headers=stranger), 401, "key-needed")


def test_a_stranger_who_tries_too_often_waits_but_locks_nobody_out() -> None:
    policy = Policy(limits=Limits(of_callers=None, of_strangers=NEVER_AGAIN))
    with serving(ReadyGraph(served_graph()), RING, policy) as client:
        codes = [client.get("/v1/services").status_code for _ in range(5)]
        assert codes == [401, 401, 401, 429, 429]
        mine = {"Authorization": f"Bearer {READER}"}
        assert client.get("/v1/services", headers=mine).status_code == 200


@dataclass
class SlowGraph:
    """A source whose second read lasts until it is let go."""

    graph: ServiceGraph
    begun: Barrier
    may_end: Event

    def read(self) -> ServiceGraph:
        self.begun.wait(timeout=30)
        self.may_end.wait(timeout=30)
        return self.graph


def test_of_heavy_questions_only_some_are_answered_at_once() -> None:
    begun, may_end = Barrier(2), Event()
    source = SlowGraph(served_graph(), begun, may_end)
    policy = Policy(limits=Limits(of_callers=None, of_strangers=None, heavy_of_one=1))
    with serving(source, None, policy) as client, ThreadPoolExecutor(1) as other:
        first = other.submit(client.get, "/v1/availability", timeout=60)
        begun.wait(timeout=30)
        answer = client.get("/v1/availability")
        problem_of(answer, 503, "busy")
        assert answer.headers["retry-after"] == "2"
        may_end.set()
        assert first.result().status_code == 200
        assert client.get("/v1/availability").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/what-if"),
        ("GET", "/v1/services/shop/allocation"),
        ("GET", "/v1/slas"),
        ("GET", "/v1/reports"),
    ],
)
def test_questions_that_the_engine_works_on_for_seconds_are_heavy(method: str, path: str) -> None:
    app = create_app(estate=estate_of(ReadyGraph(served_graph())), clock=lambda: NOW)
    assert RouteTable(app.routes).route_of(path, method).need.is_heavy


def test_an_app_without_a_policy_limits_nobody() -> None:
    app = create_app(estate=estate_of(ReadyGraph(served_graph())), clock=lambda: NOW)
    with serving_app(app) as client:
        found: list[httpx.Response] = [client.get("/livez") for _ in range(5)]
    assert {one.status_code for one in found} == {200}
