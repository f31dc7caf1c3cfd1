"""Rows on the embedded store: an estate in and back, beside a bare script with the same rows.

The script is the harder of two peers that "the same rows" may mean: it finds them made, ours makes
them out of a graph, hashes them and keeps what a revision needs. On the way back it stops at the
numbers of both ends of each dependency; ours builds and checks the whole graph. A row without a
goal stands beside it: the script makes the same rows from the same records, as plain Python does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.rows import Row, cpu_seconds, require
from benchmarks.subject import Subject
from ripplegraph.graph.records import Records
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.revisions import Provenance
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.store.rows import Row as StoredRow
from ripplegraph.store.rows import rows_of
from ripplegraph.store.sqlite.estate import SqliteEstate

PEER = "bare apsw, same rows"
MAKING_PEER = "bare apsw, makes the rows"
WHY = "the script finds its rows made and builds no graph; ours does both"
GOAL = 1 / 1.3
_AT = datetime(2026, 11, 1, tzinfo=UTC)
_TABLE = (
    "CREATE TABLE record (kind TEXT NOT NULL, key TEXT NOT NULL, ordinal INTEGER NOT NULL,"
    " payload TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER) STRICT"
)


def store_rows(subject: Subject, *, rounds: int) -> list[Row]:
    """Time publishing an estate and reading it back; the bare script finds its rows made."""
    graph, size = subject.graph, subject.ci_count
    records = records_of(graph)
    rows = list(rows_of(records))
    require(sorted(made_plainly(records)) == sorted(rows), "plain Python makes the same rows")
    with TemporaryDirectory(dir=subject.folder.parent) as folder:
        ours, bare = Path(folder) / "ours.db", Path(folder) / "bare.db"
        spent_in = cpu_seconds(
            {
                "ours": lambda: publish(graph, ours),
                PEER: lambda: write_bare(rows, bare),
                MAKING_PEER: lambda: write_bare(made_plainly(records), bare),
            },
            rounds=rounds,
        )
        back, (dependents, _) = SqliteEstate(ours).read(), read_bare(bare)
        require(back.ci_count == graph.ci_count, "every CI comes back")
        require(len(dependents) == len(back.topology.edge_dependent), "every dependency too")
        spent_back = cpu_seconds(
            {"ours": lambda: SqliteEstate(ours).read(), PEER: lambda: read_bare(bare)},
            rounds=rounds,
        )
    return [
        Row(
            name=name,
            size=size,
            ours_s=spent["ours"],
            peer=peer,
            peer_s=spent[peer],
            goal=GOAL if peer == PEER else 0,
            why=WHY,
        )
        for name, peer, spent in (
            ("into SQLite", PEER, spent_in),
            ("into SQLite", MAKING_PEER, spent_in),
            ("back from SQLite", PEER, spent_back),
        )
    ]


def publish(graph: ServiceGraph, path: Path) -> None:
    """Publish a graph as the first revision of a new file."""
    path.unlink(missing_ok=True)
    SqliteEstate(path).publish(graph, provenance())


def provenance() -> Provenance:
    """Return who publishes."""
    return Provenance(author="bench", at=_AT)


def made_plainly(records: Records) -> list[StoredRow]:
    """Return the rows of CIs, dependencies and groups, one after the other."""
    encode = msgspec.json.Encoder().encode
    rows: list[StoredRow] = []
    attributes: dict[int, dict[str, str]] = {}
    for name in sorted(records.cis.attributes):
        for place, cell in records.cis.attributes[name].items():
            attributes.setdefault(place, {})[name] = cell
    for kind, columns, key in (
        ("cis", records.cis, ("source", "class_name", "native_id")),
        (
            "dependencies",
            records.dependencies,
            ("dependent", "dependency", "relation_type", "group"),
        ),
    ):
        known = signature(columns.append).parameters
        names = [name for name in known if name != "attributes"]
        defaults = [known[name].default for name in names]
        keys = zip(*(getattr(columns, name) for name in key), strict=True)
        cells = zip(*(getattr(columns, name) for name in names), strict=True)
        for place, (of_key, held) in enumerate(zip(keys, cells, strict=True)):
            three = zip(names, held, defaults, strict=True)
            said = {name: cell for name, cell, default in three if cell is not default}
            if kind == "cis" and place in attributes:
                said["attributes"] = attributes[place]
            rows.append(StoredRow(kind, "\t".join(of_key), place, encode(said).decode()))
    for place, one in enumerate(records.groups):
        key_of_group = f"{one.dependent}\t{one.key}"
        rows.append(StoredRow("groups", key_of_group, place, encode(one).decode()))
    return rows


def write_bare(rows: Sequence[StoredRow], path: Path) -> None:
    """Write rows into a new file: one transaction, then the same indexes."""
    path.unlink(missing_ok=True)
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(_TABLE)
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?, 1, NULL)", _four(rows))
    connection.execute("CREATE INDEX now ON record (kind, key) WHERE rev_to IS NULL")
    connection.execute("CREATE INDEX ended ON record (rev_to) WHERE rev_to IS NOT NULL")
    connection.execute("COMMIT")
    connection.close()


def _four(rows: Sequence[StoredRow]) -> list[tuple[str, str, int, str]]:
    return [(one.kind, one.key, one.ordinal, one.payload) for one in rows]


def read_bare(path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Read the CIs and dependencies back as numbers of dependents and dependencies."""
    connection = apsw.Connection(str(path))
    cis, dependencies = (
        msgspec.json.decode(f"[{','.join(payloads)}]", type=list[dict[str, object]])
        for payloads in (_payloads(connection, kind) for kind in ("cis", "dependencies"))
    )
    number_of = {one["native_id"]: at for at, one in enumerate(cis)}
    ends = (
        np.array([number_of.get(one[end], -1) for one in dependencies])
        for end in ("dependent", "dependency")
    )
    dependents, needed = ends
    connection.close()
    return dependents, needed


def _payloads(connection: apsw.Connection, kind: str) -> list[str]:
    text = "SELECT payload FROM record WHERE kind = ? ORDER BY ordinal"
    return [str(payload) for (payload,) in connection.execute(text, (kind,))]
