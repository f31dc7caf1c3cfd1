"""From a graph back to records: the inverse of building, for writers and for editing."""

from __future__ import annotations

import numpy as np

from ripplegraph.graph.building.edges import STUB_CLASS
from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.group_columns import GroupRule
from ripplegraph.graph.model import Strength
from ripplegraph.graph.process_records import copy_process_records
from ripplegraph.graph.records import DependencyColumns, GroupRecord, Records
from ripplegraph.graph.service_graph import ServiceGraph


def records_of(graph: ServiceGraph) -> Records:
    """Return the records from which the same graph is built again.

    Returns
    -------
    Records
        New columns; changing them does not change the graph. A reference is the native id
        where it is unique, else the full ``ci_id``. Stubs that building made are left out:
        building makes them again. ``findings`` are those of the load report.

    Notes
    -----
    Records that the graph refused are gone, their findings stay. Of a graph that
    :func:`ripplegraph.graph.build.graph_at` gave, the dates come back, not the moment.
    """
    is_kept = [not _is_made_again(graph, number) for number in range(graph.ci_count)]
    references = [reference_of(graph, number) for number in range(graph.ci_count)]
    records = Records(
        cis=graph.cis.take(np.flatnonzero(is_kept)),
        dependencies=_dependency_columns(graph, references),
        groups=_group_records(graph, references),
        agreements=list(graph.agreements),
        calendars=list(graph.calendars),
        outages=list(graph.outages),
        findings=list(graph.report.findings),
    )
    copy_process_records(graph, records)
    return records


def reference_of(graph: ServiceGraph, number: int) -> str:
    """Return the shortest text by which records can refer to a CI.

    Parameters
    ----------
    number
        The CI's number.
    """
    native_id = graph.cis.native_id[number]
    if _is_made_again(graph, number) or graph.find(native_id) == number:
        return native_id
    return graph.ci_ids[number]


def _is_made_again(graph: ServiceGraph, number: int) -> bool:
    """Return whether building adds this CI by itself, because a relation names it."""
    offsets = graph.topology
    return (
        graph.cis.is_stub[number]
        and graph.cis.class_name[number] == STUB_CLASS
        and bool(
            offsets.dependency_offsets[number] < offsets.dependency_offsets[number + 1]
            or offsets.dependent_offsets[number] < offsets.dependent_offsets[number + 1]
        )
    )


def _dependency_columns(graph: ServiceGraph, references: list[str]) -> DependencyColumns:
    topology, details = graph.topology, graph.edges
    strengths = {int(strength): strength for strength in Strength}
    edges = range(graph.dependency_count)
    no_dates = (None, None)
    dates = [details.validity.get(edge, no_dates) for edge in edges]
    return DependencyColumns(
        dependent=[references[at] for at in topology.edge_dependent.tolist()],
        dependency=[references[at] for at in topology.edge_dependency.tolist()],
        relation_type=[details.relation_types[at] for at in topology.edge_type.tolist()],
        strength=[strengths[at] for at in topology.edge_strength.tolist()],
        group=[
            "" if at == NO_GROUP else graph.group_rules[at].key
            for at in topology.edge_group.tolist()
        ],
        weight=[details.weights.get(edge) for edge in edges],
        valid_from=[pair[0] for pair in dates],
        valid_to=[pair[1] for pair in dates],
        file=[details.files[at] for at in topology.edge_file.tolist()],
        row=topology.edge_row.tolist(),
    )


def _group_records(graph: ServiceGraph, references: list[str]) -> list[GroupRecord]:
    """Return a record for each group, less those that relations alone give again."""
    first_place = _first_places(graph)
    return [
        _group_record(rule, references[rule.dependent])
        for number, rule in enumerate(graph.group_rules)
        if rule
        != GroupRule(
            dependent=rule.dependent,
            key=rule.key,
            file=first_place[number][0],
            row=first_place[number][1],
        )
    ]


def _group_record(rule: GroupRule, dependent: str) -> GroupRecord:
    return GroupRecord(
        dependent=dependent,
        key=rule.key,
        min_up=rule.min_up,
        degraded_below=rule.degraded_below,
        grounded=rule.grounded,
        is_assumed=rule.is_assumed,
        file=rule.file,
        row=rule.row,
    )


def _first_places(graph: ServiceGraph) -> dict[int, tuple[str, int]]:
    """Return for each group the first place where a relation is put in it."""
    topology, files = graph.topology, graph.edges.files
    first: dict[int, tuple[str, int]] = {}
    triples = zip(
        topology.edge_group.tolist(),
        topology.edge_file.tolist(),
        topology.edge_row.tolist(),
        strict=True,
    )
    for group, file, row in triples:
        place = (files[file], row)
        first[group] = min(first.get(group, place), place)
    return first
