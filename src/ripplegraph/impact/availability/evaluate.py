"""Probabilities and their derivatives from compiled diagrams, in failure space.

Every step adds products of numbers that are not negative, so that unavailabilities of 1e-13
keep their digits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.compile import CompiledFleet
from ripplegraph.impact.availability.diagram import FAILED


def failure_probabilities(fleet: CompiledFleet, q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability that each root fails; nan where the root is not exact.

    Parameters
    ----------
    fleet
        The compiled diagrams.
    q
        The probability that each variable has failed, or one row of them for each scenario.

    Returns
    -------
    NDArray
        One number for each root, in a row for each scenario where ``q`` has rows.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> fleet = compile_fleet(builder.build(), [pair])
    >>> failure_probabilities(fleet, np.array([0.5, 1e-13])).tolist()
    [5e-14]
    """
    values = _node_values(fleet, np.atleast_2d(q))
    tops = fleet.module_root[fleet.root_input - np.uint32(fleet.variable_count)]
    results: NDArray[np.float64] = values[tops].T
    results[:, ~fleet.is_exact] = np.nan
    return results.reshape(-1) if q.ndim == 1 else results


def birnbaum(
    fleet: CompiledFleet, q: NDArray[np.float64], root: int
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """Return how fast the failure probability of a root grows with that of each variable.

    Parameters
    ----------
    fleet
        The compiled diagrams.
    q
        The probability that each variable has failed.
    root
        Which of the fleet's roots, counted from 0.

    Returns
    -------
    tuple
        The variables of the root in rising order, and the derivative (Birnbaum 1969) for each.
        Both are empty where the root is not exact.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> fleet = compile_fleet(builder.build(), [pair])
    >>> [column.tolist() for column in birnbaum(fleet, np.array([0.25, 0.5]), 0)]
    [[0, 1], [0.5, 0.25]]
    """
    if not fleet.is_exact[root]:
        return np.zeros(0, np.uint32), np.zeros(0)
    top = int(fleet.module_root[int(fleet.root_input[root]) - fleet.variable_count])
    return _derivatives(fleet, q, _node_values(fleet, q[None, :])[:, 0], top)


def birnbaum_all(
    fleet: CompiledFleet, q: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float64]]:
    """Return :func:`birnbaum` of every root: offsets, variables, values.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.any_of([builder.variable(0), builder.variable(1)])
    >>> fleet = compile_fleet(builder.build(), [pair])
    >>> [column.tolist() for column in birnbaum_all(fleet, np.array([0.25, 0.5]))]
    [[0, 2], [0, 1], [0.5, 0.75]]
    """
    values = _node_values(fleet, q[None, :])[:, 0]
    tops = fleet.module_root[fleet.root_input - np.uint32(fleet.variable_count)]
    # a root that is not exact has module root 0, which rests on no variable
    rows = [_derivatives(fleet, q, values, top) for top in tops.tolist()]
    offsets = np.cumsum([0, *(len(variables) for variables, _ in rows)])
    variables = [np.zeros(0, np.uint32), *(variables for variables, _ in rows)]
    slopes = [np.zeros(0), *(slopes for _, slopes in rows)]
    return offsets, np.concatenate(variables), np.concatenate(slopes)


def _node_values(fleet: CompiledFleet, q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the failure probability of each pool node (rows) in each scenario (columns)."""
    failed, works = q.T, 1.0 - q.T
    values = np.zeros((len(fleet.node_input), len(q)))
    values[FAILED] = 1.0
    inputs, if_works, if_failed = _pool(fleet)
    for node in range(FAILED + 1, len(inputs)):
        at = inputs[node]
        values[node] = failed[at] * values[if_failed[node]] + works[at] * values[if_works[node]]
    return values


def _derivatives(
    fleet: CompiledFleet, q: NDArray[np.float64], values: NDArray[np.float64], top: int
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """Return the derivative by each variable: one pass from the top down (adjoint)."""
    inputs, if_works, if_failed = _pool(fleet)
    reached = {top: 1.0}
    slope: dict[int, float] = {}
    for node in range(top, FAILED, -1):
        chance = reached.get(node)
        if chance is None:
            continue
        at, low, high = inputs[node], if_works[node], if_failed[node]
        slope[at] = slope.get(at, 0.0) + chance * float(values[high] - values[low])
        reached[high] = reached.get(high, 0.0) + chance * float(q[at])
        reached[low] = reached.get(low, 0.0) + chance * float(1.0 - q[at])
    variables = sorted(slope)
    return np.array(variables, np.uint32), np.array([slope[v] for v in variables], np.float64)


def _pool(fleet: CompiledFleet) -> tuple[list[int], list[int], list[int]]:
    return fleet.node_input.tolist(), fleet.node_works.tolist(), fleet.node_failed.tolist()
