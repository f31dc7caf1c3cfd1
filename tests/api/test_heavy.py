"""Heavy questions: few at once, others in their turn, each in time or as a job."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import httpx
import pytest

from api.servers import NOW, ReadyGraph, estate_of, serving
from api.test_api import problem_of, served_graph
from ripplegraph.api.app import create_app
from ripplegraph.api.heavy import HeavyLimits, Places
from ripplegraph.api.policy import Policy
from ripplegraph.api.rates import Limits
from ripplegraph.api.scopes import RouteTable
from ripplegraph.graph.service_graph import ServiceGraph

SECONDS = 30


def test_places_are_taken_and_given_back() -> None:
    async def take() -> None:
        places = Places(HeavyLimits(of_one=1, of_all=2, wait_seconds=0))
        async with places.place_for("a") as first, places.place_for("a") as second:
            assert (first, second) == (True, False)
            async with places.place_for("b") as other, places.place_for("c") as beyond:
                assert (other, beyond) == (True, False)
        async with places.place_for("a") as again:
            assert again

    asyncio.run(take())


@dataclass
class Asked:
    """Questions for a place: which of them have one, in their order, and when they may end."""

    places: Places
    begun: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    may_end: dict[str, asyncio.Event] = field(default_factory=dict)

    def ask(self, name: str) -> asyncio.Task[None]:
        """Ask a question whose kind is its first letter."""
        self.may_end[name] = asyncio.Event()
        return asyncio.create_task(self._answer(name))

    async def _answer(self, name: str) -> None:
        async with self.places.place_for(name[0]) as has_place:
            (self.begun if has_place else self.refused).append(name)
            if has_place:
                await self.may_end[name].wait()


async def settled() -> None:
    """Let all tasks go as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_who_waits_comes_in_turn_and_before_who_comes_later() -> None:
    async def wait() -> None:
        asked = Asked(Places(HeavyLimits(of_one=1, of_all=2, wait_seconds=SECONDS)))
        tasks = [asked.ask(name) for name in ("a1", "a2", "b1", "c1", "a3")]
        await settled()
        assert asked.begun == ["a1", "b1"]
        asked.may_end["b1"].set()
        await settled()
        assert asked.begun == ["a1", "b1", "c1"], "a kind that has its places holds up no other"
        tasks.append(asked.ask("a4"))
        for name in ("a1", "a2", "a3", "a4", "c1"):
            asked.may_end[name].set()
        await asyncio.gather(*tasks)
        assert asked.begun[3:] == ["a2", "a3", "a4"]
        assert asked.refused == []

    asyncio.run(wait())


def test_only_so_many_wait() -> None:
    async def wait() -> None:
        asked = Asked(Places(HeavyLimits(of_one=1, waiting=1, wait_seconds=SECONDS)))
        tasks = [asked.ask(name) for name in ("a1", "a2", "a3")]
        await settled()
        assert (asked.begun, asked.refused) == (["a1"], ["a3"])
        for one in asked.may_end.values():
            one.set()
        await asyncio.gather(*tasks)
        assert asked.begun == ["a1", "a2"]

    asyncio.run(wait())


@pytest.mark.parametrize("is_its_turn", [False, True])
def test_a_question_that_is_called_off_keeps_no_place(*, is_its_turn: bool) -> None:
    async def call_off() -> None:
        asked = Asked(Places(HeavyLimits(of_one=1, wait_seconds=SECONDS)))
        async with asked.places.place_for("a"):
            second, third = asked.ask("a2"), asked.ask("a3")
            await settled()
            if not is_its_turn:
                second.cancel()
        second.cancel()  # it was told that it has a place, and did not go on yet
        await asyncio.wait({second})
        asked.may_end["a3"].set()
        await third
        assert asked.begun == ["a3"]

    asyncio.run(call_off())


@dataclass
class HeldGraph:
    """A source whose first read lasts until it is let go."""

    graph: ServiceGraph
    begun: Event = field(default_factory=Event)
    may_end: Event = field(default_factory=Event)

    def read(self) -> ServiceGraph:
        self.begun.set()
        assert self.may_end.wait(timeout=SECONDS)
        return self.graph


@contextmanager
def held(limits: HeavyLimits) -> Iterator[tuple[httpx.Client, HeldGraph, ThreadPoolExecutor]]:
    """Yield a client of a server that answers nothing until it is let go, and other callers."""
    source = HeldGraph(served_graph())
    policy = Policy(limits=Limits(of_callers=None, of_strangers=None, heavy=limits))
    with serving(source, None, policy) as client, ThreadPoolExecutor(2) as others:
        try:
            yield client, source, others
        finally:
            source.may_end.set()


def test_who_waited_too_long_is_told_to_ask_as_a_job() -> None:
    with held(HeavyLimits(of_one=1, wait_seconds=0.01)) as (client, source, others):
        first = others.submit(client.get, "/v1/availability")
        assert source.begun.wait(timeout=SECONDS)
        answer = client.get("/v1/availability")
        problem_of(answer, 503, "busy")
        assert answer.headers["retry-after"] == "2"
        assert "/v1/jobs" in answer.json()["detail"]
        source.may_end.set()
        assert first.result().status_code == 200
        assert client.get("/v1/availability").status_code == 200


def test_who_waits_is_answered_when_the_one_before_is() -> None:
    with held(HeavyLimits(of_one=1, wait_seconds=SECONDS)) as (client, source, others):
        asked = [others.submit(client.post, "/v1/incident", json={}) for _ in range(2)]
        assert source.begun.wait(timeout=SECONDS)
        source.may_end.set()
        assert [one.result().status_code for one in asked] == [200, 200]


def test_an_answer_that_takes_long_is_given_up_but_its_place_is_kept_until_it_ends() -> None:
    limits = HeavyLimits(of_one=1, wait_seconds=0.01, answer_seconds=0.2)
    with held(limits) as (client, source, others):
        first = others.submit(client.post, "/v1/incident", json={})
        late = first.result()
        problem_of(late, 503, "takes-too-long")
        assert "/v1/jobs" in late.json()["detail"]
        assert source.begun.is_set()
        problem_of(client.post("/v1/incident", json={}), 503, "busy")
        source.may_end.set()
        while (again := client.post("/v1/incident", json={})).status_code == 503:
            pass  # its thread ends in a moment
        assert again.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/what-if"),
        ("POST", "/v1/incident"),
        ("GET", "/v1/services/shop/allocation"),
        ("GET", "/v1/slas"),
        ("GET", "/v1/reports"),
    ],
)
def test_questions_that_the_engine_works_on_for_seconds_are_heavy(method: str, path: str) -> None:
    app = create_app(estate=estate_of(ReadyGraph(served_graph())), clock=lambda: NOW)
    assert RouteTable(app.routes).route_of(path, method).need.is_heavy
