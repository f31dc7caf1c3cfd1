"""What the processor can do and Python has no words for, as kernels call it.

Memory is asked for ahead of its use, so that waits for it overlap; 64 bytes are compared at once.
Plain Python has a function for each; code that numba compiles gets the instruction instead.
"""

# mypy: disable-error-code="explicit-any"
# compiled code takes arrays of any width

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Numbers: TypeAlias = Any
"""A numpy array of whole numbers to compiled code, a memory view of it to plain Python."""

BLOCK = 64
"""So many bytes are compared at once."""

QUOTE, LINE_FEED, CARRIAGE_RETURN = 34, 10, 13


def ask_ahead(array: Numbers, index: int) -> None:
    """Ask for the memory of a cell that is needed soon; plain Python has nothing to do."""


def mark_bits(data: Numbers, at: int, delimiter: int) -> int:
    """Return a bit for each of 64 bytes: set for the delimiter, a quote or the end of a line.

    Compiled code gives the highest bit as a minus.
    """
    marks = (delimiter, QUOTE, LINE_FEED, CARRIAGE_RETURN)
    return sum((data[at + place] in marks) << place for place in range(BLOCK))


def odd_bits(data: Numbers, at: int) -> int:
    """Return a bit for each of 64 bytes: set for what is no ASCII character, or is NUL."""
    return sum((not 0 < data[at + place] < 128) << place for place in range(BLOCK))


def lowest_bit(bits: int) -> int:
    """Return the number of the lowest bit that is set, 64 if none is."""
    return (bits & -bits).bit_length() - 1 if bits else BLOCK


def count_bits(bits: int) -> int:
    """Return how many bits are set."""
    return bits.bit_count()


Function: TypeAlias = Callable[..., Any]

TAUGHT: frozenset[Function] = frozenset({ask_ahead, mark_bits, odd_bits, lowest_bit, count_bits})
"""The functions that compiled code has a form of its own for."""
