"""From a graph back to records: the inverse of building, for writers and for editing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

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
        dependencies=_dependency_columns(
            graph, np.arange(graph.dependency_count), references.__getitem__
        ),
        groups=_group_records(graph, references.__getitem__),
        agreements=list(graph.agreements),
        calendars=list(graph.calendars),
        outages=list(graph.outages),
        findings=list(graph.report.findings),
    )
    copy_process_records(graph, records)
    return records


def records_of_part(graph: ServiceGraph, numbers: NDArray[np.int64]) -> Records:
    """Return the records of some CIs, with all dependencies and groups that they have.

    Parameters
    ----------
    numbers
        The CIs, ascending; every CI that one of them needs is among them.

    Returns
    -------
    Records
        References are full ids; stubs stay what they are. Agreements, outages and what else is
        told of CIs, and findings, are left out.
    """
    is_in = np.zeros(graph.ci_count, dtype=np.bool_)
    is_in[numbers] = True
    edges = np.flatnonzero(is_in[graph.topology.edge_dependent])
    return Records(
        cis=graph.cis.take(numbers),
        dependencies=_dependency_columns(graph, edges, graph.ids.__getitem__),
        groups=[
            one
            for one in _group_records(
                graph, lambda number: graph.ids[number] if is_in[number] else ""
            )
            if one.dependent
        ],
    )


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


def _dependency_columns(
    graph: ServiceGraph, edges: NDArray[np.int64], reference: Callable[[int], str]
) -> DependencyColumns:
    topology, details = graph.topology, graph.edges
    strengths = {int(strength): strength for strength in Strength}
    no_dates = (None, None)
    at = edges.tolist()
    dates = [details.validity.get(edge, no_dates) for edge in at]
    return DependencyColumns(
        dependent=[reference(one) for one in topology.edge_dependent[edges].tolist()],
        dependency=[reference(one) for one in topology.edge_dependency[edges].tolist()],
        relation_type=[details.relation_types[one] for one in topology.edge_type[edges].tolist()],
        strength=[strengths[one] for one in topology.edge_strength[edges].tolist()],
        group=[
            "" if one == NO_GROUP else graph.group_rules[one].key
            for one in topology.edge_group[edges].tolist()
        ],
        weight=[details.weights.get(edge) for edge in at],
        valid_from=[pair[0] for pair in dates],
        valid_to=[pair[1] for pair in dates],
        file=[details.files[one] for one in topology.edge_file[edges].tolist()],
        row=topology.edge_row[edges].tolist(),
    )


def _group_records(graph: ServiceGraph, reference: Callable[[int], str]) -> list[GroupRecord]:
    """Return a record for each group, less those that relations alone give again."""
    first_place = _first_places(graph)
    return [
        _group_record(rule, reference(rule.dependent))
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
