"""A ServiceNow table read column by column: values, display values and references."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.mapping.rules import spelled
from ripplegraph.loaders.reading import RawTable
from ripplegraph.loaders.servicenow.tables import is_technical

_SYS_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_PARTS = ("value", "sys_id", "display_value", "link", "display_value_internal")
_REFERENCES = frozenset(
    {
        "cmdb_ci", "ci", "ci_id", "service_id", "parent", "child", "support_group",
        "service_offering", "vendor",
    }
)  # fmt: skip
_RECORDS_READ_TO_TELL_VALUES = 200


def is_sys_id(text: str) -> bool:
    """Return whether a text is a ServiceNow record id: 32 hexadecimal digits."""
    return _SYS_ID.fullmatch(text) is not None


class Reference(NamedTuple):
    """A reference cell: the id of a record, and what people call it; either may be ""."""

    key: str
    name: str

    def __bool__(self) -> bool:
        """Return whether the cell names a record at all."""
        return bool(self.key or self.name)


class ServiceNowTable(GenericTable):
    """A ServiceNow table; fields are found by element names and by labels.

    A cell has a value (``f``) and perhaps a display value (``f.display_value``). Times are in
    UTC where the table holds database values, else in the zone of whoever exported.
    """

    def __init__(self, raw: RawTable, kind: str, context: LoadContext) -> None:
        super().__init__(raw, kind, context)
        self.name, self._cells = raw.name, _parts_of(raw)
        self._taken: set[str] = set()
        self.holds_database_values = _holds_database_values(raw.file, self._cells)

    def texts(self, field: str, *, literal: bool = False) -> list[str]:
        """Return the cells of a field as people read them: display values where there are any."""
        return self._coalesced(field, ("display_value", "value", "sys_id"), literal=literal)

    def raw_texts(self, field: str) -> list[str]:
        """Return the cells of a field as the database holds them, where the export tells."""
        return self._coalesced(field, ("value", "sys_id", "display_value"), literal=True)

    def references(self, field: str) -> list[Reference]:
        """Return the cells of a field as references."""
        values = self._coalesced(field, ("sys_id", "value"), literal=False)
        names = self._coalesced(field, ("display_value",), literal=False)
        links = self._coalesced(field, ("link",), literal=True)
        return [
            Reference(value or link.rstrip("/").rpartition("/")[2], name)
            for value, name, link in zip(values, names, links, strict=True)
        ]

    def moments(self, field: str, *, date_is_enough: bool = True) -> list[datetime | None]:
        """Return the UTC times of a field; unreadable ones are None, with a finding."""
        cells = [
            "" if self.context.rules.is_null(cell) else cell for cell in self.raw_texts(field)
        ]
        read, found = self.context.times.read, self.context.found
        return [
            read(
                cell,
                found=found,
                file=self.file,
                row=row,
                field=field,
                naive_is_utc=self.holds_database_values,
                date_is_enough=date_is_enough,
            )
            if cell
            else None
            for cell, row in zip(cells, self.rows, strict=True)
        ]

    def further_columns(self) -> dict[str, list[str]]:
        """Return the columns that no field has taken, as people read them."""
        further: dict[str, list[str]] = {}
        for column, parts in self._cells.items():
            if column not in self._taken and not column.startswith("__"):
                further[column] = _first_of(
                    [
                        parts[part]
                        for part in ("display_value", "value", "sys_id")
                        if part in parts
                    ],
                    len(self),
                )
        return further

    def usable_positions(self) -> list[int]:
        """Return the positions of the records that the source did not mark as failed."""
        statuses = self._cells.get("__status", {}).get("value")
        if statuses is None:
            return list(range(len(self)))
        errors = self._columns.get("__error.message", [""] * len(self))
        good = [at for at, status in enumerate(statuses) if status in {"", "success"}]
        for at in sorted(set(range(len(self))).difference(good)):
            reason = f": {errors[at]}" if errors[at] else ""
            self.refuse(at, "failed-record", f"record with status {statuses[at]!r}{reason}")
        return good

    def _coalesced(self, field: str, parts: Sequence[str], *, literal: bool) -> list[str]:
        """Return, for each row, the first cell of the field's columns and parts not empty."""
        bases = self.context.rules.columns(self._kind, field, tuple(self._cells))
        self._taken.update(bases)
        columns = [
            self._cells[base][part]
            for base in bases
            for part in parts
            if part in self._cells[base]
        ]
        cells = _first_of(columns, len(self))
        if literal:
            return cells
        is_null = self.context.rules.is_null
        nulls = {cell for cell in set(cells) if cell and is_null(cell)}
        return ["" if cell in nulls else cell for cell in cells] if nulls else cells


def _first_of(columns: Sequence[list[str]], length: int) -> list[str]:
    if not columns:
        return [""] * length
    first, *others = columns
    if not others or all(first):
        return first
    return [next(filter(None, cells), "") for cells in zip(first, *others, strict=True)]


def _parts_of(raw: RawTable) -> dict[str, dict[str, list[str]]]:
    """Return the parts of each field: ``f``, ``f.display_value`` ... under ``f``."""
    cells: dict[str, dict[str, list[str]]] = {}
    for column, column_cells in raw.columns.items():
        base, dot, part = column.rpartition(".")
        if dot and part in _PARTS:
            cells.setdefault(base, {})[part] = column_cells
        else:
            cells.setdefault(column, {})["value"] = column_cells
    return cells


def _holds_database_values(file: str, cells: dict[str, dict[str, list[str]]]) -> bool:
    """Return whether a table holds values as the database does, so that times are in UTC.

    A display value without its value, a class label or a name in a reference of a list export
    tells that it holds what people see.
    """
    path, _, _ = file.partition("#")
    is_list_export = PurePosixPath(path).suffix.casefold() not in {".json", ".xml", ""}
    saw_sys_id = False
    for column, parts in cells.items():
        values = parts.get("value", [])[:_RECORDS_READ_TO_TELL_VALUES]
        shown = parts.get("display_value", [])[:_RECORDS_READ_TO_TELL_VALUES]
        if any(shown) and not any(values) and "sys_id" not in parts:
            return False
        name = spelled(column)
        if name == "sys_class_name" and not all(is_technical(cell) for cell in values if cell):
            return False
        if is_list_export and name in _REFERENCES:
            given = [cell for cell in values if cell]
            if not all(is_sys_id(cell) for cell in given):
                return False
            saw_sys_id = saw_sys_id or bool(given)
    return saw_sys_id or not is_list_export
