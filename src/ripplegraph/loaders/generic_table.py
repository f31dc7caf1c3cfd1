"""One generic table, read column by column: equal cells are read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.columns import as_list
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.formula_guard import unguarded

if TYPE_CHECKING:
    from ripplegraph.loaders.reading import RawTable

Value = TypeVar("Value")
Kept = TypeVar("Kept")


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
        column = self.context.rules.column(self._kind, field, self._columns.keys())
        if column is None and field in self._columns:
            return field
        return column

    def has_columns(self, *fields: str) -> bool:
        """Return whether the needed columns are there; if not, report it and refuse all rows."""
        missing = [field for field in fields if self.column_of(field) is None]
        if not missing:
            return True
        text = f"{self._kind}: no column {' and no column '.join(missing)}"
        self.context.found.add("missing-column", text, file=self.file, row=1, count=len(self) or 1)
        self.context.ledger.refuse_all(self)
        return False

    def texts(self, field: str, *, literal: bool = False) -> list[str]:
        """Return the cells of a field; words such as ``NA`` are empty, unless ``literal``."""
        column = self.column_of(field)
        if column is None:
            return [""] * len(self)
        self._used_columns.add(column)
        cells = self._unguarded(column)
        nulls = self.context.rules.null_words
        if field == "strength":
            nulls = nulls - {"none"}  # there the word means a dependency without impact
        empty = set() if literal else {cell for cell in set(cells) if cell.casefold() in nulls}
        if empty - {""}:
            return ["" if cell in empty else cell for cell in cells]
        return cells

    def values(
        self, field: str, read: Callable[[str], Value], missing: Value, code: str
    ) -> list[Value]:
        """Return what the cells of a field mean; unreadable ones are missing, with a finding."""
        return self.values_and_flaws(field, read, missing, code)[0]

    def values_and_flaws(
        self, field: str, read: Callable[[str], Value], missing: Value, code: str
    ) -> tuple[list[Value], set[int]]:
        """Return what the cells of a field mean, and the positions that could not be read."""
        cells = self.texts(field)
        meaning: dict[str, Value] = {"": missing}
        broken: dict[str, str] = {}
        for cell in sorted(set(cells) - {""}):
            try:
                meaning[cell] = read(cell)
            except InvalidQuantityError as error:
                meaning[cell] = missing
                broken[cell] = str(error)
        if not broken:
            return [meaning[cell] for cell in cells], set()
        flaws = {position for position, cell in enumerate(cells) if cell in broken}
        for position in sorted(flaws):
            self.report(code, f"{field}: {broken[cells[position]]}", position)
        return [meaning[cell] for cell in cells], flaws

    def moments(self, field: str, *, date_is_enough: bool = True) -> list[datetime | None]:
        """Return the UTC times of a field; unreadable ones are None, with a finding."""
        cells = self.texts(field)
        moments: list[datetime | None] = [None] * len(cells)
        if any(cells):
            read, found, file = self.context.times.read, self.context.found, self.file
            for position, cell in enumerate(cells):
                if cell:
                    moments[position] = read(
                        cell,
                        found=found,
                        file=file,
                        row=self.rows[position],
                        field=field,
                        date_is_enough=date_is_enough,
                    )
        return moments

    def further_columns(self) -> dict[str, list[str]]:
        """Return the columns that no field has taken: they are kept as attributes."""
        names = [name for name in self._columns if name not in self._used_columns]
        return {name: self._unguarded(name) for name in names}

    def _unguarded(self, column: str) -> list[str]:
        """Return the cells without the guard that our own tables put before formulas."""
        cells = as_list(self._columns[column])
        if "'" in "".join(cells):
            cells = [unguarded(cell) for cell in cells]
        self._columns[column] = cells
        return cells

    def report(self, code: str, text: str, position: int, *, count: int = 1) -> None:
        """Collect a finding about the row at a position."""
        self.context.found.add(code, text, file=self.file, row=self.rows[position], count=count)

    def refuse(self, position: int, code: str, text: str) -> None:
        """Collect a finding about a row, which is not used."""
        self.report(code, text, position)
        self.context.ledger.refuse(self.file, self.rows[position])

    def use_at(self, positions: Sequence[int]) -> None:
        """Mark the rows at these positions as used."""
        if len(positions) == len(self):
            self.context.ledger.use_all(self)
            return
        for position in positions:
            self.context.ledger.use(self.file, self.rows[position])


def at(cells: list[Kept], positions: Sequence[int]) -> list[Kept]:
    """Return the cells at these positions; all of them cost nothing."""
    return cells if len(positions) == len(cells) else [cells[position] for position in positions]
