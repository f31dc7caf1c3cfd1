"""Records as rows with a key, so that revisions can be compared, and back again.

A row is one record as JSON. Its key tells which record it is from one revision to the next; its
ordinal is its place among its kind, because CIs are numbered in the order of the export.
"""

# mypy: disable-error-code="explicit-any"
# fields are read by their names here

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, cast, get_args, get_type_hints

import msgspec

from ripplegraph.graph.records import CiColumns, DependencyColumns, Records

_COLUMNS: Mapping[str, type[CiColumns] | type[DependencyColumns]] = {
    "cis": CiColumns,
    "dependencies": DependencyColumns,
}
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


def rows_of(records: Records) -> Iterator[Row]:
    """Yield every record as a row, sorted by kind and ordinal."""
    for kind in sorted(kinds_kept()):
        held = getattr(records, kind)
        values = _values_of_columns(kind, held) if kind in _COLUMNS else iter(held)
        yield from _keyed(kind, values)


def records_of_rows(rows: Iterable[tuple[str, str]]) -> Records:
    """Return the records of rows, given as kind and JSON, those of one kind in their order."""
    records = Records()
    decoders = {kind: msgspec.json.Decoder(list[_type_of(kind)]) for kind in kinds_kept()}  # type: ignore[misc]
    for kind, alike in groupby(rows, key=itemgetter(0)):
        while payloads := [payload for _, payload in islice(alike, _DECODED_AT_ONCE)]:
            values = decoders[kind].decode(f"[{','.join(payloads)}]")
            if kind in _COLUMNS:
                _extend_columns(getattr(records, kind), values)
            else:
                getattr(records, kind).extend(values)
    return records


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


def _keyed(kind: str, values: Iterator[Any]) -> Iterator[Row]:
    seen: dict[str, int] = {}
    encode = msgspec.json.Encoder().encode
    cells_of = _key_cells(_KEYS[kind]) if kind in _KEYS else _first_cells
    for ordinal, value in enumerate(values):
        key = "\t".join(map(str, cells_of(value)))
        times = seen[key] = seen.get(key, 0) + 1
        if times > 1:
            key = f"{key}\t#{times}"
        yield Row(kind, key, ordinal, encode(value).decode())


def _key_cells(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the cells of a key; for a single one it is still a tuple."""
    if len(names) == 1:
        return lambda value: (getattr(value, names[0]),)
    return attrgetter(*names)


def _first_cells(value: Any) -> tuple[Any, ...]:
    return tuple(getattr(value, one.name) for one in fields(value)[:2])


def _values_of_columns(kind: str, columns: CiColumns | DependencyColumns) -> Iterator[Any]:
    """Yield what each position of the columns holds, as one value."""
    struct = _struct_of(kind)
    names = [name for name in struct.__struct_fields__ if name != "attributes"]
    made = map(struct, *(getattr(columns, name) for name in names))
    attributes = _attributes_by_position(columns) if isinstance(columns, CiColumns) else {}
    for position, value in enumerate(made):
        if position in attributes:
            cast("Any", value).attributes = attributes[position]
        yield value


def _attributes_by_position(columns: CiColumns) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for name in sorted(columns.attributes):
        for position, cell in columns.attributes[name].items():
            found.setdefault(position, {})[name] = cell
    return found


@cache
def _type_of(kind: str) -> Any:
    return _struct_of(kind) if kind in _COLUMNS else get_args(get_type_hints(Records)[kind])[0]


@cache
def _struct_of(kind: str) -> type[msgspec.Struct]:
    """Return a struct with a field for each column; what a column leaves out is not written."""
    columns = _COLUMNS[kind]
    hints = get_type_hints(columns)
    members: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name, parameter in inspect.signature(columns.append).parameters.items():
        if name == "self":
            continue
        if name == "attributes":
            members.append((name, dict[str, str], msgspec.field(default_factory=dict)))
        elif parameter.default is inspect.Parameter.empty:
            members.append((name, get_args(hints[name])[0]))
        else:
            members.append((name, get_args(hints[name])[0], parameter.default))
    return msgspec.defstruct(f"{kind}_row", members, omit_defaults=True)
