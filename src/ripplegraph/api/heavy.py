"""Heavy questions: few are answered at once, others wait their turn, each is answered in time.

They are computed by threads of the server, beside the light ones. Whoever computes slows those
down, so few may; what takes long belongs into a job, which has a process of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from anyio import Event, move_on_after
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ripplegraph.api.guard import Refusal, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class HeavyLimits:
    """How many heavy questions are answered at once, and how long one may take.

    Parameters
    ----------
    of_one, of_all
        Answered at once: of one route, of all.
    waiting
        How many wait for a place; who comes then is refused at once.
    wait_seconds
        How long one waits before it is refused.
    answer_seconds
        How long one is answered before its caller is told to ask as a job.
    """

    of_one: int = 2
    of_all: int = 3
    waiting: int = 50
    wait_seconds: float = 10.0
    answer_seconds: float = 60.0


class Places:
    """Who is answered now, of one kind and of all kinds, and who waits; for one event loop."""

    def __init__(self, limits: HeavyLimits) -> None:
        self._limits = limits
        self._taken: Counter[str] = Counter()
        self._waiting: dict[Event, str] = {}

    @asynccontextmanager
    async def place_for(self, kind: str) -> AsyncIterator[bool]:
        """Take a place while the question is answered; False if none is free in time."""
        if not (self._take(kind) or await self._wait_for(kind)):
            yield False
            return
        try:
            yield True
        finally:
            self._give_back(kind)

    def _take(self, kind: str) -> bool:
        limits = self._limits
        is_free = self._taken[kind] < limits.of_one and self._taken.total() < limits.of_all
        self._taken[kind] += is_free
        return is_free

    async def _wait_for(self, kind: str) -> bool:
        if len(self._waiting) >= self._limits.waiting:
            return False
        turn = Event()
        self._waiting[turn] = kind
        try:
            with move_on_after(self._limits.wait_seconds):
                await turn.wait()
        except BaseException:
            if turn.is_set():  # it was its turn just when it was called off
                self._give_back(kind)
            raise
        finally:
            self._waiting.pop(turn, None)
        return turn.is_set()

    def _give_back(self, kind: str) -> None:
        """Free a place, and let those who waited longest have what is free now."""
        self._taken[kind] -= 1
        for turn, waiting in list(self._waiting.items()):
            if self._take(waiting):
                del self._waiting[turn]
                turn.set()


class HeavyQuestions:
    """Answers heavy questions by an app, within limits."""

    def __init__(self, app: ASGIApp, limits: HeavyLimits) -> None:
        self._app, self._seconds = app, limits.answer_seconds
        self._places = Places(limits)

    async def answer(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question of a kind, or say why not."""
        async with self._places.place_for(kind) as has_place:
            if has_place:
                await self._answer_in_time(scope, receive, send)
            else:
                await refuse(scope, send, _BUSY)

    async def _answer_in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a caller who waited too long is told so.

        The thread that computes cannot be stopped: its place is free when it has ended.
        """
        is_begun = is_late = False

        async def send_in_time(message: Message) -> None:
            nonlocal is_begun
            if not is_late:
                is_begun = True
                await send(message)

        answering = asyncio.ensure_future(self._app(scope, receive, send_in_time))
        try:
            await asyncio.wait({answering}, timeout=self._seconds)
            if not (answering.done() or is_begun):
                is_late = True
                await refuse(scope, send, _LATE)
            await answering
        finally:
            answering.cancel()


_JOB = "POST /v1/jobs asks it as a job, which has minutes."
_BUSY = Refusal(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="busy",
    detail=f"Too many heavy questions are being answered. Ask again soon. {_JOB}",
    headers={"Retry-After": "2"},
)
_LATE = Refusal(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="takes-too-long",
    detail=f"This takes longer than an answer may. {_JOB}",
)
