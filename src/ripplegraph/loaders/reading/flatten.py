"""Records of JSON, XML or YAML as a table: nested values become columns with dotted names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ripplegraph.errors import LimitExceededError
from ripplegraph.loaders.reading.limits import DEFAULT_LIMITS
from ripplegraph.loaders.reading.raw import RawTable, RecordColumns

REFERENCE_KEYS = frozenset({"value", "display_value", "link"})
"""The keys of a reference cell of the ServiceNow APIs."""

MAX_CELLS = 50_000_000
"""Rows times columns that a table of records may have: 400 MB of pointers."""

_MAX_NESTING = 4
_WORDS = {None: "", True: "true", False: "false"}


def table_from_records(
    name: str,
    file: str,
    records: Sequence[Mapping[str, object]] | RecordColumns,
    *,
    cells: int = MAX_CELLS,
) -> RawTable:
    """Return ``records`` as a table; a record that is no mapping gives a row of empty cells."""
    if isinstance(records, RecordColumns):
        return records.table(name, file)
    flat = [dict(cells_of_record(record)) for record in records]
    names = dict.fromkeys(name for record in flat for name in record)
    if len(names) > DEFAULT_LIMITS.columns or len(names) * len(flat) > cells:
        limit = f"its records have {len(names):,} different fields in {len(flat):,} records"
        raise LimitExceededError(file, limit, "Export tables, one kind of record in each.")
    columns: dict[str, Sequence[str]] = {
        name: [record.get(name, "") for record in flat] for name in names
    }
    return RawTable(name=name.casefold(), file=file, columns=columns, rows=range(1, len(flat) + 1))


def text_of(value: object) -> str:
    """Return a scalar, or a list of scalars joined by ``;``, as the text of a cell."""
    if isinstance(value, str):
        return value.replace("\0", "").strip()
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (list, tuple)):
        return _text_of_list(value)
    if isinstance(value, dict):
        return _json_of(value)
    return str(value)


def _text_of_list(values: Sequence[object]) -> str:
    if any(isinstance(value, (list, tuple, dict)) for value in values):
        return _json_of(values)
    return ";".join(text for value in values if (text := text_of(value)))


def _json_of(value: object) -> str:
    import msgspec

    return msgspec.json.encode(value, enc_hook=str).decode()


def cells_of_record(record: object) -> Iterator[tuple[str, str]]:
    """Yield the columns and cells that a record gives; one may come twice, the last counts."""
    if isinstance(record, Mapping):
        for key, value in record.items():
            yield from cells_of_field(str(key).strip(), value)


def cells_of_field(name: str, value: object, nesting: int = 1) -> Iterable[tuple[str, str]]:
    """Yield the columns and cells that a field of a record gives."""
    if not isinstance(value, dict) or not value:
        yield name, "" if value == {} else text_of(value)
    elif REFERENCE_KEYS.issuperset(value):
        yield name, text_of(value.get("value"))
        for key in ("display_value", "link"):
            if key in value:
                yield f"{name}.{key}", text_of(value[key])
    elif nesting >= _MAX_NESTING:
        yield name, text_of(value)
    else:
        for key, inner in value.items():
            yield from cells_of_field(f"{name}.{str(key).strip()}", inner, nesting + 1)
