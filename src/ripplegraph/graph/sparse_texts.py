"""One attribute of many CIs, most of which have none."""

# mypy: disable-error-code="explicit-any"
# slices and integer arrays of any width have the type Any inside

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import CodedColumn, Positions, TextColumn, joined, taken


class SparseTexts(Mapping[int, str]):
    """The cells of a column that are not empty, by position: one attribute of many CIs.

    Parameters
    ----------
    column
        A cell for each CI, "" for none.

    Examples
    --------
    >>> dict(SparseTexts(TextColumn.of(["linux", "", "aix"])))
    {0: 'linux', 2: 'aix'}
    """

    __slots__ = ("column",)

    def __init__(self, column: TextColumn | CodedColumn[str]) -> None:
        self.column = column

    def __getitem__(self, number: int) -> str:
        cell = self.column[number] if 0 <= number < len(self.column) else ""
        if not cell:
            raise KeyError(number)
        return cell

    def __iter__(self) -> Iterator[int]:
        yield from np.flatnonzero(self._is_filled()).tolist()

    def __len__(self) -> int:
        return int(np.count_nonzero(self._is_filled()))

    def take(self, numbers: Positions) -> SparseTexts:
        """Return the cells at these positions, numbered anew; beyond the column all are empty."""
        if isinstance(numbers, slice):
            return SparseTexts(self.column.take(numbers))
        at, count = np.asarray(numbers, dtype=np.int64), len(self.column)
        if at.max(initial=-1) < count:
            return SparseTexts(self.column.take(at))
        padded = joined(self.column, [""])
        return SparseTexts(cast("TextColumn", taken(padded, np.minimum(at, count))))

    def _is_filled(self) -> NDArray[np.bool_]:
        if isinstance(self.column, TextColumn):
            return np.not_equal(self.column.lengths, 0)
        return self.column.flags(bool)
