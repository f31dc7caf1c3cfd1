"""A real server on a free loopback port, and sources to serve."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import uvicorn
from fastapi import FastAPI

from ripplegraph.api.app import create_app
from ripplegraph.api.callers import Credentials
from ripplegraph.api.edges import Edges
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.documents import LiveLayer
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.policy import Policy
from ripplegraph.graph.ports import GraphSource
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.store.memory_journal import MemoryJournal

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)


@dataclass
class ReadyGraph:
    """A source that holds its graph."""

    graph: ServiceGraph

    def read(self) -> ServiceGraph:
        return self.graph


@dataclass
class BrokenSource:
    """A source that cannot be read."""

    error: Exception

    def read(self) -> ServiceGraph:
        raise self.error


def estate_of(source: GraphSource) -> ServedEstate:
    """Return a source as it is served: with a journal of its own and no store."""
    return ServedEstate(source=source, journal=MemoryJournal(), overlay=LiveLayer, origin="test")


def serving(
    source: GraphSource, keys: Credentials | None = None, policy: Policy | None = None
) -> AbstractContextManager[httpx.Client]:
    """Return a client of a server that serves this source."""
    return serving_estate(estate_of(source), keys, policy=policy)


def serving_estate(
    estate: ServedEstate,
    keys: Credentials | None = None,
    *,
    edges: Edges | None = None,
    events: EventOptions | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
    policy: Policy | None = None,
) -> AbstractContextManager[httpx.Client]:
    """Return a client of a server that serves this estate."""
    app = create_app(
        estate=estate, clock=clock, keys=keys, edges=edges, events=events, policy=policy
    )
    return serving_app(app)


@contextmanager
def serving_app(app: FastAPI) -> Iterator[httpx.Client]:
    """Yield a client of a server of this app."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=10)
