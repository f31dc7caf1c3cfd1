"""Columns of big generic tables: which are left out, which hold ids of CIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ripplegraph.loaders.formula_guard import unguarded
from ripplegraph.loaders.generic import is_complete
from ripplegraph.loaders.generic_table import field_column
from ripplegraph.loaders.reading.plan import ColumnPlan, ColumnWish

if TYPE_CHECKING:
    from ripplegraph.loaders.mapping.rules import MappingRules

_IDS: Mapping[str, tuple[str, ...]] = {
    "cis": ("id",),
    "relations": ("dependent", "dependency"),
    "groups": ("dependent",),
}
"""Fields that hold ids of CIs."""

_FURTHER: Mapping[str, tuple[str, ...]] = {
    "relations": ("type", "strength", "group", "weight", "valid_from", "valid_to"),
    "groups": ("group", "min_up", "degraded_below", "grounded"),
}
"""The other fields of tables of which nothing else is kept."""


def generic_plan(rules: MappingRules) -> ColumnPlan:
    """Return what is done with the columns of generic tables while they are read."""

    def plan(name: str, columns: Sequence[str]) -> Mapping[str, ColumnWish]:
        if name not in _IDS or not is_complete(name, columns):
            return {}
        written = {unguarded(column): column for column in columns}
        wishes: dict[str, ColumnWish] = {}
        if name in _FURTHER:
            fields = (*_IDS[name], *_FURTHER[name])
            used = {field_column(rules, name, field, written.keys()) for field in fields}
            further = (column for bare, column in written.items() if bare not in used)
            wishes.update(dict.fromkeys(further, ColumnWish.LEAVE_OUT))
        for field in _IDS[name]:
            bare = field_column(rules, name, field, written.keys())
            if bare is not None:
                wishes[written[bare]] = ColumnWish.NUMBER
        return wishes

    return plan
