"""Big CSV files: read once, chunk by chunk, into columns of arrays.

What it returns is what the plain reader of :mod:`ripplegraph.loaders.reading.delimited` would
return, cell by cell. A file with anything odd (another encoding than UTF-8, NUL characters, a
quote that never closes, cells or lines beyond the limits) is left to that reader.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ripplegraph.errors import LimitExceededError
from ripplegraph.graph.columns import NumberColumn
from ripplegraph.graph.kernels_texts import cell_kernel, words_of
from ripplegraph.graph.numbered_texts import TextTable
from ripplegraph.graph.processor import BLOCK
from ripplegraph.loaders.reading.chunk_reading import ChunkReading, NotPlainError
from ripplegraph.loaders.reading.chunked_columns import ChunkCells, ChunkedColumn, NumberedColumn
from ripplegraph.loaders.reading.encodings import codec_of
from ripplegraph.loaders.reading.kernels_cells import (
    CONSUMED,
    LONG_COUNT,
    LONG_FIRST,
    NEXT_MARK,
    NEXT_NUMBER,
    SHORT_COUNT,
    SHORT_FIRST,
    SPARE,
    STATE_SIZE,
    TOO_LONG,
    find_marks,
    split_rows,
)
from ripplegraph.loaders.reading.plan import ColumnWish
from ripplegraph.loaders.reading.raw import RawTable
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile
from ripplegraph.loaders.reading.table_builder import TableHeader, report_ragged

_ROWS_AT_ONCE = 1 << 14
_BYTES_PER_ROW = 128  # a guess: how many ids there will be


def read_big_delimited(
    source: SourceFile,
    session: ReadingSession,
    *,
    delimiter: str,
    skips_first: bool = False,
    reading: ChunkReading | None = None,
) -> RawTable | None:
    """Return the table that a CSV file holds, or None if the plain reader has to read it."""
    arrays = session.arrays_used
    table = _BigTable(source, session, delimiter, reading or ChunkReading())
    try:
        with source.opener() as stream:
            table.read(stream, skips_first=skips_first)
        return table.finish()
    except NotPlainError:
        session.arrays_used = arrays
        return None


class _BigTable:
    """One table in the making."""

    def __init__(
        self, source: SourceFile, session: ReadingSession, delimiter: str, reading: ChunkReading
    ) -> None:
        self._source, self._session, self._reading = source, session, reading
        self._delimiter = ord(delimiter)
        self._header: TableHeader | None = None
        self._columns: list[ChunkedColumn | NumberedColumn] = []
        self._numbers = _RowNumbers()
        self._state = np.zeros(STATE_SIZE, dtype=np.int64)
        self._cells = _CellPlaces.of(1)
        self._marks = np.empty(0, dtype=np.uint32)

    def read(self, stream: BinaryIO, *, skips_first: bool) -> None:
        """Read the file to its end."""
        chunks = _Chunks(stream, self._reading.chunk_bytes)
        while chunks.read_next():
            if chunks.size > self._session.limits.line_chars + self._reading.chunk_bytes:
                raise NotPlainError
            if skips_first:
                chunks.drop_line()
                skips_first = False
            self._read_chunk(chunks)
            if self._header is None and chunks.size > self._reading.chunk_bytes:
                raise NotPlainError
            self._session.show(self._source.label, chunks.bytes_read, self._source.size)
        if chunks.size:
            raise NotPlainError  # a quote is open at the end

    def finish(self) -> RawTable:
        """Return the table; report what was repaired."""
        if self._header is None:
            raise NotPlainError
        session, file, state = self._session, self._source.label, self._state.tolist()
        self._header.report(session, file)
        report_ragged(session, file, "short", state[SHORT_FIRST], state[SHORT_COUNT])
        report_ragged(session, file, "long", state[LONG_FIRST], state[LONG_COUNT])
        cells = [column.finish() for column in self._columns]
        columns: dict[str, Sequence[str]] = dict(zip(self._header.names, cells, strict=True))
        if not any(columns.get("", ("x",))):
            del columns[""]
        return RawTable(
            name=self._source.name,
            file=file,
            columns=columns,
            rows=self._numbers.rows(),
            is_list_export=True,
        )

    def _read_chunk(self, chunks: _Chunks) -> None:
        data, size = chunks.data, chunks.size
        marks = self._marks_in(chunks)
        state = self._state
        state[[CONSUMED, NEXT_MARK]] = 0
        state[SPARE] = size
        if self._header is None:
            self._read_header(chunks, marks)
        while self._header is not None:
            rows = self._split(chunks, marks)
            if state[TOO_LONG]:
                raise NotPlainError
            self._check_rows(int(state[NEXT_NUMBER]))
            self._keep(data, rows, chunks.bytes_read / max(self._source.size, 1))
            if rows < _ROWS_AT_ONCE:
                break
        chunks.drop(int(state[CONSUMED]))

    def _marks_in(self, chunks: _Chunks) -> NDArray[np.uint32]:
        """Return the places of the delimiters, quotes and line ends."""
        if len(self._marks) < chunks.size + BLOCK:
            self._marks = np.empty(len(chunks.data) + BLOCK, dtype=np.uint32)
        is_odd = np.zeros(1, dtype=np.uint8)
        count = cell_kernel(find_marks, is_compiled=self._reading.is_compiled)(
            chunks.data, chunks.size, self._delimiter, self._marks, is_odd
        )
        if is_odd[0]:
            _check_text(chunks.data[: chunks.size])
        return self._marks[:count]

    def _split(self, chunks: _Chunks, marks: NDArray[np.uint32]) -> int:
        limits, cells = self._session.limits, self._cells
        return cell_kernel(split_rows, is_compiled=self._reading.is_compiled)(
            chunks.data,
            chunks.size,
            chunks.is_last,
            marks,
            self._delimiter,
            limits.line_chars,
            limits.cell_chars,
            cells.starts,
            cells.lengths,
            cells.numbers,
            self._state,
        )

    def _read_header(self, chunks: _Chunks, marks: NDArray[np.uint32]) -> None:
        """Read the first row that is not blank, which has as many cells as it has."""
        state = self._state
        self._cells = _CellPlaces.of(1, rows=1)
        begin = 0
        if not self._split(chunks, marks):
            return
        text = chunks.data[begin : int(state[CONSUMED])].tobytes().decode().lstrip("\r\n")
        lines = io.StringIO(text, newline="")
        row = next(csv.reader(lines, delimiter=chr(self._delimiter)))
        self._header = TableHeader(row, self._source.label, self._session.limits.columns)
        self._cells = _CellPlaces.of(len(row))
        wishes = self._session.plan(self._source.name, self._header.names)
        left_out = [name for name, wish in wishes.items() if wish is ColumnWish.LEAVE_OUT]
        self._header.leave_out(left_out)
        self._columns = [self._new_column(wishes.get(name)) for name in self._header.names]
        state[SHORT_FIRST : LONG_COUNT + 1] = 0

    def _new_column(self, wish: ColumnWish | None) -> ChunkedColumn | NumberedColumn:
        is_compiled, session = self._reading.is_compiled, self._session
        if wish is not ColumnWish.NUMBER:
            return ChunkedColumn(is_compiled=is_compiled)
        if session.ids is None:
            session.ids = TextTable(
                is_compiled=is_compiled, expected=self._source.size // _BYTES_PER_ROW
            )
        return NumberedColumn(session.ids)

    def _check_rows(self, number: int) -> None:
        limit = self._session.limits.rows
        if number > limit + 1:
            text = f"it has more than {limit:,} rows (rows)"
            raise LimitExceededError(self._source.label, text, SPLIT_OR_RAISE)

    def _keep(self, data: NDArray[np.uint8], rows: int, share: float) -> None:
        if not rows or self._header is None:
            return
        cells = self._cells
        self._numbers.add(cells.numbers[:rows])
        memory, words = 0, words_of(data)
        for column, index in zip(self._columns, self._header.kept, strict=True):
            starts, lengths = cells.starts[index, :rows], cells.lengths[index, :rows]
            memory += column.add(ChunkCells(data, words, starts, lengths, share))
        self._session.hold_arrays(self._source.label, memory)


@dataclass(slots=True)
class _CellPlaces:
    """Where the cells of the rows at hand lie in the chunk, and the numbers of the rows."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, width: int, rows: int = _ROWS_AT_ONCE) -> _CellPlaces:
        shape = (width, rows)
        return cls(
            np.zeros(shape, dtype=np.int64),
            np.zeros(shape, dtype=np.int64),
            np.zeros(rows, dtype=np.int64),
        )


@dataclass(slots=True)
class _RowNumbers:
    """The numbers of the rows, which mostly follow each other."""

    parts: list[NDArray[np.int64]] = field(default_factory=list)
    first: int = 0
    last: int = 0
    count: int = 0

    def add(self, numbers: NDArray[np.int64]) -> None:
        """Add the numbers of more rows."""
        first, last = int(numbers[0]), int(numbers[-1])
        was_gapless = self.last - self.first + 1 == self.count
        if not self.count:
            self.first, was_gapless = first, True
        is_gapless = last - self.first + 1 == self.count + len(numbers)
        if was_gapless and not is_gapless:
            self.parts.append(np.arange(self.first, self.first + self.count))
        if not is_gapless:
            self.parts.append(numbers.copy())
        self.last = last
        self.count += len(numbers)

    def rows(self) -> Sequence[int]:
        """Return the numbers."""
        if self.parts:
            return NumberColumn(np.concatenate(self.parts))
        return range(self.first, self.first + self.count)


class _Chunks:
    """The bytes of a file in chunks; what is not dropped stands before the next one."""

    def __init__(self, stream: BinaryIO, chunk_bytes: int) -> None:
        self._stream, self._chunk_bytes = stream, chunk_bytes
        self.data = np.empty(4 * chunk_bytes + 2 + BLOCK, dtype=np.uint8)
        self.size = 0
        self.bytes_read = 0
        self.is_last = False

    def read_next(self) -> bool:
        """Add the next chunk; False if there is none."""
        if self.is_last:
            return False
        needed = 2 * (self.size + self._chunk_bytes + 1) + BLOCK
        if needed > len(self.data):
            bigger = np.empty(2 * needed, dtype=np.uint8)
            bigger[: self.size] = self.data[: self.size]
            self.data = bigger
        got = self._fill()
        self.is_last = got < self._chunk_bytes
        if not self.bytes_read:
            self._skip_bom()
        self.bytes_read += got
        if self.is_last and self.size and self.data[self.size - 1] not in b"\r\n":
            self.data[self.size] = ord("\n")
            self.size += 1
        return True

    def _fill(self) -> int:
        """Read a whole chunk, or less at the end of the file; a stream may give parts."""
        view = self.data.data
        got = 0
        while got < self._chunk_bytes:
            part = view[self.size + got : self.size + self._chunk_bytes]
            count = self._stream.readinto(part)  # type: ignore[attr-defined]
            if not count:
                break
            got += count
        self.size += got
        return got

    def _skip_bom(self) -> None:
        codec, bom = codec_of(self.data[: self.size].tobytes())
        if codec != "utf-8":
            raise NotPlainError
        self.drop(bom)

    def drop(self, count: int) -> None:
        """Forget the first bytes."""
        rest = self.size - count
        if count and rest:
            self.data[:rest] = self.data[count : self.size].copy()
        self.size = rest

    def drop_line(self) -> None:
        """Forget the first line."""
        head = self.data[: self.size].tobytes()
        line = head.splitlines(keepends=True)[0]
        if len(line) == len(head):
            raise NotPlainError
        self.drop(len(line))


def _check_text(data: NDArray[np.uint8]) -> None:
    """Refuse what is no valid UTF-8, and NUL characters; the last character may be cut off."""
    text = data.tobytes()
    if b"\0" in text:
        raise NotPlainError
    if text.isascii():
        return
    cut = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
    try:
        decoded = text[:cut].decode()
    except UnicodeDecodeError:
        raise NotPlainError from None
    if "\ufffd" in decoded:
        raise NotPlainError
