"""What is left of inclusive promises that need each other, so that all of them are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.bound_plans import RootBounds
from ripplegraph.impact.availability.compile import CompiledFleet
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TIE = 1e-12
"""A promise is kept if what is shared exceeds it by less than this share of it."""

MOST_ROUNDS = 1_000
_FIRST_ROUNDS, _MOST_STEPS = 50, 50
_STILL, _SMALL_STEP = 1e-14, 1e-10
"""Shares of a promise: a round that changes less settles it, a Newton step so small solves it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sharing:
    """What brings a holder down beside its own failures.

    Attributes
    ----------
    variable
        Its own failure.
    fleet
        What fails it, compiled: one root.
    bounds
        How often that is, where the fleet is not exact; else None.
    """

    variable: int
    fleet: CompiledFleet
    bounds: RootBounds | None

    def alone(self, rows: Floats) -> Floats:
        """Return by scenario how often what it shares brings it down: at least so often."""
        rows = rows.copy()
        rows[:, self.variable] = 0.0
        if self.bounds is None:
            return failure_probabilities(self.fleet, rows)[:, 0]
        return np.array([lower for lower, _ in self.bounds.intervals(rows)])

    def slopes(self, row: Floats, variables: Sequence[int]) -> Floats:
        """Return how fast that grows with some variables; nothing where it is not exact."""
        found = np.zeros(len(row))
        _, known, values = birnbaum_all(self.fleet, row)
        found[known] = values
        return found[variables]


def left_of(promised: Floats, alone: Floats) -> Floats:
    """Return what is left of a promise beside what is shared, by scenario."""
    up = np.where(alone < 1.0, 1.0 - alone, 1.0)
    return np.maximum(0.0, (promised - alone) / up)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MutualPromises:
    """Holders that need each other, those that rest on fewer others first."""

    sharing: Sequence[Sharing]

    @property
    def variables(self) -> list[int]:
        """Of the holders."""
        return [one.variable for one in self.sharing]

    def settle(self, rows: Floats, promised: Floats) -> frozenset[int]:
        """Set the variable of each holder so that it is down as often as said.

        Parameters
        ----------
        rows, promised
            As for ``Residuals.settle``.

        Returns
        -------
        frozenset
            Variables of the holders that were not settled in some scenario.

        Notes
        -----
        Rounds come first, then Newton's method for what they settle slowly: where redundancy
        beneath the holders is nearly always down. Holders that bring each other down for certain
        are down at the same times, as often as the largest of their promises says; those that
        promise it cause what is left alike, whichever is named first.
        """
        rows[:, self.variables] = promised
        mates = self._mates(rows, promised)
        is_open = self._rounds(rows, promised, mates, _FIRST_ROUNDS)
        for at in np.flatnonzero(is_open.any(axis=1)).tolist():
            if self._is_solved(rows[at], promised[at], mates[at]):
                is_open[at] = False
                continue
            one = slice(at, at + 1)
            rows[at, self.variables] = promised[at]
            is_open[one] = self._rounds(rows[one], promised[one], mates[one], MOST_ROUNDS)
        return frozenset(self.variables[at] for at in np.flatnonzero(is_open.any(axis=0)))

    def _mates(self, rows: Floats, promised: Floats) -> Flags:
        """Return by scenario which holders bring each other down for certain, and themselves."""
        count = len(self.sharing)
        brings = np.repeat(np.eye(count, dtype=np.bool_)[None], len(rows), axis=0)
        start = rows.copy()
        start[:, self.variables] = promised >= 1.0 - TIE
        for at, one in enumerate(self.sharing):
            start_of_one = start.copy()
            start_of_one[:, one.variable] = 0.0
            down = one.alone(start_of_one)
            for scenario, row in enumerate(start_of_one):
                # linear in each failure, so the slope tells the value where one of them is down
                rest = 1.0 - row[self.variables]
                down_with = down[scenario] + rest * one.slopes(row, self.variables)
                brings[scenario, at] |= down_with >= 1.0 - TIE
        return brings & brings.transpose(0, 2, 1)

    def _rounds(self, rows: Floats, promised: Floats, mates: Flags, most: int) -> Flags:
        """Settle one after the other; return by scenario which changed in the last round."""
        variables = self.variables
        is_open = np.ones(promised.shape, np.bool_)
        for _ in range(most):
            before = rows[:, variables]
            for at, variable in enumerate(variables):
                rows[:, variable] = self._left(at, rows, promised, mates[:, at])
            is_open = np.abs(rows[:, variables] - before) > _STILL * promised
            if not is_open.any():
                break
        return is_open

    def _left(self, at: int, rows: Floats, promised: Floats, mates: Flags) -> Floats:
        """Return what one holder causes itself, beside what those cause that are no mates."""
        top, is_causing = _shared_promise(promised, mates)
        alone = self.sharing[at].alone(self._without(rows, mates))
        return np.where(is_causing[:, at], _part(left_of(top, alone), is_causing), 0.0)

    def _without(self, rows: Floats, mates: Flags) -> Floats:
        rows = rows.copy()
        rows[:, self.variables] = np.where(mates, 0.0, rows[:, self.variables])
        return rows

    def _is_solved(self, row: Floats, promised: Floats, mates: Flags) -> bool:
        """Settle one scenario by Newton's method; return whether that worked."""
        left = np.zeros(len(promised))
        for _ in range(_MOST_STEPS):
            row[self.variables] = left
            following, slopes = self._following(row, promised, mates)
            off = following - left
            # the smallest step, so that what is alike stays alike
            step, *_ = np.linalg.lstsq(np.eye(len(left)) - slopes, off)
            left = np.clip(left + step, 0.0, promised)
            if (np.maximum(np.abs(step), np.abs(off)) <= _SMALL_STEP * promised).all():
                row[self.variables] = left
                return True
        return False

    def _following(self, row: Floats, promised: Floats, mates: Flags) -> tuple[Floats, Floats]:
        """Return what all holders cause given what the others do, and how that changes with it."""
        count = len(promised)
        following, slopes = np.zeros(count), np.zeros((count, count))
        for at, one in enumerate(self.sharing):
            top, is_causing = _shared_promise(promised[None, :], mates[at : at + 1])
            without = self._without(row[None, :], mates[at : at + 1])
            alone = one.alone(without)
            if not is_causing[0, at] or top[0] <= alone[0]:
                continue
            left, mates_causing = left_of(top, alone), int(is_causing.sum())
            following[at] = _part(left, is_causing)[0]
            rest = (1.0 - top[0]) / (1.0 - alone[0])  # of the time in which all works
            by_left = (rest ** (1.0 / mates_causing - 1.0) / mates_causing) if rest else 0.0
            by_alone = -(1.0 - top[0]) / (1.0 - alone[0]) ** 2
            of_others = np.where(mates[at], 0.0, one.slopes(without[0], self.variables))
            slopes[at] = by_left * by_alone * of_others
        return following, slopes


def _shared_promise(promised: Floats, mates: Flags) -> tuple[Floats, Flags]:
    """Return by scenario the largest promise of mates, and those who make it."""
    top = np.where(mates, promised, 0.0).max(axis=1)
    return top, mates & (promised >= top[:, None] * (1.0 - TIE))


def _part(left: Floats, is_causing: Flags) -> Floats:
    """Return how often each of some that fail alike is down if one of them is so often."""
    count = is_causing.sum(axis=1)
    with np.errstate(divide="ignore"):  # one that is always down: so is each of them
        each = -np.expm1(np.log1p(-np.minimum(left, 1.0)) / count)
    return np.where(count == 1, left, each)
