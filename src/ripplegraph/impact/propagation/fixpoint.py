"""Status propagation: from the own statuses of CIs to the status of every CI."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.ci_numbers import ci_numbers
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.workspace import engine_of


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
    statuses = np.zeros(graph.ci_count, dtype=np.uint8)
    for number, status in settle(graph, own, grounded=grounded, compiled=compiled).items():
        statuses[number] = status
    return statuses


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
    statuses = {number: Status(workspace.status[number]) for number in numbers}
    engine.give_back(workspace)
    return statuses
