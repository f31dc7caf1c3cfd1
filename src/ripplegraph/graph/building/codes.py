"""Columns of repeated texts as numbers, so that arrays can sort and compare them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import by_value, coded


def sorted_codes(texts: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
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
        return names, np.zeros(len(texts), dtype=np.int64)
    numbers = {name: number for number, name in enumerate(names)}
    return names, by_value(column, numbers.__getitem__, np.int64)
