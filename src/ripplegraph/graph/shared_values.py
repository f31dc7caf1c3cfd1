"""Columns with one table of values: equal cells have equal codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from ripplegraph.graph.columns import CodedColumn, smallest_type

T = TypeVar("T")


def distinct(column: CodedColumn[T]) -> CodedColumn[T]:
    """Return the same column with each value once."""
    numbers: dict[T, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in column.values]
    if len(numbers) == len(codes):
        return column
    again = np.array(codes, dtype=smallest_type(len(numbers)))
    return CodedColumn(tuple(numbers), again[column.codes])


def coded_together(columns: Sequence[Sequence[T]]) -> list[CodedColumn[T]]:
    """Return columns with one table of values, so that equal cells have equal codes in all.

    Examples
    --------
    >>> first, second = coded_together((["a", "b"], ["b", "c"]))
    >>> first.values, second.codes.tolist()
    (('a', 'b', 'c'), [1, 2])
    """
    numbers: dict[T, int] = {}
    codes = [[numbers.setdefault(cell, len(numbers)) for cell in column] for column in columns]
    dtype, values = smallest_type(len(numbers)), tuple(numbers)
    return [CodedColumn(values, np.array(of_column, dtype=dtype)) for of_column in codes]
