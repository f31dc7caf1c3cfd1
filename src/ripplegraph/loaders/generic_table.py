"""One generic table, read column by column: equal cells are read once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.columns import ArrayColumn, CodedColumn, NumberColumn, coded
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.formula_guard import unguarded
from ripplegraph.loaders.generic_columns import (
    different,
    mapped,
    positions_of,
    rows_at,
    without_guards,
    without_words,
)

if TYPE_CHECKING:
    from ripplegraph.loaders.mapping.rules import MappingRules
    from ripplegraph.loaders.reading import RawTable

Value = TypeVar("Value")


def field_column(
    rules: MappingRules, kind: str, field: str, columns: Collection[str]
) -> str | None:
    """Return which of these columns holds a field of a generic table, None if none does."""
    column = rules.column(kind, field, columns)
    return field if column is None and field in columns else column


class GenericTable:
    """A raw table whose fields are found through the mapping file's column names.

    ``kind`` is the generic table that it is (``cis``, ``relations``, ...), whatever its name.
    """

    def __init__(self, raw: RawTable, kind: str, context: LoadContext) -> None:
        self.file, self.rows, self.context = raw.file, raw.rows, context
        self._kind = kind
        self._columns = {unguarded(name): cells for name, cells in raw.columns.items()}
        self._used_columns: set[str] = set()

    def __len__(self) -> int:
        return len(self.rows)

    def column_of(self, field: str) -> str | None:
        """Return the name of the column that holds a field, or None."""
        return field_column(self.context.rules, self._kind, field, self._columns.keys())

    def has_columns(self, *fields: str) -> bool:
        """Return whether the needed columns are there; if not, report it and refuse all rows."""
        missing = [field for field in fields if self.column_of(field) is None]
        if not missing:
            return True
        text = f"{self._kind}: no column {' and no column '.join(missing)}"
        self.context.found.add("missing-column", text, file=self.file, row=1, count=len(self) or 1)
        self.context.ledger.refuse_all(self)
        return False

    def column(self, field: str) -> Sequence[str]:
        """Return the cells of a field in the form that costs least."""
        return self.texts(field)

    def texts(self, field: str, *, literal: bool = False) -> Sequence[str]:
        """Return the cells of a field; words such as ``NA`` are empty, unless ``literal``."""
        column = self.column_of(field)
        if column is None:
            return CodedColumn.constant("", len(self))
        self._used_columns.add(column)
        cells = self._unguarded(column)
        if literal:
            return cells
        nulls = self.context.rules.null_words
        if field == "strength":
            nulls = nulls - {"none"}  # there the word means a dependency without impact
        return without_words(cells, nulls)

    def values(
        self, field: str, read: Callable[[str], Value], missing: Value, code: str
    ) -> Sequence[Value]:
        """Return what the cells of a field mean; unreadable ones are missing, with a finding."""
        return self.values_and_flaws(field, read, missing, code)[0]

    def values_and_flaws(
        self, field: str, read: Callable[[str], Value], missing: Value, code: str
    ) -> tuple[Sequence[Value], set[int]]:
        """Return what the cells of a field mean, and the positions that could not be read."""
        cells = self.column(field)
        meaning: dict[str, Value] = {"": missing}
        broken: dict[str, str] = {}
        for cell in sorted(different(cells) - {""}):
            try:
                meaning[cell] = read(cell)
            except InvalidQuantityError as error:
                meaning[cell] = missing
                broken[cell] = str(error)
        flaws = positions_of(cells, broken)
        for position in flaws:
            self.report(code, f"{field}: {broken[cells[position]]}", position)
        return mapped(cells, meaning.__getitem__), set(flaws)

    def moments(self, field: str, *, date_is_enough: bool = True) -> Sequence[datetime | None]:
        """Return the UTC times of a field; unreadable ones are None, with a finding."""
        cells = self.texts(field)
        if isinstance(cells, ArrayColumn):
            return self._moments_by_value(field, coded(cells), date_is_enough=date_is_enough)
        moments: list[datetime | None] = [None] * len(cells)
        if any(cells):
            for position, cell in enumerate(cells):
                if cell:
                    moments[position] = self._moment(
                        field, cell, position, self.context.found, date_is_enough=date_is_enough
                    )
        return moments

    def _moments_by_value(
        self,
        field: str,
        cells: CodedColumn[str],
        *,
        date_is_enough: bool,
        naive_is_utc: bool = False,
    ) -> Sequence[datetime | None]:
        """Return the times of a field, each different cell read once."""
        read = partial(
            self._moment, field, date_is_enough=date_is_enough, naive_is_utc=naive_is_utc
        )
        moments: dict[str, datetime | None] = dict.fromkeys(cells.values)
        told: set[str] = set()
        for cell in filter(None, cells.values if len(cells) else ()):
            probe = FindingCollector()
            moments[cell] = read(cell, 0, probe)
            if probe.findings():
                told.add(cell)
        for position in positions_of(cells, told):
            read(cells[position], position, self.context.found)
        return cells.map(moments.__getitem__)

    def _moment(
        self,
        field: str,
        cell: str,
        position: int,
        found: FindingCollector,
        *,
        date_is_enough: bool,
        naive_is_utc: bool = False,
    ) -> datetime | None:
        return self.context.times.read(
            cell,
            found=found,
            file=self.file,
            row=self.rows[position],
            field=field,
            naive_is_utc=naive_is_utc,
            date_is_enough=date_is_enough,
        )

    def further_columns(self) -> Mapping[str, Sequence[str]]:
        """Return the columns that no field has taken: they are kept as attributes."""
        names = [name for name in self._columns if name not in self._used_columns]
        return {name: self._unguarded(name) for name in names}

    def _unguarded(self, column: str) -> Sequence[str]:
        """Return the cells without the guard that our own tables put before formulas."""
        cells = self._columns[column] = without_guards(self._columns[column])
        return cells

    def constant(self, value: Value, count: int) -> Sequence[Value]:
        """Return a column of one value."""
        return CodedColumn.constant(value, count)

    def rows_of(self, positions: NDArray[np.int64]) -> Sequence[int]:
        """Return the column of the row numbers at these positions."""
        return NumberColumn(rows_at(self.rows, positions))

    def report(self, code: str, text: str, position: int, *, count: int = 1) -> None:
        """Collect a finding about the row at a position."""
        self.context.found.add(code, text, file=self.file, row=self.rows[position], count=count)

    def refuse(self, position: int, code: str, text: str) -> None:
        """Collect a finding about a row, which is not used."""
        self.report(code, text, position)
        self.context.ledger.refuse(self.file, self.rows[position])

    def use_at(self, positions: NDArray[np.int64] | Sequence[int]) -> None:
        """Mark the rows at these positions as used."""
        if len(positions) == len(self):
            self.context.ledger.use_all(self)
        else:
            rows = rows_at(self.rows, np.asarray(positions, dtype=np.int64))
            self.context.ledger.use_rows(self.file, rows)
