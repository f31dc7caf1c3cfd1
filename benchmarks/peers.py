"""The peers as their best users use them, on the same files; and the answers to compare with."""

from __future__ import annotations

import csv
import gc
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from benchmarks.estates import INVERSE_SPELLINGS

TABLES = ("cis.csv", "relations.csv", "groups.csv")
MAPPING = Path(__file__).with_name("estates.yaml")

UP, AT_RISK, DEGRADED, DOWN = range(4)


def read_bytes(folder: Path) -> int:
    """Read the files and do nothing with them; return how many bytes they hold."""
    return sum(len((folder / name).read_bytes()) for name in TABLES)


# --- networkx --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NetworkxEstate:
    """An estate as a networkx user holds it: attributes on nodes, groups on edges."""

    graph: nx.DiGraph[str]
    min_up: dict[tuple[str, str], str]


def load_networkx(folder: Path) -> NetworkxEstate:
    """Read an estate with the csv module into a DiGraph, from dependents to dependencies."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    gc.disable()
    try:
        with (folder / "cis.csv").open(newline="", encoding="utf-8") as stream:
            reader = csv.reader(stream)
            columns = next(reader)[1:]
            graph.add_nodes_from(
                (row[0], dict(zip(columns, islice(row, 1, None), strict=True))) for row in reader
            )
        with (folder / "relations.csv").open(newline="", encoding="utf-8") as stream:
            graph.add_edges_from(_oriented(csv.reader(stream)))
        with (folder / "groups.csv").open(newline="", encoding="utf-8") as stream:
            groups = {(row[0], row[1]): row[2] for row in islice(csv.reader(stream), 1, None)}
    finally:
        gc.enable()
    return NetworkxEstate(graph, groups)


def _oriented(rows: Iterable[list[str]]) -> Iterable[tuple[str, str, dict[str, str]]]:
    for _, dependent, dependency, spelling, group in islice(rows, 1, None):
        if dependent == dependency:
            continue
        if spelling in INVERSE_SPELLINGS:
            yield dependency, dependent, {"group": group}
        else:
            yield dependent, dependency, {"group": group}


def worklist_statuses(estate: NetworkxEstate, down: Iterable[str]) -> dict[str, int]:
    """Return every CI that is not up, by the semantics of ripplegraph, by a plain worklist.

    Statuses only worsen, so that this ends in the greatest fixpoint of health.
    """
    own = set(down)
    status = dict.fromkeys(own, DOWN)
    waiting = deque(own)
    while waiting:
        for dependent in estate.graph.pred[waiting.popleft()]:
            if status.get(dependent, UP) == DOWN:
                continue
            following = _status_of(estate, dependent, status)
            if following > status.get(dependent, UP):
                status[dependent] = following
                waiting.append(dependent)
    return status


def _status_of(estate: NetworkxEstate, dependent: str, status: dict[str, int]) -> int:
    worst = UP
    groups: dict[str, list[int]] = {}
    for dependency, edge in estate.graph.succ[dependent].items():
        needed = status.get(dependency, UP)
        if edge["group"]:
            groups.setdefault(edge["group"], []).append(needed)
        else:
            worst = max(worst, needed)
    for key, members in groups.items():
        min_up = estate.min_up[dependent, key]
        need = len(members) / 2 if min_up == "50%" else int(min_up)
        worst = max(worst, _group_status(members, min(need, len(members))))
    return worst


def _group_status(members: list[int], need: float) -> int:
    if sum(one != DOWN for one in members) < need:
        return DOWN
    if sum(one <= AT_RISK for one in members) < need:
        return DEGRADED
    return AT_RISK if any(members) else UP


# --- duckdb ----------------------------------------------------------------------------------


def load_duckdb(folder: Path) -> dict[str, NDArray[np.int64]]:
    """Read, join and deduplicate with duckdb, and nothing else: pairs of row numbers of CIs.

    Text only (no types are guessed), only the columns that the answer needs, and the spellings
    that run the other way round are turned; -1 stands for a CI that the export does not hold.
    """
    import duckdb

    inverse = ", ".join(f"'{one}'" for one in sorted(INVERSE_SPELLINGS))
    with duckdb.connect() as database:
        database.execute(
            "CREATE TEMP TABLE ci AS SELECT id FROM read_csv(?, all_varchar = true)",
            [str(folder / "cis.csv")],
        )
        found: dict[str, NDArray[np.int64]] = database.execute(
            f"""
            WITH relation AS (
                SELECT type IN ({inverse}) AS turned, dependent AS one, dependency AS other
                FROM read_csv(?, all_varchar = true) WHERE dependent <> dependency
            )
            SELECT DISTINCT coalesce(a.rowid, -1) AS dependent, coalesce(b.rowid, -1) AS dependency
            FROM relation
            LEFT JOIN ci a ON a.id = if(turned, other, one)
            LEFT JOIN ci b ON b.id = if(turned, one, other)
            """,
            [str(folder / "relations.csv")],
        ).fetchnumpy()
    return found


# --- rustworkx -------------------------------------------------------------------------------


def build_rustworkx(ci_count: int, dependent: Any, dependency: Any) -> Any:
    """Return the plain graph, from dependents to dependencies, nodes numbered as the CIs."""
    import rustworkx

    graph = rustworkx.PyDiGraph(multigraph=False)
    graph.add_nodes_from([None] * ci_count)
    graph.add_edges_from_no_data(list(zip(dependent.tolist(), dependency.tolist(), strict=True)))
    return graph
