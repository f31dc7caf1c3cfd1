"""Rows on a Neo4j server of their own: in and back, beside a bare script of the driver.

The bare script finds its rows made, and sends the same texts in the same batches. Seconds are of
the clock, since most of the work is the server's; the two take turns.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, TypeVar, cast

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
_CPU = 2  # places from the seconds of the clock to those of CPU
_BARE_BATCH = 1_000_000
_REMOVE_SOME = "MATCH (n) WITH n LIMIT 10000 DETACH DELETE n RETURN count(*)"
Done = TypeVar("Done")
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


def neo4j_rows(
    subject: Subject, *, warm_up: Subject, rounds: int, heap: str, page_cache: str
) -> list[Row]:
    """Time publishing an estate and reading it back; no rows where there is no Java or Maven.

    The server is warmed by all of it with another estate, a smaller one: a round costs minutes.
    """
    tool = import_module("tools.neo4j.neo4j_server")
    options = (f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError")
    with TemporaryDirectory() as home:
        try:
            server = tool.Neo4jServer(
                tool.versions_here()[0], Path(home), options, page_cache=page_cache
            )
            server.start()
        except tool.Neo4jMissingError as missing:
            print(f"the rows on Neo4j are left out: {missing}")
            return []
        try:
            with GraphDatabase.driver(server.uri, notifications_min_severity="OFF") as driver:
                _rows(warm_up, server.uri, driver, 1)
                return _rows(subject, server.uri, driver, rounds)
        finally:
            server.stop()


def _rows(subject: Subject, uri: str, driver: Driver, rounds: int) -> list[Row]:
    spent: dict[str, list[tuple[float, ...]]] = {"ours": [], PEER: []}
    with driver.session() as session:
        sides: dict[str, Callable[[], tuple[float, ...]]] = {
            "ours": lambda: _ours(subject.graph, uri),
            PEER: lambda: _bare(subject.graph, session),
        }
        for number in range(rounds):
            for name in list(sides) if number % 2 == 0 else reversed(list(sides)):
                _empty(session, uri)
                spent[name].append(sides[name]())
                print(f"{name}: {spent[name][-1]} s in and back", file=sys.stderr, flush=True)
    return [
        Row(
            name=name,
            size=subject.graph.ci_count,
            ours_s=median(one[place] for one in spent["ours"]),
            peer=PEER,
            peer_s=median(one[place] for one in spent[PEER]),
            goal=goal,
            why=_why(median(one[place + _CPU] for one in spent["ours"])),
        )
        for place, name, goal in (
            (0, "into Neo4j", GOAL_IN),
            (1, "back from Neo4j", GOAL_BACK),
        )
    ]


def _why(cpu_s: float) -> str:
    return (
        f"{cpu_s:.1f} s of ours are this process's CPU (rows made and hashed, the graph built); "
        "for the rest it waits for the server"
    )


def _ours(graph: ServiceGraph, uri: str) -> tuple[float, ...]:
    """Return the seconds that publishing a graph takes, and reading it back; then those of CPU.

    CPU seconds are this process's alone: what is missing to those of the clock is the server's.
    """
    estate = Neo4jEstate(Address(uri=uri))
    began = process_time()
    seconds_in, _ = _timed(lambda: estate.publish(graph, provenance()))
    cpu_in = process_time() - began
    estate.read()  # so that its queries are planned
    began = process_time()
    seconds_back, back = _timed(estate.read)
    cpu_back = process_time() - began
    require(back.ci_count == graph.ci_count, "every CI comes back")
    edges = len(back.topology.edge_dependent)
    require(edges == len(graph.topology.edge_dependent), "every dependency too")
    return seconds_in, seconds_back, cpu_in, cpu_back


def _bare(graph: ServiceGraph, session: Session) -> tuple[float, ...]:
    """Return the same of a script that knows nothing of revisions; its rows are made before."""
    seconds_in = _seconds_to_send(session, what_is_sent(graph))
    seconds_back, (dependents, _) = _second_time(lambda: read_bare(session, graph.ci_count))
    require(len(dependents) == len(graph.topology.edge_dependent), "every dependency comes back")
    return seconds_in, seconds_back


def _seconds_to_send(session: Session, sent: Sent) -> float:
    return _timed(lambda: write_bare(session, sent))[0]


def _timed(task: Callable[[], Done]) -> tuple[float, Done]:
    gc.collect()
    start = perf_counter()
    done = task()
    return perf_counter() - start, done


def _second_time(task: Callable[[], Done]) -> tuple[float, Done]:
    """Return the seconds of a task that was done once: its queries are planned by then."""
    task()
    return _timed(task)


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
    """Remove all there is, in transactions that each stay within the time-out of the server."""
    while session.run(_REMOVE_SOME).single(strict=True)[0]:
        pass
    migrate(session, uri)
