"""Top events that were asked about: compiled once, and how likely each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.binomial_interval import binomial_interval
from ripplegraph.impact.availability.bound_plans import RootBounds
from ripplegraph.impact.availability.bounds import root_bounds
from ripplegraph.impact.availability.compile import (
    CompiledFleet,
    NodeBudget,
    compile_fleet,
    cone_of,
    variables_in,
)
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.fault_trees import FaultTrees, is_coherent, probabilities_of
from ripplegraph.impact.availability.monte_carlo import failures_in_samples
from ripplegraph.impact.availability.options import AvailabilityOptions
from ripplegraph.impact.availability.values import Label

Floats = NDArray[np.float64]

_MOST_CORNERS = 10
"""Unknown events of a tree with NOT or XOR of which every combination is looked at."""

_WIDE = 0.1
"""Bounds wider than this share of the upper one are tried to be narrowed by sampling."""

_EXACT = "binary decision diagram"
_BOUNDED = "certified block bounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """How likely a top event is: the value to show, its bounds, and how far to trust them."""

    value: float | None
    lower: float
    upper: float
    label: Label
    method: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AskedTrees:
    """Some compiled top events, and the probabilities that count.

    Attributes
    ----------
    places
        Places of the top events in ``trees``.
    q
        Probability of each basic event; NaN where it is unknown.
    variables, unknown
        Basic events beneath each top event, and those of unknown probability; ascending.
    is_coherent
        Whether no NOT and no XOR lies beneath it.
    """

    trees: FaultTrees
    options: AvailabilityOptions
    places: list[int]
    q: Floats
    fleet: CompiledFleet
    variables: tuple[list[int], ...]
    unknown: tuple[list[int], ...]
    is_coherent: tuple[bool, ...]
    _bounds: dict[int, RootBounds] = field(default_factory=dict)

    def bounds_of(self, place: int) -> RootBounds:
        """Return how a coherent top event is bounded; worked out once for each formula."""
        root = self.root(place)
        found = self._bounds.get(root)
        if found is None:
            found = self._bounds[root] = root_bounds(
                self.trees.formula, root, budget=budget_of(self.options)
            )
        return found

    def name(self, place: int) -> str:
        """Return the name of a top event."""
        return self.trees.root_names[self.places[place]]

    def root(self, place: int) -> int:
        """Return the node of a top event."""
        return self.trees.roots[self.places[place]]

    def known(self, value: float = 0.0) -> Floats:
        """Return the probabilities with the unknown ones at a value."""
        return np.where(np.isnan(self.q), value, self.q)

    def ends(self) -> tuple[Floats, Floats]:
        """Return the least and the largest probabilities that what is known allows."""
        least, most = self.known(0.0), self.known(1.0)
        for variable, (lower, upper) in self.trees.spans.items():
            least[variable], most[variable] = lower, upper
        return least, most

    def is_open(self, place: int) -> bool:
        """Return whether a top event rests on a probability of which only bounds are known."""
        return bool(self.unknown[place] or self._with_spans(place))

    def open_spans(self, place: int) -> list[int]:
        """Return the variables beneath of which bounds are known; none if others are unknown.

        What is unknown counts as perfect in questions on importance, and then says so.
        """
        return [] if self.unknown[place] else self._with_spans(place)

    def _with_spans(self, place: int) -> list[int]:
        spans = self.trees.spans
        # estates mostly have none: do not look through all that each service rests on
        return [one for one in self.variables[place] if one in spans] if spans else []

    def is_exact(self, place: int) -> bool:
        """Return whether the number of a top event, unknown events perfect, is exact."""
        return bool(self.fleet.is_exact[place]) and not self.open_spans(place)


def ask_trees(
    trees: FaultTrees, places: Sequence[int], options: AvailabilityOptions
) -> AskedTrees:
    """Return top events, compiled.

    Parameters
    ----------
    places
        Places of the top events in ``trees``.
    options
        ``own``, the budgets, ``is_estimate``, ``samples`` and ``seed`` count.
    """
    q = probabilities_of(trees, options)
    roots = [trees.roots[place] for place in places]
    cones = [cone_of(trees.formula, root) for root in roots]
    variables = tuple(variables_in(trees.formula, cone) for cone in cones)
    return AskedTrees(
        trees=trees,
        options=options,
        places=list(places),
        q=q,
        fleet=_compiled(trees, roots, options),
        variables=variables,
        unknown=tuple([one for one in row if np.isnan(q[one])] for row in variables),
        is_coherent=tuple(is_coherent(trees.formula.op[cone]) for cone in cones),
    )


def _compiled(
    trees: FaultTrees, roots: Sequence[int], options: AvailabilityOptions
) -> CompiledFleet:
    budget, kept = budget_of(options), options.kept
    if kept is None:
        return compile_fleet(trees.formula, roots, budget=budget, compiled=options.compiled)
    names = trees.variable_names
    return kept.compiled(trees.formula, roots, names, budget=budget, compiled=options.compiled)


def chances_of(asked: AskedTrees) -> tuple[Chance, ...]:
    """Return how likely each top event is: exactly, between bounds, or by sampling."""
    return _Finder(asked=asked, options=asked.options).chances()


def budget_of(options: AvailabilityOptions) -> NodeBudget:
    """Return how large diagrams may grow, and when to stop."""
    return NodeBudget(nodes_per_module=options.nodes_per_module, is_over=options.is_over)


@dataclass(slots=True, kw_only=True)
class _Finder:
    """Finds how likely top events are: exactly, between bounds, or by sampling."""

    asked: AskedTrees
    options: AvailabilityOptions

    def chances(self) -> tuple[Chance, ...]:
        """Return the chance of every top event."""
        values = failure_probabilities(self.asked.fleet, np.stack(self.asked.ends()))
        found = [self._unsampled(place, values) for place in range(len(self.asked.places))]
        wide = [place for place, one in enumerate(found) if self._is_to_sample(one)]
        for place, sampled in zip(wide, self._sampled(wide), strict=True):
            found[place] = self._better(found[place], sampled)
        return tuple(found)

    def _unsampled(self, place: int, values: Floats) -> Chance:
        asked, unknown = self.asked, self.asked.unknown[place]
        if self.options.is_estimate:
            return _chance((0.0, 1.0), Label.BOUNDED, "none", unknown)
        if asked.fleet.is_exact[place]:
            label = Label.BOUNDED if asked.is_open(place) else Label.EXACT
            return _chance(self._exact(place, values), label, _EXACT, unknown)
        if not asked.is_coherent[place]:
            return _chance((0.0, 1.0), Label.BOUNDED, "none: too large for the budget", unknown)
        bounds, (least, most) = asked.bounds_of(place), asked.ends()
        lower, upper = bounds.interval(least)
        if asked.is_open(place):
            upper = bounds.interval(most)[1]
        return _chance((lower, upper), Label.BOUNDED, _BOUNDED, unknown)

    def _exact(self, place: int, values: Floats) -> tuple[float, float]:
        """Return the least and the largest probability over what unknown events may be."""
        asked, unknown = self.asked, self.asked.unknown[place]
        if not unknown or asked.is_coherent[place]:
            return float(values[0, place]), float(values[1, place])
        if len(unknown) > _MOST_CORNERS:
            return 0.0, 1.0
        # the probability is linear in each event, so its extremes lie at the corners
        corners = np.repeat(asked.known()[None, :], 2 ** len(unknown), axis=0)
        corners[:, unknown] = np.arange(2 ** len(unknown))[:, None] >> np.arange(len(unknown)) & 1
        found = failure_probabilities(asked.fleet, corners)[:, place]
        return float(found.min()), float(found.max())

    def _is_to_sample(self, one: Chance) -> bool:
        return one.method != _EXACT and one.upper - one.lower > _WIDE * one.upper

    def _sampled(self, places: list[int]) -> list[Chance]:
        """Return the chances of top events by sampling, all of them in the same samples."""
        asked, options = self.asked, self.options
        if not places:
            return []
        counted = [
            failures_in_samples(
                asked.trees.formula,
                [asked.root(place) for place in places],
                q,
                samples=options.samples,
                seed=options.seed,
                is_over=options.is_over,
            )
            for q in asked.ends()[: 1 + any(map(asked.is_open, places))]
        ]
        return [self._counted(place, at, counted) for at, place in enumerate(places)]

    def _counted(
        self, place: int, at: int, counted: Sequence[tuple[NDArray[np.int64], int]]
    ) -> Chance:
        (failed, samples), (failed_at_most, samples_at_most) = counted[0], counted[-1]
        lower, upper = binomial_interval(int(failed[at]), samples)
        unknown = self.asked.unknown[place]
        if unknown and not self.asked.is_coherent[place]:
            lower, upper = 0.0, 1.0  # more failures may mend it: no end is the worst
        elif self.asked.is_open(place):
            upper = binomial_interval(int(failed_at_most[at]), samples_at_most)[1]
        method = f"Monte Carlo: {samples:,} samples, seed {self.options.seed}"
        value = None if unknown else int(failed[at]) / samples
        return Chance(
            value=value,
            lower=lower,
            upper=upper,
            label=Label.INCOMPLETE if unknown else Label.ESTIMATED,
            method=f"{method}, 95% between the bounds (Clopper-Pearson)",
        )

    def _better(self, bounded: Chance, sampled: Chance) -> Chance:
        """Return the narrower of the two; what is certified also holds for the sampled one."""
        lower, upper = max(bounded.lower, sampled.lower), min(bounded.upper, sampled.upper)
        is_narrower = sampled.upper - sampled.lower < bounded.upper - bounded.lower
        if lower > upper or not (is_narrower or self.options.is_estimate):
            return bounded
        value = None if sampled.value is None else min(max(sampled.value, lower), upper)
        return replace(sampled, value=value, lower=lower, upper=upper)


def _chance(
    interval: tuple[float, float], label: Label, method: str, unknown: Sequence[int]
) -> Chance:
    lower, upper = interval
    return Chance(
        value=None if unknown else lower,
        lower=lower,
        upper=upper,
        label=Label.INCOMPLETE if unknown else label,
        method=method,
    )
