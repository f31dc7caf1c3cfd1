"""What basic events mean to top events that have been asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import CiId
from ripplegraph.graph.wording import list_words
from ripplegraph.impact.availability.asked_trees import AskedTrees, chances_of
from ripplegraph.impact.availability.bounded_importance import BoundedSlopes, bounded_slopes
from ripplegraph.impact.availability.compile import CompiledFleet, part_of
from ripplegraph.impact.availability.contributions import contributions_all
from ripplegraph.impact.availability.cut_set_diagrams import CutSetDiagrams
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities
from ripplegraph.impact.availability.fussell_vesely import CutSetChances
from ripplegraph.impact.availability.importance_totals import rounded, totals_of
from ripplegraph.impact.availability.importance_values import CiImportance, ImportanceAnswer
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, Label

_MOST_CORNERS = 6
"""Variables with spans beneath a top event of which every combination of ends is looked at."""

_CANCELLED = 1e-4
"""What is left of less than this share of a total is worked out anew: a difference of nearly
equal numbers would have lost its digits."""


def importance_of(asked: AskedTrees, *, limit: int, with_totals: bool) -> ImportanceAnswer:
    """Return what each basic event means to top events, most minutes at stake first.

    Parameters
    ----------
    asked
        Unknown events are taken as never failing.
    limit
        Most rows, and most totals.
    with_totals
        Whether to add up what each event means to all of them.

    Notes
    -----
    Birnbaum (1969) ``B = dQ/dq``; criticality ``q B / Q``; DIF ``q (Q + (1 - q) B) / Q``;
    RAW ``1 + (1 - q) B / Q``; RRW ``Q / (Q - q B)``; Fussell-Vesely ``P(some minimal cut set with
    the event is down) / Q``, null with a reason where the cut sets are too many. Top events that
    are not exact have the measures of the lower bound, and bounds of the minutes; where only the
    spans of variables leave them open, those of the probabilities that count. Of an unknown
    event only what does not depend on its own probability is told: Birnbaum and RAW.
    """
    chances = chances_of(asked)
    bounded = bounded_slopes(asked)
    slopes = _slopes_of(asked, bounded)
    minutes = asked.known()[slopes.variables] * slopes.value * MINUTES_PER_YEAR
    labels = [one.label for one in chances]
    finder = _Finder(asked, slopes, bounded, labels)
    rows = [finder.row(at) for at in _most(minutes, limit)]
    rows.sort(key=lambda one: (-rounded(one.minutes or 0.0), one.service, one.ci_id))
    totals = totals_of(asked, slopes.places, slopes.variables, slopes.value) if with_totals else ()
    return ImportanceAnswer(
        service=None,
        rows=tuple(rows[:limit]),
        row_count=len(minutes),
        totals=totals[:limit],
        total_count=len(totals),
        labels={asked.name(place): one.value for place, one in enumerate(labels)},
        assumptions=("Basic events fail independently of each other.", *finder.reasons()),
    )


def _most(minutes: NDArray[np.float64], limit: int) -> list[int]:
    """Return where the largest numbers are, with those equal to the last but for rounding."""
    if len(minutes) <= limit:
        return list(range(len(minutes)))
    least = np.partition(minutes, len(minutes) - limit)[len(minutes) - limit]
    return np.flatnonzero(minutes >= least * (1.0 - 1e-9)).tolist()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Slopes:
    """Derivatives of top events by basic events, one for each pair."""

    places: NDArray[np.int64]
    variables: NDArray[np.int64]
    value: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def _slopes_of(asked: AskedTrees, bounded: Sequence[BoundedSlopes]) -> _Slopes:
    """Return the derivatives of those that are exact, as contributions stand, then of others."""
    offsets, variables, exact = birnbaum_all(asked.fleet, asked.known())
    places = np.repeat(np.arange(len(asked.places)), np.diff(offsets))
    lower, upper = exact.copy(), exact.copy()
    for place in np.flatnonzero(asked.fleet.is_exact).tolist():
        if asked.open_spans(place):
            span = slice(int(offsets[place]), int(offsets[place + 1]))
            lower[span], upper[span] = _between(asked, place, exact[span])
    return _Slopes(
        places=np.concatenate([places, *(np.full(len(b.value), b.place) for b in bounded)]),
        variables=np.concatenate([variables.astype(np.int64), *(b.variables for b in bounded)]),
        value=np.concatenate([exact, *(one.value for one in bounded)]),
        lower=np.concatenate([lower, *(one.lower for one in bounded)]),
        upper=np.concatenate([upper, *(one.upper for one in bounded)]),
    )


def _between(
    asked: AskedTrees, place: int, exact: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and the largest derivatives over what variables with spans may be."""
    some = asked.open_spans(place)
    if len(some) > _MOST_CORNERS:
        return np.zeros_like(exact), np.ones_like(exact)
    part, corners = part_of(asked.fleet, place), [exact]
    # a derivative is linear in each other variable, so its extremes lie at the corners
    for ends in product(*(asked.trees.spans[one] for one in some)):
        q = asked.known()
        q[some] = ends
        corners.append(birnbaum_all(part, q)[2])
    return np.min(corners, axis=0), np.max(corners, axis=0)


def _of_unknown(row: CiImportance) -> CiImportance:
    """Return the row of an unknown event without what depends on its own probability."""
    return replace(
        row,
        unavailability=None,
        criticality=None,
        fussell_vesely=None,
        dif=None,
        rrw=None,
        minutes=None,
        minutes_lower=None,
        minutes_upper=None,
        minutes_per_window=None,
        contribution_minutes=None,
    )


class _Finder:
    """Makes rows, and finds Fussell-Vesely importance once for each top event."""

    def __init__(
        self,
        asked: AskedTrees,
        slopes: _Slopes,
        bounded: Sequence[BoundedSlopes],
        labels: Sequence[Label],
    ) -> None:
        self._labels = labels
        self._asked, self._q, self._slopes, self._bounded = asked, asked.known(), slopes, bounded
        self._least, self._most = asked.ends()
        self._totals = failure_probabilities(asked.fleet, self._q).tolist()
        for one in bounded:
            self._totals[one.place] = one.probability
        self._chances = CutSetChances(diagrams=CutSetDiagrams(fleet=asked.fleet), q=self._q)
        self._of_place: dict[int, dict[int, float] | None] = {}
        self._part_of: dict[int, CompiledFleet] = {}
        _, _, self._shares = contributions_all(asked.fleet, self._q)

    def row(self, at: int) -> CiImportance:
        """Return what a basic event means to a top event."""
        asked, slopes = self._asked, self._slopes
        place, variable = int(slopes.places[at]), int(slopes.variables[at])
        total, q, derivative = self._totals[place], float(self._q[variable]), slopes.value[at]
        derivative = float(derivative)
        name, window = asked.trees.event_name(variable), asked.options.window_minutes
        rest = self._rest(place, variable, total, q * derivative)
        is_exact = asked.is_exact(place)
        least, most = (self._least, self._most) if asked.open_spans(place) else (self._q, self._q)
        row = CiImportance(
            service=CiId(asked.name(place)),
            ci_id=name,
            native_id=name,
            name=name,
            unavailability=q,
            birnbaum=derivative,
            criticality=q * derivative / total if total else None,
            fussell_vesely=self._fussell_vesely(place, variable, total) if is_exact else None,
            dif=q * (total + (1.0 - q) * derivative) / total if total else None,
            raw=1.0 + (1.0 - q) * derivative / total if total else None,
            rrw=total / rest if rest > 0.0 else None,
            minutes=q * derivative * MINUTES_PER_YEAR,
            minutes_lower=float(least[variable] * slopes.lower[at]) * MINUTES_PER_YEAR,
            minutes_upper=float(most[variable] * slopes.upper[at]) * MINUTES_PER_YEAR,
            label=self._label(place),
            minutes_per_window=None if window is None else q * derivative * window,
            contribution_minutes=float(self._shares[at]) * MINUTES_PER_YEAR if is_exact else None,
        )
        return _of_unknown(row) if np.isnan(asked.q[variable]) else row

    def _rest(self, place: int, variable: int, total: float, saved: float) -> float:
        """Return what is left of a probability if an event never occurs."""
        rest = total - saved
        if rest > _CANCELLED * total or not total:
            return rest
        works = self._q.copy()
        works[variable] = 0.0
        if not self._asked.fleet.is_exact[place]:
            return self._asked.bounds_of(place).interval(works)[0]
        if place not in self._part_of:
            self._part_of[place] = part_of(self._asked.fleet, place)
        return float(failure_probabilities(self._part_of[place], works)[0])

    def _label(self, place: int) -> Label:
        if self._labels[place] is Label.INCOMPLETE:
            return Label.INCOMPLETE
        return Label.EXACT if self._asked.is_exact(place) else Label.BOUNDED

    def reasons(self) -> Iterator[str]:
        """Return why rows are missing, bounded, or have no Fussell-Vesely importance."""
        asked = self._asked
        mending = sum(not asked.is_coherent[place] for place in self._of_place)
        too_many = sum(one is None for one in self._of_place.values()) - mending
        whole = [asked.name(one.place) for one in self._bounded if one.is_whole]
        alone = [asked.name(one.place) for one in self._bounded if not one.is_whole]
        left_out = [
            asked.name(place)
            for place in np.flatnonzero(~asked.fleet.is_exact).tolist()
            if not asked.is_coherent[place]
        ]
        if Label.INCOMPLETE in self._labels:
            yield (
                "What is of unknown availability counts as perfect here; its own minutes at stake"
                " are unknown, and those of others in the same services may be more or less."
            )
        exact = np.flatnonzero(asked.fleet.is_exact).tolist()
        left = [asked.name(place) for place in exact if asked.open_spans(place)]
        if left:
            yield (
                f"Importance for {list_words(sorted(left))}"
                " lies between bounds: of CIs with all beneath them"
                " only bounds are known of what they share. The measures are those with the most"
                " left of their promises, without Fussell-Vesely importance and contributions."
            )
        if whole:
            yield (
                f"Importance for {list_words(sorted(whole))}"
                " lies between bounds, as the number does; the"
                " measures are those of the lower bound, without Fussell-Vesely importance and"
                " without contributions, which have no bounds."
            )
        if alone:
            yield (
                f"Importance for {list_words(sorted(alone))}"
                " only of what alone brings it down, between"
                " bounds: not exact within the budget."
            )
        if left_out:
            yield (
                f"No importance for {list_words(sorted(left_out))}:"
                " not exact within the budget, and NOT or"
                " XOR lies beneath."
            )
        if too_many:
            yield f"No Fussell-Vesely importance for {too_many}: too many minimal cut sets."
        if mending:
            yield f"No Fussell-Vesely importance for {mending}: NOT or XOR lies beneath."

    def _fussell_vesely(self, place: int, variable: int, total: float) -> float | None:
        if place not in self._of_place:
            is_coherent = self._asked.is_coherent[place]
            self._of_place[place] = self._chances.of(place) if is_coherent else None
        chances = self._of_place[place]
        if chances is None or not total:
            return None
        return min(1.0, chances.get(variable, 0.0) / total)
