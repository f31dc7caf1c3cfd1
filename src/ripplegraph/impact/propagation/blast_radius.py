"""What falls when CIs fail, as arrays: the quick question, millions of times over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.ci_numbers import ci_numbers
from ripplegraph.impact.propagation.grounding import Grounding, grounding_of
from ripplegraph.impact.propagation.kernels import kernel_of
from ripplegraph.impact.propagation.kernels_push import ripple
from ripplegraph.impact.propagation.push import NO_CAUSE, PushEngine, entry_edges, push_engine_of


@dataclass(frozen=True, kw_only=True, eq=False)
class BlastRadius:
    """The CIs that are not up because of an outage, worst first, each with its cause.

    Attributes
    ----------
    numbers
        CI numbers: those that are down, then degraded, then at risk; within each in the order
        in which they fell, those with an outage of their own first.
    down_count, degraded_count, at_risk_count
        How many there are of each.
    """

    graph: ServiceGraph
    numbers: NDArray[np.uint32]
    down_count: int
    degraded_count: int
    at_risk_count: int
    _entries: NDArray[np.uint32]

    def __len__(self) -> int:
        """Return how many CIs are not up."""
        return len(self.numbers)

    @property
    def down(self) -> NDArray[np.uint32]:
        """Numbers of the CIs that are down."""
        return self.numbers[: self.down_count]

    @property
    def statuses(self) -> NDArray[np.uint8]:
        """A :class:`Status` for each of ``numbers``."""
        counts = (self.down_count, self.degraded_count, self.at_risk_count)
        return np.repeat(np.array([3, 2, 1], dtype=np.uint8), counts)

    @cached_property
    def cause_edges(self) -> NDArray[np.uint32]:
        """For each of ``numbers`` the dependency that gave it its status, or ``NO_CAUSE``.

        Of a group it is the member that tipped it.
        """
        edges = np.full(len(self.numbers), NO_CAUSE, dtype=np.uint32)
        has_cause = self._entries != NO_CAUSE
        edges[has_cause] = entry_edges(self.graph)[self._entries[has_cause]]
        return edges

    @cached_property
    def _place_of(self) -> dict[int, int]:
        return {number: at for at, number in enumerate(self.numbers.tolist())}

    def status_of(self, number: int) -> Status:
        """Return the status of one CI, by number; up if it is not in the radius."""
        at = self._place_of.get(number, len(self.numbers))
        if at < self.down_count:
            return Status.DOWN
        if at < self.down_count + self.degraded_count:
            return Status.DEGRADED
        return Status.AT_RISK if at < len(self.numbers) else Status.UP

    def chain_of(self, number: int) -> tuple[int, ...]:
        """Return the CIs from this one to an outage that gave it its status, both included.

        Empty for a CI that is up. Each CI has its status from the next one.
        """
        chain: list[int] = []
        ends = self.graph.topology.edge_dependency
        at = self._place_of.get(number)
        while at is not None:
            chain.append(number)
            edge = int(self.cause_edges[at])
            if edge == NO_CAUSE:
                break
            number = int(ends[edge])
            at = self._place_of[number]
        return tuple(chain)

    @property
    def services(self) -> NDArray[np.uint32]:
        """Numbers of the services among ``numbers``, in the same order."""
        return self.numbers[is_service_of(self.graph)[self.numbers]]


def blast_radius(
    graph: ServiceGraph,
    *,
    down: Iterable[int | str] = (),
    degraded: Iterable[int | str] = (),
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
    engine = push_engine_of(graph, compiled=compiled)
    own = dict.fromkeys(ci_numbers(graph, degraded), 2)
    own |= dict.fromkeys(ci_numbers(graph, down), 3)
    return _pushed(graph, engine, own, grounding_of(graph))


def is_service_of(graph: ServiceGraph) -> NDArray[np.bool_]:
    """Return for each CI whether it counts as a service."""
    flags = _IS_SERVICE.get(graph)
    if flags is None:
        flags = np.zeros(graph.ci_count, dtype=np.bool_)
        flags[list(graph.service_numbers)] = True
        _IS_SERVICE[graph] = flags
    return flags


_IS_SERVICE: WeakKeyDictionary[ServiceGraph, NDArray[np.bool_]] = WeakKeyDictionary()


def _pushed(
    graph: ServiceGraph, engine: PushEngine, own: dict[int, int], grounding: Grounding
) -> BlastRadius:
    forced = own
    while True:
        radius = _pushed_once(graph, engine, forced)
        if not grounding.circles:
            return radius
        status = np.zeros(graph.ci_count, dtype=np.uint8)
        status[radius.numbers] = radius.statuses
        worse = grounding.ungrounded(own, status.tolist())
        if not worse:
            return radius
        forced = forced | worse


def _pushed_once(graph: ServiceGraph, engine: PushEngine, own: dict[int, int]) -> BlastRadius:
    columns, workspace = engine.columns, engine.take()
    seeds: object = list(own)
    seed_status: object = list(own.values())
    if engine.is_compiled:
        seeds = np.array(seeds, dtype=np.uint32)
        seed_status = np.array(seed_status, dtype=np.uint8)
    counts = kernel_of(ripple, is_compiled=engine.is_compiled)(
        seeds,  # type: ignore[arg-type]
        seed_status,  # type: ignore[arg-type]
        columns.segments,
        columns.targets,
        columns.entry_group,
        columns.entry_weight,
        columns.limits,
        workspace.status,
        workspace.counters,
        workspace.cause,
        workspace.queues,
        workspace.touched_groups,
        workspace.cause_of,
        NO_CAUSE,
    )
    total = sum(counts)
    radius = BlastRadius(
        graph=graph,
        numbers=np.array(workspace.queues[:total], dtype=np.uint32),
        down_count=counts[0],
        degraded_count=counts[1],
        at_risk_count=counts[2],
        _entries=np.array(workspace.cause_of[:total], dtype=np.uint32),
    )
    engine.free.append(workspace)
    return radius
