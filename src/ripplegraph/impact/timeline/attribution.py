"""Every second of downtime to the CIs that caused it, and so to teams, suppliers and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from weakref import WeakKeyDictionary

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import ServiceTime, epoch_second, total_seconds
from ripplegraph.impact.agreements.answering import (
    Answering,
    answering_agreements,
    inclusive_cis,
)
from ripplegraph.impact.timeline.failed_sets import failed_sets
from ripplegraph.impact.timeline.own_changes import OPEN_END
from ripplegraph.impact.timeline.shapley import Blame, ShareMethod, blame_of
from ripplegraph.impact.timeline.shares import split_seconds
from ripplegraph.impact.timeline.timeline import Timeline, cis_beneath
from ripplegraph.impact.timeline.values import Attribution

_WORST = (ShareMethod.ENUMERATED, ShareMethod.INTEGRATED, ShareMethod.EQUAL)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttributedSeconds:
    """Whole seconds per CI and change request ("" for none) that add up to the seconds given."""

    seconds: Mapping[tuple[int, str], int]
    method: ShareMethod

    def by_ci(self) -> dict[int, int]:
        """Return the seconds of each CI, ascending."""
        found: dict[int, int] = {}
        for (ci, _), amount in self.seconds.items():
            found[ci] = found.get(ci, 0) + amount
        return found

    def changes_of(self, ci: int) -> dict[str, int]:
        """Return the seconds of a CI that fell into its change requests, by id."""
        return {
            change: amount
            for (one, change), amount in self.seconds.items()
            if one == ci and change
        }


@dataclass(kw_only=True, eq=False)
class Attributions:
    """Shares of failed sets, each computed once for a time line."""

    timeline: Timeline
    _known: dict[tuple[int, int, tuple[int, ...]], Blame] = field(default_factory=dict)

    def of(self, service: int, time: ServiceTime) -> AttributedSeconds:
        """Return who brought a service down in some seconds.

        Parameters
        ----------
        service
            Number of a service.
        time
            Seconds in which it is down.
        """
        graph = self.timeline.graph
        shares: dict[tuple[int, str], Fraction] = {}
        worst = ShareMethod.ENUMERATED
        for one in failed_sets(self.timeline, service, time):
            blame = self.blame(service, one.period, one.failed)
            worst = max(worst, blame.method, key=_WORST.index)
            for ci, share in blame.shares.items():
                for change, length in changes_within(graph, ci, one.start, one.end):
                    key = (ci, change)
                    shares[key] = shares.get(key, Fraction(0)) + share * length
        seconds = split_seconds(total_seconds(time), shares)
        kept = {key: amount for key, amount in seconds.items() if amount}
        return AttributedSeconds(seconds=kept, method=worst)

    def blame(self, service: int, period: int, failed: tuple[int, ...]) -> Blame:
        """Return the shares of a failed set in a period of the topology."""
        key = (service, period, failed)
        if key not in self._known:
            graph = self.timeline.topology.graph_in(period)
            self._known[key] = blame_of(graph, service, failed)
        return self._known[key]


def changes_within(
    graph: ServiceGraph, ci: int, start: int, end: int
) -> tuple[tuple[str, int], ...]:
    """Return which change requests an outage of a CI belonged to, and for how many seconds.

    Parameters
    ----------
    ci
        CI number.
    start, end
        UTC epoch seconds.

    Returns
    -------
    tuple[tuple[str, int], ...]
        Seconds that add up to ``end - start``; "" is no change. Of two changes at once the one
        that began first counts.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> changes_within(graph_of("shop -> db"), 1, 0, 60)
    (('', 60),)
    """
    found: list[tuple[str, int]] = []
    cursor = start
    for first, last, change in sorted(_with_change(graph).get(ci, ())):
        begin, finish = max(cursor, first), min(end, last)
        if begin < finish:
            found.extend((("", begin - cursor),) if begin > cursor else ())
            found.append((change, finish - begin))
            cursor = finish
    if cursor < end:
        found.append(("", end - cursor))
    return tuple(found)


_CHANGES: WeakKeyDictionary[ServiceGraph, Mapping[int, list[tuple[int, int, str]]]] = (
    WeakKeyDictionary()
)


def _with_change(graph: ServiceGraph) -> Mapping[int, list[tuple[int, int, str]]]:
    """Return the outages of each CI that belong to a change request; built once per graph."""
    if graph not in _CHANGES:
        found: dict[int, list[tuple[int, int, str]]] = {}
        for ci, one in zip(graph.outage_ci, graph.outages, strict=True):
            if one.change:
                last = OPEN_END if one.end is None else epoch_second(one.end)
                found.setdefault(ci, []).append((epoch_second(one.start), last, one.change))
        _CHANGES[graph] = found
    return _CHANGES[graph]


def attribution_rows(
    graph: ServiceGraph, service: int, attributed: AttributedSeconds, at: datetime
) -> tuple[Attribution, ...]:
    """Return who answers for the seconds of each CI: most seconds first, then by ``ci_id``.

    Parameters
    ----------
    service
        Number of the service that was down.
    attributed
        See :meth:`Attributions.of`.
    at
        Aware; agreements in force then answer.

    Notes
    -----
    Where no agreement covers the CI itself, those of inclusive scope answer that cover a CI
    above it beneath the service.
    """
    direct = answering_agreements(graph, at)
    rows = []
    for ci, amount in attributed.by_ci().items():
        found = direct.get(ci) or _inclusive(graph, service, ci, direct)
        rows.append(
            Attribution(
                ci_id=graph.ci_ids[ci],
                name=graph.cis.name[ci],
                seconds=amount,
                changes=attributed.changes_of(ci),
                owner_team=graph.cis.owner_team[ci],
                supplier=graph.cis.supplier[ci],
                answering=None if found is None else found.agreement,
                backing=() if found is None else _ids(found.backs),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.seconds, row.ci_id)))


def _inclusive(
    graph: ServiceGraph, service: int, ci: int, direct: Mapping[int, Answering]
) -> Answering | None:
    """Return what answers for a CI by the scope of another above it: the smallest id first."""
    beneath = cis_beneath(graph, [service])
    found = {
        one.agreement_id: one
        for above in inclusive_cis(direct)
        if beneath[above] and cis_beneath(graph, [above])[ci]
        for one in [direct[above].agreement]
    }
    if not found:
        return None
    first, *others = (found[key] for key in sorted(found))
    return Answering(agreement=first, backs=tuple(others))


def _ids(agreements: Iterable[Agreement]) -> tuple[str, ...]:
    return tuple(sorted(one.agreement_id for one in agreements))
