"""Which services each CI reaches: the services that depend on it, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.ci_numbers import ci_numbers
from ripplegraph.impact.propagation.kernels import kernel_of
from ripplegraph.impact.propagation.kernels_reach import dependents_first, gather
from ripplegraph.impact.propagation.push import PushEngine, WritableCells, push_engine_of

_WORD_BITS = 64


class ServiceReach:
    """For each CI the services that depend on it; see :func:`service_reach`.

    Attributes
    ----------
    services
        The numbers of the services that were asked for, ascending.
    """

    def __init__(
        self,
        services: NDArray[np.uint32],
        component: NDArray[np.uint32],
        bits: NDArray[np.uint64],
    ) -> None:
        self.services = services
        self._component = component
        self._bits = bits

    @property
    def counts(self) -> NDArray[np.uint32]:
        """How many services each CI reaches, by CI number."""
        counts: NDArray[np.uint32] = np.bitwise_count(self._bits).sum(axis=1, dtype=np.uint32)
        return counts[self._component]

    def services_of(self, ci: int) -> NDArray[np.uint32]:
        """Return the numbers of the services that one CI reaches, ascending."""
        flags = np.unpackbits(self._bits[self._component[ci]].view(np.uint8), bitorder="little")
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
    Takes a bit for each CI and service, in whole words of 64 (CIs that need each other in a
    circle share theirs), and one pass over the dependencies, dependents first. Redundancy does
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
    numbers = sorted(set(ci_numbers(graph, chosen)))
    engine = push_engine_of(graph, compiled=compiled)
    order = _order_of(graph, engine)
    gathered = _gathered if engine.is_compiled else _gathered_plainly
    bits = gathered(engine, order, numbers)
    component = np.array(order.component, dtype=np.uint32)
    return ServiceReach(np.array(numbers, dtype=np.uint32), component, bits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Order:
    """All CIs, each after those that depend on it, and the component of each by CI number."""

    cis: WritableCells
    component: WritableCells
    component_count: int


_ORDERS: WeakKeyDictionary[ServiceGraph, dict[bool, _Order]] = WeakKeyDictionary()


def _order_of(graph: ServiceGraph, engine: PushEngine) -> _Order:
    kept = _ORDERS.setdefault(graph, {})
    if engine.is_compiled not in kept:
        kept[engine.is_compiled] = _new_order(engine)
    return kept[engine.is_compiled]


def _new_order(engine: PushEngine) -> _Order:
    cells = [engine.zeros(engine.ci_count, np.uint32) for _ in range(7)]
    index, low, resume, waiting, path, order, component = cells
    columns = engine.columns
    count = kernel_of(dependents_first, is_compiled=engine.is_compiled)(
        columns.segments, columns.targets, index, low, resume, waiting, path, order, component
    )
    return _Order(cis=order, component=component, component_count=count)


def _gathered(engine: PushEngine, order: _Order, numbers: list[int]) -> NDArray[np.uint64]:
    width = _words(numbers)
    bits = np.zeros((order.component_count, width), dtype=np.uint64)
    for place, number in enumerate(numbers):
        word, bit = divmod(place, _WORD_BITS)
        bits[order.component[number], word] |= np.uint64(1 << bit)
    row = np.zeros(width, dtype=np.uint64)
    _run(engine, order, width, cast("WritableCells", row), cast("WritableCells", bits.reshape(-1)))
    return bits


def _gathered_plainly(engine: PushEngine, order: _Order, numbers: list[int]) -> NDArray[np.uint64]:
    """Gather with one long integer for each component: a row of its own bits."""
    rows = [0] * order.component_count
    for place, number in enumerate(numbers):
        rows[order.component[number]] |= 1 << place
    _run(engine, order, 1, [0], rows)
    width = _words(numbers)
    joined = b"".join(row.to_bytes(8 * width, "little") for row in rows)
    return np.frombuffer(joined, dtype="<u8").reshape(-1, width)


def _words(numbers: list[int]) -> int:
    return max(1, -(-len(numbers) // _WORD_BITS))


def _run(
    engine: PushEngine,
    order: _Order,
    width: int,
    row: MutableSequence[int],
    bits: MutableSequence[int],
) -> None:
    columns = engine.columns
    kernel_of(gather, is_compiled=engine.is_compiled)(
        order.cis, order.component, columns.segments, columns.targets, width, row, bits
    )
