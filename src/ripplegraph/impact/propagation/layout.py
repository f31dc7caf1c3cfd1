"""Dependencies laid out for pushing outages, from a dependency to those that need it.

CIs get *places*: numbers in an order in which each stands after those that depend on it, and
CIs that need each other in a circle stand together. So what an outage touches lies close by in
memory, and one walk over all places is a walk in topological order.

Of each place the dependents stand in four parts: hard dependencies, members of hard groups,
members of soft groups, soft dependencies; those without impact are left out. So each kernel runs
over exactly the entries that it needs, in one stretch of memory, and what it needs of a place,
and of an entry, stands together: a question about few CIs waits for memory, not for sums.

All columns are one array, ``cells``: a compiled kernel takes one argument in the time that it
would take to be handed over a dozen. Its first cells say where each column starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.kernels import kernel_of
from ripplegraph.impact.propagation.kernels_reach import dependents_first
from ripplegraph.impact.propagation.workspace import (
    Cells,
    WritableCells,
    as_cells,
    as_list,
    is_worth_compiling,
)

Numbers: TypeAlias = NDArray[np.uint32] | NDArray[np.int64]

BLOCKS, ENTRIES, PLACE_OF, QUEUE, TOUCHED, FOUND = range(6)
"""Cells that say where a column starts: of ``cells`` the first three, of ``scratch`` the others.

A block of eight cells for each place tells where in ``cells`` each of its four parts starts and
the last ends, then its CI. An entry has four cells: the place of the dependent, the dependency,
where in ``scratch`` its group counts, and its weight there. ``scratch`` starts with four cells
for each group: weight lost, weight sick, and the most of it with which the group is not down,
and not degraded.
"""

HEADER = 12  # so that blocks do not lie across lines of the processor's cache
BLOCK = 8
ENTRY = 4
GATE = 4
_PARTS = 4
_LARGEST_NARROW = 2**31


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """The columns of one graph; see the module.

    Attributes
    ----------
    component
        By place: the number of its component, ascending; see :func:`dependents_first`.
    gates
        The first cells of a new ``scratch``.
    """

    cells: Numbers
    gates: Numbers
    component: NDArray[np.uint32]
    ci_count: int
    entry_count: int

    @property
    def is_wide(self) -> bool:
        """Whether weights need 64 bits."""
        return self.cells.dtype == np.int64

    @property
    def scratch_size(self) -> int:
        """How many cells a question needs besides."""
        return int(self.cells[FOUND]) + 2 * self.ci_count + 3

    @property
    def offsets(self) -> Numbers:
        """Where the dependents of each place start in ``targets``, and where the last end."""
        firsts = self._column(BLOCKS, BLOCK * self.ci_count)[::BLOCK]
        return np.append(
            (firsts - self.cells[ENTRIES]) // ENTRY, firsts.dtype.type(self.entry_count)
        )

    @property
    def targets(self) -> Numbers:
        """The place of each dependent."""
        return self._column(ENTRIES, ENTRY * self.entry_count)[::ENTRY].copy()

    @property
    def place_of(self) -> Numbers:
        """The place of each CI."""
        return self._column(PLACE_OF, self.ci_count)

    def _column(self, name: int, count: int) -> Numbers:
        start = int(self.cells[name])
        return self.cells[start : start + count]


def layout_of(graph: ServiceGraph) -> Layout:
    """Return the layout of a graph; built once per graph."""
    layout = _LAYOUTS.get(graph)
    if layout is None:
        layout = _LAYOUTS[graph] = _build_layout(graph)
    return layout


_LAYOUTS: WeakKeyDictionary[ServiceGraph, Layout] = WeakKeyDictionary()


def _build_layout(graph: ServiceGraph) -> Layout:
    topology, gates = graph.topology, graph.gates
    edges, segments = _by_dependency(graph)
    dependents = topology.edge_dependent[edges]
    ci_at, component = _places(segments[::_PARTS], dependents, graph)
    place_of = inverse_of(ci_at)
    parts = (_PARTS * ci_at.astype(np.int64)[:, np.newaxis] + np.arange(_PARTS)).reshape(-1)
    segments, moved = reordered(segments, parts)
    edges = edges[moved]
    group_order = np.argsort(place_of[gates.group_dependent], kind="stable")
    groups, is_member = topology.edge_group[edges], topology.edge_group[edges] != NO_GROUP
    entries = np.zeros((len(edges), ENTRY), dtype=np.int64)
    entries[:, 0], entries[:, 1] = place_of[topology.edge_dependent[edges]], edges
    entries[is_member, 2] = GATE * inverse_of(group_order)[groups[is_member]].astype(np.int64)
    entries[is_member, 3] = gates.edge_weight[edges[is_member]]
    total = gates.group_total[group_order]
    limits = np.zeros((len(total), GATE), dtype=np.int64)
    limits[:, 2] = total - gates.group_min_up[group_order]
    limits[:, 3] = total - gates.group_degraded_below[group_order]
    columns = (_blocks(segments, ci_at), entries.reshape(-1), place_of)
    is_narrow = int(total.max(initial=0)) < _LARGEST_NARROW
    return Layout(
        cells=_joined(_with_header(columns, len(total)), is_narrow=is_narrow),
        gates=_joined((limits.reshape(-1),), is_narrow=is_narrow),
        component=component,
        ci_count=graph.ci_count,
        entry_count=len(edges),
    )


def _blocks(segments: NDArray[np.int64], ci_at: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the blocks of all places, one after the other."""
    blocks = np.zeros((len(ci_at), BLOCK), dtype=np.int64)
    starts = HEADER + BLOCK * len(ci_at) + ENTRY * segments
    blocks[:, :_PARTS] = starts[:-1].reshape(-1, _PARTS)
    blocks[:, _PARTS] = starts[_PARTS::_PARTS]
    blocks[:, _PARTS + 1] = ci_at
    return blocks.reshape(-1)


def _with_header(columns: tuple[Numbers, ...], group_count: int) -> tuple[Numbers, ...]:
    ci_count = len(columns[PLACE_OF])
    sizes = [len(column) for column in columns]
    starts = HEADER + np.cumsum([0, *sizes[:-1]])
    queue = GATE * group_count
    touched = queue + 6 * ci_count + 2  # three queues of pairs; a step beyond the last is written
    header = np.zeros(HEADER, dtype=np.int64)
    header[: FOUND + 1] = [*starts, queue, touched, touched + group_count]
    return (header, *columns)


def _joined(columns: tuple[Numbers, ...], *, is_narrow: bool) -> Numbers:
    cells: Numbers
    if is_narrow:
        cells = np.concatenate(columns, dtype=np.uint32, casting="unsafe")
    else:
        cells = np.concatenate(columns, dtype=np.int64)
    cells.setflags(write=False)
    return cells


def _by_dependency(graph: ServiceGraph) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the dependency behind each entry, by CI, and where each part of each CI starts."""
    topology, gates = graph.topology, graph.gates
    grouped = topology.edge_group != NO_GROUP
    part = np.where(gates.edge_effect == Strength.HARD, np.uint8(0), np.uint8(3))
    if grouped.any():
        is_hard = gates.group_effect[topology.edge_group[grouped]] == Strength.HARD
        part[grouped] = np.where(is_hard, np.uint8(1), np.uint8(2))
    by_dependency = topology.dependent_edge[gates.edge_effect[topology.dependent_edge] != 0]
    part_of = part[by_dependency]
    key = topology.edge_dependency[by_dependency].astype(np.int64) * _PARTS + part_of
    segments = offsets_of(key, graph.ci_count * _PARTS)
    edges = np.empty_like(by_dependency)
    for one in range(_PARTS):
        chosen = np.flatnonzero(part_of == one)
        keys = key[chosen]
        nth = np.arange(len(chosen)) - np.searchsorted(keys, keys) if len(chosen) else keys
        edges[segments[keys] + nth] = by_dependency[chosen]
    return edges, segments


def _places(
    offsets: NDArray[np.int64], dependents: NDArray[np.uint32], graph: ServiceGraph
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the CI of each place, and the component of each place."""
    is_compiled = is_worth_compiling(graph)
    columns = (offsets.astype(np.uint32), dependents)
    scratch = [np.zeros(graph.ci_count, dtype=np.uint32) for _ in range(7)]
    if is_compiled:
        cells: list[Cells] = [as_cells(column) for column in columns]
        writable = [cast("WritableCells", column) for column in scratch]
    else:
        cells = [as_list(column) for column in columns]
        writable = [[0] * graph.ci_count for _ in scratch]
    kernel = kernel_of(dependents_first, is_compiled=is_compiled)
    kernel(cells[0], cells[1], *writable)
    ci_at, component = (np.array(column, dtype=np.uint32) for column in writable[-2:])
    return ci_at, component[ci_at]


def reordered(
    offsets: NDArray[np.int64], order: NDArray[np.uint32] | NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the entries of each row start when rows stand in this order, and all entries.

    Entries are given by their position now: those of row ``r`` are ``offsets[r]`` up to
    ``offsets[r + 1]``.
    """
    counts = np.diff(offsets)[order]
    moved = np.zeros_like(offsets)
    np.cumsum(counts, out=moved[1:])
    return moved, np.repeat(offsets[order] - moved[:-1], counts) + np.arange(int(moved[-1]))


def offsets_of(rows: Numbers, count: int) -> NDArray[np.int64]:
    """Return where the entries of each row start, given the row of each entry, ascending."""
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=count), out=offsets[1:])
    return offsets


def inverse_of(order: NDArray[np.uint32] | NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return the position of each number in an order of all."""
    inverse = np.empty(len(order), dtype=np.uint32)
    inverse[order] = np.arange(len(order), dtype=np.uint32)
    return inverse
