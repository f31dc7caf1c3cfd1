"""Chains of promised times: steps in sequence add up, steps in parallel take the longest.

Each step counts in the service time of its own agreement; the whole is compared with a target
in the service time of the SLA, for the worst moment at which it may begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.due_times import NEVER, moments_after, moments_of
from ripplegraph.graph.service_time import epoch_second, service_time
from ripplegraph.graph.time_sets import (
    Seconds,
    ServiceTime,
    prefix_table,
    seconds_before,
    seconds_within,
)

_MOST_DAYS = 3_660
_SLACK_DAYS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """One promise of time.

    Parameters
    ----------
    minutes
        Minutes of the step's own service time, finite and >= 0.
    calendar
        That service time; None is 24x7.

    Raises
    ------
    ValueError
        If the minutes are negative or not finite.
    """

    minutes: float
    calendar: Calendar | None = None

    def __post_init__(self) -> None:
        """Refuse times that mean nothing."""
        if not 0 <= self.minutes < np.inf:
            msg = f"minutes must be finite and >= 0, got {self.minutes:g}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class InSequence:
    """Parts of which each begins when the one before is done."""

    parts: tuple[Chain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InParallel:
    """Parts that begin together; the whole is done when the last one is."""

    parts: tuple[Chain, ...]


Chain = ChainStep | InSequence | InParallel


def chain_minutes(chain: Chain) -> float:
    """Return the promised minutes of a chain, hours of service left out of account.

    Examples
    --------
    >>> days = [ChainStep(minutes=1440.0 * count) for count in (1, 2, 2)]
    >>> chain_minutes(InSequence(parts=tuple(days))) / 1440
    5.0
    >>> chain_minutes(InParallel(parts=(ChainStep(minutes=3.0), ChainStep(minutes=2.0))))
    3.0
    """
    if isinstance(chain, ChainStep):
        return chain.minutes
    parts = [chain_minutes(part) for part in chain.parts]
    return sum(parts) if isinstance(chain, InSequence) else max(parts, default=0.0)


def sequences_of(chain: Chain) -> tuple[tuple[ChainStep, ...], ...]:
    """Return the ways through a chain, of which the longest decides.

    Examples
    --------
    >>> one, two = ChainStep(minutes=1.0), ChainStep(minutes=2.0)
    >>> either = InParallel(parts=(one, two))
    >>> ways = sequences_of(InSequence(parts=(either, one)))
    >>> [[step.minutes for step in way] for way in ways]
    [[1.0, 1.0], [2.0, 1.0]]
    """
    if isinstance(chain, ChainStep):
        return ((chain,),)
    if isinstance(chain, InParallel):
        return tuple(way for part in chain.parts for way in sequences_of(part))
    ways: list[tuple[ChainStep, ...]] = [()]
    for part in chain.parts:
        ways = [(*way, *further) for way in ways for further in sequences_of(part)]
    return tuple(ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstWait:
    """The longest that a chain may take, in service time of the promise above it.

    Parameters
    ----------
    seconds
        Service seconds of the SLA from the begin to the end; None if the chain never ends.
    start, end
        When it then begins and ends, UTC; the end is None if it never ends.
    """

    seconds: int | None
    start: datetime
    end: datetime | None


def worst_wait(
    promised: Calendar | None, way: Sequence[ChainStep], start: datetime, end: datetime
) -> WorstWait:
    """Return the longest that steps in sequence take, begun at any second of a window.

    Parameters
    ----------
    promised
        Service time in which the customer counts; None is 24x7.
    way
        Steps in their order.
    start, end
        Aware, start < end.

    Raises
    ------
    ValueError
        If the end is not after the start.

    Notes
    -----
    As a function of its begin, the wait is straight between the moments at which a calendar
    opens or closes, or a step begins or ends at such a moment: only those, and the second after
    each, are looked at.

    Examples
    --------
    >>> from ripplegraph.graph.calendars import WeeklyInterval
    >>> days = [WeeklyInterval(weekday=day, start_minute=480, end_minute=1080) for day in range(5)]
    >>> office = Calendar(calendar_id="office", weekly=tuple(days))
    >>> monday = datetime(2026, 3, 2, tzinfo=UTC)
    >>> step = ChainStep(minutes=240.0, calendar=office)
    >>> found = worst_wait(None, [step], monday, monday + timedelta(days=7))
    >>> found.seconds / 3600, found.start.strftime("%A %H:%M:%S")
    (66.0, 'Friday 14:00:01')
    """
    first, last = epoch_second(start), epoch_second(end)
    if last <= first:
        msg = f"the end {end.isoformat()} is not after the start {start.isoformat()}"
        raise ValueError(msg)
    needed = [round(60 * step.minutes) for step in way]
    days = sum(needed) // 86_400 + _SLACK_DAYS
    while True:
        horizon = end + timedelta(days=days)
        agreed = service_time(promised, start, horizon)
        times = [service_time(step.calendar, start, horizon) for step in way]
        begins = _begins(agreed, times, needed, first, last)
        ends = _completed(times, needed, begins)
        if days >= _MOST_DAYS or not (ends == NEVER).any():
            return _longest(agreed, begins, ends)
        days = min(4 * days, _MOST_DAYS)


def _longest(agreed: ServiceTime, begins: Seconds, ends: Seconds) -> WorstWait:
    if (ends == NEVER).any():
        never = int(begins[int(np.argmax(ends == NEVER))])
        return WorstWait(seconds=None, start=_moment(never), end=None)
    waits = seconds_within(agreed, begins, ends)
    worst = int(np.argmax(waits))
    return WorstWait(
        seconds=int(waits[worst]),
        start=_moment(int(begins[worst])),
        end=_moment(int(ends[worst])),
    )


def _completed(times: Sequence[ServiceTime], needed: Sequence[int], begins: Seconds) -> Seconds:
    """Return when steps in sequence are done that begin at moments."""
    reached = begins
    for time, seconds in zip(times, needed, strict=True):
        known = reached < NEVER
        step = moments_after(time, reached[known], np.full(int(known.sum()), seconds))
        reached = np.full(len(begins), NEVER, dtype=np.int64)
        reached[known] = step
    return reached


def _begins(
    agreed: ServiceTime, times: Sequence[ServiceTime], needed: Sequence[int], first: int, last: int
) -> Seconds:
    """Return the seconds at which the longest wait may begin."""
    bends = np.concatenate((agreed.starts, agreed.ends))
    for time, seconds in zip(reversed(times), reversed(needed), strict=True):
        after = np.concatenate((time.starts, time.ends, bends))
        bends = np.unique(np.concatenate((after, _pulled(time, after, seconds))))
    moments = np.unique(np.concatenate((bends, bends + 1, [first, last - 1])))
    return moments[(moments >= first) & (moments < last)]


def _pulled(time: ServiceTime, moments: Seconds, seconds: int) -> Seconds:
    """Return the last moments at which a step may begin to be done by others."""
    if not len(time):
        return np.zeros(0, dtype=np.int64)
    passed = seconds_before(prefix_table(time), moments) - seconds
    return moments_of(time, passed[passed > 0])


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
