"""What the readers of big files share, which read in chunks and leave what is odd to others."""

from __future__ import annotations

from dataclasses import dataclass


class NotPlainError(Exception):
    """The file holds something that only the plain reader can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkReading:
    """How to read chunks: their size, and whether by compiled kernels."""

    chunk_bytes: int = 1 << 20
    is_compiled: bool = True
