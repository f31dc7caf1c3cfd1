"""Which OLAs and underpinning contracts stand behind each CI that is out."""

from __future__ import annotations

from datetime import datetime

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.concerned import agreements_behind, inclusively_covered
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.reasons import reasons_of
from ripplegraph.impact.propagation.scenario import Scenario, actual_of


def agreements_behind_roots(
    graph: ServiceGraph, scenario: Scenario, *, at: datetime | None = None
) -> dict[CiId, tuple[Agreement, ...]]:
    """Return the OLAs and underpinning contracts behind each CI of a scenario.

    Parameters
    ----------
    scenario
        See :func:`scenario_of`.
    at
        Aware; agreements in force then are listed. None leaves their dates out.

    Returns
    -------
    dict[CiId, tuple[Agreement, ...]]
        For every CI of the scenario, sorted: those that cover it, and those of inclusive scope
        that cover a CI which is not up because of it.

    Raises
    ------
    UnknownCiError
        If the scenario names a CI that the graph does not hold.
    TypeError
        If ``at`` has no time zone and agreements have dates.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.propagation.scenario import scenario_of
    >>> graph = graph_of("shop -> db")
    >>> agreements_behind_roots(graph, scenario_of(graph, down=["db"]))
    {'t:server:db': ()}
    """
    own = actual_of(graph, scenario)
    hurt: dict[int, set[int]] = {graph.resolve(ci_id): set() for ci_id in scenario.cis}
    covered = inclusively_covered(graph)
    if covered:  # reasons of large outages take longer than all else
        reasons = reasons_of(graph, own, settle(graph, own))
        for number in covered:
            for root in reasons.cone_of(number) & hurt.keys():
                hurt[root].add(number)
    return {
        graph.ci_ids[root]: agreements_behind(graph, (root,), sorted(above), at)
        for root, above in sorted(hurt.items(), key=lambda one: graph.ci_ids[one[0]])
    }
