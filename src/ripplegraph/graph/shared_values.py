"""Columns with one table of values: equal cells have equal codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from ripplegraph.graph.columns import CodedColumn, coded, smallest_type

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


def with_shared_values(columns: Sequence[CodedColumn[T]]) -> list[CodedColumn[T]]:
    """Return coded columns with one table of values; values that no cell has stay in it.

    Examples
    --------
    >>> columns = [CodedColumn(("a", "b"), np.array([1, 1])), CodedColumn(("b",), np.array([0]))]
    >>> first, second = with_shared_values(columns)
    >>> first.values, first.codes.tolist(), second.codes.tolist()
    (('a', 'b'), [1, 1], [1])
    """
    numbers: dict[T, int] = {}
    again = [
        [numbers.setdefault(value, len(numbers)) for value in column.values] for column in columns
    ]
    dtype, values = smallest_type(len(numbers)), tuple(numbers)
    return [
        CodedColumn(values, np.array(codes, dtype=dtype)[column.codes])
        for column, codes in zip(columns, again, strict=True)
    ]


def one_after_another(columns: Sequence[Sequence[T]]) -> CodedColumn[T]:
    """Return the cells of columns one after another, as values and codes.

    Examples
    --------
    >>> list(one_after_another((["a", "b"], ["b", "c"])))
    ['a', 'b', 'b', 'c']
    """
    held = with_shared_values([coded(column) for column in columns])
    if not held:
        return CodedColumn((), np.empty(0, dtype=np.uint8))
    return CodedColumn(held[0].values, np.concatenate([column.codes for column in held]))
