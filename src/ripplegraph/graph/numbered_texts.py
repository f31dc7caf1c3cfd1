"""Texts of big columns numbered: equal cells of one or several columns get equal numbers."""

# mypy: disable-error-code="explicit-any"
# integer arrays of any width have the type Any inside

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import ArrayColumn, CodedColumn, Positions, TextColumn, coded
from ripplegraph.graph.kernels_texts import (
    AHEAD,
    POOL_WORDS,
    VALUES,
    cell_kernel,
    hash_texts,
    number_texts,
    place_again,
    words_of,
)
from ripplegraph.graph.shared_values import coded_together, distinct

Scalar = TypeVar("Scalar", bound=np.generic)

MANY_TEXTS = 1 << 14
"""From so many cells on compiled code numbers them; fewer a dictionary numbers in milliseconds."""

_FEWEST = 1 << 10
_SLACK = 8


class TextTable(ArrayColumn[str]):
    """Different texts, each with a number, in the order of their first use; it can grow.

    Parameters
    ----------
    is_compiled
        Whether the kernels run compiled; the numbers are the same.
    expected
        About how many different texts there will be.

    Examples
    --------
    >>> from ripplegraph.graph.kernels_texts import NO_NUMBER
    >>> table = TextTable(is_compiled=False)
    >>> table.number(TextColumn.of(["web", "db", "web"])).tolist(), list(table)
    ([0, 1, 0], ['web', 'db'])
    >>> table.find_all(TextColumn.of(["db", "san"])).tolist() == [1, NO_NUMBER]
    True
    """

    __slots__ = (
        "_counts",
        "_is_compiled",
        "_lengths",
        "_pool",
        "_slots",
        "_starts",
    )

    def __init__(self, *, is_compiled: bool, expected: int = 0) -> None:
        room = max(expected + expected // 16, _FEWEST)
        self._is_compiled = is_compiled
        self._slots = _free_slots(room)
        self._starts = np.empty(room, dtype=np.uint64)
        self._lengths = np.empty(room, dtype=np.uint32)
        self._pool = np.empty(5 * room, dtype=np.int64)
        self._counts = np.zeros(2, dtype=np.int64)
        self._counts[POOL_WORDS] = 1  # no text is at 0: that marks a free slot

    def __len__(self) -> int:
        return int(self._counts[VALUES])

    @property
    def memory_used(self) -> int:
        """Bytes of the texts and their places."""
        return 8 * int(self._counts[POOL_WORDS]) + 12 * len(self)

    def _cell(self, number: int) -> str:
        return self.texts()[number]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts())

    def take(self, numbers: Positions) -> TextColumn:
        """Return the texts with these numbers; their bytes are shared."""
        return self.texts().take(numbers)

    def texts(self) -> TextColumn:
        """Return the texts so far, by number; their bytes are shared."""
        count, used = len(self), int(self._counts[POOL_WORDS])
        return TextColumn(
            self._pool[: used + 1].view(np.uint8), self._starts[:count], self._lengths[:count]
        )

    def number(self, column: TextColumn) -> NDArray[np.uint32]:
        """Return the number of each cell; texts that are new get one."""
        column = _with_slack(column)
        codes = np.empty(len(column), dtype=np.uint32)
        done = self._go_on(column, codes, 0, is_growing=True)
        while done < len(column):
            self._grow(int(column.lengths[done]))
            done = self._go_on(column, codes, done, is_growing=True)
        return codes

    def find_all(self, column: TextColumn) -> NDArray[np.uint32]:
        """Return the number of each cell, ``NO_NUMBER`` where the table lacks the text."""
        codes = np.empty(len(column), dtype=np.uint32)
        self._go_on(_with_slack(column), codes, 0, is_growing=False)
        return codes

    def _go_on(
        self, column: TextColumn, codes: NDArray[np.uint32], done: int, *, is_growing: bool
    ) -> int:
        return cell_kernel(number_texts, is_compiled=self._is_compiled)(
            words_of(column.buffer),
            column.starts.view(np.int64),
            column.lengths.view(np.int32),
            done,
            codes,
            self._slots,
            np.empty(AHEAD, dtype=np.int64),
            self._pool,
            self._starts.view(np.int64),
            self._lengths.view(np.int32),
            self._counts if is_growing else self._counts.copy(),
            is_growing,
        )

    def _grow(self, length: int) -> None:
        """Make room where it is short, at least twice as much, for a text of this length too."""
        values, used = len(self), int(self._counts[POOL_WORDS])
        if used + length // 8 + 3 > len(self._pool):
            self._pool = _with_room(self._pool, used, 2 * len(self._pool) + length)
        if values >= len(self._starts):
            self._starts = _with_room(self._starts, values, 2 * values)
            self._lengths = _with_room(self._lengths, values, 2 * values)
            slots = _free_slots(2 * values)
            cell_kernel(place_again, is_compiled=self._is_compiled)(self._slots, slots)
            self._slots = slots


def _free_slots(room: int) -> NDArray[np.int64]:
    """Return free slots, little more than half of which so many texts take."""
    return np.zeros(1 << (room * 19 // 10).bit_length(), dtype=np.int64)


def _with_room(array: NDArray[Scalar], used: int, size: int) -> NDArray[Scalar]:
    room = np.empty(size, dtype=array.dtype)
    room[:used] = array[:used]
    return room


def _with_slack(column: TextColumn) -> TextColumn:
    """Return a column whose cells are all followed by eight bytes or more."""
    ends = column.starts + column.lengths
    if int(ends.max(initial=0)) + _SLACK <= len(column.buffer):
        return column
    buffer = np.concatenate((column.buffer, np.zeros(_SLACK, dtype=np.uint8)))
    return TextColumn(buffer, column.starts, column.lengths)


def numbered_texts(
    columns: Sequence[TextColumn], *, is_compiled: bool
) -> tuple[TextColumn, list[NDArray[np.uint32]]]:
    """Return the different texts of columns, and for each column the number of each cell's text.

    Parameters
    ----------
    columns
        Of any lengths.
    is_compiled
        Whether the kernels run compiled; the answer is the same.

    Returns
    -------
    tuple
        The texts in the order of their first use, and one array of numbers for each column.

    Examples
    --------
    >>> columns = [TextColumn.of(["web", "db"]), TextColumn.of(["db", "san"])]
    >>> texts, (first, second) = numbered_texts(columns, is_compiled=False)
    >>> list(texts), first.tolist(), second.tolist()
    (['web', 'db', 'san'], [0, 1], [1, 2])
    """
    table = TextTable(is_compiled=is_compiled)
    numbers = [table.number(column) for column in columns]
    return table.texts(), numbers


def coded_texts(columns: Sequence[TextColumn | CodedColumn[str]]) -> list[CodedColumn[str]]:
    """Return columns with one table of texts; if they are long, compiled code makes the table.

    The table of the first column is kept and grows, if it has one already.
    """
    table = table_of(columns[0]) if columns else None
    if table is None:
        if sum(map(len, columns)) < MANY_TEXTS:
            return coded_together(columns)
        table = TextTable(is_compiled=True, expected=len(columns[0]))
    return [_coded_by(table, column) for column in columns]


def _coded_by(table: TextTable, column: TextColumn | CodedColumn[str]) -> CodedColumn[str]:
    if isinstance(column, TextColumn):
        return CodedColumn(table, table.number(column))
    if column.values is table:
        return column
    return CodedColumn(table, table.number(TextColumn.of(column.values))[column.codes])


def alike(column: TextColumn, *, is_compiled: bool) -> NDArray[np.int64]:
    """Return cells that may hold the text of another cell, ascending: all that do, few others.

    Examples
    --------
    >>> alike(TextColumn.of(["web", "db", "web"]), is_compiled=False).tolist()
    [0, 2]
    """
    cells = _with_slack(column)
    hashes = np.empty(len(cells), dtype=np.int64)
    cell_kernel(hash_texts, is_compiled=is_compiled)(
        words_of(cells.buffer), cells.starts.view(np.int64), cells.lengths.view(np.int32), hashes
    )
    in_order = np.sort(hashes)
    shared = in_order[1:][in_order[1:] == in_order[:-1]]
    if not len(shared):
        return np.arange(0)
    at = np.minimum(np.searchsorted(shared, hashes), len(shared) - 1)
    return np.flatnonzero(shared[at] == hashes)


def table_of(column: Sequence[str]) -> TextTable | None:
    """Return the table of texts that a column is numbered by, None if there is none."""
    if not isinstance(column, CodedColumn):
        return None
    values = column.values
    return values if isinstance(values, TextTable) else None


def numbered(column: Sequence[str]) -> CodedColumn[str]:
    """Return a column as texts, each once, and codes; compiled code does it if it is long."""
    if isinstance(column, TextColumn):
        return coded_texts([column])[0]
    codes = coded(column)
    return codes if table_of(codes) is not None else distinct(codes)


def as_texts(cells: Sequence[str]) -> TextColumn:
    """Return a column whose cells are bytes."""
    if isinstance(cells, TextColumn):
        return cells
    if isinstance(cells, CodedColumn):
        values = cells.values
        texts = values.texts() if isinstance(values, TextTable) else TextColumn.of(values)
        return texts.take(cells.codes.astype(np.int64))
    return TextColumn.of(cells)
