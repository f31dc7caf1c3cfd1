"""Seconds of a time within few or many intervals, by one search each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_time import ServiceTime

Seconds = NDArray[np.int64]


def seconds_in(time: ServiceTime, starts: Seconds, ends: Seconds) -> Seconds:
    """Return for each interval how many of its seconds lie in a time.

    Parameters
    ----------
    time
        Any seconds, such as those in which a service was down.
    starts, ends
        Half-open, UTC epoch seconds, start <= end.

    Notes
    -----
    As :func:`ripplegraph.graph.service_time.seconds_within`, without the table that pays for
    itself only where one time is asked for millions of intervals.

    Examples
    --------
    >>> time = ServiceTime(starts=np.array([0, 100]), ends=np.array([50, 150]))
    >>> seconds_in(time, np.array([40, 60, 0]), np.array([110, 90, 999])).tolist()
    [20, 0, 100]
    """
    return _before(time, ends) - _before(time, starts)


def _before(time: ServiceTime, moments: Seconds) -> Seconds:
    if not len(time):
        return np.zeros(len(moments), dtype=np.int64)
    passed = np.concatenate(([0], np.cumsum(time.ends - time.starts)))
    place = np.searchsorted(time.starts, moments, side="right")
    over = np.maximum(time.ends[place - 1] - moments, 0)
    found: Seconds = np.where(place > 0, passed[place] - over, 0)
    return found
