"""Grounded circles: what lies between the groups must not hold them up either."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.oracle import brute_grounded_statuses
from impact.random_graphs import graphs, outages
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.answers import impact, why_not
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.scenario import scenario_of

LINKED_RING = "shop -> s1; s1 -> core | l1; l1 -> s2; s2 -> core2 | l2; l2 -> s1"


def shop_word(graph: ServiceGraph, *down: str, grounded: bool = False) -> str:
    own = {graph.resolve(name): Status.DOWN for name in down}
    return Status(propagate(graph, own, grounded=grounded)[graph.resolve("shop")]).word


@pytest.mark.parametrize(
    ("down", "word"),
    [
        ((), "up"),
        (("core",), "at_risk"),
        (("l1",), "at_risk"),
        (("core", "core2"), "down"),
        (("core", "l1"), "down"),
        (("core", "s2"), "down"),
    ],
)
def test_links_between_the_switches_of_a_ring_do_not_hold_it_up(
    down: tuple[str, ...], word: str
) -> None:
    assert shop_word(graph_of(LINKED_RING, grounded=True), *down) == word
    assert shop_word(graph_of(LINKED_RING), *down, grounded=True) == word


def test_one_ordinary_hop_on_the_circle_does_not_hold_it_up() -> None:
    assert shop_word(graph_of("shop -> s1; s1 -> core | b; b -> s1", grounded=True), "core") == (
        "down"
    )


def test_unmarked_ring_with_links_is_answered_with_both_fixpoints() -> None:
    graph = graph_of(LINKED_RING)
    (shop,) = impact(graph, scenario_of(graph, down=["core", "core2"])).impacted
    assert (shop.status, shop.grounded_status) == (Status.AT_RISK, Status.DOWN)


def test_cut_of_a_grounded_ring_with_links_is_that_of_its_cores() -> None:
    graph = graph_of("shop -> x | y; x -> s1; y -> s2; " + LINKED_RING[11:], grounded=True)
    answer = why_not(graph, "shop", scenario_of(graph, down=["core"]))
    assert answer.single_failures == ("t:server:core2", "t:server:s2")


def test_cis_that_need_each_other_stay_up_on_a_grounded_circle() -> None:
    graph = graph_of("shop -> a; a -> 2 of (b, c); b -> a; c -> a", grounded=True)
    assert shop_word(graph) == "up"
    graph = graph_of("shop -> s1; s1 -> core | t; t -> a; a -> b; b -> a; a -> s1", grounded=True)
    assert (shop_word(graph), shop_word(graph, "core")) == ("up", "down")


def test_circle_below_another_circle_is_settled_first() -> None:
    above = "s1 -> r1 | a; a -> s1"
    below = "r1 -> core | b; b -> r2; r2 -> r1 | c; c -> r2"
    graph = graph_of(f"shop -> s1; {above}; {below}", grounded=True)
    assert (shop_word(graph), shop_word(graph, "core")) == ("up", "down")


def test_degraded_supply_degrades_a_grounded_circle() -> None:
    graph = graph_of(LINKED_RING, grounded=True)
    own = {graph.resolve(name): Status.DEGRADED for name in ("core", "core2")}
    assert Status(propagate(graph, own)[graph.resolve("shop")]) is Status.DEGRADED


@settings(max_examples=150, deadline=None)
@given(
    data=st.data(),
    pairs=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=9),
    fed=st.sets(st.integers(0, 5), min_size=1, max_size=2),
)
def test_switch_is_down_when_no_path_of_working_cis_leads_to_a_core(
    data: st.DataObject, pairs: Sequence[tuple[int, int]], fed: set[int]
) -> None:
    """Reachability by networkx: any of a switch's links, each of which needs the next switch."""
    network = nx.DiGraph([(f"s{at}", f"core{at}") for at in sorted(fed)])
    for one, other in sorted({pair for pair in pairs if pair[0] != pair[1]}):
        nx.add_path(network, (f"s{one}", f"l{one}x{other}", f"s{other}"))
    switches = [ci for ci in network if ci.startswith("s")]
    links = [ci for ci in network if ci.startswith("l")]
    graph = graph_of(
        "; ".join(
            [f"{ci} -> {' | '.join([*network[ci], 'spare'])}" for ci in switches]
            + [f"{ci} -> {next(iter(network[ci]))}" for ci in links]
        ),
        grounded=True,
    )
    failed = data.draw(st.sets(st.sampled_from(sorted(network)), max_size=4)) | {"spare"}
    statuses = propagate(graph, {graph.resolve(ci): Status.DOWN for ci in failed})
    working = network.subgraph([ci for ci in network if ci not in failed])
    cores = [ci for ci in working if ci.startswith("core")]
    alive = set(cores).union(*(nx.ancestors(working, core) for core in cores))
    found = {ci for ci in network if statuses[graph.resolve(ci)] != Status.DOWN}
    assert found == alive


@settings(max_examples=200, deadline=None)
@given(data=st.data(), graph=graphs(grounded=True))
def test_grounded_statuses_equal_those_of_plain_nested_iteration(
    data: st.DataObject, graph: ServiceGraph
) -> None:
    own = data.draw(outages(graph))
    for every in (False, True):
        expected = brute_grounded_statuses(graph, own, all_groups=every)
        assert propagate(graph, own, grounded=every).tolist() == expected
