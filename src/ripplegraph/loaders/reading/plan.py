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
