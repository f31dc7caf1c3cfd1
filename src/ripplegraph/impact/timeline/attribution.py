"""Every second of downtime to the CIs that caused it, and so to teams, suppliers and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from ripplegraph.graph.agreements import Agreement, AgreementKind, Scope
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import ServiceTime, total_seconds
from ripplegraph.impact.propagation.concerned import agreed_by_ci
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
    seconds
        By CI number.
    at
        Aware; agreements in force then answer.
    """
    rows = []
    for ci, amount in seconds.items():
        answering, backing = answering_for(graph, service, ci, at)
        rows.append(
            Attribution(
                ci_id=graph.ci_ids[ci],
                name=graph.cis.name[ci],
                seconds=amount,
                owner_team=graph.cis.owner_team[ci],
                supplier=graph.cis.supplier[ci],
                answering=answering,
                backing=backing,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.seconds, row.ci_id)))


def answering_for(
    graph: ServiceGraph, service: int, ci: int, at: datetime
) -> tuple[Agreement | None, tuple[str, ...]]:
    """Return the agreement that answers for a CI, and the ids of those behind it.

    Parameters
    ----------
    service
        Number of the service that was down.
    ci
        Number of the CI that failed.
    at
        Aware.

    Notes
    -----
    An OLA answers, else the underpinning contract (semantics.md section 1). Where none covers
    the CI itself, those of inclusive scope count that cover a CI above it beneath the service.
    """
    found = _providing(graph, agreed_by_ci(graph).get(ci, ()), at) or _inclusive(
        graph, service, ci, at
    )
    if not found:
        return None, ()
    return found[0], tuple(sorted({one.agreement_id for one in found[1:]}))


def _providing(graph: ServiceGraph, positions: Iterable[int], at: datetime) -> list[Agreement]:
    agreements = (graph.agreements[position] for position in positions)
    return sorted(
        (
            one
            for one in agreements
            if one.kind in (AgreementKind.OLA, AgreementKind.UPC) and one.is_in_force_at(at)
        ),
        key=lambda one: (one.kind is not AgreementKind.OLA, one.agreement_id),
    )


def _inclusive(graph: ServiceGraph, service: int, ci: int, at: datetime) -> list[Agreement]:
    beneath = cis_beneath(graph, [service])
    found: set[int] = set()
    for above, positions in agreed_by_ci(graph).items():
        inclusive = [one for one in positions if graph.agreements[one].scope is Scope.INCLUSIVE]
        if inclusive and beneath[above] and cis_beneath(graph, [above])[ci]:
            found.update(inclusive)
    return _providing(graph, sorted(found), at)
