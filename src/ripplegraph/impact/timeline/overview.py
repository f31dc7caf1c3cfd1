"""The overview of an estate: every service with its state, its last days and its SLAs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import CiId, CiKind, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second
from ripplegraph.impact.propagation.concerned import offerings_of
from ripplegraph.impact.timeline.counting import MeasuredHistory
from ripplegraph.impact.timeline.forecasts import sla_pairs
from ripplegraph.impact.timeline.moments import ALWAYS, moment_of, whole_second
from ripplegraph.impact.timeline.outlook import SlaOutlook, outlook_of
from ripplegraph.impact.timeline.own_changes import View
from ripplegraph.impact.timeline.present import Present, present_of
from ripplegraph.impact.timeline.state_at import urgency
from ripplegraph.impact.timeline.status_intervals import StatusInterval, interval_now
from ripplegraph.impact.timeline.timeline import Timeline

STRIP_DAYS = 30
"""Days of the strip of each service, today included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOverview:
    """One service with its offerings, as one row.

    Parameters
    ----------
    offerings
        Ids of its offerings; what hits one of them counts as hitting the row.
    status, interval
        The worst of the service and its offerings now, and why; None if all is up.
    since
        When that status began, whatever else began or ended meanwhile; None if all is up, or if
        it was always so.
    worst_of_days
        The worst status of each day of the answer.
    is_planned
        Of each day whether planned or excluded outages alone explain its worst status.
    outlooks
        SLAs in force on the service and its offerings: breached and soonest to breach first.
    """

    service: CiId
    name: str
    offerings: tuple[CiId, ...]
    status: Status
    interval: StatusInterval | None
    since: datetime | None
    worst_of_days: tuple[Status, ...]
    is_planned: tuple[bool, ...]
    outlooks: tuple[SlaOutlook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateOverview:
    """Every service: worst status first, then the least budget left, then by name."""

    moment: datetime
    days: tuple[date, ...]
    services: tuple[ServiceOverview, ...]


def estate_overview(
    graph: ServiceGraph, moment: datetime, *, days: int = STRIP_DAYS
) -> EstateOverview:
    """Return every service with its state, its last days and its SLAs.

    Parameters
    ----------
    graph
        With every dependency and outage.
    moment
        Aware.
    days
        Days of the strips, in UTC; the last one is that of the moment.

    Raises
    ------
    ValueError
        If the moment has no time zone.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> from ripplegraph.graph.outages import Outage
    >>> start = datetime(2026, 11, 2, 23, tzinfo=UTC)
    >>> outage = Outage(ci="h1", start=start, end=start + timedelta(hours=2))
    >>> graph = replace(graph_of("shop -> h1 | h2"), outages=(outage,), outage_ci=(1,))
    >>> row = estate_overview(graph, start + timedelta(days=2), days=4).services[0]
    >>> row.status.word, [one.word for one in row.worst_of_days]
    ('up', ['up', 'at_risk', 'at_risk', 'up'])
    """
    history = MeasuredHistory(graph=graph, now=whole_second(moment))
    timeline = history.timeline()
    last = history.now.date()
    dates = tuple(last - timedelta(days=back) for back in reversed(range(days)))
    strips = _Strips(timeline, _bounds(history.now, days))
    outlooks = _outlooks(history)
    present = present_of(timeline)
    rows = [_row(present, strips, family, outlooks) for family in _families(graph)]
    return EstateOverview(moment=history.now, days=dates, services=tuple(sorted(rows, key=_rank)))


class _Strips:
    """The worst status of each day of each service on a time line."""

    def __init__(self, timeline: Timeline, bounds: NDArray[np.int64]) -> None:
        self._timeline, self._bounds = timeline, bounds
        self._place = {service: place for place, service in enumerate(timeline.services)}
        self.graph = timeline.graph

    def of(self, service: int, view: View = View.ACTUAL) -> NDArray[np.uint8]:
        times, statuses = self._timeline.histories[view].steps_of(self._place[service])
        firsts = np.searchsorted(times, self._bounds[:-1], "right") - 1
        lasts = np.searchsorted(times, self._bounds[1:], "left")
        return np.array(
            [
                statuses[first:last].max()
                for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
            ],
            dtype=np.uint8,
        )

    def now(self, service: int) -> Status:
        _, statuses = self._timeline.histories[View.ACTUAL].steps_of(self._place[service])
        return Status(int(statuses[-1]))

    def interval_now(self, service: int, present: Present) -> StatusInterval | None:
        return interval_now(self._timeline, service, present)

    def since(self, service: int) -> datetime | None:
        times, _ = self._timeline.histories[View.ACTUAL].steps_of(self._place[service])
        return None if int(times[-1]) == ALWAYS else moment_of(int(times[-1]))


def _bounds(now: datetime, days: int) -> NDArray[np.int64]:
    """Return the starts of the days, and the end of the last one: now, which is not over."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [epoch_second(midnight - timedelta(days=back)) for back in reversed(range(days))]
    return np.array([*starts, epoch_second(now) + 1], dtype=np.int64)


def _families(graph: ServiceGraph) -> Iterator[tuple[int, ...]]:
    """Yield each service with its offerings; an offering of no service stands by itself."""
    of = {service: offerings_of(graph, service) for service in graph.service_numbers}
    offered = {one for offerings in of.values() for one in offerings}
    for service, offerings in of.items():
        if service not in offered or graph.cis.kind[service] is not CiKind.SERVICE_OFFERING:
            yield (service, *offerings)


def _outlooks(history: MeasuredHistory) -> Mapping[int, Sequence[SlaOutlook]]:
    found: dict[int, list[SlaOutlook]] = {}
    known = frozenset(history.timeline().services)
    for agreement, service in sla_pairs(history.graph):
        if service in known:
            outlook = outlook_of(
                history, service, agreement, with_forecast=False, with_burn_rates=False
            )
            if outlook is not None:
                found.setdefault(service, []).append(outlook)
    return found


def _row(
    present: Present,
    strips: _Strips,
    family: tuple[int, ...],
    outlooks: Mapping[int, Sequence[SlaOutlook]],
) -> ServiceOverview:
    graph, service = strips.graph, family[0]
    actual = np.max([strips.of(one) for one in family], axis=0)
    excused = np.max([strips.of(one, View.EXCUSED) for one in family], axis=0)
    worst = max(family, key=strips.now)
    found = [outlook for one in family for outlook in outlooks.get(one, ())]
    return ServiceOverview(
        service=graph.ci_ids[service],
        name=graph.cis.name[service],
        offerings=tuple(graph.ci_ids[one] for one in family[1:]),
        status=strips.now(worst),
        interval=strips.interval_now(worst, present) if strips.now(worst) else None,
        since=strips.since(worst) if strips.now(worst) else None,
        worst_of_days=tuple(map(Status, actual.tolist())),
        is_planned=tuple(((actual > 0) & (excused >= actual)).tolist()),
        outlooks=tuple(sorted(found, key=urgency)),
    )


def _rank(row: ServiceOverview) -> tuple[int, bool, float, str, str]:
    budgets = [
        float(one.budget_left_seconds / one.budget_seconds) if one.budget_seconds else 0.0
        for one in row.outlooks
    ]
    return (-row.status, not budgets, min(budgets, default=0.0), row.name.casefold(), row.service)
