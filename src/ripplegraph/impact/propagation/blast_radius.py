"""What falls when CIs fail, as arrays: the quick question, millions of times over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.ci_numbers import ci_numbers
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.push import (
    NO_CAUSE,
    QUICK_ENGINES,
    PushEngine,
    PushWorkspace,
    push_engine_of,
)

_Numbers: TypeAlias = NDArray[np.uint32]
_COUNTS = 3
_NOTHING: tuple[int, ...] = ()


class BlastRadius:
    """The CIs that are not up because of an outage, worst first, each with its cause.

    What :func:`blast_radius` returns.

    Attributes
    ----------
    numbers
        CI numbers: those that are down, then degraded, then at risk; within each in the order
        in which they fell, those with an outage of their own first.
    cause_edges
        For each of ``numbers`` the dependency that gave it its status, or ``NO_CAUSE``. Of a
        group it is the member that tipped it.
    """

    _places: Mapping[int, int]
    __slots__ = ("_found", "_places", "cause_edges", "graph", "numbers")

    def __init__(self, graph: ServiceGraph, found: NDArray[np.uint32]) -> None:
        """``found`` holds three counts, then CI numbers, then as many causes."""
        middle = (len(found) + _COUNTS) >> 1
        self.graph = graph
        self.numbers = found[_COUNTS:middle]
        self.cause_edges = found[middle:]
        self._found = found

    def __len__(self) -> int:
        """Return how many CIs are not up."""
        return len(self.numbers)

    @property
    def down_count(self) -> int:
        """How many CIs are down."""
        return int(self._found[0])

    @property
    def degraded_count(self) -> int:
        """How many CIs are degraded."""
        return int(self._found[1])

    @property
    def at_risk_count(self) -> int:
        """How many CIs are at risk."""
        return int(self._found[2])

    @property
    def down(self) -> NDArray[np.uint32]:
        """Numbers of the CIs that are down."""
        return self.numbers[: self.down_count]

    @property
    def statuses(self) -> NDArray[np.uint8]:
        """A :class:`Status` for each of ``numbers``."""
        return np.repeat(np.array([3, 2, 1], dtype=np.uint8), self._found[:_COUNTS])

    @property
    def services(self) -> NDArray[np.uint32]:
        """Numbers of the services among ``numbers``, in the same order."""
        return self.numbers[is_service_of(self.graph)[self.numbers]]

    def status_of(self, number: int) -> Status:
        """Return the status of one CI, by number; up if it is not in the radius."""
        at = self._place_of().get(number, len(self))
        if at < self.down_count:
            return Status.DOWN
        if at < self.down_count + self.degraded_count:
            return Status.DEGRADED
        return Status.AT_RISK if at < len(self) else Status.UP

    def chain_of(self, number: int) -> tuple[int, ...]:
        """Return the CIs from this one to an outage that gave it its status, both included.

        Empty for a CI that is up. Each CI has its status from the next one.
        """
        chain: list[int] = []
        ends = self.graph.topology.edge_dependency
        places, causes = self._place_of(), self.cause_edges
        at = places.get(number)
        while at is not None:
            chain.append(number)
            edge = int(causes[at])
            if edge == NO_CAUSE:
                break
            number = int(ends[edge])
            at = places[number]
        return tuple(chain)

    def _place_of(self) -> Mapping[int, int]:
        try:
            return self._places
        except AttributeError:
            self._places = {number: at for at, number in enumerate(self.numbers.tolist())}
        return self._places


def blast_radius(
    graph: ServiceGraph,
    *,
    down: Iterable[int | str] = _NOTHING,
    degraded: Iterable[int | str] = _NOTHING,
    compiled: bool | None = None,
) -> BlastRadius:
    """Return what is not up when CIs are down or degraded, redundancy counted.

    Parameters
    ----------
    down, degraded
        CI numbers, or texts that name CIs (:meth:`ServiceGraph.resolve`). One that stands in
        both is down.
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
    Equal to :func:`propagate`, but costs what the outage touches, not what the graph holds.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web & db; web -> h1 | h2")
    >>> radius = blast_radius(graph, down=["h1"])
    >>> [(graph.cis.native_id[ci], radius.status_of(ci).word) for ci in radius.numbers.tolist()]
    [('h1', 'down'), ('web', 'at_risk'), ('shop', 'at_risk')]
    >>> [graph.cis.native_id[ci] for ci in radius.chain_of(graph.resolve("shop"))]
    ['shop', 'web', 'h1']
    """
    parts = QUICK_ENGINES.get(id(graph))
    if (  # the common question, at once: checks and look-ups cost more than its answer
        parts is not None
        and type(down) is list
        and len(down) == 1
        and degraded is _NOTHING
        and compiled is None
    ):
        kernel, free, cells, queue, start, ci_count, engine = parts
        ci = down[0]
        if type(ci) is int and 0 <= ci < ci_count:
            try:
                workspace = free.pop()
            except IndexError:  # another thread asks too
                workspace = engine.take()
            scratch, status = workspace
            scratch[queue] = ci
            end = kernel(1, 0, cells, scratch, status)
            found = scratch[start:end].copy()  # type: ignore[attr-defined] # an array
            free.append(workspace)
            return BlastRadius(graph, found)
    engine = push_engine_of(graph, compiled=compiled)
    own = dict.fromkeys(ci_numbers(graph, degraded), 2)
    own |= dict.fromkeys(ci_numbers(graph, down), 3)
    return _pushed(graph, engine, own)


def is_service_of(graph: ServiceGraph) -> NDArray[np.bool_]:
    """Return for each CI whether it counts as a service."""
    flags = _IS_SERVICE.get(graph)
    if flags is None:
        flags = np.zeros(graph.ci_count, dtype=np.bool_)
        flags[list(graph.service_numbers)] = True
        _IS_SERVICE[graph] = flags
    return flags


_IS_SERVICE: WeakKeyDictionary[ServiceGraph, NDArray[np.bool_]] = WeakKeyDictionary()


def _pushed(graph: ServiceGraph, engine: PushEngine, own: Mapping[int, int]) -> BlastRadius:
    grounding = grounding_of(graph)
    forced = own
    while True:
        radius = BlastRadius(graph, _pushed_once(engine, forced))
        if not grounding.circles:
            return radius
        status = np.zeros(graph.ci_count, dtype=np.uint8)
        status[radius.numbers] = radius.statuses
        worse = grounding.ungrounded(own, status.tolist())
        if not worse:
            return radius
        forced = {**forced, **worse}


def _pushed_once(engine: PushEngine, own: Mapping[int, int]) -> _Numbers:
    workspace = engine.take()
    scratch, _ = workspace
    down = [ci for ci, status in own.items() if status == Status.DOWN]
    degraded = [ci for ci, status in own.items() if status == Status.DEGRADED]
    seeds: list[int] | _Numbers = down + degraded
    if engine.is_compiled:
        seeds = np.array(seeds, dtype=np.uint32)
    end = engine.queue + 2 * len(own)
    scratch[engine.queue : end : 2] = cast("list[int]", seeds)
    return _rippled(engine, workspace, len(down), len(degraded))


def _rippled(
    engine: PushEngine, workspace: PushWorkspace, down_count: int, degraded_count: int
) -> _Numbers:
    scratch, status = workspace
    end = engine.kernel(down_count, degraded_count, engine.cells, scratch, status)
    found = np.array(scratch[engine.found : end], dtype=np.uint32)
    engine.free.append(workspace)  # not after an interrupt: it would be unclean
    return found
