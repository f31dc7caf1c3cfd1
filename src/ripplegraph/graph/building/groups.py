"""Redundancy groups: the keys that relations use, with the requirements that the export says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.codes import numbers_at, sorted_codes
from ripplegraph.graph.building.edges import ResolvedEdges
from ripplegraph.graph.building.references import AMBIGUOUS, References
from ripplegraph.graph.columns import CodedColumn, by_value, smallest_type
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.group_columns import GroupRecordColumns, GroupRuleColumns, rules_said
from ripplegraph.graph.records import CiColumns, DependencyColumns, GroupRecord
from ripplegraph.graph.wording import ci_words, place_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedGroups:
    """The groups by dependent and key, that of each dependency, and the records left out."""

    rules: GroupRuleColumns
    edge_group: NDArray[np.uint32]
    records: GroupRecordColumns
    refused: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Uses:
    """The groups that relations use, sorted, with the first place; and each relation's group.

    ``pairs`` are ``dependent * len(names) + name``, ascending.
    """

    names: tuple[str, ...]
    pairs: NDArray[np.int64]
    files: CodedColumn[str]
    rows: NDArray[np.int64]
    edge_group: NDArray[np.uint32]


def resolved_groups(
    records: Sequence[GroupRecord],
    columns: DependencyColumns,
    edges: ResolvedEdges,
    references: References,
    found: FindingCollector,
) -> ResolvedGroups:
    """Return the groups that relations use, with their requirements."""
    uses = _uses(columns, edges)
    held = GroupRecordColumns.of(records)
    group_of = _groups_named(held, uses, references)
    said = np.full(len(uses.pairs), -1, dtype=np.int64)
    named = np.flatnonzero(group_of >= 0)[::-1]
    said[group_of[named]] = named  # backwards: the first record of a group is written last
    is_first = np.zeros(len(held), dtype=np.bool_)
    is_first[said[said >= 0]] = True
    refused = np.flatnonzero(~is_first)
    for position in refused.tolist():
        group = int(group_of[position])
        first = held[int(said[group])] if group >= 0 else None
        _report_refused(held[position], first, references, found)
    width = max(len(uses.names), 1)
    return ResolvedGroups(
        rules=rules_said(
            uses.pairs // width,
            CodedColumn(uses.names, (uses.pairs % width).astype(smallest_type(width))),
            (uses.files, uses.rows),
            held,
            said,
        ),
        edge_group=uses.edge_group,
        records=held,
        refused=refused,
    )


def _groups_named(
    records: GroupRecordColumns, uses: _Uses, references: References
) -> NDArray[np.int64]:
    """Return for each record the number of the group that it names, -1 for none."""
    number_of = {name: number for number, name in enumerate(uses.names)}
    names = by_value(records.key, lambda key: number_of.get(key, -1), np.int64)
    dependents = references.find_all(records.dependent)
    is_possible = (names >= 0) & (dependents >= 0)
    pairs = np.where(is_possible, dependents * len(uses.names) + names, -1)
    groups, order = np.empty_like(pairs), np.argsort(pairs)
    groups[order] = np.searchsorted(uses.pairs, pairs[order])  # in order: near memory is read
    groups[groups == len(uses.pairs)] = 0
    is_used = is_possible & (uses.pairs[groups] == pairs if len(uses.pairs) else False)
    return np.where(is_used, groups, -1)


def report_missing_requirements(
    groups: ResolvedGroups, cis: CiColumns, found: FindingCollector
) -> None:
    """Collect the groups for which the data says no requirement."""
    rules = groups.rules
    is_missing = rules.min_up.flags(lambda min_up: min_up is None) | rules.is_assumed
    for rule in rules.take(np.flatnonzero(is_missing)):
        taken = f"the mapping assumed {rule.min_up}" if rule.min_up else "all are taken as needed"
        text = f"group {rule.key!r} of {ci_words(cis, rule.dependent)} has no requirement: {taken}"
        found.add("cluster-without-requirement", text, file=rule.file, row=rule.row)


def _uses(columns: DependencyColumns, edges: ResolvedEdges) -> _Uses:
    """Return the groups that relations use."""
    edge_group = np.full(len(edges.positions), NO_GROUP, dtype=np.uint32)
    names, name_of = sorted_codes(columns.group)
    files, file_of = sorted_codes(columns.file)
    first = int(names[:1] == ("",))  # the empty name sorts first, and is no group
    grouped = np.flatnonzero(name_of[edges.positions] >= first)
    positions = edges.positions[grouped]
    pairs = edges.dependents[grouped].astype(np.int64) * len(names) + name_of[positions]
    order = np.argsort(pairs, kind="stable")
    in_order = pairs[order]
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = in_order[1:] != in_order[:-1]
    edge_group[grouped[order]] = np.cumsum(is_first) - 1
    starts = np.flatnonzero(is_first)
    places = numbers_at(columns.row, positions).astype(np.int64)
    if len(files) > 1:
        places |= file_of[positions].astype(np.int64) << 32
    firsts = np.minimum.reduceat(places[order], starts) if len(starts) else places[:0]
    return _Uses(
        names=names,
        pairs=in_order[starts],
        files=CodedColumn(files, (firsts >> 32).astype(np.uint32)),
        rows=firsts & 0xFFFF_FFFF,
        edge_group=edge_group,
    )


def _report_refused(
    record: GroupRecord,
    first: GroupRecord | None,
    references: References,
    found: FindingCollector,
) -> None:
    words, file, row = f"group {record.key!r} of {record.dependent!r}", record.file, record.row
    if references.find(record.dependent) == AMBIGUOUS:
        references.report_ambiguous(
            found, record.dependent, f"group {record.key!r}", file=file, row=row
        )
    elif first is None:
        found.add("dangling-group", f"{words}: no relation is in it", file=file, row=row)
    else:
        text = f"{words} stands already{place_words(first.file, first.row)}"
        found.add("duplicate-group", text, file=file, row=row)
