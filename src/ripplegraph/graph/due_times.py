"""Due times in service time: when a promise of so many service seconds runs out, with pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.service_time import service_time
from ripplegraph.graph.time_sets import (
    PrefixTable,
    Seconds,
    ServiceTime,
    prefix_table,
    seconds_before,
    seconds_within,
)

NEVER = int(np.iinfo(np.int64).max)
"""The due time of what never runs out: no service time is left, or the clock stands still."""

_MOST_DAYS = 3_660  # a calendar that opens no more within ten years is taken as closed for good
_SLACK_DAYS = 16
_BLOCK = 1 << 14  # moments

OptionalMoment = datetime | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pauses:
    """When the clocks of many tickets stood still.

    Parameters
    ----------
    first
        Position of each ticket's first pause, and at last the count of all.
    starts, ends
        UTC epoch seconds, those of one ticket sorted and apart; ``NEVER`` for one that lasts.
    """

    first: Seconds
    starts: Seconds
    ends: Seconds


def pauses_of(tickets: Sequence[Sequence[tuple[datetime, OptionalMoment]]]) -> Pauses:
    """Return the pauses of tickets; those of one ticket that overlap are united.

    Parameters
    ----------
    tickets
        The pauses of each: aware start, and end or None while the clock still stands.

    Examples
    --------
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> pauses_of([[], [(noon, None)]]).first.tolist()
    [0, 0, 1]
    """
    first: list[int] = [0]
    starts: list[int] = []
    ends: list[int] = []
    for pauses in tickets:
        reach = 0
        for start, end in sorted((_second(one), _second(other)) for one, other in pauses):
            if len(starts) > first[-1] and start <= reach:
                ends[-1] = reach = max(reach, end)
            elif end > start:
                starts.append(start)
                ends.append(end)
                reach = end
        first.append(len(starts))
    return Pauses(
        first=np.array(first, dtype=np.int64),
        starts=np.array(starts, dtype=np.int64),
        ends=np.array(ends, dtype=np.int64),
    )


def _second(moment: OptionalMoment) -> int:
    return NEVER if moment is None else int(moment.timestamp() // 1)


# --- on one service time -------------------------------------------------------------------------


def moments_after(time: ServiceTime, starts: Seconds, seconds: Seconds) -> Seconds:
    """Return when so many service seconds have gone by since each of many moments.

    Parameters
    ----------
    starts
        UTC epoch seconds.
    seconds
        Service seconds, >= 0, of the length of ``starts``.

    Returns
    -------
    Seconds
        UTC epoch seconds; the closing itself if they are used up at a closing; ``NEVER`` where
        the service time ends before.

    Examples
    --------
    >>> from ripplegraph.graph.time_sets import merged
    >>> office = merged(np.array([100, 300]), np.array([200, 400]))
    >>> moments_after(office, np.array([150, 150, 250]), np.array([50, 60, 0])).tolist()
    [200, 310, 250]
    """
    if not len(time):
        return np.where(seconds > 0, NEVER, starts)
    table = prefix_table(time)
    found = np.empty(len(starts), dtype=np.int64)
    for begin in range(0, len(starts), _BLOCK):  # what lies between stays in the caches
        block = slice(begin, begin + _BLOCK)
        passed = seconds_before(table, starts[block]) + seconds[block]
        found[block] = np.where(seconds[block] > 0, _reached(table, passed), starts[block])
    return found


def moments_of(time: ServiceTime, passed: Seconds) -> Seconds:
    """Return when a service time has had so many seconds, > 0; ``NEVER`` where it has fewer.

    Examples
    --------
    >>> from ripplegraph.graph.time_sets import merged
    >>> office = merged(np.array([100, 300]), np.array([200, 400]))
    >>> moments_of(office, np.array([100, 101, 200])).tolist()
    [200, 301, 400]
    """
    if not len(time):
        return np.full(len(passed), NEVER, dtype=np.int64)
    return _reached(prefix_table(time), passed)


def _reached(table: PrefixTable, passed: Seconds) -> Seconds:
    """Return when a service time that is not empty has had so many seconds, more than none."""
    time, step = table.time, table.step
    if step:
        begins = table.origin + step * np.flatnonzero(table.is_open)
        place = (passed - 1) // step  # of all open steps the one in which they are used up
        index = np.minimum(place, len(begins) - 1)
        return np.where(place == index, begins[index] + (passed - step * index), NEVER)
    until = table.before[1:]
    index = np.searchsorted(until, passed, side="left")
    within = index < len(until)
    index = np.where(within, index, 0)
    return np.where(within, time.ends[index] - (until[index] - passed), NEVER)


def paused_moments_after(
    time: ServiceTime, starts: Seconds, seconds: Seconds, pauses: Pauses
) -> Seconds:
    """Return when so many service seconds have gone by, the paused ones not counted.

    Parameters
    ----------
    starts, seconds
        As for :func:`moments_after`.
    pauses
        Of the same tickets, in their order.

    Returns
    -------
    Seconds
        As :func:`moments_after`; ``NEVER`` also where a pause lasts.

    Examples
    --------
    >>> from ripplegraph.graph.time_sets import merged
    >>> office = merged(np.array([100, 300]), np.array([200, 400]))
    >>> when = (datetime.fromtimestamp(150, UTC), datetime.fromtimestamp(180, UTC))
    >>> paused_moments_after(office, np.array([120]), np.array([60]), pauses_of([[when]])).tolist()
    [310]
    """
    due = moments_after(time, starts, seconds)
    if not len(time):
        return due
    last = int(time.ends[-1])
    needed = seconds.astype(np.int64)
    counts = np.diff(pauses.first)
    for step in range(int(counts.max(initial=0))):
        tickets = np.flatnonzero(counts > step)
        places = pauses.first[tickets] + step
        begins = np.maximum(pauses.starts[places], starts[tickets])
        finish = pauses.ends[places]
        counts_now = (begins < due[tickets]) & (finish > begins)
        tickets, begins, finish = tickets[counts_now], begins[counts_now], finish[counts_now]
        begins, until = np.minimum(begins, last), np.minimum(finish, last)
        needed[tickets] += seconds_within(time, begins, until)
        due[tickets] = np.where(
            finish == NEVER, NEVER, moments_after(time, starts[tickets], needed[tickets])
        )
    return due


# --- on a calendar -------------------------------------------------------------------------------


def due_times(
    calendar: Calendar | None, starts: Seconds, seconds: Seconds, pauses: Pauses | None = None
) -> Seconds:
    """Return when promises of service seconds run out, as far ahead as it takes.

    Parameters
    ----------
    calendar
        None is 24x7.
    starts
        When each clock began to run, UTC epoch seconds.
    seconds
        Promised service seconds, >= 0.
    pauses
        None for none.

    Returns
    -------
    Seconds
        UTC epoch seconds; ``NEVER`` where a pause lasts, or the calendar does not open often
        enough within ten years.

    Notes
    -----
    A promise that is used up at a closing is due then, not at the next opening.

    Examples
    --------
    >>> from ripplegraph.graph.calendars import WeeklyInterval
    >>> days = [WeeklyInterval(weekday=d, start_minute=480, end_minute=1080) for d in range(7)]
    >>> office = Calendar(calendar_id="office", weekly=tuple(days))
    >>> opened = np.array([int(datetime(2026, 3, 2, 16, tzinfo=UTC).timestamp())])
    >>> datetime.fromtimestamp(due_times(office, opened, np.array([4 * 3600]))[0], UTC).isoformat()
    '2026-03-03T10:00:00+00:00'
    """
    due = np.full(len(starts), NEVER, dtype=np.int64)
    if not len(starts):
        return due
    stopped = _never_runs_on(pauses, len(starts))
    first, last = int(starts.min()), _last_moment(starts, pauses)
    days = int(seconds.max()) // 86_400 + _SLACK_DAYS
    while True:
        time = service_time(calendar, _moment(first), _moment(last) + timedelta(days=days))
        due = (
            moments_after(time, starts, seconds)
            if pauses is None
            else paused_moments_after(time, starts, seconds, pauses)
        )
        if days >= _MOST_DAYS or bool((stopped | (due < NEVER)).all()):
            return due
        days = min(4 * days, _MOST_DAYS)


def business_seconds_between(
    calendar: Calendar | None, starts: Seconds, ends: Seconds, pauses: Pauses | None = None
) -> Seconds:
    """Return the service seconds between moments, the paused ones not counted.

    Parameters
    ----------
    calendar
        None is 24x7.
    starts, ends
        UTC epoch seconds, start <= end.
    pauses
        None for none; one that lasts ends with its ticket.

    Examples
    --------
    >>> business_seconds_between(None, np.array([0, 60]), np.array([90, 60])).tolist()
    [90, 0]
    """
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    time = service_time(calendar, _moment(int(starts.min())), _moment(int(ends.max())))
    passed = seconds_within(time, starts, ends)
    if pauses is None:
        return passed
    ticket = np.repeat(np.arange(len(starts)), np.diff(pauses.first))
    begins = np.clip(pauses.starts, starts[ticket], ends[ticket])
    finish = np.clip(pauses.ends, begins, ends[ticket])
    return passed - np.bincount(
        ticket, weights=seconds_within(time, begins, finish), minlength=len(starts)
    ).astype(np.int64)


def _never_runs_on(pauses: Pauses | None, count: int) -> NDArray[np.bool_]:
    """Return which tickets hold a pause that lasts: they may be due never."""
    stopped = np.zeros(count, dtype=np.bool_)
    if pauses is not None:
        stopped[np.repeat(np.arange(count), np.diff(pauses.first))[pauses.ends == NEVER]] = True
    return stopped


def _last_moment(starts: Seconds, pauses: Pauses | None) -> int:
    last = int(starts.max())
    if pauses is None:
        return last
    ended = pauses.ends[pauses.ends < NEVER]
    return max(int(pauses.starts.max(initial=last)), int(ended.max(initial=last)))


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
