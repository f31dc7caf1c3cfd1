"""Kernels may ask for memory ahead; it changes no answer."""

from collections.abc import Callable

import numpy as np
from numba import njit

from ripplegraph.graph.prefetching import Numbers, ask_ahead, teach_numba


def total(numbers: Numbers) -> int:
    found = 0
    for at in range(len(numbers)):
        ask_ahead(numbers, at + 8)  # also beyond the end: nothing is read
        found += numbers[at]
    return found


def test_asking_ahead_changes_nothing_plain_or_compiled() -> None:
    numbers = np.arange(20, dtype=np.uint32)
    teach_numba()
    compiled: Callable[[Numbers], int] = njit()(total)
    assert (total(numbers.tolist()), compiled(numbers)) == (190, 190)
