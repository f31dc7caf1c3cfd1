"""The JSON shapes of ServiceNow's interfaces, as tables: rows of a document get numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.reading import (
    RawDocument,
    RawTable,
    RecordColumns,
    table_from_records,
)
from ripplegraph.loaders.servicenow.tables import is_known_table

Record = Mapping[str, object]

_ANSWERS_BY_FIELD = {
    "relationship_rules": "cmdb_class_metadata",
    "journal_fields": "activity_stream",
    "childinstallbase": "install_base_answer",
}


_LISTS = (list, RecordColumns)
_CONTENTS = ("result", "records")
_ERROR_FIELDS = frozenset({"error", "status"})
_NOTHING = frozenset({"", "none", "null"})


MARKS_OF_NESTED = frozenset({"attributes", "className"})
"""Keys of records that may hold others: without one a record is plain."""


def is_plain_record(record: object) -> bool:
    """Return whether a record of a list gives a row of a table, and nothing beside it."""
    return not _is_instance(record) and not (isinstance(record, dict) and "className" in record)


def is_servicenow_document(document: RawDocument) -> bool:
    """Return whether a document is an answer or an export of ServiceNow."""
    data = document.data
    if isinstance(data, (list, RecordColumns)):
        first = next(iter(data), None) if isinstance(data, list) else data.first
        return isinstance(first, dict) and bool({"sys_id", "sys_class_name"} & first.keys())
    if not isinstance(data, dict):
        return False
    if isinstance(data.get("result"), (*_LISTS, dict)) or isinstance(data.get("records"), _LISTS):
        return True
    if _is_error(data) or _is_identification(data):
        return True
    return bool(data) and all(
        is_known_table(str(name)) and isinstance(rows, _LISTS) for name, rows in data.items()
    )


def tables_of_document(document: RawDocument, context: LoadContext) -> list[RawTable]:
    """Return the tables of a document; an error that it holds is reported."""
    data = document.data
    if isinstance(data, dict) and "error" in data:
        context.found.add("error-answer", _error_text(data["error"]), file=document.file)
    tables = _Tables(document.file)
    if isinstance(data, (list, RecordColumns)):
        tables.add_records(tables.stem, data)
    elif isinstance(data, dict):
        _add_content(data, tables)
    return tables.made()


class _Tables:
    """The tables that come out of one document."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.stem = PurePosixPath(file).stem.casefold()
        self._made: list[RawTable] = []
        self._cis: list[Record] = []
        self._relations: list[Record] = []

    def add_records(
        self, name: str, records: Sequence[object] | RecordColumns, part: str = ""
    ) -> None:
        """Add a list of records as a table of its own; what is no record is an empty row."""
        rows = records if isinstance(records, RecordColumns) else _rows_in(records)
        label = f"{self.file}#{part}" if part else self.file
        self._made.append(table_from_records(name, label, rows))

    def add_ci(self, record: Record) -> None:
        """Add one CI to those of the document."""
        self._cis.append(record)

    def add_relation(
        self, parent: object, relation_type: object, child: object, sys_id: object
    ) -> None:
        """Add one relation to those of the document."""
        row = {"sys_id": sys_id, "parent": parent, "type": relation_type, "child": child}
        self._relations.append(row)

    def made(self) -> list[RawTable]:
        """Return every table."""
        if self._cis:
            self._made.append(table_from_records("cmdb_ci", self.file, self._cis))
        if self._relations:
            label = f"{self.file}#relations"
            self._made.append(table_from_records("cmdb_rel_ci", label, self._relations))
        return self._made


def _add_content(data: Record, tables: _Tables) -> None:
    """Add the records of an answer, a payload or an export, and whatever else it holds."""
    contents: dict[str, object] = {
        name: data[name] for name in _CONTENTS if isinstance(data.get(name), (*_LISTS, dict))
    }
    if not contents and _is_identification(data):
        _add_identification(data, tables)
        return
    for number, (name, content) in enumerate(contents.items()):
        if isinstance(content, dict):
            _add_single(content, tables)
        elif isinstance(content, (list, RecordColumns)):
            _add_list(content, tables, name if number else "")
    _add_further(data, contents.keys(), tables)


def _add_further(data: Record, done: Collection[str], tables: _Tables) -> None:
    """Add what an answer holds beside its content; an export of tables holds nothing else."""
    is_export = not done and "error" not in data
    further = (name for name in data if name not in done and name not in _ERROR_FIELDS)
    for name in further:
        rows = data[name]
        if isinstance(rows, (list, RecordColumns)) and (rows or is_export):
            tables.add_records(str(name), rows, str(name))
        elif isinstance(rows, dict) and rows:
            tables.add_records(str(name), [rows], str(name))


def _add_list(content: list[object] | RecordColumns, tables: _Tables, part: str) -> None:
    """Add a list of records, in which there may be answers of the CMDB instance interface."""
    if isinstance(content, RecordColumns):  # there are none in it
        tables.add_records(tables.stem, content, part)
        return
    instances = [one for one in content if isinstance(one, dict) and _is_instance(one)]
    for instance in instances:
        _add_instance(instance, tables)
    if len(instances) < len(content) or not content:
        others = [one for one in content if not _is_instance(one)]
        tables.add_records(tables.stem, others, "others" if instances else part)


def _add_single(result: Record, tables: _Tables) -> None:
    """Add what the ``result`` of one record or one special interface holds."""
    services, items = result.get("services"), result.get("items")
    if _is_instance(result):
        _add_instance(result, tables)
    elif _is_identification(result):
        _add_identification(result, tables)
    elif isinstance(services, list):
        for service in services:
            _add_application_service(service, tables)
    elif isinstance(items, list):
        tables.add_records("install_base_answer", items)
    else:
        _add_record(result, tables)


def _add_record(record: Record, tables: _Tables) -> None:
    """Add a single record; some answers are known by what they hold, not by their class."""
    related = record.get("relationships")
    if "sys_class_name" in record and isinstance(related, list):
        _add_service_with_relationships(record, related, tables)
        return
    marks = (name for mark, name in _ANSWERS_BY_FIELD.items() if mark in record)
    tables.add_records(next(marks, tables.stem), [record])


def _is_instance(result: object) -> bool:
    """Return whether this is one CI of the CMDB instance interface."""
    return (
        isinstance(result, dict)
        and isinstance(result.get("attributes"), dict)
        and bool({"inbound_relations", "outbound_relations"} & result.keys())
    )


def _add_instance(instance: Record, tables: _Tables) -> None:
    """Add a CI and its relations: in an inbound relation it is the child."""
    attributes = instance["attributes"]
    if not isinstance(attributes, dict):
        return
    tables.add_ci(attributes)
    this = attributes.get("sys_id") or attributes.get("name")
    for relation in _rows_in(instance.get("outbound_relations")):
        ends = (this, relation.get("type"), relation.get("target"))
        tables.add_relation(*ends, sys_id=relation.get("sys_id"))
    for relation in _rows_in(instance.get("inbound_relations")):
        ends = (relation.get("target"), relation.get("type"), this)
        tables.add_relation(*ends, sys_id=relation.get("sys_id"))


def _is_identification(data: Record) -> bool:
    """Return whether this is a payload or an answer of the identification engine."""
    items = data.get("items")
    return isinstance(items, list) and any(
        isinstance(item, dict) and "className" in item for item in items
    )


def _add_identification(data: Record, tables: _Tables) -> None:
    """Add the CIs and relations of a payload; an answer has ids only and gives no CIs."""
    items = _rows_in(data.get("items"))
    relations = _rows_in(data.get("relations"))
    if not any(isinstance(item.get("values"), dict) for item in items):
        tables.add_records("identification_engine_answer", [*items, *relations])
        return
    ids: list[object] = []
    for item in items:
        values = item.get("values")
        record = values if isinstance(values, dict) else {}
        ids.append(record.get("sys_id") or record.get("name") or "")
        tables.add_ci({"sys_class_name": item.get("className"), **record})
    for relation in relations:
        parent, child = (_item_at(ids, relation.get(end)) for end in ("parent", "child"))
        tables.add_relation(parent, relation.get("type"), child, sys_id="")


def _item_at(ids: Sequence[object], index: object) -> object:
    return ids[index] if isinstance(index, int) and 0 <= index < len(ids) else ""


def _add_application_service(service: object, tables: _Tables) -> None:
    """Add a service of the application service interface, and what consumes it."""
    if not isinstance(service, dict):
        tables.add_ci({})
        return
    own = {name: cell for name, cell in service.items() if name != "relationships"}
    tables.add_ci({"sys_class_name": "cmdb_ci_service_auto", **own})
    related = service.get("relationships")
    this = service.get("sys_id")
    if not isinstance(related, dict):
        for _ in _rows_in(related):
            tables.add_relation("", "", this, sys_id="")
        return
    for relation_type, ids in related.items():
        for consumer in _entries_of(ids):
            tables.add_relation(consumer, relation_type, this, sys_id="")


def _add_service_with_relationships(
    service: Record, related: Iterable[object], tables: _Tables
) -> None:
    """Add a service and the CIs above it, which its ``relationships`` list."""
    tables.add_ci({name: cell for name, cell in service.items() if name != "relationships"})
    for other in _rows_in(related):
        tables.add_ci(
            {
                "sys_id": other.get("sys_id"),
                "name": other.get("name"),
                "number": other.get("number"),
                "sys_class_name": other.get("class_name"),
            }
        )
        ends = (other.get("sys_id"), other.get("relationship"), service.get("sys_id"))
        tables.add_relation(*ends, sys_id="")


def _rows_in(value: object) -> list[dict[str, object]]:
    """Return the records of a list; what is no record stays in its place as an empty one."""
    return [entry if isinstance(entry, dict) else {} for entry in _entries_of(value)]


def _entries_of(value: object) -> Sequence[object]:
    """Return the entries of a list; anything else is one, unless it says that there is none."""
    if isinstance(value, list):
        return value
    is_nothing = value is None or value == {} or str(value).casefold() in _NOTHING
    return () if is_nothing else (value,)


def _is_error(data: Record) -> bool:
    error = data.get("error")
    return isinstance(error, dict) and "message" in error


def _error_text(error: object) -> str:
    if not isinstance(error, dict):
        return f"the source answered with an error: {error!s:.200}"
    texts = (str(error.get(key) or "").strip() for key in ("message", "detail"))
    return f"the source answered with an error: {': '.join(filter(None, texts))[:300]}"
