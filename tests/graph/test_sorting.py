"""Dependencies sorted by arrays and by kernels, plain and compiled, are in one order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.graph.building.sorting import (
    inverted,
    inverted_by_kernel,
    sorted_by_kernel,
    sorted_ends,
)

LEFT_OUT = (-1, -1)


@pytest.mark.parametrize("is_compiled", [False, True])
@given(
    pairs=st.lists(st.one_of(st.just(LEFT_OUT), st.tuples(st.integers(0, 5), st.integers(0, 5))))
)
@settings(max_examples=60, deadline=None)
def test_relations_stand_by_dependent_dependency_and_position(
    pairs: list[tuple[int, int]], *, is_compiled: bool
) -> None:
    kept = [(*pair, at) for at, pair in enumerate(pairs) if pair != LEFT_OUT]
    expected = [list(column) for column in zip(*sorted(kept), strict=True)] or [[], [], []]
    starts, ends = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in range(2))
    by_kernel = sorted_by_kernel(starts, ends, 6, is_compiled=is_compiled)
    for made in (by_kernel, sorted_ends(starts, ends, 6)):
        assert [numbers.tolist() for numbers in made] == expected
    needed = by_kernel[1].astype(np.uint32)
    order = np.argsort(needed, kind="stable").tolist()
    assert inverted(needed, 6).tolist() == order
    assert inverted_by_kernel(needed, 6, is_compiled=is_compiled).tolist() == order


def test_many_relations_of_one_ci_are_sorted_too() -> None:
    ends = np.random.default_rng(7).permutation(np.arange(4000, dtype=np.int64) % 1500)
    dependents, dependencies, positions = sorted_by_kernel(
        np.zeros_like(ends), ends, 1500, is_compiled=False
    )
    assert not dependents.any()
    assert np.array_equal(positions, np.argsort(ends, kind="stable"))
    assert np.array_equal(dependencies, ends[positions])
    back = inverted_by_kernel(ends.astype(np.uint32), 1500, is_compiled=False)
    assert np.array_equal(back, np.argsort(ends, kind="stable"))


def test_large_graphs_are_sorted_by_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPILED_FROM_CIS", "COMPILED_FROM_SIZE"):
        monkeypatch.setattr(f"ripplegraph.graph.compilation.{name}", 1)
    starts, ends = np.array([1, 0, -1, 1]), np.array([0, 1, -1, 1])
    made = sorted_ends(starts, ends, 2)
    assert [numbers.tolist() for numbers in made] == [[0, 1, 1], [1, 0, 1], [1, 0, 3]]
    assert inverted(np.array([1, 0, 1], dtype=np.uint32), 2).tolist() == [1, 0, 2]
