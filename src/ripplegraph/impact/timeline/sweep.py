"""One sweep along the time line: from own statuses to the status of every service.

Each change of an own status is one flip of a :class:`StatusTracker`; nothing is polled. Where
dependencies carry dates, a new tracker starts at each moment at which some come or go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.impact.propagation.tracker import StatusTracker
from ripplegraph.impact.timeline.moments import ALWAYS
from ripplegraph.impact.timeline.own_changes import OwnChanges
from ripplegraph.impact.timeline.topology_in_time import TopologyInTime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatusHistories:
    """The status of watched CIs as steps; those of place ``i`` are ``offsets[i]:offsets[i + 1]``.

    The first step of each stands at :data:`ALWAYS`; a status holds until the next step.
    """

    watched: tuple[int, ...]
    offsets: NDArray[np.int64]
    times: NDArray[np.int64]
    statuses: NDArray[np.uint8]

    def steps_of(self, place: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Return the times and statuses of the watched CI at a place."""
        span = slice(int(self.offsets[place]), int(self.offsets[place + 1]))
        return self.times[span], self.statuses[span]


def status_histories(
    topology: TopologyInTime,
    changes: OwnChanges,
    watched: Sequence[int],
    *,
    now: int,
    compiled: bool | None = None,
) -> StatusHistories:
    """Return the status of CIs at every moment up to now.

    Parameters
    ----------
    topology
        The graph in time.
    changes
        Of the own statuses; see :func:`ripplegraph.impact.timeline.own_changes.own_changes`.
    watched
        Numbers of the CIs whose history is wanted.
    now
        UTC epoch seconds; changes of dependencies later than this do not show.
    compiled
        Whether kernels run compiled; None lets the size of the graph decide.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> h1 | h2")
    >>> changes = OwnChanges(
    ...     times=np.array([10, 20, 30]), cis=np.array([1, 2, 2]), statuses=np.array([3, 3, 0])
    ... )
    >>> found = status_histories(TopologyInTime(graph), changes, [0], now=99)
    >>> found.times[1:].tolist(), [Status(one).word for one in found.statuses]
    ([10, 20, 30], ['up', 'at_risk', 'down', 'at_risk'])
    """
    sweep = _Sweep(topology=topology, watched=watched, compiled=compiled)
    periods = np.searchsorted(np.array(topology.moments, dtype=np.int64), changes.times, "right")
    last_period = topology.period_of(now)
    for period in range(last_period + 1):
        chosen = np.flatnonzero(periods == period)
        sweep.run(period, changes, chosen)
    return sweep.histories()


class _Sweep:
    """A sweep on its way: own statuses now, and the steps seen so far."""

    def __init__(
        self, *, topology: TopologyInTime, watched: Sequence[int], compiled: bool | None
    ) -> None:
        self._topology, self._compiled = topology, compiled
        self._watched = tuple(watched)
        self._place = np.full(topology.graph.ci_count, -1, dtype=np.int64)
        self._place[list(self._watched)] = np.arange(len(self._watched))
        self._own: dict[int, Status] = {}
        self._places: list[NDArray[np.int64]] = []
        self._times: list[NDArray[np.int64]] = []
        self._statuses: list[NDArray[np.uint8]] = []

    def run(self, period: int, changes: OwnChanges, chosen: NDArray[np.int64]) -> None:
        """Follow the changes of one period between changes of the topology."""
        topology = self._topology
        start = topology.moments[period - 1] if period else ALWAYS
        tracker = StatusTracker(topology.graph_in(period), self._own, compiled=self._compiled)
        self._places.append(np.arange(len(self._watched)))
        self._times.append(np.full(len(self._watched), start, dtype=np.int64))
        self._statuses.append(tracker.statuses[np.array(self._watched, dtype=np.int64)])
        cis, statuses = changes.cis[chosen], changes.statuses[chosen]
        found = tracker.follow(cis, statuses, self._place)
        self._places.append(found.places)
        self._times.append(changes.times[chosen][found.flips])
        self._statuses.append(found.statuses)
        self._own.update(zip(cis.tolist(), map(Status, statuses.tolist()), strict=True))

    def histories(self) -> StatusHistories:
        """Return what was seen: the last status of each moment, where it differs."""
        nothing = np.zeros(0, dtype=np.int64)
        places = np.concatenate([nothing, *self._places])
        times = np.concatenate([nothing, *self._times])
        statuses = np.concatenate([nothing.astype(np.uint8), *self._statuses])
        order = np.lexsort((np.arange(len(places)), times, places))
        places, times, statuses = places[order], times[order], statuses[order]
        is_last = np.ones(len(places), dtype=bool)
        is_last[:-1] = (places[1:] != places[:-1]) | (times[1:] != times[:-1])
        places, times, statuses = places[is_last], times[is_last], statuses[is_last]
        differs = np.ones(len(places), dtype=bool)
        differs[1:] = (places[1:] != places[:-1]) | (statuses[1:] != statuses[:-1])
        places = places[differs]
        offsets = np.searchsorted(places, np.arange(len(self._watched) + 1))
        return StatusHistories(
            watched=self._watched,
            offsets=offsets.astype(np.int64),
            times=times[differs],
            statuses=statuses[differs],
        )
