"""What a question on availability rests on: formulas, own reliabilities, and rows completed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ripplegraph.graph.build import graph_at
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.asked_trees import AskedTrees, ask_trees
from ripplegraph.impact.availability.evaluate import birnbaum
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.naive import naive_product, naive_trees
from ripplegraph.impact.availability.options import AvailabilityOptions
from ripplegraph.impact.availability.own import own_reliabilities
from ripplegraph.impact.availability.structure import (
    StructureFunctions,
    cis_beneath,
    structure_functions,
)
from ripplegraph.impact.availability.values import (
    HOURS_PER_YEAR,
    MINUTES_PER_YEAR,
    Basis,
    CutSet,
    Label,
    Level,
    OwnReliability,
    ServiceAvailability,
)

_INDEPENDENT = "CIs fail independently of each other; long-run means, single months differ."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Some services of a graph, when they fail, and how reliable the CIs beneath are."""

    graph: ServiceGraph
    options: AvailabilityOptions
    numbers: tuple[int, ...]
    structure: StructureFunctions
    own: Mapping[int, OwnReliability]
    compiled: AskedTrees
    naive: Mapping[int, float]

    @property
    def trees(self) -> FaultTrees:
        """The services as fault trees whose events carry the ids of CIs."""
        return self.compiled.trees

    def assumptions(self) -> tuple[str, ...]:
        """Return what the numbers rest on, one sentence each."""
        said = [_INDEPENDENT]
        if Basis.MEASURED in self.options.bases:
            said.append("Outage histories are not used as a basis yet.")
        circular = len(self.structure.circular)
        if circular:
            said.append(f"{circular} CIs depend on themselves: what holds itself up counts as up.")
        if self.options.cut_points:
            said.append("What lies beneath a CI of inclusive promise counts as part of it.")
        return tuple(said)

    def completed(self, place: int, row: ServiceAvailability) -> ServiceAvailability:
        """Return a row with the names of the graph, times, and the naive numbers."""
        number, cone = self.numbers[place], self.structure.cones[place]
        known = [self.own[ci].unavailability for ci in cone]
        fallible = [ci for ci in cone if self.own[ci].basis is not Basis.LOGICAL]
        unknown = [ci for ci in fallible if self.own[ci].unavailability is None]
        numbers = [value for value in known if value is not None]
        is_whole = len(numbers) == len(known) and self.options.level is Level.DOWN
        row = replace(
            row,
            native_id=self.graph.cis.native_id[number],
            name=self.graph.cis.name[number],
            naive_product=naive_product(numbers) if is_whole else None,
            naive_tree=self.naive.get(number),
            coverage=1.0 - len(unknown) / len(fallible) if fallible else 1.0,
            missing=tuple(sorted(row.missing)),
        )
        if row.unavailability is not None and self.options.window_minutes is not None:
            minutes = row.unavailability * self.options.window_minutes
            row = replace(row, downtime_minutes_per_window=minutes)
        return self._with_times(place, row)

    def _with_times(self, place: int, row: ServiceAvailability) -> ServiceAvailability:
        """Return a row with failure frequency and times, or the CIs whose own is missing."""
        lacking = [
            ci
            for ci in self.structure.cones[place]
            if self.own[ci].failures_per_year is None and self.own[ci].unavailability is not None
        ]
        missing = tuple(sorted(self.graph.ci_ids[ci] for ci in lacking))
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
        frequencies = [self.own[ci].failures_per_year or 0.0 for ci in variables.tolist()]
        return float(derivatives @ np.array(frequencies))

    def ids(self, numbers: Iterable[int]) -> tuple[CiId, ...]:
        """Return the ids of CIs, sorted."""
        return tuple(sorted(self.graph.ci_ids[number] for number in numbers))

    def cut_set(self, numbers: tuple[int, ...]) -> CutSet:
        """Return CIs as a cut set with its probability."""
        probability: float | None = 1.0
        for number in numbers:
            own = self.own[number].unavailability
            probability = None if own is None or probability is None else probability * own
        window = self.options.window_minutes
        return CutSet(
            cis=self.ids(numbers),
            order=len(numbers),
            probability=probability,
            downtime_minutes_per_year=_scaled(probability, MINUTES_PER_YEAR),
            downtime_minutes_per_window=_scaled(probability, window),
        )


def ask(
    graph: ServiceGraph,
    services: Sequence[str] | None,
    at: datetime | None,
    options: AvailabilityOptions,
) -> Asked:
    """Return what a question on services rests on; None asks for every service.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.
    NotImplementedError
        If shared causes are asked for.
    """
    if options.common_causes is not None:
        msg = "shared causes of CIs are computed for Open-PSA fault trees only so far"
        raise NotImplementedError(msg)
    graph = graph if at is None else graph_at(graph, at)
    if services is None:
        numbers = graph.service_numbers
    else:
        numbers = tuple(dict.fromkeys(map(graph.resolve, services)))
    everything = cis_beneath(graph, numbers, level=options.level, cut_points=options.cut_points)
    own = own_reliabilities(graph, everything, options, at=at)
    structure = structure_functions(
        graph,
        numbers,
        level=options.level,
        perfect=[ci for ci in everything if own[ci].basis is Basis.LOGICAL],
        cut_points=options.cut_points,
    )
    known = {ci: one.unavailability for ci, one in own.items() if one.unavailability is not None}
    naive = (
        naive_trees(graph, everything, known, cut_points=options.cut_points)
        if options.level is Level.DOWN
        else {}
    )
    return Asked(
        graph=graph,
        options=options,
        numbers=numbers,
        structure=structure,
        own=own,
        compiled=ask_trees(
            _trees(graph, numbers, structure, own),
            range(len(numbers)),
            replace(options, own={}),  # they are in the numbers already
        ),
        naive=naive,
    )


def _trees(
    graph: ServiceGraph,
    numbers: Sequence[int],
    structure: StructureFunctions,
    own: Mapping[int, OwnReliability],
) -> FaultTrees:
    """Return the services as fault trees whose events carry the ids of CIs."""
    unavailability = np.zeros(max(graph.ci_count, structure.formula.variable_count))
    for ci, one in own.items():
        value = one.unavailability
        unavailability[ci] = np.nan if value is None else value
    nothing = ("",) * graph.ci_count
    return FaultTrees(
        formula=structure.formula,
        roots=structure.roots,
        root_names=tuple(graph.ci_ids[number] for number in numbers),
        root_labels=("",) * len(numbers),
        variable_names=tuple(graph.ci_ids),
        variable_labels=nothing,
        unavailability=unavailability,
    )


def _scaled(probability: float | None, minutes: float | None) -> float | None:
    return None if probability is None or minutes is None else probability * minutes
