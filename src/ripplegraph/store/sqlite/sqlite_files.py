"""How a file of SQLite is told from an export, without loading SQLite."""

from __future__ import annotations

from pathlib import Path

_HEADER = b"SQLite format 3\x00"


def is_sqlite_file(path: Path) -> bool:
    """Return whether a file begins as SQLite's do."""
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False
