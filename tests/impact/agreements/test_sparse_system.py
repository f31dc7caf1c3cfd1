"""Linear systems without rounding: what is found solves them, and nothing is found in vain."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import prod

from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.impact.agreements.sparse_system import solution_of

System = tuple[list[list[int]], list[int]]


@st.composite
def systems(draw: st.DrawFn) -> System:
    size = draw(st.integers(0, 4))
    numbers = st.sampled_from([0, 0, 0, 1, 1, -1, 2, 3])
    row = st.lists(numbers, min_size=size, max_size=size)
    right = st.lists(st.integers(-9, 9), min_size=size, max_size=size)
    return draw(st.lists(row, min_size=size, max_size=size)), draw(right)


def determinant(matrix: list[list[int]]) -> int:
    """By Leibniz: another way than any elimination."""
    size = len(matrix)
    return sum(
        prod(matrix[row][column] for row, column in enumerate(order))
        * (-1) ** sum(order[a] > order[b] for a in range(size) for b in range(a + 1, size))
        for order in permutations(range(size))
    )


@given(system=systems())
@settings(max_examples=300, deadline=None)
def test_a_system_has_a_solution_where_its_determinant_is_not_zero(system: System) -> None:
    matrix, right = system
    rows = [{at: value for at, value in enumerate(row) if value} for row in matrix]
    found = solution_of(rows, right)
    assert (found is None) == (determinant(matrix) == 0)
    if found is not None:
        for row, wanted in zip(matrix, right, strict=True):
            assert sum(a * x for a, x in zip(row, found, strict=True)) == wanted


def test_thirds_are_exact_and_whole_numbers_stay_whole() -> None:
    triangle = [{0: 1, 1: 1}, {1: 1, 2: 1}, {0: 1, 2: 1}]
    assert solution_of(triangle, [1, 1, 1]) == [Fraction(1, 2)] * 3
    whole = solution_of(triangle, [2, 2, 2])
    assert whole == [1, 1, 1]
    assert whole is not None
    assert all(isinstance(one, int) for one in whole)


def test_what_is_asked_is_left_as_it_was() -> None:
    rows, right = [{0: 2, 1: 1}, {0: 1}], [5, 2]
    assert solution_of(rows, right) == [2, 1]
    assert (rows, right) == ([{0: 2, 1: 1}, {0: 1}], [5, 2])
