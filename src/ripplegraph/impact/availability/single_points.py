"""Single points of failure: the CIs that alone bring services down, all of them in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.compile import children_of
from ripplegraph.impact.availability.fault_trees import FaultTrees, selected
from ripplegraph.impact.availability.formula import Formula, Op
from ripplegraph.impact.availability.grounds import rest_on
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.rewriting import alone_enough
from ripplegraph.impact.availability.values import (
    MINUTES_PER_YEAR,
    SinglePoint,
    SinglePointsAnswer,
)


def single_points_of_failure(
    graph: ServiceGraph,
    services: Sequence[str] | None = None,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> SinglePointsAnswer:
    """Return the CIs that alone bring services down.

    Parameters
    ----------
    graph
        The graph.
    services
        Texts that name CIs, services or any other; None for every service.
    at
        Aware; dependencies that hold then count. None leaves dates out.
    options
        Level, bases and cut points. CIs without failures of their own are no such points.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> db; shop -> h1 | h2; h1 -> san; h2 -> san")
    >>> [one.native_id for one in single_points_of_failure(graph).single_points]
    ['db', 'san']
    """
    grounds = rest_on(graph, services, at, options)
    answer = single_points_of_trees(grounds.trees)
    points = []
    for one in answer.single_points:
        own = grounds.own_of(one.ci_id)
        points.append(one if own is None else replace(one, native_id=own.native_id, name=own.name))
    return replace(answer, single_points=tuple(points), assumptions=grounds.assumptions())


def single_points_of_trees(
    trees: FaultTrees,
    tops: Sequence[str] | None = None,
    *,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> SinglePointsAnswer:
    """Return the basic events that alone bring top events about; none for trees with NOT or XOR.

    Parameters
    ----------
    tops
        Names of top events; None for all.
    options
        Only ``own`` counts.

    Raises
    ------
    UnknownCiError
        If no top event has one of the names.
    """
    trees = selected(trees, tops, options)
    alone = alone_in(trees, range(len(trees.roots)))
    services: dict[int, list[CiId]] = {}
    for name, variables in zip(trees.root_names, alone, strict=True):
        for variable in variables:
            ci = trees.stands_for.get(variable, variable)
            services.setdefault(ci, []).append(CiId(name))
    points = [_point(trees, variable, down) for variable, down in services.items()]
    points.sort(
        key=lambda one: (-len(one.services), -(one.downtime_minutes_per_year or 0.0), one.ci_id)
    )
    named = zip(trees.root_names, alone, strict=True)
    return SinglePointsAnswer(
        single_points=tuple(points),
        service_count=len(trees.roots),
        without=tuple(sorted(CiId(name) for name, variables in named if not variables)),
        assumptions=trees.notes,
    )


def alone_in(trees: FaultTrees, tops: Sequence[int]) -> list[list[int]]:
    """Return for each top event the variables that alone bring it about.

    Parameters
    ----------
    tops
        Places of top events. None is named for one with NOT or XOR beneath it.
    """
    formula = trees.formula
    roots = [trees.roots[top] for top in tops]
    bits = alone_enough(formula, range(len(formula.op)), set(roots))
    mended = _rests_on_not(formula)
    return [[] if mended[root] else _places(bits[root]) for root in roots]


def _rests_on_not(formula: Formula) -> list[bool]:
    """Return which nodes rest on NOT or XOR, where a failure may mend."""
    found: list[bool] = []
    for node, op in enumerate(formula.op.tolist()):
        below = any(found[child] for child in children_of(formula, node))
        found.append(below or op in (Op.NOT, Op.XOR))
    return found


def _places(bits: int) -> list[int]:
    """Return which bits are set, ascending."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


def _point(trees: FaultTrees, variable: int, services: Sequence[CiId]) -> SinglePoint:
    value = float(trees.unavailability[variable])
    is_known = not np.isnan(value)
    return SinglePoint(
        ci_id=trees.variable_names[variable],
        native_id=trees.variable_names[variable],
        name=trees.variable_labels[variable],
        unavailability=value if is_known else None,
        downtime_minutes_per_year=value * MINUTES_PER_YEAR if is_known else None,
        services=tuple(sorted(services)),
    )
