"""Columns of repeated texts as numbers, so that arrays can sort and compare them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import Codes, as_numbers, by_value, coded, smallest_type


def sorted_codes(texts: Sequence[str]) -> tuple[tuple[str, ...], Codes]:
    """Return the different texts, sorted, and for each cell the number of its text.

    Examples
    --------
    >>> names, codes = sorted_codes(["web", "db", "web"])
    >>> names, codes.tolist()
    (('db', 'web'), [1, 0, 1])
    """
    column = coded(texts)
    names = tuple(sorted(set(column.values)))
    if len(names) < 2:
        return names, np.zeros(len(texts), dtype=np.uint8)
    numbers = {name: number for number, name in enumerate(names)}
    return names, by_value(column, numbers.__getitem__, smallest_type(len(names)))


def numbers_at(
    column: Sequence[int], positions: NDArray[np.int64] | NDArray[np.uint32]
) -> NDArray[np.int64] | NDArray[np.uint32]:
    """Return the whole numbers at these positions; rows that follow each other are counted.

    Examples
    --------
    >>> numbers_at([2, 3, 4], np.array([2, 0])).tolist()
    [4, 2]
    """
    numbers = as_numbers(column)
    if len(numbers) and numbers[-1] - numbers[0] + 1 == len(numbers):
        is_gapless = bool((numbers[1:] - numbers[:-1] == 1).all())
        if is_gapless:  # adding is quicker than looking up all over the memory
            return positions + int(numbers[0])
    found: NDArray[np.int64] = numbers[positions]
    return found
