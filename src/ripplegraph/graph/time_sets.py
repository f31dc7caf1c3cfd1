"""Sets of seconds as sorted intervals: union, intersection, difference, sums by prefix tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]
Flags = NDArray[np.bool_]

_MOST_STEPS = 1 << 21
_BLOCK = 1 << 14  # moments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceTime:
    """Sorted intervals that neither overlap nor touch, half-open, UTC epoch seconds.

    Parameters
    ----------
    starts, ends
        First second of each interval, and the first after it.
    """

    starts: Seconds
    ends: Seconds

    def __len__(self) -> int:
        return len(self.starts)


# --- sets of seconds ---------------------------------------------------------------------------


def merged(starts: Seconds, ends: Seconds) -> ServiceTime:
    """Return the seconds in any of some intervals, which may overlap and be in any order.

    Parameters
    ----------
    starts, ends
        Half-open, UTC epoch seconds, start <= end; empty ones are left out.

    Examples
    --------
    >>> found = merged(np.array([5, 0, 1]), np.array([9, 2, 5]))
    >>> found.starts.tolist(), found.ends.tolist()
    ([0], [9])
    """
    some = ends > starts
    starts, ends = starts[some], ends[some]
    if not len(starts):
        return spans([], [])
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(ends[order])
    fresh = np.flatnonzero(np.append(True, starts[1:] > reach[:-1]))
    return ServiceTime(starts=starts[fresh], ends=reach[np.append(fresh[1:] - 1, len(reach) - 1)])


def union_of(one: ServiceTime, other: ServiceTime) -> ServiceTime:
    """Return the seconds in either.

    Examples
    --------
    >>> day, night = merged(np.array([0]), np.array([5])), merged(np.array([3]), np.array([9]))
    >>> total_seconds(union_of(day, night))
    9
    """
    return merged(
        np.concatenate((one.starts, other.starts)), np.concatenate((one.ends, other.ends))
    )


def intersection_of(one: ServiceTime, other: ServiceTime) -> ServiceTime:
    """Return the seconds in both.

    Examples
    --------
    >>> day, night = merged(np.array([0]), np.array([5])), merged(np.array([3]), np.array([9]))
    >>> total_seconds(intersection_of(day, night))
    2
    """
    return _combined(one, other, np.logical_and)


def difference_of(one: ServiceTime, other: ServiceTime) -> ServiceTime:
    """Return the seconds in one and not in the other.

    Examples
    --------
    >>> day, night = merged(np.array([0]), np.array([5])), merged(np.array([3]), np.array([9]))
    >>> total_seconds(difference_of(day, night))
    3
    """
    return _combined(one, other, _and_not)


def _and_not(one: Flags, other: Flags) -> Flags:
    return one & ~other


def _combined(
    one: ServiceTime, other: ServiceTime, rule: Callable[[Flags, Flags], Flags]
) -> ServiceTime:
    """Return the seconds that a rule keeps, of those in one, in the other, or in both."""
    bounds = np.unique(np.concatenate((one.starts, one.ends, other.starts, other.ends)))
    kept = np.concatenate(
        ([False], rule(is_open_at(one, bounds), is_open_at(other, bounds)), [False])
    )
    changes = np.flatnonzero(kept[1:] != kept[:-1])
    return ServiceTime(starts=bounds[changes[::2]], ends=bounds[changes[1::2]])


def clipped(time: ServiceTime, start: int, end: int) -> ServiceTime:
    """Return the seconds within [start, end), UTC epoch seconds, start <= end.

    Examples
    --------
    >>> clipped(merged(np.array([0, 10]), np.array([5, 20])), 3, 12).starts.tolist()
    [3, 10]
    """
    first = int(np.searchsorted(time.ends, start, side="right"))
    last = int(np.searchsorted(time.starts, end, side="left"))
    return ServiceTime(
        starts=np.maximum(time.starts[first:last], start),
        ends=np.minimum(time.ends[first:last], end),
    )


def is_open_at(time: ServiceTime, moments: Seconds) -> Flags:
    """Return for each moment, UTC epoch seconds, whether it is service time.

    Examples
    --------
    >>> is_open_at(merged(np.array([10]), np.array([20])), np.array([9, 10, 20])).tolist()
    [False, True, False]
    """
    begun = np.searchsorted(time.starts, moments, side="right")
    ended = np.searchsorted(time.ends, moments, side="right")
    return begun > ended


def moved(time: ServiceTime, seconds: int) -> ServiceTime:
    """Return a service time shifted by some seconds.

    Examples
    --------
    >>> moved(spans([0], [60]), 5).starts.tolist()
    [5]
    """
    return ServiceTime(starts=time.starts + seconds, ends=time.ends + seconds)


def spans(starts: list[int], ends: list[int]) -> ServiceTime:
    """Return a service time of intervals that are sorted and apart.

    Examples
    --------
    >>> total_seconds(spans([0], [60]))
    60
    """
    return ServiceTime(
        starts=np.array(starts, dtype=np.int64), ends=np.array(ends, dtype=np.int64)
    )


# --- sums --------------------------------------------------------------------------------------


def total_seconds(time: ServiceTime) -> int:
    """Return how many seconds there are.

    Examples
    --------
    >>> total_seconds(merged(np.array([0, 10]), np.array([5, 20])))
    15
    """
    return int((time.ends - time.starts).sum())


def seconds_within(time: ServiceTime, starts: Seconds, ends: Seconds) -> Seconds:
    """Return for each of many intervals how many of its seconds are service time.

    Parameters
    ----------
    starts, ends
        Half-open, UTC epoch seconds, start <= end, of one length.

    Examples
    --------
    >>> office = merged(np.array([0, 100]), np.array([50, 150]))
    >>> seconds_within(office, np.array([40, 60, 0]), np.array([110, 90, 999])).tolist()
    [20, 0, 100]
    """
    table = prefix_table(time)
    return seconds_before(table, ends) - seconds_before(table, starts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrefixTable:
    """Service seconds before each of many equal steps: looking one up takes no search.

    Parameters
    ----------
    origin
        UTC epoch second of the first step.
    step
        Length of a step in seconds; none holds an opening or a closing inside. 0 where such
        steps would be too many: then the intervals are searched.
    before
        Service seconds before each step, or before each interval, and at last all of them.
    is_open
        Of each step, 1 or 0; empty where the intervals are searched.
    """

    time: ServiceTime
    origin: int
    step: int
    before: Seconds
    is_open: Seconds


def prefix_table(time: ServiceTime) -> PrefixTable:
    """Return the table for :func:`seconds_before`, worth keeping where one time is asked often.

    Examples
    --------
    >>> table = prefix_table(merged(np.array([0, 100]), np.array([50, 150])))
    >>> table.step, table.before.tolist()
    (50, [0, 50, 50, 100])
    """
    lengths = time.ends - time.starts
    before = np.concatenate(([0], np.cumsum(lengths)))
    nothing = np.zeros(0, dtype=np.int64)
    if not len(time):
        return PrefixTable(time=time, origin=0, step=0, before=before, is_open=nothing)
    origin, end = int(time.starts[0]), int(time.ends[-1])
    step = int(np.gcd.reduce(np.concatenate((time.starts - origin, time.ends - origin))))
    count = (end - origin) // step
    if count > _MOST_STEPS:
        return PrefixTable(time=time, origin=origin, step=0, before=before, is_open=nothing)
    moments = origin + step * np.arange(count, dtype=np.int64)
    is_open = is_open_at(time, moments).astype(np.int64)
    before = np.concatenate(([0], np.cumsum(is_open * step)))
    return PrefixTable(time=time, origin=origin, step=step, before=before, is_open=is_open)


def seconds_before(table: PrefixTable, moments: Seconds) -> Seconds:
    """Return for each moment, UTC epoch seconds, the service seconds before it.

    Examples
    --------
    >>> table = prefix_table(merged(np.array([0, 100]), np.array([50, 150])))
    >>> seconds_before(table, np.array([-5, 10, 60, 120, 999])).tolist()
    [0, 10, 50, 70, 100]
    """
    found = np.empty(len(moments), dtype=np.int64)
    for begin in range(0, len(moments), _BLOCK):  # what lies between stays in the caches
        block = slice(begin, begin + _BLOCK)
        found[block] = _block_before(table, moments[block])
    return found


def _block_before(table: PrefixTable, moments: Seconds) -> Seconds:
    time = table.time
    if not len(time):
        return np.zeros(len(moments), dtype=np.int64)
    if not table.step:
        index = np.searchsorted(time.starts, moments, side="right")
        over = moments - time.ends[index - 1]
        return np.where(index > 0, table.before[index] + np.minimum(over, 0), 0)
    inside = np.clip(moments - table.origin, 0, int(time.ends[-1]) - table.origin)
    index = inside // table.step
    rest = inside - index * table.step
    is_open = table.is_open[np.minimum(index, len(table.is_open) - 1)]
    return table.before[index] + rest * is_open
