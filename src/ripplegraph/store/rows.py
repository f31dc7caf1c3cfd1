"""Records as rows with a key, so that revisions can be compared, and back again.

A row is one record as JSON. Its key tells which record it is from one revision to the next; its
ordinal is its place among its kind, because CIs are numbered in the order of the export.
"""

# mypy: disable-error-code="explicit-any"
# fields are read by their names here

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import chain, groupby, islice, repeat
from operator import itemgetter
from typing import Any, NamedTuple, cast, get_args, get_type_hints

import msgspec

from ripplegraph.graph.columns import TextColumn
from ripplegraph.graph.compilation import is_large
from ripplegraph.graph.group_columns import GroupRecordColumns
from ripplegraph.graph.numbered_texts import coded_texts
from ripplegraph.graph.records import CiColumns, DependencyColumns, GroupRecord, Records
from ripplegraph.store.row_columns import FieldType, columns_of
from ripplegraph.store.row_texts import (
    ALWAYS,
    ROWS_AT_ONCE,
    Field,
    RowTexts,
    json_parts,
    key_parts,
    slices,
)

_COLUMNS: Mapping[str, type[CiColumns] | type[DependencyColumns]] = {
    "cis": CiColumns,
    "dependencies": DependencyColumns,
}
_HELD_IN_ARRAYS = frozenset({*_COLUMNS, "groups"})
_TEXTS = frozenset({"native_id", "name", "dependent", "dependency"})
_DECODED_AT_ONCE = 5_000
_NOT_KEPT = frozenset({"findings"})  # they are part of the report of the revision
_KEYS: Mapping[str, tuple[str, ...]] = {
    "cis": ("source", "class_name", "native_id"),
    "dependencies": ("dependent", "dependency", "relation_type", "group"),
    "groups": ("dependent", "key"),
    "agreements": ("agreement_id", "valid_from"),
    "calendars": ("calendar_id",),
    "outages": ("ci", "start", "kind", "external_id"),
    "time_targets": ("agreement", "priority"),
    "tickets": ("ticket_id",),
    "agreement_states": ("agreement", "at", "state"),
    "reviews": ("agreement", "at"),
    "reports_issued": ("agreement", "window_start"),
    "experience": ("service", "customer", "window_start"),
    "complaints": ("service", "customer", "at"),
    "improvements": ("improvement_id",),
    "service_costs": ("service",),
}
"""The fields that tell which record it is; records that share them are told apart by a count."""


class Row(NamedTuple):
    """One record: its kind (the name of a field of ``Records``), key, place and JSON."""

    kind: str
    key: str
    ordinal: int
    payload: str


def kinds_kept() -> tuple[str, ...]:
    """Return the kinds of record that a store keeps, in the order in which they are read back."""
    return tuple(one.name for one in fields(Records) if one.name not in _NOT_KEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBatch:
    """Some rows of one kind that follow each other, as columns."""

    kind: str
    keys: Sequence[str]
    ordinals: range
    payloads: Sequence[str]

    def __iter__(self) -> Iterator[Row]:
        return map(Row, repeat(self.kind), self.keys, self.ordinals, self.payloads)


def batches_of(records: Records, *, is_compiled: bool | None = None) -> Iterator[RowBatch]:
    """Yield every record in batches of rows, sorted by kind and ordinal.

    ``is_compiled`` says whether kernels write the rows of columns, by default if there are many.
    """
    if is_compiled is None:
        is_compiled = is_large(len(records.cis), len(records.dependencies))
    for kind in sorted(kinds_kept()):
        held = getattr(records, kind)
        if kind in _COLUMNS or isinstance(held, GroupRecordColumns):
            yield from _batches_of_columns(kind, held, is_compiled=is_compiled)
        else:
            yield from _batches_of_values(kind, held)


def rows_of(records: Records) -> Iterator[Row]:
    """Yield every record as a row, sorted by kind and ordinal."""
    return chain.from_iterable(batches_of(records))


def records_of_rows(rows: Iterable[tuple[str, str]], *, is_compiled: bool = False) -> Records:
    """Return the records of rows, given as kind and JSON, those of one kind in their order.

    ``is_compiled`` says whether kernels read the rows of columns, which then are held in arrays.
    """
    records = Records()
    for kind, alike in groupby(rows, key=itemgetter(0)):
        payloads = map(itemgetter(1), alike)
        if is_compiled and kind in _HELD_IN_ARRAYS:
            _read_into_arrays(records, kind, payloads)
        else:
            _decode(records, kind, payloads)
    if is_compiled:
        _share_ids(records)
    return records


def _decode(records: Records, kind: str, payloads: Iterator[str]) -> None:
    decoder = msgspec.json.Decoder(list[_type_of(kind)])  # type: ignore[misc]
    while some := list(islice(payloads, _DECODED_AT_ONCE)):
        values = decoder.decode(f"[{','.join(some)}]")
        if kind in _COLUMNS:
            _extend_columns(getattr(records, kind), values)
        else:
            getattr(records, kind).extend(values)


def _read_into_arrays(records: Records, kind: str, payloads: Iterator[str]) -> None:
    lines, count = bytearray(), 0
    while some := list(islice(payloads, ROWS_AT_ONCE)):
        lines += "\n".join((*some, "")).encode()
        count += len(some)
    columns = columns_of(lines, count, _field_types(kind), is_compiled=True)
    if columns is None:
        # not splitlines: JSON leaves U+2028 and other ends of lines as they are
        _decode(records, kind, islice(lines.decode().split("\n"), count))
    elif kind in _COLUMNS:
        setattr(records, kind, _COLUMNS[kind](**columns))
    else:
        records.groups = GroupRecordColumns(**columns)


@cache
def _field_types(kind: str) -> Mapping[str, FieldType]:
    """Return the fields of a row in the order in which they are written."""
    if kind in _COLUMNS:
        members = msgspec.structs.fields(_struct_of(kind))
        found = [(one.name, one.type, one.default) for one in members]
    else:
        hints = get_type_hints(GroupRecord)
        found = [(one.name, hints[one.name], one.default) for one in fields(GroupRecord)]
    return {
        name: FieldType(type=said, default=default, is_text=name in _TEXTS)
        for name, said, default in found
    }


def _share_ids(records: Records) -> None:
    """Let one table number the ids of CIs and what refers to them, as in large exports."""
    held = [
        (records.cis, "native_id"),
        (records.dependencies, "dependent"),
        (records.dependencies, "dependency"),
        (records.groups, "dependent"),
    ]
    texts = [one for one in held if isinstance(getattr(*one, None), TextColumn)]
    for one, column in zip(texts, coded_texts([getattr(*one) for one in texts]), strict=True):
        setattr(*one, column)


def _extend_columns(columns: CiColumns | DependencyColumns, values: Sequence[Any]) -> None:
    """Add decoded rows to columns, one column after the other."""
    start = len(columns)
    for name in values[0].__struct_fields__:
        if name != "attributes":
            getattr(columns, name).extend([getattr(value, name) for value in values])
    if isinstance(columns, CiColumns):
        for position, value in enumerate(values, start):
            for name, cell in value.attributes.items():
                cells = columns.attributes.setdefault(name, {})
                cast("dict[int, str]", cells)[position] = cell


def _batches_of_columns(
    kind: str, columns: CiColumns | DependencyColumns | GroupRecordColumns, *, is_compiled: bool
) -> Iterator[RowBatch]:
    count = len(columns)
    parts = key_parts([getattr(columns, name) for name in _KEYS[kind]])
    texts = RowTexts(parts, is_compiled=is_compiled)
    keys = _told_apart([key for rows in slices(count) for key in texts.of(rows)])
    attributes = columns.attributes if isinstance(columns, CiColumns) else {}
    parts = json_parts(_fields_of(kind, columns), attributes, is_compiled=is_compiled)
    texts = RowTexts(parts, is_compiled=is_compiled)
    for rows in slices(count):
        yield RowBatch(
            kind=kind,
            keys=keys[rows],
            ordinals=range(rows.start, rows.stop),
            payloads=texts.of(rows),
        )


def _fields_of(
    kind: str, columns: CiColumns | DependencyColumns | GroupRecordColumns
) -> list[Field]:
    """Return the columns as the fields of a row's JSON, in their order."""
    if isinstance(columns, GroupRecordColumns):
        return [
            Field(name=one.name, cells=getattr(columns, one.name)) for one in fields(GroupRecord)
        ]
    return [
        Field(
            name=name,
            cells=getattr(columns, name),
            default=ALWAYS if parameter.default is parameter.empty else parameter.default,
        )
        for name, parameter in _parameters_of(_COLUMNS[kind]).items()
        if name != "attributes"
    ]


def _batches_of_values(kind: str, values: Sequence[Any]) -> Iterator[RowBatch]:
    encode = msgspec.json.Encoder().encode
    names = _KEYS[kind] if kind in _KEYS else _first_names(values)
    keys = _told_apart(
        ["\t".join([str(getattr(value, name)) for name in names]) for value in values]
    )
    for rows in slices(len(values)):
        yield RowBatch(
            kind=kind,
            keys=keys[rows],
            ordinals=range(rows.start, rows.stop),
            payloads=[encode(value).decode() for value in values[rows]],
        )


def _first_names(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(values[0])[:2]) if values else ()


def _told_apart(keys: list[str]) -> list[str]:
    """Return the keys, each that stood before with a mark of how often it did."""
    if len(set(keys)) == len(keys):
        return keys
    seen: dict[str, int] = {}
    for at, key in enumerate(keys):
        times = seen[key] = seen.get(key, 0) + 1
        if times > 1:
            keys[at] = f"{key}\t#{times}"
    return keys


@cache
def _type_of(kind: str) -> Any:
    return _struct_of(kind) if kind in _COLUMNS else get_args(get_type_hints(Records)[kind])[0]


@cache
def _struct_of(kind: str) -> type[msgspec.Struct]:
    """Return a struct with a field for each column; what a column leaves out is not written."""
    columns = _COLUMNS[kind]
    hints = get_type_hints(columns)
    members: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name, parameter in _parameters_of(columns).items():
        if name == "attributes":
            members.append((name, dict[str, str], msgspec.field(default_factory=dict)))
        elif parameter.default is inspect.Parameter.empty:
            members.append((name, get_args(hints[name])[0]))
        else:
            members.append((name, get_args(hints[name])[0], parameter.default))
    return msgspec.defstruct(f"{kind}_row", members, omit_defaults=True)


def _parameters_of(
    columns: type[CiColumns] | type[DependencyColumns],
) -> dict[str, inspect.Parameter]:
    """Return what a row can hold, with the defaults."""
    parameters = dict(inspect.signature(columns.append).parameters)
    del parameters["self"]
    return parameters
