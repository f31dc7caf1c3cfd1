"""From a graph back to records: the inverse of building, for writers and for editing."""

# mypy: disable-error-code="explicit-any"
# slices have the type Any inside

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.edges import STUB_CLASS
from ripplegraph.graph.columns import (
    CodedColumn,
    NumberColumn,
    TextColumn,
    as_list,
    by_value,
)
from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.group_columns import GroupRecordColumns
from ripplegraph.graph.look_up import shared_texts
from ripplegraph.graph.model import Strength
from ripplegraph.graph.process_records import copy_process_records
from ripplegraph.graph.records import DependencyColumns, Records
from ripplegraph.graph.service_graph import ServiceGraph

T = TypeVar("T")

_STRENGTHS = tuple(sorted(Strength))
_NO_DATES = (None, None)


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
    records = _records_of(graph, tuple(_references(graph)))
    for column in fields(DependencyColumns):
        cells = getattr(records.dependencies, column.name)
        setattr(records.dependencies, column.name, as_list(cells))
    records.groups = as_list(records.groups)
    return records


def records_in_arrays_of(graph: ServiceGraph) -> Records:
    """Return the same records for reading only: millions of them cost a few bytes each.

    Returns
    -------
    Records
        As :func:`records_of` gives them, but dependencies and groups do not change.
    """
    return _records_of(graph, _references(graph))


def _records_of(graph: ServiceGraph, references_by_ci: Sequence[str]) -> Records:
    references = CodedColumn(references_by_ci, np.arange(graph.ci_count, dtype=np.uint32))
    numbers = numbers_with_records(graph)
    records = Records(
        cis=graph.cis.take(slice(None) if len(numbers) == graph.ci_count else numbers),
        dependencies=_dependency_columns(graph, slice(None), references),
        groups=_group_records(graph, references, _said_groups(graph)),
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
    codes = np.zeros(graph.ci_count, dtype=np.uint32)
    codes[numbers] = np.arange(len(numbers))
    references = CodedColumn[str](tuple(graph.ids.take(numbers)), codes)
    edges = np.flatnonzero(is_in[graph.topology.edge_dependent])
    said = _said_groups(graph)
    return Records(
        cis=graph.cis.take(numbers),
        dependencies=_dependency_columns(graph, edges, references),
        groups=_group_records(graph, references, said[is_in[graph.group_rules.dependents[said]]]),
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


def numbers_with_records(graph: ServiceGraph) -> NDArray[np.int64]:
    """Return the CIs of which :func:`records_of` gives a record, in the order of the records."""
    suspects = np.flatnonzero(by_value(graph.cis.is_stub, bool, np.bool_))
    is_made_again = np.zeros(graph.ci_count, dtype=np.bool_)
    is_made_again[suspects] = [_is_made_again(graph, number) for number in suspects.tolist()]
    return np.flatnonzero(~is_made_again)


def _references(graph: ServiceGraph) -> Sequence[str]:
    """Return the reference of each CI: only native ids that may mean another CI are looked up."""
    native_ids = graph.cis.native_id
    suspects = {number for number, _ in shared_texts(native_ids)}
    prefixes = tuple(graph.ids.prefixes.values)
    held = native_ids.holding(":") if isinstance(native_ids, TextColumn) else enumerate(native_ids)
    suspects.update(number for number, text in held if text.startswith(prefixes))
    if not suspects:
        return native_ids
    references = list(native_ids)
    for number in suspects:
        references[number] = reference_of(graph, number)
    return TextColumn.of(references) if isinstance(native_ids, TextColumn) else references


def _dependency_columns(
    graph: ServiceGraph, edges: NDArray[np.int64] | slice, references: CodedColumn[str]
) -> DependencyColumns:
    topology, details = graph.topology, graph.edges
    at: NDArray[np.int64] = np.arange(graph.dependency_count)[edges]
    groups, keys = topology.edge_group[edges], graph.group_rules.keys
    group_codes = np.zeros(len(groups), dtype=np.uint32)
    grouped = groups != NO_GROUP
    group_codes[grouped] = keys.codes[groups[grouped]].astype(np.uint32) + np.uint32(1)
    dates = _few(details.validity, at, _NO_DATES)
    return DependencyColumns(
        dependent=references.take(topology.edge_dependent[edges]),
        dependency=references.take(topology.edge_dependency[edges]),
        relation_type=CodedColumn(details.relation_types, topology.edge_type[edges]),
        strength=CodedColumn(_STRENGTHS, topology.edge_strength[edges]),
        group=CodedColumn(("", *keys.values), group_codes),
        weight=_few(details.weights, at, None),
        valid_from=dates.map(lambda pair: pair[0]),
        valid_to=dates.map(lambda pair: pair[1]),
        file=CodedColumn(details.files, topology.edge_file[edges]),
        row=NumberColumn(topology.edge_row[edges]),
    )


def _few(cells: Mapping[int, T], at: NDArray[np.int64], otherwise: T) -> CodedColumn[T]:
    """Return a column of what few dependencies have, at these positions."""
    if not cells:
        return CodedColumn.constant(otherwise, len(at))
    codes = np.zeros(int(at.max(initial=-1)) + 1, dtype=np.uint32)
    places = np.fromiter(cells, np.int64, len(cells))
    is_in = places < len(codes)
    codes[places[is_in]] = np.arange(1, len(cells) + 1, dtype=np.uint32)[is_in]
    return CodedColumn((otherwise, *cells.values()), codes[at])


def _group_records(
    graph: ServiceGraph, references: CodedColumn[str], numbers: NDArray[np.int64]
) -> GroupRecordColumns:
    rules = graph.group_rules.take(numbers)
    return GroupRecordColumns(
        dependent=references.take(rules.dependents),
        key=rules.keys,
        min_up=rules.min_up,
        degraded_below=rules.degraded_below,
        grounded=CodedColumn((False, True), rules.grounded.view(np.uint8)),
        is_assumed=CodedColumn((False, True), rules.is_assumed.view(np.uint8)),
        file=rules.files,
        row=NumberColumn(rules.rows),
    )


def _said_groups(graph: ServiceGraph) -> NDArray[np.int64]:
    """Return the groups that need a record: relations alone do not give them again."""
    rules = graph.group_rules
    is_bare = rules.min_up.flags(_is_none) & rules.degraded_below.flags(_is_none)
    is_bare &= ~(rules.grounded | rules.is_assumed)
    bare = np.flatnonzero(is_bare)
    is_bare[bare] = _stand_at_their_first_relation(graph, bare)
    return np.flatnonzero(~is_bare)


def _is_none(value: object) -> bool:
    return value is None


def _stand_at_their_first_relation(
    graph: ServiceGraph, groups: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return whether the place of each group is the first one where a relation is put in it."""
    topology, files, rules = graph.topology, graph.edges.files, graph.group_rules
    in_order = sorted(set(files))
    rank_of = {file: rank for rank, file in enumerate(in_order)}
    ranks = np.array([rank_of[file] for file in files], dtype=np.int64)
    first = np.full(len(rules) + 1, np.iinfo(np.int64).max)
    grouped = np.flatnonzero(topology.edge_group != NO_GROUP)
    places = ranks[topology.edge_file[grouped]] << 32 | topology.edge_row[grouped].astype(np.int64)
    np.minimum.at(first, topology.edge_group[grouped], places)
    own_ranks = by_value(rules.files, lambda file: rank_of.get(file, -1), np.int64)
    own = own_ranks << 32 | rules.rows
    found: NDArray[np.bool_] = first[groups] == own[groups]
    return found
