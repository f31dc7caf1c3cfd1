"""Kernels may ask for memory ahead; it changes no answer."""

from collections.abc import Callable

import numpy as np
from numba import njit

from ripplegraph.graph.compilation import kernel_of
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


def test_asking_ahead_stays_a_form_of_its_own_in_kernels_linked_with_what_they_call() -> None:
    compiled = kernel_of(total, is_compiled=True)
    assert compiled(np.arange(20, dtype=np.uint32)) == 190
    linked: object = compiled.py_func  # type: ignore[attr-defined]
    assert linked is total  # no copy that calls an empty kernel
