"""Which services each CI reaches: the services that depend on it, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_graph import ServiceGraph


class ServiceReach:
    """For each CI the services that depend on it; see :func:`service_reach`."""

    def __init__(self, services: NDArray[np.uint32], bits: NDArray[np.bool_]) -> None:
        self.services = services
        self._bits = bits

    @property
    def counts(self) -> NDArray[np.uint32]:
        """How many services each CI reaches, by CI number."""
        counts: NDArray[np.uint32] = self._bits.sum(axis=1, dtype=np.uint32)
        return counts

    def services_of(self, ci: int) -> NDArray[np.uint32]:
        """Return the numbers of the services that one CI reaches, ascending."""
        found: NDArray[np.uint32] = self.services[self._bits[ci]]
        return found


def service_reach(
    graph: ServiceGraph,
    services: Iterable[int | str] | None = None,
) -> ServiceReach:
    """Return which services each CI reaches: those that depend on it, itself included.

    Parameters
    ----------
    services
        CI numbers, or texts that name CIs; None for every service.

    Notes
    -----
    Needs a byte for each CI and service, and a pass over all dependencies for each step of the
    longest way: meant for graphs of some ten thousand CIs.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web; web -> db; svc ~> db")
    >>> service_reach(graph).counts.tolist()
    [1, 1, 2, 1]
    """
    chosen = graph.service_numbers if services is None else services
    numbers = sorted({graph.resolve(one) if isinstance(one, str) else int(one) for one in chosen})
    topology = graph.topology
    working = graph.gates.edge_effect != 0
    dependents, needed = topology.edge_dependent[working], topology.edge_dependency[working]
    bits = np.zeros((graph.ci_count, len(numbers)), dtype=np.bool_)
    bits[numbers, np.arange(len(numbers))] = True
    before = -1
    while (now := int(bits.sum())) != before:
        before = now
        np.logical_or.at(bits, needed, bits[dependents])
    return ServiceReach(np.array(numbers, dtype=np.uint32), bits)
