"""Servers that are killed around each commit, and what the audit tells afterwards.

``python -m api.killed_servers sqlite FILE`` or ``neo4j URI``. One process forks a server for each
kill; the journal is never open when it forks. Each server is asked for the same: something that it
refuses, an outage, and a webhook, which is a write of a person. The last line says how many
were killed, how many writes were answered, and how many began and never ended; anything that the
audit lacks ends with an error.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import httpx
import uvicorn

from api.servers import NOW, ReadyGraph
from graph_building import graph_of
from ripplegraph.api.app import create_app
from ripplegraph.api.audit import CALLS
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.documents import LiveLayer
from ripplegraph.api.events.options import EventOptions
from ripplegraph.graph.journal import JournalWrite
from ripplegraph.graph.ports import EstateJournal
from ripplegraph.store.neo4j.connection import Address
from ripplegraph.store.neo4j.journal import Neo4jJournal
from ripplegraph.store.sqlite.journal import SqliteJournal

SECRETS = {"ops": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
MOMENTS = (*((at, is_before) for at in range(3, 7) for is_before in (True, False)), (9, True))
"""Around which commit a server dies: the refusal, the outage and the entry of that are three, the
webhook is one between two. The last server has done all when it is killed.
"""


class Deadly:
    """A journal whose ``at``-th commit kills the process, before it or after it."""

    def __init__(self, journal: EstateJournal, at: int, *, is_before: bool) -> None:
        self._journal, self._at, self._is_before = journal, at, is_before
        self._commits = count(1)
        self.document, self.documents = journal.document, journal.documents
        self.entries, self.last_number = journal.entries, journal.last_number

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        number = next(self._commits)
        if number == self._at and self._is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        numbers = self._journal.commit(writes)
        if number == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        return numbers


def serve(listening: socket.socket, journal: EstateJournal) -> None:
    estate = ServedEstate(
        source=ReadyGraph(graph_of("shop -> db")),
        journal=journal,
        overlay=LiveLayer,
        origin="test",
    )
    app = create_app(estate=estate, clock=lambda: NOW, events=EventOptions(secrets=SECRETS))
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listening])


def answers(url: str, name: str) -> list[int]:
    """Ask for three things, and return what was answered until the server was gone."""
    asked: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
        ("/v1/outages", {}, {"Origin": "https://evil.example"}),
        ("/v1/outages", {"source": "s", "external_id": name, "ci": "db"}, {}),
        ("/v1/webhooks", {"url": "https://hooks.example/hook", "secret": "ops"}, {}),
    )
    found: list[int] = []
    for number, (path, body, headers) in enumerate(asked):
        told = headers | {"X-Request-ID": f"{name}.{number}"}
        try:
            answer = httpx.post(url + path, json=body, headers=told, trust_env=False, timeout=60)
        except httpx.TransportError:
            break
        found.append(answer.status_code)
    return found


def killed_once(opened: Callable[[], EstateJournal], at: int, *, is_before: bool) -> list[int]:
    """Fork a server that is killed around a commit; return what it answered."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = os.fork()
        if server == 0:
            try:
                serve(listening, Deadly(opened(), at, is_before=is_before))
            finally:
                os._exit(1)
    found = answers(url, f"{at}-{is_before}")
    os.kill(server, signal.SIGKILL)  # where it was asked for less than expected
    assert os.waitstatus_to_exitcode(os.waitpid(server, 0)[1]) == -signal.SIGKILL
    return found


def check(journal: EstateJournal, name: str, found: Sequence[int], webhooks: int) -> list[str]:
    """Check that the audit tells what was answered and done; return how the write went."""
    rows = [json.loads(one.payload) for one in journal.entries(CALLS, limit=10_000)]
    told: dict[int, list[str]] = {number: [] for number in range(3)}
    for row in rows:
        if row["request_id"].startswith(f"{name}."):
            told[int(row["request_id"][-1])].append(row["outcome"])
    if len(found) > 1:
        assert told[0] == ["refused"], (name, found, rows)
        assert told[1] == ["done"], (name, found, rows)
    if len(found) > 2:
        assert told[2] == ["begun", "done"], (name, found, rows)
    is_done = len(journal.documents("webhooks")) > webhooks
    assert not is_done or told[2], f"{name}: a webhook of nobody"
    assert found == [403, 201, 201][: len(found)]
    return told[2]


def kill_all(opened: Callable[[], EstateJournal]) -> str:
    """Kill a server at each moment; return what was seen."""
    kills = answered = left_begun = webhooks = 0
    for at, is_before in MOMENTS:
        found = killed_once(opened, at, is_before=is_before)
        told = check(opened(), f"{at}-{is_before}", found, webhooks)
        webhooks = len(opened().documents("webhooks"))
        kills += 1
        answered += len(found) == 3
        left_begun += told == ["begun"]
    return f"{kills} kills, {answered} answered, {left_begun} begun"


def main() -> None:
    """Kill servers of the store that the command line names."""
    kind, place = sys.argv[1:]
    if kind == "neo4j":
        said = kill_all(lambda: Neo4jJournal(Address(uri=place)))
    else:
        said = kill_all(lambda: SqliteJournal(Path(place)))
    sys.stdout.write(said + "\n")


if __name__ == "__main__":
    main()
