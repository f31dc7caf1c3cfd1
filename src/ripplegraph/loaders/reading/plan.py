"""What is done with the columns of big files while they are read, as the loader wishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto


class ColumnWish(Enum):
    """What a loader wishes of a column: to be left out, or numbered by the table of ids."""

    LEAVE_OUT = auto()
    NUMBER = auto()


ColumnPlan = Callable[[str, Sequence[str]], Mapping[str, ColumnWish]]
"""Called with the name and the columns of a table; columns without a wish are just read."""


def no_wishes(_name: str, _columns: Sequence[str]) -> Mapping[str, ColumnWish]:
    """Return no wishes: every column is read."""
    return {}


class Kept(Enum):
    """How the long lists of a big document are kept: as columns, as packed records, or whole."""

    COLUMNS = auto()
    RECORDS = auto()
    WHOLE = auto()


DocumentPlan = Callable[[str, object], Kept]
"""Called with each key of a big document and its value, or the next records of its value; a list
that is no value has the key "". Once it said ``RECORDS`` it is not asked again."""


def as_they_are(_key: str, _value: object) -> Kept:
    """Return that documents are needed as they are."""
    return Kept.WHOLE
