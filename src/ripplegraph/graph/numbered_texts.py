"""Texts of big columns numbered: equal cells of one or several columns get equal numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import CodedColumn, TextColumn, coded_together
from ripplegraph.graph.compilation import kernel_of
from ripplegraph.graph.kernels_texts import POOL_BYTES, VALUES, number_texts, place_hashes

MANY_TEXTS = 1 << 17
"""From so many cells on compiled code numbers them; fewer a dictionary numbers in milliseconds."""

_FIRST_VALUES = 1 << 10


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
    table = _Table(is_compiled=is_compiled)
    numbers = [table.number(column) for column in columns]
    return table.texts(), numbers


def coded_texts(columns: Sequence[TextColumn]) -> list[CodedColumn[str]]:
    """Return columns with one table of texts; compiled code does it if they are long."""
    if sum(map(len, columns)) < MANY_TEXTS:
        return coded_together(columns)
    texts, numbers = numbered_texts(columns, is_compiled=True)
    values = tuple(texts)
    return [CodedColumn(values, of_column) for of_column in numbers]


class _Table:
    """A hash table of texts that grows."""

    def __init__(self, *, is_compiled: bool) -> None:
        self._number = kernel_of(number_texts, is_compiled=is_compiled)
        self._place = kernel_of(place_hashes, is_compiled=is_compiled)
        self._slots = np.zeros(4 * _FIRST_VALUES, dtype=np.uint32)
        self._hashes = np.empty(_FIRST_VALUES, dtype=np.uint32)
        self._starts = np.zeros(_FIRST_VALUES + 1, dtype=np.int64)
        self._pool = np.empty(32 * _FIRST_VALUES, dtype=np.uint8)
        self._counts = np.zeros(3, dtype=np.int64)

    def number(self, column: TextColumn) -> NDArray[np.uint32]:
        """Return the number of each cell."""
        codes = np.empty(len(column), dtype=np.uint32)
        done = 0
        while True:
            done = self._number(
                column.buffer,
                column.starts,
                column.lengths,
                done,
                codes,
                self._slots,
                self._hashes,
                self._pool,
                self._starts,
                self._counts,
            )
            if done == len(column):
                return codes
            self._grow(int(column.lengths[done]))

    def texts(self) -> TextColumn:
        """Return the different texts."""
        starts = self._starts[: int(self._counts[VALUES]) + 1]
        pool = self._pool[: int(self._counts[POOL_BYTES])]
        return TextColumn(pool, starts[:-1].astype(np.uint64), np.diff(starts).astype(np.uint32))

    def _grow(self, length: int) -> None:
        """Make room where it is short, at least twice as much, for a text of this length too."""
        values, used = int(self._counts[VALUES]), int(self._counts[POOL_BYTES])
        if used + length > len(self._pool):
            room = np.empty(2 * len(self._pool) + length, dtype=np.uint8)
            room[:used] = self._pool[:used]
            self._pool = room
        if values >= len(self._hashes):
            hashes = np.empty(2 * values, dtype=np.uint32)
            hashes[:values] = self._hashes
            starts = np.zeros(2 * values + 1, dtype=np.int64)
            starts[: values + 1] = self._starts
            self._slots = np.zeros(8 * values, dtype=np.uint32)
            self._hashes, self._starts = hashes, starts
            self._place(hashes, values, self._slots)
