"""Records as rows with a key, so that revisions can be compared, and back again.

A row is one record as JSON. Its key tells which record it is from one revision to the next; its
ordinal is its place among its kind, because CIs are numbered in the order of the export.
"""

# mypy: disable-error-code="explicit-any"
# fields are read by their names here

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

from ripplegraph.graph.records import CiColumns, DependencyColumns, Records

_COLUMNS: Mapping[str, type[CiColumns] | type[DependencyColumns]] = {
    "cis": CiColumns,
    "dependencies": DependencyColumns,
}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record: its kind (the name of a field of ``Records``), key, place and JSON."""

    kind: str
    key: str
    ordinal: int
    payload: str


def kinds_kept() -> tuple[str, ...]:
    """Return the kinds of record that a store keeps, in the order in which they are read back."""
    return tuple(one.name for one in fields(Records) if one.name not in _NOT_KEPT)


def rows_of(records: Records) -> Iterator[Row]:
    """Yield every record as a row."""
    for kind in kinds_kept():
        held = getattr(records, kind)
        values = _values_of_columns(kind, held) if kind in _COLUMNS else iter(held)
        yield from _keyed(kind, values)


def records_of_rows(rows: Iterable[tuple[str, str]]) -> Records:
    """Return the records of rows, given as kind and JSON, those of one kind in their order."""
    records = Records()
    decoders = {kind: msgspec.json.Decoder(_type_of(kind)) for kind in kinds_kept()}
    for kind, payload in rows:
        value = decoders[kind].decode(payload)
        if kind in _COLUMNS:
            cells = {name: getattr(value, name) for name in value.__struct_fields__}
            getattr(records, kind).append(**cells)
        else:
            getattr(records, kind).append(value)
    return records


def _keyed(kind: str, values: Iterator[Any]) -> Iterator[Row]:
    seen: Counter[str] = Counter()
    encoder = msgspec.json.Encoder()
    names = _KEYS.get(kind)
    for ordinal, value in enumerate(values):
        key = "\t".join(str(getattr(value, name)) for name in names or _first_fields(value))
        seen[key] += 1
        if seen[key] > 1:
            key = f"{key}\t#{seen[key]}"
        payload = encoder.encode(value).decode()
        yield Row(kind=kind, key=key, ordinal=ordinal, payload=payload)


def _first_fields(value: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(value)[:2])


def _values_of_columns(kind: str, columns: CiColumns | DependencyColumns) -> Iterator[Any]:
    """Yield what each position of the columns holds, as one value."""
    struct = _struct_of(kind)
    names = [name for name in struct.__struct_fields__ if name != "attributes"]
    cells: Iterable[Sequence[Any]] = zip(*(getattr(columns, name) for name in names), strict=True)
    attributes = _attributes_by_position(columns) if isinstance(columns, CiColumns) else {}
    for position, values in enumerate(cells):
        more = {"attributes": attributes[position]} if position in attributes else {}
        yield struct(**dict(zip(names, values, strict=True)), **more)


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
    return msgspec.defstruct(f"{kind}_row", members, kw_only=True, omit_defaults=True)
