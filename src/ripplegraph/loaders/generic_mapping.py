"""The relation types of generic relations, where a mapping file says what they mean.

The dependent stands for the parent of a relation type, the dependency for the child. Rules are
asked once for each type and pair of classes; the answers are spread over the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import CodedColumn, coded, smallest_type, taken
from ripplegraph.graph.model import Strength
from ripplegraph.graph.records import DependencyColumns, GroupRecord

if TYPE_CHECKING:
    from ripplegraph.loaders.context import LoadContext
    from ripplegraph.loaders.mapping.rules import GroupDecision, RelationDecision

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


def apply_mapping(
    columns: DependencyColumns, is_said: Flags, ids: CodedColumn[str], context: LoadContext
) -> None:
    """Map the labels of dependencies; those without a label, or with an unknown one, stay.

    ``is_said`` tells where the data gives a strength of its own. ``ids`` are those of the CIs
    known so far; they and both ends of the dependencies are columns with one table of values.
    """
    dependent, dependency = coded(columns.dependent), coded(columns.dependency)
    classes = _classes_by_code(ids, context)
    decisions = _decisions(
        columns,
        [CodedColumn(classes.values, classes.codes[one.codes]) for one in (dependent, dependency)],
        context,
    )
    _map_strengths(columns, decisions, is_said)
    is_swapped = decisions.flags(lambda one: one is not None and one.impact == "parent_to_child")
    columns.dependent = CodedColumn(
        dependent.values, np.where(is_swapped, dependency.codes, dependent.codes)
    )
    columns.dependency = CodedColumn(
        dependent.values, np.where(is_swapped, dependent.codes, dependency.codes)
    )
    both = np.flatnonzero(decisions.flags(lambda one: one is not None and one.impact == "both"))
    opposite = _opposite(columns, both)
    _join_groups(columns, decisions, context)
    columns.extend(opposite)


def _decisions(
    columns: DependencyColumns,
    classes: Sequence[CodedColumn[str]],
    context: LoadContext,
) -> CodedColumn[RelationDecision | None]:
    """Return what the rules say about each dependency; None where they say nothing."""
    pairs = CodedColumn(*combined(*classes))
    triples = CodedColumn(*combined(coded(columns.relation_type), pairs))
    counts = np.bincount(triples.codes, minlength=len(triples.values)).tolist()
    made: list[RelationDecision | None] = []
    for (label, pair), count in zip(triples.values, counts, strict=True):
        decision = context.rules.relation(label, *pair) if label else None
        if decision is not None:
            context.explained[decision.rule, label, *pair] += count
        made.append(decision if decision is not None and decision.known else None)
    return CodedColumn(made, triples.codes)


def _classes_by_code(ids: CodedColumn[str], context: LoadContext) -> CodedColumn[str]:
    """Return the class of the last CI with each id, by the code of the id; "" if there is none."""
    classes = coded(context.records.cis.class_name)
    dtype = smallest_type(len(classes.values) + 1)
    numbers = np.zeros(len(ids.values), dtype=dtype)
    numbers[ids.codes] = classes.codes.astype(dtype) + dtype(1)
    return CodedColumn(("", *classes.values), numbers)


def _map_strengths(
    columns: DependencyColumns,
    decisions: CodedColumn[RelationDecision | None],
    is_said: Flags,
) -> None:
    told = CodedColumn.constant(False, len(columns))
    if is_said.any():
        told = CodedColumn((False, True), is_said.astype(np.uint8))
    cases = CodedColumn(*combined(decisions, told))
    cells, codes = combined(cases, coded(columns.strength))
    columns.strength = CodedColumn(
        [_strength(*case, strength=strength) for case, strength in cells], codes
    )


def _strength(
    decision: RelationDecision | None,
    is_said: bool,
    *,
    strength: Strength,
) -> Strength:
    if decision is None:
        return strength
    if decision.impact == "none":
        return Strength.NONE
    return strength if is_said else decision.strength


def _opposite(columns: DependencyColumns, positions: Numbers) -> DependencyColumns:
    """Return the dependencies at these positions the other way round, in no group."""
    count = len(positions)
    return DependencyColumns(
        dependent=taken(columns.dependency, positions),
        dependency=taken(columns.dependent, positions),
        relation_type=taken(columns.relation_type, positions),
        strength=taken(columns.strength, positions),
        group=CodedColumn.constant("", count),
        weight=CodedColumn.constant(None, count),
        valid_from=taken(columns.valid_from, positions),
        valid_to=taken(columns.valid_to, positions),
        file=taken(columns.file, positions),
        row=taken(columns.row, positions),
    )


def _join_groups(
    columns: DependencyColumns,
    decisions: CodedColumn[RelationDecision | None],
    context: LoadContext,
) -> None:
    """Put dependencies without a group into the groups of their rules."""
    cases, codes = combined(decisions, coded(columns.group))
    joins = [None if group else _group_of(decision) for decision, group in cases]
    joined = CodedColumn(joins, codes)
    keys = [
        group if join is None else join.key for join, (_, group) in zip(joins, cases, strict=True)
    ]
    columns.group = CodedColumn(keys, codes)
    dependents = coded(columns.dependent)
    at = np.flatnonzero(joined.flags(lambda join: join is not None))
    pairs = dependents.codes[at].astype(np.int64) * (len(cases) or 1) + codes[at]
    for position in at[np.sort(np.unique(pairs, return_index=True)[1])].tolist():
        join = joined[position]
        if join is not None:
            _assume_group(columns, position, join, context)


def _group_of(decision: RelationDecision | None) -> GroupDecision | None:
    return None if decision is None or decision.impact == "none" else decision.group


def _assume_group(
    columns: DependencyColumns, position: int, group: GroupDecision, context: LoadContext
) -> None:
    dependent = columns.dependent[position]
    context.assumed_groups.setdefault(
        (dependent, group.key),
        GroupRecord(
            dependent=dependent,
            key=group.key,
            min_up=group.min_up,
            grounded=group.grounded,
            is_assumed=True,
            file=columns.file[position],
            row=columns.row[position],
        ),
    )
