"""What kernels ask of the processor gives the same compiled as in plain Python."""

from collections.abc import Callable

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numba import njit

from ripplegraph.graph.compilation import kernel_of
from ripplegraph.graph.processor import (
    Numbers,
    ask_ahead,
    count_bits,
    lowest_bit,
    mark_bits,
    odd_bits,
)
from ripplegraph.graph.processor_forms import teach_numba


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


def told(data: Numbers, delimiter: int, at: int) -> tuple[int, int, int, int]:
    marks = mark_bits(data, at, delimiter)
    return marks, odd_bits(data, at), lowest_bit(marks), count_bits(marks)


@settings(deadline=None)
@given(st.binary(min_size=64, max_size=64), st.sampled_from(b",;\t"))
@example(b"," * 64, ord(","))
@example(b"a" * 63 + b"\n", ord(","))
@example(bytes(64), ord(","))
def test_bytes_are_compared_the_same_plain_and_compiled(data: bytes, delimiter: int) -> None:
    marks = [at for at, byte in enumerate(data) if byte in (delimiter, *b'"\r\n')]
    odd = [at for at, byte in enumerate(data) if byte in (0, *range(128, 256))]
    plain = told(data, delimiter, 0)
    assert plain == (
        sum(1 << at for at in marks),
        sum(1 << at for at in odd),
        marks[0] if marks else 64,
        len(marks),
    )
    array = np.frombuffer(b"," + data, dtype=np.uint8)
    compiled = kernel_of(told, is_compiled=True)(array, delimiter, 1)
    assert tuple(number % 2**64 for number in compiled) == plain
