"""The texts of many rows, made column by column: JSON and keys without an object for each row.

A text is a chain of parts. Columns of few values cost one look-up a row: their JSON is made once
for each value, and neighbours are looked up together. The texts of large tables are written by
compiled code.
"""

# mypy: disable-error-code="explicit-any"
# cells have the types of their columns

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import CodedColumn, NumberColumn, TextColumn
from ripplegraph.graph.kernels_texts import cell_kernel, words_of
from ripplegraph.graph.numbered_texts import as_texts
from ripplegraph.graph.sparse_texts import SparseTexts
from ripplegraph.store.kernels_rows import append_numbers, append_texts, holds_escapes

ROWS_AT_ONCE = 20_000
_WORD = 8
_FEW = 1 << 12
_PAIRS = 1 << 16
_POWERS_OF_TEN = 10 ** np.arange(1, 19, dtype=np.int64)

Track = str | Sequence[str] | NumberColumn
"""What some rows hold next: one text for all of them, a text each, or a number each."""

Part = str | CodedColumn[str] | NumberColumn | Callable[[slice], list[Track]]
"""The same for all rows; what it is for some of them may only be found when they are asked for."""

ALWAYS = object()
"""The default of a field that is written whatever it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column and its name; cells that are the default itself are left out."""

    name: str
    cells: Sequence[Any]
    default: object = ALWAYS


class RowTexts:
    """The texts of rows, each made of the parts one after the other.

    ``is_compiled`` says whether kernels write them; the texts are the same.
    """

    def __init__(self, parts: Iterable[Part], *, is_compiled: bool) -> None:
        self._is_compiled = is_compiled
        self._parts = _together(parts, 1 if is_compiled else _PAIRS)
        self._tables = {
            number: as_texts(part.values)
            for number, part in enumerate(self._parts)
            if is_compiled and isinstance(part, CodedColumn)
        }

    def of(self, rows: slice) -> list[str]:
        """Return the text of each row of a slice, which has a start and a stop."""
        return self._written(rows) if self._is_compiled else self._joined(rows)

    def _joined(self, rows: slice) -> list[str]:
        count = rows.stop - rows.start
        tracks = [track for part in self._parts for track in _tracks(part, rows)]
        return list(map("".join, zip(*(_texts(one, count) for one in tracks), strict=True)))

    def _written(self, rows: slice) -> list[str]:
        pieces = [
            piece for number in range(len(self._parts)) for piece in self._pieces(number, rows)
        ]
        sizes = np.zeros(rows.stop - rows.start, dtype=np.int64)
        for piece in pieces:
            sizes += piece.sizes()
        ends = np.cumsum(sizes) - sizes
        size = int(sizes.sum())
        out = np.empty(size + _WORD, dtype=np.uint8)
        for piece in pieces:
            piece.write(out, ends)
        return _cut(out[:size].tobytes(), ends.tolist())

    def _pieces(self, number: int, rows: slice) -> Iterator[_Texts | _Digits]:
        part = self._parts[number]
        if isinstance(part, CodedColumn):
            yield _Texts(self._tables[number], part.codes[rows])
            return
        for track in _tracks(part, rows):
            if isinstance(track, NumberColumn):
                yield _Digits(track)
            elif isinstance(track, str):
                yield _Texts(TextColumn.of([track]), np.zeros(rows.stop - rows.start, np.uint8))
            else:
                yield _Texts(as_texts(track), np.arange(len(track)))


class _Texts:
    """Texts of a table, one for each of some rows."""

    def __init__(self, table: TextColumn, codes: NDArray[Any]) -> None:
        self._table, self._codes = table, codes.astype(np.int64)

    def sizes(self) -> NDArray[Any]:
        return self._table.lengths[self._codes]

    def write(self, out: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        table = self._table
        data = table.buffer
        if len(data) < _WORD:
            data = np.concatenate((data, np.zeros(_WORD, dtype=np.uint8)))
        cell_kernel(append_texts, is_compiled=True)(
            data,
            words_of(data),
            table.starts.view(np.int64),
            table.lengths.view(np.int32),
            self._codes,
            out,
            words_of(out),
            ends,
        )


class _Digits:
    """Whole numbers, one for each of some rows."""

    def __init__(self, column: NumberColumn) -> None:
        self._numbers = column.numbers.astype(np.int64)
        self._digits = np.searchsorted(_POWERS_OF_TEN, self._numbers, side="right") + 1

    def sizes(self) -> NDArray[Any]:
        return self._digits

    def write(self, out: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        kernel = cell_kernel(append_numbers, is_compiled=True)
        kernel(self._numbers, self._digits, out, ends)


def slices(count: int) -> Iterator[slice]:
    """Yield slices that cover so many rows, some thousands each."""
    for first in range(0, count, ROWS_AT_ONCE):
        yield slice(first, min(first + ROWS_AT_ONCE, count))


def json_parts(
    fields: Sequence[Field], attributes: Mapping[str, Mapping[int, str]], *, is_compiled: bool
) -> list[Part]:
    """Return the parts of each row's JSON, as msgspec writes a struct with these fields.

    ``attributes`` become a last field, an object of those that a row has, by name.
    """
    parts: list[Part] = []
    for number, field in enumerate(fields):
        label = f"{',' if number else '{'}{_json(field.name)}:"
        parts += _field_parts(label, field, is_compiled)
    if attributes:
        parts += _attribute_parts(attributes, len(fields[0].cells), is_compiled)
    return [*parts, "}"]


def key_parts(columns: Sequence[Sequence[str]]) -> list[Part]:
    """Return the parts of each row's key: its cells, with tabs between them."""
    parts: list[Part] = []
    for number, column in enumerate(columns):
        parts += ["\t"] if number else []
        parts.append(column if isinstance(column, CodedColumn) else _cells(column))
    return parts


def _cells(column: Sequence[str]) -> Part:
    return lambda rows: [column[rows]]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _field_parts(label: str, field: Field, is_compiled: bool) -> list[Part]:
    cells, default = field.cells, field.default
    if isinstance(cells, CodedColumn):
        if len(cells.values) > _FEW and _are_plain(cells.values, is_compiled):
            return [label + '"', cells, '"']
        return [cells.map(lambda value: "" if value is default else label + _json(value))]
    if isinstance(cells, NumberColumn) and (default is ALWAYS or cells.numbers.all()):
        return [label, cells]

    def labelled(rows: slice) -> list[Track]:
        held = cells[rows]
        if isinstance(held, TextColumn) and _are_plain(held, is_compiled):
            return [label + '"', held, '"']
        return [["" if cell is default else label + _json(cell) for cell in held]]

    return [labelled]


def _are_plain(texts: Sequence[Any], is_compiled: bool) -> bool:
    """Return whether all are texts that JSON writes as they are, and none is empty."""
    if isinstance(texts, TextColumn) and is_compiled:
        return not cell_kernel(holds_escapes, is_compiled=True)(
            texts.buffer, texts.starts.view(np.int64), texts.lengths.view(np.int32)
        )
    cells = list(texts)
    if not all(cells) or set(map(type, cells)) != {str}:
        return False
    together = "".join(cells)
    return len(msgspec.json.encode(together)) == len(together.encode()) + 2


def _attribute_parts(
    attributes: Mapping[str, Mapping[int, str]], count: int, is_compiled: bool
) -> Iterator[Part]:
    """Yield the parts of an object behind its label; nothing for a row without attributes."""
    has_one = np.zeros(count, dtype=np.uint8)
    for name in sorted(attributes):
        column = _cells_of(attributes[name], count)
        is_filled = _are_filled(column)
        labels = ("", f',"attributes":{{{_json(name)}:', f",{_json(name)}:")
        yield CodedColumn(labels, is_filled * (1 + has_one))
        if isinstance(column, CodedColumn):
            yield column.map(lambda cell: _json(cell) if cell else "")
        else:
            yield _quoted(column, CodedColumn(("", '"'), is_filled), is_compiled)
        has_one |= is_filled
    yield CodedColumn(("", "}"), has_one)


def _cells_of(cells: Mapping[int, str], count: int) -> TextColumn | CodedColumn[str]:
    if isinstance(cells, SparseTexts):
        column = cells.column
        return column if len(column) == count else cells.take(np.arange(count)).column
    return TextColumn.of([cells.get(place, "") for place in range(count)])


def _are_filled(column: TextColumn | CodedColumn[str]) -> NDArray[np.uint8]:
    if isinstance(column, CodedColumn):
        return column.flags(bool).astype(np.uint8)
    return (column.lengths > 0).astype(np.uint8)


def _quoted(column: TextColumn, quotes: CodedColumn[str], is_compiled: bool) -> Part:
    def cells(rows: slice) -> list[Track]:
        held = column[rows]
        filled = column.take(rows.start + np.flatnonzero(quotes.codes[rows]))
        if _are_plain(filled, is_compiled):
            return [quotes[rows], held, quotes[rows]]
        return [[_json(cell) if cell else "" for cell in held]]

    return cells


def _together(parts: Iterable[Part], most_pairs: int) -> list[Part]:
    """Return the same parts, fewer: neighbours that are known for all rows become one.

    Columns of few values do if there are at most so many pairs of them.
    """
    made: list[Part] = []
    for part in parts:
        one = part
        if isinstance(one, CodedColumn) and len(one.values) == 1:
            one = one.values[0]
        joined = _joined(made[-1], one, most_pairs) if made else None
        if joined is None:
            made.append(one)
        else:
            made[-1] = joined
    return made


def _joined(first: Part, second: Part, most_pairs: int) -> Part | None:
    if isinstance(first, str) and isinstance(second, str):
        return first + second
    if isinstance(first, CodedColumn) and isinstance(second, CodedColumn):
        if len(first.values) * len(second.values) > most_pairs:
            return None
        pairs, codes = combined(first, second)
        return CodedColumn([one + other for one, other in pairs], codes)
    if isinstance(first, CodedColumn) and isinstance(second, str):
        return first.map(lambda text: text + second) if len(first.values) <= _FEW else None
    if isinstance(first, str) and isinstance(second, CodedColumn):
        return second.map(lambda text: first + text) if len(second.values) <= _FEW else None
    return None


def _tracks(part: Part, rows: slice) -> list[Track]:
    if isinstance(part, str):
        return [part]
    if isinstance(part, CodedColumn | NumberColumn):
        return [part.take(rows)]
    return part(rows)


def _texts(track: Track, count: int) -> Iterable[str]:
    if isinstance(track, str):
        return repeat(track, count)
    return map(str, track) if isinstance(track, NumberColumn) else track


def _cut(data: bytes, ends: Sequence[int]) -> list[str]:
    """Return the texts that end at these places, one after the other."""
    places = zip((0, *ends), ends, strict=False)
    if data.isascii():
        text = data.decode()
        return [text[start:end] for start, end in places]
    return [data[start:end].decode() for start, end in places]
