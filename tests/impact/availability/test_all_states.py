"""Availability of graphs of up to fourteen CIs against status propagation in all 2^n states."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.random_graphs import graphs
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.answers import availability
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.availability.values import Label, Level
from ripplegraph.impact.propagation.fixpoint import propagate

_CUT = {Level.DOWN: Status.DOWN, Level.DEGRADED: Status.DEGRADED}


def over_all_states(graph: ServiceGraph, u: np.ndarray, level: Level) -> float:
    """Return how likely CI 0 has failed: cycles, groups, weights and soft edges as they are."""
    total = 0.0
    for state in product((False, True), repeat=graph.ci_count):
        down = dict.fromkeys(np.flatnonzero(state).tolist(), Status.DOWN)
        if propagate(graph, down)[0] >= _CUT[level]:
            total += float(np.prod(np.where(state, u, 1 - u)))
    return total


@settings(max_examples=12, deadline=None)
@given(
    graph=graphs(max_cis=14).filter(lambda graph: graph.ci_count >= 11),
    shares=st.lists(st.integers(1, 60), min_size=14, max_size=14),
    level=st.sampled_from(list(Level)),
)
def test_a_service_fails_as_often_as_in_all_states_together(
    graph: ServiceGraph, shares: list[int], level: Level
) -> None:
    u = np.array(shares[: graph.ci_count]) / 100
    own = {ci: Reliability(unavailability=float(share)) for ci, share in enumerate(u)}
    options = AvailabilityOptions(own=own, level=level)
    (found,) = availability(graph, [graph.ci_ids[0]], options=options).services
    assert found.label is Label.EXACT
    assert found.lower == pytest.approx(over_all_states(graph, u, level), rel=1e-12, abs=1e-15)
