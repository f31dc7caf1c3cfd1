"""Which services each CI reaches: the services that depend on it, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from dataclasses import dataclass, field
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.ci_numbers import ci_numbers
from ripplegraph.impact.propagation.kernels import kernel_of
from ripplegraph.impact.propagation.kernels_reach import gather
from ripplegraph.impact.propagation.layout import layout_of
from ripplegraph.impact.propagation.workspace import (
    Cells,
    as_cells,
    as_list,
    is_worth_compiling,
)

_WORD_BITS = 64
_BLOCK_WORDS = 4
_Words = NDArray[np.uint64]


class ServiceReach:
    """For each CI the services that depend on it; see :func:`service_reach`.

    Attributes
    ----------
    services
        The numbers of the services that were asked for, ascending.
    """

    def __init__(self, services: NDArray[np.uint32], engine: _Engine, bits: _Words) -> None:
        self.services = services
        self._engine = engine
        self._bits = bits

    def __del__(self) -> None:
        """Leave the memory to the next answer about the same graph."""
        self._engine.give_back(self._bits)

    @property
    def _rows(self) -> _Words:
        """The words of each component."""
        return self._bits.reshape(self._engine.component_count, -1)

    @property
    def counts(self) -> NDArray[np.uint32]:
        """How many services each CI reaches, by CI number."""
        counts: NDArray[np.uint32] = np.bitwise_count(self._rows).sum(axis=1, dtype=np.uint32)
        return counts[self._engine.component]

    def services_of(self, ci: int) -> NDArray[np.uint32]:
        """Return the numbers of the services that one CI reaches, ascending."""
        row = self._rows[self._engine.component[ci]]
        flags = np.unpackbits(row.view(np.uint8), bitorder="little")
        found: NDArray[np.uint32] = self.services[np.flatnonzero(flags)]
        return found


def service_reach(
    graph: ServiceGraph,
    services: Iterable[int | str] | None = None,
    *,
    compiled: bool | None = None,
) -> ServiceReach:
    """Return which services each CI reaches: those that depend on it, itself included.

    Parameters
    ----------
    services
        CI numbers, or texts that name CIs; None for every service.
    compiled
        Whether kernels run compiled by numba; None lets the size of the graph decide.

    Raises
    ------
    IndexError
        If the graph has no CI of a number.
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If a text names several.

    Notes
    -----
    Takes a bit for each CI and service, in whole blocks of 256 (CIs that need each other in a
    circle share theirs), and one pass over the dependencies, dependents first. The memory of an
    answer that is no longer held is kept for the next one about the same graph. Redundancy does
    not matter: a service reaches every member of its groups. Dependencies without impact do not
    count.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web; web -> db; svc ~> db")
    >>> service_reach(graph).counts.tolist()
    [1, 1, 2, 1]
    """
    chosen = graph.service_numbers if services is None else services
    numbers = np.unique(np.array(ci_numbers(graph, chosen), dtype=np.uint32))
    engine = _engine_of(graph, compiled=compiled)
    return ServiceReach(numbers, engine, _gathered(engine, numbers))


@dataclass(slots=True, kw_only=True, eq=False)
class _Engine:
    """Who depends on each component, and the memory of an answer that nobody holds any more.

    ``component`` tells the component of each CI; ``dependents`` are those of each component that
    lie in others, as :func:`gather` wants them.
    """

    component: NDArray[np.uint32]
    component_count: int
    offsets: Cells
    dependents: Cells
    is_compiled: bool
    free: list[_Words] = field(default_factory=list)

    def take(self, size: int) -> _Words:
        """Return memory of this size, as it was left: to touch new memory costs a pass more."""
        try:
            bits = self.free.pop()
        except IndexError:
            return np.empty(size, dtype=np.uint64)
        return bits if len(bits) == size else np.empty(size, dtype=np.uint64)

    def give_back(self, bits: _Words) -> None:
        """Keep the memory of one answer for the next one."""
        self.free[:] = [bits]


_ENGINES: WeakKeyDictionary[ServiceGraph, dict[bool, _Engine]] = WeakKeyDictionary()


def _engine_of(graph: ServiceGraph, *, compiled: bool | None) -> _Engine:
    is_compiled = is_worth_compiling(graph) if compiled is None else compiled
    kept = _ENGINES.setdefault(graph, {})
    if is_compiled not in kept:
        kept[is_compiled] = _new_engine(graph, is_compiled=is_compiled)
    return kept[is_compiled]


def _new_engine(graph: ServiceGraph, *, is_compiled: bool) -> _Engine:
    layout = layout_of(graph)
    component = layout.component
    count = int(component[-1]) + 1
    needed = np.repeat(component, np.diff(layout.offsets))
    above = component[layout.targets]
    is_other = needed != above
    pairs = np.unique(needed[is_other].astype(np.int64) * count + above[is_other])
    offsets, dependents = _in_fours(np.bincount(pairs // count, minlength=count), pairs % count)
    cells = as_cells if is_compiled else as_list
    return _Engine(
        component=component[layout.place_of],
        component_count=count,
        offsets=cells(offsets),
        dependents=cells(dependents),
        is_compiled=is_compiled,
    )


def _in_fours(
    counts: NDArray[np.int64], dependents: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return where the fours of each component start, and all fours, the last repeated."""
    firsts = np.cumsum(counts) - counts
    fours = -(-counts // 4)
    offsets = np.zeros(len(counts) + 1, dtype=np.uint32)
    np.cumsum(fours, out=offsets[1:])
    cells = 4 * fours
    nth = np.arange(int(cells.sum())) - np.repeat(np.cumsum(cells) - cells, cells)
    places = np.repeat(firsts, cells) + np.minimum(nth, np.repeat(counts - 1, cells))
    return offsets, dependents[places].astype(np.uint32)


def _gathered(engine: _Engine, numbers: NDArray[np.uint32]) -> _Words:
    """Return the words of every component."""
    block_count = max(1, -(-len(numbers) // (_WORD_BITS * _BLOCK_WORDS)))
    size = engine.component_count * block_count * _BLOCK_WORDS
    own = engine.component[numbers].astype(np.int64)
    order = np.argsort(own, kind="stable")
    seeds = np.append(own[order], engine.component_count)
    if engine.is_compiled:
        words, bits = np.divmod(order, _WORD_BITS)
        masks = np.uint64(1) << bits.astype(np.uint64)
        gathered = engine.take(size)
        rows = cast("MutableSequence[int]", gathered)
        _run(engine, (as_cells(seeds), as_cells(words), as_cells(masks)), block_count, rows)
        return gathered
    long = _WORD_BITS * block_count  # four integers of any length make a row of one block
    places = order.tolist()
    plain_seeds = (
        seeds.tolist(),
        [place // long for place in places],
        [1 << place % long for place in places],
    )
    plain_rows = [0] * (engine.component_count * _BLOCK_WORDS)
    _run(engine, plain_seeds, 1, plain_rows)
    joined = b"".join(row.to_bytes(long // 8, "little") for row in plain_rows)
    return np.frombuffer(joined, dtype="<u8")


def _run(
    engine: _Engine,
    seeds: tuple[Cells, Cells, Cells],
    block_count: int,
    bits: MutableSequence[int],
) -> None:
    zero = np.uint64(0) if engine.is_compiled else 0
    kernel_of(gather, is_compiled=engine.is_compiled)(
        engine.component_count,
        engine.offsets,
        engine.dependents,
        *seeds,
        block_count,
        cast("int", zero),
        bits,
    )
