"""Labels beneath services: of what brings them down, and of nothing else."""

from __future__ import annotations

from graph_building import graph_of
from ripplegraph.impact.agreements.beneath import labels_beneath


def test_a_circle_that_a_soft_dependency_closes_shares_no_labels() -> None:
    graph = graph_of("svc1 -> svc2; svc2 ~> db; db -> svc1")
    upper, lower = graph.resolve("svc1"), graph.resolve("svc2")
    found = labels_beneath(graph, [upper, lower], {upper: [7], lower: [8]})
    assert found == {upper: {7, 8}, lower: {8}}
