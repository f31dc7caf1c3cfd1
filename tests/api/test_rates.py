"""How often callers may call."""

from __future__ import annotations

import httpx
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
    Rate,
    RateLimiter,
    after_call,
)

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


def test_an_app_without_a_policy_limits_nobody() -> None:
    app = create_app(estate=estate_of(ReadyGraph(served_graph())), clock=lambda: NOW)
    with serving_app(app) as client:
        found: list[httpx.Response] = [client.get("/livez") for _ in range(5)]
    assert {one.status_code for one in found} == {200}
