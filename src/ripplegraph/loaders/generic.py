"""The generic interface: tables with the product's own names and columns, in any file format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_agreements import read_agreements, read_calendars, read_outages
from ripplegraph.loaders.generic_cis import read_cis
from ripplegraph.loaders.generic_relations import (
    add_assumed_groups,
    read_groups,
    read_relations,
)
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.process_tables import GENERIC_READERS, PROCESS_SIGNATURES
from ripplegraph.loaders.reading import (
    RawDocument,
    RawTable,
    RecordColumns,
    table_from_records,
)

_EXPORT_CAP = 10_000  # rows after which source systems cut an export off, by default
_DOCUMENT = "the document"
_LISTS = (list, RecordColumns)

_READERS: Mapping[str, Callable[[GenericTable], None]] = {
    "cis": read_cis,  # first: mapping a relation type asks for the classes of its ends
    "relations": read_relations,
    "groups": read_groups,
    "agreements": read_agreements,
    "calendars": read_calendars,
    "outages": read_outages,
    **GENERIC_READERS,
}
_SIGNATURES: Mapping[str, frozenset[str]] = {
    "groups": frozenset({"dependent", "group", "min_up"}),
    "relations": frozenset({"dependent", "dependency"}),
    "outages": frozenset({"ci", "start", "end"}),
    "agreements": frozenset({"id", "kind", "covers"}),
    "calendars": frozenset({"id", "weekly"}),
    "cis": frozenset({"id", "class"}),
    **PROCESS_SIGNATURES,
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
    return is_complete(table.name, table.columns)


def is_complete(name: str, columns: Iterable[str]) -> bool:
    """Return whether a name and columns are those of a generic table."""
    return name in _READERS and _SIGNATURES[name] <= {column.casefold() for column in columns}


def generic_records(tables: Sequence[RawTable], context: LoadContext) -> None:
    """Add the records of generic tables, those that others refer to first.

    The cells of a table are given up with it: what the records need of them they hold.
    """
    for kind, read in _READERS.items():
        for table in tables:
            if generic_kind_of(table) == kind:
                _report_cut_off(table, context)
                read(GenericTable(table, kind, context))
                table.columns = {}
    add_assumed_groups(context)


def _report_cut_off(table: RawTable, context: LoadContext) -> None:
    if len(table) == _EXPORT_CAP:
        text = f"exactly {_EXPORT_CAP:,} rows: the export was probably cut off there"
        context.found.add("export-cut-off", text, file=table.file, row=table.rows[-1])


@dataclass(slots=True, kw_only=True)
class DocumentTables:
    """What a parsed document holds: generic tables, lists of other things, and what is no list.

    ``others`` have rows but no columns; ``findings`` are codes, texts and file labels.
    """

    generic: list[RawTable] = field(default_factory=list)
    others: list[RawTable] = field(default_factory=list)
    findings: list[tuple[str, str, str]] = field(default_factory=list)


def tables_of_document(document: RawDocument) -> DocumentTables:
    """Return what a parsed JSON or YAML document holds.

    A document is a mapping from table names to lists of records, or one list of records.
    """
    data, held = document.data, DocumentTables()
    if isinstance(data, (list, RecordColumns)):
        _add_list(document.file, data, held)
    elif isinstance(data, Mapping) and any(str(key).casefold() in _READERS for key in data):
        for key, value in data.items():
            _add_entry(f"{document.file}#{str(key)[:60]}", str(key), value, held)
        held.findings.extend(_further_keys(document.file, data))
    else:
        lists = data.values() if isinstance(data, Mapping) else ()
        _add_unknown(
            document.file, sum(len(one) for one in lists if isinstance(one, _LISTS)), held
        )
    return held


def _add_list(file: str, records: Sequence[object] | RecordColumns, held: DocumentTables) -> None:
    name = file.replace("\\", "/").rpartition("/")[2].partition(".")[0].casefold()
    keys = {key.strip().casefold() for key in _keys_of(records)}
    if records and (name in _READERS or any(needed <= keys for needed in _SIGNATURES.values())):
        table = table_from_records(name, file, _mappings(records))
        if generic_kind_of(table):
            held.generic.append(table)
            return
    _add_unknown(file, len(records), held)


def _add_entry(label: str, key: str, value: object, held: DocumentTables) -> None:
    kind = key.casefold()
    if not isinstance(value, (list, RecordColumns)):
        if kind in _READERS:
            held.findings.append(("broken-file", f"{key} is no list of records", label))
    elif kind not in _READERS:
        _add_unknown(label, len(value), held)
    elif value:
        held.generic.append(table_from_records(kind, label, _mappings(value)))
    else:
        held.findings.append(("empty-table", f"{key} has no records", label))


def _add_unknown(label: str, count: int, held: DocumentTables) -> None:
    if count:
        rows = range(1, count + 1)
        held.others.append(RawTable(name=_DOCUMENT, file=label, columns={}, rows=rows))
    else:
        text = "the document is no export that ripplegraph knows"
        held.findings.append(("unknown-table", text, label))


def _further_keys(file: str, data: Mapping[object, object]) -> list[tuple[str, str, str]]:
    """Return a finding for the keys that hold neither a generic table nor any list."""
    keys = [
        str(key)[:60]
        for key, value in data.items()
        if not isinstance(value, _LISTS) and str(key).casefold() not in _READERS
    ]
    named = ", ".join(repr(key) for key in keys[:5])
    text = f"{len(keys):,} further keys of the document hold no table: {named}"
    return [("unknown-table", text, file)] if keys else []


def _keys_of(records: Sequence[object] | RecordColumns) -> Iterable[str]:
    if isinstance(records, RecordColumns):
        return records.keys
    return (str(key) for one in records if isinstance(one, Mapping) for key in one)


def _mappings(
    records: Sequence[object] | RecordColumns,
) -> Sequence[Mapping[str, object]] | RecordColumns:
    """Return the records; one that is no mapping has no fields, and its row is reported."""
    if isinstance(records, RecordColumns):
        return records
    return [record if isinstance(record, Mapping) else {} for record in records]
