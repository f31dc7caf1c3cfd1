"""What each variable contributes to the failure probability of a root."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.compile import CompiledFleet
from ripplegraph.impact.availability.evaluate import birnbaum, failure_probabilities

_TOLERANCE = 1e-12
_FIRST_NODES, _MOST_NODES = 4, 512


def contributions(
    fleet: CompiledFleet, q: NDArray[np.float64], root: int
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """Return the share of each variable; for a coherent root they add up to its probability.

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
        The variables in rising order, and the share of each; empty where the root is not exact.

    Notes
    -----
    ``C_i = q_i * integral of dQ/dq_i (t q) over t from 0 to 1``, the Aumann-Shapley value, which
    for single variables is the Shapley value (Owen 1972). Gauss-Legendre with 4 points, doubled
    until the shares add up to ``Q(q) - Q(0)`` within 1e-12 of ``Q(q)``.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> fleet = compile_fleet(builder.build(), [pair])
    >>> variables, shares = contributions(fleet, np.array([0.5, 0.25]), 0)
    >>> [round(share, 12) for share in shares.tolist()]
    [0.0625, 0.0625]
    """
    ends = failure_probabilities(fleet, np.stack([np.zeros_like(q), q]))[:, root]
    count = _FIRST_NODES
    while True:
        variables, shares = _integrated(fleet, q, root, count)
        error = abs(float(shares.sum()) - float(ends[1] - ends[0]))
        if count >= _MOST_NODES or not error > _TOLERANCE * float(ends[1]):
            return variables, shares
        count *= 2


def _integrated(
    fleet: CompiledFleet, q: NDArray[np.float64], root: int, count: int
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    points, weights = np.polynomial.legendre.leggauss(count)
    rows = [birnbaum(fleet, (point + 1.0) / 2.0 * q, root) for point in points.tolist()]
    variables = rows[0][0]
    slopes = np.stack([slopes for _, slopes in rows])
    return variables, q[variables] * ((weights / 2.0) @ slopes)
