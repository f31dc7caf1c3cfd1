"""Structure functions: the same failures as status propagation, for every set of outages."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings

from graph_building import graph_of
from impact.random_graphs import graphs
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.structure import cis_beneath, structure_functions
from ripplegraph.impact.availability.values import Level
from ripplegraph.impact.propagation.fixpoint import propagate


def failures(graph: ServiceGraph, level: Level) -> list[list[bool]]:
    """For every set of CIs that are down by themselves: which CIs have failed."""
    found = structure_functions(graph, range(graph.ci_count), level=level)
    fleet = compile_fleet(found.formula, found.roots)
    states = np.array(list(product([0.0, 1.0], repeat=graph.ci_count)))
    return [[value == 1.0 for value in row] for row in failure_probabilities(fleet, states)]


def propagated(graph: ServiceGraph, level: Level) -> list[list[bool]]:
    worst = Status.DOWN if level is Level.DOWN else Status.DEGRADED
    return [
        [
            status >= worst
            for status in propagate(
                graph, {ci: Status.DOWN for ci, is_down in enumerate(state) if is_down}
            )
        ]
        for state in product([0, 1], repeat=graph.ci_count)
    ]


@pytest.mark.parametrize("level", list(Level))
@given(graph=graphs(max_cis=6))
@settings(max_examples=60, deadline=None)
def test_a_formula_fails_where_propagation_says_so_also_on_circles(
    level: Level, graph: ServiceGraph
) -> None:
    assert failures(graph, level) == propagated(graph, level)


@pytest.mark.parametrize("level", list(Level))
@given(graph=graphs(max_cis=5, grounded=True))
@settings(max_examples=60, deadline=None)
def test_grounded_groups_fail_as_propagation_says(level: Level, graph: ServiceGraph) -> None:
    assert failures(graph, level) == propagated(graph, level)


def unavailability(text: str, q: dict[str, float], **options: object) -> float:
    graph = graph_of(text)
    found = structure_functions(
        graph,
        [0],
        perfect=[n for n in range(graph.ci_count) if graph.cis.name[n] not in q],
        **options,  # type: ignore[arg-type]
    )
    numbers = np.array([q.get(name, 0.0) for name in graph.cis.name])
    fleet = compile_fleet(found.formula, found.roots)
    return float(failure_probabilities(fleet, numbers)[0])


def test_a_shared_ci_counts_once() -> None:
    text = "shop -> h1 | h2; h1 -> san; h2 -> san"
    assert unavailability(text, {"san": 0.1}) == pytest.approx(0.1)
    assert unavailability(text, {"san": 0.1, "h1": 0.5, "h2": 0.5}) == pytest.approx(0.325)


def test_a_soft_dependency_counts_for_degradation_only() -> None:
    assert unavailability("shop ~> mail", {"mail": 0.25}) == 0.0
    assert unavailability("shop ~> mail", {"mail": 0.25}, level=Level.DEGRADED) == 0.25


def test_nothing_beneath_a_cut_point_counts() -> None:
    graph = graph_of("shop -> web; web -> db")
    assert cis_beneath(graph, [0], cut_points=[1]) == [0, 1]


def test_a_cut_point_on_a_circle_rests_on_nothing() -> None:
    graph = graph_of("shop -> a; a -> b; b -> a")
    a = graph.resolve("a")
    assert cis_beneath(graph, [a], cut_points=[a]) == [a]


def test_cis_that_need_each_other_fail_together_and_are_named() -> None:
    graph = graph_of("shop -> a; a -> b; b -> a; b -> db")
    found = structure_functions(graph, [0], perfect=[0])
    fleet = compile_fleet(found.formula, found.roots)
    q = np.array([0.0, 0.5, 0.5, 0.5])
    assert failure_probabilities(fleet, q)[0] == pytest.approx(0.875)
    assert found.circular == {graph.resolve("a"), graph.resolve("b")}


def test_no_service_gives_no_formula() -> None:
    found = structure_functions(graph_of("shop -> db"), [])
    assert (found.roots, found.cones, found.circular) == ((), (), frozenset())


def test_a_million_to_one_keeps_its_digits() -> None:
    q = {"a": 1e-13, "b": 1e-13}
    assert unavailability("shop -> a & b", q) == pytest.approx(2e-13, rel=1e-12)


@pytest.mark.parametrize("asked", [["svc2"], ["svc1", "svc2"]])
def test_a_circle_closed_beyond_what_was_asked_by_a_soft_dependency_shares_no_failures(
    asked: list[str],
) -> None:
    graph = graph_of("svc1 -> svc2; svc2 ~> db; db -> svc1")
    found = structure_functions(graph, [graph.resolve(name) for name in asked])
    q = np.zeros(graph.ci_count)
    q[graph.resolve("svc1")], q[graph.resolve("svc2")] = 0.5, 0.1
    fleet = compile_fleet(found.formula, found.roots)
    assert failure_probabilities(fleet, q)[-1] == pytest.approx(0.1)
