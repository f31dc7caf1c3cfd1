"""The generic interface: tables with the product's own names and columns, in any file format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_agreements import read_agreements, read_calendars, read_outages
from ripplegraph.loaders.generic_cis import read_cis
from ripplegraph.loaders.generic_relations import (
    add_assumed_groups,
    read_groups,
    read_relations,
)
from ripplegraph.loaders.generic_table import GenericTable

if TYPE_CHECKING:
    from ripplegraph.loaders.reading import RawDocument, RawTable

_READERS: Mapping[str, Callable[[GenericTable], None]] = {
    "cis": read_cis,  # first: mapping a relation type asks for the classes of its ends
    "relations": read_relations,
    "groups": read_groups,
    "agreements": read_agreements,
    "calendars": read_calendars,
    "outages": read_outages,
}
_SIGNATURES: Mapping[str, frozenset[str]] = {
    "groups": frozenset({"dependent", "group", "min_up"}),
    "relations": frozenset({"dependent", "dependency"}),
    "outages": frozenset({"ci", "start", "end"}),
    "agreements": frozenset({"id", "kind", "covers"}),
    "calendars": frozenset({"id", "weekly"}),
    "cis": frozenset({"id", "class"}),
}
"""Columns by which a table without a known name (standard input, a sheet "Data") is known."""


def generic_kind_of(table: RawTable) -> str | None:
    """Return which generic table this is, by its name, else by its columns; None if it is none."""
    if table.name in _READERS:
        return table.name
    columns = {name.casefold() for name in table.columns}
    return next((kind for kind, needed in _SIGNATURES.items() if needed <= columns), None)


def is_complete_generic(table: RawTable) -> bool:
    """Return whether a table has the name and the defining columns of a generic table."""
    columns = {name.casefold() for name in table.columns}
    return table.name in _READERS and _SIGNATURES[table.name] <= columns


def generic_records(tables: Sequence[RawTable], context: LoadContext) -> None:
    """Add the records of generic tables, those that others refer to first."""
    for kind, read in _READERS.items():
        for table in tables:
            if generic_kind_of(table) == kind:
                read(GenericTable(table, kind, context))
    add_assumed_groups(context)


def generic_tables_of(document: RawDocument) -> list[RawTable]:
    """Return the generic tables in a parsed JSON or YAML document; none if it holds none.

    A document is a mapping from table names to lists of records, or one list of records.
    """
    from ripplegraph.loaders.reading import table_from_records

    data = document.data
    if isinstance(data, list) and data and all(isinstance(one, Mapping) for one in data):
        name = document.file.replace("\\", "/").rpartition("/")[2].partition(".")[0].casefold()
        table = table_from_records(name, document.file, data)
        return [table] if generic_kind_of(table) else []
    if not isinstance(data, Mapping):
        return []
    return [
        table_from_records(kind, f"{document.file}#{kind}", _mappings(data[kind]))
        for kind in _READERS
        if isinstance(data.get(kind), list)
    ]


def _mappings(records: Sequence[object]) -> list[Mapping[str, object]]:
    """Return the records; one that is no mapping has no fields, and its row is reported."""
    return [record if isinstance(record, Mapping) else {} for record in records]
