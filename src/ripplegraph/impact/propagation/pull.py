"""Whole-graph passes: what each CI needs, in topological order, for the pull kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.kernels import kernel_of
from ripplegraph.impact.propagation.kernels_pull import pull
from ripplegraph.impact.propagation.layout import (
    Layout,
    inverse_of,
    layout_of,
    offsets_of,
    reordered,
)
from ripplegraph.impact.propagation.workspace import (
    Cells,
    Column,
    WritableCells,
    as_cells,
    as_list,
)

_LARGEST_BYTE = 255


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _PullEngine:
    """The columns that :func:`pull` reads, and the place of each CI."""

    columns: tuple[Cells, ...]
    place_of: NDArray[np.uint32] | NDArray[np.int64]
    is_compiled: bool


def pulled_statuses(
    graph: ServiceGraph, own: Mapping[int, int], *, is_compiled: bool
) -> NDArray[np.uint8]:
    """Return the status of every CI by one pass over the graph; groups are not grounded.

    Parameters
    ----------
    own
        Own status by CI number.
    """
    engine = _engine_of(graph, is_compiled=is_compiled)
    place_of = engine.place_of
    status = np.zeros(graph.ci_count, dtype=np.uint8)
    named = np.fromiter(own.keys(), dtype=np.int64, count=len(own))
    status[place_of[named]] = np.fromiter(own.values(), dtype=np.uint8, count=len(own))
    cells: list[WritableCells] = [
        cast("WritableCells", np.zeros(graph.ci_count, dtype=np.uint32)),
        cast("WritableCells", np.zeros(graph.ci_count, dtype=np.uint8)),
        cast("WritableCells", status),
    ]
    if not is_compiled:
        cells = [[0] * graph.ci_count, [0] * graph.ci_count, status.tolist()]
    kernel_of(pull, is_compiled=is_compiled)(*engine.columns, *cells)  # type: ignore[arg-type]
    return np.array(cells[-1], dtype=np.uint8)[place_of]


_ENGINES: WeakKeyDictionary[ServiceGraph, dict[bool, _PullEngine]] = WeakKeyDictionary()


def _engine_of(graph: ServiceGraph, *, is_compiled: bool) -> _PullEngine:
    kept = _ENGINES.setdefault(graph, {})
    if is_compiled not in kept:
        kept[is_compiled] = _new_engine(graph, is_compiled=is_compiled)
    return kept[is_compiled]


def _new_engine(graph: ServiceGraph, *, is_compiled: bool) -> _PullEngine:
    layout = layout_of(graph)
    cells = as_cells if is_compiled else as_list
    columns = (
        *_ungrouped(graph, layout, Strength.HARD),
        *_ungrouped(graph, layout, Strength.SOFT),
        *_grouped(graph, layout),
        layout.component,
        layout.offsets,
        layout.targets,
    )
    return _PullEngine(
        columns=tuple(map(cells, columns)), place_of=layout.place_of, is_compiled=is_compiled
    )


def _ungrouped(
    graph: ServiceGraph, layout: Layout, strength: Strength
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return where the dependencies of each place start, and the place of each."""
    topology = graph.topology
    is_meant = (topology.edge_group == NO_GROUP) & (graph.gates.edge_effect == strength)
    edges = np.flatnonzero(is_meant)
    by_ci = offsets_of(topology.edge_dependent[edges], graph.ci_count)
    offsets, order = reordered(by_ci, inverse_of(layout.place_of))
    needed = layout.place_of[topology.edge_dependency[edges[order]]]
    return offsets.astype(np.uint32), needed.astype(np.uint32)


def _grouped(graph: ServiceGraph, layout: Layout) -> tuple[Column, ...]:
    """Return the columns of groups, in the order of the places of their dependents."""
    topology, gates = graph.topology, graph.gates
    edges = np.flatnonzero(
        (topology.edge_group != NO_GROUP) & (gates.edge_effect != Strength.NONE)
    )
    edges = edges[np.argsort(topology.edge_group[edges], kind="stable")]
    places = layout.place_of[gates.group_dependent]
    groups = np.argsort(places, kind="stable")
    by_group = offsets_of(topology.edge_group[edges], len(groups))
    member_offsets, order = reordered(by_group, groups)
    edges = edges[order]
    weights = gates.edge_weight[edges]
    is_light = int(weights.max(initial=0)) <= _LARGEST_BYTE
    limits = np.empty((len(groups), 2), dtype=np.int64)
    limits[:, 0] = (gates.group_total - gates.group_min_up)[groups]
    limits[:, 1] = (gates.group_total - gates.group_degraded_below)[groups]
    return (
        offsets_of(places[groups], graph.ci_count).astype(np.uint32),
        member_offsets.astype(np.uint32),
        layout.place_of[topology.edge_dependency[edges]].astype(np.uint32),
        weights.astype(np.uint8) if is_light else weights.astype(np.int64),
        limits.reshape(-1),
        (gates.group_effect[groups] == Strength.SOFT).astype(np.uint8),
    )
