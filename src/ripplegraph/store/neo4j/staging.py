"""A graph as the nodes and relationships of one batch, useful to people who browse them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from neo4j import Session
from ripplegraph.errors import StoreError, StoreUnavailableError
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.columns import NumberColumn
from ripplegraph.graph.model import CiKind, Strength
from ripplegraph.graph.records_of import numbers_with_records, records_in_arrays_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.store.neo4j import cypher
from ripplegraph.store.neo4j.connection import staged
from ripplegraph.store.rows import Row, records_of_rows, rows_of

Item = TypeVar("Item")

NAME = "the store in Neo4j"
_ROWS_PER_TRANSACTION = 5_000
_KIND_LABELS = {
    kind: "".join(part.capitalize() for part in kind.value.split("_")) for kind in CiKind
}
_CLASS_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_RECORD_LABELS = {
    "agreements": "Agreement",
    "calendars": "Calendar",
    "groups": "RedundancyGroup",
    "outages": "Outage",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """What one batch holds: a graph, and the rows from which it is read back.

    ``cis`` and ``edges`` are the numbers in the graph of those rows' CIs and dependencies.
    """

    graph: ServiceGraph
    rows: tuple[Row, ...]
    cis: NDArray[np.int64]
    edges: NDArray[np.int64]

    @classmethod
    def of(cls, graph: ServiceGraph) -> Batch:
        """Return what a graph is kept as."""
        return cls(
            graph=graph,
            rows=tuple(rows_of(records_in_arrays_of(graph))),
            cis=numbers_with_records(graph),
            edges=np.arange(graph.dependency_count),
        )

    @classmethod
    def of_rows(cls, rows: Iterable[Row]) -> Batch:
        """Return what rows that are kept already are kept as, sorted by kind, ordinal and key.

        Places are counted anew: after imports that kept what they lacked two rows may share one.
        Raises :class:`ripplegraph.errors.StoreError` if a row no longer makes a relationship.
        """
        held = tuple(
            row._replace(ordinal=ordinal)
            for _, alike in groupby(rows, key=attrgetter("kind"))
            for ordinal, row in enumerate(alike)
        )
        records = records_of_rows((row.kind, row.payload) for row in held)
        count = len(records.dependencies)
        records.dependencies.row = NumberColumn(np.arange(count))  # tells which edge each became
        graph = build_service_graph(records).graph
        edges = np.full(count, -1)
        edges[graph.topology.edge_row] = np.arange(graph.dependency_count)
        if (edges < 0).any() or len(graph.agreements) < len(records.agreements):
            msg = "a relation or agreement stands twice in a revision; import it anew instead"
            raise StoreError(msg)
        return cls(graph=graph, rows=held, cis=np.arange(len(records.cis)), edges=edges)


def stage(session: Session, batch: int, held: Batch) -> None:
    """Write a batch that nobody reads yet, in transactions of some thousand rows.

    Raises :class:`ripplegraph.errors.StoreUnavailableError` if the server took fewer rows than it
    was given: a relationship whose end is missing is else left out in silence.
    """
    rows_of_kind: dict[str, list[Row]] = {}
    for row in held.rows:
        rows_of_kind.setdefault(row.kind, []).append(row)
    rows_of_cis = dict(zip(held.cis.tolist(), rows_of_kind.pop("cis", []), strict=True))
    _write(session, cypher.STAGE_CIS, batch, _ci_nodes(held.graph, rows_of_cis))
    rows_of_edges = rows_of_kind.pop("dependencies", [])
    has_impact = held.graph.topology.edge_strength[held.edges] != Strength.NONE
    for text, chosen in (
        (cypher.STAGE_DEPENDS_ON, np.flatnonzero(has_impact)),
        (cypher.STAGE_RELATED_TO, np.flatnonzero(~has_impact)),
    ):
        edges = zip(
            held.edges[chosen].tolist(),
            map(rows_of_edges.__getitem__, chosen.tolist()),
            strict=True,
        )
        _write(session, text, batch, _relationships(held.graph, edges))
    records = [row for kind in sorted(rows_of_kind) for row in rows_of_kind[kind]]
    _write(session, cypher.STAGE_RECORDS, batch, _record_nodes(records))
    _write(session, cypher.STAGE_COVERS, batch, _covers(held.graph, records))


def class_label(class_name: str) -> str | None:
    """Return a class as a label: letters, digits and ``_``; None if nothing of it is left."""
    label = re.sub(r"[^A-Za-z0-9]+", "_", class_name, flags=re.ASCII).strip("_")
    return label if _CLASS_LABEL.fullmatch(label) else None


def _write(session: Session, text: Any, batch: int, rows: Iterable[dict[str, Any]]) -> None:
    """Send rows, made as they are sent: all those of a large estate would fill the memory."""
    given, taken = 0, 0
    for chunk in _chunks(rows):
        given += len(chunk)
        taken += staged(session, text, batch, chunk)
    if taken != given:
        reason = f"the server took {taken} of {given} rows; nothing was published"
        raise StoreUnavailableError(store=NAME, reason=reason)


def _chunks(rows: Iterable[Item]) -> Iterator[list[Item]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, _ROWS_PER_TRANSACTION)):
        yield chunk


def _ci_nodes(graph: ServiceGraph, rows: Mapping[int, Row]) -> Iterator[dict[str, Any]]:
    """Yield a node for every CI; stubs that building makes again carry no row of their own."""
    cis = graph.cis
    for number, ci_id in enumerate(graph.ci_ids):
        row = rows.get(number)
        class_name, kind = cis.class_name[number], cis.kind[number]
        label = class_label(class_name)
        labels = {_KIND_LABELS[kind], *([label] if label else [])}
        if cis.is_stub[number]:
            labels.add("Stub")
        props: dict[str, Any] = {
            "ci_id": ci_id,
            "native_id": cis.native_id[number],
            "name": cis.name[number],
            "class": class_name,
            "kind": kind.value,
            "owner_team": cis.owner_team[number],
            "supplier": cis.supplier[number],
        }
        if row is not None:
            props |= {"key": row.key, "ordinal": row.ordinal, "payload": row.payload}
        yield {"num": number, "labels": sorted(labels), "props": props}


def _relationships(
    graph: ServiceGraph, rows: Iterable[tuple[int, Row]]
) -> Iterator[dict[str, Any]]:
    """Yield a relationship for each dependency; ``rows`` come with its number."""
    topology, types = graph.topology, graph.edges.relation_types
    for edge, row in rows:
        strength = Strength(int(topology.edge_strength[edge]))
        props: Mapping[str, Any] = {
            "strength": strength.word,
            "relation_type": types[topology.edge_type[edge]],
            "key": row.key,
            "payload": row.payload,
        }
        yield {
            "dependent": int(topology.edge_dependent[edge]),
            "dependency": int(topology.edge_dependency[edge]),
            "ordinal": row.ordinal,
            "props": props,
        }


def _record_nodes(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows):
        label = _RECORD_LABELS.get(row.kind)
        yield {
            "num": number,
            "labels": [label] if label else [],
            "props": {
                "kind": row.kind,
                "key": row.key,
                "name": row.key.replace("\t", " / "),
                "ordinal": row.ordinal,
                "payload": row.payload,
            },
        }


def _covers(graph: ServiceGraph, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield a relationship from each agreement to each CI that it covers."""
    for number, row in enumerate(rows):
        if row.kind == "agreements":
            for ci in graph.covered[row.ordinal]:
                yield {"record": number, "ci": ci}
