"""Cycles: CIs that depend on each other in a circle, and groups that can hold themselves up.

Only dependencies with an effect count; one that is kept without impact closes no circle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import CiId, Strength
from ripplegraph.graph.number_sets import sorted_distinct
from ripplegraph.graph.service_graph import ServiceGraph


def component_of(graph: ServiceGraph) -> NDArray[np.uint32]:
    """Return for each CI the label of its strongly connected component.

    Returns
    -------
    NDArray[np.uint32]
        By CI number: the smallest number in its component, so a CI in no circle has its own.
        Computed once per graph; read-only.

    Notes
    -----
    Tarjan (1972), on dependencies whose effect is not ``none``.
    """
    return graph.component_labels


def cyclic_components(graph: ServiceGraph) -> tuple[tuple[int, ...], ...]:
    """Return the sets of CIs that depend on each other, each sorted, by their smallest number.

    Notes
    -----
    A component is one set even where several circles share CIs.
    """
    labels = graph.component_labels
    inside = in_circles(graph)
    members: dict[int, list[int]] = {}
    for number, label in zip(inside.tolist(), labels[inside].tolist(), strict=True):
        members.setdefault(label, []).append(number)
    return tuple(tuple(members[label]) for label in sorted(members))


def in_circles(graph: ServiceGraph) -> NDArray[np.int64]:
    """Return the CIs that lie in a circle, ascending."""
    labels = graph.component_labels
    others = np.flatnonzero(labels != np.arange(graph.ci_count, dtype=np.uint32))
    return sorted_distinct(np.concatenate((others, labels[others])))


def cycle_path(graph: ServiceGraph, component: Sequence[int]) -> tuple[CiId, ...]:
    """Return a shortest circle through the first CI of a component, from it back to it.

    Parameters
    ----------
    component
        CI numbers as :func:`cyclic_components` gives them.

    Returns
    -------
    tuple[CiId, ...]
        Each CI needs the next one; the last is the first again.

    Raises
    ------
    ValueError
        If no circle through the first CI stays within the component.
    """
    circle = circle_within(graph, component)
    if not circle:
        msg = f"{graph.ids[component[0]]!r} lies in no circle within the component"
        raise ValueError(msg)
    return tuple(graph.ids[number] for number in circle)


def circle_within(graph: ServiceGraph, component: Sequence[int]) -> list[int]:
    """Return the CI numbers of :func:`cycle_path`; empty if there is no such circle.

    Parameters
    ----------
    component
        See :func:`cycle_path`.
    """
    start = component[0]
    return _shortest_circle(graph, start, _needs(graph, start), frozenset(component))


def group_circle(graph: ServiceGraph, group: int) -> tuple[CiId, ...]:
    """Return a shortest circle from a group's dependent through a member back to it.

    Parameters
    ----------
    group
        A group number as :func:`self_supported_groups` gives them.

    Returns
    -------
    tuple[CiId, ...]
        Each CI needs the next one; the last is the first again. Empty if there is no circle.
    """
    return tuple(graph.ids[number] for number in circle_through(graph, group))


def circle_through(graph: ServiceGraph, group: int) -> list[int]:
    """Return the CI numbers of :func:`group_circle`.

    Parameters
    ----------
    group
        A group number as :func:`self_supported_groups` gives them.
    """
    labels = graph.component_labels
    start = int(graph.gates.group_dependent[group])
    inside = frozenset(np.flatnonzero(labels == labels[start]).tolist())
    return _shortest_circle(graph, start, _needs(graph, start, group), inside)


def self_supported_groups(graph: ServiceGraph) -> tuple[int, ...]:
    """Return the numbers of the groups that can hold themselves up, ascending.

    Notes
    -----
    Such a group needs less than it has, and a member that counts rests in turn on the group's
    own dependent (semantics.md section 2): a ring that reaches the core through itself.
    """
    topology, gates, labels = graph.topology, graph.gates, graph.component_labels
    is_inside = np.zeros(graph.ci_count, dtype=np.bool_)
    is_inside[in_circles(graph)] = True
    edges = np.flatnonzero(is_inside[topology.edge_dependent])
    counted = (
        (labels[topology.edge_dependent[edges]] == labels[topology.edge_dependency[edges]])
        & (topology.edge_group[edges] != NO_GROUP)
        & (gates.edge_effect[edges] != Strength.NONE)
        & (gates.edge_weight[edges] > 0)
    )
    groups = sorted_distinct(topology.edge_group[edges[counted]])
    found: list[int] = groups[gates.group_min_up[groups] < gates.group_total[groups]].tolist()
    return tuple(found)


def _needs(graph: ServiceGraph, number: int, group: int | None = None) -> list[int]:
    """Return what this CI needs with an effect (in one of its groups only), ascending."""
    edges = graph.edges_to_dependencies(number)
    part = slice(edges.start, edges.stop)
    working = graph.gates.edge_effect[part] != Strength.NONE
    if group is not None:
        working &= graph.topology.edge_group[part] == group
    needed: list[int] = graph.topology.edge_dependency[part][working].tolist()
    return needed


def _shortest_circle(
    graph: ServiceGraph, start: int, first_steps: Sequence[int], inside: frozenset[int]
) -> list[int]:
    """Return CI numbers from ``start`` back to it over one of the first steps, or nothing."""
    needed_by = {number: start for number in first_steps if number in inside}
    waiting = deque(needed_by)
    while waiting:
        current = waiting.popleft()
        for other in _needs(graph, current):
            if other == start:
                return _way_to(current, start, needed_by)
            if other in inside and other not in needed_by:
                needed_by[other] = current
                waiting.append(other)
    return []


def _way_to(last: int, start: int, needed_by: dict[int, int]) -> list[int]:
    backwards = [start, last]
    while backwards[-1] != start:
        backwards.append(needed_by[backwards[-1]])
    return backwards[::-1]
