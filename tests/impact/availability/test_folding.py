"""What is folded beneath inclusive promises, against all paths."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.random_graphs import graphs
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.folding import NOTHING_FOLDED, beneath, folding_of
from ripplegraph.impact.availability.structure import Needs
from ripplegraph.impact.availability.values import Level


def test_nothing_is_folded_without_an_inclusive_promise_beneath() -> None:
    needs = Needs(graph_of("shop -> a; b -> a"), frozenset())
    assert folding_of(needs, 0, frozenset([2])) is NOTHING_FOLDED


def test_a_ci_reached_otherwise_is_shared() -> None:
    graph = graph_of("shop -> a & b; a -> c & d; b -> c")
    number = graph.resolve
    found = folding_of(Needs(graph, frozenset()), 0, frozenset([number("a")]))
    assert found.folded == {number("d")}
    assert found.holders == (number("a"),)
    assert found.shared == ((number("a"), frozenset([number("c")])),)


def test_what_lies_beneath_a_promise_alone_is_folded_though_it_needs_that_one_too() -> None:
    graph = graph_of("shop -> a & b; a -> c; c -> d & b; b -> c; d -> c & e; e -> d")
    inclusive = frozenset(map(graph.resolve, "acd"))
    found = folding_of(Needs(graph, frozenset()), 0, inclusive)
    assert found.folded == {graph.resolve("d"), graph.resolve("e")}


@given(graph=graphs(max_cis=7), inclusive=st.frozensets(st.integers(0, 6)))
@settings(max_examples=80, deadline=None)
def test_a_ci_is_folded_just_if_one_free_promise_lies_on_every_path_to_it(
    graph: ServiceGraph, inclusive: frozenset[int]
) -> None:
    inclusive = frozenset(ci for ci in inclusive if ci < graph.ci_count)
    needs = Needs(graph, frozenset())
    found = folding_of(needs, 0, inclusive)
    for ci in beneath(needs, 0):
        without = {one: ci not in reached_without(needs, one) for one in inclusive - {ci}}
        assert (ci in found.folded) == (ci != 0 and any(without.values()))


def reached_without(needs: Needs, stop: int) -> set[int]:
    """Return the CIs that CI 0 reaches without going on from one."""
    seen, waiting = {0}, [0]
    while waiting:
        ci = waiting.pop()
        fresh = set() if ci == stop else set(needs.of(ci).cis(Level.DOWN)) - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen
