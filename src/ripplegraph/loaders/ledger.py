"""The row ledger: every row that was read ends as used or as reported, per file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import NumberColumn, as_numbers
from ripplegraph.graph.findings import FileTally


class RowsOfFile(Protocol):
    """What the ledger needs of a table: its label for findings, and its row numbers."""

    file: str
    rows: Sequence[int]


class RowLedger:
    """Counts the rows of each file on both sides: what was read, and what became of it.

    The sides are counted apart: readers tell the rows that exist, mappers mark them as used or
    refused, building the graph takes some back. A row of which a part was used counts as used.
    """

    def __init__(self) -> None:
        self._read: dict[str, _RowMarks] = {}
        self._used: defaultdict[str, _RowMarks] = defaultdict(_RowMarks)
        self._refused: defaultdict[str, _RowMarks] = defaultdict(_RowMarks)

    def register(self, file: str, rows: Iterable[int]) -> None:
        """Enter the rows that were read from a file."""
        self._read.setdefault(file, _RowMarks()).add_all(rows)

    def knows(self, file: str) -> bool:
        """Return whether rows of this file were entered."""
        return file in self._read

    def use(self, file: str, row: int) -> None:
        """Mark a row as used: it gave a record, or was merged into one."""
        self._used[file].add(row)

    def use_rows(self, file: str, rows: NDArray[np.int64]) -> None:
        """Mark rows as used."""
        self._used[file].add_numbers(rows)

    def refuse(self, file: str, row: int) -> None:
        """Mark a row as not used; the caller also reports a finding that stands for it."""
        self._refused[file].add(row)

    def use_all(self, table: RowsOfFile) -> None:
        """Mark every row of a table as used."""
        self._used[table.file].add_all(table.rows)

    def refuse_all(self, table: RowsOfFile) -> None:
        """Mark every row of a table as not used; the caller also reports one finding."""
        self._refused[table.file].add_all(table.rows)

    def take_back(self, places: Iterable[tuple[str, int]]) -> None:
        """Turn used rows into reported ones: building the graph refused their records."""
        for file, row in places:
            if file in self._read and row in self._read[file]:
                self._used[file].discard(row)
                self.refuse(file, row)

    def tallies(self) -> tuple[FileTally, ...]:
        """Return the totals per file, sorted by file.

        Raises
        ------
        AssertionError
            If a row is accounted for by nobody, or was never read: a bug of a mapper.
        """
        self._check()
        return tuple(
            FileTally(
                file=file,
                rows_read=len(rows),
                rows_used=len(self._used[file]),
                rows_reported=len(rows) - len(self._used[file]),
            )
            for file, rows in sorted(self._read.items())
        )

    def _check(self) -> None:
        for file in sorted({*self._read, *self._used, *self._refused}):
            size = max(side[file].size for side in (self._used, self._refused))
            read = self._read.get(file, _RowMarks())
            size = max(size, read.size)
            used, refused = self._used[file].flags(size), self._refused[file].flags(size)
            is_marked, is_read = used | refused, read.flags(size)
            if not np.array_equal(is_marked, is_read):
                lost = np.flatnonzero(is_read & ~is_marked).tolist()
                strange = np.flatnonzero(is_marked & ~is_read).tolist()
                msg = (
                    f"rows of {file} do not add up: neither used nor reported "
                    f"{lost[:5]}, never read {strange[:5]}"
                )
                raise AssertionError(msg)


class _RowMarks:
    """A set of row numbers: a byte for each row, which a million rows in a file can afford."""

    def __init__(self) -> None:
        self._marks = bytearray()

    @property
    def size(self) -> int:
        return len(self._marks)

    def __contains__(self, row: int) -> bool:
        return row < len(self._marks) and self._marks[row] == 1

    def __len__(self) -> int:
        return self._marks.count(1)

    def add(self, row: int) -> None:
        if row >= len(self._marks):
            self._make_room(row + 1)
        self._marks[row] = 1

    def add_all(self, rows: Iterable[int]) -> None:
        if isinstance(rows, range) and rows.step == 1:
            self._make_room(rows.stop)
            self._marks[rows.start : rows.stop] = b"\1" * len(rows)
        elif isinstance(rows, NumberColumn):
            self.add_numbers(as_numbers(rows))
        else:
            for row in rows:
                self.add(row)

    def add_numbers(self, rows: NDArray[np.int64]) -> None:
        if len(rows):
            self._make_room(int(rows.max()) + 1)
            np.frombuffer(self._marks, dtype=np.uint8)[rows] = 1

    def discard(self, row: int) -> None:
        if row < len(self._marks):
            self._marks[row] = 0

    def flags(self, size: int) -> NDArray[np.bool_]:
        flags = np.zeros(size, dtype=np.bool_)
        flags[: len(self._marks)] = np.frombuffer(self._marks, dtype=np.bool_)
        return flags

    def _make_room(self, size: int) -> None:
        missing = size - len(self._marks)
        if missing > 0:
            self._marks.extend(bytes(max(missing, len(self._marks) // 4)))
