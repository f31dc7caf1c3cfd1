"""The status of a service as intervals, in every view side by side, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_time import epoch_second, merged
from ripplegraph.impact.timeline.failed_sets import FailedSet, failed_sets
from ripplegraph.impact.timeline.moments import ALWAYS, moment_of
from ripplegraph.impact.timeline.own_changes import View
from ripplegraph.impact.timeline.present import Present, roots_and_chain
from ripplegraph.impact.timeline.reasons_beneath import reasons_beneath
from ripplegraph.impact.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInterval:
    """A time in which no status of a service changed, and one of them was not up.

    Parameters
    ----------
    start, end
        UTC; ``start`` is None if it never was otherwise, ``end`` is None while it goes on.
    status, planned_status, unplanned_status
        By all outages, and by the planned and the unplanned ones alone.
    in_maintenance
        The planned outages alone bring it down.
    counts_as_down
        It is down, and neither planned nor excluded outages alone explain it.
    root_cis, because
        As of its first second: every CI whose own outage contributes, and the shortest chain.
    """

    start: datetime | None
    end: datetime | None
    status: Status
    planned_status: Status
    unplanned_status: Status
    in_maintenance: bool
    counts_as_down: bool
    root_cis: tuple[CiId, ...]
    because: tuple[CiId, ...]


def status_intervals(
    timeline: Timeline,
    service: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> tuple[StatusInterval, ...]:
    """Return when a service was not up, in order.

    Parameters
    ----------
    timeline
        The time line.
    service
        Number of a service on it.
    start, end
        Aware; only intervals that meet [start, end) are given, whole. None is no limit.

    Raises
    ------
    ValueError
        If the service is not on the time line, or a moment has no time zone.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from datetime import UTC, timedelta
    >>> from graph_building import graph_of
    >>> from ripplegraph.graph.outages import Outage
    >>> from ripplegraph.impact.timeline.timeline import timeline_of
    >>> day = datetime(2026, 10, 1, tzinfo=UTC)
    >>> outage = Outage(ci="h1", start=day, end=day + timedelta(minutes=3))
    >>> graph = replace(graph_of("shop -> h1 | h2"), outages=(outage,), outage_ci=(1,))
    >>> line = timeline_of(graph, now=day + timedelta(days=1))
    >>> [(one.status.word, one.root_cis) for one in status_intervals(line, 0)]
    [('at_risk', ('t:server:h1',))]
    """
    first = ALWAYS if start is None else epoch_second(start)
    last = timeline.now if end is None else min(epoch_second(end), timeline.now)
    return tuple(_intervals(timeline, service, first, last))


def _intervals(
    timeline: Timeline, service: int, first: int, last: int
) -> Iterator[StatusInterval]:
    steps = {view: timeline.steps_of(service, view) for view in View}
    bounds = np.unique(np.concatenate([times for times, _ in steps.values()]))
    bounds = bounds[bounds < timeline.now]
    statuses = {
        view: of_view[np.searchsorted(times, bounds, "right") - 1]
        for view, (times, of_view) in steps.items()
    }
    ends = np.append(bounds[1:], timeline.now)
    is_hurt = np.zeros(len(bounds), dtype=bool)
    for of_view in statuses.values():
        is_hurt |= of_view > 0
    chosen = np.flatnonzero(is_hurt & (ends > first) & (bounds < last))
    starts_at = {
        one.start: one
        for one in failed_sets(timeline, service, merged(bounds[chosen], ends[chosen]))
    }
    for at in chosen.tolist():
        begin, finish = int(bounds[at]), int(ends[at])
        now = {view: Status(int(of_view[at])) for view, of_view in statuses.items()}
        then = _failed_then(timeline, service, begin, starts_at)
        yield _interval(timeline, now, _reason(timeline, service, then), begin, finish)


def interval_now(timeline: Timeline, service: int, present: Present) -> StatusInterval | None:
    """Return the interval that holds at the very end of the time line; None if all is up.

    Parameters
    ----------
    service
        Number of a service on it.
    present
        See :func:`ripplegraph.impact.timeline.present.present_of`.

    Raises
    ------
    ValueError
        If the service is not on the time line.
    """
    steps = {view: timeline.steps_of(service, view) for view in View}
    now = {view: Status(int(statuses[-1])) for view, (_, statuses) in steps.items()}
    if not any(now.values()):
        return None
    begin = max(int(times[-1]) for times, _ in steps.values())
    return _interval(timeline, now, present.reason_of(service), begin, timeline.now)


def _interval(
    timeline: Timeline,
    now: Mapping[View, Status],
    reason: tuple[tuple[CiId, ...], tuple[CiId, ...]],
    begin: int,
    finish: int,
) -> StatusInterval:
    roots, because = reason
    return StatusInterval(
        start=None if begin == ALWAYS else moment_of(begin),
        end=None if finish >= timeline.now else moment_of(finish),
        status=now[View.ACTUAL],
        planned_status=now[View.PLANNED],
        unplanned_status=now[View.UNPLANNED],
        in_maintenance=now[View.PLANNED] is Status.DOWN,
        counts_as_down=now[View.ACTUAL] is Status.DOWN and now[View.EXCUSED] is not Status.DOWN,
        root_cis=roots,
        because=because,
    )


def _failed_then(
    timeline: Timeline, service: int, begin: int, known: dict[int, FailedSet]
) -> FailedSet:
    """Return what was down in a second; views change at the same moments as CIs fail."""
    if begin in known:
        return known[begin]
    moment = merged(np.array([begin]), np.array([begin + 1]))
    return failed_sets(timeline, service, moment)[0]


def _reason(
    timeline: Timeline, service: int, then: FailedSet
) -> tuple[tuple[CiId, ...], tuple[CiId, ...]]:
    graph = timeline.topology.graph_in(then.period)
    return roots_and_chain(reasons_beneath(graph, service, then.own), service)
