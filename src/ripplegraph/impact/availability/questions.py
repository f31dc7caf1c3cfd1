"""Questions on services, compiled: rows completed with names, times and the naive numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.asked_trees import AskedTrees, ask_trees
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

    def completed(self, place: int, row: ServiceAvailability) -> ServiceAvailability:
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
        )
        if row.unavailability is not None and grounds.options.window_minutes is not None:
            minutes = row.unavailability * grounds.options.window_minutes
            row = replace(row, downtime_minutes_per_window=minutes)
        return self._with_times(place, row)

    def _with_times(self, place: int, row: ServiceAvailability) -> ServiceAvailability:
        """Return a row with failure frequency and times, or the CIs whose own is missing."""
        grounds = self.grounds
        lacking = [
            ci
            for ci in grounds.structure.cones[place]
            if grounds.own[ci].failures_per_year is None
            and grounds.own[ci].unavailability is not None
        ]
        missing = tuple(sorted(grounds.graph.ci_ids[ci] for ci in lacking))
        if missing or row.label is not Label.EXACT or row.unavailability is None:
            return replace(row, missing_frequency=missing)
        frequency = self._frequency(place)
        if not frequency:
            return replace(row, failures_per_year=frequency)
        return replace(
            row,
            failures_per_year=frequency,
            mtbf_hours=(1.0 - row.unavailability) * HOURS_PER_YEAR / frequency,
            mean_down_time_hours=row.unavailability * HOURS_PER_YEAR / frequency,
            cycle_hours=HOURS_PER_YEAR / frequency,
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
