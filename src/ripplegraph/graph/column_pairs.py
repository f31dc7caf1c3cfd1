"""Pairs of cells that stand side by side, numbered like the cells of one column."""

# mypy: disable-error-code="explicit-any"
# integer arrays of any width have the type Any inside

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import CodedColumn, smallest_type

T = TypeVar("T")
R = TypeVar("R")

_TABLED = 1 << 20


def combined(
    first: CodedColumn[T], second: CodedColumn[R]
) -> tuple[list[tuple[T, R]], NDArray[np.unsignedinteger]]:
    """Return the different pairs of cells that stand side by side, and a code for each row.

    Examples
    --------
    >>> classes = CodedColumn(("server", "database"), np.array([0, 1, 0], dtype=np.uint8))
    >>> states = CodedColumn(("live", "test"), np.array([0, 0, 0], dtype=np.uint8))
    >>> pairs, codes = combined(classes, states)
    >>> pairs, codes.tolist()
    ([('server', 'live'), ('database', 'live')], [0, 1, 0])
    """
    if (
        len(second.values) == 1
        and (np.bincount(first.codes, minlength=len(first.values)) > 0).all()
    ):
        only = second.values[0]
        return [(value, only) for value in first.values], first.codes
    width = max(len(second.values), 1)
    if len(first.values) * width > _TABLED:
        wide = first.codes.astype(np.int64) * width + second.codes
        used, codes = np.unique(wide, return_inverse=True)
        rows = codes.astype(smallest_type(len(used)))
    else:
        dtype = smallest_type(len(first.values) * width + 1)  # the width itself fits too
        pair = first.codes.astype(dtype) * dtype(width) + second.codes.astype(dtype)
        is_used = np.zeros(len(first.values) * width, dtype=np.bool_)
        is_used[pair] = True
        used = np.flatnonzero(is_used)
        number = np.zeros(len(is_used), dtype=smallest_type(len(used)))
        number[used] = np.arange(len(used))
        rows = number[pair]
    pairs = [(first.values[at // width], second.values[at % width]) for at in used.tolist()]
    return pairs, rows
