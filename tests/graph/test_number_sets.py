"""Sets of numbers: what numpy says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ripplegraph.graph.number_sets import sorted_distinct


@given(st.lists(st.integers(0, 9)))
def test_distinct_numbers_are_those_of_numpy(numbers: list[int]) -> None:
    given_numbers = np.array(numbers, dtype=np.uint32)
    found = sorted_distinct(given_numbers)
    assert found.tolist() == np.unique(given_numbers).tolist()
    assert found.dtype == np.uint32
