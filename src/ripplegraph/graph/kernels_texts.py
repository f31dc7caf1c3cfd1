"""The kernel that numbers equal texts: one source, plain Python or compiled by numba."""

# mypy: disable-error-code="explicit-any"
# compiled code takes arrays of any width

from __future__ import annotations

from typing import Any, TypeAlias

Numbers: TypeAlias = Any
"""A numpy array of whole numbers."""

VALUES, POOL_BYTES, TOUCHED = range(3)
"""What ``counts`` holds: how many different texts there are, how many bytes they take, and what
was read ahead, which means nothing."""


def number_texts(
    buffer: Numbers,
    starts: Numbers,
    lengths: Numbers,
    first: int,
    codes: Numbers,
    slots: Numbers,
    hashes: Numbers,
    pool: Numbers,
    pool_starts: Numbers,
    counts: Numbers,
) -> int:
    """Give equal cells from ``first`` on one number; return how many cells are done in all.

    It stops where ``slots`` (a power of two, 0 for a free one, else a number + 1), ``hashes`` or
    ``pool`` have no room for one more text. New texts are copied into the pool. Texts are found
    by FNV-1a in 32 bits (Fowler, Noll, Vo) and compared byte by byte.
    """
    mask = len(slots) - 1
    values, used = counts[VALUES], counts[POOL_BYTES]
    done = first
    while done < len(starts):
        if done == first or done & 63 == 0:  # hash some cells ahead
            block = min((done | 63) + 1, len(starts))
            for cell in range(done, block):
                digest = 2166136261  # times the prime it stays below 2**57
                start = int(starts[cell])
                for at in range(start, start + int(lengths[cell])):
                    digest = ((digest ^ int(buffer[at])) * 16777619) & 0xFFFFFFFF
                codes[cell] = digest
            for cell in range(done, block):  # touch what the search will read: misses overlap
                number = int(slots[int(codes[cell]) & mask]) - 1
                if number >= 0:
                    counts[TOUCHED] ^= int(pool_starts[number]) ^ int(hashes[number])
            for cell in range(done, block):
                number = int(slots[int(codes[cell]) & mask]) - 1
                if number >= 0:
                    counts[TOUCHED] ^= int(pool[int(pool_starts[number])])
        start, length = int(starts[done]), int(lengths[done])
        if 2 * values >= mask or values >= len(hashes) or used + length > len(pool):
            break
        digest = int(codes[done])
        slot = digest & mask
        while True:
            number = int(slots[slot]) - 1
            if number < 0:
                number = values
                slots[slot] = values + 1
                hashes[values] = digest
                for at in range(length):
                    pool[used + at] = buffer[start + at]
                used += length
                pool_starts[values + 1] = used
                values += 1
                break
            begin = int(pool_starts[number])
            if int(hashes[number]) == digest and int(pool_starts[number + 1]) - begin == length:
                is_same = True
                for at in range(length):
                    if pool[begin + at] != buffer[start + at]:
                        is_same = False
                        break
                if is_same:
                    break
            slot = (slot + 1) & mask
        codes[done] = number
        done += 1
    counts[VALUES], counts[POOL_BYTES] = values, used
    return done


def place_hashes(hashes: Numbers, count: int, slots: Numbers) -> None:
    """Put the numbers of texts into free slots by their hashes."""
    mask = len(slots) - 1
    for number in range(count):
        slot = int(hashes[number]) & mask
        while slots[slot] != 0:
            slot = (slot + 1) & mask
        slots[slot] = number + 1
