"""When a service was observed, and since when it exists (semantics.md section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

import numpy as np

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second
from ripplegraph.impact.timeline.moments import ALWAYS
from ripplegraph.impact.timeline.timeline import cis_beneath

ASSUMED = "observation-assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The seconds in which outages of a service would have been recorded.

    Parameters
    ----------
    start, end
        UTC epoch seconds, half-open; ``end`` is at most now.
    is_assumed
        True if a CI beneath says nothing of its observation: it was taken for observed.
    """

    start: int
    end: int
    is_assumed: bool


def observation_of(graph: ServiceGraph, service: int, *, now: int) -> Observation | None:
    """Return when a service was observed; None if nothing ever observed it.

    Parameters
    ----------
    service
        Number of a CI. Its own ``observed_from`` and ``observed_to`` win; else the time in
        which all CIs beneath that carry dates were observed counts.
    now
        UTC epoch seconds.

    Notes
    -----
    Without any dates, and with any outage on record, the whole time is taken for observed; with
    neither there is no observation, and no availability.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> observation_of(graph_of("shop -> db"), 0, now=100) is None
    True
    """
    dated = _dated(graph)
    beneath = np.flatnonzero(cis_beneath(graph, [service])).tolist()
    chosen = [service] if service in dated else [ci for ci in beneath if ci in dated]
    if not chosen and not graph.outages:
        return None
    is_covered = service in dated or all(ci in dated or graph.cis.is_logical[ci] for ci in beneath)
    starts = [dated[ci][0] for ci in chosen]
    ends = [dated[ci][1] for ci in chosen]
    start, end = max(starts, default=ALWAYS), min([*ends, now])
    return Observation(start=min(start, end), end=end, is_assumed=not (chosen and is_covered))


_DATED: WeakKeyDictionary[ServiceGraph, Mapping[int, tuple[int, int]]] = WeakKeyDictionary()


def _dated(graph: ServiceGraph) -> Mapping[int, tuple[int, int]]:
    """Return the observation of each CI that carries a date; built once per graph."""
    if graph not in _DATED:
        dates = zip(graph.cis.observed_from, graph.cis.observed_to, strict=True)
        _DATED[graph] = {
            ci: (
                ALWAYS if first is None else epoch_second(first),
                -ALWAYS if last is None else epoch_second(last),
            )
            for ci, (first, last) in enumerate(dates)
            if first is not None or last is not None
        }
    return _DATED[graph]


def observed_between(graph: ServiceGraph, ci: int) -> tuple[int, int] | None:
    """Return from when to when a CI was observed, UTC epoch seconds; None if it says nothing.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> observed_between(graph_of("shop -> db"), 1) is None
    True
    """
    return _dated(graph).get(ci)


def exists_from(graph: ServiceGraph, service: int) -> int:
    """Return since when a service exists: its ``valid_from``, UTC epoch seconds; else always.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> exists_from(graph_of("shop -> db"), 0) == ALWAYS
    True
    """
    text = graph.cis.attributes.get("valid_from", {}).get(service, "")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ALWAYS
    return epoch_second(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
