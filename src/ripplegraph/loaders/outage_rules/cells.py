"""The cells of a table as a rule asks for them: by column, whatever its case and blanks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from fnmatch import translate

from ripplegraph.graph.columns import as_list
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.mapping.rules import spelled
from ripplegraph.loaders.reading import RawTable
from ripplegraph.loaders.times import TimeReader


class RuleCells:
    """Reads columns of one table; words such as ``?`` are empty cells."""

    def __init__(self, table: RawTable, context: LoadContext, times: TimeReader) -> None:
        self._table, self._context, self._times = table, context, times
        self._names = {spelled(name): name for name in table.columns}
        self._read: dict[str, list[str]] = {}

    def has(self, column: str) -> bool:
        """Return whether the table has a column."""
        return spelled(column) in self._names

    def texts(self, column: str) -> list[str]:
        """Return the cells of a column; a missing column is empty."""
        name = self._names.get(spelled(column), "")
        if name not in self._read:
            is_null = self._context.rules.is_null
            cells = as_list(self._table.columns[name]) if name else [""] * len(self._table.rows)
            nulls = {cell for cell in set(cells) if cell and is_null(cell)}
            self._read[name] = ["" if cell in nulls else cell for cell in cells]
        return self._read[name]

    def first(self, columns: Sequence[str], at: int) -> str:
        """Return the first cell of these columns in a row that is not empty."""
        return next((cell for column in columns if (cell := self.texts(column)[at])), "")

    def moment(self, columns: Sequence[str], at: int) -> datetime | None:
        """Return the UTC time of the first of these columns in a row that is not empty."""
        for column in columns:
            cell = self.texts(column)[at]
            if cell:
                return self._times.read(
                    cell,
                    found=self._context.found,
                    file=self._table.file,
                    row=self._table.rows[at],
                    field=column,
                )
        return None

    def shown(self, column: str) -> list[list[str]]:
        """Return the columns in which a condition may fit: the value and what people see."""
        names = (column, f"{column}.display_value")
        return [self.texts(name) for name in names if self.has(name)]


class Condition:
    """Columns with their patterns: fits a row if one pattern of each column fits."""

    def __init__(self, conditions: Mapping[str, Sequence[str]], cells: RuleCells) -> None:
        self._parts = [
            (cells.shown(column), re.compile("|".join(translate(one.casefold()) for one in ones)))
            for column, ones in conditions.items()
        ]

    def fits(self, at: int) -> bool:
        """Return whether the row at a position fits."""
        return all(
            any(pattern.match(column[at].casefold()) for column in columns)
            for columns, pattern in self._parts
        )
