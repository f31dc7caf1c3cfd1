"""Dependencies sorted by arrays and by kernels, plain and compiled, are in one order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ripplegraph.graph.building.sorting import (
    SortedEnds,
    ends_by_code,
    ends_by_kernel,
    inverted,
    inverted_by_kernel,
    sorted_by_kernel,
    sorted_ends,
)

LEFT_OUT = (-1, -1)


def _listed(made: SortedEnds) -> list[list[int]]:
    columns = (made.dependents, made.dependencies, made.positions, made.again)
    return [column.tolist() for column in columns]


def _offsets(needed: NDArray[np.uint32], ci_count: int) -> NDArray[np.uint32]:
    return np.searchsorted(np.sort(needed), np.arange(ci_count + 1)).astype(np.uint32)


@pytest.mark.parametrize("is_compiled", [False, True])
@given(
    pairs=st.lists(st.one_of(st.just(LEFT_OUT), st.tuples(st.integers(0, 5), st.integers(0, 5))))
)
@settings(max_examples=60, deadline=None)
def test_relations_stand_by_dependent_dependency_and_position(
    pairs: list[tuple[int, int]], *, is_compiled: bool
) -> None:
    kept = sorted((*pair, at) for at, pair in enumerate(pairs) if pair != LEFT_OUT)
    expected = [list(column) for column in zip(*kept, strict=True)] or [[], [], []]
    again = [at for at in range(1, len(kept)) if kept[at][:2] == kept[at - 1][:2]]
    starts, ends = (np.array([pair[at] for pair in pairs], dtype=np.int32) for at in range(2))
    by_kernel = sorted_by_kernel(starts, ends, 6, is_compiled=is_compiled)
    for made in (by_kernel, sorted_ends(starts, ends, 6)):
        assert _listed(made) == [*expected, again]
    needed = by_kernel.dependencies
    offsets = _offsets(needed, 6)
    order = np.argsort(needed, kind="stable").tolist()
    assert inverted(needed, offsets).tolist() == order
    assert inverted_by_kernel(needed, offsets, is_compiled=is_compiled).tolist() == order


def test_many_relations_of_one_ci_are_sorted_too() -> None:
    ends = np.random.default_rng(7).permutation(np.arange(4000, dtype=np.int32) % 1500)
    made = sorted_by_kernel(np.zeros_like(ends), ends, 1500, is_compiled=False)
    assert not made.dependents.any()
    assert np.array_equal(made.positions, np.argsort(ends, kind="stable"))
    assert np.array_equal(made.dependencies, ends[made.positions])
    assert len(made.again) == 2500
    needed = ends.astype(np.uint32)
    back = inverted_by_kernel(needed, _offsets(needed, 1500), is_compiled=False)
    assert np.array_equal(back, np.argsort(ends, kind="stable"))


def test_large_graphs_are_sorted_by_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPILED_FROM_CIS", "COMPILED_FROM_SIZE"):
        monkeypatch.setattr(f"ripplegraph.graph.compilation.{name}", 1)
    starts, ends = np.array([[1, 0, -1, 1, 1], [0, 1, -1, 1, 0]], dtype=np.int32)
    made = sorted_ends(starts, ends, 2)
    assert _listed(made) == [[0, 1, 1, 1], [1, 0, 0, 1], [1, 0, 4, 3], [2]]
    needed = np.array([1, 0, 1], dtype=np.uint32)
    assert inverted(needed, _offsets(needed, 2)).tolist() == [1, 0, 2]


@pytest.mark.parametrize("is_compiled", [False, True])
@given(pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_ends_are_looked_up_and_the_odd_ones_told(
    pairs: list[tuple[int, int]], *, is_compiled: bool
) -> None:
    means = np.array([0, -2, 1, 2, -1], dtype=np.int32)
    first, second = (np.array([pair[at] for pair in pairs], dtype=np.uint32) for at in range(2))
    joined = [(int(means[one]), int(means[other])) for one, other in pairs]
    odd = [at for at, ends in enumerate(joined) if min(ends) < 0 or ends[0] == ends[1]]
    for found in (
        ends_by_code(means, first, second),
        ends_by_kernel(means, first, second, is_compiled=is_compiled),
    ):
        starts, ends, told = (column.tolist() for column in found)
        assert (list(zip(starts, ends, strict=True)), told) == (joined, odd)
