"""How far back answers look by themselves: outages before that count only if somebody asks."""

from __future__ import annotations

from datetime import datetime

from ripplegraph.graph.agreements import Window
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import window_containing
from ripplegraph.impact.timeline.report import TREND_WINDOWS
from ripplegraph.impact.timeline.windows import window_before

_MORE_WINDOWS = 2  # the one before, and one for zones in which a window begins earlier


def needed_since(graph: ServiceGraph, now: datetime) -> datetime:
    """Return since when outages count in what reports show unless they are asked for more.

    Parameters
    ----------
    graph
        Its agreements tell the windows; without any they are months.
    now
        Aware.

    Returns
    -------
    datetime
        UTC: the start of the earliest window that a report with its trend shows, of any
        agreement, with two windows more.

    Raises
    ------
    ValueError
        If ``now`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> needed_since(graph_of("shop -> db"), datetime(2026, 11, 27, tzinfo=UTC)).isoformat()
    '2026-04-01T00:00:00+00:00'
    """
    windows = {one.window for one in graph.agreements} or {Window()}
    return min(_start_of_trend(window, now) for window in windows)


def _start_of_trend(window: Window, now: datetime) -> datetime:
    start, end = window_containing(window, now)
    for _ in range(TREND_WINDOWS - 1 + _MORE_WINDOWS):
        start, end = window_before(start, end, window, ""), start
    return start
