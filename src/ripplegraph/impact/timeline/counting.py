"""What counts: the seconds of a service in a window, by what they are under an agreement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

import numpy as np

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import (
    ServiceTime,
    clipped,
    difference_of,
    epoch_second,
    intersection_of,
    merged,
    service_time,
    total_seconds,
)
from ripplegraph.impact.timeline.interval_sums import seconds_in
from ripplegraph.impact.timeline.moments import moment_of
from ripplegraph.impact.timeline.observation import Observation, exists_from, observation_of
from ripplegraph.impact.timeline.timeline import (
    CountedTime,
    Timeline,
    counted_time,
    timeline_of,
)
from ripplegraph.impact.timeline.windows import WindowPart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """The seconds of one service under one agreement, at all hours.

    ``outages`` are the times without interruption in which it is down, ``down_seconds`` what
    of each counts at all hours; those of ``too_short`` do not count because they are short.
    """

    time: CountedTime
    outages: ServiceTime
    too_short: ServiceTime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """A service in a window part: seconds within the agreed hours, exact.

    ``hours`` are the agreed hours that are over and observed; the rest as in
    :class:`ripplegraph.impact.timeline.values.LevelReport`.
    """

    counted: Counted
    hours: ServiceTime
    window_seconds: int
    elapsed_seconds: int
    agreed_seconds: int
    down_seconds: int
    degraded_seconds: int
    at_risk_seconds: int
    planned_seconds: int
    excluded_seconds: int
    too_short_seconds: int
    used_seconds: Fraction
    budget_seconds: Fraction | None
    is_observed: bool

    @property
    def observed_seconds(self) -> int:
        """Agreed seconds that are over and observed, planned ones included."""
        return total_seconds(self.hours)

    @property
    def open_seconds(self) -> int:
        """Agreed seconds of the window that are to come, or that nothing observed."""
        return self.window_seconds - self.observed_seconds

    def availability(self, agreed_seconds: int | None = None) -> Fraction | None:
        """Return the fraction of the agreed time that was up; None without data."""
        agreed = self.agreed_seconds if agreed_seconds is None else agreed_seconds
        return (agreed - self.used_seconds) / agreed if self.is_observed and agreed > 0 else None


def time_zone_of(graph: ServiceGraph, agreement: Agreement) -> str:
    """Return the zone that an agreement measures in: its own, its calendar's, "" for UTC."""
    if agreement.time_zone:
        return agreement.time_zone
    calendar = _calendar_of(graph, agreement)
    return "" if calendar is None else calendar.time_zone


def _calendar_of(graph: ServiceGraph, agreement: Agreement) -> Calendar | None:
    for calendar in graph.calendars:
        if calendar.calendar_id == agreement.calendar:
            return calendar
    return None


@dataclass(kw_only=True, eq=False)
class MeasuredHistory:
    """A graph with its past up to now: time lines and hours, each computed once.

    Parameters
    ----------
    graph
        With every dependency.
    now
        Aware.
    services
        Numbers of the services asked about; None is every service.
    """

    graph: ServiceGraph
    now: datetime
    services: tuple[int, ...] | None = None
    compiled: bool | None = None
    _timelines: dict[float, Timeline] = field(default_factory=dict)
    _hours: dict[tuple[str, datetime, datetime], ServiceTime] = field(default_factory=dict)
    _counted: dict[tuple[int, float, int], Counted] = field(default_factory=dict)
    _observed: dict[int, Observation | None] = field(default_factory=dict)

    def timeline(self, notice_hours: float = 0) -> Timeline:
        """Return the time line under a rule of notice."""
        if notice_hours not in self._timelines:
            self._timelines[notice_hours] = timeline_of(
                self.graph,
                now=self.now,
                services=self.services,
                notice_hours=notice_hours,
                compiled=self.compiled,
            )
        return self._timelines[notice_hours]

    def calendar(self, agreement: Agreement) -> Calendar | None:
        """Return the calendar of an agreement; None, which is 24x7, if it is unknown."""
        return _calendar_of(self.graph, agreement)

    def time_zone(self, agreement: Agreement) -> str:
        """Return the zone that an agreement measures in, see :func:`time_zone_of`."""
        return time_zone_of(self.graph, agreement)

    def hours(self, agreement: Agreement, start: datetime, end: datetime) -> ServiceTime:
        """Return the agreed hours from one moment to another."""
        key = (agreement.calendar, start, end)
        if key not in self._hours:
            self._hours[key] = service_time(self.calendar(agreement), start, end)
        return self._hours[key]

    def counted(self, service: int, agreement: Agreement) -> Counted:
        """Return what counts of the past of a service under an agreement, at all hours."""
        key = (service, agreement.planned_notice_hours, agreement.min_outage_seconds)
        if key not in self._counted:
            timeline = self.timeline(agreement.planned_notice_hours)
            self._counted[key] = _counted(timeline, service, agreement.min_outage_seconds)
        return self._counted[key]

    def observation(self, service: int) -> Observation | None:
        """Return when a service was observed."""
        if service not in self._observed:
            until = epoch_second(self.now)
            self._observed[service] = observation_of(self.graph, service, now=until)
        return self._observed[service]


def _counted(timeline: Timeline, service: int, min_seconds: int) -> Counted:
    time = counted_time(timeline, service)
    outages = timeline.time_in(service)
    counts = seconds_in(time.down, outages.starts, outages.ends)
    is_short = (counts > 0) & (counts < min_seconds)
    short = intersection_of(time.down, merged(outages.starts[is_short], outages.ends[is_short]))
    down = difference_of(time.down, short) if len(short) else time.down
    return Counted(
        time=CountedTime(
            down=down,
            planned=time.planned,
            excluded=time.excluded,
            degraded=time.degraded,
            at_risk=time.at_risk,
        ),
        outages=outages,
        too_short=short,
    )


def measure(
    history: MeasuredHistory, service: int, agreement: Agreement, part: WindowPart
) -> Measure:
    """Return what a service did under an agreement in a part of a window.

    Parameters
    ----------
    history
        The past.
    service
        Number of a service on its time line.
    part
        See :func:`ripplegraph.impact.timeline.windows.part_in_force`.

    Notes
    -----
    semantics.md section 5. The budget is that of the whole part, time to come included.
    """
    exists = exists_from(history.graph, service)
    first = max(part.start, moment_of(exists)) if exists > 0 else part.start
    hours = (
        history.hours(agreement, first, part.end)
        if first < part.end
        else merged(np.zeros(0, np.int64), np.zeros(0, np.int64))
    )
    seen = history.observation(service)
    until = epoch_second(history.now)
    observed = clipped(hours, 0, 0) if seen is None else clipped(hours, seen.start, seen.end)
    counted = history.counted(service, agreement)

    def seconds(time: ServiceTime) -> int:
        return int(seconds_in(time, observed.starts, observed.ends).sum())

    planned, down = seconds(counted.time.planned), seconds(counted.time.down)
    degraded = seconds(counted.time.degraded)
    is_taken_out = agreement.planned_rule == "period"
    taken_out = planned if is_taken_out else 0
    window_seconds = total_seconds(hours)
    target = agreement.target_availability
    return Measure(
        counted=counted,
        hours=observed,
        window_seconds=window_seconds,
        elapsed_seconds=total_seconds(clipped(hours, min(epoch_second(first), until), until)),
        agreed_seconds=total_seconds(observed) - taken_out,
        down_seconds=down,
        degraded_seconds=degraded,
        at_risk_seconds=seconds(counted.time.at_risk),
        planned_seconds=planned,
        excluded_seconds=seconds(counted.time.excluded),
        too_short_seconds=seconds(counted.too_short),
        used_seconds=down + Fraction(agreement.degraded_weight) * degraded,
        budget_seconds=(
            None if target is None else (1 - Fraction(target)) * (window_seconds - taken_out)
        ),
        is_observed=seen is not None,
    )
