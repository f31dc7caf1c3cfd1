"""What would have been: downtime that SLAs would not have had, option by option.

The past is replayed second by second: a second is gained if the service would have been up
with the CI, all else as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import Status
from ripplegraph.graph.process_records import Improvement, ImprovementState
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import (
    epoch_second,
    intersection_of,
    total_seconds,
)
from ripplegraph.impact.agreements.answering import answering_agreements
from ripplegraph.impact.timeline.counting import MeasuredHistory, measure
from ripplegraph.impact.timeline.failed_sets import failed_sets
from ripplegraph.impact.timeline.forecasts import sla_pairs
from ripplegraph.impact.timeline.moments import whole_second
from ripplegraph.impact.timeline.own_changes import View
from ripplegraph.impact.timeline.shapley import falls
from ripplegraph.impact.timeline.timeline import Timeline, time_between
from ripplegraph.impact.timeline.windows import WindowPart, part_in_force

HISTORY_DAYS = 365


class Lever(StrEnum):
    """What is done about a CI, or about all CIs of an agreement."""

    PERFECT = "no failures"
    REDUNDANCY = "doubled"
    RESTORATION = "restored in half the time"
    AGREEMENT = "agreement kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One option for improvement.

    Parameters
    ----------
    lever
        What is done; see :data:`LEVER_DEFINITIONS`.
    subject, name
        ``ci_id`` of the CI, or id of the agreement, and its name.
    gained_seconds
        Seconds of downtime that all SLAs together would not have had in the time looked at.
    slas
        Ids of the SLAs that gain, sorted.
    outages
        Number of outages of the CI, or of all CIs of the agreement, in that time.
    """

    lever: Lever
    subject: str
    name: str
    gained_seconds: int
    slas: tuple[str, ...]
    outages: int


LEVER_DEFINITIONS: Mapping[Lever, str] = {
    Lever.PERFECT: "the CI had not failed at all: the most that can be gained with it",
    Lever.REDUNDANCY: (
        "a second one like it, failing on its own as often: the part of that in which the twin "
        "works too"
    ),
    Lever.RESTORATION: "the second half of each of its outages had not been",
    Lever.AGREEMENT: (
        "its CIs had been down no longer than their OLA or contract allows: the part of what "
        "each could gain that lies beyond"
    ),
}
"""What each lever assumes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedImprovement:
    """One action of the service improvement plan, and how far it is.

    Parameters
    ----------
    is_overdue
        Its due date is over, and it is neither done nor cancelled.
    realised_share
        Realised by expected minutes; None if one of them is missing, or nothing is expected.
    """

    improvement: Improvement
    is_overdue: bool
    realised_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImproveAnswer:
    """Tracked actions, and candidates with the most minutes gained over all SLAs first.

    Parameters
    ----------
    start, now
        The time looked at, UTC.
    """

    start: datetime
    now: datetime
    down_seconds: int
    tracked: tuple[TrackedImprovement, ...]
    candidates: tuple[Candidate, ...]


def improvements(graph: ServiceGraph, *, now: datetime, days: int = HISTORY_DAYS) -> ImproveAnswer:
    """Return what is being done about service levels, and what would gain most.

    Parameters
    ----------
    graph
        With every dependency, agreement and outage.
    now
        Aware.
    days
        How far back the past is replayed, >= 1.

    Raises
    ------
    ValueError
        If ``now`` has no time zone.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> improvements(graph_of("shop -> db"), now=datetime(2026, 11, 3, tzinfo=UTC)).candidates
    ()
    """
    now = whole_second(now)
    start = now - timedelta(days=days)
    replay = _Replay(graph, start=start, now=now)
    return ImproveAnswer(
        start=start,
        now=now,
        down_seconds=replay.down_seconds,
        tracked=_tracked(graph, now),
        candidates=replay.candidates(),
    )


def _tracked(graph: ServiceGraph, now: datetime) -> tuple[TrackedImprovement, ...]:
    over = (ImprovementState.DONE, ImprovementState.CANCELLED)
    far = datetime.max.replace(tzinfo=UTC)
    rows = [
        TrackedImprovement(
            improvement=one,
            is_overdue=one.due is not None and one.due < now and one.state not in over,
            realised_share=(
                one.realised_minutes / one.expected_minutes
                if one.realised_minutes is not None and one.expected_minutes
                else None
            ),
        )
        for one in graph.improvements
    ]
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                row.improvement.state in over,
                row.improvement.due or far,
                row.improvement.improvement_id,
            ),
        )
    )


class _Replay:
    """The past of all SLAs, replayed with one CI perfect at a time."""

    def __init__(self, graph: ServiceGraph, *, start: datetime, now: datetime) -> None:
        self._graph, self._start, self._now = graph, start, now
        self._gained: dict[int, int] = {}
        self._late: dict[int, int] = {}
        self._slas: dict[int, set[str]] = {}
        self._pivots: dict[tuple[int, int, tuple[int, ...]], tuple[int, ...]] = {}
        self._second_halves: dict[int, list[tuple[int, int]]] = {}
        self.down_seconds = 0
        pairs = list(sla_pairs(graph))
        services = tuple(dict.fromkeys(service for _, service in pairs))
        history = MeasuredHistory(graph=graph, now=now, services=services)
        self._timeline = history.timeline()
        for agreement, service in pairs:
            self._add(history, agreement, service)

    def _add(self, history: MeasuredHistory, agreement: Agreement, service: int) -> None:
        part = part_in_force(agreement, self._start, self._now)
        if part is None:
            return
        found = measure(
            history,
            service,
            agreement,
            WindowPart(start=part.start, end=part.end, is_whole=False),
        )
        timeline = history.timeline(agreement.planned_notice_hours)
        down = intersection_of(found.counted.time.down, found.hours)
        self.down_seconds += total_seconds(down)
        for piece in failed_sets(timeline, service, down):
            for ci in self._pivots_of(timeline, service, piece.period, piece.failed):
                length = piece.end - piece.start
                self._gained[ci] = self._gained.get(ci, 0) + length
                self._late[ci] = self._late.get(ci, 0) + self._late_within(
                    timeline, ci, piece.start, piece.end
                )
                self._slas.setdefault(ci, set()).add(agreement.agreement_id)

    def _pivots_of(
        self, timeline: Timeline, service: int, period: int, failed: tuple[int, ...]
    ) -> tuple[int, ...]:
        """Return the CIs without whose failure the service would have been up."""
        key = (service, period, failed)
        if key not in self._pivots:
            graph = timeline.topology.graph_in(period)
            self._pivots[key] = tuple(
                ci
                for ci in failed
                if not falls(graph, service, [one for one in failed if one != ci])
            )
        return self._pivots[key]

    def _late_within(self, timeline: Timeline, ci: int, start: int, end: int) -> int:
        """Return the seconds of [start, end) in the second half of an outage of a CI."""
        if ci not in self._second_halves:
            spans = _own_down(timeline, ci)
            self._second_halves[ci] = [
                (first + (last - first + 1) // 2, last) for first, last in spans
            ]
        return sum(
            max(0, min(end, last) - max(start, first)) for first, last in self._second_halves[ci]
        )

    def candidates(self) -> tuple[Candidate, ...]:
        """Return all options that gain a second, the best first."""
        found = [*self._of_cis(), *self._of_agreements()]
        return tuple(
            sorted(
                (one for one in found if one.gained_seconds > 0),
                key=lambda one: (-one.gained_seconds, list(Lever).index(one.lever), one.subject),
            )
        )

    def _share_down(self, ci: int) -> float:
        """Return the share of the time looked at in which a CI was down by itself."""
        begin, end = epoch_second(self._start), epoch_second(self._now)
        down = sum(
            max(0, min(end, last) - max(begin, first))
            for first, last in _own_down(self._timeline, ci)
        )
        return down / (end - begin)

    def _outages(self, ci: int) -> int:
        begin = epoch_second(self._start)
        return sum(last > begin for _, last in _own_down(self._timeline, ci))

    def _of_cis(self) -> Iterator[Candidate]:
        graph = self._graph
        for ci in sorted(self._gained):
            perfect = self._gained[ci]
            gains = {
                Lever.PERFECT: perfect,
                Lever.REDUNDANCY: int(perfect * (1 - self._share_down(ci))),
                Lever.RESTORATION: self._late[ci],
            }
            for lever, seconds in gains.items():
                yield Candidate(
                    lever=lever,
                    subject=graph.ci_ids[ci],
                    name=graph.cis.name[ci] or graph.cis.native_id[ci],
                    gained_seconds=seconds,
                    slas=tuple(sorted(self._slas[ci])),
                    outages=self._outages(ci),
                )

    def _of_agreements(self) -> Iterator[Candidate]:
        by_id: dict[str, tuple[Agreement, list[int]]] = {}
        for ci, one in answering_agreements(self._graph, self._now).items():
            if ci in self._gained and one.agreement.target_availability is not None:
                by_id.setdefault(one.agreement.agreement_id, (one.agreement, []))[1].append(ci)
        for agreement_id, (agreement, cis) in sorted(by_id.items()):
            allowed = float(1 - (agreement.target_availability or 0))
            seconds = sum(
                self._gained[ci] * max(0.0, 1 - allowed / self._share_down(ci))
                for ci in cis
                if self._share_down(ci)
            )
            yield Candidate(
                lever=Lever.AGREEMENT,
                subject=agreement_id,
                name=agreement.name or agreement_id,
                gained_seconds=int(seconds),
                slas=tuple(sorted(set().union(*(self._slas[ci] for ci in cis)))),
                outages=sum(self._outages(ci) for ci in cis),
            )


def _own_down(timeline: Timeline, ci: int) -> Sequence[tuple[int, int]]:
    """Return when a CI was down by itself."""
    changes = timeline.changes[View.ACTUAL]
    mine = changes.cis == ci
    time = time_between(
        changes.times[mine],
        changes.statuses[mine],
        timeline.now,
        least=Status.DOWN,
        most=Status.DOWN,
    )
    return list(zip(time.starts.tolist(), time.ends.tolist(), strict=True))
