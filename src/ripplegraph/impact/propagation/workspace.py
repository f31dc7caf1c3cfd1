"""The graph as kernels want it, and workspaces that are all zero between queries.

Small graphs become lists and bytearrays, on which plain Python is fast; large ones stay numpy
arrays for compiled kernels. Both are kept as long as their graph lives.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.compilation import is_large
from ripplegraph.graph.gates import Weights
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.kernels import clean, kernel_of, worsen

Cells: TypeAlias = Sequence[int]
"""A read-only column of integers: a list, or a numpy array for compiled kernels."""

WritableCells: TypeAlias = MutableSequence[int]

Column: TypeAlias = NDArray[np.uint32] | NDArray[np.uint8] | NDArray[np.int64] | NDArray[np.uint64]


def is_worth_compiling(graph: ServiceGraph) -> bool:
    """Return whether queries on this graph run compiled if the caller does not say.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> is_worth_compiling(graph_of("shop -> db"))
    False
    """
    return is_large(graph.ci_count, graph.dependency_count)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """Topology and gates of one graph; names as in the graph."""

    dependency_offsets: Cells
    edge_dependency: Cells
    dependent_offsets: Cells
    dependent_edge: Cells
    edge_dependent: Cells
    edge_effect: Cells
    edge_group: Cells
    edge_weight: Cells
    group_dependent: Cells
    group_total: Cells
    group_min_up: Cells
    group_degraded_below: Cells
    group_effect: Cells


@dataclass(slots=True, kw_only=True, eq=False)
class Workspace:
    """Memory of one running query; all zero between queries, but for the plain queues."""

    status: WritableCells
    sent: WritableCells
    marks: WritableCells
    lost: WritableCells
    sick: WritableCells
    is_touched: WritableCells
    queue: WritableCells
    touched: WritableCells
    touched_groups: WritableCells
    touched_count: int = 0
    touched_group_count: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Engine:
    """Kernels, columns and free workspaces for one graph, compiled or not."""

    columns: Columns
    is_compiled: bool
    ci_count: int
    group_count: int
    _free: list[Workspace] = field(default_factory=list)

    def take(self) -> Workspace:
        """Return a clean workspace; give it back clean. Safe between threads."""
        try:
            return self._free.pop()
        except IndexError:
            return self._new_workspace()

    def give_back(self, workspace: Workspace) -> None:
        """Clean the workspace and keep it for the next query."""
        if workspace.touched_count:
            kernel_of(clean, is_compiled=self.is_compiled)(
                workspace.status,
                workspace.sent,
                workspace.lost,
                workspace.sick,
                workspace.is_touched,
                workspace.touched,
                workspace.touched_groups,
                workspace.touched_count,
                workspace.touched_group_count,
            )
        workspace.touched_count = workspace.touched_group_count = 0
        self._free.append(workspace)

    def force(
        self, workspace: Workspace, own: Mapping[int, int], *, most: int | None = None
    ) -> bool:
        """Force CIs to at least their status and push what follows; return whether all is done.

        It is given up, and False returned, when more than ``most`` CIs are not up.
        """
        most = self.ci_count if most is None else most
        columns, seeds = self.columns, sorted(own)
        workspace.touched_count, workspace.touched_group_count = kernel_of(
            worsen, is_compiled=self.is_compiled
        )(
            self.indices(seeds),
            self.indices([int(own[ci]) for ci in seeds]),
            columns.dependent_offsets,
            columns.dependent_edge,
            columns.edge_dependent,
            columns.edge_effect,
            columns.edge_group,
            columns.edge_weight,
            columns.group_dependent,
            columns.group_total,
            columns.group_min_up,
            columns.group_degraded_below,
            columns.group_effect,
            workspace.status,
            workspace.sent,
            workspace.lost,
            workspace.sick,
            workspace.is_touched,
            workspace.queue,
            workspace.touched,
            workspace.touched_groups,
            workspace.touched_count,
            workspace.touched_group_count,
            most,
        )
        return workspace.touched_count <= most

    def indices(self, numbers: list[int]) -> Cells:
        """Return numbers as the kernels want them."""
        return as_cells(np.array(numbers, dtype=np.uint32)) if self.is_compiled else numbers

    def _new_workspace(self) -> Workspace:
        cis, groups = self.ci_count, self.group_count
        return Workspace(
            status=self.bytes_of(cis),
            sent=self.bytes_of(cis),
            marks=self.bytes_of(cis),
            lost=self._words(groups, np.int64),
            sick=self._words(groups, np.int64),
            is_touched=self.bytes_of(groups),
            queue=self._words(cis, np.uint32),
            touched=self._words(cis, np.uint32),
            touched_groups=self._words(groups, np.uint32),
        )

    def bytes_of(self, count: int) -> WritableCells:
        """Return so many small zeros."""
        if not self.is_compiled:
            return bytearray(count)
        return cast("WritableCells", np.zeros(count, dtype=np.uint8))

    def _words(self, count: int, kind: type[np.int64 | np.uint32]) -> WritableCells:
        if not self.is_compiled:
            return [0] * count
        return cast("WritableCells", np.zeros(count, dtype=kind))


def engine_of(graph: ServiceGraph, *, compiled: bool | None = None) -> Engine:
    """Return the engine of a graph; built once per graph.

    Parameters
    ----------
    compiled
        Whether kernels run compiled by numba; None lets the size decide.
    """
    is_compiled = is_worth_compiling(graph) if compiled is None else compiled
    engines = _ENGINES.setdefault(graph, {})
    if is_compiled not in engines:
        engines[is_compiled] = _build_engine(graph, is_compiled=is_compiled)
    return engines[is_compiled]


_ENGINES: WeakKeyDictionary[ServiceGraph, dict[bool, Engine]] = WeakKeyDictionary()


def _wide(weights: Weights) -> Weights:
    """Return weights in one of two types, so that kernels are not compiled for a third."""
    return weights if weights.dtype == np.int64 else weights.astype(np.uint32)


def _build_engine(graph: ServiceGraph, *, is_compiled: bool) -> Engine:
    topology, gates = graph.topology, graph.gates
    cells = as_cells if is_compiled else as_list
    return Engine(
        columns=Columns(
            dependency_offsets=cells(topology.dependency_offsets),
            edge_dependency=cells(topology.edge_dependency),
            dependent_offsets=cells(topology.dependent_offsets),
            dependent_edge=cells(topology.dependent_edge),
            edge_dependent=cells(topology.edge_dependent),
            edge_effect=cells(gates.edge_effect),
            edge_group=cells(topology.edge_group),
            edge_weight=cells(_wide(gates.edge_weight)),
            group_dependent=cells(gates.group_dependent),
            group_total=cells(gates.group_total),
            group_min_up=cells(gates.group_min_up),
            group_degraded_below=cells(gates.group_degraded_below),
            group_effect=cells(gates.group_effect),
        ),
        is_compiled=is_compiled,
        ci_count=graph.ci_count,
        group_count=len(graph.group_rules),
    )


def as_list(column: Column) -> Cells:
    """Return the column as a list, on which plain Python is fast."""
    return cast("list[int]", column.tolist())


def as_cells(column: Column) -> Cells:
    """Return the column read-only, so that numba compiles each kernel once, not twice."""
    view = column.view()
    view.setflags(write=False)
    return cast("Cells", view)
