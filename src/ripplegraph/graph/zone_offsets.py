"""Offsets of a time zone from UTC, as steps: between two steps the clocks run evenly."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

SECONDS_PER_DAY = 86_400
_KEPT = 4096  # pairs of zone and year


def zone_named(time_zone: str) -> tzinfo:
    """Return a time zone by its IANA name; "" is UTC.

    Raises
    ------
    ValueError
        If there is no zone of that name.

    Examples
    --------
    >>> str(zone_named("Europe/Berlin")), str(zone_named(""))
    ('Europe/Berlin', 'UTC')
    """
    if not time_zone:
        return UTC
    try:
        return ZoneInfo(time_zone)
    except (ValueError, OSError, KeyError) as cause:  # KeyError: ZoneInfoNotFoundError
        msg = f"{time_zone!r} is no time zone; write an IANA name such as Europe/Berlin"
        raise ValueError(msg) from cause


def offset_steps(
    time_zone: str, start: int, end: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the moments from which offsets hold, and the offsets, over [start, end).

    Parameters
    ----------
    time_zone
        IANA name; "" is UTC.
    start, end
        UTC epoch seconds, start < end.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64]]
        Moments, the first of them ``start``, and seconds east of UTC from each on.

    Raises
    ------
    ValueError
        If there is no zone of that name.

    Notes
    -----
    Offsets are probed day by day and changes found to the second by bisection; two changes
    within a day that undo each other would be missed (no zone has such).

    Examples
    --------
    >>> moments, offsets = offset_steps("Europe/Berlin", 1_767_225_600, 1_798_761_600)
    >>> moments.tolist(), offsets.tolist()
    ([1767225600, 1774746000, 1792890000], [3600, 7200, 3600])
    """
    years = range(_year_of(start), _year_of(end - 1) + 1)
    steps = [step for year in years for step in _steps_of_year(time_zone, year)]
    moments = np.array([moment for moment, _ in steps], dtype=np.int64)
    offsets = np.array([offset for _, offset in steps], dtype=np.int64)
    changes = np.flatnonzero(np.concatenate(([True], offsets[1:] != offsets[:-1])))
    moments, offsets = moments[changes], offsets[changes]
    first = int(np.searchsorted(moments, start, side="right")) - 1
    last = int(np.searchsorted(moments, end, side="left"))
    moments, offsets = moments[first:last].copy(), offsets[first:last]
    moments[0] = start
    return moments, offsets


def _year_of(moment: int) -> int:
    return datetime.fromtimestamp(moment, UTC).year


@lru_cache(maxsize=_KEPT)
def _steps_of_year(time_zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """Return the first moment of a UTC year and its changes, each with the offset from then."""
    zone = zone_named(time_zone)
    start = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    days = 366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 365
    steps = [(start, _offset_at(zone, start))]
    for probe in range(
        start + SECONDS_PER_DAY, start + (days + 1) * SECONDS_PER_DAY, SECONDS_PER_DAY
    ):
        after = _offset_at(zone, probe)
        if after != steps[-1][1]:
            steps.append((_change_between(zone, probe - SECONDS_PER_DAY, probe), after))
    return tuple(steps)


def _change_between(zone: tzinfo, before: int, after: int) -> int:
    """Return the first second with the offset of ``after``."""
    old = _offset_at(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_at(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset_at(zone: tzinfo, moment: int) -> int:
    offset = datetime.fromtimestamp(moment, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
