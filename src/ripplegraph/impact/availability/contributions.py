"""What each variable contributes to the failure probability of a root."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.compile import CompiledFleet, part_of
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities

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
    _, variables, shares = contributions_all(part_of(fleet, root), q)
    return variables, shares


def contributions_all(
    fleet: CompiledFleet, q: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float64]]:
    """Return :func:`contributions` to every root: offsets, variables, shares.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.any_of([builder.variable(0), builder.variable(1)])
    >>> fleet = compile_fleet(builder.build(), [pair])
    >>> offsets, variables, shares = contributions_all(fleet, np.array([0.5, 0.25]))
    >>> [round(share, 12) for share in shares.tolist()]
    [0.4375, 0.1875]
    """
    at_zero, at_q = failure_probabilities(fleet, np.stack([np.zeros_like(q), q]))
    offsets, variables, shares = _integrated(fleet, q, _FIRST_NODES)
    sums = _by_root(offsets, shares)
    is_off = np.abs(sums - (at_q - at_zero)) > _TOLERANCE * at_q
    for root in np.flatnonzero(is_off & fleet.is_exact).tolist():
        span = slice(int(offsets[root]), int(offsets[root + 1]))
        shares[span] = _refined(fleet, q, root, float(at_q[root]), float(at_zero[root]))
    return offsets, variables, shares


def _refined(
    fleet: CompiledFleet, q: NDArray[np.float64], root: int, at_q: float, at_zero: float
) -> NDArray[np.float64]:
    """Return the shares of one root with as many points as its degree asks for."""
    part = part_of(fleet, root)
    count = 2 * _FIRST_NODES
    while True:
        _, _, shares = _integrated(part, q, count)
        error = abs(float(shares.sum()) - (at_q - at_zero))
        if count >= _MOST_NODES or not error > _TOLERANCE * at_q:
            return shares
        count *= 2


def _by_root(offsets: NDArray[np.int64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the shares of each root."""
    root_of = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    sums = np.zeros(len(offsets) - 1)
    np.add.at(sums, root_of, shares)
    return sums


def _integrated(
    fleet: CompiledFleet, q: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float64]]:
    points, weights = np.polynomial.legendre.leggauss(count)
    total: NDArray[np.float64] = np.zeros(0)
    for point, weight in zip(points.tolist(), weights.tolist(), strict=True):
        offsets, variables, slopes = birnbaum_all(fleet, (point + 1.0) / 2.0 * q)
        total = weight / 2.0 * slopes + (total if len(total) else 0.0)
    return offsets, variables, q[variables] * total
