"""Flips: incremental and full computation agree, also on circles and on recovery."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.random_graphs import STATUSES, graphs, outages
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact import StatusTracker
from ripplegraph.impact.propagation import tracker as tracker_module
from ripplegraph.impact.propagation.fixpoint import propagate


def test_circle_recovers_when_its_only_outage_ends() -> None:
    graph = graph_of("shop -> a; a -> b; b -> a")
    tracker = StatusTracker(graph)
    assert tracker.statuses.tolist() == [0, 0, 0]
    assert tracker.flip(graph.resolve("b"), Status.DOWN).tolist() == [0, 1, 2]
    assert tracker.statuses.tolist() == [3, 3, 3]
    assert tracker.flip(graph.resolve("b"), Status.UP).tolist() == [0, 1, 2]
    assert tracker.statuses.tolist() == [0, 0, 0]


def test_lost_redundancy_beneath_a_soft_dependency_is_not_passed_on() -> None:
    graph = graph_of("shop ~> web; web -> a | b")
    tracker = StatusTracker(graph)
    changed = tracker.flip(graph.resolve("a"), Status.DOWN)
    assert changed.tolist() == [graph.resolve("web"), graph.resolve("a")]
    assert tracker.statuses.tolist() == [0, 1, 3, 0]
    assert tracker.flip(0, Status.AT_RISK).tolist() == [0]
    assert tracker.flip(0, Status.UP).tolist() == [0]
    assert tracker.statuses.tolist() == [0, 1, 3, 0]


@pytest.mark.parametrize("number", [-1, 7])
def test_unknown_number_is_refused_and_nothing_changes(number: int) -> None:
    graph = graph_of("shop -> db")
    for own in ({}, {0: Status.DOWN}):
        tracker = StatusTracker(graph, own)
        before = tracker.statuses.tolist()
        for status in (Status.DOWN, Status.UP):
            with pytest.raises(IndexError, match=f"no CI has the number {number}"):
                tracker.flip(number, status)
        assert tracker.statuses.tolist() == before


def test_statuses_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        StatusTracker(graph_of("shop -> db")).statuses[0] = 3


def check_flips(data: st.DataObject, graph: ServiceGraph, *, compiled: bool) -> None:
    own = data.draw(outages(graph))
    tracker = StatusTracker(graph, own, compiled=compiled)
    flips = st.lists(st.tuples(st.integers(0, graph.ci_count - 1), STATUSES), max_size=8)
    for number, status in data.draw(flips):
        own[number] = status
        before = tracker.statuses.copy()
        changed = tracker.flip(number, status)
        full = propagate(graph, own)
        assert tracker.statuses.tolist() == full.tolist()
        assert changed.tolist() == (full != before).nonzero()[0].tolist()


@settings(max_examples=200, deadline=None)
@given(data=st.data(), graph=graphs())
def test_flip_equals_full_computation(data: st.DataObject, graph: ServiceGraph) -> None:
    check_flips(data, graph, compiled=False)


@settings(max_examples=50, deadline=None)
@given(data=st.data(), graph=graphs(grounded=True))
def test_flip_equals_full_computation_with_grounded_circles(
    data: st.DataObject, graph: ServiceGraph
) -> None:
    check_flips(data, graph, compiled=False)


@settings(max_examples=20, deadline=None)
@given(data=st.data(), graph=graphs())
def test_compiled_flip_equals_full_computation(data: st.DataObject, graph: ServiceGraph) -> None:
    check_flips(data, graph, compiled=True)


def test_grounded_ring_falls_and_recovers_with_its_core() -> None:
    graph = graph_of("shop -> a; a -> core | b; b -> core | a", grounded=True)
    core, everything = graph.resolve("core"), list(range(graph.ci_count))
    tracker = StatusTracker(graph)
    assert tracker.flip(core, Status.DOWN).tolist() == everything
    assert set(tracker.statuses.tolist()) == {int(Status.DOWN)}
    assert tracker.flip(core, Status.UP).tolist() == everything
    assert set(tracker.statuses.tolist()) == {int(Status.UP)}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_following_a_stream_tells_what_single_flips_tell(data: st.DataObject) -> None:
    graph = data.draw(graphs(grounded=data.draw(st.booleans())))
    flips = data.draw(
        st.lists(st.tuples(st.integers(0, graph.ci_count - 1), STATUSES), max_size=8)
    )
    watched = np.full(graph.ci_count, -1, dtype=np.int64)
    watched[:2] = [0, 1]
    tracker, other = StatusTracker(graph), StatusTracker(graph)
    found = tracker.follow(
        np.array([ci for ci, _ in flips], dtype=np.int64),
        np.array([status for _, status in flips], dtype=np.uint8),
        watched,
    )
    expected = []
    for at, (ci, status) in enumerate(flips):
        changed = other.flip(ci, status)
        expected += [(at, one, int(other.statuses[one])) for one in changed.tolist() if one < 2]
    columns = (found.flips.tolist(), found.places.tolist(), found.statuses.tolist())
    assert sorted(zip(*columns, strict=True)) == expected
    assert tracker.statuses.tolist() == other.statuses.tolist()


def test_a_long_stream_is_followed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker_module, "_MOST_SEEN", 1)
    tracker = StatusTracker(graph_of("shop -> db"))
    cis, statuses = np.ones(10, dtype=np.int64), np.array([3, 0] * 5, dtype=np.uint8)
    found = tracker.follow(cis, statuses, np.array([0, -1]))
    assert found.flips.tolist() == list(range(10))
    assert found.statuses.tolist() == [3, 0] * 5


def test_following_refuses_unknown_numbers() -> None:
    tracker = StatusTracker(graph_of("shop -> db"))
    with pytest.raises(IndexError, match="no CI has the number 7"):
        tracker.follow(np.array([7]), np.array([3], dtype=np.uint8), np.array([0, -1]))
