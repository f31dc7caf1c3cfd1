"""The kernel that numbers equal texts: one source, plain Python or compiled by numba.

It indexes only, so that it runs on memory views (plain) and on numpy arrays (compiled).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.compilation import kernel_of
from ripplegraph.graph.processor import Numbers, ask_ahead

_P = ParamSpec("_P")
_R = TypeVar("_R")

VALUES, POOL_WORDS = range(2)
"""What ``counts`` holds: how many different texts there are, and how many words of eight bytes
of the pool are used."""

AHEAD = 64
"""So many texts are looked at together, so that waiting for memory overlaps."""

NO_NUMBER = 0xFFFF_FFFF
"""Stands for a text that a table does not hold."""

FIRST_BYTES = tuple((1 << 8 * count) - 1 for count in range(8))
# compiled forms hold it and are kept: never patch it, in tests either
_FACTOR = 0x1E3779B97F4A7C15
_POSITIVE = (1 << 62) - 1
_TAG = 0x7FFF_FFFF


def number_texts(
    words: Numbers,
    starts: Numbers,
    lengths: Numbers,
    first: int,
    codes: Numbers,
    slots: Numbers,
    tags: Numbers,
    pool: Numbers,
    value_starts: Numbers,
    value_lengths: Numbers,
    counts: Numbers,
    is_growing: bool,
) -> int:
    """Give equal cells from ``first`` on one number; return how many cells are done in all.

    Texts are read as :func:`words_of` their bytes. Each of the ``slots``, a power of two, holds a
    tag of a text (31 bits) and its place in ``pool`` (32 bits), 0 if it is free. In the pool
    stand the length and the number of a text, then the text from a word on, filled up with zeros:
    so a look-up waits for memory twice. New texts are copied there; unless the table is growing
    they get :data:`NO_NUMBER` instead. Where tags are equal lengths and words are compared. It
    stops where there is no room for one more text.
    """
    last_slot = len(slots) - 1
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
            tag = (mixed ^ (mixed >> 31)) & _TAG
            tags[cell - done] = tag
            ask_ahead(slots, tag & last_slot)
        for cell in range(done, block):
            ask_ahead(pool, slots[tags[cell - done] & last_slot] & NO_NUMBER)
        base = done
        while done < block:
            start = starts[done]
            length = lengths[done]
            tag = tags[done - base]
            place = tag & last_slot
            while True:
                entry = slots[place]
                if entry == 0:
                    size = (length + 7) >> 3
                    if not is_growing:
                        number = NO_NUMBER
                        break
                    if values >= len(value_starts) or used + size + 1 > len(pool):
                        counts[VALUES] = values
                        counts[POOL_WORDS] = used
                        return done
                    number = values
                    slots[place] = (tag << 32) | used
                    pool[used] = (length << 32) | number
                    used += 1
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
                if entry >> 32 == tag:
                    known = entry & NO_NUMBER
                    header = pool[known]
                    number = header & NO_NUMBER
                    if header >> 32 == length:
                        difference = 0
                        known += 1
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


def hash_texts(words: Numbers, starts: Numbers, lengths: Numbers, hashes: Numbers) -> None:
    """Write a number for each text, equal ones for equal texts; ``words`` are their bytes."""
    for cell in range(len(starts)):
        start = starts[cell]
        length = lengths[cell]
        tail = words[start] & FIRST_BYTES[length] if length < 8 else words[start + length - 8]
        mixed = ((tail ^ length) * _FACTOR) & _POSITIVE
        for at in range(0, length - 8, 8):
            mixed = (((mixed ^ (mixed >> 29)) ^ words[start + at]) * _FACTOR) & _POSITIVE
        hashes[cell] = mixed ^ (mixed >> 31)


def place_again(old: Numbers, slots: Numbers) -> None:
    """Put the texts of a table into more slots."""
    last_slot = len(slots) - 1
    for at in range(len(old)):
        entry = old[at]
        if entry != 0:
            place = (entry >> 32) & last_slot
            while slots[place] != 0:
                place = (place + 1) & last_slot
            slots[place] = entry


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
