"""Who caused downtime: Shapley values by hand and by brute force, and whole seconds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.oracle import brute_statuses
from impact.random_graphs import graphs
from impact.timeline.histories import after, graph_with_past
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.compile import NodeBudget, compile_fleet
from ripplegraph.impact.timeline import shapley
from ripplegraph.impact.timeline.failed_sets import failed_sets
from ripplegraph.impact.timeline.shapley import ShareMethod, blame_of, blames_of
from ripplegraph.impact.timeline.shares import split_seconds
from ripplegraph.impact.timeline.timeline import timeline_of


def by_permutations(graph: ServiceGraph, top: int, failed: Sequence[int]) -> dict[int, Fraction]:
    """Return how often each CI is the one that brings it down, over every order of failing."""
    pivots: dict[int, int] = {}
    orders = list(permutations(failed))
    for order in orders:
        for count in range(1, len(order) + 1):
            own = dict.fromkeys(order[:count], Status.DOWN)
            if brute_statuses(graph, own)[top] is Status.DOWN:
                pivots[order[count - 1]] = pivots.get(order[count - 1], 0) + 1
                break
    return {ci: Fraction(count, len(orders)) for ci, count in sorted(pivots.items())}


def test_one_cut_set_means_equal_shares_and_bystanders_get_nothing() -> None:
    graph = graph_of("shop -> h1 | h2 | h3; mail -> x")
    failed = [graph.resolve(name) for name in ("h1", "h2", "h3", "x")]
    found = blame_of(graph, 0, failed)
    assert set(found.shares.values()) == {Fraction(1, 3)}
    assert len(found.shares) == 3


def test_a_failure_that_changes_nothing_gets_nothing_though_it_lies_on_the_way() -> None:
    graph = graph_of("shop -> x | y; x -> a; y -> a & b")
    assert blame_of(graph, 0, [graph.resolve("a"), graph.resolve("b")]).shares == {
        graph.resolve("a"): 1
    }


def test_a_service_that_is_not_down_blames_nobody() -> None:
    assert blame_of(graph_of("shop -> h1 | h2"), 0, [1]).shares == {}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_shares_are_those_of_every_order_of_failing(data: st.DataObject) -> None:
    graph = data.draw(graphs(max_cis=6))
    numbers = st.integers(0, graph.ci_count - 1)
    failed = sorted(data.draw(st.sets(numbers, min_size=1, max_size=5)))
    expected = by_permutations(graph, 0, failed)
    assert dict(blame_of(graph, 0, failed).shares) == expected
    for service, blame in blames_of(graph, range(graph.ci_count), failed):
        assert blame == blame_of(graph, service, failed)
    if expected:
        integrated = blame_of(graph, 0, failed, largest_enumerated=0)
        assert integrated.method is ShareMethod.INTEGRATED
        assert integrated.shares.keys() == expected.keys()
        for ci, share in integrated.shares.items():
            assert abs(share - expected[ci]) < Fraction(1, 10**9)


def test_large_games_add_up_to_one() -> None:
    hosts = ", ".join(f"h{at}" for at in range(20))
    graph = graph_of(f"shop -> 12 of ({hosts}) & db")
    found = blame_of(graph, 0, range(1, graph.ci_count))
    assert found.method is ShareMethod.INTEGRATED
    assert sum(found.shares.values()) == 1
    database = found.shares[graph.resolve("db")]
    # it is the pivot if at most 8 hosts failed before it, of 21 places
    assert abs(database - Fraction(9, 21)) < Fraction(1, 10**9)


def test_a_game_beyond_the_budget_is_shared_alike_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        shapley,
        "compile_fleet",
        lambda formula, roots: compile_fleet(
            formula, roots, budget=NodeBudget(nodes_per_module=(3,))
        ),
    )
    hosts = ", ".join(f"h{at}" for at in range(10))
    graph = graph_of(f"shop -> 5 of ({hosts})")
    found = blame_of(graph, 0, range(1, 11))
    assert found.method is ShareMethod.EQUAL
    assert set(found.shares.values()) == {Fraction(1, 10)}


def test_failed_sets_split_where_something_fails_or_recovers() -> None:
    line = timeline_of(
        graph_with_past("shop -> h1 | h2", "h1 0 30; h2 10 20; h2 25 -"), now=after(40)
    )
    found = failed_sets(line, 0, line.time_in(0))
    assert [(one.end - one.start, one.failed) for one in found] == [(10, (1, 2)), (5, (1, 2))]
    assert failed_sets(line, 0, line.time_in(0, least=Status.DEGRADED, most=Status.DEGRADED)) == ()


def test_own_statuses_of_a_failed_set_are_those_of_its_seconds() -> None:
    line = timeline_of(
        graph_with_past("shop -> h1 & h2", "h1 0 30; h2 10 20 degradation"), now=after(40)
    )
    found = failed_sets(line, 0, line.time_in(0))
    assert [one.own for one in found] == [
        {1: Status.DOWN},
        {1: Status.DOWN, 2: Status.DEGRADED},
        {1: Status.DOWN},
    ]


@given(
    seconds=st.integers(0, 10**6),
    shares=st.dictionaries(
        st.integers(0, 20), st.fractions(0, 5, max_denominator=97), min_size=1
    ).filter(lambda found: any(found.values())),
)
def test_whole_seconds_add_up_and_stay_within_one_of_the_exact_share(
    seconds: int, shares: dict[int, Fraction]
) -> None:
    found = split_seconds(seconds, shares)
    total = sum(shares.values())
    assert sum(found.values()) == seconds
    for ci, amount in found.items():
        assert abs(amount - seconds * shares[ci] / total) < 1


def test_nothing_to_split_among_nobody_is_nothing() -> None:
    assert split_seconds(0, {"a": Fraction(0)}) == {"a": 0}
    assert split_seconds(0, dict[str, Fraction]()) == {}
    with pytest.raises(ValueError, match="nobody to give them to"):
        split_seconds(5, {"a": Fraction(0)})
