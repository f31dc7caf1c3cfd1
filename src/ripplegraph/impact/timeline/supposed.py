"""A graph in which a scenario has begun: what an incident does if it goes on from now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.scenario import Scenario

SUPPOSED = "supposed"
"""The source of outages that nobody reported."""


def supposing(graph: ServiceGraph, scenario: Scenario, moment: datetime) -> ServiceGraph:
    """Return the graph with an open outage more for each CI of a scenario.

    Parameters
    ----------
    scenario
        Its CIs fail from the moment on; those that have an open outage then stay as they are.
    moment
        Aware.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.propagation.scenario import scenario_of
    >>> graph = graph_of("shop -> db")
    >>> scenario = scenario_of(graph, down=["db"])
    >>> found = supposing(graph, scenario, datetime(2026, 11, 27, tzinfo=UTC))
    >>> [(one.ci, one.source) for one in found.outages]
    [('t:server:db', 'supposed')]
    """
    kinds = {
        OutageKind.UNPLANNED: scenario.down,
        OutageKind.PLANNED: scenario.maintenance,
        OutageKind.DEGRADATION: scenario.degraded,
    }
    has_one = {
        (outage.kind, number)
        for outage, number in zip(graph.outages, graph.outage_ci, strict=True)
        if outage.is_open_at(moment)
    }
    added = [
        (Outage(ci=ci_id, start=moment, kind=kind, source=SUPPOSED), number)
        for kind, ids in kinds.items()
        for ci_id in ids
        for number in [graph.resolve(ci_id)]
        if (kind, number) not in has_one
    ]
    if not added:
        return graph
    return replace(
        graph,
        outages=(*graph.outages, *(outage for outage, _ in added)),
        outage_ci=(*graph.outage_ci, *(number for _, number in added)),
    )
