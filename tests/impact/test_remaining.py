"""The smallest remaining cut: how many more failures bring a service down."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.oracle import brute_cut_size, brute_statuses
from impact.random_graphs import graphs, outages
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.remaining import remaining_cut, single_failures
from ripplegraph.impact.propagation.values import RemainingCut

HIDDEN = "shop -> x & y & z"


def cut_of(
    graph: ServiceGraph, *down: str, largest_order: int = 4, largest_search: int = 2_000
) -> RemainingCut:
    own = {graph.resolve(name): Status.DOWN for name in down}
    return remaining_cut(
        graph,
        graph.resolve("shop"),
        own,
        largest_order=largest_order,
        largest_search=largest_search,
    )


def names(cut: RemainingCut) -> list[str]:
    return [ci_id.rsplit(":", 1)[1] for ci_id in cut.example]


def test_single_point_of_failure_is_one_more_failure() -> None:
    cut = cut_of(graph_of("shop -> web; web -> h1 | h2"))
    assert (cut.count, cut.is_exact, names(cut)) == (1, True, ["web"])


def test_the_last_member_of_a_group_is_one_more_failure() -> None:
    assert names(cut_of(graph_of("shop -> h1 | h2"), "h1")) == ["h2"]


def test_independent_replicas_must_all_fail() -> None:
    cut = cut_of(graph_of("shop -> a | b | c"))
    assert (cut.count, cut.is_exact, names(cut)) == (3, True, ["a", "b", "c"])


def test_two_replicas_on_one_host_fall_with_it() -> None:
    graph = graph_of("shop -> svc-a | svc-b; svc-a -> h1; svc-b -> h1 | h2; h1 -> p")
    cut = cut_of(graph)
    assert (cut.count, cut.is_exact) == (2, True)
    shared = graph_of("shop -> svc-a | svc-b; svc-a -> h1; svc-b -> h1")
    assert names(cut_of(shared)) == ["h1"]
    assert cut_of(shared).count == 1


def test_what_only_soft_dependencies_reach_cannot_bring_it_down() -> None:
    cut = cut_of(graph_of("shop ~> a; shop ~> b | c; shop .> d"))
    assert (cut.count, cut.is_exact, cut.example) == (0, True, ())


def test_services_that_hold_each_other_up_have_no_cut() -> None:
    assert cut_of(graph_of("shop -> svc1; svc1 -> shop")).count == 0


def test_circle_of_services_does_not_end_the_search() -> None:
    graph = graph_of("shop -> svc1; svc1 -> shop; svc1 -> a | b; a -> c; b -> c")
    assert (cut_of(graph).count, cut_of(graph).is_exact) == (1, True)
    pair = graph_of("shop -> svc1; svc1 -> shop; svc1 -> a | b; shop -> a | b")
    assert (cut_of(pair).count, names(cut_of(pair))) == (2, ["a", "b"])


def test_grounded_ring_falls_with_its_core() -> None:
    ring = "shop -> svc1; svc1 -> core | svc2; svc2 -> svc1 | svc3; svc3 -> svc2 | core2"
    grounded = cut_of(graph_of(ring, grounded=True))
    assert (grounded.count, grounded.is_exact, names(grounded)) == (2, True, ["core", "core2"])
    assert cut_of(graph_of(ring)).count == 0


def test_search_over_its_budget_gives_a_lower_bound() -> None:
    members = [f"svc{number}" for number in range(9)]
    hosts = [f"svc{n} -> h{n} | h{(n + 1) % 9}" for n in range(9)]
    graph = graph_of(f"shop -> 5 of ({', '.join(members)}); " + "; ".join(hosts))
    limited = cut_of(graph, largest_search=3)
    assert not limited.is_exact
    assert limited.count < len(limited.example)
    low = cut_of(graph, largest_order=1)
    assert not low.is_exact
    exact = cut_of(graph, largest_order=9, largest_search=100_000)
    assert exact.is_exact
    assert exact.count == len(exact.example) == 6
    assert limited.count <= low.count <= exact.count


def test_every_single_failure_is_listed() -> None:
    graph = graph_of("shop -> db & svc1; svc1 -> a | b; a -> net; b -> net", services=("shop",))
    own: dict[int, Status] = {}
    found = single_failures(graph, graph.resolve("shop"), own)
    assert found == ("t:server:db", "t:server:net")


@settings(max_examples=150, deadline=None)
@given(data=st.data(), graph=graphs())
def test_cut_equals_that_of_trying_every_set(data: st.DataObject, graph: ServiceGraph) -> None:
    own = data.draw(outages(graph))
    if brute_statuses(graph, own)[0] is Status.DOWN:
        return
    cut = remaining_cut(graph, 0, own)
    assert cut.is_exact
    assert cut.count == len(cut.example) == brute_cut_size(graph, 0, own)
    also = {**own, **{graph.resolve(ci_id): Status.DOWN for ci_id in cut.example}}
    assert not cut.example or propagate(graph, also)[0] == Status.DOWN


@settings(max_examples=50, deadline=None)
@given(data=st.data(), graph=graphs(max_cis=6, grounded=True))
def test_grounded_cut_is_the_smallest_too(data: st.DataObject, graph: ServiceGraph) -> None:
    own = data.draw(outages(graph))
    if propagate(graph, own)[0] == Status.DOWN:
        return
    cut = remaining_cut(graph, 0, own)
    able = [n for n in range(3, graph.ci_count) if propagate(graph, own)[n] != Status.DOWN]
    falls = {
        len(chosen)
        for mask in range(1 << len(able))
        for chosen in [[n for at, n in enumerate(able) if mask >> at & 1]]
        if propagate(graph, {**own, **dict.fromkeys(chosen, Status.DOWN)})[0] == Status.DOWN
    }
    assert (cut.count, cut.is_exact) == (min(falls, default=0), True)


def test_limits_are_what_they_say() -> None:
    with pytest.raises(ValueError, match="largest_order >= 1 and largest_search >= 1"):
        cut_of(graph_of(HIDDEN), largest_order=0)


SHARED_PAIR = "shop -> svc1 | svc2 | svc3; " + "; ".join(
    f"svc{number} -> p{number} & x | y" for number in (1, 2, 3)
)


def test_cut_that_several_members_share_beats_the_sum_of_their_own() -> None:
    cut = cut_of(graph_of(SHARED_PAIR))
    assert (cut.count, cut.is_exact, names(cut)) == (2, True, ["x", "y"])
    limited = cut_of(graph_of(SHARED_PAIR), largest_search=1)
    assert (limited.count, limited.is_exact) == (2, False)
    assert len(limited.example) == 3


GROUNDED = "shop -> svc1; svc1 -> {core} | svc2; svc2 -> svc1 | svc3; svc3 -> svc2 | db"


def test_grounded_ring_on_a_service_has_no_cut() -> None:
    graph = graph_of(GROUNDED.format(core="svc9"), grounded=True)
    assert (cut_of(graph).count, cut_of(graph).is_exact) == (0, True)
    own: dict[int, Status] = {}
    assert single_failures(graph, 0, own) == ()
    alone = graph_of(GROUNDED.format(core="core"), grounded=True)
    down = {alone.resolve("core"): Status.DOWN}
    assert single_failures(alone, 0, down) == ("t:server:db",)
