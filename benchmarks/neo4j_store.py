"""Rows on a Neo4j server of their own: in and back, beside a bare script of the driver.

The bare script finds its rows made, and sends the same texts in the same batches. Seconds are of
the clock, since most of the work is the server's; the two take turns.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.rows import Row, require
from benchmarks.stores import provenance
from benchmarks.subject import Subject
from neo4j import Driver, GraphDatabase, Session
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.store.neo4j import cypher
from ripplegraph.store.neo4j.connection import Address, migrate
from ripplegraph.store.neo4j.estate import Neo4jEstate
from ripplegraph.store.neo4j.staging import Batch, stage

PEER = "bare driver, same UNWINDs"
GOAL_IN, GOAL_BACK = 1 / 1.3, 1 / 1.5
_CHUNK = 20_000
_BARE_BATCH = 1_000_000
Sent = list[tuple[Any, dict[str, Any]]]


class _Recorder:
    """Takes what a session is sent, as if all of it were written."""

    def __init__(self) -> None:
        self.sent: Sent = []

    def execute_write(self, work: Callable[[_Recorder], object]) -> object:
        return work(self)

    def run(self, text: object, parameters: dict[str, Any]) -> list[tuple[int]]:
        if "rows" not in parameters:
            return []
        self.sent.append((text, parameters))
        return [(len(parameters["rows"]),)]


def neo4j_rows(subject: Subject, *, rounds: int, heap: str) -> list[Row]:
    """Time publishing an estate and reading it back; no rows where there is no Java or Maven."""
    tool = import_module("tools.neo4j.neo4j_server")
    options = (f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError")
    with TemporaryDirectory() as home:
        try:
            server = tool.Neo4jServer(tool.versions_here()[0], Path(home), options)
            server.start()
        except tool.Neo4jMissingError as missing:
            print(f"the rows on Neo4j are left out: {missing}")
            return []
        try:
            with GraphDatabase.driver(server.uri, notifications_min_severity="OFF") as driver:
                return _rows(subject, server.uri, driver, rounds)
        finally:
            server.stop()


def _rows(subject: Subject, uri: str, driver: Driver, rounds: int) -> list[Row]:
    graph, estate = subject.graph, Neo4jEstate(Address(uri=uri))
    sent = what_is_sent(graph)
    with driver.session() as session:
        spent_in = _seconds(
            {
                "ours": lambda: estate.publish(graph, provenance()),
                PEER: lambda: write_bare(session, sent),
            },
            rounds=rounds,
            before=lambda: _empty(session, uri),
        )
        _empty(session, uri)
        estate.publish(graph, provenance())
        write_bare(session, sent)
        back, (dependents, _) = estate.read(), read_bare(session, graph.ci_count)
        require(back.ci_count == graph.ci_count, "every CI comes back")
        require(len(dependents) == len(back.topology.edge_dependent), "every dependency too")
        spent_back = _seconds(
            {"ours": estate.read, PEER: lambda: read_bare(session, graph.ci_count)},
            rounds=rounds,
            before=lambda: None,
        )
    return [
        Row(
            name=name,
            size=graph.ci_count,
            ours_s=spent["ours"],
            peer=PEER,
            peer_s=spent[PEER],
            goal=goal,
        )
        for name, spent, goal in (
            ("into Neo4j", spent_in, GOAL_IN),
            ("back from Neo4j", spent_back, GOAL_BACK),
        )
    ]


def what_is_sent(graph: ServiceGraph) -> Sent:
    """Return the texts and batches of rows with which a graph goes into a server."""
    recorder = _Recorder()
    stage(cast("Session", recorder), _BARE_BATCH, Batch.of(graph))
    return recorder.sent


def write_bare(session: Session, sent: Sent) -> None:
    """Send rows that are made already, a transaction for each batch."""
    for text, parameters in sent:
        session.execute_write(lambda work, *given: work.run(*given).consume(), text, parameters)


def read_bare(session: Session, ci_count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Read CIs and dependencies back as numbers of dependents and dependencies."""
    cis, dependencies = (
        msgspec.json.decode(f"[{','.join(payloads)}]", type=list[dict[str, object]])
        for payloads in (
            _payloads(session, text, ci_count)
            for text in (cypher.READ_CI_PAYLOADS, cypher.READ_DEPENDENCY_PAYLOADS)
        )
    )
    number_of = {one["native_id"]: at for at, one in enumerate(cis)}
    dependents, needed = (
        np.array([number_of.get(one[end], -1) for one in dependencies])
        for end in ("dependent", "dependency")
    )
    return dependents, needed


def _payloads(session: Session, text: Any, ci_count: int) -> list[str]:
    found: list[tuple[int, str]] = []
    for low in range(0, ci_count, _CHUNK):
        answer = session.run(text, batch=_BARE_BATCH, low=low, high=low + _CHUNK).values()
        found += zip(*answer[0], strict=True)
    return [payload for _, payload in sorted(found)]


def _empty(session: Session, uri: str) -> None:
    session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
    migrate(session, uri)


def _seconds(
    tasks: dict[str, Callable[[], object]], *, rounds: int, before: Callable[[], object]
) -> dict[str, float]:
    """Return the median seconds of each task after one round that is not counted."""
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds + 1):
        names: Sequence[str] = list(tasks)
        for name in names if number % 2 == 0 else reversed(names):
            before()
            gc.collect()
            start = perf_counter()
            kept = tasks[name]()
            if number:
                spent[name].append(perf_counter() - start)
            del kept
    return {name: median(times) for name, times in spent.items()}
