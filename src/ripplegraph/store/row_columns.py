"""Columns out of the JSON of many rows, without an object for each row.

Kernels find the fields in rows that are written as this version writes them; texts stay bytes,
and of other fields each different value is decoded once.
"""

# mypy: disable-error-code="explicit-any"
# cells have the types of their columns

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import CodedColumn, NumberColumn, TextColumn, smallest_type
from ripplegraph.graph.kernels_texts import cell_kernel
from ripplegraph.graph.numbered_texts import TextTable
from ripplegraph.graph.sparse_texts import SparseTexts
from ripplegraph.store.kernels_rows import cut_fields, cut_members, read_numbers

ATTRIBUTES = "attributes"
_SLACK = bytes(64)
_FEW_OF = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """What a field holds: its type, and its value in rows that leave it out."""

    type: Any
    default: Any
    is_text: bool


def columns_of(
    lines: bytearray, count: int, fields: Mapping[str, FieldType], *, is_compiled: bool
) -> dict[str, Any] | None:
    """Return the columns of objects, a line each, by the name of the field.

    None if a line is not as this version writes it, perhaps because an older one did. The
    ``attributes`` are texts by name, each with the cells that there are by position.
    """
    found = _Cells.of(lines, count, tuple(fields), is_compiled)
    if found is None:
        return None
    columns: dict[str, Any] = {}
    for number, (name, field) in enumerate(fields.items()):
        cells = found.of_field(number)
        if name == ATTRIBUTES:
            columns[name] = cells.members()
        elif field.is_text:
            columns[name] = cells.texts()
        elif field.type is int:
            columns[name] = cells.numbers()
        else:
            columns[name] = cells.coded(field)
        if columns[name] is None:
            return None
    return columns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """Where JSON values lie; a length is 0 where there is none, minus where a backslash stands."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int32]
    count: int
    is_compiled: bool

    @classmethod
    def of(
        cls, lines: bytearray, count: int, names: Sequence[str], is_compiled: bool
    ) -> _Cells | None:
        """Return the cells of all fields, one field after the other."""
        data = np.frombuffer(lines + _SLACK, dtype=np.uint8)
        spelled = [msgspec.json.encode(name) + b":" for name in names]
        ends = np.cumsum([0, *map(len, spelled)])
        starts = np.zeros(len(names) * count, dtype=np.int64)
        lengths = np.zeros(len(names) * count, dtype=np.int32)
        kernel = cell_kernel(cut_fields, is_compiled=is_compiled)
        text = np.frombuffer(b"".join(spelled), dtype=np.uint8)
        if kernel(data, text, ends, count, starts, lengths) < count:
            return None
        return cls(data=data, starts=starts, lengths=lengths, count=count, is_compiled=is_compiled)

    def of_field(self, number: int) -> _Cells:
        """Return the cells of one field."""
        rows = slice(number * self.count, (number + 1) * self.count)
        return self._like(self.starts[rows], self.lengths[rows])

    def texts(self) -> TextColumn:
        """Return texts; there is none where the field is left out."""
        is_there = self.lengths != 0
        lengths = np.abs(self.lengths) - 2 * is_there
        column = TextColumn(
            self.data,
            (self.starts + is_there).astype(np.uint64),
            lengths.astype(np.uint32),
        )
        odd = np.flatnonzero(self.lengths < 0)
        if not len(odd):
            return column
        at = np.arange(self.count)
        at[odd] = self.count + np.arange(len(odd))
        written = self._raw().take(odd)
        return column.extended(msgspec.json.decode(_listed(written), type=list[str])).take(at)

    def numbers(self) -> NumberColumn | None:
        """Return whole numbers, 0 where the field is left out."""
        numbers = np.zeros(self.count, dtype=np.int64)
        kernel = cell_kernel(read_numbers, is_compiled=self.is_compiled)
        is_whole = kernel(self.data, self.starts, self.lengths, numbers)
        return NumberColumn(numbers) if is_whole else None

    def coded(self, field: FieldType) -> CodedColumn[Any]:
        """Return the values, each decoded once."""
        if not self.lengths.any():
            return CodedColumn.constant(field.default, self.count)
        written, codes = self._numbered(self._raw())
        there = [text for text in written if text]
        decoded = iter(msgspec.json.decode(_listed(there), type=list[field.type]))  # type: ignore[name-defined]
        values = [next(decoded) if text else field.default for text in written]
        return CodedColumn(values, codes)

    def members(self) -> dict[str, SparseTexts] | None:
        """Return the texts of objects by the name of their member."""
        kernel = cell_kernel(cut_members, is_compiled=self.is_compiled)
        whole = (self.data, self.starts, self.lengths)
        none = np.zeros(0, dtype=np.int64)
        count = kernel(*whole, none, none, none, none, none)
        if count < 0:
            return None
        lines, names, values = (np.zeros(count, dtype=np.int64) for _ in range(3))
        name_lengths, lengths = (np.zeros(count, dtype=np.int32) for _ in range(2))
        kernel(*whole, lines, names, name_lengths, values, lengths)
        spelled, codes = self._numbered(self._like(names, name_lengths)._raw())
        return {
            msgspec.json.decode(name, type=str): self._attribute(
                lines[codes == code], values[codes == code], lengths[codes == code]
            )
            for code, name in enumerate(spelled)
        }

    def _attribute(
        self, lines: NDArray[np.int64], starts: NDArray[np.int64], lengths: NDArray[np.int32]
    ) -> SparseTexts:
        all_starts = np.zeros(self.count, dtype=np.int64)
        all_lengths = np.zeros(self.count, dtype=np.int32)
        all_starts[lines], all_lengths[lines] = starts, lengths
        column = self._like(all_starts, all_lengths).texts()
        values, codes = self._numbered(column)
        if len(values) * _FEW_OF <= len(lines):
            return SparseTexts(CodedColumn(tuple(values), codes))
        return SparseTexts(column.compacted())

    def _numbered(self, column: TextColumn) -> tuple[Sequence[str], NDArray[Any]]:
        """Return the different texts, and the number of each cell's."""
        table = TextTable(is_compiled=self.is_compiled)
        codes = table.number(column)
        return list(table), codes.astype(smallest_type(len(table)))

    def _raw(self) -> TextColumn:
        """Return the JSON of each value."""
        return TextColumn(
            self.data, self.starts.view(np.uint64), np.abs(self.lengths).astype(np.uint32)
        )

    def _like(self, starts: NDArray[np.int64], lengths: NDArray[np.int32]) -> _Cells:
        return _Cells(
            data=self.data,
            starts=starts,
            lengths=lengths,
            count=len(starts),
            is_compiled=self.is_compiled,
        )


def _listed(written: Sequence[str] | TextColumn) -> str:
    return f"[{','.join(written)}]"
