"""What is left of the unavailability of inclusive cut points beside what they share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import ci_words, list_words
from ripplegraph.impact.availability.asked_trees import budget_of
from ripplegraph.impact.availability.bounds import root_bounds
from ripplegraph.impact.availability.compile import (
    compile_fleet,
    cone_of,
    part_of,
    variables_in,
)
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.inclusive_structure import Holder
from ripplegraph.impact.availability.mutual_promises import (
    MOST_ROUNDS,
    TIE,
    MutualPromises,
    Sharing,
    left_of,
)
from ripplegraph.impact.availability.options import AvailabilityOptions

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residuals:
    """Holders with what fails them.

    Attributes
    ----------
    holders
        Those that rest on no other one first.
    sharing
        What brings each of them down beside its own failures.
    variables
        By holder the variables of what fails it, its own included.
    is_mutual
        Whether one rests on another one that stands after it: they need each other.
    unsettled
        Variables of holders whose need of each other was not settled in the rounds allowed.
    """

    trees: FaultTrees
    holders: tuple[Holder, ...]
    sharing: tuple[Sharing, ...]
    variables: tuple[NDArray[np.int64], ...]
    is_mutual: bool
    unsettled: frozenset[int] = frozenset()

    def settle(self, rows: Floats, promised: Floats) -> frozenset[int]:
        """Set the variable of each holder in each scenario so that it is down as often as said.

        Parameters
        ----------
        rows
            Probability of each variable (columns) by scenario; none is NaN.
        promised
            How often each holder (columns) is down with all beneath it.

        Returns
        -------
        frozenset
            Variables of the holders that were not settled, in some scenario.

        Notes
        -----
        ``r = (p - s) / (1 - s)`` where what is shared brings the holder down in ``s`` of the
        time, and 0 where ``s > p``. Holders that need each other are settled together, see
        ``MutualPromises``; of others, inner ones first, one round is enough.
        """
        if self.is_mutual:
            return MutualPromises(sharing=self.sharing).settle(rows, promised)
        rows[:, [one.variable for one in self.sharing]] = promised
        for at, one in enumerate(self.sharing):
            rows[:, one.variable] = left_of(promised[:, at], one.alone(rows))
        return frozenset()

    def spans(
        self, row: Floats, promised: Floats, open_ones: Collection[int]
    ) -> dict[int, tuple[float, float]]:
        """Return the least and the largest probability of the variables of open holders.

        Parameters
        ----------
        row
            Probability of each variable, settled with what is unknown perfect.
        promised
            How often each holder is down with all beneath it; NaN, which may be always, where
            unknown.
        open_ones
            Variables of holders of which more may be left than the row says, or less.
        """
        least, promised = row[None, :].copy(), np.nan_to_num(promised, nan=1.0)
        least[:, sorted(open_ones)] = 0.0
        found = {}
        for at, variable in enumerate(one.variable for one in self.holders):
            if variable in open_ones:
                most = float(left_of(promised[at : at + 1], self.alone(at, least))[0])
                found[variable] = (0.0, max(float(row[variable]), most))
        return found

    def alone(self, at: int, rows: Floats) -> Floats:
        """Return by scenario how often what it shares brings a holder down: at least so often."""
        return self.sharing[at].alone(rows)

    def open_among(self, row: Floats, unsettled: frozenset[int]) -> set[int]:
        """Return the variables of holders that rest on what is unknown, inexact or unsettled.

        Parameters
        ----------
        row
            Probability of each variable; NaN where unknown.
        unsettled
            Variables of holders, see ``settle``.
        """
        found = set(unsettled)
        for at, holder in enumerate(self.holders):
            beneath = self.variables[at][self.variables[at] != holder.variable]
            is_known = not np.isnan(row[beneath]).any() and found.isdisjoint(beneath.tolist())
            if not (is_known and self.sharing[at].bounds is None):
                found.add(holder.variable)
        return found


def residuals_of(
    trees: FaultTrees, holders: Sequence[Holder], options: AvailabilityOptions
) -> Residuals:
    """Return holders, compiled; their roots are nodes of the formula of the trees."""
    roots = [one.root for one in holders]
    budget, place_of = budget_of(options), {one.variable: at for at, one in enumerate(holders)}
    variables = tuple(
        np.array(variables_in(trees.formula, cone_of(trees.formula, root))) for root in roots
    )
    fleet = compile_fleet(trees.formula, roots, budget=budget, compiled=options.compiled)
    return Residuals(
        trees=trees,
        holders=tuple(holders),
        sharing=tuple(
            Sharing(
                variable=one.variable,
                fleet=part_of(fleet, at),
                bounds=None
                if fleet.is_exact[at]
                else root_bounds(trees.formula, one.root, budget=budget),
            )
            for at, one in enumerate(holders)
        ),
        variables=variables,
        is_mutual=any(
            place_of.get(one, at) > at
            for at, beneath in enumerate(variables)
            for one in beneath.tolist()
        ),
    )


def settled(
    residuals: Residuals, frequency: Floats, promised: Mapping[int, float]
) -> tuple[Residuals, Floats]:
    """Return residuals whose trees hold what is left of holders, and how often events occur.

    Parameters
    ----------
    frequency
        Failures a year by variable: a residual takes its part of them, so that the mean down
        time stays.
    promised
        How often each CI is down with all beneath it, by its number; NaN where unknown.

    Notes
    -----
    What is unknown counts as perfect. Where it lies beneath a holder, the residual may be
    anything from 0 to what is left then (``spans``). So it is where holders need each other and
    that was not settled.
    """
    trees = residuals.trees
    chances, often = trees.unavailability.copy(), frequency.copy()
    whole = np.array([promised[one.ci] for one in residuals.holders])
    row = np.nan_to_num(chances)[None, :]
    unsettled = residuals.settle(row, np.nan_to_num(whole)[None, :])
    spans = residuals.spans(row[0], whole, residuals.open_among(chances, unsettled))
    for at, holder in enumerate(residuals.holders):
        variable, value = holder.variable, float(row[0, holder.variable])
        chances[variable] = value if np.isfinite(whole[at]) else np.nan
        often[variable] *= value / whole[at] if whole[at] else 0.0
    trees = replace(trees, unavailability=chances, spans=spans)
    return replace(residuals, trees=trees, unsettled=unsettled), often


def said_of(graph: ServiceGraph, residuals: Residuals, promised: Mapping[int, float]) -> list[str]:
    """Return what holders share, and which cannot be as available as they are said to be."""
    chances, spans = residuals.trees.unavailability, residuals.trees.spans
    row = np.nan_to_num(chances)[None, :]
    said: dict[str, None] = {}
    for at, holder in enumerate(residuals.holders):
        name = ci_words(graph.cis, holder.ci)
        shared = list_words([ci_words(graph.cis, ci) for ci in sorted(holder.shared)])
        said[
            f"{name} shares what lies beneath it ({shared}): by itself it counts with the rest of"
            " its unavailability."
        ] = None
        whole, alone = promised[holder.ci], float(residuals.alone(at, row)[0])
        if alone > whole * (1.0 + TIE):
            said[
                f"{name} cannot be down {100 * whole:.6g}% of the time only: what it shares alone"
                f" brings it down {100 * alone:.6g}% of the time."
            ] = None
        if holder.variable in residuals.unsettled:
            said[
                f"{name} and others need each other: what is left of each was not settled in"
                f" {MOST_ROUNDS:,} rounds."
            ] = None
        if holder.variable in spans and not np.isnan(whole):
            lower, upper = spans[holder.variable]
            said[
                f"What is left of {name} beside what it shares lies between {100 * lower:.6g}%"
                f" and {100 * upper:.6g}% of the time; cut sets and path sets count it as"
                f" {100 * chances[holder.variable]:.6g}%."
            ] = None
    return list(said)
