"""Relations to dependencies and redundancy groups: what the mapping rules make of whole columns.

Rules are asked once for each relation type and pair of classes; the answers are spread over the
rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import (
    CodedColumn,
    NumberColumn,
    as_list,
    as_numbers,
    by_value,
    coded,
    smallest_type,
    taken,
)
from ripplegraph.graph.model import Strength
from ripplegraph.graph.numbered_texts import MANY_TEXTS
from ripplegraph.graph.records import DependencyColumns, GroupRecord
from ripplegraph.graph.shared_values import distinct, one_after_another, with_shared_values
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.mapping.rules import GroupDecision, RelationDecision
from ripplegraph.loaders.servicenow.register import Register

Value = TypeVar("Value")
Positions = NDArray[np.int64]
Flags = NDArray[np.bool_]

MEMBERS = "members"
"""Key of the group that a cluster's own requirement (``u_min_up``) speaks of."""

_NO_SIDE, _PARENT, _CHILD = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationColumns:
    """Relations as their tables tell them, in columns of equal length."""

    parent: CodedColumn[str]
    child: CodedColumn[str]
    relation_type: CodedColumn[str]
    strength: Sequence[Strength | None]
    weight: Sequence[Decimal | None]
    file: Sequence[str]
    row: Sequence[int]

    def __len__(self) -> int:
        return len(self.row)


@dataclass(slots=True, kw_only=True)
class _Members:
    """The dependencies that rules put into one group."""

    decision: GroupDecision
    file: str
    row: int
    dependency: str
    positions: list[int] = field(default_factory=list)
    are_several: bool = False


class MappedRelations:
    """Collects the dependencies that relations mean, and ends with their groups."""

    def __init__(self, register: Register, context: LoadContext) -> None:
        self._register, self._context = register, context
        self._unknown: dict[tuple[str, str], list[int]] = {}
        self._groups: dict[tuple[str, str], _Members] = {}
        self._parts: list[DependencyColumns] = []

    def add(self, relations: RelationColumns) -> None:
        """Add the dependencies that relations mean: two where impact goes both ways."""
        if not len(relations):
            return
        ends = _Ends(*with_shared_values((relations.parent, relations.child)))
        decisions = self._decisions(relations, ends)
        self._keep_unknown(relations, decisions)
        made, members = _dependencies(relations, ends, decisions)
        self._add_members(made, members)
        self._parts.append(made)

    def finish(self) -> None:
        """Put what was collected into the records, and report what no rule knows."""
        self._report_unknown_types()
        alone = self._add_groups()
        if not self._parts:
            return
        made = _joined(self._parts)
        if alone:
            _leave_groups(made, alone)
        if len(made) < MANY_TEXTS:
            _hold_in_lists(made)
        self._context.records.dependencies.extend(made)

    def _decisions(self, relations: RelationColumns, ends: _Ends) -> CodedColumn[RelationDecision]:
        """Return what the rules say about each relation."""
        classes = [distinct(one.map(self._register.class_of)) for one in (ends.parent, ends.child)]
        pairs = CodedColumn(*combined(*classes))
        triples = CodedColumn(*combined(distinct(relations.relation_type), pairs))
        counts = np.bincount(triples.codes, minlength=len(triples.values)).tolist()
        made: list[RelationDecision] = []
        for (relation_type, pair), count in zip(triples.values, counts, strict=True):
            decision = self._context.rules.relation(relation_type, *pair)
            if count:
                self._context.explained[decision.rule, relation_type, *pair] += count
            made.append(decision)
        return CodedColumn(made, triples.codes)

    def _keep_unknown(
        self, relations: RelationColumns, decisions: CodedColumn[RelationDecision]
    ) -> None:
        """Keep for each file and relation type that no rule knows the first row, and how many."""
        unknown = np.flatnonzero(decisions.flags(lambda decision: not decision.known))
        if not len(unknown):
            return
        places = combined(coded(relations.file), distinct(relations.relation_type))
        used, first, counts = np.unique(places[1][unknown], return_index=True, return_counts=True)
        for place, at, count in zip(
            used.tolist(), unknown[first].tolist(), counts.tolist(), strict=True
        ):
            kept = self._unknown.setdefault(places[0][place], [relations.row[at], 0])
            kept[1] += count

    def _add_members(
        self, made: DependencyColumns, members: CodedColumn[GroupDecision | None]
    ) -> None:
        start = sum(map(len, self._parts))
        for at in np.flatnonzero(members.flags(lambda group: group is not None)).tolist():
            group = members[at]
            if group is None:
                continue
            dependency = made.dependency[at]
            kept = self._groups.setdefault(
                (made.dependent[at], group.key),
                _Members(
                    decision=group, file=made.file[at], row=made.row[at], dependency=dependency
                ),
            )
            kept.positions.append(start + at)
            kept.are_several = kept.are_several or dependency != kept.dependency

    def _add_groups(self) -> list[int]:
        """Give each group its requirement: the cluster's own, else the rule's, as assumed.

        A single member without a requirement in the data makes no group: it is needed. Returned
        are the positions of such members.
        """
        alone: list[int] = []
        for (dependent, key), members in self._groups.items():
            needed = self._register.needed_members.get(dependent) if key == MEMBERS else None
            if needed is not None:
                group = GroupRecord(
                    dependent=dependent,
                    key=key,
                    min_up=needed.min_up,
                    degraded_below=needed.degraded_below,
                    grounded=members.decision.grounded,
                    file=needed.file,
                    row=needed.row,
                )
            elif members.are_several:
                group = GroupRecord(
                    dependent=dependent,
                    key=key,
                    min_up=members.decision.min_up,
                    grounded=members.decision.grounded,
                    is_assumed=True,
                    file=members.file,
                    row=members.row,
                )
            else:
                alone.extend(members.positions)
                continue
            self._context.records.groups.append(group)
        return alone

    def _report_unknown_types(self) -> None:
        """Report once per file each relation type that no rule knows."""
        for (file, relation_type), (row, count) in self._unknown.items():
            shown = repr(relation_type) if relation_type else "an empty type"
            text = f"no mapping rule knows relation type {shown}: kept, no impact"
            self._context.found.add("unknown-relation-type", text, file=file, row=row, count=count)


@dataclass(frozen=True, slots=True)
class _Ends:
    """The ids of the two CIs of relations; equal ids have equal codes in both columns."""

    parent: CodedColumn[str]
    child: CodedColumn[str]


def _dependencies(
    relations: RelationColumns, ends: _Ends, decisions: CodedColumn[RelationDecision]
) -> tuple[DependencyColumns, CodedColumn[GroupDecision | None]]:
    """Return the dependencies that relations mean, in their order, and the group of each."""
    is_both = decisions.flags(lambda decision: decision.impact == "both")
    counts = is_both + np.ones(len(relations), dtype=np.int64)
    at = np.repeat(np.arange(len(relations)), counts)
    is_swapped = decisions.flags(lambda decision: decision.impact == "parent_to_child")[at]
    is_swapped[np.cumsum(counts)[is_both] - 1] = True  # the second of the two
    parent, child = ends.parent.codes[at], ends.child.codes[at]
    dependent = np.where(is_swapped, child, parent)
    sides = by_value(decisions, _owning_side, np.uint8)[at]
    is_member = (sides != _NO_SIDE) & (dependent == np.where(sides == _PARENT, parent, child))
    groups = _where(is_member, decisions.map(lambda decision: decision.group).take(at), None)
    made = DependencyColumns(
        dependent=CodedColumn(ends.parent.values, dependent),
        dependency=CodedColumn(ends.parent.values, np.where(is_swapped, parent, child)),
        relation_type=relations.relation_type.take(at),
        strength=_strengths(decisions, relations.strength).take(at),
        group=groups.map(lambda group: group.key if group is not None else ""),
        weight=_where(is_member, coded(relations.weight).take(at), None),
        valid_from=CodedColumn.constant(None, len(at)),
        valid_to=CodedColumn.constant(None, len(at)),
        file=taken(relations.file, at),
        row=NumberColumn(as_numbers(relations.row)[at]),
    )
    return made, groups


def _owning_side(decision: RelationDecision) -> int:
    if decision.group is None:
        return _NO_SIDE
    return _PARENT if decision.group.on == "parent" else _CHILD


def _strengths(
    decisions: CodedColumn[RelationDecision], told: Sequence[Strength | None]
) -> CodedColumn[Strength]:
    """Return the strength of each relation: as the data tells it, unless there is no impact."""
    return CodedColumn(*combined(decisions, coded(told))).map(
        lambda case: (
            case[0].strength if case[1] is None or case[0].strength is Strength.NONE else case[1]
        )
    )


def _where(flags: Flags, column: CodedColumn[Value], other: Value) -> CodedColumn[Value]:
    """Return the cells of a column where something holds, else another value."""
    dtype = smallest_type(len(column.values) + 1)
    codes = np.where(flags, column.codes.astype(dtype) + dtype(1), dtype(0))
    return CodedColumn((other, *column.values), codes)


def _joined(parts: Sequence[DependencyColumns]) -> DependencyColumns:
    """Return the dependencies of all tables, one after another."""
    if len(parts) == 1:
        return parts[0]
    made = DependencyColumns()
    for column in fields(DependencyColumns):
        if column.name not in {"row", "dependent", "dependency"}:
            cells = one_after_another([getattr(part, column.name) for part in parts])
            setattr(made, column.name, cells)
    ends = [getattr(part, end) for end in ("dependent", "dependency") for part in parts]
    ids = one_after_another(ends)
    made.dependent, made.dependency = ids[: len(ids) // 2], ids[len(ids) // 2 :]
    made.row = NumberColumn(np.concatenate([as_numbers(part.row) for part in parts]))
    return made


def _leave_groups(made: DependencyColumns, positions: list[int]) -> None:
    """Take the dependencies at some positions out of their groups."""
    is_member = np.ones(len(made), dtype=np.bool_)
    is_member[positions] = False
    made.group = _where(is_member, coded(made.group), "")
    made.weight = _where(is_member, coded(made.weight), None)


def _hold_in_lists(made: DependencyColumns) -> None:
    """Hold few dependencies in lists, to which other loaders can add."""
    for column in fields(DependencyColumns):
        setattr(made, column.name, as_list(getattr(made, column.name)))
