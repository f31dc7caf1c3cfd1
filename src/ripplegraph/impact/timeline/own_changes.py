"""The own status of every CI on the time line, from its outages (semantics.md sections 1, 2).

Outages of one CI and kind are united; planned and unplanned at once is planned. There are four
views: *actual* holds all outages, *planned* and *unplanned* their own kinds alone, and *excused*
what an agreement does not count: the planned ones and those that are excluded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second

OPEN_END = 2**40
"""End of an outage that is still open: later than any moment."""

NOT_ANNOUNCED = 2**41


class View(StrEnum):
    """Which outages a status rests on."""

    ACTUAL = "actual"
    PLANNED = "planned"
    UNPLANNED = "unplanned"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutageColumns:
    """Outages as columns, in UTC epoch seconds; see :class:`ripplegraph.graph.outages.Outage`.

    ``end`` is :data:`OPEN_END` while open, ``announced`` :data:`NOT_ANNOUNCED` if not known.
    """

    ci: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    is_planned: NDArray[np.bool_]
    is_degradation: NDArray[np.bool_]
    is_excluded: NDArray[np.bool_]
    announced: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnChanges:
    """Each moment at which the own status of a CI changes, by moment, then by CI."""

    times: NDArray[np.int64]
    cis: NDArray[np.int64]
    statuses: NDArray[np.uint8]

    def of_cis(self, wanted: NDArray[np.bool_]) -> OwnChanges:
        """Return only the changes of the CIs that are marked, by CI number."""
        chosen = wanted[self.cis]
        return OwnChanges(
            times=self.times[chosen], cis=self.cis[chosen], statuses=self.statuses[chosen]
        )


_COLUMNS: WeakKeyDictionary[ServiceGraph, OutageColumns] = WeakKeyDictionary()


def outage_columns(graph: ServiceGraph) -> OutageColumns:
    """Return the outages of a graph as columns; built once per graph.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> len(outage_columns(graph_of("shop -> db")).ci)
    0
    """
    kept = _COLUMNS.get(graph)
    if kept is None:
        kept = _COLUMNS.setdefault(graph, _columns(graph))
    return kept


def _columns(graph: ServiceGraph) -> OutageColumns:
    outages = graph.outages
    return OutageColumns(
        ci=np.array(graph.outage_ci, dtype=np.int64),
        start=np.array([epoch_second(one.start) for one in outages], dtype=np.int64),
        end=np.array([_end(one) for one in outages], dtype=np.int64),
        is_planned=np.array([one.kind is OutageKind.PLANNED for one in outages], dtype=bool),
        is_degradation=np.array(
            [one.kind is OutageKind.DEGRADATION for one in outages], dtype=bool
        ),
        is_excluded=np.array([bool(one.excluded) for one in outages], dtype=bool),
        announced=np.array([_announced(one) for one in outages], dtype=np.int64),
    )


def _end(outage: Outage) -> int:
    return OPEN_END if outage.end is None else epoch_second(outage.end)


def _announced(outage: Outage) -> int:
    return NOT_ANNOUNCED if outage.announced is None else epoch_second(outage.announced)


def counts_as_planned(columns: OutageColumns, notice_seconds: int) -> NDArray[np.bool_]:
    """Return which outages are planned ones under an agreement that wants notice.

    Parameters
    ----------
    notice_seconds
        Planned windows announced later than so many seconds before their start count as
        unplanned; those of which no announcement is known count as announced in time.
    """
    is_late = (columns.announced != NOT_ANNOUNCED) & (
        columns.announced > columns.start - notice_seconds
    )
    return columns.is_planned & ~is_late if notice_seconds > 0 else columns.is_planned


_PLANNED, _UNPLANNED, _EXCLUDED, _DEGRADED, _EXCLUDED_DEGRADED = range(5)
_KINDS = 5
_CODES = 16  # twice the kinds, so that a key holds both; a power of two


def own_changes(
    columns: OutageColumns, *, now: int, notice_seconds: int = 0
) -> Mapping[View, OwnChanges]:
    """Return the changes of the own statuses in each view, up to now.

    Parameters
    ----------
    columns
        The outages.
    now
        UTC epoch seconds; changes at this very moment are in, later ones are not.
    notice_seconds
        See :func:`counts_as_planned`.

    Examples
    --------
    A CI fails at 10, is taken for planned work at 20, and is back at 30:

    >>> from datetime import UTC, datetime
    >>> def at(second: int) -> datetime:
    ...     return datetime(1970, 1, 1, 0, 0, second, tzinfo=UTC)
    >>> outages = (
    ...     Outage(ci="db", start=at(10), end=at(30)),
    ...     Outage(ci="db", start=at(20), end=at(30), kind=OutageKind.PLANNED),
    ... )
    >>> from dataclasses import replace
    >>> from graph_building import graph_of
    >>> graph = replace(graph_of("shop -> db"), outages=outages, outage_ci=(1, 1))
    >>> found = own_changes(outage_columns(graph), now=100)
    >>> [found[view].times.tolist() for view in View]
    [[10, 30], [20, 30], [10, 20], [20, 30]]
    """
    cis, times, counts = _counted(columns, now, notice_seconds)
    planned = counts[_PLANNED] > 0
    excluded = counts[_EXCLUDED] > 0
    unplanned = excluded | (counts[_UNPLANNED] > 0)
    weak_excused = counts[_EXCLUDED_DEGRADED] > 0
    weak = weak_excused | (counts[_DEGRADED] > 0)
    views = {
        View.ACTUAL: _status(planned | unplanned, weak),
        View.PLANNED: _status(planned, np.zeros_like(planned)),
        View.UNPLANNED: _status(unplanned & ~planned, weak & ~planned),
        View.EXCUSED: _status(planned | excluded, weak_excused),
    }
    return {view: _changes(cis, times, statuses, now) for view, statuses in views.items()}


def _counted(
    columns: OutageColumns, now: int, notice_seconds: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[NDArray[np.int64]]]:
    """Return CI and time of every boundary, ascending, and how many of each kind hold there."""
    chosen = (columns.start <= now) & (columns.start < columns.end)
    code = _codes(columns, notice_seconds)[chosen]
    ci, starts = columns.ci[chosen], columns.start[chosen]
    ends = np.minimum(columns.end[chosen], now + 1)  # all end, so that counts add up to nothing
    origin = int(starts.min()) if len(starts) else 0
    span = now + 2 - origin if len(starts) else 1
    keys = np.concatenate(
        [
            (ci * span + (starts - origin)) * _CODES + 2 * code,
            (ci * span + (ends - origin)) * _CODES + 2 * code + 1,
        ]
    )
    keys.sort()
    places, codes = keys // _CODES, keys % _CODES
    step = np.where(codes % 2 == 0, 1, -1)
    is_last = np.ones(len(places), dtype=bool)
    is_last[:-1] = places[1:] != places[:-1]
    counts = [np.cumsum(step * (codes // 2 == kind))[is_last] for kind in range(_KINDS)]
    places = places[is_last]
    return places // span, places % span + origin, counts


def _codes(columns: OutageColumns, notice_seconds: int) -> NDArray[np.int64]:
    planned = counts_as_planned(columns, notice_seconds)
    down = np.where(columns.is_excluded, _EXCLUDED, _UNPLANNED)
    weak = np.where(columns.is_excluded, _EXCLUDED_DEGRADED, _DEGRADED)
    found: NDArray[np.int64] = np.where(
        planned, _PLANNED, np.where(columns.is_degradation, weak, down)
    )
    return found


def _status(is_down: NDArray[np.bool_], is_weak: NDArray[np.bool_]) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = np.where(
        is_down, np.uint8(Status.DOWN), np.where(is_weak, np.uint8(Status.DEGRADED), np.uint8(0))
    )
    return found


def _changes(
    cis: NDArray[np.int64], times: NDArray[np.int64], statuses: NDArray[np.uint8], now: int
) -> OwnChanges:
    """Return only the rows up to now at which the status of a CI differs from the row before."""
    before = np.zeros_like(statuses)
    before[1:] = np.where(cis[1:] == cis[:-1], statuses[:-1], 0)
    chosen = np.flatnonzero((statuses != before) & (times <= now))
    order = chosen[np.argsort(times[chosen], kind="stable")]
    return OwnChanges(times=times[order], cis=cis[order], statuses=statuses[order])
