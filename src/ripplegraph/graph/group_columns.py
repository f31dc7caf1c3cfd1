"""Redundancy groups by the hundred thousand: columns that give a value for one when asked.

:class:`GroupRecordColumns` hold what an export says about groups, :class:`GroupRuleColumns` what
the graph made of it. Both read like a list of values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import (
    ArrayColumn,
    CodedColumn,
    Positions,
    as_numbers,
    by_value,
    coded,
    joined,
    taken,
)
from ripplegraph.graph.model import Requirement
from ripplegraph.graph.records import GroupRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule:
    """One redundancy group of one dependent: its key, its requirement, where it was said."""

    dependent: int
    key: str
    min_up: Requirement | None = None
    degraded_below: Requirement | None = None
    grounded: bool = False
    is_assumed: bool = False
    file: str = ""
    row: int = 0


class GroupRecordColumns(ArrayColumn[GroupRecord]):
    """Records of groups as columns of equal length; see :class:`GroupRecord` for each meaning.

    Examples
    --------
    >>> record = GroupRecord(dependent="shop", key="servers", file="groups.csv", row=2)
    >>> GroupRecordColumns.of([record])[0] == record
    True
    """

    __slots__ = (
        "degraded_below",
        "dependent",
        "file",
        "grounded",
        "is_assumed",
        "key",
        "min_up",
        "row",
    )

    def __init__(  # noqa: PLR0913 - one argument per column
        self,
        *,
        dependent: Sequence[str],
        key: Sequence[str],
        min_up: Sequence[Requirement | None],
        degraded_below: Sequence[Requirement | None],
        grounded: Sequence[bool],
        is_assumed: Sequence[bool],
        file: Sequence[str],
        row: Sequence[int],
    ) -> None:
        self.dependent, self.key = dependent, key
        self.min_up, self.degraded_below = min_up, degraded_below
        self.grounded, self.is_assumed = grounded, is_assumed
        self.file, self.row = file, row

    @classmethod
    def of(cls, records: Sequence[GroupRecord]) -> GroupRecordColumns:
        """Return columns of these records, the columns themselves if they are some."""
        if isinstance(records, GroupRecordColumns):
            return records
        return cls(
            dependent=[one.dependent for one in records],
            key=[one.key for one in records],
            min_up=[one.min_up for one in records],
            degraded_below=[one.degraded_below for one in records],
            grounded=[one.grounded for one in records],
            is_assumed=[one.is_assumed for one in records],
            file=[one.file for one in records],
            row=[one.row for one in records],
        )

    def __len__(self) -> int:
        return len(self.row)

    def _cell(self, number: int) -> GroupRecord:
        return GroupRecord(
            dependent=self.dependent[number],
            key=self.key[number],
            min_up=self.min_up[number],
            degraded_below=self.degraded_below[number],
            grounded=self.grounded[number],
            is_assumed=self.is_assumed[number],
            file=self.file[number],
            row=self.row[number],
        )

    def take(self, numbers: Positions) -> GroupRecordColumns:
        """Return the records at these positions, in this order."""
        at = numbers if isinstance(numbers, slice) else np.asarray(numbers, dtype=np.int64)
        return GroupRecordColumns(
            dependent=taken(self.dependent, at),
            key=taken(self.key, at),
            min_up=taken(self.min_up, at),
            degraded_below=taken(self.degraded_below, at),
            grounded=taken(self.grounded, at),
            is_assumed=taken(self.is_assumed, at),
            file=taken(self.file, at),
            row=taken(self.row, at),
        )


class GroupRuleColumns(ArrayColumn[GroupRule]):
    """The groups of a graph as columns, by group number; see :class:`GroupRule`."""

    __slots__ = (
        "degraded_below",
        "dependents",
        "files",
        "grounded",
        "is_assumed",
        "keys",
        "min_up",
        "rows",
    )

    def __init__(  # noqa: PLR0913 - one argument per column
        self,
        *,
        dependents: NDArray[np.uint32],
        keys: CodedColumn[str],
        min_up: CodedColumn[Requirement | None],
        degraded_below: CodedColumn[Requirement | None],
        grounded: NDArray[np.bool_],
        is_assumed: NDArray[np.bool_],
        files: CodedColumn[str],
        rows: NDArray[np.int64],
    ) -> None:
        self.dependents, self.keys = dependents, keys
        self.min_up, self.degraded_below = min_up, degraded_below
        self.grounded, self.is_assumed = grounded, is_assumed
        self.files, self.rows = files, rows

    @classmethod
    def of(cls, rules: Sequence[GroupRule]) -> GroupRuleColumns:
        """Return columns of these rules, the columns themselves if they are some."""
        if isinstance(rules, GroupRuleColumns):
            return rules
        return cls(
            dependents=np.array([one.dependent for one in rules], dtype=np.uint32),
            keys=coded([one.key for one in rules]),
            min_up=coded([one.min_up for one in rules]),
            degraded_below=coded([one.degraded_below for one in rules]),
            grounded=np.array([one.grounded for one in rules], dtype=np.bool_),
            is_assumed=np.array([one.is_assumed for one in rules], dtype=np.bool_),
            files=coded([one.file for one in rules]),
            rows=np.array([one.row for one in rules], dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.rows)

    def _cell(self, number: int) -> GroupRule:
        return GroupRule(
            dependent=int(self.dependents[number]),
            key=self.keys[number],
            min_up=self.min_up[number],
            degraded_below=self.degraded_below[number],
            grounded=bool(self.grounded[number]),
            is_assumed=bool(self.is_assumed[number]),
            file=self.files[number],
            row=int(self.rows[number]),
        )

    def extended(self, rules: Sequence[GroupRule]) -> GroupRuleColumns:
        """Return these rules and more after them."""
        more = GroupRuleColumns.of(rules)
        return GroupRuleColumns(
            dependents=np.concatenate((self.dependents, more.dependents)),
            keys=coded(joined(self.keys, more.keys)),
            min_up=coded(joined(self.min_up, more.min_up)),
            degraded_below=coded(joined(self.degraded_below, more.degraded_below)),
            grounded=np.concatenate((self.grounded, more.grounded)),
            is_assumed=np.concatenate((self.is_assumed, more.is_assumed)),
            files=coded(joined(self.files, more.files)),
            rows=np.concatenate((self.rows, more.rows)),
        )

    def take(self, numbers: Positions) -> GroupRuleColumns:
        """Return the rules at these positions, in this order."""
        at = numbers if isinstance(numbers, slice) else np.asarray(numbers, dtype=np.int64)
        return GroupRuleColumns(
            dependents=self.dependents[at],
            keys=self.keys.take(at),
            min_up=self.min_up.take(at),
            degraded_below=self.degraded_below.take(at),
            grounded=self.grounded[at],
            is_assumed=self.is_assumed[at],
            files=self.files.take(at),
            rows=self.rows[at],
        )


def rules_said(
    dependents: NDArray[np.int64],
    keys: CodedColumn[str],
    places: tuple[CodedColumn[str], NDArray[np.int64]],
    records: GroupRecordColumns,
    said: NDArray[np.int64],
) -> GroupRuleColumns:
    """Return the rules of groups, with what records say about them.

    Parameters
    ----------
    dependents, keys
        Of each group.
    places
        File and row of each group where no record says more.
    said
        For each group the position of its record, -1 for none.
    """
    has_record = said >= 0
    files, rows = places
    own_files = coded(records.file)
    file_codes = files.codes.astype(np.int64)
    file_codes[has_record] = len(files.values) + own_files.codes[said[has_record]]
    own_rows = np.where(has_record, 0, rows)
    own_rows[has_record] = as_numbers(records.row)[said[has_record]]
    return GroupRuleColumns(
        dependents=dependents.astype(np.uint32),
        keys=keys,
        min_up=_where_said(coded(records.min_up), said),
        degraded_below=_where_said(coded(records.degraded_below), said),
        grounded=_flags_said(records.grounded, said),
        is_assumed=_flags_said(records.is_assumed, said),
        files=CodedColumn((*files.values, *own_files.values), file_codes.astype(np.uint32)),
        rows=own_rows,
    )


def _where_said(
    cells: CodedColumn[Requirement | None], said: NDArray[np.int64]
) -> CodedColumn[Requirement | None]:
    codes = np.zeros(len(said), dtype=np.uint32)
    codes[said >= 0] = cells.codes[said[said >= 0]].astype(np.uint32) + 1
    return CodedColumn((None, *cells.values), codes)


def _flags_said(cells: Sequence[bool], said: NDArray[np.int64]) -> NDArray[np.bool_]:
    flags = np.zeros(len(said), dtype=np.bool_)
    flags[said >= 0] = by_value(cells, bool, np.bool_)[said[said >= 0]]
    return flags
