"""Columns that grow chunk by chunk: few different texts are numbered, others are kept as bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import CodedColumn, TextColumn, smallest_type
from ripplegraph.graph.kernels_texts import cell_kernel, words_of
from ripplegraph.graph.numbered_texts import TextTable
from ripplegraph.loaders.reading.kernels_cells import (
    STEPS,
    VALUE_BYTES,
    VALUES,
    code_texts,
    copy_texts,
)

Scalar = TypeVar("Scalar", bound=np.generic)

_MOST_VALUES = 1 << 14
VALUE_ROOM = 1 << 20
_FEWEST_ROWS = 256
_STEPS_PER_ROW = 8
_GROWTH = 1.3


@dataclass(frozen=True, slots=True)
class ChunkCells:
    """The cells of one column in the bytes of one chunk; ``share`` of the file is read by then."""

    data: NDArray[np.uint8]
    words: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    share: float


class ChunkedColumn:
    """One column of a file that is read in chunks."""

    def __init__(self, *, is_compiled: bool) -> None:
        self._is_compiled = is_compiled
        self._rows = 0
        self._values: _Values | None = _Values()
        self._codes = np.empty(0, dtype=np.uint16)
        self._text = np.empty(0, dtype=np.uint8)
        self._text_used = 0
        self._starts = np.empty(0, dtype=np.uint64)
        self._lengths = np.empty(0, dtype=np.uint32)

    def add(self, cells: ChunkCells) -> int:
        """Add the cells of the next rows; return how many bytes they need."""
        coded = memory = 0
        if self._values is not None:
            coded = self._add_coded(self._values, cells)
            memory = 2 * coded
            if self._values is None:  # the rows so far are texts now: 12 bytes each instead of 2
                memory += self._text_used + 10 * self._rows
        if coded < len(cells.starts):
            memory += self._add_texts(cells, coded)
        return memory

    def _add_coded(self, values: _Values, cells: ChunkCells) -> int:
        count = len(cells.starts)
        self._codes = _grown(self._codes, self._rows, count, cells.share)
        done = cell_kernel(code_texts, is_compiled=self._is_compiled)(
            cells.words,
            cells.starts,
            cells.lengths,
            self._codes[self._rows : self._rows + count],
            values.slots,
            words_of(values.data),
            values.starts,
            values.lengths,
            values.counts,
            _STEPS_PER_ROW * (self._rows + count) + _FEWEST_ROWS,
        )
        self._rows += done
        is_varied = values.counts[VALUES] > max(_FEWEST_ROWS, self._rows // 8)
        if done < count or is_varied:
            self._turn_into_texts(values)
        return done

    def _turn_into_texts(self, values: _Values) -> None:
        """Go on with texts; those before share the bytes of their values."""
        codes = self._codes[: self._rows]
        self._text_used = int(values.counts[VALUE_BYTES])
        self._text = values.data[: self._text_used].copy()
        self._starts = values.starts[codes].astype(np.uint64)
        self._lengths = values.lengths[codes]
        self._values, self._codes = None, np.empty(0, dtype=np.uint16)

    def _add_texts(self, cells: ChunkCells, done: int) -> int:
        starts, lengths = cells.starts[done:], cells.lengths[done:]
        count, size = len(starts), int(lengths.sum())
        self._text = _grown(self._text, self._text_used, size + 8, cells.share)
        self._starts = _grown(self._starts, self._rows, count, cells.share)
        self._lengths = _grown(self._lengths, self._rows, count, cells.share)
        rows = slice(self._rows, self._rows + count)
        self._lengths[rows] = lengths
        self._text_used = cell_kernel(copy_texts, is_compiled=self._is_compiled)(
            cells.words,
            starts,
            lengths,
            words_of(self._text),
            self._text_used,
            self._starts[rows],
        )
        self._rows += count
        return size + 12 * count

    def finish(self) -> TextColumn | CodedColumn[str]:
        """Return the column."""
        values = self._values
        if values is None:
            return TextColumn(
                _read_only(self._text[: self._text_used + 8]),
                _read_only(self._starts[: self._rows]),
                _read_only(self._lengths[: self._rows]),
            )
        count = int(values.counts[VALUES])
        texts = TextColumn(
            values.data, values.starts[:count].astype(np.uint64), values.lengths[:count]
        )
        codes = self._codes[: self._rows].astype(smallest_type(count))
        return CodedColumn(list(texts), _read_only(codes))


class NumberedColumn:
    """One column of ids: each cell becomes the number of its text in a table of all ids."""

    def __init__(self, table: TextTable) -> None:
        self._table = table
        self._rows = 0
        self._codes = np.empty(0, dtype=np.uint32)

    def add(self, cells: ChunkCells) -> int:
        """Add the cells of the next rows; return how many bytes they need."""
        count, before = len(cells.starts), self._table.memory_used
        self._codes = _grown(self._codes, self._rows, count, cells.share)
        texts = TextColumn(
            cells.data, cells.starts.view(np.uint64), cells.lengths.astype(np.uint32)
        )
        self._codes[self._rows : self._rows + count] = self._table.number(texts)
        self._rows += count
        return 4 * count + self._table.memory_used - before

    def finish(self) -> CodedColumn[str]:
        """Return the column."""
        return CodedColumn(self._table, _read_only(self._codes[: self._rows]))


@dataclass(slots=True)
class _Values:
    """The different texts of a column so far."""

    slots: NDArray[np.uint32] = field(
        default_factory=lambda: np.zeros(4 * _MOST_VALUES, dtype=np.uint32)
    )
    data: NDArray[np.uint8] = field(default_factory=lambda: np.empty(VALUE_ROOM, dtype=np.uint8))
    starts: NDArray[np.uint32] = field(
        default_factory=lambda: np.empty(_MOST_VALUES, dtype=np.uint32)
    )
    lengths: NDArray[np.uint32] = field(
        default_factory=lambda: np.empty(_MOST_VALUES, dtype=np.uint32)
    )
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(3, dtype=np.int64))

    def __post_init__(self) -> None:
        self.counts[STEPS] = 0


def _grown(array: NDArray[Scalar], used: int, more: int, share: float) -> NDArray[Scalar]:
    """Return an array with room for more, and for what the rest of the file will likely need."""
    needed = used + more
    if needed <= len(array):
        return array
    likely = int(needed / share * 1.05) if share > 0 else 0
    room = np.empty(max(likely, int(needed * _GROWTH)), dtype=array.dtype)
    room[:used] = array[:used]
    return room


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.flags.writeable = False
    return array
