"""The kernel that numbers equal texts: one source, plain Python or compiled by numba.

It indexes only, so that it runs on memory views (plain) and on numpy arrays (compiled).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.compilation import kernel_of
from ripplegraph.graph.prefetching import Numbers, ask_ahead

_P = ParamSpec("_P")
_R = TypeVar("_R")

VALUES, POOL_WORDS = range(2)
"""What ``counts`` holds: how many different texts there are, and how many words of eight bytes
they take."""

AHEAD = 64
"""So many texts are looked at together, so that waiting for memory overlaps."""

NO_NUMBER = 0xFFFF_FFFF
"""Stands for a text that a table does not hold."""

FIRST_BYTES = tuple((1 << 8 * count) - 1 for count in range(8))
_FACTOR = 0x1E3779B97F4A7C15
_POSITIVE = (1 << 62) - 1
_MOST = 0xFFFF


def number_texts(
    words: Numbers,
    starts: Numbers,
    lengths: Numbers,
    first: int,
    codes: Numbers,
    slots: Numbers,
    marks: Numbers,
    pool: Numbers,
    value_starts: Numbers,
    value_lengths: Numbers,
    counts: Numbers,
    is_growing: bool,
) -> int:
    """Give equal cells from ``first`` on one number; return how many cells are done in all.

    Texts are read as :func:`words_of` their bytes. ``slots`` (twice a power of two) hold pairs: a
    mark of the text, -1 for a free pair, and its place in ``pool`` with its number. New texts are
    copied into the pool, each from a word on and filled up with zeros; unless the table is
    growing they get :data:`NO_NUMBER` instead. Equal marks are compared word by word. It stops
    where there is no room for one more text.
    """
    last_slot = len(slots) // 2 - 1
    values = counts[VALUES]
    used = counts[POOL_WORDS]
    done = first
    while done < len(starts):
        block = min(done + AHEAD, len(starts))
        for cell in range(done, block):
            start = starts[cell]
            length = lengths[cell]
            tail = words[start] & FIRST_BYTES[length] if length < 8 else words[start + length - 8]
            mixed = ((tail ^ length) * _FACTOR) & _POSITIVE
            for at in range(0, length - 8, 8):
                mixed = (((mixed ^ (mixed >> 29)) ^ words[start + at]) * _FACTOR) & _POSITIVE
            mixed ^= mixed >> 32
            marks[cell - done] = (mixed & ~_MOST) | min(length, _MOST)
            ask_ahead(slots, 2 * ((mixed >> 16) & last_slot))
        for cell in range(done, block):
            entry = slots[2 * ((marks[cell - done] >> 16) & last_slot) + 1]
            ask_ahead(pool, entry >> 32)
        base = done
        while done < block:
            start = starts[done]
            length = lengths[done]
            mark = marks[done - base]
            place = (mark >> 16) & last_slot
            while True:
                if slots[2 * place] == -1:
                    size = (length + 7) >> 3
                    if not is_growing:
                        number = NO_NUMBER
                        break
                    if values >= len(value_starts) or used + size > len(pool):
                        counts[VALUES] = values
                        counts[POOL_WORDS] = used
                        return done
                    number = values
                    slots[2 * place] = mark
                    slots[2 * place + 1] = (used << 32) | values
                    for at in range(length >> 3):
                        pool[used + at] = words[start + 8 * at]
                    if length & 7:
                        pool[used + size - 1] = (
                            words[start + length - (length & 7)] & FIRST_BYTES[length & 7]
                        )
                    value_starts[values] = 8 * used
                    value_lengths[values] = length
                    used += size
                    values += 1
                    break
                if slots[2 * place] == mark:
                    known = slots[2 * place + 1] >> 32
                    number = slots[2 * place + 1] & NO_NUMBER
                    difference = 0
                    if length >= _MOST and length != value_lengths[number]:
                        difference = 1
                    if difference == 0:
                        for at in range(length >> 3):
                            difference |= pool[known + at] ^ words[start + 8 * at]
                        if length & 7:
                            difference |= pool[known + (length >> 3)] ^ (
                                words[start + length - (length & 7)] & FIRST_BYTES[length & 7]
                            )
                    if difference == 0:
                        break
                place = (place + 1) & last_slot
            codes[done] = number
            done += 1
    counts[VALUES] = values
    counts[POOL_WORDS] = used
    return done


def place_again(old: Numbers, slots: Numbers) -> None:
    """Put the pairs of a table into a larger one."""
    last_slot = len(slots) // 2 - 1
    for pair in range(len(old) // 2):
        mark = old[2 * pair]
        if mark != -1:
            place = (mark >> 16) & last_slot
            while slots[2 * place] != -1:
                place = (place + 1) & last_slot
            slots[2 * place] = mark
            slots[2 * place + 1] = old[2 * pair + 1]


def words_of(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return a view of bytes: at each place the eight bytes from there on, as one number."""
    return np.ndarray(shape=(len(data) - 7,), dtype=np.int64, buffer=data.data, strides=(1,))


class _Words:
    """What :func:`words_of` gives, for plain Python."""

    def __init__(self, data: memoryview) -> None:
        self._data = data

    def __getitem__(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + 8], "little", signed=True)

    def __setitem__(self, at: int, word: int) -> None:
        self._data[at : at + 8] = word.to_bytes(8, "little", signed=True)

    def __len__(self) -> int:
        return len(self._data) - 7


def _plain_view(argument: object) -> object:
    if not isinstance(argument, np.ndarray):
        return argument
    if argument.strides == (1,) and argument.itemsize == 8:
        return _Words(cast("NDArray[np.uint8]", argument.base).data)
    return argument.data


def cell_kernel(kernel: Callable[_P, _R], *, is_compiled: bool) -> Callable[_P, _R]:
    """Return a kernel that takes numpy arrays, compiled or not."""
    if is_compiled:
        return kernel_of(kernel, is_compiled=True)

    def on_views(*arguments: _P.args, **named: _P.kwargs) -> _R:
        views = map(_plain_view, arguments)
        return kernel(*views, **named)  # type: ignore[arg-type]

    return on_views
