"""The generic ``relations`` and ``groups`` tables: rows to dependencies and requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ripplegraph.graph.model import Strength
from ripplegraph.graph.records import GroupRecord
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_table import GenericTable, at
from ripplegraph.loaders.quantities import (
    read_flag,
    read_requirement,
    read_strength,
    read_weight,
)

if TYPE_CHECKING:
    from ripplegraph.loaders.mapping.rules import GroupDecision, RelationDecision


def read_relations(table: GenericTable) -> None:
    """Add the dependencies of a ``relations`` table to the records."""
    if not table.has_columns("dependent", "dependency"):
        return
    dependents = table.texts("dependent", literal=True)
    dependencies = table.texts("dependency", literal=True)
    dates = _Dates(table)
    keep = [
        position
        for position, ends in enumerate(zip(dependents, dependencies, strict=True))
        if ends[0] and ends[1] and position not in dates.reversed
    ]
    if len(keep) < len(dependents):
        _report_refused(table, dependents, dependencies, dates)
    columns, start = table.context.records.dependencies, len(table.context.records.dependencies)
    columns.dependent.extend(at(dependents, keep))
    columns.dependency.extend(at(dependencies, keep))
    columns.relation_type.extend(at(table.texts("type"), keep))
    strengths = table.values("strength", read_strength, Strength.HARD, "invalid-strength")
    columns.strength.extend(at(strengths, keep))
    columns.group.extend(at(table.texts("group"), keep))
    columns.weight.extend(at(table.values("weight", read_weight, None, "invalid-weight"), keep))
    columns.valid_from.extend(at(dates.valid_from, keep))
    columns.valid_to.extend(at(dates.valid_to, keep))
    columns.file.extend([table.file] * len(keep))
    columns.row.extend(at(list(table.rows), keep))
    table.use_at(keep)
    if table.context.options.mapping is not None:
        said = [bool(cell) for cell in at(table.texts("strength"), keep)]
        _apply_mapping(table, start, said)


class _Dates:
    """The dates of validity of every row, and the positions where they are reversed."""

    def __init__(self, table: GenericTable) -> None:
        self.valid_from: list[datetime | None] = table.moments("valid_from")
        self.valid_to: list[datetime | None] = table.moments("valid_to")
        self.reversed: set[int] = set()
        if table.column_of("valid_from") and table.column_of("valid_to"):
            self.reversed = {
                position
                for position, (start, end) in enumerate(
                    zip(self.valid_from, self.valid_to, strict=True)
                )
                if start is not None and end is not None and end <= start
            }


def _report_refused(
    table: GenericTable, dependents: Sequence[str], dependencies: Sequence[str], dates: _Dates
) -> None:
    for position, (dependent, dependency) in enumerate(zip(dependents, dependencies, strict=True)):
        if not (dependent and dependency):
            named = (
                f"names only {dependent or dependency!r}"
                if dependent or dependency
                else "names no CI"
            )
            table.refuse(position, "missing-reference", f"the relation {named}; it was not used")
        elif position in dates.reversed:
            text = f"valid_to of {dependent!r} on {dependency!r} is not after valid_from"
            table.refuse(position, "reversed-times", text)


# --- relation types, where a mapping file is given -------------------------------------------


def _apply_mapping(table: GenericTable, start: int, strength_is_said: Sequence[bool]) -> None:
    """Map the labels of the dependencies from ``start`` on; unknown labels stay labels.

    The dependent stands for the parent of a relation type, the dependency for the child.
    """
    context = table.context
    columns, class_of = context.records.dependencies, _classes_of(table)
    decisions: dict[tuple[str, str, str], RelationDecision] = {}
    for position in range(start, len(columns)):  # not those that are appended on the way
        label = columns.relation_type[position]
        if not label:
            continue
        key = (
            label,
            class_of.get(columns.dependent[position], ""),
            class_of.get(columns.dependency[position], ""),
        )
        decision = decisions.get(key)
        if decision is None:
            decision = decisions[key] = context.rules.relation(*key)
        context.explained[decision.rule, *key] += 1
        if decision.known:
            _apply_decision(table, position, decision, keep=strength_is_said[position - start])


def _classes_of(table: GenericTable) -> Mapping[str, str]:
    cis = table.context.records.cis
    return dict(zip(cis.native_id, cis.class_name, strict=True))


def _apply_decision(
    table: GenericTable, position: int, decision: RelationDecision, *, keep: bool
) -> None:
    columns = table.context.records.dependencies
    if decision.impact == "none":
        columns.strength[position] = Strength.NONE
        return
    if not keep:
        columns.strength[position] = decision.strength
    ends = (columns.dependent[position], columns.dependency[position])
    if decision.impact == "parent_to_child":
        columns.dependency[position], columns.dependent[position] = ends
    elif decision.impact == "both":
        columns.append(
            dependent=ends[1],
            dependency=ends[0],
            relation_type=columns.relation_type[position],
            strength=columns.strength[position],
            valid_from=columns.valid_from[position],
            valid_to=columns.valid_to[position],
            file=columns.file[position],
            row=columns.row[position],
        )
    if decision.group is not None and not columns.group[position]:
        _join_group(table, position, decision.group)


def _join_group(table: GenericTable, position: int, group: GroupDecision) -> None:
    columns = table.context.records.dependencies
    columns.group[position] = group.key
    dependent = columns.dependent[position]
    table.context.assumed_groups.setdefault(
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


# --- groups ----------------------------------------------------------------------------------


def read_groups(table: GenericTable) -> None:
    """Add the group requirements of a ``groups`` table to the records."""
    if not table.has_columns("dependent", "group"):
        return
    dependents, keys = table.texts("dependent", literal=True), table.texts("group")
    min_up = table.values("min_up", read_requirement, None, "invalid-requirement")
    below = table.values("degraded_below", read_requirement, None, "invalid-requirement")
    grounded = table.values("grounded", read_flag, missing=False, code="invalid-value")
    for position, (dependent, key) in enumerate(zip(dependents, keys, strict=True)):
        if not (dependent and key):
            text = "the row names no dependent or no group; it was not used"
            table.refuse(position, "missing-reference", text)
            continue
        record = GroupRecord(
            dependent=dependent,
            key=key,
            min_up=min_up[position],
            degraded_below=below[position],
            grounded=grounded[position],
            file=table.file,
            row=table.rows[position],
        )
        table.context.records.groups.append(record)
        table.use_at([position])


def add_assumed_groups(context: LoadContext) -> None:
    """Add the requirements that mapping rules assume for groups that no table defines."""
    groups = context.records.groups
    said = {(group.dependent, group.key) for group in groups}
    groups.extend(group for key, group in context.assumed_groups.items() if key not in said)
