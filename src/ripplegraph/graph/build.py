"""Build the graph from records: resolve references, refuse or repair records with findings.

Nothing is dropped in silence: a record that does not become part of the graph is in
``BuildResult.refused`` and has a finding; a repaired one has a finding too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.building.agreements import (
    covered_numbers,
    kept_agreements,
    kept_calendars,
)
from ripplegraph.graph.building.cis import kept_cis
from ripplegraph.graph.building.edges import ResolvedEdges, resolved_edges
from ripplegraph.graph.building.groups import (
    ResolvedGroups,
    report_missing_requirements,
    resolved_groups,
)
from ripplegraph.graph.building.outages import kept_outages
from ripplegraph.graph.building.process import kept_process_records
from ripplegraph.graph.building.references import References
from ripplegraph.graph.building.topology import build_topology, effects_of
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.ci_ids import CiIds, ci_id_of
from ripplegraph.graph.columns import CodedColumn, as_numbers, coded
from ripplegraph.graph.findings import Finding, FindingCollector, LoadReport, sorted_findings
from ripplegraph.graph.gates import compile_gates
from ripplegraph.graph.model import Strength
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.process_records import (
    ProcessRecord,
    process_records,
    with_process_records,
)
from ripplegraph.graph.records import CiColumns, Records
from ripplegraph.graph.service_graph import EdgeDetails, ServiceGraph, Topology, is_valid_at

__all__ = ["BuildResult", "build_service_graph", "ci_id_of", "graph_at"]

Place = tuple[str, int]
Few = Sequence[Calendar | Agreement | Outage | ProcessRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """The graph, what was found while building it, and the places of the records not used."""

    graph: ServiceGraph
    findings: tuple[Finding, ...]
    refused: frozenset[Place]


def build_service_graph(records: Records) -> BuildResult:
    """Build a service graph from records.

    Parameters
    ----------
    records
        The mapped records of one export; they are not changed. Findings that the loader
        collected are in ``records.findings``; one found again while building is not repeated.

    Returns
    -------
    BuildResult
        The graph (its ``report`` holds the findings), the findings sorted, and the places of
        which no record was used.

    Notes
    -----
    A reference is a full ``ci_id``, else a native id that is unique. An unknown reference in a
    relation becomes a stub CI. Of records with one id the first is kept. A dependency of a live
    CI on a retired or test CI has no effect (semantics.md section 1).
    """
    found = FindingCollector()
    kept = kept_cis(records.cis, found)
    cis = kept.cis
    references = References(cis, kept.native_ids)
    edges = resolved_edges(records.dependencies, cis, references, found)
    groups = resolved_groups(records.groups, records.dependencies, edges, references, found)
    report_missing_requirements(groups, cis, found)
    topology, details = build_topology(edges, records.dependencies, groups.edge_group, len(cis))
    graph = _with_agreements(
        _bare_graph(cis, topology, details, groups, found), records, references, found
    )
    findings = sorted_findings(dict.fromkeys((*records.findings, *found.findings())))
    return BuildResult(
        graph=graph.with_report(LoadReport(findings=findings)),
        findings=findings,
        refused=_refused_places(records, kept.refused, edges, groups, graph),
    )


def _bare_graph(
    cis: CiColumns,
    topology: Topology,
    details: EdgeDetails,
    groups: ResolvedGroups,
    found: FindingCollector,
) -> ServiceGraph:
    return ServiceGraph(
        cis=cis,
        ids=CiIds.of(cis),
        topology=topology,
        gates=compile_gates(
            edge_effect=effects_of(topology, cis),
            edge_dependency=topology.edge_dependency,
            edge_group=topology.edge_group,
            weights=details.weights,
            rules=groups.rules,
            cis=cis,
            found=found,
        ),
        edges=details,
        group_rules=groups.rules,
    )


def _with_agreements(
    graph: ServiceGraph, records: Records, references: References, found: FindingCollector
) -> ServiceGraph:
    calendars = kept_calendars(records.calendars, found)
    agreements = kept_agreements(records.agreements, calendars, found)
    outages, outage_ci = kept_outages(records.outages, references, found)
    ids = {agreement.agreement_id for agreement in agreements}
    graph = with_process_records(graph, kept_process_records(records, ids, references, found))
    return replace(
        graph,
        agreements=agreements,
        covered=covered_numbers(agreements, graph.cis, references, found),
        calendars=calendars,
        outages=outages,
        outage_ci=outage_ci,
    )


def _refused_places(
    records: Records,
    refused_cis: Sequence[int],
    edges: ResolvedEdges,
    groups: ResolvedGroups,
    graph: ServiceGraph,
) -> frozenset[Place]:
    """Return the places of refused records, less those that gave a kept record too."""
    cis, relations = records.cis, records.dependencies
    refused = {
        *((cis.file[at], cis.row[at]) for at in refused_cis),
        *((relations.file[at], relations.row[at]) for at in edges.refused),
        *((record.file, record.row) for record in groups.records.take(groups.refused)),
    }
    few: Few = (
        *records.calendars,
        *records.agreements,
        *records.outages,
        *process_records(records),
    )
    refused.update((record.file, record.row) for record in few)
    if refused:
        refused.difference_update(_kept_places(groups, graph, refused))
    return frozenset(refused)


def _kept_places(
    groups: ResolvedGroups, graph: ServiceGraph, places: Collection[Place]
) -> Iterator[Place]:
    """Yield the places that gave a kept record, of most records only those that may be meant."""
    cis, topology, records = graph.cis, graph.topology, groups.records
    meant = _Meant(places)
    yield from meant.of(coded(cis.file), as_numbers(cis.row))
    edge_files = CodedColumn(graph.edges.files, topology.edge_file)
    yield from meant.of(edge_files, topology.edge_row)
    kept = np.delete(np.arange(len(records)), groups.refused)
    kept_rows = as_numbers(records.row)[kept]
    yield from meant.of(coded(records.file).take(kept), kept_rows)
    few: Few = (*graph.calendars, *graph.agreements, *graph.outages, *process_records(graph))
    yield from ((record.file, record.row) for record in few)


class _Meant:
    """Places that are looked for among very many."""

    def __init__(self, places: Collection[Place]) -> None:
        self._files = frozenset(file for file, _ in places)
        self._rows = np.array(sorted({row for _, row in places}), dtype=np.int64)

    def of(
        self, files: CodedColumn[str], rows: NDArray[np.int64] | NDArray[np.uint32]
    ) -> Iterator[Place]:
        """Yield the places of these that may be meant: their file is, and their row is."""
        if self._files.isdisjoint(files.values):
            return
        for at in np.flatnonzero(np.isin(rows, self._rows)).tolist():
            yield files[at], int(rows[at])


def graph_at(graph: ServiceGraph, moment: datetime) -> ServiceGraph:
    """Return the graph with only the dependencies that are valid at a moment in effect.

    Parameters
    ----------
    moment
        Aware; a dependency holds if ``valid_from <= moment < valid_to``.

    Returns
    -------
    ServiceGraph
        The same graph if every dependency holds then; else one that shares all but its gates.
        Dependencies outside their dates are kept without effect.

    Raises
    ------
    ValueError
        If ``moment`` has no time zone.
    """
    if moment.tzinfo is None:
        msg = f"moment needs a time zone, got {moment.isoformat()}"
        raise ValueError(msg)
    ended = [
        edge for edge, dates in graph.edges.validity.items() if not is_valid_at(dates, moment)
    ]
    if not ended:
        return graph
    effect = graph.gates.edge_effect.copy()
    effect[ended] = Strength.NONE
    gates = compile_gates(
        edge_effect=effect,
        edge_dependency=graph.topology.edge_dependency,
        edge_group=graph.topology.edge_group,
        weights=graph.edges.weights,
        rules=graph.group_rules,
        cis=graph.cis,
        found=FindingCollector(),  # requirements were reported when the graph was built
    )
    return replace(graph, gates=gates)
