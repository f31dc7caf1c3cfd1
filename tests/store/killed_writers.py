"""Writers of a store that are killed at chosen moments, and what is found afterwards.

``python -m store.killed_writers sqlite FILE``, ``neo4j URI``, or ``server FOLDER``, which starts a
Neo4j server there and kills that, with the writer. One process forks a writer for
each kill, so that a kill costs milliseconds; the store is never open when it forks. A writer
publishes, commits to the journal and prunes in turn, and tells what came through. The last line
says how many were killed and what stands in the end; anything wrong ends with an error.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import TextIO

import apsw

from graph_building import graph_of
from neo4j import ManagedTransaction
from neo4j_server import Neo4jServer, versions_here
from ripplegraph.graph.journal import AppendEntry, PutDocument
from ripplegraph.graph.ports import EstateJournal, EstateStore
from ripplegraph.graph.revisions import ImportRules
from ripplegraph.store.neo4j.connection import Address
from ripplegraph.store.neo4j.estate import Neo4jEstate
from ripplegraph.store.neo4j.journal import Neo4jJournal
from ripplegraph.store.sqlite.estate import SqliteEstate
from ripplegraph.store.sqlite.journal import SqliteJournal
from store.estates import told

GRAPHS = (graph_of("shop -> h1 & h2"), graph_of("shop -> h1 & h3; h3 -> h4"))
CI_COUNTS = (3, 4)
SERVER_KILLED_AFTER = (3, 4, 5, 6, 8)
"""How much a writer told when its server is killed: a commit or a publishing runs then."""
Opened = Callable[[], tuple[EstateStore, EstateJournal]]
Moment = tuple[str, int]
"""What is counted in the writer (by its parent: ``ms``, ``told``), and at which count it ends."""
Killed = Callable[[Opened, Moment, int], list[str]]


def write_on(
    store: EstateStore, journal: EstateJournal, tell: Callable[[str], object], number: int
) -> None:
    """Publish, commit and prune in turn, and tell of each when it came through."""
    for turn in count():
        graph = GRAPHS[(number + 1) % 2]
        number = store.publish(graph, told(turn), ImportRules(max_removed_share=1.0)).number
        tell(f"revision {number}\n")
        before = journal.last_number("feed")
        entries = [
            AppendEntry(stream=name, at=told().at, payload="1") for name in ("feed", "calls")
        ]
        document = PutDocument(
            collection="jobs", key="counter", payload=str(before + 1), expected_version=before
        )
        journal.commit([entries[0], document, entries[1]])
        tell(f"commit {before + 1}\n")
        if turn % 2:
            store.prune(number, told(turn))


def kill_when_counted(what: str, at: int) -> None:
    """Let this process kill itself at the ``at``-th statement, step, commit or query."""
    counted = count(1)

    def tick(*_: object) -> int:
        if next(counted) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    if what == "query":
        _count_queries(tick)
    else:
        apsw.connection_hooks.append(lambda connection: _count_in(connection, what, tick))


def _count_in(connection: apsw.Connection, what: str, tick: Callable[..., int]) -> None:
    def traced(_: object) -> None:
        tick()

    match what:
        case "statement":
            connection.trace_v2(apsw.SQLITE_TRACE_STMT, traced)
        case "step":
            connection.set_progress_handler(lambda: bool(tick()), 20)
        case "before commit":
            connection.set_commit_hook(lambda: bool(tick()))
        case "after commit":  # it is in the write-ahead log, and nobody was told yet
            connection.set_wal_hook(tick)


def _count_queries(tick: Callable[..., int]) -> None:
    run = ManagedTransaction.run

    def counting(self: ManagedTransaction, *given: object, **more: object) -> object:
        tick()
        return run(self, *given, **more)  # type: ignore[arg-type]

    ManagedTransaction.run = counting  # type: ignore[assignment,method-assign]


def killed_once(opened: Opened, moment: Moment, newest: int = 0) -> list[str]:
    """Fork a writer that is killed at a moment; return what it told before."""
    writer, hearing = _forked_writer(opened, moment, newest)
    if moment[0] == "ms":
        time.sleep(moment[1] / 1000)
        os.kill(writer, signal.SIGKILL)
    return _heard_to_the_end(writer, hearing)


def killed_with_its_server(
    server: Neo4jServer, opened: Opened, moment: Moment, newest: int
) -> list[str]:
    """Kill the server as soon as a writer told so much, and the writer; start the server again."""
    writer, hearing = _forked_writer(opened, moment, newest)
    heard = [hearing.readline().strip() for _ in range(moment[1])]
    server.kill()
    os.kill(writer, signal.SIGKILL)
    heard += _heard_to_the_end(writer, hearing)
    server.start()
    return heard


def _forked_writer(opened: Opened, moment: Moment, newest: int) -> tuple[int, TextIO]:
    ears, mouth = os.pipe()
    writer = os.fork()
    if writer == 0:
        os.close(ears)
        what, at = moment
        if what not in {"ms", "told"}:
            kill_when_counted(what, at)
        try:
            write_on(*opened(), lambda text: os.write(mouth, text.encode()), newest)
        except BaseException as exc:
            os.write(mouth, f"failed {type(exc).__name__} {exc}\n".encode())
        os._exit(1)
    os.close(mouth)
    return writer, os.fdopen(ears, encoding="utf-8")


def _heard_to_the_end(writer: int, hearing: TextIO) -> list[str]:
    with hearing:
        heard = hearing.read().splitlines()
    assert os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]) == -signal.SIGKILL, heard
    return heard


def check(store: EstateStore, journal: EstateJournal) -> tuple[int, int]:
    """Check that all is whole; return the newest revision and the last commit."""
    assert store.damage() == (), store.damage()
    numbers = [one.number for one in store.revisions()]
    assert not numbers or numbers == list(range(numbers[0], numbers[-1] + 1))
    for number in numbers[-2:]:
        assert store.read(number).ci_count == CI_COUNTS[number % 2]
    counter = journal.document("jobs", "counter")
    held = {
        journal.last_number("feed"),
        journal.last_number("calls"),
        counter.version if counter else 0,
        int(counter.payload) if counter else 0,
    }
    assert len(held) == 1, f"half a commit: {held}"
    return (numbers[-1] if numbers else 0), held.pop()


def kill_all(opened: Opened, moments: Iterable[Moment], killed: Killed = killed_once) -> str:
    """Kill a writer at each moment and check what is left; return what stands in the end."""
    kills, found = 0, (0, 0)
    for moment in moments:
        heard = killed(opened, moment, found[0])
        kills += 1
        now = check(*opened())
        for name, before, after in zip(("revision", "commit"), found, now, strict=True):
            told_of = [int(one.split()[1]) for one in heard if one.startswith(name)]
            acknowledged = max(told_of, default=before)
            assert acknowledged <= after <= acknowledged + 1, (moment, heard, before, after)
        found = now
    return f"{kills} kills, {found[0]} revisions, {found[1]} commits"


def kill_while_made(folder: Path) -> int:
    """Kill writers that make a new file; each leaves one that the next import makes good."""
    for at in range(1, 13):
        path = folder / f"new-{at}.db"
        opened = partial(_opened_file, path)
        killed_once(opened, ("statement", at))
        store, journal = opened()
        store.publish(GRAPHS[1], told())
        check(store, journal)
    return 12


def _opened_file(path: Path) -> tuple[EstateStore, EstateJournal]:
    return SqliteEstate(path), SqliteJournal(path)


def sqlite_moments() -> Iterator[Moment]:
    """Yield each statement of two turns or so, steps within them, commits, and mere times."""
    yield from (("statement", 1 + 4 * n) for n in range(36))
    yield from (("step", int(2 * 1.45**n)) for n in range(20))
    for at in range(1, 9):
        yield "before commit", at
        yield "after commit", at
    yield from (("ms", 3 + 4 * n) for n in range(10))


def neo4j_moments() -> Iterator[Moment]:
    """Yield each query of a turn or so, and mere times."""
    yield from (("query", 1 + 2 * n) for n in range(28))
    yield from (("ms", 100 + 60 * n) for n in range(8))


def kill_server(folder: Path) -> str:
    """Kill a server of its own while a writer publishes, commits and prunes without a pause."""
    server = Neo4jServer(versions_here()[0], folder)
    address = Address(uri=server.uri)
    server.start()
    try:
        return kill_all(
            lambda: (Neo4jEstate(address), Neo4jJournal(address)),
            [("told", turns) for turns in SERVER_KILLED_AFTER],
            partial(killed_with_its_server, server),
        )
    finally:
        server.kill()


def main() -> None:
    """Kill writers of the store that the command line names."""
    kind, place = sys.argv[1:]
    if kind == "neo4j":
        address = Address(uri=place)
        said = kill_all(lambda: (Neo4jEstate(address), Neo4jJournal(address)), neo4j_moments())
    elif kind == "server":
        said = kill_server(Path(place))
    else:
        path = Path(place)
        kill_while_made(path.parent)
        said = kill_all(partial(_opened_file, path), sqlite_moments())
    sys.stdout.write(said + "\n")


if __name__ == "__main__":
    main()
