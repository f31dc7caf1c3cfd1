"""What an export may cost: every limit of the readers, with its default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """Limits of one load; what exceeds one is refused with its name, never cut in silence.

    ``file_bytes`` is the size of one file as it lies there, and that of all big tables in
    archives together, which are unpacked piece by piece; ``unpacked_bytes`` is that of all other
    members of all archives; ``memory_bytes`` is what the cells of the whole export may
    occupy (estimated while reading) and what a child process may allocate; ``array_bytes`` is
    what the columns of big CSV files may occupy, which are held in arrays; ``seconds`` is the
    time that a child process may take for one file.

    The defaults let five million CIs with seventeen million relations pass as CSV.
    """

    file_bytes: int = 4_000_000_000
    unpacked_bytes: int = 500_000_000
    archive_members: int = 10_000
    folder_files: int = 10_000
    rows: int = 50_000_000
    columns: int = 16_384
    cell_chars: int = 1_000_000
    line_chars: int = 16_000_000
    depth: int = 64
    yaml_bytes: int = 20_000_000
    memory_bytes: int = 800_000_000
    array_bytes: int = 4_000_000_000
    seconds: float = 15.0


DEFAULT_LIMITS = ReadLimits()
"""The limits that hold unless the caller says otherwise."""
