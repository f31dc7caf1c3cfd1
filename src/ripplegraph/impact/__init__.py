"""The impact room: what falls when CIs fail, and why.

``ripplegraph.impact`` is this package and, for notebooks, also the question: the package can be
called like :func:`ripplegraph.impact.propagation.answers.impact`. (A function of that name in
the facade would be replaced as soon as any module of this room is imported.)
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.propagation.blast_radius import BlastRadius, blast_radius
    from ripplegraph.impact.propagation.scenario import Scenario
    from ripplegraph.impact.propagation.service_reach import ServiceReach, service_reach
    from ripplegraph.impact.propagation.sweep import SingleOutageSweep, single_outage_sweep
    from ripplegraph.impact.propagation.tracker import StatusTracker
    from ripplegraph.impact.propagation.values import ImpactAnswer

__all__ = [
    "BlastRadius",
    "ServiceReach",
    "SingleOutageSweep",
    "StatusTracker",
    "blast_radius",
    "service_reach",
    "single_outage_sweep",
]

_HOMES = {
    "BlastRadius": "ripplegraph.impact.propagation.blast_radius",
    "ServiceReach": "ripplegraph.impact.propagation.service_reach",
    "SingleOutageSweep": "ripplegraph.impact.propagation.sweep",
    "StatusTracker": "ripplegraph.impact.propagation.tracker",
    "blast_radius": "ripplegraph.impact.propagation.blast_radius",
    "service_reach": "ripplegraph.impact.propagation.service_reach",
    "single_outage_sweep": "ripplegraph.impact.propagation.sweep",
}


class _CallableRoom(ModuleType):
    """The package as a module that can be called."""

    def __call__(
        self,
        graph: ServiceGraph,
        scenario: Scenario,
        *,
        all_cis: bool = False,
        at: datetime | None = None,
    ) -> ImpactAnswer:
        """Return the answer of :func:`ripplegraph.impact.propagation.answers.impact`."""
        from ripplegraph.impact.propagation.answers import impact  # noqa: PLC0415 - loads on use

        return impact(graph, scenario, all_cis=all_cis, at=at)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


sys.modules[__name__].__class__ = _CallableRoom
