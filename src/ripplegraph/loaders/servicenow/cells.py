"""A ServiceNow table read column by column: values, display values and references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import ArrayColumn, CodedColumn, TextColumn, as_list, coded
from ripplegraph.graph.numbered_texts import as_texts, numbered
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_columns import (
    chosen,
    is_filled,
    replaced,
    texts_without_words,
    without_words,
)
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
    UTC where the table holds database values, else in the zone of whoever exported. The columns
    of a big table are held in arrays: those who go cell by cell ask for lists of a field, those
    who take whole columns for its column.
    """

    def __init__(self, raw: RawTable, kind: str, context: LoadContext) -> None:
        super().__init__(raw, kind, context)
        self.name, self._cells = raw.name, _parts_of(raw)
        self._taken: set[str] = set()
        self._is_list_export = raw.is_list_export

    @cached_property
    def holds_database_values(self) -> bool:
        """Return whether the cells are as the database holds them, so that times are in UTC."""
        return _holds_database_values(self._cells, is_list_export=self._is_list_export)

    def column(self, field: str, *, literal: bool = False) -> Sequence[str]:
        """Return the cells of a field as people read them: display values where there are any."""
        return self._coalesced(field, ("display_value", "value", "sys_id"), literal=literal)

    def raw_column(self, field: str) -> Sequence[str]:
        """Return the cells of a field as the database holds them, where the export tells."""
        return self._coalesced(field, ("value", "sys_id", "display_value"), literal=True)

    def reference_column(self, field: str) -> CodedColumn[Reference]:
        """Return the cells of a field as references, each different one once."""
        keys = self._coalesced(field, ("sys_id", "value"), literal=False)
        names = self._coalesced(field, ("display_value",), literal=False)
        keys = _with_ids_of_links(keys, self._coalesced(field, ("link",), literal=True))
        pairs, codes = combined(numbered(keys), numbered(names))
        return CodedColumn([Reference(*pair) for pair in pairs], codes)

    def texts(self, field: str, *, literal: bool = False) -> list[str]:
        """Return the column of a field as a list."""
        return as_list(self.column(field, literal=literal))

    def raw_texts(self, field: str) -> list[str]:
        """Return the raw column of a field as a list."""
        return as_list(self.raw_column(field))

    def references(self, field: str) -> list[Reference]:
        """Return the cells of a field as references."""
        return as_list(self.reference_column(field))

    def moments(self, field: str, *, date_is_enough: bool = True) -> Sequence[datetime | None]:
        """Return the UTC times of a field; unreadable ones are None, with a finding."""
        cells = self._without_nulls(self.raw_column(field))
        if not is_filled(cells).any():
            return CodedColumn.constant(None, len(self))
        stored = self._coalesced(field, ("value", "sys_id"), literal=True)
        if isinstance(cells, ArrayColumn) and (is_filled(stored) | ~is_filled(cells)).all():
            return self._moments_by_value(
                field,
                coded(cells),
                date_is_enough=date_is_enough,
                naive_is_utc=self.holds_database_values,
            )
        read, found = self.context.times.read, self.context.found
        return [
            read(
                cell,
                found=found,
                file=self.file,
                row=row,
                field=field,
                naive_is_utc=cell == value and self.holds_database_values,
                date_is_enough=date_is_enough,
            )
            if cell
            else None
            for cell, value, row in zip(cells, stored, self.rows, strict=True)
        ]

    def further_columns(self) -> dict[str, Sequence[str]]:
        """Return the columns that no field has taken, as people read them."""
        further: dict[str, Sequence[str]] = {}
        for column, parts in self._cells.items():
            if column not in self._taken and not column.startswith("__"):
                further[column] = first_filled(
                    [
                        parts[part]
                        for part in ("display_value", "value", "sys_id")
                        if part in parts
                    ],
                    len(self),
                )
        return further

    def usable_positions(self) -> Sequence[int]:
        """Return the positions of the records that the source did not mark as failed or deleted.

        The others are refused with a finding.
        """
        if not {"__status", "@action"} & self._cells.keys():
            return range(len(self))
        nothing = [""] * len(self)
        statuses = self._cells.get("__status", {}).get("value", nothing)
        actions = self._cells.get("@action", {}).get("value", nothing)
        errors = self._columns.get("__error.message", nothing)
        good: list[int] = []
        for at, (status, action) in enumerate(zip(statuses, actions, strict=True)):
            if action.casefold().startswith("delete"):
                text = f"the source deleted the record (action {action}): it was not used"
                self.refuse(at, "failed-record", text)
            elif status in {"", "success"}:
                good.append(at)
            else:
                reason = f": {errors[at]}" if errors[at] else ""
                self.refuse(at, "failed-record", f"record with status {status!r}{reason}")
        return good

    def _coalesced(self, field: str, parts: Sequence[str], *, literal: bool) -> Sequence[str]:
        """Return, for each row, the first cell of the field's columns and parts not empty."""
        bases = self.context.rules.columns(self._kind, field, tuple(self._cells))
        self._taken.update(bases)
        columns = [
            self._cells[base][part]
            for base in bases
            for part in parts
            if part in self._cells[base]
        ]
        cells = first_filled(columns, len(self))
        return cells if literal else self._without_nulls(cells)

    def _without_nulls(self, cells: Sequence[str]) -> Sequence[str]:
        words = self.context.rules.null_words
        if isinstance(cells, TextColumn):
            return texts_without_words(cells, words)
        return without_words(cells, words)


def _with_ids_of_links(keys: Sequence[str], links: Sequence[str]) -> Sequence[str]:
    """Return the ids of references; those that give none, but a link, by the link."""
    if not isinstance(keys, ArrayColumn):
        return [key or _id_in(link) for key, link in zip(keys, links, strict=True)]
    by_link = np.flatnonzero(~is_filled(keys) & is_filled(links)).tolist()
    if not by_link:
        return keys
    return replaced(as_texts(keys), {at: _id_in(links[at]) for at in by_link})


def _id_in(link: str) -> str:
    """Return the id at the end of a link to a record, before what a query adds."""
    return link.partition("?")[0].rstrip("/").rpartition("/")[2]


def refuse_without_ids(table: ServiceNowTable) -> None:
    """Refuse a table that says what ids are called, but gives no ids."""
    text = f"{table.name} without sys_id names nothing: other tables refer to its records by id"
    table.report("table-not-used", text, 0, count=len(table))
    table.context.ledger.refuse_all(table)


def first_filled(columns: Sequence[Sequence[str]], length: int) -> Sequence[str]:
    """Return for each row the first cell of the columns that is not empty."""
    if not columns:
        return CodedColumn.constant("", length)
    first, *others = columns
    if isinstance(first, ArrayColumn):
        for other in others:
            first = _filled_by(first, other)
        return first
    if not others or all(first):
        return first
    return [next(filter(None, cells), "") for cells in zip(first, *others, strict=True)]


def _filled_by(first: Sequence[str], second: Sequence[str]) -> Sequence[str]:
    """Return the cells of a column, where empty those of a second."""
    is_own = is_filled(first)
    if not (is_filled(second) & ~is_own).any():
        return first
    return chosen(is_own, as_texts(first), as_texts(second))


def _parts_of(raw: RawTable) -> dict[str, dict[str, Sequence[str]]]:
    """Return the parts of each field: ``f``, ``f.display_value`` ... under ``f``."""
    cells: dict[str, dict[str, Sequence[str]]] = {}
    for column, column_cells in raw.columns.items():
        base, dot, part = column.rpartition(".")
        if dot and part in _PARTS:
            cells.setdefault(base, {})[part] = column_cells
        else:
            cells.setdefault(column, {})["value"] = column_cells
    return cells


def _holds_database_values(
    cells: dict[str, dict[str, Sequence[str]]], *, is_list_export: bool
) -> bool:
    """Return whether a table holds values as the database does.

    A display value without its value or a class label tells that it holds what people see. In
    an answer the name of a class, the action of an unload, and a display value or a link beside
    a value tell the contrary. Else references decide: ids or names. A table that tells nothing
    may hold either, so it does not count.
    """
    is_answer = not is_list_export
    is_told = is_answer and "@action" in cells
    saw_id = saw_name = False
    for column, parts in cells.items():
        stored = first_filled([parts[part] for part in ("value", "sys_id") if part in parts], 0)
        shown, links = parts.get("display_value", []), parts.get("link", [])
        if _shows_only(shown, links, stored):
            # what people see of an empty date or a journal ("UNKNOWN") stands beside its value
            if len(stored) and len(shown) and not len(links):
                continue
            return False
        name = spelled(column)
        if name == "sys_class_name":
            if not all(map(is_technical, filter(None, stored))):
                return False
            is_told = is_told or (is_answer and _holds_any(stored))
        elif name in _REFERENCES:
            saw_id = saw_id or _holds_any(stored)
            saw_name = saw_name or not all(map(is_sys_id, _plain(stored, shown, links)))
        is_told = is_told or (
            is_answer and _holds_any(stored) and (_holds_any(shown) or _holds_any(links))
        )
    return is_told or (saw_id and not saw_name)


def _holds_any(cells: Sequence[str]) -> bool:
    return bool(is_filled(cells).any())


def _shows_only(shown: Sequence[str], links: Sequence[str], stored: Sequence[str]) -> bool:
    """Return whether cells of a field give what people see in place of the value."""
    if not _holds_any(stored):
        return _holds_any(shown)
    if not len(shown) or not len(links):
        return False
    return bool((is_filled(shown) & is_filled(links) & ~is_filled(stored)).any())


def _plain(stored: Sequence[str], shown: Sequence[str], links: Sequence[str]) -> Iterable[str]:
    """Return the cells of a field that are a text alone, without display value or link."""
    if not len(shown) and not len(links):
        return filter(None, stored)
    beside = (any(texts) for texts in zip_longest(shown, links, fillvalue=""))
    return (cell for cell, has_more in zip(stored, beside, strict=False) if cell and not has_more)
