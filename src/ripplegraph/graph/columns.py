"""Columns of a million cells, held in arrays: they read like lists and cost a few bytes a cell.

Cells of a big file stay bytes until somebody asks for one; equal cells share one value. Columns
of small exports are plain lists; code that reads a column need not know which it has.
"""

# mypy: disable-error-code="explicit-any"
# slices and integer arrays of any width have the type Any inside

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from typing import NoReturn, SupportsIndex, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")
Scalar = TypeVar("Scalar", bound=np.generic)
Codes = NDArray[np.unsignedinteger]
Numbers = NDArray[np.int64] | NDArray[np.uint32] | NDArray[np.uint64]
Positions = Sequence[int] | Numbers | slice
_CHUNK = 65_536
_SCANNED = 1 << 18  # bytes searched at once: they and their mask stay in the processor's cache


class ArrayColumn(MutableSequence[T]):
    """A column held in arrays: it reads like a list, but is never changed in place."""

    __slots__ = ()

    @abstractmethod
    def take(self, numbers: Positions) -> ArrayColumn[T]:
        """Return the cells at these positions, in this order."""
        ...

    @abstractmethod
    def _cell(self, number: int) -> T: ...

    @overload
    def __getitem__(self, at: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> ArrayColumn[T]: ...
    def __getitem__(self, at: SupportsIndex | slice) -> T | ArrayColumn[T]:
        if isinstance(at, slice):
            return self.take(at)
        number = at.__index__()
        if number < 0:
            number += len(self)
        if not 0 <= number < len(self):
            msg = f"the column has {len(self)} cells, there is none at {number}"
            raise IndexError(msg)
        return self._cell(number)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str | bytes):
            return NotImplemented
        return len(self) == len(other) and all(map(_equal, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __setitem__(self, at: object, cell: object) -> NoReturn:
        self._refuse()

    def __delitem__(self, at: object) -> NoReturn:
        self._refuse()

    def insert(self, index: int, value: T) -> NoReturn:
        """Refuse: a column held in arrays does not change."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        msg = f"a {type(self).__name__} does not change; take as_list of it"
        raise TypeError(msg)


class TextColumn(ArrayColumn[str]):
    """Texts as UTF-8 in one buffer, with the start and the length in bytes of each.

    Parameters
    ----------
    buffer
        The bytes; cells may lie in any order, may overlap, and other bytes may lie between.
    starts, lengths
        Where each cell lies, same shape.

    Examples
    --------
    >>> column = TextColumn.of(["web-1", "", "db"])
    >>> column[0], len(column), column == ["web-1", "", "db"]
    ('web-1', 3, True)
    """

    __slots__ = ("buffer", "lengths", "starts")

    def __init__(
        self, buffer: NDArray[np.uint8], starts: NDArray[np.uint64], lengths: NDArray[np.uint32]
    ) -> None:
        self.buffer, self.starts, self.lengths = buffer, starts, lengths

    @classmethod
    def of(cls, texts: Iterable[str]) -> TextColumn:
        """Return a column of these texts in a buffer of its own."""
        cells = [text.encode() for text in texts]
        lengths = np.fromiter(map(len, cells), np.uint32, len(cells))
        return cls(np.frombuffer(b"".join(cells), np.uint8), _starts(lengths), lengths)

    def __len__(self) -> int:
        return len(self.starts)

    def _cell(self, number: int) -> str:
        start = int(self.starts[number])
        return self.buffer[start : start + int(self.lengths[number])].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), _CHUNK):
            part = slice(first, first + _CHUNK)
            data = _gathered(self.buffer, self.starts[part], self.lengths[part]).tobytes()
            ends = np.cumsum(self.lengths[part], dtype=np.int64).tolist()
            if data.isascii():
                text = data.decode()
                yield from [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]
            else:
                yield from [data[a:b].decode() for a, b in zip([0, *ends], ends, strict=False)]

    def take(self, numbers: Positions) -> TextColumn:
        """Return the texts at these positions, in this order; the buffer is shared."""
        at = _index(numbers)
        return TextColumn(self.buffer, self.starts[at], self.lengths[at])

    def compacted(self) -> TextColumn:
        """Return the same texts in a buffer of their own, one after the other."""
        starts, data = _starts(self.lengths), np.empty(int(self.lengths.sum()), dtype=np.uint8)
        for first in range(0, len(self), _CHUNK):
            part = slice(first, first + _CHUNK)
            cells = _gathered(self.buffer, self.starts[part], self.lengths[part])
            at = int(starts[first])
            data[at : at + len(cells)] = cells
        return TextColumn(data, starts, self.lengths)

    def extended(self, texts: Iterable[str]) -> TextColumn:
        """Return these texts and more after them, in a buffer of their own or that of both."""
        more = texts if isinstance(texts, TextColumn) else TextColumn.of(texts)
        if not more.lengths.any():  # they need no bytes
            more = TextColumn(self.buffer, np.zeros_like(more.starts), more.lengths)
        if self.buffer.ctypes.data == more.buffer.ctypes.data and len(self.buffer):
            return TextColumn(
                max(self.buffer, more.buffer, key=len),
                np.concatenate((self.starts, more.starts)),
                np.concatenate((self.lengths, more.lengths)),
            )
        first, second = self._without_much_else(), more._without_much_else()
        return TextColumn(
            np.concatenate((first.buffer, second.buffer)),
            np.concatenate((first.starts, second.starts + np.uint64(len(first.buffer)))),
            np.concatenate((first.lengths, second.lengths)),
        )

    def _without_much_else(self) -> TextColumn:
        """Return the same texts, in a buffer of their own if this one holds much else."""
        is_dense = len(self.buffer) <= 2 * int(self.lengths.sum()) + _CHUNK
        return self if is_dense else self.compacted()

    def numbers_of(self, text: str) -> NDArray[np.int64]:
        """Return where a text stands, ascending."""
        wanted = text.encode()
        found = np.flatnonzero(self.lengths == len(wanted))
        for offset in range(len(wanted) - 1, -1, -1):  # ids differ most at their ends
            at = self.starts[found] + np.uint64(offset)
            found = found[self.buffer[at] == wanted[offset]]
        return found

    def holding(self, mark: str) -> Iterator[tuple[int, str]]:
        """Yield the texts that hold an ASCII character, with their positions, ascending."""
        places = _places_of(self.buffer, ord(mark))
        if len(places) and len(self):
            for number in self._cells_around(places).tolist():
                yield number, self._cell(number)

    def _cells_around(self, places: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the cells that hold one of some bytes, ascending."""
        ends = self.starts + self.lengths
        if (ends[:-1] <= self.starts[1:]).all():  # few places, each in one cell or between two
            cells = np.searchsorted(self.starts, places, side="right") - 1
            held = cells[(cells >= 0) & (places < ends[cells])]
            return held[np.diff(held, prepend=-1) > 0]
        first, last = np.searchsorted(places, self.starts), np.searchsorted(places, ends)
        return np.flatnonzero(first < last)

    def __reduce__(
        self,
    ) -> tuple[type[TextColumn], tuple[NDArray[np.uint8], NDArray[np.uint64], NDArray[np.uint32]]]:
        own = self.compacted()  # never the whole file that the cells lie in
        return TextColumn, (own.buffer, own.starts, own.lengths)


class CodedColumn(ArrayColumn[T]):
    """Few different values, and for each cell the number of its value.

    Parameters
    ----------
    values
        The different values; equal ones, and ones that no cell has, are allowed.
    codes
        By cell, an index into ``values``.

    Examples
    --------
    >>> column = CodedColumn(("server", "database"), np.array([0, 1, 0], dtype=np.uint8))
    >>> column.map(str.upper)[1], column == ["server", "database", "server"]
    ('DATABASE', True)
    """

    __slots__ = ("codes", "values")

    def __init__(self, values: Sequence[T], codes: Codes) -> None:
        self.values: Sequence[T] = values if isinstance(values, ArrayColumn) else tuple(values)
        self.codes = codes

    @classmethod
    def constant(cls, value: T, count: int) -> CodedColumn[T]:
        """Return a column of one value; its length costs no memory."""
        return cls((value,), np.broadcast_to(np.zeros(1, dtype=np.uint8), count))

    def __len__(self) -> int:
        return len(self.codes)

    def _cell(self, number: int) -> T:
        return self.values[int(self.codes[number])]

    def __iter__(self) -> Iterator[T]:
        for first in range(0, len(self), _CHUNK):
            part = self.codes[first : first + _CHUNK]
            if isinstance(self.values, ArrayColumn):
                yield from self.values.take(part)
            else:
                yield from map(self.values.__getitem__, part.tolist())

    def take(self, numbers: Positions) -> CodedColumn[T]:
        """Return the cells at these positions, in this order."""
        if self.codes.strides == (0,) and not isinstance(numbers, slice):
            count = len(np.asarray(numbers))
            return CodedColumn(self.values, np.broadcast_to(self.codes[:1], count))
        return CodedColumn(self.values, self.codes[_index(numbers)])

    def map(self, read: Callable[[T], R]) -> CodedColumn[R]:
        """Return what a function makes of each cell; it is called once for each value."""
        return CodedColumn([read(value) for value in self.values], self.codes)

    def flags(self, holds: Callable[[T], bool]) -> NDArray[np.bool_]:
        """Return for each cell whether something holds of its value."""
        by_value = np.array([holds(value) for value in self.values], dtype=np.bool_)
        flags: NDArray[np.bool_] = np.take(by_value, self.codes)
        return flags


class NumberColumn(ArrayColumn[int]):
    """Whole numbers, such as the rows of a table, in one array.

    Parameters
    ----------
    numbers
        By cell.
    """

    __slots__ = ("numbers",)

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def _cell(self, number: int) -> int:
        return int(self.numbers[number])

    def __iter__(self) -> Iterator[int]:
        for first in range(0, len(self), _CHUNK):
            yield from self.numbers[first : first + _CHUNK].tolist()

    def take(self, numbers: Positions) -> NumberColumn:
        """Return the cells at these positions, in this order."""
        return NumberColumn(self.numbers[_index(numbers)])


def coded(column: Sequence[T]) -> CodedColumn[T]:
    """Return a column as different values and codes; equal values share a code.

    Notes
    -----
    A column that is coded already comes back as it is. Else values are numbered in the order of
    their first use.
    """
    if isinstance(column, CodedColumn):
        return column
    numbers: dict[T, int] = {}
    codes = [numbers.setdefault(cell, len(numbers)) for cell in column]
    return CodedColumn(tuple(numbers), np.array(codes, dtype=smallest_type(len(numbers))))


def by_value(
    column: Sequence[T], read: Callable[[T], int], dtype: type[Scalar]
) -> NDArray[Scalar]:
    """Return what a function makes of each cell, as an array; it is called once for each value.

    Examples
    --------
    >>> by_value(["web", "db", "web"], len, np.uint8).tolist()
    [3, 2, 3]
    """
    cells = coded(column)
    numbers = np.array([read(value) for value in cells.values], dtype=dtype)
    return np.take(numbers, cells.codes)


def as_list(column: Sequence[T]) -> list[T]:
    """Return the cells as a list, the column itself if it is one; for going cell by cell."""
    return column if isinstance(column, list) else list(column)


def joined(first: Sequence[T], second: Sequence[T]) -> MutableSequence[T]:
    """Return the cells of two columns one after the other; neither changes."""
    if not len(second) and isinstance(first, ArrayColumn):
        return first
    if not len(first) and isinstance(second, ArrayColumn):
        return second
    if isinstance(first, TextColumn):
        return cast("ArrayColumn[T]", first.extended(cast("Sequence[str]", second)))
    if isinstance(first, CodedColumn):
        return _joined_codes(first, coded(second))
    if isinstance(first, NumberColumn) or isinstance(second, NumberColumn):
        both = (as_numbers(cast("Sequence[int]", one)) for one in (first, second))
        return cast("ArrayColumn[T]", NumberColumn(np.concatenate(tuple(both))))
    return [*first, *second]


def _joined_codes(first: CodedColumn[T], second: CodedColumn[T]) -> CodedColumn[T]:
    if len(first.values) == len(second.values) == 1 and first.values[0] == second.values[0]:
        return CodedColumn.constant(first.values[0], len(first) + len(second))
    if first.values is second.values:
        return CodedColumn(first.values, np.concatenate((first.codes, second.codes)))
    dtype = smallest_type(len(first.values) + len(second.values))
    shifted = second.codes.astype(np.int64) + len(first.values)
    codes = np.concatenate((first.codes.astype(dtype), shifted.astype(dtype)))
    return CodedColumn((*first.values, *second.values), codes)


def taken(column: Sequence[T], numbers: NDArray[np.int64] | slice) -> MutableSequence[T]:
    """Return the cells at these positions, in this order, as a new column."""
    if isinstance(column, ArrayColumn):
        return column.take(numbers)
    if isinstance(numbers, slice):
        return list(column[numbers])
    return [column[number] for number in numbers.tolist()]


def as_numbers(column: Sequence[int]) -> NDArray[np.int64]:
    """Return a column of whole numbers as an array."""
    if isinstance(column, NumberColumn):
        return column.numbers.astype(np.int64, copy=False)
    if isinstance(column, range):
        return np.arange(column.start, column.stop, column.step, dtype=np.int64)
    return np.array(as_list(column), dtype=np.int64)


def numbers_of(column: Sequence[str], text: str) -> list[int]:
    """Return where a text stands in a column, ascending."""
    if isinstance(column, TextColumn):
        found: list[int] = column.numbers_of(text).tolist()
        return found
    return [number for number, cell in enumerate(column) if cell == text]


def smallest_type(count: int) -> type[np.unsignedinteger]:
    """Return the smallest unsigned type that numbers so many things from 0.

    Examples
    --------
    >>> smallest_type(256).__name__, smallest_type(257).__name__
    ('uint8', 'uint16')
    """
    return np.uint8 if count <= 2**8 else np.uint16 if count <= 2**16 else np.uint32


def _starts(lengths: NDArray[np.uint32]) -> NDArray[np.uint64]:
    starts = np.zeros(len(lengths), dtype=np.uint64)
    np.cumsum(lengths[:-1], out=starts[1:])
    return starts


def _places_of(buffer: NDArray[np.uint8], byte: int) -> NDArray[np.uint64]:
    """Return where a byte stands, ascending; a mask of a whole big buffer would cost more."""
    mask = np.empty(min(len(buffer), _SCANNED), dtype=np.bool_)
    found = [np.empty(0, dtype=np.uint64)]
    for first in range(0, len(buffer), _SCANNED):
        part = buffer[first : first + _SCANNED]
        is_there = np.equal(part, byte, out=mask[: len(part)])
        if is_there.any():
            found.append(np.flatnonzero(is_there).astype(np.uint64) + np.uint64(first))
    return np.concatenate(found)


def _gathered(
    buffer: NDArray[np.uint8], starts: NDArray[np.uint64], lengths: NDArray[np.uint32]
) -> NDArray[np.uint8]:
    """Return the bytes of these cells, one cell after the other."""
    before = np.cumsum(lengths, dtype=np.int64) - lengths
    shift = np.repeat(starts.astype(np.int64) - before, lengths)
    return buffer[shift + np.arange(len(shift))]


def _index(numbers: Positions) -> NDArray[np.int64] | slice:
    return numbers if isinstance(numbers, slice) else np.asarray(numbers, dtype=np.int64)


def _equal(one: object, other: object) -> bool:
    return one == other
