"""Every second of downtime to the CIs that caused it, and so to teams, suppliers and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import ServiceTime, total_seconds
from ripplegraph.impact.agreements.answering import (
    Answering,
    answering_agreements,
    inclusive_cis,
)
from ripplegraph.impact.timeline.failed_sets import failed_sets
from ripplegraph.impact.timeline.shapley import Blame, ShareMethod, blame_of
from ripplegraph.impact.timeline.shares import split_seconds
from ripplegraph.impact.timeline.timeline import Timeline, cis_beneath
from ripplegraph.impact.timeline.values import Attribution

_WORST = (ShareMethod.ENUMERATED, ShareMethod.INTEGRATED, ShareMethod.EQUAL)


@dataclass(kw_only=True, eq=False)
class Attributions:
    """Shares of failed sets, each computed once for a time line."""

    timeline: Timeline
    _known: dict[tuple[int, int, tuple[int, ...]], Blame] = field(default_factory=dict)

    def seconds_of(self, service: int, time: ServiceTime) -> tuple[dict[int, int], ShareMethod]:
        """Return whole seconds per CI that add up to the seconds given, and the method.

        Parameters
        ----------
        service
            Number of a service.
        time
            Seconds in which it is down.
        """
        shares: dict[int, Fraction] = {}
        worst = ShareMethod.ENUMERATED
        for one in failed_sets(self.timeline, service, time):
            blame = self._blame(service, one.period, one.failed)
            worst = max(worst, blame.method, key=_WORST.index)
            for ci, share in blame.shares.items():
                shares[ci] = shares.get(ci, Fraction(0)) + share * (one.end - one.start)
        seconds = split_seconds(total_seconds(time), shares)
        return {ci: amount for ci, amount in seconds.items() if amount}, worst

    def _blame(self, service: int, period: int, failed: tuple[int, ...]) -> Blame:
        key = (service, period, failed)
        if key not in self._known:
            graph = self.timeline.topology.graph_in(period)
            self._known[key] = blame_of(graph, service, failed)
        return self._known[key]


def attribution_rows(
    graph: ServiceGraph, service: int, seconds: Mapping[int, int], at: datetime
) -> tuple[Attribution, ...]:
    """Return who answers for the seconds of each CI: most seconds first, then by ``ci_id``.

    Parameters
    ----------
    service
        Number of the service that was down.
    seconds
        By CI number.
    at
        Aware; agreements in force then answer.

    Notes
    -----
    Where no agreement covers the CI itself, those of inclusive scope answer that cover a CI
    above it beneath the service.
    """
    direct = answering_agreements(graph, at)
    rows = []
    for ci, amount in seconds.items():
        found = direct.get(ci) or _inclusive(graph, service, ci, direct)
        rows.append(
            Attribution(
                ci_id=graph.ci_ids[ci],
                name=graph.cis.name[ci],
                seconds=amount,
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
