"""Availability of graphs of up to fourteen CIs against status propagation in all 2^n states."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.availability.stated import stating
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


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(
        st.tuples(
            st.frozensets(st.sampled_from("abcdefgh"), min_size=2, max_size=4), st.booleans()
        ),
        min_size=4,
        max_size=7,
        unique=True,
    ),
    shares=st.lists(st.integers(1, 60), min_size=8, max_size=8),
    nodes=st.sampled_from([1, 2, 4, 8]),
)
def test_a_service_beyond_the_budget_fails_as_often_as_its_bounds_say(
    groups: list[tuple[frozenset[str], bool]], shares: list[int], nodes: int
) -> None:
    """Groups share CIs; a group fails with all of its members, or with two of them."""
    needs = [(sorted(cis), 2 if is_any_two else len(cis)) for cis, is_any_two in groups]
    one_of = "; ".join(
        f"shop -> {len(cis) - enough + 1} of ({', '.join(cis)})" for cis, enough in needs
    )
    graph = graph_of(f"{one_of}; spare -> {' & '.join('abcdefgh')}")
    u = dict(zip("abcdefgh", (share / 1000 for share in shares), strict=True))
    options = replace(stating(graph, shop=0, **u), nodes_per_module=(nodes,), samples=64)
    (found,) = availability(graph, ["shop"], options=options).services
    event(found.label.value)
    truth = 0.0
    for state in product((False, True), repeat=8):
        down = {name for name, is_down in zip(u, state, strict=True) if is_down}
        if any(len(down & set(cis)) >= enough for cis, enough in needs):
            truth += prod(u[name] if name in down else 1 - u[name] for name in u)
    if found.label is not Label.ESTIMATED:  # its interval is one of confidence
        assert found.lower <= truth * (1 + 1e-12)
        assert truth <= found.upper * (1 + 1e-12)
