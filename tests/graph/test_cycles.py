"""Cycles and self-supported groups."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from ripplegraph.graph.components import component_labels, component_labels_at_once
from ripplegraph.graph.cycles import (
    component_of,
    cycle_path,
    cyclic_components,
    group_circle,
    self_supported_groups,
)


def test_cis_that_need_each_other_share_the_smallest_number_as_label() -> None:
    graph = graph_of("shop -> a; a -> b; b -> a; b -> c; c -> d; d -> c")
    assert component_of(graph).tolist() == [0, 1, 1, 3, 3]
    assert cyclic_components(graph) == ((1, 2), (3, 4))


def test_relation_without_impact_closes_no_circle() -> None:
    assert cyclic_components(graph_of("a -> b; b .> a")) == ()


def test_path_is_a_shortest_circle_from_the_first_ci_back_to_it() -> None:
    graph = graph_of("a -> b; b -> c; c -> d; d -> a; c -> a; b -> out")
    path = cycle_path(graph, cyclic_components(graph)[0])
    assert path == ("t:server:a", "t:server:b", "t:server:c", "t:server:a")


def test_path_through_a_ci_in_no_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="'t:server:a' lies in no circle"):
        cycle_path(graph_of("a -> b; b -> c"), [0, 1, 2])


def test_group_with_a_member_that_rests_on_its_dependent_can_hold_itself_up() -> None:
    graph = graph_of("x -> 1 of (core, y); y -> 1 of (core, x); shop -> 1 of (x, y)")
    groups = self_supported_groups(graph)
    assert [graph.ci_ids[graph.group_rules[group].dependent] for group in groups] == [
        "t:server:x",
        "t:server:y",
    ]
    assert group_circle(graph, groups[0]) == ("t:server:x", "t:server:y", "t:server:x")


@pytest.mark.parametrize(
    "text",
    [
        "x -> 2 of (core, y); y -> x",  # needs all: a plain circle
        "x -> 1 of (core*1, y*0); y -> x",  # a member that weighs nothing supports nothing
        "x -> 1 of (core, y); y .> x",
    ],
)
def test_group_that_cannot_hold_itself_up_is_not_listed(text: str) -> None:
    assert self_supported_groups(graph_of(text)) == ()


def test_circle_of_a_group_outside_any_circle_is_empty() -> None:
    assert group_circle(graph_of("x -> 1 of (a, b); a -> c; b -> a"), 0) == ()


def test_circle_that_needs_another_one_stays_apart_from_it() -> None:
    graph = graph_of("a -> b; b -> a; c -> d & a; d -> c")
    assert cyclic_components(graph) == ((0, 1), (2, 3))


def test_circle_as_long_as_the_graph_needs_no_recursion() -> None:
    size = 5_000
    text = "; ".join(f"n{at} -> n{(at + 1) % size}" for at in range(size))
    graph = graph_of(text)
    assert cyclic_components(graph) == (tuple(range(size)),)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda ends: ends[0] != ends[1]),
        max_size=40,
    ),
    st.integers(0, 600),
)
def test_components_equal_those_of_networkx(ends: list[tuple[int, int]], leaves: int) -> None:
    edges = [(f"n{start}", f"n{end}") for start, end in ends]
    edges += [(f"leaf{at}", f"mid{at}") for at in range(leaves)]  # many: peeled by levels
    edges += [(f"mid{at}", "n0") for at in range(leaves)]
    edges += [("n1", f"below{at}") for at in range(leaves)]
    edges += [(f"below{at}", f"base{at}") for at in range(leaves)]
    graph = graph_of("; ".join(f"{start} -> {end}" for start, end in edges) or "alone")
    peer = nx.DiGraph(edges)
    ours = {frozenset(graph.cis.name[at] for at in part) for part in cyclic_components(graph)}
    theirs = {frozenset(part) for part in nx.strongly_connected_components(peer) if len(part) > 1}
    assert ours == theirs


@pytest.mark.parametrize("is_compiled", [False, True])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_labels_of_sorted_arrays_are_those_of_peeling_and_of_networkx(
    data: st.DataObject, *, is_compiled: bool
) -> None:
    count = data.draw(st.integers(0, 9))
    ends = st.integers(0, max(count - 1, 0))
    triples = st.tuples(ends, ends, st.integers(0, 2))
    edges = sorted(data.draw(st.lists(triples, max_size=25 if count else 0)))
    starts, needed, effect = (np.array([one[at] for one in edges], np.uint32) for at in range(3))
    offsets = np.searchsorted(starts, np.arange(count + 1)).astype(np.uint32)
    labels = component_labels_at_once(
        offsets=offsets, needed=needed, effect=effect.astype(np.uint8), is_compiled=is_compiled
    )
    working = effect > 0
    peeled = component_labels(
        ci_count=count, dependents=starts[working], dependencies=needed[working]
    )
    assert labels.tolist() == peeled.tolist()
    plain: nx.DiGraph[int] = nx.DiGraph()
    plain.add_nodes_from(range(count))
    plain.add_edges_from((start, end) for start, end, strength in edges if strength)
    parts = {frozenset(part) for part in nx.strongly_connected_components(plain)}
    assert {frozenset(np.flatnonzero(labels == at).tolist()) for at in labels} == parts


def test_labels_of_a_large_graph_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPILED_FROM_CIS", "COMPILED_FROM_SIZE"):
        monkeypatch.setattr(f"ripplegraph.graph.compilation.{name}", 1)
    graph = graph_of("shop -> a; a -> b; b -> a; b .> shop")
    assert component_of(graph).tolist() == [0, 1, 1]


@pytest.mark.parametrize("is_compiled", [False, True])
def test_a_circle_of_four_with_a_tail_and_a_second_circle_is_labelled_by_hand(
    *, is_compiled: bool
) -> None:
    needed = [1, 2, 3, 0, 4, 5, 6, 4]  # 0 -> 1 -> 2 -> 3 -> 0, 3 -> 4 -> 5 -> 6 -> 4
    labels = component_labels_at_once(
        offsets=np.array([0, 1, 2, 3, 5, 6, 7, 8], dtype=np.uint32),
        needed=np.array(needed, dtype=np.uint32),
        effect=np.full(len(needed), 2, dtype=np.uint8),
        is_compiled=is_compiled,
    )
    assert labels.tolist() == [0, 0, 0, 0, 4, 4, 4]
