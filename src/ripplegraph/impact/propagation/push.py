"""Dependencies laid out for pushing outages: by dependency, and within it by how they pass on.

Four parts per CI, in this order: hard dependencies, members of hard groups, members of soft
groups, soft dependencies; those without impact are left out. So each kernel runs over exactly
the entries that it needs, in one stretch of memory.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.workspace import is_worth_compiling

Cells: TypeAlias = Sequence[int]
WritableCells: TypeAlias = MutableSequence[int]

NO_CAUSE = 0xFFFF_FFFF
"""Cause of a CI whose own outage gave it its status."""

_PARTS = 4
_LARGEST_NARROW_TOTAL = 2**31
_LARGEST_NARROW_WEIGHT = 255


@dataclass(frozen=True, kw_only=True, eq=False)
class PushColumns:
    """The entries of each CI and the groups that they count in; see the module."""

    segments: Cells
    targets: Cells
    entry_group: Cells
    entry_weight: Cells
    limits: Cells


@dataclass(slots=True, kw_only=True, eq=False)
class PushWorkspace:
    """Memory of one running question; statuses and counters are zero between questions."""

    status: WritableCells
    counters: WritableCells
    cause: WritableCells
    queues: WritableCells
    touched_groups: WritableCells
    cause_of: WritableCells


@dataclass(kw_only=True, eq=False)
class PushEngine:
    """Entries of one graph, and free workspaces, compiled or not."""

    columns: PushColumns
    is_compiled: bool
    ci_count: int
    group_count: int
    is_wide: bool
    free: list[PushWorkspace] = field(default_factory=list)

    def take(self) -> PushWorkspace:
        """Return a clean workspace; append it to ``free`` when it is clean again."""
        try:
            return self.free.pop()
        except IndexError:
            return self._new_workspace()

    def _new_workspace(self) -> PushWorkspace:
        size, groups = self.ci_count, self.group_count
        counter = np.int64 if self.is_wide else np.uint32
        return PushWorkspace(
            status=self.zeros(size, np.uint8),
            counters=self.zeros(2 * groups, counter),
            cause=self.zeros(size, np.uint32),
            queues=self.zeros(3 * size, np.uint32),
            touched_groups=self.zeros(groups, np.uint32),
            cause_of=self.zeros(size, np.uint32),
        )

    def zeros(self, count: int, kind: type[np.uint8 | np.uint32 | np.int64]) -> WritableCells:
        """Return so many zeros as the kernels want them."""
        if not self.is_compiled:
            return [0] * count
        return cast("WritableCells", np.zeros(count, dtype=kind))


def push_engine_of(graph: ServiceGraph, *, compiled: bool | None = None) -> PushEngine:
    """Return the push engine of a graph; built once per graph."""
    kept = _ENGINES.get(graph)
    if kept is None:
        kept = _ENGINES.setdefault(graph, {})
    engine = kept.get(compiled)
    if engine is None:
        is_compiled = is_worth_compiling(graph) if compiled is None else compiled
        engine = kept.get(is_compiled) or _build_engine(graph, is_compiled=is_compiled)
        kept[is_compiled] = kept[compiled] = engine
    return engine


_ENGINES: WeakKeyDictionary[ServiceGraph, dict[bool | None, PushEngine]] = WeakKeyDictionary()


def entry_edges(graph: ServiceGraph) -> NDArray[np.uint32]:
    """Return the dependency behind each entry."""
    if graph not in _ENTRY_EDGES:
        _ENTRY_EDGES[graph] = _laid_out(graph)[0]
    return _ENTRY_EDGES[graph]


_ENTRY_EDGES: WeakKeyDictionary[ServiceGraph, NDArray[np.uint32]] = WeakKeyDictionary()


def _laid_out(graph: ServiceGraph) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the dependency behind each entry, and where each part of each CI starts."""
    topology, gates = graph.topology, graph.gates
    grouped = topology.edge_group != NO_GROUP
    part = np.where(gates.edge_effect == Strength.HARD, np.uint8(0), np.uint8(3))
    if grouped.any():
        is_hard = gates.group_effect[topology.edge_group[grouped]] == Strength.HARD
        part[grouped] = np.where(is_hard, np.uint8(1), np.uint8(2))
    by_dependency = topology.dependent_edge[gates.edge_effect[topology.dependent_edge] != 0]
    part_of = part[by_dependency]
    key = topology.edge_dependency[by_dependency].astype(np.int64) * _PARTS + part_of
    counts = np.bincount(key, minlength=graph.ci_count * _PARTS)
    segments = np.zeros(graph.ci_count * _PARTS + 1, dtype=np.uint32)
    np.cumsum(counts, out=segments[1:])
    places = np.empty(len(key), dtype=np.uint32)
    for one in range(_PARTS):
        chosen = np.flatnonzero(part_of == one)
        keys = key[chosen]
        nth = np.arange(len(chosen)) - np.searchsorted(keys, keys) if len(chosen) else keys
        places[chosen] = segments[keys] + nth
    edges = np.empty_like(by_dependency)
    edges[places] = by_dependency
    return edges, segments


def _build_engine(graph: ServiceGraph, *, is_compiled: bool) -> PushEngine:
    topology, gates = graph.topology, graph.gates
    edges, segments = _laid_out(graph)
    total = gates.group_total
    weights = gates.edge_weight[edges]
    is_wide = bool(
        (len(total) and int(total.max()) >= _LARGEST_NARROW_TOTAL)
        or (len(weights) and int(weights.max()) > _LARGEST_NARROW_WEIGHT)
    )
    limits = np.empty(2 * len(total), dtype=np.int64)
    limits[::2] = total - gates.group_min_up
    limits[1::2] = total - gates.group_degraded_below
    groups = topology.edge_group[edges]
    groups[groups == NO_GROUP] = 0
    cells = _as_cells if is_compiled else _as_list
    return PushEngine(
        columns=PushColumns(
            segments=cells(segments),
            targets=cells(topology.edge_dependent[edges]),
            entry_group=cells(groups),
            entry_weight=cells(weights.astype(np.int64) if is_wide else weights.astype(np.uint8)),
            limits=cells(limits if is_wide else limits.astype(np.uint32)),
        ),
        is_compiled=is_compiled,
        ci_count=graph.ci_count,
        group_count=len(total),
        is_wide=is_wide,
    )


_Column: TypeAlias = NDArray[np.uint32] | NDArray[np.uint8] | NDArray[np.int64]


def _as_list(column: _Column) -> Cells:
    return cast("list[int]", column.tolist())


def _as_cells(column: _Column) -> Cells:
    """Return the column read-only, so that numba compiles each kernel once, not twice."""
    view = np.ascontiguousarray(column).view()
    view.setflags(write=False)
    return cast("Cells", view)
