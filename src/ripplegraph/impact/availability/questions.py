"""Questions on services, compiled: rows completed with names, times and the naive numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.asked_trees import AskedTrees, ask_trees
from ripplegraph.impact.availability.bounded_importance import BoundedSlopes, bounded_slopes
from ripplegraph.impact.availability.evaluate import birnbaum
from ripplegraph.impact.availability.grounds import Grounds, rest_on
from ripplegraph.impact.availability.naive import naive_product, naive_trees
from ripplegraph.impact.availability.options import AvailabilityOptions
from ripplegraph.impact.availability.values import (
    HOURS_PER_YEAR,
    Basis,
    Label,
    Level,
    ServiceAvailability,
)

_FREQUENCY_STEPS = 1_000_000
"""Steps of bounds worked out for failure frequencies in one question; see ``RootBounds``."""

_FREQUENCY_UNKNOWN = "the failure frequency of CIs beneath is unknown"
_UNKNOWN = "the availability of CIs beneath is unknown"
_BEYOND = "the service is not exact, and bounds would take more work than the budget allows"
_BOUNDED = "the service is not exact: they lie between bounds"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Some services of a graph, compiled.

    Attributes
    ----------
    grounds
        When they fail, and how reliable the CIs beneath are.
    compiled
        Their diagrams.
    naive
        What spreadsheets say, availability by the number of the CI.
    """

    grounds: Grounds
    compiled: AskedTrees
    naive: Mapping[int, float]

    def slopes(self) -> dict[int, BoundedSlopes]:
        """Return by place how fast failures of CIs bring those down that have only bounds."""
        asked = self.compiled
        # only of those whose failures a year can be told: the others would use up the steps
        places = [
            place
            for place in range(len(asked.places))
            if not asked.fleet.is_exact[place]
            and not asked.is_open(place)
            and not self._lacking(place)
        ]
        found = bounded_slopes(asked, places, most_steps=_FREQUENCY_STEPS)
        return {one.place: one for one in found if one.is_whole}

    def _lacking(self, place: int) -> list[int]:
        """Return the CIs that count for a service and of which no failure frequency is known."""
        own = self.grounds.own
        return [
            ci
            for ci in self.grounds.structure.cones[place]
            if own[ci].failures_per_year is None and own[ci].unavailability is not None
        ]

    def completed(
        self, place: int, row: ServiceAvailability, slopes: Mapping[int, BoundedSlopes]
    ) -> ServiceAvailability:
        """Return a row with the names of the graph, times, and the naive numbers."""
        grounds = self.grounds
        number, cone = grounds.numbers[place], grounds.structure.cones[place]
        known = [grounds.own[ci].unavailability for ci in cone]
        fallible = [ci for ci in cone if grounds.own[ci].basis is not Basis.LOGICAL]
        unknown = [ci for ci in fallible if grounds.own[ci].unavailability is None]
        numbers = [value for value in known if value is not None]
        is_whole = len(numbers) == len(known) and grounds.options.level is Level.DOWN
        row = replace(
            row,
            native_id=grounds.graph.cis.native_id[number],
            name=grounds.graph.cis.name[number],
            naive_product=naive_product(numbers) if is_whole else None,
            naive_tree=self.naive.get(number),
            coverage=1.0 - len(unknown) / len(fallible) if fallible else 1.0,
            missing=tuple(sorted(set(row.missing))),
            failures_reason="",
        )
        if row.unavailability is not None and grounds.options.window_minutes is not None:
            minutes = row.unavailability * grounds.options.window_minutes
            row = replace(row, downtime_minutes_per_window=minutes)
        return self._with_times(place, row, slopes.get(place))

    def _with_times(
        self, place: int, row: ServiceAvailability, slopes: BoundedSlopes | None
    ) -> ServiceAvailability:
        """Return a row with failure frequency and times, or why it has none."""
        missing = tuple(sorted(self.grounds.graph.ci_ids[ci] for ci in self._lacking(place)))
        if missing:
            return replace(row, missing_frequency=missing, failures_reason=_FREQUENCY_UNKNOWN)
        if row.unavailability is None:
            return replace(row, failures_reason=_UNKNOWN)
        if row.label is not Label.EXACT:
            return self._between(row, slopes)
        return self._exactly(row, row.unavailability, self._frequency(place))

    def _exactly(
        self, row: ServiceAvailability, unavailability: float, frequency: float
    ) -> ServiceAvailability:
        row = replace(
            row,
            failures_per_year=frequency,
            failures_per_year_lower=frequency,
            failures_per_year_upper=frequency,
        )
        if not frequency:
            return row
        return replace(
            row,
            mtbf_hours=(1.0 - unavailability) * HOURS_PER_YEAR / frequency,
            mean_down_time_hours=unavailability * HOURS_PER_YEAR / frequency,
            cycle_hours=HOURS_PER_YEAR / frequency,
        )

    def _between(
        self, row: ServiceAvailability, slopes: BoundedSlopes | None
    ) -> ServiceAvailability:
        """Return a row with bounds of the failure frequency, as far as the budget allows."""
        if slopes is None:
            return replace(row, failures_reason=_BEYOND)
        often = np.nan_to_num(self.grounds.failures_per_year[slopes.variables])
        return replace(
            row,
            failures_per_year_lower=float(slopes.lower @ often),
            failures_per_year_upper=float(slopes.upper @ often),
            failures_reason=_BOUNDED,
        )

    def _frequency(self, place: int) -> float:
        """Return the sum of Birnbaum importance times own frequency (independent CIs)."""
        variables, derivatives = birnbaum(self.compiled.fleet, self.compiled.q, place)
        return float(derivatives @ np.nan_to_num(self.grounds.failures_per_year[variables]))


def ask(
    graph: ServiceGraph,
    services: Sequence[str] | None,
    at: datetime | None,
    options: AvailabilityOptions,
) -> Asked:
    """Return services, compiled; None asks for every service.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.
    InvalidScenarioError
        If a shared cause is asked for by a column that no CI has.
    """
    grounds = rest_on(graph, services, at, options)
    own = grounds.own
    known = {ci: one.unavailability for ci, one in own.items() if one.unavailability is not None}
    naive = (
        naive_trees(grounds.graph, sorted(own), known, cut_points=options.cut_points)
        if options.level is Level.DOWN
        else {}
    )
    return Asked(
        grounds=grounds,
        compiled=ask_trees(
            grounds.trees,
            range(len(grounds.numbers)),
            replace(options, own={}),  # they are in the numbers already
        ),
        naive=naive,
    )
