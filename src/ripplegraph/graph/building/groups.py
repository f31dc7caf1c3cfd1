"""Redundancy groups: the keys that relations use, with the requirements that the export says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.codes import sorted_codes
from ripplegraph.graph.building.edges import ResolvedEdges
from ripplegraph.graph.building.references import AMBIGUOUS, References
from ripplegraph.graph.columns import as_numbers
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.gates import NO_GROUP, GroupRule
from ripplegraph.graph.records import CiColumns, DependencyColumns, GroupRecord
from ripplegraph.graph.wording import ci_words, place_words

GroupKey = tuple[int, str]
Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedGroups:
    """The groups by dependent and key, that of each dependency, and the records left out."""

    rules: tuple[GroupRule, ...]
    edge_group: NDArray[np.uint32]
    refused: tuple[GroupRecord, ...]


def resolved_groups(
    records: Sequence[GroupRecord],
    columns: DependencyColumns,
    edges: ResolvedEdges,
    references: References,
    found: FindingCollector,
) -> ResolvedGroups:
    """Return the groups that relations use, with their requirements."""
    uses, edge_group = _uses(columns, edges)
    said: dict[GroupKey, GroupRecord] = {}
    refused: list[GroupRecord] = []
    dependents = references.find_all([record.dependent for record in records]).tolist()
    for record, dependent in zip(records, dependents, strict=True):
        key = (dependent, record.key)
        if key in uses and key not in said:
            said[key] = record
        else:
            refused.append(record)
            _report_refused(record, said.get(key), references, found)
    rules = tuple(_rule(key, place, said.get(key)) for key, place in uses.items())
    return ResolvedGroups(rules=rules, edge_group=edge_group, refused=tuple(refused))


def report_missing_requirements(
    groups: ResolvedGroups, cis: CiColumns, found: FindingCollector
) -> None:
    """Collect the groups for which the data says no requirement."""
    for rule in groups.rules:
        if rule.min_up is not None and not rule.is_assumed:
            continue
        taken = f"the mapping assumed {rule.min_up}" if rule.min_up else "all are taken as needed"
        text = f"group {rule.key!r} of {ci_words(cis, rule.dependent)} has no requirement: {taken}"
        found.add("cluster-without-requirement", text, file=rule.file, row=rule.row)


def _uses(
    columns: DependencyColumns, edges: ResolvedEdges
) -> tuple[dict[GroupKey, Place], NDArray[np.uint32]]:
    """Return the groups that relations use, sorted, with the first place, and each one's group."""
    edge_group = np.full(len(edges.positions), NO_GROUP, dtype=np.uint32)
    names, name_of = sorted_codes(columns.group)
    first = int(names[:1] == ("",))  # the empty name sorts first, and is no group
    grouped = np.flatnonzero(name_of[edges.positions] >= first)
    if not len(grouped):
        return {}, edge_group
    positions = edges.positions[grouped]
    pairs = edges.dependents[grouped] * len(names) + name_of[positions]
    keys, numbers = np.unique(pairs, return_inverse=True)
    edge_group[grouped] = numbers
    files, file_of = sorted_codes(columns.file)
    rows = as_numbers(columns.row)[positions]
    order = np.lexsort((rows, file_of[positions], numbers))
    firsts = order[np.searchsorted(numbers[order], np.arange(len(keys)))]
    places = zip(file_of[positions[firsts]].tolist(), rows[firsts].tolist(), strict=True)
    uses = {
        (key // len(names), names[key % len(names)]): (files[file], row)
        for key, (file, row) in zip(keys.tolist(), places, strict=True)
    }
    return uses, edge_group


def _rule(key: GroupKey, place: Place, record: GroupRecord | None) -> GroupRule:
    if record is None:
        return GroupRule(dependent=key[0], key=key[1], file=place[0], row=place[1])
    return GroupRule(
        dependent=key[0],
        key=key[1],
        min_up=record.min_up,
        degraded_below=record.degraded_below,
        grounded=record.grounded,
        is_assumed=record.is_assumed,
        file=record.file,
        row=record.row,
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
