"""Flips: incremental and full computation agree, also on circles and on recovery."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.random_graphs import STATUSES, graphs
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.flip import PropagationState


def test_circle_recovers_when_its_only_outage_ends() -> None:
    graph = graph_of("shop -> a; a -> b; b -> a")
    first = PropagationState.start(graph, {})
    failed, fallen = first.flip(graph.resolve("b"), Status.DOWN)
    mended, risen = failed.flip(graph.resolve("b"), Status.UP)
    assert fallen == risen == (0, 1, 2)
    assert mended.statuses.tolist() == [0, 0, 0]
    assert failed.statuses.tolist() == [3, 3, 3]
    assert first.status_of(0) is Status.UP


def test_lost_redundancy_beneath_a_soft_dependency_is_not_passed_on() -> None:
    graph = graph_of("shop ~> web; web -> a | b")
    state, changed = PropagationState.start(graph, {}).flip(graph.resolve("a"), Status.DOWN)
    assert changed == (graph.resolve("web"), graph.resolve("a"))
    assert state.statuses.tolist() == [0, 1, 3, 0]
    back, _ = state.flip(0, Status.AT_RISK)
    assert back.flip(0, Status.UP)[0].statuses.tolist() == [0, 1, 3, 0]


def test_unknown_number_is_refused() -> None:
    graph = graph_of("shop -> db")
    for own in ({}, {0: Status.DOWN}):
        state = PropagationState.start(graph, own)
        for status in (Status.DOWN, Status.UP):
            with pytest.raises(IndexError, match="no CI has the number 7"):
                state.flip(7, status)


def check_flips(data: st.DataObject, graph: ServiceGraph, *, compiled: bool) -> None:
    own: dict[int, Status] = {}
    state = PropagationState.start(graph, own, compiled=compiled)
    flips = st.lists(st.tuples(st.integers(0, graph.ci_count - 1), STATUSES), max_size=8)
    for number, status in data.draw(flips):
        own[number] = status
        following, changed = state.flip(number, status)
        full = propagate(graph, own)
        assert following.statuses.tolist() == full.tolist()
        assert list(changed) == (full != state.statuses).nonzero()[0].tolist()
        state = following


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
    core = graph.resolve("core")
    fallen, worse = PropagationState.start(graph, {}).flip(core, Status.DOWN)
    assert set(fallen.statuses.tolist()) == {int(Status.DOWN)}
    recovered, better = fallen.flip(core, Status.UP)
    assert set(recovered.statuses.tolist()) == {int(Status.UP)}
    assert worse == better == tuple(range(graph.ci_count))
