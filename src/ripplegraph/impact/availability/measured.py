"""Own outage histories of CIs: what was observed, and for how long (semantics.md section 3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import Strength
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second
from ripplegraph.graph.time_sets import (
    ServiceTime,
    clipped,
    difference_of,
    merged,
    seconds_within,
    total_seconds,
)

_SECONDS_PER_HOUR = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageHistory:
    """The unplanned outages of one CI by itself, in the period in which it was observed.

    Parameters
    ----------
    outage_count
        Outages in the period of which some time is left when that is taken out in which
        something that the CI needs was down.
    down_hours
        Time down by itself, hours.
    observed_hours
        Length of the period, hours, > 0.
    """

    outage_count: int
    down_hours: float
    observed_hours: float

    @property
    def up_hours(self) -> float:
        """Time of the period not down by itself, hours."""
        return self.observed_hours - self.down_hours


def outage_histories(
    graph: ServiceGraph, cis: Collection[int], *, at: datetime | None = None
) -> dict[int, OutageHistory]:
    """Return the own outage histories of CIs that were observed, by CI number.

    Parameters
    ----------
    cis
        Numbers of CIs. Those without ``observed_from`` have no history: nobody says who looked.
    at
        Aware; ends the period of CIs without ``observed_to``, which have no history without it.

    Notes
    -----
    Unplanned outages that are not excluded count. Time in which something that the CI needs by
    single hard dependencies, at any depth, was down by itself is taken out; what redundancy
    groups bring down is not.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> outage_histories(graph_of("shop -> db"), [0, 1])
    {}
    """
    periods = {ci: period for ci in cis if (period := _period(graph, ci, at)) is not None}
    if not periods:
        return {}
    outages: dict[int, list[Outage]] = {}
    for ci, outage in zip(graph.outage_ci, graph.outages, strict=True):
        if outage.kind is OutageKind.UNPLANNED and not outage.excluded:
            outages.setdefault(ci, []).append(outage)
    latest = max(end for _, end in periods.values())
    down = {ci: _down(listed, latest) for ci, listed in outages.items()}
    return {ci: _history(graph, ci, period, down) for ci, period in periods.items()}


def _period(graph: ServiceGraph, ci: int, at: datetime | None) -> tuple[int, int] | None:
    start, end = graph.cis.observed_from[ci], graph.cis.observed_to[ci] or at
    if start is None or end is None or start >= end:
        return None
    return epoch_second(start), epoch_second(end)


def _down(outages: list[Outage], latest: int) -> ServiceTime:
    """Return when outages held, those still open up to the latest moment of interest."""
    starts = [epoch_second(one.start) for one in outages]
    ends = [latest if one.end is None else epoch_second(one.end) for one in outages]
    ordered = [(start, max(start, end)) for start, end in zip(starts, ends, strict=True)]
    first, last = zip(*ordered, strict=True)
    return merged(np.array(first, np.int64), np.array(last, np.int64))


def _history(
    graph: ServiceGraph, ci: int, period: tuple[int, int], down: dict[int, ServiceTime]
) -> OutageHistory:
    own = clipped(down[ci], *period) if ci in down else merged(_NONE, _NONE)
    others = [down[needed] for needed in sorted(_needed(graph, ci)) if needed in down]
    rest = own
    if others and len(own):
        starts = np.concatenate([one.starts for one in others])
        rest = difference_of(own, merged(starts, np.concatenate([one.ends for one in others])))
    count = int((seconds_within(rest, own.starts, own.ends) > 0).sum())
    return OutageHistory(
        outage_count=count,
        down_hours=total_seconds(rest) / _SECONDS_PER_HOUR,
        observed_hours=(period[1] - period[0]) / _SECONDS_PER_HOUR,
    )


_NONE = np.zeros(0, np.int64)


def _needed(graph: ServiceGraph, ci: int) -> set[int]:
    """Return the CIs that bring this one down by single hard dependencies, at any depth."""
    topology, gates = graph.topology, graph.gates
    seen, waiting = {ci}, [ci]
    while waiting:
        for edge in graph.edges_to_dependencies(waiting.pop()):
            needed = int(topology.edge_dependency[edge])
            is_single = int(topology.edge_group[edge]) == NO_GROUP
            if is_single and gates.edge_effect[edge] == Strength.HARD and needed not in seen:
                seen.add(needed)
                waiting.append(needed)
    return seen - {ci}
