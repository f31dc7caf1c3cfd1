"""Largest packings: by hand, proven by prices down to 1e-9, and mended when the solver errs."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.impact.agreements import linear_programme
from ripplegraph.impact.agreements.linear_programme import Packing, largest_packing

SMALL = st.builds(
    lambda digits, places: Fraction(digits, 10**places), st.integers(0, 999), st.integers(3, 12)
)


def prove(columns: list[tuple[int, ...]], limits: list[Fraction], found: Packing) -> None:
    """Check that amounts fit, that prices cover every column, and that both say the same."""
    assert min(found.amounts, default=Fraction(0)) >= 0
    assert min(found.prices) >= 0
    for row, limit in enumerate(limits):
        used = sum(x for x, column in zip(found.amounts, columns, strict=True) if row in column)
        assert used <= limit
    assert all(sum(found.prices[row] for row in column) >= 1 for column in columns)
    assert sum(found.amounts) == found.value
    assert sum(p * b for p, b in zip(found.prices, limits, strict=True)) == found.value


@st.composite
def programmes(draw: st.DrawFn) -> tuple[list[tuple[int, ...]], list[Fraction]]:
    size = draw(st.integers(1, 6))
    column = st.sets(st.integers(0, size - 1), min_size=1).map(lambda rows: tuple(sorted(rows)))
    columns = draw(st.lists(column, min_size=1, max_size=10))
    return columns, draw(st.lists(SMALL, min_size=size, max_size=size))


@given(programme=programmes())
@settings(max_examples=150, deadline=None)
def test_packings_are_proven_down_to_1e_9(
    programme: tuple[list[tuple[int, ...]], list[Fraction]],
) -> None:
    prove(*programme, largest_packing(*programme))


@given(programme=programmes())
@settings(max_examples=60, deadline=None)
def test_whatever_basis_the_solver_suggests_the_optimum_is_found(
    programme: tuple[list[tuple[int, ...]], list[Fraction]],
) -> None:
    columns, limits = programme
    size, count = len(limits), len(columns)
    right = largest_packing(columns, limits).value
    bases = (
        list(range(count, count + size)),  # nothing packed
        [0] * size,  # no basis at all
        [*range(min(count, size)), *range(count, count + size - min(count, size))],
    )
    for basis in bases:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(linear_programme, "_suggested_basis", lambda *_, b=basis: list(b))
            found = largest_packing(columns, limits)
        assert found.value == right
        prove(columns, limits, found)


def test_nothing_to_pack_is_nothing() -> None:
    assert largest_packing([], [Fraction(1)]).value == 0


def test_a_column_without_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="without limit"):
        largest_packing([(0,), ()], [Fraction(1)])


def test_nothing_is_written_to_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    largest_packing([(0, 1), (0, 2), (1, 2)], [Fraction(1)] * 3)
    assert capfd.readouterr() == ("", "")
