"""The time line of services: their status at every moment, by all and by some of the outages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import ServiceTime, difference_of, epoch_second
from ripplegraph.impact.timeline.own_changes import OwnChanges, View, outage_columns, own_changes
from ripplegraph.impact.timeline.sweep import StatusHistories, status_histories
from ripplegraph.impact.timeline.topology_in_time import TopologyInTime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timeline:
    """What happened to some services up to now.

    Attributes
    ----------
    now
        UTC epoch seconds; open outages end then.
    notice_seconds
        Planned windows announced later than this before their start count as unplanned.
    changes, histories
        Own statuses of CIs and statuses of the services, in each view.
    """

    topology: TopologyInTime
    now: int
    notice_seconds: int
    changes: Mapping[View, OwnChanges]
    histories: Mapping[View, StatusHistories]

    @property
    def graph(self) -> ServiceGraph:
        """The graph with every dependency."""
        return self.topology.graph

    @property
    def services(self) -> tuple[int, ...]:
        """Numbers of the services."""
        return self.histories[View.ACTUAL].watched

    def steps_of(
        self, service: int, view: View = View.ACTUAL
    ) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Return when the status of a service changed, and to what.

        Raises
        ------
        ValueError
            If the service is not on this time line.
        """
        return self.histories[view].steps_of(self.services.index(service))

    def time_in(
        self,
        service: int,
        view: View = View.ACTUAL,
        *,
        least: Status = Status.DOWN,
        most: Status = Status.DOWN,
    ) -> ServiceTime:
        """Return the seconds in which the status of a service lies between two, both included.

        Raises
        ------
        ValueError
            If the service is not on this time line.
        """
        times, statuses = self.steps_of(service, view)
        return time_between(times, statuses, self.now, least=least, most=most)


def time_between(
    times: NDArray[np.int64],
    statuses: NDArray[np.uint8],
    now: int,
    *,
    least: Status,
    most: Status,
) -> ServiceTime:
    """Return the seconds in which steps lie between two statuses, both included, up to now.

    Examples
    --------
    >>> found = time_between(
    ...     np.array([0, 5, 9]), np.array([0, 3, 1]), 20, least=Status.AT_RISK, most=Status.DOWN
    ... )
    >>> found.starts.tolist(), found.ends.tolist()
    ([5], [20])
    """
    is_in = np.concatenate([[False], (statuses >= least) & (statuses <= most), [False]])
    bounds = np.append(times, now)
    changes = np.flatnonzero(is_in[1:] != is_in[:-1])
    starts, ends = bounds[changes[::2]], bounds[changes[1::2]]
    some = starts < ends
    return ServiceTime(starts=starts[some], ends=np.minimum(ends[some], now))


def timeline_of(
    graph: ServiceGraph,
    *,
    now: datetime,
    services: Iterable[int] | None = None,
    notice_hours: float = 0,
    compiled: bool | None = None,
) -> Timeline:
    """Return the time line of services: one sweep for all of them, in each view.

    Parameters
    ----------
    graph
        With every dependency, also those whose dates are over: each counts while it is valid.
    now
        Aware; outages that are still open end then, and later ones are left out.
    services
        CI numbers; None is every service.
    notice_hours
        Planned windows announced later than this before their start count as unplanned.
    compiled
        Whether kernels run compiled; None lets the size of the graph decide.

    Raises
    ------
    ValueError
        If ``now`` has no time zone.

    Notes
    -----
    semantics.md section 2. Times are whole seconds: parts of a second are cut off.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from datetime import UTC, timedelta
    >>> from graph_building import graph_of
    >>> from ripplegraph.graph.outages import Outage
    >>> start = datetime(2026, 10, 1, tzinfo=UTC)
    >>> outage = Outage(ci="db", start=start, end=start + timedelta(minutes=3))
    >>> graph = replace(graph_of("shop -> db"), outages=(outage,), outage_ci=(1,))
    >>> down = timeline_of(graph, now=start + timedelta(days=1)).time_in(0)
    >>> (down.ends - down.starts).tolist()
    [180]
    """
    until = epoch_second(now)
    watched = tuple(graph.service_numbers) if services is None else tuple(dict.fromkeys(services))
    topology = TopologyInTime(graph)
    columns = outage_columns(graph)
    notice_seconds = round(notice_hours * 3600)
    changes = dict(own_changes(columns, now=until, notice_seconds=notice_seconds))
    if services is not None:
        beneath = cis_beneath(graph, watched)
        changes = {view: one.of_cis(beneath) for view, one in changes.items()}

    def swept(view: View) -> StatusHistories:
        return status_histories(topology, changes[view], watched, now=until, compiled=compiled)

    histories = {view: swept(view) for view in (View.ACTUAL, View.PLANNED, View.UNPLANNED)}
    has_excluded = bool(columns.is_excluded.any())
    histories[View.EXCUSED] = swept(View.EXCUSED) if has_excluded else histories[View.PLANNED]
    return Timeline(
        topology=topology,
        now=until,
        notice_seconds=notice_seconds,
        changes=changes,
        histories=histories,
    )


def cis_beneath(graph: ServiceGraph, tops: Sequence[int]) -> NDArray[np.bool_]:
    """Return for each CI whether it is one of these, or one of them needs it at any time.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> cis_beneath(graph_of("shop -> db; mail -> db2"), [0]).tolist()
    [True, True, False, False]
    """
    topology = graph.topology
    found = np.zeros(graph.ci_count, dtype=bool)
    fresh = np.unique(np.array(tops, dtype=np.int64))
    while len(fresh):
        found[fresh] = True
        first = topology.dependency_offsets[fresh].astype(np.int64)
        count = topology.dependency_offsets[fresh + 1].astype(np.int64) - first
        within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        needed = np.unique(topology.edge_dependency[np.repeat(first, count) + within])
        fresh = needed[~found[needed]].astype(np.int64)
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountedTime:
    """The seconds of a service by what they are under one agreement, before its hours.

    Parameters
    ----------
    down
        Actual is down, and what is excused alone is not: it counts.
    planned
        Planned outages alone bring it down.
    excluded
        Down by planned and excluded outages together, and not by the planned ones alone.
    degraded
        Actual is degraded, and what is excused alone neither degrades nor downs it.
    at_risk
        It works, and redundancy is lost, for whatever reason.
    """

    down: ServiceTime
    planned: ServiceTime
    excluded: ServiceTime
    degraded: ServiceTime
    at_risk: ServiceTime


def counted_time(timeline: Timeline, service: int) -> CountedTime:
    """Return the seconds of a service by what they are (semantics.md section 5).

    Parameters
    ----------
    service
        Number of a service on the time line.

    Raises
    ------
    ValueError
        If it is not on the time line.
    """
    planned = timeline.time_in(service, View.PLANNED)
    excused = timeline.time_in(service, View.EXCUSED)
    excused_worse = timeline.time_in(service, View.EXCUSED, least=Status.DEGRADED)
    degraded = timeline.time_in(service, least=Status.DEGRADED, most=Status.DEGRADED)
    return CountedTime(
        down=difference_of(timeline.time_in(service), excused),
        planned=planned,
        excluded=difference_of(excused, planned),
        degraded=difference_of(degraded, excused_worse),
        at_risk=timeline.time_in(service, least=Status.AT_RISK, most=Status.AT_RISK),
    )
