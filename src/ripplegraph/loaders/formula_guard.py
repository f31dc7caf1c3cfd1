"""Cells that a spreadsheet would run as formulas: guard them when writing, undo it when reading.

A cell starts a formula with ``= + - @`` (also in full width) or a tab or line break before
one, also behind characters without width, which some programs drop. The same holds behind a
separator inside the cell, because a program that splits at another separator makes a new cell
there. An apostrophe before it makes it text.
"""

from __future__ import annotations

import re

_START = "=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n\x00"
_PLACE = r"((?:^|[;,|\t\r\n\"])[\s\u200b-\u200f\u2060\ufeff]*)"
_DANGEROUS = re.compile(rf"{_PLACE}('*)(?=[{_START}])")
_GUARDED = re.compile(rf"{_PLACE}'('*)(?=[{_START}])")


def guarded(cell: str) -> str:
    """Return a cell that starts no formula; :func:`unguarded` takes the guard off again."""
    return _DANGEROUS.sub(r"\1'\2", cell)


def unguarded(cell: str) -> str:
    """Return a cell without the guard; a cell that bears none stays as it is."""
    return _GUARDED.sub(r"\1\2", cell) if "'" in cell else cell
