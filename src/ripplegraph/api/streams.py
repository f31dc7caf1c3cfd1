"""Answers that go on: until their reader is known no more, or the server stops."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from ripplegraph.api.callers import caller_of
from ripplegraph.api.questions.asked import Clock


def let_streams_end(app: FastAPI) -> None:
    """Let :func:`end_streams` reach the streams of an app."""
    app.state.is_stopping = Event()


def end_streams(app: ASGIApp) -> None:
    """Let every stream of an app end soon: a server that stops waits for what it answers."""
    assert isinstance(app, FastAPI)
    app.state.is_stopping.set()


def goes_on(request: Request, clock: Clock) -> Callable[[], bool]:
    """Return what tells whether the answer to a request goes on."""
    caller, is_stopping = caller_of(request), request.app.state.is_stopping
    return lambda: caller.is_known_at(clock()) and not is_stopping.is_set()
