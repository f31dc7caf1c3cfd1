"""A real server on a free loopback port, and sources to serve."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import uvicorn

from ripplegraph.api.app import create_app
from ripplegraph.api.keys import KeyRing
from ripplegraph.graph.ports import GraphSource
from ripplegraph.graph.service_graph import ServiceGraph

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


@contextmanager
def serving(source: GraphSource, keys: KeyRing | None = None) -> Iterator[httpx.Client]:
    """Yield a client of a server that serves this source."""
    app = create_app(source=source, clock=lambda: NOW, keys=keys)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=10)
