"""What an export may cost: every limit of the readers, with its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """Limits of one load; what exceeds one is refused with its name, never cut in silence.

    ``file_bytes`` is the size of one file as it lies there, and that of all big CSV and JSON
    files in archives together, which are unpacked piece by piece; ``unpacked_bytes`` is that of
    all other members of all archives; ``memory_bytes`` is what the cells of the whole export may
    occupy (estimated while reading) and what a child process may allocate; ``array_bytes`` is
    what the columns of big CSV and JSON files may occupy, which are held in arrays; ``seconds``
    is the time that a child process may take for one file.

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


def limits_with(changes: Mapping[str, float]) -> ReadLimits:
    """Return the default limits with some of them changed; what is counted is a whole number.

    Raises ValueError for a name that no limit has, and for a limit that is not above zero or has
    to be a whole number and is none.
    """
    known = asdict(DEFAULT_LIMITS)
    for name, value in changes.items():
        if name not in known:
            msg = f"{name!r} is no limit; known are {', '.join(known)}"
            raise ValueError(msg)
        if not value > 0:
            msg = f"the limit {name} has to be above zero, got {value!r}"
            raise ValueError(msg)
        is_counted = isinstance(known[name], int)
        if is_counted and value % 1 != 0:
            msg = f"the limit {name} has to be a whole number, got {value!r}"
            raise ValueError(msg)
        known[name] = int(value) if is_counted else value
    return ReadLimits(**known)
