"""Sets of numbers as sorted arrays."""

# mypy: disable-error-code="explicit-any"
# integer arrays of any width have the type Any inside

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


def sorted_distinct(numbers: NDArray[Number]) -> NDArray[Number]:
    """Return the different numbers, sorted.

    As ``np.unique``, which imports ``numpy.ma`` for it: small graphs would wait for that.

    Examples
    --------
    >>> sorted_distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(numbers)
    is_first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]
