"""The arrays of a graph: both CSR directions, strengths, groups, places, effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.edges import ResolvedEdges
from ripplegraph.graph.columns import Codes, smallest_type
from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import OperatingState, Strength
from ripplegraph.graph.records import CiColumns, DependencyColumns
from ripplegraph.graph.service_graph import EdgeDetails, Topology


def build_topology(
    edges: ResolvedEdges,
    columns: DependencyColumns,
    group_numbers: Mapping[tuple[int, str], int],
    ci_count: int,
) -> tuple[Topology, EdgeDetails]:
    """Return the dependencies as read-only arrays, and what few of them carry."""
    positions = edges.positions
    types, edge_type = _numbered([columns.relation_type[at] for at in positions])
    files, edge_file = _numbered([columns.file[at] for at in positions])
    topology = Topology(
        dependency_offsets=_offsets(edges.dependents, ci_count),
        edge_dependent=edges.dependents.astype(np.uint32),
        edge_dependency=edges.dependencies.astype(np.uint32),
        edge_strength=np.array([columns.strength[at] for at in positions], dtype=np.uint8),
        edge_group=_edge_groups(edges, columns, group_numbers),
        edge_type=edge_type,
        edge_file=edge_file,
        edge_row=np.array([columns.row[at] for at in positions], dtype=np.uint32),
        dependent_offsets=_offsets(edges.dependencies, ci_count),
        dependent_edge=np.argsort(edges.dependencies, kind="stable").astype(np.uint32),
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
    live = np.array([state is OperatingState.LIVE for state in cis.state], dtype=np.bool_)
    idle = live[topology.edge_dependent] & ~live[topology.edge_dependency]
    if not idle.any():
        return topology.edge_strength
    effect = topology.edge_strength.copy()
    effect[idle] = Strength.NONE
    return effect


def _edge_groups(
    edges: ResolvedEdges,
    columns: DependencyColumns,
    group_numbers: Mapping[tuple[int, str], int],
) -> NDArray[np.uint32]:
    groups = np.full(len(edges.positions), NO_GROUP, dtype=np.uint32)
    for edge, position in enumerate(edges.positions):
        key = columns.group[position]
        if key:
            groups[edge] = group_numbers[int(edges.dependents[edge]), key]
    return groups


def _weights(positions: Sequence[int], columns: DependencyColumns) -> dict[int, Decimal]:
    cells = [columns.weight[at] for at in positions]
    return {edge: cell for edge, cell in enumerate(cells) if cell is not None and cell != 1}


def _validity(
    positions: Sequence[int], columns: DependencyColumns
) -> dict[int, tuple[datetime | None, datetime | None]]:
    starts, ends = columns.valid_from, columns.valid_to
    return {
        edge: (starts[at], ends[at])
        for edge, at in enumerate(positions)
        if starts[at] is not None or ends[at] is not None
    }


def _offsets(numbers: NDArray[np.int64], ci_count: int) -> NDArray[np.uint32]:
    counts = np.bincount(numbers, minlength=ci_count)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.uint32)


def _numbered(texts: Sequence[str]) -> tuple[tuple[str, ...], Codes]:
    """Return the different texts in the order of their first use, and the number of each.

    Where all are equal, as in most exports, the numbers take the memory of one.
    """
    different = tuple(dict.fromkeys(texts))
    if len(different) == 1:
        return different, np.broadcast_to(np.zeros(1, dtype=np.uint8), len(texts))
    numbers = {text: number for number, text in enumerate(different)}
    codes = map(numbers.__getitem__, texts)
    return different, np.fromiter(codes, smallest_type(len(different)), len(texts))
