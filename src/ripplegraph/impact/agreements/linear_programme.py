"""The largest packing: a linear programme solved by HiGHS, certified and valued in fractions.

HiGHS says which columns and rows make up the optimum; the numbers are then computed anew from
that basis in exact fractions, and count only with prices of the rows that prove them optimal. At
downtimes of 1e-9 the solver's absolute tolerances alone could not tell right from wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from ripplegraph.impact.agreements.sparse_system import solution_of

if TYPE_CHECKING:
    from highspy._core import HighsLp

Columns = Sequence[Sequence[int]]
Limits = Sequence[Fraction]

_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """A largest packing with its proof.

    Parameters
    ----------
    value
        Sum of the amounts, and of the prices times the limits: so neither can be bettered.
    amounts
        Of each column, >= 0.
    prices
        Of each row, >= 0; the rows of each column cost 1 at least.
    """

    value: Fraction
    amounts: tuple[Fraction, ...]
    prices: tuple[Fraction, ...]


def largest_packing(columns: Columns, limits: Limits) -> Packing:
    """Return amounts of columns, as many as fit: each row limits the sum of those that use it.

    Parameters
    ----------
    columns
        The rows that each column uses, without repetition; none is empty.
    limits
        Of each row, >= 0.

    Raises
    ------
    ValueError
        If a column uses no row: there is no largest packing then.

    Notes
    -----
    ``max sum x, A x <= b, x >= 0`` with ``A`` of zeros and ones. Limits are scaled by the
    largest before HiGHS sees them. Where its basis proves not to be optimal, exact pivots go on
    from it (Bland's rule).

    Examples
    --------
    >>> triangle = largest_packing([(0, 1), (0, 2), (1, 2)], [Fraction(1, 9)] * 3)
    >>> triangle.value
    Fraction(1, 6)
    """
    if not all(columns):
        msg = "a column that uses no row can be packed without limit"
        raise ValueError(msg)
    if not columns:
        return Packing(value=_ZERO, amounts=(), prices=(_ZERO,) * len(limits))
    basis = _suggested_basis(columns, limits)
    return _proven(columns, limits, basis) or _pivoted(columns, limits, basis)


def _proven(columns: Columns, limits: Limits, basis: Sequence[int]) -> Packing | None:
    """Return the packing of a basis whose prices prove it; None if it is none or not optimal.

    Only the rows without slack and the columns of the basis make up equations: one system for
    the amounts, one for the prices. An inverse, as pivots need one, would cost several times that.
    """
    packed = [one for one in basis if one < len(columns)]
    loose = {one - len(columns) for one in basis if one >= len(columns)}
    tight = [row for row in range(len(limits)) if row not in loose]
    if len(packed) != len(tight):
        return None
    place_of = {row: place for place, row in enumerate(tight)}
    by_column = [
        dict.fromkeys((place_of[r] for r in columns[one] if r in place_of), 1) for one in packed
    ]
    by_row: list[dict[int, int]] = [{} for _ in tight]
    for number, column in enumerate(by_column):
        for place in column:
            by_row[place][number] = 1
    unit = lcm(*(limit.denominator for limit in limits))
    amounts = solution_of(by_row, [int(limits[row] * unit) for row in tight])
    prices = solution_of(by_column, [1] * len(packed))
    if amounts is None or prices is None:
        return None
    amount_of = {one: Fraction(x) / unit for one, x in zip(packed, amounts, strict=True)}
    price_of = {row: Fraction(price) for row, price in zip(tight, prices, strict=True)}
    found = Packing(
        value=sum(amount_of.values(), _ZERO),
        amounts=tuple(amount_of.get(one, _ZERO) for one in range(len(columns))),
        prices=tuple(price_of.get(row, _ZERO) for row in range(len(limits))),
    )
    return found if _is_largest(columns, limits, found) else None


def _is_largest(columns: Columns, limits: Limits, found: Packing) -> bool:
    """Return whether amounts fit and prices cover every column; both then sum up to the value."""
    if min(found.amounts) < 0 or min(found.prices) < 0:
        return False
    used = [_ZERO] * len(limits)
    for amount, column in zip(found.amounts, columns, strict=True):
        for row in column if amount else ():
            used[row] += amount
    return all(one <= limit for one, limit in zip(used, limits, strict=True)) and all(
        sum(found.prices[row] for row in column) >= 1 for column in columns
    )


def _pivoted(columns: Columns, limits: Limits, basis: Sequence[int]) -> Packing:
    """Return the largest packing by exact pivots from a basis, or from nothing packed."""
    tableau = _Tableau(columns, limits, basis)
    if not tableau.is_feasible():
        slacks = range(len(columns), len(columns) + len(limits))
        tableau = _Tableau(columns, limits, list(slacks))
    while tableau.step():
        pass
    return tableau.packing()


def _suggested_basis(columns: Columns, limits: Limits) -> list[int]:
    """Return the basis that HiGHS finds: numbers of columns, then of slacks of rows."""
    import highspy._core as highs  # noqa: PLC0415 - loads on use

    scale = max(limits) or _ONE
    # the public class writes a banner to stdout when it is made; its base does not
    solver = highs._Highs()
    for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1)):
        solver.setOptionValue(option, value)
    solver.passModel(_model(columns, [float(one / scale) for one in limits]))
    solver.run()
    basis = solver.getBasis()
    basic = highs.HighsBasisStatus.kBasic
    structural = [at for at, status in enumerate(basis.col_status) if status == basic]
    slack = [len(columns) + at for at, status in enumerate(basis.row_status) if status == basic]
    return structural + slack


def _model(columns: Columns, limits: Sequence[float]) -> HighsLp:
    import highspy._core as highs  # noqa: PLC0415 - loads on use

    model = highs.HighsLp()
    model.num_col_, model.num_row_ = len(columns), len(limits)
    model.col_cost_ = np.ones(len(columns))
    model.col_lower_ = np.zeros(len(columns))
    model.col_upper_ = np.full(len(columns), np.inf)
    model.row_lower_ = np.full(len(limits), -np.inf)
    model.row_upper_ = np.array(limits)
    model.sense_ = highs.ObjSense.kMaximize
    matrix = model.a_matrix_
    matrix.format_ = highs.MatrixFormat.kColwise
    matrix.start_ = np.cumsum([0, *map(len, columns)], dtype=np.int32)
    matrix.index_ = np.array([row for column in columns for row in column], np.int32)
    matrix.value_ = np.ones(len(matrix.index_))
    return model


class _Tableau:
    """A basis of the programme in exact fractions: its inverse, its amounts, its prices."""

    def __init__(self, columns: Columns, limits: Limits, basis: Sequence[int]) -> None:
        self._columns, self._limits = columns, limits
        self._basis = list(basis)
        self._inverse = _inverse([self._rows_of(one) for one in basis], len(limits))
        self._amounts = [
            sum((value * limits[row] for row, value in line.items()), _ZERO)
            for line in self._inverse
        ]

    def is_feasible(self) -> bool:
        """Return whether the basis is one, and no amount is negative."""
        return bool(self._inverse) and min(self._amounts) >= 0

    def step(self) -> bool:
        """Bring one column into the basis that makes the packing larger; False if none does."""
        prices = self._prices()
        entering = self._entering(prices)
        if entering is None:
            return False
        direction = [
            sum((line.get(row, _ZERO) for row in self._rows_of(entering)), _ZERO)
            for line in self._inverse
        ]
        ratios = [
            (amount / step, self._basis[at], at)
            for at, (amount, step) in enumerate(zip(self._amounts, direction, strict=True))
            if step > 0
        ]
        _, _, leaving = min(ratios)  # never empty: each column uses a limited row
        self._replace(leaving, entering, direction)
        return True

    def packing(self) -> Packing:
        """Return the packing of an optimal basis."""
        amounts = [_ZERO] * len(self._columns)
        for one, amount in zip(self._basis, self._amounts, strict=True):
            if one < len(amounts):
                amounts[one] = amount
        return Packing(
            value=sum(amounts, _ZERO), amounts=tuple(amounts), prices=tuple(self._prices())
        )

    def _rows_of(self, one: int) -> Sequence[int]:
        count = len(self._columns)
        return self._columns[one] if one < count else (one - count,)

    def _prices(self) -> list[Fraction]:
        prices = [_ZERO] * len(self._limits)
        for one, line in zip(self._basis, self._inverse, strict=True):
            if one < len(self._columns):
                for row, value in line.items():
                    prices[row] += value
        return prices

    def _entering(self, prices: Sequence[Fraction]) -> int | None:
        """Return the first column, else the first slack, that pays for itself."""
        for at, column in enumerate(self._columns):
            if sum((prices[row] for row in column), _ZERO) < 1:
                return at
        negative = (len(self._columns) + row for row, price in enumerate(prices) if price < 0)
        return next(negative, None)

    def _replace(self, leaving: int, entering: int, direction: Sequence[Fraction]) -> None:
        pivot = direction[leaving]
        line = {row: value / pivot for row, value in self._inverse[leaving].items()}
        amount = self._amounts[leaving] / pivot
        for at, step in enumerate(direction):
            if at != leaving and step:
                _subtract(self._inverse[at], line, step)
                self._amounts[at] -= step * amount
        self._inverse[leaving], self._amounts[leaving] = line, amount
        self._basis[leaving] = entering


def _inverse(columns: Sequence[Sequence[int]], size: int) -> list[dict[int, Fraction]]:
    """Return the rows of the inverse of a matrix of zeros and ones; none if it has no inverse.

    Row ``i`` of the inverse belongs to column ``i``. Gauss and Jordan, sparse, in fractions.
    """
    matrix: list[dict[int, Fraction]] = [{} for _ in range(size)]
    for at, column in enumerate(columns):
        for row in column:
            matrix[row][at] = _ONE
    inverse = [{row: _ONE} for row in range(size)]
    row_of: dict[int, int] = {}
    waiting = set(range(size))
    while waiting:
        row = min(waiting, key=lambda one: (len(matrix[one]), one))
        waiting.remove(row)
        if not matrix[row]:
            return []
        at = min(matrix[row])
        pivot = matrix[row][at]
        matrix[row] = {one: value / pivot for one, value in matrix[row].items()}
        inverse[row] = {one: value / pivot for one, value in inverse[row].items()}
        for other in range(size):
            factor = matrix[other].get(at)
            if other != row and factor:
                _subtract(matrix[other], matrix[row], factor)
                _subtract(inverse[other], inverse[row], factor)
        row_of[at] = row
    return [inverse[row_of[at]] for at in range(size)]


def _subtract(target: dict[int, Fraction], line: dict[int, Fraction], factor: Fraction) -> None:
    for key, value in line.items():
        left = target.get(key, _ZERO) - factor * value
        if left:
            target[key] = left
        else:
            target.pop(key, None)
