"""Systems of linear equations with few numbers other than zero, solved without rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

Exact = int | Fraction
"""A number without rounding; a whole one may be of either kind."""


def solution_of(rows: Sequence[Mapping[int, Exact]], right: Sequence[Exact]) -> list[Exact] | None:
    """Return the only solution of as many equations as unknowns; None if there is not just one.

    Parameters
    ----------
    rows
        Of each equation the numbers other than zero, by unknown.
    right
        The right-hand side of each equation.

    Notes
    -----
    Gauss, sparse: the equation with the fewest unknowns is solved first, for the unknown that
    the fewest others have. Whole numbers stay whole as long as they can, as Python reckons with
    them about ten times as fast as with fractions.

    Examples
    --------
    >>> solution_of([{0: 1, 1: 1}, {1: 2}], [5, 4])
    [3, 2]
    >>> solution_of([{0: 3}], [1])
    [Fraction(1, 3)]
    >>> solution_of([{0: 1, 1: 1}, {0: 2, 1: 2}], [1, 2]) is None
    True
    """
    return _Elimination(rows, right).solution()


class _Elimination:
    """Equations of which one after the other is solved for one unknown."""

    def __init__(self, rows: Sequence[Mapping[int, Exact]], right: Sequence[Exact]) -> None:
        self._rows = [dict(row) for row in rows]
        self._right = list(right)
        self._having: dict[int, set[int]] = {}
        for number, row in enumerate(rows):
            for unknown in row:
                self._having.setdefault(unknown, set()).add(number)

    def solution(self) -> list[Exact] | None:
        """Return the solution by putting in backwards what was solved last."""
        waiting, order = set(range(len(self._rows))), []
        while waiting:
            number = min(waiting, key=lambda one: (len(self._rows[one]), one))
            if not self._rows[number]:
                return None
            waiting.remove(number)
            order.append((number, self._solve(number)))
        found: list[Exact] = [0] * len(order)
        for number, unknown in reversed(order):
            row = self._rows[number]
            others = sum(value * found[one] for one, value in row.items() if one != unknown)
            found[unknown] = self._right[number] - others
        return found

    def _solve(self, number: int) -> int:
        """Solve an equation for one of its unknowns, and take that out of all later ones."""
        row = self._rows[number]
        unknown = min(row, key=lambda one: (len(self._having[one]), one))
        pivot = row[unknown]
        for one in row:
            row[one] = _divided(row[one], pivot)
            self._having[one].remove(number)
        self._right[number] = _divided(self._right[number], pivot)
        for other in sorted(self._having[unknown]):
            self._subtract(other, number, self._rows[other][unknown])
        return unknown

    def _subtract(self, other: int, number: int, factor: Exact) -> None:
        target = self._rows[other]
        for one, value in self._rows[number].items():
            left = target.get(one, 0) - factor * value
            if left:
                target[one] = left
                self._having[one].add(other)
            else:
                target.pop(one, None)
                self._having[one].discard(other)
        self._right[other] -= factor * self._right[number]


def _divided(value: Exact, divisor: Exact) -> Exact:
    """Return the exact quotient, as a whole number where it is one."""
    if divisor == 1:
        return value
    quotient = Fraction(value) / divisor
    return quotient.numerator if quotient.denominator == 1 else quotient
