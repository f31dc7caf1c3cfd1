"""Lists of records as columns: what stays of a big list in a document, built while it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ripplegraph.graph.kernels_texts import words_of
from ripplegraph.loaders.reading.chunked_columns import ChunkCells, ChunkedColumn
from ripplegraph.loaders.reading.flatten import (
    REFERENCE_KEYS,
    cells_of_field,
    cells_of_record,
    text_of,
)
from ripplegraph.loaders.reading.raw import RecordColumns

_SPARE = 8  # bytes that kernels may look at behind the last one
_STR_OR_DICT = frozenset({str, dict})


class RecordColumnsBuilder:
    """Takes the entries of a list piece by piece."""

    def __init__(self, *, is_compiled: bool) -> None:
        self._is_compiled = is_compiled
        self._first: object = None
        self._keys: set[str] = set()
        self._columns: dict[str, ChunkedColumn] = {}
        self._count = 0

    @property
    def width(self) -> int:
        """Return how many columns there are so far."""
        return len(self._columns)

    def add(self, entries: Sequence[object], share: float) -> int:
        """Add the next entries, by when ``share`` of the file is read; return the bytes needed."""
        if not entries:
            return 0
        if not self._count:
            self._first = entries[0]
        records = [one if isinstance(one, dict) else {} for one in entries]
        self._keys.update(*records)
        memory, count = 0, len(records)
        columns = columns_of_records(records)
        for name in columns:
            if name not in self._columns:
                self._columns[name] = ChunkedColumn(is_compiled=self._is_compiled)
                memory += self._columns[name].add(_blank_cells(self._count, share))
        for name, column in self._columns.items():
            cells = columns.get(name)
            memory += column.add(
                _blank_cells(count, share) if cells is None else _chunk_cells(cells, share)
            )
        self._count += count
        return memory

    def finish(self) -> RecordColumns:
        """Return the list."""
        return RecordColumns(
            first=self._first,
            keys=frozenset(self._keys),
            columns={name: column.finish() for name, column in self._columns.items()},
            count=self._count,
        )


def _chunk_cells(cells: Sequence[str], share: float) -> ChunkCells:
    text = "".join(cells)
    lengths = np.fromiter(map(len, cells), np.int64, len(cells))
    data = text.encode()
    if len(data) > len(text):
        lengths = np.fromiter((len(cell.encode()) for cell in cells), np.int64, len(cells))
    # a bytearray: kernels are compiled anew for arrays that cannot be written to
    buffer = np.frombuffer(bytearray(data + bytes(_SPARE)), np.uint8)
    return ChunkCells(buffer, words_of(buffer), np.cumsum(lengths) - lengths, lengths, share)


def _blank_cells(count: int, share: float) -> ChunkCells:
    buffer, zeros = np.zeros(2 * _SPARE, np.uint8), np.zeros(count, np.int64)
    return ChunkCells(buffer, words_of(buffer), zeros, zeros, share)


def columns_of_records(records: Sequence[Mapping[str, object]]) -> dict[str, list[str]]:
    """Return the cells of records by column, columns in the order in which records name them."""
    keys = list(records[0])
    if all(list(record) == keys for record in records):
        placed = sorted(_placed_columns(keys, records), key=lambda column: column.place)
        columns = {column.name: column.cells for column in placed}
        if len(columns) == len(placed):  # else two fields give one column: record by record
            return columns
    flat = [dict(cells_of_record(record)) for record in records]
    names = dict.fromkeys(name for record in flat for name in record)
    return {name: [record.get(name, "") for record in flat] for name in names}


@dataclass(slots=True)
class _PlacedColumn:
    """A column, and where its name stands first: record, field, part of the field."""

    name: str
    cells: list[str]
    place: tuple[int, int, int]


def _placed_columns(
    keys: Sequence[str], records: Sequence[Mapping[str, object]]
) -> Iterator[_PlacedColumn]:
    """Yield the columns of records that all have the same keys."""
    for position, key in enumerate(keys):
        values = [record[key] for record in records]
        kinds, name = set(map(type, values)), key.strip()
        if dict not in kinds:
            yield _PlacedColumn(name, _texts_of(values), (0, position, 0))
        elif kinds <= _STR_OR_DICT and REFERENCE_KEYS.issuperset(
            chain.from_iterable(_mappings(values))
        ):
            yield from _columns_of_references(name, position, values)
        else:
            yield from _columns_of_field(name, position, values)


def _mappings(values: Sequence[object]) -> Iterator[Mapping[str, object]]:
    return (value for value in values if isinstance(value, dict))


def _columns_of_references(
    name: str, position: int, values: Sequence[object]
) -> Iterator[_PlacedColumn]:
    """Yield the columns of a field of references of ServiceNow, or of texts in their place."""
    keys = [value.get("value") if isinstance(value, dict) else value for value in values]
    yield _PlacedColumn(name, _texts_of(keys), (0, position, 0))
    nothing: dict[str, object] = {}
    references = [value if isinstance(value, dict) else nothing for value in values]
    for number, part in enumerate(("display_value", "link"), 1):
        first = next((at for at, one in enumerate(references) if part in one), None)
        if first is not None:
            cells = _texts_of([one.get(part) for one in references])
            yield _PlacedColumn(f"{name}.{part}", cells, (first, position, number))


def _texts_of(values: Sequence[object]) -> list[str]:
    """Return the texts of cells; nothing where there is no value."""
    return [
        value.replace("\0", "").strip() if type(value) is str else text_of(value)
        for value in values
    ]


def _columns_of_field(
    name: str, position: int, values: Sequence[object]
) -> Iterator[_PlacedColumn]:
    """Yield the columns of a field that holds mappings."""
    columns: dict[str, _PlacedColumn] = {}
    for number, value in enumerate(values):
        for part, (inner, text) in enumerate(cells_of_field(name, value)):
            column = columns.get(inner)
            if column is None:
                cells = [""] * len(values)
                column = columns[inner] = _PlacedColumn(inner, cells, (number, position, part))
            column.cells[number] = text
    yield from columns.values()
