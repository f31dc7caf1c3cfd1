"""The generic ``relations`` and ``groups`` tables: rows to dependencies and requirements."""

from __future__ import annotations

import numpy as np

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import coded, joined
from ripplegraph.graph.group_columns import GroupRecordColumns
from ripplegraph.graph.model import Strength
from ripplegraph.graph.numbered_texts import table_of
from ripplegraph.graph.records import DependencyColumns
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_columns import at, is_filled, put, with_one_table
from ripplegraph.loaders.generic_mapping import apply_mapping
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.quantities import (
    read_flag,
    read_requirement,
    read_strength,
    read_weight,
)


def read_relations(table: GenericTable) -> None:
    """Add the dependencies of a ``relations`` table to the records."""
    if not table.has_columns("dependent", "dependency"):
        return
    dependents = table.texts("dependent", literal=True)
    dependencies = table.texts("dependency", literal=True)
    dates = _Dates(table)
    is_complete = is_filled(dependents) & is_filled(dependencies)
    keep = np.flatnonzero(is_complete & ~dates.is_reversed)
    for position in np.flatnonzero(~is_complete).tolist():
        _refuse_incomplete(table, position, (dependents[position], dependencies[position]))
    for position in np.flatnonzero(is_complete & dates.is_reversed).tolist():
        pair = f"{dependents[position]!r} on {dependencies[position]!r}"
        table.refuse(position, "reversed-times", f"valid_to of {pair} is not after valid_from")
    made = DependencyColumns()
    ids, starts, ends = with_one_table(
        (table.context.records.cis.native_id, at(dependents, keep), at(dependencies, keep))
    )
    if table_of(ids) is not None:
        table.context.records.cis.native_id = ids  # what else names CIs is numbered with them
    put(
        made,
        dependent=starts,
        dependency=ends,
        relation_type=at(table.texts("type"), keep),
        strength=at(
            table.values("strength", read_strength, Strength.HARD, "invalid-strength"), keep
        ),
        group=at(table.texts("group"), keep),
        weight=at(table.values("weight", read_weight, None, "invalid-weight"), keep),
        valid_from=at(dates.valid_from, keep),
        valid_to=at(dates.valid_to, keep),
        file=table.constant(table.file, len(keep)),
        row=table.rows_of(keep),
    )
    table.use_at(keep)
    if table.context.options.mapping is not None:
        is_said = is_filled(at(table.texts("strength"), keep))
        apply_mapping(made, is_said, ids, table.context)
    table.context.records.dependencies.extend(made)


class _Dates:
    """The dates of validity of every row, and which of them are reversed."""

    def __init__(self, table: GenericTable) -> None:
        self.valid_from = table.moments("valid_from")
        self.valid_to = table.moments("valid_to")
        self.is_reversed = np.zeros(len(table), dtype=np.bool_)
        if table.column_of("valid_from") and table.column_of("valid_to"):
            pairs, codes = combined(coded(self.valid_from), coded(self.valid_to))
            flags = [
                start is not None and end is not None and end <= start for start, end in pairs
            ]
            self.is_reversed = np.array(flags, dtype=np.bool_)[codes]


def _refuse_incomplete(table: GenericTable, position: int, ends: tuple[str, str]) -> None:
    said = next(filter(None, ends), None)
    named = "names no CI" if said is None else f"names only {said!r}"
    table.refuse(position, "missing-reference", f"the relation {named}; it was not used")


# --- groups ----------------------------------------------------------------------------------


def read_groups(table: GenericTable) -> None:
    """Add the group requirements of a ``groups`` table to the records."""
    if not table.has_columns("dependent", "group"):
        return
    dependents = table.texts("dependent", literal=True)
    keys = table.texts("group")
    min_up = table.values("min_up", read_requirement, None, "invalid-requirement")
    below = table.values("degraded_below", read_requirement, None, "invalid-requirement")
    grounded = table.values("grounded", read_flag, missing=False, code="invalid-value")
    is_complete = is_filled(dependents) & is_filled(keys)
    for position in np.flatnonzero(~is_complete).tolist():
        text = "the row names no dependent or no group; it was not used"
        table.refuse(position, "missing-reference", text)
    keep = np.flatnonzero(is_complete)
    more = GroupRecordColumns(
        dependent=at(dependents, keep),
        key=at(keys, keep),
        min_up=at(min_up, keep),
        degraded_below=at(below, keep),
        grounded=at(grounded, keep),
        is_assumed=table.constant(False, len(keep)),
        file=table.constant(table.file, len(keep)),
        row=table.rows_of(keep),
    )
    records = table.context.records
    records.groups = joined(records.groups, more)
    table.use_at(keep)


def add_assumed_groups(context: LoadContext) -> None:
    """Add the requirements that mapping rules assume for groups that no table defines."""
    if not context.assumed_groups:
        return
    groups = context.records.groups
    said = {(group.dependent, group.key) for group in groups}
    assumed = [group for key, group in context.assumed_groups.items() if key not in said]
    context.records.groups = [*groups, *assumed]
