"""The part of a graph that somebody sees who is limited to tags: tenants of one estate."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.columns import coded
from ripplegraph.graph.findings import NOTHING_LOADED
from ripplegraph.graph.process_records import PROCESS_KINDS, ProcessRecord, Ticket
from ripplegraph.graph.records import Records
from ripplegraph.graph.records_of import records_of_part
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.shared_look_ups import share_look_ups

_WITH_CUSTOMERS = frozenset({AgreementKind.SLA, AgreementKind.SLR})


def visible_part(graph: ServiceGraph, tags: Collection[str]) -> ServiceGraph:
    """Return the services that carry one of these tags, with everything that they rest on.

    Parameters
    ----------
    tags
        Case does not matter; ``environment:NAME`` also means the column of that name.

    Returns
    -------
    ServiceGraph
        A graph of its own, built again, so nothing in it points outside. Of agreements with
        customers only those on the tagged services are in it, of OLAs and UPCs those on CIs that
        are; of outages, tickets and other records those on what is in it. What loading
        reported is left out: it may name anything.

    Notes
    -----
    Whatever a service rests on is there, whether a relation has an effect now or not; so its
    status and its availability are those of the whole graph.

    Examples
    --------
    >>> from ripplegraph.graph.build import build_service_graph
    >>> from ripplegraph.graph.records import Records
    >>> visible_part(build_service_graph(Records()).graph, {"customer:acme"}).ci_count
    0
    """
    tagged = _tagged_services(graph, {tag.casefold() for tag in tags})
    part = _Part(graph, tagged, _with_dependencies(graph, tagged))
    built = build_service_graph(part.records()).graph
    return built.with_report(NOTHING_LOADED)


def with_outages_of(part: ServiceGraph, graph: ServiceGraph) -> ServiceGraph:
    """Return a part of a graph with the outages that the graph has now.

    Parameters
    ----------
    part
        What :func:`visible_part` gave of a graph that has the same CIs and dependencies.
    graph
        Other outages may be in it than in that one; all else is the same.

    Examples
    --------
    >>> from ripplegraph.graph.build import build_service_graph
    >>> from ripplegraph.graph.records import Records
    >>> nothing = build_service_graph(Records()).graph
    >>> with_outages_of(nothing, nothing).outages
    ()
    """
    ids = (graph.ids[number] for number in graph.outage_ci)
    seen = [
        (replace(outage, ci=ci_id), number)
        for outage, ci_id in zip(graph.outages, ids, strict=True)
        if (number := part.find(ci_id)) is not None and part.ids[number] == ci_id
    ]
    fresh = replace(
        part,
        outages=tuple(outage for outage, _ in seen),
        outage_ci=tuple(number for _, number in seen),
    )
    share_look_ups(part, fresh)
    return fresh


def _tagged_services(graph: ServiceGraph, tags: Collection[str]) -> frozenset[int]:
    has_tag = coded(graph.cis.tags).flags(lambda own: any(tag.casefold() in tags for tag in own))
    in_environment = coded(graph.cis.environment).flags(
        lambda name: f"environment:{name}".casefold() in tags
    )
    services = np.array(graph.service_numbers, dtype=np.int64)
    seen = services[(has_tag | in_environment)[services]]
    return frozenset(seen.tolist())


def _with_dependencies(graph: ServiceGraph, start: Collection[int]) -> NDArray[np.int64]:
    """Return these CIs and all that they need, by relations with an effect or without."""
    offsets, needed = graph.topology.dependency_offsets, graph.topology.edge_dependency
    is_seen = np.zeros(graph.ci_count, dtype=np.bool_)
    layer = sorted(start)
    is_seen[layer] = True
    while layer:
        reached = {
            other
            for number in layer
            for other in needed[int(offsets[number]) : int(offsets[number + 1])].tolist()
            if not is_seen[other]
        }
        layer = sorted(reached)
        is_seen[layer] = True
    return np.flatnonzero(is_seen)


@dataclass(frozen=True)
class _Part:
    graph: ServiceGraph
    tagged: frozenset[int]
    numbers: NDArray[np.int64]

    def records(self) -> Records:
        graph, inside = self.graph, frozenset(self.numbers.tolist())
        records = records_of_part(graph, self.numbers)
        records.agreements = list(self._agreements(inside))
        records.calendars = [
            one
            for one in graph.calendars
            if one.calendar_id in {agreement.calendar for agreement in records.agreements}
        ]
        records.outages = [
            replace(outage, ci=graph.ids[number])
            for outage, number in zip(graph.outages, graph.outage_ci, strict=True)
            if number in inside
        ]
        agreement_ids = frozenset(one.agreement_id for one in records.agreements)
        for name in PROCESS_KINDS:
            kept = [
                one for one in getattr(graph, name) if self._is_visible(one, agreement_ids, inside)
            ]
            setattr(records, name, kept)
        return records

    def _agreements(self, inside: frozenset[int]) -> Iterator[Agreement]:
        for agreement, covered in zip(self.graph.agreements, self.graph.covered, strict=True):
            seen = self.tagged if agreement.kind in _WITH_CUSTOMERS else inside
            kept = [self.graph.ids[number] for number in covered if number in seen]
            if kept:
                yield replace(agreement, covers=tuple(kept))

    def _is_visible(
        self, record: ProcessRecord, agreement_ids: frozenset[str], inside: frozenset[int]
    ) -> bool:
        """Return whether all that a record names is seen; one that names nothing is not."""
        if isinstance(record, Ticket):
            known = [
                self._find(text) in among
                for text, among in ((record.ci, inside), (record.service, self.tagged))
                if text
            ]
            return bool(known) and all(known)
        agreement: str | None = getattr(record, "agreement", None)
        if agreement is not None:
            return agreement in agreement_ids
        service: str = getattr(record, "service", "")
        return self._find(service) in self.tagged if service else False

    def _find(self, text: str) -> int | None:
        return self.graph.find(text)
