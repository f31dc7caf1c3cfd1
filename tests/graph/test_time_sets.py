"""Sets of seconds against sets of Python, and sums of many intervals against loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.graph import time_sets
from ripplegraph.graph.time_sets import (
    ServiceTime,
    clipped,
    difference_of,
    intersection_of,
    is_open_at,
    merged,
    moved,
    prefix_table,
    seconds_before,
    seconds_within,
    spans,
    total_seconds,
    union_of,
)

_pairs = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 15)), max_size=6)


def of(pairs: list[tuple[int, int]]) -> ServiceTime:
    starts = np.array([start for start, _ in pairs], dtype=np.int64)
    return merged(starts, starts + np.array([length for _, length in pairs], dtype=np.int64))


def members(time: ServiceTime) -> set[int]:
    pairs = zip(time.starts.tolist(), time.ends.tolist(), strict=True)
    return {second for start, end in pairs for second in range(start, end)}


def is_tidy(time: ServiceTime) -> bool:
    apart = time.starts[1:] > time.ends[:-1]
    return bool((time.ends > time.starts).all() and apart.all())


@settings(deadline=None)
@given(_pairs, _pairs)
def test_set_operations_do_to_intervals_what_they_do_to_sets_of_seconds(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    first, second = of(one), of(other)
    assert members(first) == {s for start, length in one for s in range(start, start + length)}
    for combine, expected in (
        (union_of, members(first) | members(second)),
        (intersection_of, members(first) & members(second)),
        (difference_of, members(first) - members(second)),
    ):
        found = combine(first, second)
        assert members(found) == expected
        assert is_tidy(found)


@settings(deadline=None)
@given(_pairs, _pairs)
def test_union_and_intersection_together_hold_what_both_hold(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    first, second = of(one), of(other)
    both = total_seconds(union_of(first, second)) + total_seconds(intersection_of(first, second))
    assert both == total_seconds(first) + total_seconds(second)
    assert total_seconds(difference_of(first, second)) == total_seconds(first) - total_seconds(
        intersection_of(first, second)
    )


@settings(deadline=None)
@given(_pairs, st.integers(-5, 90), st.integers(0, 40))
def test_clipping_keeps_what_lies_within(
    pairs: list[tuple[int, int]], start: int, length: int
) -> None:
    time, span = of(pairs), set(range(start, start + length))
    assert members(clipped(time, start, start + length)) == members(time) & span


def test_a_stretch_that_only_touches_an_interval_holds_nothing_of_it() -> None:
    time = spans([10], [20])
    assert len(clipped(time, 0, 10)) == len(clipped(time, 20, 30)) == 0


@settings(max_examples=60, deadline=None)
@given(
    _pairs, st.lists(st.tuples(st.integers(-9, 90), st.integers(0, 60)), max_size=5), st.booleans()
)
def test_sums_within_intervals_are_those_of_a_loop(
    pairs: list[tuple[int, int]], asked: list[tuple[int, int]], is_searched: bool
) -> None:
    time = of(pairs)
    starts = np.array([start for start, _ in asked], dtype=np.int64)
    ends = starts + np.array([length for _, length in asked], dtype=np.int64)
    expected = [len(members(time) & set(range(one, one + length))) for one, length in asked]
    most, time_sets._MOST_STEPS = time_sets._MOST_STEPS, 0 if is_searched else 1 << 21
    try:
        assert seconds_within(time, starts, ends).tolist() == expected
    finally:
        time_sets._MOST_STEPS = most


def test_a_table_of_too_many_steps_is_searched_instead() -> None:
    time = spans([0, 10_000_001], [7, 20_000_000])
    table = prefix_table(time)
    assert table.step == 0
    moments = np.array([-1, 0, 3, 7, 10_000_001, 10_000_004, 30_000_000])
    assert seconds_before(table, moments).tolist() == [0, 0, 3, 7, 7, 10, 7 + 9_999_999]


def test_sums_of_many_moments_are_those_of_each() -> None:
    time = spans([0, 100, 250], [50, 150, 300])
    moments = np.random.default_rng(1).integers(-50, 400, 40_000)
    table = prefix_table(time)
    each = np.array([seconds_before(table, np.array([one]))[0] for one in range(-50, 400)])
    assert np.array_equal(seconds_before(table, moments), each[moments + 50])


def test_no_service_time_sums_to_nothing() -> None:
    nothing = spans([], [])
    assert seconds_within(nothing, np.array([0]), np.array([9])).tolist() == [0]
    assert total_seconds(nothing) == 0
    assert len(difference_of(nothing, nothing)) == 0


def test_moments_are_open_from_the_first_second_to_before_the_last() -> None:
    assert is_open_at(moved(spans([0], [10]), 5), np.array([4, 5, 14, 15])).tolist() == [
        False,
        True,
        True,
        False,
    ]
