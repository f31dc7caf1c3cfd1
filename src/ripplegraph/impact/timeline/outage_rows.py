"""Every outage of a service in a window, with its root CIs, its reason and what records say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import (
    epoch_second,
    intersection_of,
    merged,
)
from ripplegraph.impact.timeline.counting import Measure
from ripplegraph.impact.timeline.failed_sets import FailedSet, failed_sets
from ripplegraph.impact.timeline.interval_sums import seconds_in
from ripplegraph.impact.timeline.moments import moment_of
from ripplegraph.impact.timeline.reasons_beneath import reasons_beneath
from ripplegraph.impact.timeline.timeline import Timeline
from ripplegraph.impact.timeline.values import OutageCause, OutageClass, ServiceOutage
from ripplegraph.impact.timeline.windows import WindowPart


def service_outages(
    timeline: Timeline, service: int, measured: Measure, part: WindowPart
) -> tuple[ServiceOutage, ...]:
    """Return the outages of a service that a window part sees, in order.

    Parameters
    ----------
    timeline
        The time line.
    service
        Number of a service on it.
    measured
        What counts of it in the part.
    part
        The part.
    """
    counted, hours = measured.counted, measured.hours
    outages = counted.outages
    first, last = epoch_second(part.start), epoch_second(part.end)
    chosen = np.flatnonzero((outages.ends > first) & (outages.starts < last))
    starts, ends = outages.starts[chosen], outages.ends[chosen]
    time = counted.time
    columns = [
        seconds_in(intersection_of(one, hours), starts, ends).tolist()
        for one in (time.down, time.planned, time.excluded, counted.too_short)
    ]
    pieces = failed_sets(timeline, service, merged(starts, ends))
    rows = []
    for start, end, *seconds in zip(starts.tolist(), ends.tolist(), *columns, strict=True):
        within = [one for one in pieces if start <= one.start < end]
        roots, because = _roots(timeline, service, within)
        rows.append(
            ServiceOutage(
                start=moment_of(start),
                end=None if end >= timeline.now else moment_of(end),
                outage_class=_class_of(*seconds),
                seconds=seconds[0],
                planned_seconds=seconds[1],
                excluded_seconds=seconds[2],
                root_cis=_ids(timeline.graph, roots),
                because=because,
                causes=causes_of(timeline.graph, roots, start, end),
            )
        )
    return tuple(rows)


def counted_outages(measured: Measure) -> NDArray[np.int64]:
    """Return when each outage ends of which any second counts, in order, in epoch seconds.

    Parameters
    ----------
    measured
        What was measured in a window.
    """
    counted = measured.counted
    down = intersection_of(counted.time.down, measured.hours)
    seconds = seconds_in(down, counted.outages.starts, counted.outages.ends)
    return counted.outages.ends[seconds > 0]


def _class_of(down: int, planned: int, excluded: int, too_short: int) -> OutageClass:
    found = (
        (down, OutageClass.COUNTED),
        (too_short, OutageClass.TOO_SHORT),
        (excluded, OutageClass.EXCLUDED),
        (planned, OutageClass.PLANNED),
    )
    return next((one for seconds, one in found if seconds), OutageClass.OUTSIDE_HOURS)


def _roots(
    timeline: Timeline, service: int, pieces: Sequence[FailedSet]
) -> tuple[set[int], tuple[CiId, ...]]:
    """Return the root CIs of all pieces, and the shortest chain in the first."""
    roots: set[int] = set()
    because: tuple[CiId, ...] = ()
    for piece in dict.fromkeys((one.period, one.failed) for one in pieces):
        period, failed = piece
        graph = timeline.topology.graph_in(period)
        own = dict.fromkeys(failed, Status.DOWN)
        reasons = reasons_beneath(graph, service, own)
        roots.update(reasons.cone_of(service) & reasons.roots)
        because = because or tuple(graph.ci_ids[ci] for ci in reasons.chain_of(service))
    return roots, because


_BY_CI: WeakKeyDictionary[ServiceGraph, Mapping[int, tuple[int, ...]]] = WeakKeyDictionary()


def causes_of(
    graph: ServiceGraph, cis: Iterable[int], start: int, end: int
) -> tuple[OutageCause, ...]:
    """Return the records of outages of CIs that meet [start, end), sorted.

    Parameters
    ----------
    cis
        CI numbers.
    start, end
        UTC epoch seconds.
    """
    if graph not in _BY_CI:
        by_ci: dict[int, list[int]] = {}
        for at, ci in enumerate(graph.outage_ci):
            by_ci.setdefault(ci, []).append(at)
        _BY_CI[graph] = {ci: tuple(found) for ci, found in by_ci.items()}
    found = []
    for ci in cis:
        for at in _BY_CI[graph].get(ci, ()):
            one = graph.outages[at]
            is_begun = epoch_second(one.start) < end
            if is_begun and (one.end is None or epoch_second(one.end) > start):
                found.append(
                    OutageCause(
                        ci_id=graph.ci_ids[ci],
                        external_id=one.external_id,
                        kind=one.kind.value,
                        cause=one.cause,
                        change=one.change,
                        excluded=one.excluded,
                        file=one.file,
                        row=one.row,
                    )
                )
    return tuple(sorted(found))


def _ids(graph: ServiceGraph, numbers: Iterable[int]) -> tuple[CiId, ...]:
    return tuple(sorted(graph.ci_ids[number] for number in numbers))
