"""What basic events mean to top events that have been asked about."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.asked_trees import AskedTrees, chances_of
from ripplegraph.impact.availability.cut_set_diagrams import CutSetDiagrams
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities
from ripplegraph.impact.availability.fussell_vesely import CutSetChances
from ripplegraph.impact.availability.values import (
    MINUTES_PER_YEAR,
    CiImportance,
    ImportanceAnswer,
)

_MOST_NAMES = 6


def importance_of(asked: AskedTrees, *, limit: int) -> ImportanceAnswer:
    """Return what each basic event means to top events, most minutes at stake first.

    Parameters
    ----------
    asked
        Unknown events are taken as never failing. Top events that are not exact have no rows.
    limit
        Most rows.

    Notes
    -----
    Birnbaum (1969) ``B = dQ/dq``; criticality ``q B / Q``; DIF ``q (Q + (1 - q) B) / Q``;
    RAW ``1 + (1 - q) B / Q``; RRW ``Q / (Q - q B)``; Fussell-Vesely ``P(some minimal cut set with
    the event is down) / Q``, null with a reason where the cut sets are too many.
    """
    offsets, variables, derivatives = birnbaum_all(asked.fleet, asked.known())
    places = np.repeat(np.arange(len(asked.places)), np.diff(offsets))
    minutes = asked.known()[variables] * derivatives * MINUTES_PER_YEAR
    finder = _Finder(asked)
    rows = [
        finder.row(int(places[at]), int(variables[at]), float(derivatives[at]))
        for at in _most(minutes, limit)
    ]
    rows.sort(key=lambda one: (-rounded(one.minutes), one.service, one.ci_id))
    return ImportanceAnswer(
        service=None,
        rows=tuple(rows[:limit]),
        row_count=len(minutes),
        labels={asked.name(place): one.label.value for place, one in enumerate(chances_of(asked))},
        assumptions=("Basic events fail independently of each other.", *finder.reasons()),
    )


def rounded(minutes: float) -> float:
    """Return minutes without the last digits, so that equal ones sort by name."""
    return float(f"{minutes:.10g}")


def _most(minutes: NDArray[np.float64], limit: int) -> list[int]:
    """Return where the largest numbers are, with those equal to the last but for rounding."""
    if len(minutes) <= limit:
        return list(range(len(minutes)))
    least = np.partition(minutes, len(minutes) - limit)[len(minutes) - limit]
    return np.flatnonzero(minutes >= least * (1.0 - 1e-9)).tolist()


class _Finder:
    """Makes rows, and finds Fussell-Vesely importance once for each top event."""

    def __init__(self, asked: AskedTrees) -> None:
        self._asked, self._q = asked, asked.known()
        self._totals = failure_probabilities(asked.fleet, self._q).tolist()
        self._chances = CutSetChances(diagrams=CutSetDiagrams(fleet=asked.fleet), q=self._q)
        self._of_place: dict[int, dict[int, float] | None] = {}

    def row(self, place: int, variable: int, derivative: float) -> CiImportance:
        """Return what a basic event means to a top event."""
        asked, total, q = self._asked, float(self._totals[place]), float(self._q[variable])
        name = asked.trees.variable_names[variable]
        rest = total - q * derivative
        return CiImportance(
            service=CiId(asked.name(place)),
            ci_id=name,
            native_id=name,
            name=name,
            unavailability=None if np.isnan(asked.q[variable]) else q,
            birnbaum=derivative,
            criticality=q * derivative / total if total else None,
            fussell_vesely=self._fussell_vesely(place, variable, total),
            dif=q * (total + (1.0 - q) * derivative) / total if total else None,
            raw=1.0 + (1.0 - q) * derivative / total if total else None,
            rrw=total / rest if rest > 1e-15 * total else None,
            minutes=q * derivative * MINUTES_PER_YEAR,
        )

    def reasons(self) -> Iterator[str]:
        """Return why rows are missing, or have no Fussell-Vesely importance."""
        asked = self._asked
        mending = sum(not asked.is_coherent[place] for place in self._of_place)
        too_many = sum(one is None for one in self._of_place.values()) - mending
        left_out = [asked.name(place) for place in np.flatnonzero(~asked.fleet.is_exact).tolist()]
        if left_out:
            more = f" and {len(left_out) - _MOST_NAMES} more" * (len(left_out) > _MOST_NAMES)
            yield (
                f"No importance for {', '.join(sorted(left_out)[:_MOST_NAMES])}{more}: not exact"
                " within the budget, and bounds have no derivatives."
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
