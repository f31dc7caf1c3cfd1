"""The memory of a process that goes on for months: how the C library keeps what is freed."""

from __future__ import annotations

import ctypes
import sys

from ripplegraph.settings import tunes_malloc

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""Numbers of these parameters in glibc's ``malloc.h``."""
_ARENAS = 2
_MMAP_BYTES = 1024**2


def return_freed_memory() -> None:
    """Let the C library give back what is freed; call it before the first thread starts.

    glibc makes up to eight arenas per core for threads, and each keeps room for the largest graph
    that its thread ever read; what it learns of sizes lets even large arrays stay in them. Other
    C libraries have no such arenas, and who tunes glibc by its own variables has chosen already.
    """
    if sys.platform != "linux" or tunes_malloc():
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(_ARENA_MAX, _ARENAS)
        mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
