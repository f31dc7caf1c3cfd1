"""How available each CI was by itself, from its history, beside what is agreed on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import CiId, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import (
    ServiceTime,
    clipped,
    difference_of,
    epoch_second,
    total_seconds,
)
from ripplegraph.impact.agreements.answering import answering_agreements
from ripplegraph.impact.availability.options import Reliability
from ripplegraph.impact.timeline.moments import ALWAYS
from ripplegraph.impact.timeline.observation import observed_between
from ripplegraph.impact.timeline.own_changes import OwnChanges, View, outage_columns, own_changes
from ripplegraph.impact.timeline.renewal import NO_FAILURE_UPPER, rate_bounds
from ripplegraph.impact.timeline.sweep import status_histories
from ripplegraph.impact.timeline.timeline import cis_beneath, time_between
from ripplegraph.impact.timeline.topology_in_time import TopologyInTime


@dataclass(frozen=True, slots=True, kw_only=True)
class CiHistory:
    """How a CI did by itself while it was observed.

    Parameters
    ----------
    observed_seconds
        Length of the observation.
    is_assumed
        It says nothing of its observation: since the first outage on record was taken.
    failures, down_seconds
        Unplanned outages of its own, while nothing that it needs had brought it down already.
    availability
        ``(observed - down) / observed``, what was seen.
    lower, upper
        Bounds of its own long-run availability: of the failure frequency at 90 % confidence
        (Garwood 1936) with the mean restoration time seen; None without any restoration time.
    mtbf_hours, mttr_hours
        None if it never failed.
    agreement
        The OLA or contract that answers for it; None if none does.
    """

    ci_id: CiId
    name: str
    observed_seconds: int
    is_assumed: bool
    failures: int
    down_seconds: int
    availability: float | None
    lower: float | None
    upper: float | None
    mtbf_hours: float | None
    mttr_hours: float | None
    agreement: Agreement | None

    @property
    def is_below_agreed(self) -> bool | None:
        """Whether what was seen lies below the agreed target; None without either."""
        if self.availability is None or self.agreement is None:
            return None
        target = self.agreement.target_availability
        return None if target is None else self.availability < target


def ci_histories(
    graph: ServiceGraph, *, now: datetime, cis: Iterable[int] | None = None
) -> tuple[CiHistory, ...]:
    """Return how CIs did by themselves, by ``ci_id``.

    Parameters
    ----------
    graph
        With every outage and dependency.
    now
        Aware.
    cis
        CI numbers; None is every CI that can fail.

    Raises
    ------
    ValueError
        If ``now`` has no time zone.

    Notes
    -----
    semantics.md section 3: only the part of its outages counts in which its dependencies had
    not already brought it down. CIs without observation are left out.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> ci_histories(graph_of("shop -> db"), now=datetime(2026, 11, 3, tzinfo=UTC))
    ()
    """
    case = _Case(graph, now.astimezone(UTC))
    chosen = case.fallible() if cis is None else list(dict.fromkeys(cis))
    found = [one for ci in chosen for one in [case.history(ci)] if one is not None]
    return tuple(sorted(found, key=lambda one: one.ci_id))


def failed_ci_histories(graph: ServiceGraph, *, now: datetime) -> tuple[CiHistory, ...]:
    """Return how those CIs did that failed by themselves, by ``ci_id``.

    Parameters
    ----------
    graph, now
        As for :func:`ci_histories`.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> failed_ci_histories(graph_of("shop -> db"), now=datetime(2026, 11, 3, tzinfo=UTC))
    ()
    """
    case = _Case(graph, now.astimezone(UTC))
    found = [one for ci in case.failed() for one in [case.history(ci)] if one is not None]
    return tuple(sorted((one for one in found if one.failures), key=lambda one: one.ci_id))


def measured_reliabilities(graph: ServiceGraph, *, now: datetime) -> Mapping[int, Reliability]:
    """Return the own reliability of each CI that failed and was restored while observed.

    Parameters
    ----------
    graph, now
        As for :func:`ci_histories`.

    Notes
    -----
    For the basis ``measured`` of derived availability. A CI without an outage has an interval,
    no number, and is left out.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> measured_reliabilities(graph_of("shop -> db"), now=datetime(2026, 11, 3, tzinfo=UTC))
    {}
    """
    return {
        graph.resolve(one.ci_id): Reliability(mtbf_hours=one.mtbf_hours, mttr_hours=one.mttr_hours)
        for one in failed_ci_histories(graph, now=now)
        if one.mtbf_hours and one.mttr_hours
    }


class _Case:
    """What the histories of one answer share."""

    def __init__(self, graph: ServiceGraph, now: datetime) -> None:
        self._graph, self._now = graph, epoch_second(now)
        self._topology = TopologyInTime(graph)
        columns = outage_columns(graph)
        self._first = int(columns.start.min()) if len(columns.start) else self._now
        self._changes = own_changes(columns, now=self._now)
        self._order = {  # of each view, by CI and within it by time
            view: np.argsort(one.cis, kind="stable") for view, one in self._changes.items()
        }
        self._answering = answering_agreements(graph, now)
        self._failed = set(self._changes[View.UNPLANNED].cis.tolist())

    def failed(self) -> list[int]:
        """Return the CIs with unplanned outages of their own, ascending."""
        return sorted(self._failed)

    def fallible(self) -> list[int]:
        """Return the CIs that can fail by themselves, or did."""
        is_logical = self._graph.cis.is_logical
        return [
            ci for ci in range(self._graph.ci_count) if not is_logical[ci] or ci in self._failed
        ]

    def history(self, ci: int) -> CiHistory | None:
        """Return how one CI did; None if nothing observed it."""
        dates = observed_between(self._graph, ci)
        if dates is None and not self._graph.outages:
            return None
        start, end = (ALWAYS, self._now) if dates is None else dates
        start, end = (self._first if start == ALWAYS else start), min(end, self._now)
        if start >= end:
            return None
        down = clipped(self._own_down(ci), start, end)
        answering = self._answering.get(ci)
        numbers = _numbers(len(down), total_seconds(down), end - start, self._declared(ci))
        return CiHistory(
            ci_id=self._graph.ci_ids[ci],
            name=self._graph.cis.name[ci],
            observed_seconds=end - start,
            is_assumed=dates is None,
            failures=len(down),
            down_seconds=total_seconds(down),
            availability=1 - total_seconds(down) / (end - start),
            lower=numbers[0],
            upper=numbers[1],
            mtbf_hours=numbers[2],
            mttr_hours=numbers[3],
            agreement=None if answering is None else answering.agreement,
        )

    def _declared(self, ci: int) -> float | None:
        hours = self._graph.cis.mttr_hours[ci]
        return None if hours is None else hours * 3600

    def _own_down(self, ci: int) -> ServiceTime:
        """Return when a CI was down by an unplanned outage of its own, and by nothing else."""
        own = self._of(ci, View.UNPLANNED)
        if not len(own) or not self._rests_on_others(ci):
            return own
        beneath = cis_beneath(self._graph, [ci])
        beneath[ci] = False
        others = self._changes[View.ACTUAL].of_cis(beneath)
        histories = status_histories(self._topology, others, [ci], now=self._now)
        times, statuses = histories.steps_of(0)
        taken = time_between(times, statuses, self._now, least=Status.DOWN, most=Status.DOWN)
        return difference_of(own, taken)

    def _of(self, ci: int, view: View) -> ServiceTime:
        changes: OwnChanges = self._changes[view]
        order = self._order[view]
        first, last = np.searchsorted(changes.cis[order], [ci, ci + 1])
        mine = order[first:last]
        return time_between(
            changes.times[mine],
            changes.statuses[mine],
            self._now,
            least=Status.DOWN,
            most=Status.DOWN,
        )

    def _rests_on_others(self, ci: int) -> bool:
        edges = self._graph.edges_to_dependencies(ci)
        effects = self._graph.gates.edge_effect[edges.start : edges.stop]
        return bool(np.any(effects == Strength.HARD))


def _numbers(
    failures: int, down: int, observed: int, declared: float | None
) -> tuple[float | None, float | None, float | None, float | None]:
    """Return bounds of the own availability, MTBF and MTTR in hours."""
    up = observed - down
    if failures and up > 0:
        restore = down / failures
        low, high = rate_bounds(failures)
        bounds = (_available(high / up, restore), _available(low / up, restore))
        return *bounds, up / failures / 3600, restore / 3600
    if failures:
        return 0.0, 0.0, None, down / failures / 3600
    lower = None if declared is None else _available(NO_FAILURE_UPPER / observed, declared)
    return lower, None if lower is None else 1.0, None, None


def _available(rate: float, restore: float) -> float:
    return 1 / (1 + rate * restore)
