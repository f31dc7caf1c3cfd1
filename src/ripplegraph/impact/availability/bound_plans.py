"""What bounds are made of: plans that hold for any probabilities of the variables.

With ``F_b`` the failure of block ``b``, independent variables and monotone blocks (association:
Esary, Proschan and Walkup 1967; Fortuin, Kasteleyn and Ginibre 1971):

* ``P(any F_b) <= 1 - product of (1 - P(F_b))``;
* ``P(any F_b) >= sum of [P(F_b) - sum of P(F_a and F_b)] * product of (1 - P(F_c))``, over the
  blocks ``a`` before ``b`` that share a variable with it, and ``c`` that share none; what is in
  brackets counts as 0 where it is negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import expm1, fsum, log1p, prod

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.compile import CompiledFleet
from ripplegraph.impact.availability.evaluate import failure_probabilities

MOST_BLOCKS = 48
"""Blocks of which every pair is looked at for the lower bound; the others count for the upper."""

_ROUNDING = 1e-12
"""Relative margin for the rounding of sums and products."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RootBounds:
    """How the failure probability of one root is bounded, for any probabilities of variables.

    Attributes
    ----------
    fleets
        The diagrams of the blocks and of pairs of blocks.
    """

    fleets: tuple[CompiledFleet, ...]
    plan: Plan

    @property
    def steps(self) -> int:
        """Return what bounds of one scenario take: parts, pairs of blocks, and what they list."""
        return _steps(self.plan)

    def interval(self, q: NDArray[np.float64]) -> Interval:
        """Return bounds of the failure probability; they hold whatever the structure is.

        Parameters
        ----------
        q
            The probability that each variable has failed.
        """
        return self.intervals(q[None, :])[0]

    def intervals(self, q: NDArray[np.float64]) -> list[Interval]:
        """Return :meth:`interval` of each row.

        Parameters
        ----------
        q
            The probability that each variable has failed, in a row for each scenario.
        """
        by_fleet = [failure_probabilities(fleet, q).tolist() for fleet in self.fleets]
        found = []
        for at, row in enumerate(q.tolist()):
            values = [*(fleet[at] for fleet in by_fleet), [*row, 0.0, 1.0]]
            lower, upper = _interval(self.plan, values)
            found.append(
                (max(0.0, lower * (1.0 - _ROUNDING)), min(1.0, upper * (1.0 + _ROUNDING)))
            )
        return found


@dataclass(frozen=True, slots=True)
class Exact:
    """A part with a diagram: root ``root`` of fleet ``fleet``.

    Fleet -1 are the variables, and after them what never and what always fails.
    """

    fleet: int
    root: int


@dataclass(frozen=True, slots=True)
class Independent:
    """Parts of which any is enough, and that share no variable."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Parts of which any is enough; ``pairs`` holds those that share a variable.

    Both blocks of a pair have failed at most as often as what is listed for it, added up; None
    where that has no diagram.
    """

    parts: tuple[Plan, ...]
    pairs: dict[tuple[int, int], list[Exact] | None]


@dataclass(frozen=True, slots=True)
class Loose:
    """A gate over parts, bounded by what each of them is.

    Parts with different numbers in ``group`` share no variable.
    """

    threshold: int
    weights: tuple[int, ...]
    parts: tuple[Plan, ...]
    group: tuple[int, ...]


Plan = Exact | Independent | Blocks | Loose


def _steps(plan: Plan) -> int:
    if isinstance(plan, Exact):
        return 1
    steps = sum(map(_steps, plan.parts))
    if isinstance(plan, Blocks):
        looked_at = min(len(plan.parts), MOST_BLOCKS)
        listed = sum(len(one) for one in plan.pairs.values() if one is not None)
        steps += looked_at * (looked_at - 1) // 2 + listed
    return steps


def _interval(plan: Plan, values: Sequence[Sequence[float]]) -> Interval:
    match plan:
        case Exact(fleet, root):
            value = values[fleet][root]
            return value, value
        case Independent(parts):
            ends = [_interval(part, values) for part in parts]
            return _any(low for low, _ in ends), _any(high for _, high in ends)
        case Blocks(parts, pairs):
            ends = [_interval(part, values) for part in parts]
            return _least_of(ends, pairs, values), _any(high for _, high in ends)
    ends = [_interval(part, values) for part in plan.parts]
    lower, upper = _loose(plan.threshold, plan.weights, ends)
    return lower, min(upper, _all(plan, ends))


def _any(chances: Iterable[float]) -> float:
    """Return the probability that one of independent failures holds, small ones kept exactly."""
    listed = list(chances)
    if any(one >= 1.0 for one in listed):
        return 1.0
    return -expm1(fsum(log1p(-one) for one in listed))


def _least_of(
    ends: Sequence[Interval],
    pairs: Mapping[tuple[int, int], list[Exact] | None],
    values: Sequence[Sequence[float]],
) -> float:
    """Return the second inequality of the module's text, the likeliest blocks first."""
    ranked = sorted(range(min(len(ends), MOST_BLOCKS)), key=lambda one: (-ends[one][0], one))
    total: list[float] = []
    for at, block in enumerate(ranked):
        both: list[float] = []
        apart = 1.0
        for other in ranked[:at]:
            pair = (min(block, other), max(block, other))
            if pair not in pairs:
                apart *= 1.0 - ends[other][1]
                continue
            least = min(ends[block][1], ends[other][1])
            listed = pairs[pair]
            if listed is not None:
                least = min(least, fsum(values[one.fleet][one.root] for one in listed))
            both.append(least)
        total.append(max(0.0, ends[block][0] - fsum(both)) * apart)
    return fsum(total)


def _all(gate: Loose, ends: Sequence[Interval]) -> float:
    """Return a bound of all parts having failed, 1 where fewer are enough."""
    if gate.threshold < sum(gate.weights):
        return 1.0
    least: dict[int, float] = {}
    for group, (_, high) in zip(gate.group, ends, strict=True):
        least[group] = min(high, least.get(group, 1.0))
    return prod(least.values())


def _loose(threshold: int, weights: Sequence[int], ends: Sequence[Interval]) -> Interval:
    """Return what holds whether the parts of a gate share variables or not."""
    lower, upper = 1.0, 0.0
    need = threshold
    for weight, (low, _) in sorted(
        zip(weights, ends, strict=True), key=lambda one: (-one[1][0], -one[0])
    ):
        if need > 0:  # parts that grow together fail together at least as often
            lower, need = lower * low, need - weight
    rest = sum(weights)
    for weight, (_, high) in sorted(
        zip(weights, ends, strict=True), key=lambda one: (one[1][1], -one[0])
    ):
        if rest >= threshold:  # one of those that cannot be done without has failed
            upper, rest = upper + high, rest - weight
    return lower, min(1.0, upper)
