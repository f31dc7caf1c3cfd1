"""Whole-graph passes: pulled and pushed statuses are equal, compiled and not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.oracle import brute_statuses
from impact.random_graphs import graphs, outages
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation import fixpoint
from ripplegraph.impact.propagation.fixpoint import propagate, settle
from ripplegraph.impact.propagation.pull import pulled_statuses


@given(data=st.data(), graph=graphs())
@settings(max_examples=150, deadline=None)
def test_pulled_statuses_are_those_of_plain_iteration(
    data: st.DataObject, graph: ServiceGraph
) -> None:
    own = data.draw(outages(graph))
    found = pulled_statuses(graph, own, is_compiled=False).tolist()
    assert found == brute_statuses(graph, own)


@given(data=st.data(), graph=graphs())
@settings(max_examples=25, deadline=None)
def test_compiled_and_plain_pull_the_same(data: st.DataObject, graph: ServiceGraph) -> None:
    own = data.draw(outages(graph))
    plain, fast = (pulled_statuses(graph, own, is_compiled=mode) for mode in (False, True))
    assert plain.tolist() == fast.tolist()


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("down", ["c0099", "c0031 c0064", "c0000", "", "pair", "heavy pair"])
def test_long_chains_and_rings_are_pushed_or_pulled_alike(down: str, *, compiled: bool) -> None:
    chain = "; ".join(f"c{at:04} -> c{at + 1:04}" for at in range(99))
    ring = "; ".join(f"r{at:04} -> r{(at + 1) % 40:04}" for at in range(40))
    others = "r0007 -> c0050; shop ~> r0003; svc -> pair*300 | heavy*200; r0031 ~> svc"
    graph = graph_of(f"{chain}; {ring}; {others}")
    own = {graph.resolve(name): Status.DOWN for name in down.split()}
    expected = brute_statuses(graph, own)
    assert propagate(graph, own, compiled=compiled).tolist() == expected
    assert pulled_statuses(graph, own, is_compiled=compiled).tolist() == expected
    not_up = {ci: status for ci, status in enumerate(expected) if status}
    assert settle(graph, own, compiled=compiled) == not_up


def test_what_touches_few_cis_is_not_pulled(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of("; ".join(f"c{at:03} -> c{at + 1:03}" for at in range(99)))
    first, last = {graph.resolve("c001"): Status.DOWN}, {graph.resolve("c099"): Status.DOWN}
    monkeypatch.setattr(fixpoint, "pulled_statuses", lambda *_, **__: pytest.fail("pulled"))
    assert propagate(graph, first).sum() == 2 * Status.DOWN
    with pytest.raises(pytest.fail.Exception, match="pulled"):
        propagate(graph, last)
