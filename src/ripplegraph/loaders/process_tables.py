"""The tables of the process, generic and native: rows to records, and records to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from ripplegraph.graph.process_records import ProcessLists, ProcessRecord
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.native_record import NativeRecord
from ripplegraph.loaders.process_fields import (
    MOMENT,
    PROCESS_TABLES,
    ProcessField,
    cell_of,
    flaw_of,
    record_of,
)
from ripplegraph.loaders.quantities import split_list

_BAD = "invalid-value"


def read_process_table(name: str, table: GenericTable) -> None:
    """Add the records of a generic table of the process."""
    fields = PROCESS_TABLES[name].fields
    if not table.has_columns(*(field.column for field in fields if field.needed)):
        return
    values = {field.attribute: _column(table, field) for field in fields}
    texts = {field.column: table.texts(field.column) for field in fields if field.needed}
    records = records_list(table.context, name)
    for position, row in enumerate(table.rows):
        cells = {attribute: column[position] for attribute, column in values.items()}
        given = {column: cells_of[position] for column, cells_of in texts.items()}
        flaw = flaw_of(name, cells, given)
        if flaw:
            table.refuse(position, *flaw)
        else:
            records.append(record_of(name, cells, table.file, row))
            table.use_at([position])


def _column(table: GenericTable, field: ProcessField) -> Sequence[object]:
    if field.read is None:
        return table.texts(field.column, literal=field.is_literal)
    if isinstance(field.read, str):
        return table.moments(field.column, date_is_enough=field.date_is_enough)
    return table.values(field.column, field.read, field.missing, _BAD)


def read_native_process(
    name: str, record: NativeRecord, context: LoadContext, _source: str
) -> None:
    """Add a record of the process from the product's own format."""
    fields = PROCESS_TABLES[name].fields
    values = {field.attribute: _native_value(record, field) for field in fields}
    given = {field.column: record.text(field.column) for field in fields if field.needed}
    flaw = flaw_of(name, values, given)
    if flaw:
        record.refuse(*flaw)
        return
    file, row = record.place
    records_list(context, name).append(record_of(name, values, file, row))
    record.use()


def _native_value(record: NativeRecord, field: ProcessField) -> object:
    if field.read is None:
        return record.text(field.column)
    if field.read == MOMENT:
        return record.moment(field.column, date_is_enough=field.date_is_enough)
    if field.read is split_list:
        return record.texts(field.column)
    if isinstance(field.read, str):
        return None
    return record.value(field.column, field.read, field.missing, _BAD)


def records_list(context: LoadContext, name: str) -> list[ProcessRecord]:
    """Return the list to which the records of a table of the process are added."""
    found: list[ProcessRecord] = getattr(context.records, name)
    return found


def process_sections(
    name: str, records: ProcessLists
) -> Iterator[tuple[ProcessRecord, dict[str, object]]]:
    """Yield the records of a table of the process, each with its fields for the native format."""
    fields = PROCESS_TABLES[name].fields
    record: ProcessRecord
    for record in getattr(records, name):
        yield record, {field.column: _native_cell(record, field) for field in fields}


def _native_cell(record: ProcessRecord, field: ProcessField) -> object:
    value = getattr(record, field.attribute)
    if field.read is split_list:
        return list(value)
    return value if isinstance(value, float) else cell_of(value)


def process_columns(name: str) -> tuple[str, ...]:
    """Return the columns of a table of the process."""
    return tuple(field.column for field in PROCESS_TABLES[name].fields)


def process_rows(
    name: str, records: ProcessLists, spelling: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a table of the process, references spelled as this table has them."""
    fields = PROCESS_TABLES[name].fields
    record: ProcessRecord
    for record in getattr(records, name):
        cells = (cell_of(getattr(record, field.attribute)) for field in fields)
        yield tuple(
            spelling.get(cell, cell) if field.column in {"ci", "service"} else cell
            for field, cell in zip(fields, cells, strict=True)
        )


GENERIC_READERS: Mapping[str, Callable[[GenericTable], None]] = {
    name: partial(read_process_table, name) for name in PROCESS_TABLES
}
NATIVE_READERS: Mapping[str, Callable[[NativeRecord, LoadContext, str], None]] = {
    name: partial(read_native_process, name) for name in PROCESS_TABLES
}
PROCESS_SIGNATURES: Mapping[str, frozenset[str]] = {
    "time_targets": frozenset({"agreement", "priority"}),
    **{
        name: frozenset(field.column for field in table.fields if field.needed)
        for name, table in PROCESS_TABLES.items()
        if name != "time_targets"
    },
}
"""Columns by which a table of the process without its name is known."""
