"""Which CIs beneath a service were down by themselves, second by second."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_time import ServiceTime
from ripplegraph.impact.timeline.own_changes import OwnChanges, View
from ripplegraph.impact.timeline.timeline import Timeline, cis_beneath


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSet:
    """CIs that were down by themselves from a second to another, under one topology.

    ``failed`` is ascending, and so is ``weak``: those that were degraded. ``period`` numbers the
    graph of :class:`ripplegraph.impact.timeline.topology_in_time.TopologyInTime`.
    """

    start: int
    end: int
    period: int
    failed: tuple[int, ...]
    weak: tuple[int, ...] = ()

    @property
    def own(self) -> dict[int, Status]:
        """The own status of each CI that was not up by itself."""
        return dict.fromkeys(self.failed, Status.DOWN) | dict.fromkeys(self.weak, Status.DEGRADED)


def failed_sets(timeline: Timeline, service: int, time: ServiceTime) -> tuple[FailedSet, ...]:
    """Return what was down beneath a service in some seconds, piece by piece.

    Parameters
    ----------
    timeline
        The time line.
    service
        Number of a CI.
    time
        The seconds asked about.

    Returns
    -------
    tuple[FailedSet, ...]
        In order; a new piece wherever a CI beneath fails or recovers, or the topology changes.
    """
    if not len(time):
        return ()
    beneath = cis_beneath(timeline.graph, [service])
    changes = timeline.changes[View.ACTUAL].of_cis(beneath)
    return tuple(_walk(timeline, changes, time))


def _walk(timeline: Timeline, changes: OwnChanges, time: ServiceTime) -> Iterator[FailedSet]:
    topology = timeline.topology
    bounds = np.unique(np.concatenate([changes.times, _int64(topology.moments)]))
    own: dict[int, int] = {}
    at = 0
    rows = list(
        zip(
            changes.times.tolist(),
            changes.cis.tolist(),
            changes.statuses.tolist(),
            strict=True,
        )
    )
    for start, end in zip(time.starts.tolist(), time.ends.tolist(), strict=True):
        inside = bounds[np.searchsorted(bounds, start, "right") : np.searchsorted(bounds, end)]
        edges = [start, *inside.tolist(), end]
        for first, last in pairwise(edges):
            while at < len(rows) and rows[at][0] <= first:
                own[rows[at][1]] = rows[at][2]
                at += 1
            yield FailedSet(
                start=first,
                end=last,
                period=topology.period_of(first),
                failed=_with(own, Status.DOWN),
                weak=_with(own, Status.DEGRADED),
            )


def _with(own: Mapping[int, int], status: Status) -> tuple[int, ...]:
    return tuple(sorted(ci for ci, now in own.items() if now == status))


def _int64(values: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)
