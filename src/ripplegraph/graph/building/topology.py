"""The arrays of a graph: both CSR directions, strengths, groups, places, effects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.codes import numbers_at, sorted_codes
from ripplegraph.graph.building.edges import ResolvedEdges
from ripplegraph.graph.building.sorting import inverted
from ripplegraph.graph.columns import CodedColumn, Codes, by_value, coded, smallest_type
from ripplegraph.graph.model import OperatingState, Strength
from ripplegraph.graph.records import CiColumns, DependencyColumns
from ripplegraph.graph.service_graph import EdgeDetails, Topology

T = TypeVar("T")
Positions: TypeAlias = NDArray[np.uint32]


def build_topology(
    edges: ResolvedEdges,
    columns: DependencyColumns,
    edge_group: NDArray[np.uint32],
    ci_count: int,
) -> tuple[Topology, EdgeDetails]:
    """Return the dependencies as read-only arrays, and what few of them carry."""
    positions = edges.positions
    types, edge_type = _numbered(columns.relation_type, positions)
    files, edge_file = _numbered(columns.file, positions)
    dependent_offsets = offsets_of(edges.dependencies, ci_count)
    topology = Topology(
        dependency_offsets=offsets_of(edges.dependents, ci_count),
        edge_dependent=edges.dependents,
        edge_dependency=edges.dependencies,
        edge_strength=_strengths(columns.strength, positions),
        edge_group=edge_group,
        edge_type=edge_type,
        edge_file=edge_file,
        edge_row=numbers_at(columns.row, positions).astype(np.uint32, copy=False),
        dependent_offsets=dependent_offsets,
        dependent_edge=inverted(edges.dependencies, dependent_offsets),
    )
    for name in Topology.__slots__:
        getattr(topology, name).setflags(write=False)
    return topology, EdgeDetails(
        relation_types=types,
        files=files,
        weights=_weights(positions, columns),
        validity=_validity(positions, columns),
    )


def effects_of(topology: Topology, cis: CiColumns) -> NDArray[np.uint8]:
    """Return the strength that works: none where a live CI needs one that is not live.

    Where each works as said, this is the array of the strengths itself.
    """
    live = by_value(cis.state, lambda state: state is OperatingState.LIVE, np.bool_)
    idle = live[topology.edge_dependent] & ~live[topology.edge_dependency]
    if not idle.any():
        return topology.edge_strength
    effect = topology.edge_strength.copy()
    effect[idle] = Strength.NONE
    return effect


def _strengths(strengths: Sequence[Strength], positions: Positions) -> NDArray[np.uint8]:
    column = coded(strengths)
    if len(set(column.values)) == 1:
        return np.full(len(positions), int(column.values[0]), dtype=np.uint8)
    return by_value(column, int, np.uint8)[positions]


def _weights(positions: Positions, columns: DependencyColumns) -> dict[int, Decimal]:
    weights = coded(columns.weight)
    said = _edges_of(weights, lambda weight: weight is not None and weight != 1, positions)
    return {edge: weight for edge, at in said if (weight := weights[at]) is not None}


def _validity(
    positions: Positions, columns: DependencyColumns
) -> dict[int, tuple[datetime | None, datetime | None]]:
    starts, ends = coded(columns.valid_from), coded(columns.valid_to)
    said = {at: edge for dates in (starts, ends) for edge, at in _edges_of(dates, bool, positions)}
    return {edge: (starts[at], ends[at]) for at, edge in sorted(said.items(), key=itemgetter(1))}


def _edges_of(
    column: CodedColumn[T], is_said: Callable[[T], bool], positions: Positions
) -> Iterator[tuple[int, int]]:
    """Yield the dependencies whose records say something, ascending, with their records."""
    if any(map(is_said, column.values)):  # mostly none does
        edges = np.flatnonzero(column.flags(is_said)[positions])
        yield from zip(edges.tolist(), positions[edges].tolist(), strict=True)


def offsets_of(numbers: NDArray[np.uint32], ci_count: int) -> NDArray[np.uint32]:
    """Return where the dependencies of each CI begin in the order of their CIs, and the end."""
    counts = np.bincount(numbers, minlength=ci_count)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.uint32)


def _numbered(texts: Sequence[str], positions: Positions) -> tuple[tuple[str, ...], Codes]:
    """Return the different texts in the order of their first use, and the number of each.

    Where all are equal, as in most exports, the numbers take the memory of one.
    """
    names, codes = sorted_codes(texts)
    if len(names) == 1 and len(positions):
        return names, np.broadcast_to(np.zeros(1, dtype=np.uint8), len(positions))
    here = codes[positions]
    firsts = np.full(len(names), -1, dtype=np.int64)
    firsts[here[::-1]] = np.arange(len(here))[::-1]  # backwards: the first is written last
    used = np.flatnonzero(firsts >= 0)
    used = used[np.argsort(firsts[used])]
    different = tuple(names[code] for code in used.tolist())
    if len(different) == 1:
        return different, np.broadcast_to(np.zeros(1, dtype=np.uint8), len(positions))
    number_of = np.zeros(len(names), dtype=smallest_type(len(different)))
    number_of[used] = np.arange(len(used))
    return different, number_of[here]
