"""What the generic loaders do with whole columns, be they lists or held in arrays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import (
    ArrayColumn,
    CodedColumn,
    TextColumn,
    as_numbers,
    coded,
    taken,
)
from ripplegraph.graph.numbered_texts import as_texts, coded_texts, table_of
from ripplegraph.graph.records import CiColumns, DependencyColumns
from ripplegraph.graph.shared_values import coded_together
from ripplegraph.graph.sparse_texts import SparseTexts
from ripplegraph.loaders.formula_guard import unguarded

T = TypeVar("T")
R = TypeVar("R")

_NOT_ASCII = 0x80
_SHRINKING = 4  # a letter of three bytes may casefold to one of one: the Kelvin sign


def is_filled(cells: Sequence[str]) -> NDArray[np.bool_]:
    """Return for each cell whether it holds any text."""
    if isinstance(cells, TextColumn):
        return np.not_equal(cells.lengths, 0)
    if isinstance(cells, CodedColumn):
        table = table_of(cells)
        return cells.flags(bool) if table is None else is_filled(table.texts())[cells.codes]
    return np.fromiter(map(bool, cells), np.bool_, len(cells))


def mapped(cells: Sequence[T], read: Callable[[T], R]) -> Sequence[R]:
    """Return what a function makes of each cell; it is called once for each different one."""
    if isinstance(cells, ArrayColumn):
        return coded(cells).map(read)
    meaning = {cell: read(cell) for cell in dict.fromkeys(cells)}
    return [meaning[cell] for cell in cells]


def different(cells: Sequence[str]) -> set[str]:
    """Return the different cells, and perhaps some that there were before."""
    return set(coded(cells).values) if isinstance(cells, ArrayColumn) else set(cells)


def positions_of(cells: Sequence[str], wanted: Collection[str]) -> list[int]:
    """Return where one of some texts stands, ascending."""
    if not wanted:
        return []
    if isinstance(cells, ArrayColumn):
        return np.flatnonzero(coded(cells).flags(wanted.__contains__)).tolist()
    return [position for position, cell in enumerate(cells) if cell in wanted]


def at(cells: Sequence[T], positions: NDArray[np.int64]) -> Sequence[T]:
    """Return the cells at these ascending positions; all of them cost nothing."""
    return cells if len(positions) == len(cells) else taken(cells, positions)


def filled_up(cells: Sequence[str], others: Sequence[str]) -> Sequence[str]:
    """Return the cells, and where one is empty the cell of another column."""
    if not isinstance(cells, ArrayColumn):
        return [cell or others[number] for number, cell in enumerate(cells)]
    is_own = is_filled(cells)
    return cells if is_own.all() else chosen(is_own, as_texts(cells), as_texts(others))


def chosen(is_first: NDArray[np.bool_], first: TextColumn, second: TextColumn) -> TextColumn:
    """Return for each row the cell of the first column where that is said, else of the second."""
    count = len(first)
    rows = np.arange(count, dtype=np.int64)
    return first.extended(second).take(np.where(is_first, rows, rows + count))


def without_guards(cells: Sequence[str]) -> Sequence[str]:
    """Return the cells without the guard that our own tables put before formulas."""
    if isinstance(cells, TextColumn):
        return _texts_without_guards(cells)
    if isinstance(cells, CodedColumn):
        return cells.map(unguarded) if any(map(_is_guarded, _suspects(cells))) else cells
    return [unguarded(cell) for cell in cells] if "'" in "".join(cells) else cells


def _suspects(cells: CodedColumn[str]) -> Iterable[str]:
    """Return the values that may be guarded; in a table of very many they are looked for."""
    table = table_of(cells)
    return cells.values if table is None else (text for _, text in table.texts().holding("'"))


def _is_guarded(text: str) -> bool:
    return unguarded(text) != text


def _texts_without_guards(cells: TextColumn) -> TextColumn:
    bare = {number: unguarded(cell) for number, cell in cells.holding("'")}
    return replaced(cells, {at: cell for at, cell in bare.items() if cell != cells[at]})


def replaced(cells: TextColumn, changed: Mapping[int, str]) -> TextColumn:
    """Return the cells, with other texts at some positions."""
    if not changed:
        return cells
    rows = np.arange(len(cells), dtype=np.int64)
    rows[list(changed)] = len(cells) + np.arange(len(changed))
    return cells.extended(changed.values()).take(rows)


def without_words(cells: Sequence[str], words: Collection[str]) -> Sequence[str]:
    """Return the cells; those that hold one of some casefolded words are empty."""
    if isinstance(cells, ArrayColumn):
        cells = coded(cells)  # what a field means is asked once for each value, here and later
    empty = {cell for cell in different(cells) if cell and cell.casefold() in words}
    return mapped(cells, lambda cell: "" if cell in empty else cell) if empty else cells


def texts_without_words(cells: TextColumn, words: Collection[str]) -> TextColumn:
    """Return bytes as they are, without those cells that hold one of some casefolded words.

    Only cells that are short enough to be a word are looked at.
    """
    longest = max((len(word.encode()) for word in words), default=0)
    if (cells.buffer >= _NOT_ASCII).any():
        longest *= _SHRINKING
    short = np.flatnonzero((cells.lengths > 0) & (cells.lengths <= longest))
    empty = [
        number
        for number, cell in zip(short.tolist(), cells.take(short), strict=True)
        if cell.casefold() in words
    ]
    if not empty:
        return cells
    lengths = cells.lengths.copy()
    lengths[empty] = 0
    return TextColumn(cells.buffer, cells.starts, lengths)


def put(columns: CiColumns | DependencyColumns, **cells: Sequence[object]) -> None:
    """Set empty columns, each under its name."""
    for name, more in cells.items():
        setattr(columns, name, more if isinstance(more, ArrayColumn) else list(more))


def attribute_of(cells: Sequence[str]) -> Mapping[int, str]:
    """Return the cells that are not empty, by position."""
    if isinstance(cells, TextColumn | CodedColumn):
        return SparseTexts(cells)
    return {number: cell for number, cell in enumerate(cells) if cell}


def rows_at(rows: Sequence[int], positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row numbers at these positions."""
    if isinstance(rows, range) and rows.step == 1:
        return positions + rows.start
    return as_numbers(rows)[positions]


def with_one_table(columns: Sequence[Sequence[str]]) -> list[CodedColumn[str]]:
    """Return columns with one table of values, so that equal cells have equal codes in all."""
    if not any(isinstance(column, TextColumn) or table_of(column) for column in columns):
        return coded_together(columns)
    held = [one if isinstance(one, CodedColumn) else as_texts(one) for one in columns]
    return coded_texts(held)
