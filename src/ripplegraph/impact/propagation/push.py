"""Engines that push outages: the layout of a graph as kernels want it, and free workspaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, cast
from weakref import WeakKeyDictionary, finalize

import numpy as np

from ripplegraph.graph.compilation import entry_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.kernels import kernel_of
from ripplegraph.impact.propagation.kernels_push import ripple
from ripplegraph.impact.propagation.layout import (
    FOUND,
    QUEUE,
    Layout,
    Numbers,
    layout_of,
)
from ripplegraph.impact.propagation.workspace import Cells, WritableCells, is_worth_compiling

PushKernel: TypeAlias = Callable[[int, int, Cells, WritableCells, WritableCells], int]

NO_CAUSE = 0xFFFF_FFFF
"""Cause of a CI whose own outage gave it its status."""


PushWorkspace: TypeAlias = tuple[WritableCells, WritableCells]
"""``scratch`` and ``status`` of one running question; zero between questions."""


@dataclass(slots=True, kw_only=True, eq=False)
class PushEngine:
    """The layout of one graph, compiled or not, and free workspaces.

    ``queue`` and ``found`` tell where in ``scratch`` questions and answers stand; ``kernel`` is
    :func:`ripple`; ``is_grounded`` tells whether circles must be grounded after it.
    """

    layout: Layout
    cells: Cells
    kernel: PushKernel
    is_compiled: bool
    is_grounded: bool
    ci_count: int
    queue: int
    found: int
    free: list[PushWorkspace] = field(default_factory=list)

    def take(self) -> PushWorkspace:
        """Return a clean workspace; append it to ``free`` when it is clean again."""
        try:
            return self.free.pop()
        except IndexError:
            return self._new_workspace()

    def _new_workspace(self) -> PushWorkspace:
        gates = self.layout.gates
        scratch = np.zeros(self.layout.scratch_size, dtype=gates.dtype)
        scratch[: len(gates)] = gates
        if not self.is_compiled:
            return scratch.tolist(), bytearray(self.ci_count)
        status = np.zeros(self.ci_count, dtype=np.uint8)
        return cast("WritableCells", scratch), cast("WritableCells", status)


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
        if compiled is None and is_compiled and not (engine.layout.is_wide or engine.is_grounded):
            workspace = engine.take()
            QUICK_ENGINES[id(graph)] = (
                entry_of(engine.kernel, 0, 0, engine.cells, *workspace),
                engine.free,
                engine.cells,
                engine.queue,
                engine.found,
                engine.ci_count,
                engine,
            )
            engine.free.append(workspace)
            finalize(graph, QUICK_ENGINES.pop, id(graph)).atexit = False
    return engine


_ENGINES: WeakKeyDictionary[ServiceGraph, dict[bool | None, PushEngine]] = WeakKeyDictionary()


QUICK_ENGINES: dict[
    int, tuple[PushKernel, list[PushWorkspace], Cells, int, int, int, PushEngine]
] = {}
"""By the id of a graph that lives, its engine and parts of it, if that needs no further look:
numpy arrays of 32 bits, no circles to ground. A weak dictionary takes three times as long to look
up, and attributes take longer than an unpacked tuple."""


def _build_engine(graph: ServiceGraph, *, is_compiled: bool) -> PushEngine:
    layout = layout_of(graph)
    cells: Numbers | list[int] = layout.cells if is_compiled else layout.cells.tolist()
    return PushEngine(
        layout=layout,
        cells=cast("Cells", cells),
        kernel=kernel_of(ripple, is_compiled=is_compiled, is_lean=True),
        is_compiled=is_compiled,
        is_grounded=bool(grounding_of(graph).circles),
        ci_count=graph.ci_count,
        queue=int(layout.cells[QUEUE]),
        found=int(layout.cells[FOUND]),
    )
