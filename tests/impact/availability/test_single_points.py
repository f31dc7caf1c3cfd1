"""Single points of failure of all services in one pass, against one CI down at a time."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from graph_building import graph_of
from impact.random_graphs import graphs
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.formula import FormulaBuilder
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.availability.single_points import (
    single_points_of_failure,
    single_points_of_trees,
)
from ripplegraph.impact.propagation.fixpoint import propagate


@settings(max_examples=60, deadline=None)
@given(graph=graphs(max_cis=6))
def test_they_are_the_cis_whose_outage_alone_brings_the_service_down(graph: ServiceGraph) -> None:
    own = {ci: Reliability(unavailability=0.1) for ci in range(graph.ci_count)}
    options = AvailabilityOptions(own=own)
    answer = single_points_of_failure(graph, list(graph.ci_ids), options=options)
    found = {one.ci_id: set(one.services) for one in answer.single_points}
    for ci in range(graph.ci_count):
        down = propagate(graph, {ci: Status.DOWN})
        expected = {graph.ci_ids[at] for at, one in enumerate(down) if one == Status.DOWN}
        assert found.get(graph.ci_ids[ci], set()) == expected
    assert set(answer.without) == set(graph.ci_ids) - set().union(*found.values(), set())


def test_those_of_most_services_come_first_with_their_downtime() -> None:
    graph = graph_of("svc1 -> db & san; svc2 -> san; svc3 -> a | b")
    own = {graph.resolve("db"): Reliability(unavailability=0.5)}
    answer = single_points_of_failure(graph, options=AvailabilityOptions(own=own))
    points = answer.single_points
    rows = [(one.native_id, len(one.services), one.downtime_minutes_per_year) for one in points]
    assert rows == [("san", 2, None), ("db", 1, 262_800.0)]
    assert (answer.service_count, answer.without) == (3, ("t:service:svc3",))


def test_a_tree_with_an_exclusive_or_has_none() -> None:
    builder = FormulaBuilder()
    a, b = builder.variable(0), builder.variable(1)
    roots = (builder.exclusive([a, b]), builder.negation(a), a)
    trees = FaultTrees(
        formula=builder.build(),
        roots=roots,
        root_names=("xor", "not", "a"),
        root_labels=("", "", ""),
        variable_names=("a", "b"),
        variable_labels=("", ""),
        unavailability=np.array([0.5, 0.25]),
    )
    answer = single_points_of_trees(trees)
    assert [(one.ci_id, one.services) for one in answer.single_points] == [("a", ("a",))]
    assert single_points_of_trees(trees, ["xor"]).single_points == ()
