"""Pairs of cells that stand side by side, few of them or many."""

import numpy as np
import pytest

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import CodedColumn, coded


@pytest.mark.parametrize("count", [0, 3, 2_000])  # 2,000 x 2,000 are too many for a table
def test_pairs_are_those_that_stand_side_by_side(count: int) -> None:
    first = coded([f"a{number % 1_500}" for number in range(count)])
    second = coded([f"b{number * 7 % count}" for number in range(count)])
    pairs, codes = combined(first, second)
    assert [pairs[code] for code in codes.tolist()] == list(zip(first, second, strict=True))
    assert len(set(pairs)) == len(pairs)


def test_pairs_of_as_many_values_as_a_byte_counts_stay_apart() -> None:
    first = CodedColumn(("a",), np.zeros(256, dtype=np.uint8))
    second = CodedColumn(tuple(range(256)), np.arange(256, dtype=np.uint8))
    pairs, codes = combined(first, second)
    assert pairs == [("a", number) for number in range(256)]
    assert codes.tolist() == list(range(256))
