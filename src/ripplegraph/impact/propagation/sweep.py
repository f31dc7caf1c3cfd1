"""Single outages of every CI in turn: how many CIs and services fall with each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.blast_radius import blast_radius, is_service_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SingleOutageSweep:
    """What each CI brings down alone, by CI number; the CI itself counts.

    Attributes
    ----------
    cis_down, services_down
        How many CIs, and how many services, are down when this CI is.
    """

    graph: ServiceGraph
    cis_down: NDArray[np.uint32]
    services_down: NDArray[np.uint32]


def single_outage_sweep(graph: ServiceGraph, *, compiled: bool | None = None) -> SingleOutageSweep:
    """Return how many CIs and services fall with each CI, one outage at a time.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> single_outage_sweep(graph_of("shop -> web; web -> h1 | h2")).services_down.tolist()
    [1, 1, 0, 0]
    """
    radii = [blast_radius(graph, down=[ci], compiled=compiled) for ci in range(graph.ci_count)]
    flags = is_service_of(graph)
    return SingleOutageSweep(
        graph=graph,
        cis_down=np.array([one.down_count for one in radii], dtype=np.uint32),
        services_down=np.array([flags[one.down].sum() for one in radii], dtype=np.uint32),
    )
