"""Birnbaum importance between certified bounds, where a top event has no diagram."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.asked_trees import AskedTrees
from ripplegraph.impact.availability.bound_plans import RootBounds
from ripplegraph.impact.availability.compile import cone_of
from ripplegraph.impact.availability.rewriting import alone_enough

MOST_STEPS = 4_000_000
"""Steps of bounds worked out anew in one question, twice for each variable; see ``RootBounds``.

A step takes 0.6 to 2 µs (examples/acme with ``--nodes 1``, 27 November 2026, beside other
processes). Beyond it only what alone brings a top event about has importance.
"""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoundedSlopes:
    """How fast the failure probability of one top event grows with that of its variables.

    Attributes
    ----------
    variables
        Ascending; not all where ``is_whole`` is false.
    value
        The derivative of the lower bound.
    lower, upper
        The derivative of the probability lies between them.
    probability
        The lower bound.
    """

    place: int
    variables: NDArray[np.int64]
    value: Floats
    lower: Floats
    upper: Floats
    probability: float
    is_whole: bool


def bounded_slopes(
    asked: AskedTrees, places: Iterable[int] | None = None, *, most_steps: int = MOST_STEPS
) -> tuple[BoundedSlopes, ...]:
    """Return the derivatives of each coherent top event that has no diagram.

    Parameters
    ----------
    asked
        Unknown events are taken as never failing.
    places
        Places of the top events that count; None for all.
    most_steps
        See ``MOST_STEPS``.

    Notes
    -----
    ``B = Q(q = 1) - Q(q = 0)`` lies between the differences of the bounds of both. Of what alone
    brings the top event about it is ``(1 - Q) / (1 - q)``.
    """
    found: list[BoundedSlopes] = []
    of_root: dict[int, BoundedSlopes] = {}
    for place in range(len(asked.places)) if places is None else places:
        if asked.fleet.is_exact[place] or not asked.is_coherent[place]:
            continue
        root = asked.root(place)
        if root in of_root:  # an offering that rests on what its service rests on
            found.append(replace(of_root[root], place=place))
            continue
        found.append(_slopes_of(asked, place, most_steps))
        of_root[root] = found[-1]
        most_steps -= _work(asked, place) * found[-1].is_whole
    return tuple(found)


def _work(asked: AskedTrees, place: int) -> int:
    """Return the steps of the bounds with each variable down, and with each perfect."""
    return 2 * len(asked.variables[place]) * asked.bounds_of(place).steps


def _slopes_of(asked: AskedTrees, place: int, most: int) -> BoundedSlopes:
    formula, root, q = asked.trees.formula, asked.root(place), asked.known()
    bits = alone_enough(formula, cone_of(formula, root), [root])[root]
    bounds = asked.bounds_of(place)
    ends = bounds.interval(q)
    is_over = asked.options.is_over is not None and asked.options.is_over()
    is_whole = not is_over and _work(asked, place) <= most
    alone = [one for one in asked.variables[place] if bits >> one & 1 and q[one] < 1.0]
    rest = sorted(set(asked.variables[place]) - set(alone)) if is_whole else []
    rows = _of_alone(ends, q[alone]) + _of_rest(bounds, q, rest)
    order = np.argsort(np.array([*alone, *rest], np.int64))
    value, lower, upper = np.array(rows, np.float64).reshape(-1, 3)[order].T
    if asked.open_spans(place):  # the ends are those of one number in each span, not of all
        lower, upper = np.zeros_like(value), np.ones_like(value)
    return BoundedSlopes(
        place=place,
        variables=np.array([*alone, *rest], np.int64)[order],
        value=value,
        lower=lower,
        upper=upper,
        probability=ends[0],
        is_whole=is_whole,
    )


def _of_alone(ends: tuple[float, float], q: Floats) -> list[tuple[float, float, float]]:
    lower, upper = ends
    most, least = ((1.0 - end) / (1.0 - q) for end in (lower, upper))
    most = most.clip(max=1.0)
    return list(zip(most.tolist(), least.tolist(), most.tolist(), strict=True))


def _of_rest(
    bounds: RootBounds, q: Floats, variables: Sequence[int]
) -> list[tuple[float, float, float]]:
    """Return value, lower and upper derivative by each variable."""
    if not variables:
        return []
    rows = np.repeat(q[None, :], 2 * len(variables), axis=0)
    at = np.arange(len(variables))
    rows[2 * at, variables], rows[2 * at + 1, variables] = 1.0, 0.0
    ends = bounds.intervals(rows)
    found = []
    for failed, works in zip(ends[::2], ends[1::2], strict=True):
        lower, upper = max(0.0, failed[0] - works[1]), min(1.0, failed[1] - works[0])
        found.append((min(max(failed[0] - works[0], lower), upper), lower, upper))
    return found
