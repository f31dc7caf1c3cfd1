"""Status propagation: from the own statuses of CIs to the status of every CI."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.ci_numbers import ci_numbers
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.pull import pulled_statuses
from ripplegraph.impact.propagation.scenario import Scenario, actual_of
from ripplegraph.impact.propagation.workspace import engine_of

_PULLED_FROM = 32
"""Of so many CIs one is not up: then it is quicker to look at all once, in order."""

_OF_VALUE = tuple(Status)  # looked up, for thousands of CIs, in a tenth of the time


def statuses_under(graph: ServiceGraph, scenario: Scenario) -> dict[int, Status]:
    """Return the CIs that are not up under a scenario, by number.

    Raises
    ------
    UnknownCiError
        If the scenario names a CI that the graph does not hold.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.propagation.scenario import scenario_of
    >>> graph = graph_of("shop -> db; shop ~> log; log -> h1")
    >>> hit = statuses_under(graph, scenario_of(graph, down=["h1"]))
    >>> {graph.cis.name[number]: status.word for number, status in sorted(hit.items())}
    {'shop': 'degraded', 'log': 'down', 'h1': 'down'}
    """
    statuses = propagate(graph, actual_of(graph, scenario))
    return {number: Status(int(statuses[number])) for number in statuses.nonzero()[0].tolist()}


def propagate(
    graph: ServiceGraph,
    own: Mapping[int, Status],
    *,
    grounded: bool = False,
    compiled: bool | None = None,
) -> NDArray[np.uint8]:
    """Return the status of every CI, given the CIs with an outage of their own.

    Parameters
    ----------
    graph
        The graph.
    own
        Own status by CI number; CIs not named are up by themselves.
    grounded
        True to ground every group that can hold itself up, not only those marked so.
    compiled
        Whether kernels run compiled by numba; None lets the size of the graph decide.

    Returns
    -------
    NDArray[np.uint8]
        A :class:`Status` per CI number.

    Raises
    ------
    IndexError
        If ``own`` names a CI number that the graph does not have.

    Notes
    -----
    The greatest fixpoint of health on cyclic graphs: CIs that need each other do not bring each
    other down (semantics.md section 2). Groups marked grounded take the least one on circles.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web & db; web -> h1 | h2")
    >>> [Status(value).word for value in propagate(graph, {graph.resolve("h1"): Status.DOWN})]
    ['at_risk', 'at_risk', 'up', 'down', 'up']
    """
    ci_numbers(graph, own)
    grounding = grounding_of(graph, grounded=grounded)
    forced: Mapping[int, int] = own
    while True:
        statuses = _statuses(graph, forced, compiled=compiled)
        if not grounding.circles:
            return statuses
        worse = grounding.ungrounded(own, statuses.tolist())
        if not worse:
            return statuses
        forced = {**forced, **worse}


def _statuses(
    graph: ServiceGraph, own: Mapping[int, int], *, compiled: bool | None
) -> NDArray[np.uint8]:
    """Push outages while few CIs fall; pull everything, each CI once, when many do."""
    engine = engine_of(graph, compiled=compiled)
    workspace = engine.take()
    is_done = engine.force(workspace, own, most=graph.ci_count // _PULLED_FROM)
    statuses = np.array(workspace.status, dtype=np.uint8)
    engine.give_back(workspace)
    if is_done:
        return statuses
    return pulled_statuses(graph, own, is_compiled=engine.is_compiled)


def settle(
    graph: ServiceGraph,
    own: Mapping[int, Status],
    *,
    grounded: bool = False,
    compiled: bool | None = None,
) -> dict[int, Status]:
    """Return the CIs that are not up with their status, ascending; see :func:`propagate`.

    Notes
    -----
    Costs what it touches, not what the graph holds, once the graph is prepared.
    """
    ci_numbers(graph, sorted(own))
    engine = engine_of(graph, compiled=compiled)
    workspace = engine.take()  # not given back after an interrupt: it would be unclean
    engine.force(workspace, own)
    grounding = grounding_of(graph, grounded=grounded)
    while worse := grounding.ungrounded(own, workspace.status):
        engine.force(workspace, worse)
    numbers = sorted(int(ci) for ci in workspace.touched[: workspace.touched_count])
    statuses = {number: _OF_VALUE[workspace.status[number]] for number in numbers}
    engine.give_back(workspace)
    return statuses
