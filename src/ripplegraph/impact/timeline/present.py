"""What is not up by itself at the end of a time line, and what follows: one look for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.reasons import Reasons, reasons_of
from ripplegraph.impact.timeline.own_changes import View
from ripplegraph.impact.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Present:
    """The state at the end of a time line, and the reasons of every CI that is not up then.

    Attributes
    ----------
    graph
        With the dependencies that hold then.
    own
        The own status of every CI that is not up by itself, by number, ascending.
    """

    graph: ServiceGraph
    own: Mapping[int, Status]
    reasons: Reasons

    def reason_of(self, service: int) -> tuple[tuple[CiId, ...], tuple[CiId, ...]]:
        """Return the root CIs of a CI, sorted, and the shortest chain to one of them."""
        return roots_and_chain(self.reasons, service)


def present_of(timeline: Timeline) -> Present:
    """Return the state at the end of a time line.

    Notes
    -----
    Reasons of a CI rest only on what lies beneath it, so those of the whole estate are also
    those of each service: looked for once, not once for each service.
    """
    changes = timeline.changes[View.ACTUAL]
    last = dict(zip(changes.cis.tolist(), changes.statuses.tolist(), strict=True))
    own = {ci: Status(status) for ci, status in sorted(last.items()) if status}
    graph = timeline.topology.graph_in(timeline.topology.period_of(timeline.now))
    return Present(graph=graph, own=own, reasons=reasons_of(graph, own, settle(graph, own)))


def roots_and_chain(reasons: Reasons, number: int) -> tuple[tuple[CiId, ...], tuple[CiId, ...]]:
    """Return the root CIs of a CI, sorted, and the shortest chain to one; none without roots."""
    ids = reasons.graph.ci_ids
    roots = reasons.cone_of(number) & reasons.roots
    chain = tuple(ids[ci] for ci in reasons.chain_of(number)) if roots else ()
    return tuple(sorted(ids[ci] for ci in roots)), chain
