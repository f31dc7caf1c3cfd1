"""Minimal cut sets of a compiled root, listed from its diagrams: no more work than is listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.compile import CompiledFleet
from ripplegraph.impact.availability.cut_set_diagrams import (
    EMPTY,
    NONE,
    CutSetDiagrams,
    TooManyCutSetsError,
    counts_by_order,
)
from ripplegraph.impact.availability.cut_sets import MinimalSets, minimal_cut_sets

MOST_SETS = 100_000
"""Sets that are listed at most; beyond them the order is lowered until they fit."""

ORDER_WITHOUT_DIAGRAM = 3
"""Sets of a root beyond the exact budget are looked for up to so many variables, unless asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSetList:
    """Minimal cut sets of a root.

    Attributes
    ----------
    found
        Those listed.
    counts
        How many there are of each size, from size 0 up, listed or not; empty where not counted.
    """

    found: MinimalSets
    counts: tuple[int, ...] = ()


def listed_cut_sets(
    fleet: CompiledFleet,
    place: int,
    q: NDArray[np.float64],
    *,
    max_order: int | None = None,
    min_probability: float = 0.0,
    limit: int = MOST_SETS,
) -> CutSetList:
    """Return the minimal cut sets of a root without NOT and XOR.

    Parameters
    ----------
    fleet, place
        The root, counted from 0; a root without a diagram is looked at up to an order.
    q
        The probability that each variable has failed; NaN where unknown, which leaves nothing out.
    max_order
        Most variables of a set; None for no limit but the number of sets.
    min_probability
        Sets less likely are left out, a fraction.
    limit
        Most sets listed.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> top = builder.any_of([a, builder.all_of([b, c])])
    >>> listed = listed_cut_sets(compile_fleet(builder.build(), [top]), 0, np.full(3, 0.1))
    >>> listed.found.sets, listed.counts
    (((0,), (1, 2)), (0, 1, 1))
    """
    if fleet.is_exact[place]:
        diagrams = CutSetDiagrams(fleet=fleet)
        try:
            counts = counts_by_order(diagrams, place)
        except TooManyCutSetsError:
            counts = ()
        if counts:
            lister = _Lister(diagrams, place, np.where(np.isnan(q), 1.0, q), min_probability)
            return CutSetList(found=_listed(lister, counts, max_order, limit), counts=counts)
    order = ORDER_WITHOUT_DIAGRAM if max_order is None else max_order
    root = int(fleet.roots[place])
    found = minimal_cut_sets(fleet.formula, root, max_order=order, limit=limit)
    return CutSetList(found=found)


def listed_path_sets(fleet: CompiledFleet, place: int, *, limit: int) -> MinimalSets:
    """Return the smallest sets of variables that, not failed, keep a root from coming about.

    Parameters
    ----------
    fleet, place
        The root, counted from 0. One without a diagram has no list: it is not complete.
    limit
        Most sets; more are left out, the largest first.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> top = builder.any_of([a, builder.all_of([b, c])])
    >>> listed_path_sets(compile_fleet(builder.build(), [top]), 0, limit=9).sets
    ((0, 1), (0, 2))
    """
    nothing = MinimalSets(sets=(), is_complete=False, complete_order=0)
    if not fleet.is_exact[place]:
        return nothing
    diagrams = CutSetDiagrams(fleet=fleet, is_dual=True)
    try:
        counts = counts_by_order(diagrams, place)
    except TooManyCutSetsError:
        return nothing
    everything = np.ones(fleet.variable_count)
    return _listed(_Lister(diagrams, place, everything, 0.0), counts, None, limit)


def _listed(
    lister: _Lister, counts: Sequence[int], max_order: int | None, limit: int
) -> MinimalSets:
    order = len(counts) - 1 if max_order is None else min(max_order, len(counts) - 1)
    totals = enumerate(accumulate(counts))
    fitting = min(order, max([at for at, total in totals if total <= limit], default=0))
    if lister.least:  # may leave out enough of the larger ones
        sets = list(islice(lister.sets_up_to(order), limit + 1))
    if not lister.least or len(sets) > limit:
        order = fitting
        sets = list(lister.sets_up_to(order))
    is_complete, is_cut = len(sets) == sum(counts), order < len(counts) - 1
    return MinimalSets(
        sets=tuple(sorted((tuple(sorted(one)) for one in sets), key=lambda s: (len(s), s))),
        is_complete=is_complete,
        complete_order=order if is_cut else None,
    )


class _Lister:
    """Walks the diagrams from the top down, past what holds no set to list."""

    def __init__(
        self, diagrams: CutSetDiagrams, place: int, q: NDArray[np.float64], least: float
    ) -> None:
        self._diagrams = diagrams
        self.least = least * (1.0 - 1e-9)  # products in another order may differ in last digits
        self._q: list[float] = q.tolist()
        self._top = int(diagrams.fleet.root_input[place])
        self._fewest = {EMPTY: 0, NONE: len(self._q) + 1}
        self._likeliest = {EMPTY: 1.0, NONE: 0.0}
        for module in diagrams.modules_of(self._top):
            for node in diagrams.beneath(diagrams.family_of(module)):
                if node > EMPTY:
                    self._note(node)

    def sets_up_to(self, order: int) -> Iterator[tuple[int, ...]]:
        """Yield the sets of at most so many variables that are likely enough."""
        diagrams = self._diagrams
        # families that a set is still to be taken from; variables taken; how likely those are
        first, chosen = self._entered(self._top)
        waiting = [(first, chosen, self._chance_of(chosen))]
        while waiting:
            pending, taken, chance = waiting.pop()
            if not self._is_worth_it(pending, len(taken), chance, order):
                continue
            pending = tuple(one for one in pending if one != EMPTY)
            if not pending:
                yield taken
                continue
            node, rest = pending[0], pending[1:]
            if diagrams.without[node] != NONE:
                waiting.append(((diagrams.without[node], *rest), taken, chance))
            inner, added = self._entered(diagrams.inputs[node])
            following = (*inner, diagrams.with_[node], *rest)
            waiting.append((following, taken + added, chance * self._chance_of(added)))

    def _entered(self, one: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the family of an input that is a module, or the variable that it is."""
        return ((), (one,)) if one >= 0 else ((self._diagrams.families[-1 - one],), ())

    def _chance_of(self, variables: tuple[int, ...]) -> float:
        return self._q[variables[0]] if variables else 1.0

    def _is_worth_it(self, pending: tuple[int, ...], size: int, chance: float, order: int) -> bool:
        for node in pending:
            size += self._fewest[node]
            chance *= self._likeliest[node]
        return size <= min(order, len(self._q)) and chance >= self.least

    def _note(self, node: int) -> None:
        """Find the fewest variables and the highest probability of the sets of a node."""
        diagrams = self._diagrams
        inner, added = self._entered(diagrams.inputs[node])
        fewest, likeliest = len(added), self._chance_of(added)
        for family in (*inner, diagrams.with_[node]):
            fewest += self._fewest[family]
            likeliest *= self._likeliest[family]
        without = diagrams.without[node]
        if without != NONE:
            fewest = min(fewest, self._fewest[without])
            likeliest = max(likeliest, self._likeliest[without])
        self._fewest[node], self._likeliest[node] = fewest, likeliest
