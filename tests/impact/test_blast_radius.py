"""The quick answers as arrays: equal to status propagation, compiled and not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.random_graphs import graphs, outages
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact import blast_radius, service_reach, single_outage_sweep
from ripplegraph.impact.propagation.fixpoint import propagate


def statuses_of(graph: ServiceGraph, own: dict[int, Status], *, compiled: bool) -> list[int]:
    radius = blast_radius(
        graph,
        down=[ci for ci, status in own.items() if status is Status.DOWN],
        degraded=[ci for ci, status in own.items() if status is Status.DEGRADED],
        compiled=compiled,
    )
    assert len(set(radius.numbers.tolist())) == len(radius)
    return [int(radius.status_of(ci)) for ci in range(graph.ci_count)]


@given(data=st.data(), grounded=st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_blast_radius_is_what_propagation_says(data: st.DataObject, *, grounded: bool) -> None:
    graph = data.draw(graphs(grounded=grounded))
    drawn = data.draw(outages(graph))
    own = {ci: status for ci, status in drawn.items() if status >= Status.DEGRADED}
    assert statuses_of(graph, own, compiled=False) == propagate(graph, own).tolist()


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_compiled_and_plain_say_the_same(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    own = {ci: s for ci, s in data.draw(outages(graph)).items() if s >= Status.DEGRADED}
    plain = statuses_of(graph, own, compiled=False)
    assert statuses_of(graph, own, compiled=True) == plain


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_chain_leads_to_an_outage_over_cis_that_are_not_up(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    own = {ci: s for ci, s in data.draw(outages(graph)).items() if s >= Status.DEGRADED}
    radius = blast_radius(graph, down=list(own), compiled=False)
    for number in radius.numbers.tolist():
        chain = radius.chain_of(number)
        assert chain[0] == number
        assert chain[-1] in own
        assert len(set(chain)) == len(chain)
        assert all(radius.status_of(ci) > Status.UP for ci in chain)


def test_worst_come_first_and_services_are_told() -> None:
    graph = graph_of("shop -> web; web -> h1 | h2; svc ~> h1")
    radius = blast_radius(graph, down=["h1"])
    assert radius.statuses.tolist() == sorted(radius.statuses.tolist(), reverse=True)
    assert [graph.cis.name[ci] for ci in radius.down.tolist()] == ["h1"]
    assert [graph.cis.name[ci] for ci in radius.services.tolist()] == ["svc", "shop"]
    assert radius.chain_of(graph.resolve("h2")) == ()


def test_a_number_that_no_ci_has_is_refused() -> None:
    with pytest.raises(IndexError, match="no CI has the number 9; the graph holds 2"):
        blast_radius(graph_of("shop -> db"), down=[9])


def test_one_in_both_lists_is_down() -> None:
    graph = graph_of("shop -> db")
    radius = blast_radius(graph, down=["db"], degraded=["db"])
    assert (radius.down_count, radius.degraded_count, radius.at_risk_count) == (2, 0, 0)


@given(graph=graphs())
@settings(max_examples=40, deadline=None)
def test_the_sweep_counts_what_falls_with_each_ci(graph: ServiceGraph) -> None:
    sweep = single_outage_sweep(graph)
    services = list(graph.service_numbers)
    for ci in range(graph.ci_count):
        is_down = propagate(graph, {ci: Status.DOWN}) == Status.DOWN
        assert sweep.cis_down[ci] == is_down.sum()
        assert sweep.services_down[ci] == is_down[services].sum()


@given(graph=graphs())
@settings(max_examples=60, deadline=None)
def test_a_ci_reaches_the_services_that_rest_on_it(graph: ServiceGraph) -> None:
    reach = service_reach(graph)
    for ci in range(graph.ci_count):
        above = {*graph.all_dependents_of(graph.ci_ids[ci]), graph.ci_ids[ci]}
        expected = [one for one in graph.service_numbers if graph.ci_ids[one] in above]
        assert reach.services_of(ci).tolist() == expected
        assert reach.counts[ci] == len(expected)


@given(graph=graphs())
@settings(max_examples=15, deadline=None)
def test_compiled_and_plain_reach_are_equal(graph: ServiceGraph) -> None:
    plain, compiled = (service_reach(graph, compiled=mode) for mode in (False, True))
    for ci in range(graph.ci_count):
        assert plain.services_of(ci).tolist() == compiled.services_of(ci).tolist()
    assert plain.counts.tolist() == compiled.counts.tolist()


@pytest.mark.parametrize("compiled", [False, True])
def test_reach_of_more_services_than_a_word_holds(compiled: bool) -> None:
    graph = graph_of("; ".join(f"s{at:03} -> db" for at in range(130)))
    services = [f"s{at:03}" for at in range(130)]
    reach = service_reach(graph, services, compiled=compiled)
    assert reach.services_of(graph.resolve("db")).tolist() == reach.services.tolist()
    assert reach.counts[graph.resolve("db")] == 130
    for name in ("s000", "s063", "s064", "s127", "s128", "s129"):
        own = graph.resolve(name)
        assert reach.services_of(own).tolist() == [own]


def test_reach_of_a_number_that_no_ci_has_is_refused() -> None:
    with pytest.raises(IndexError, match="no CI has the number 7"):
        service_reach(graph_of("shop -> db"), [7])


def test_chosen_services_only_are_reached() -> None:
    graph = graph_of("shop -> web; svc -> web")
    reach = service_reach(graph, ["svc"])
    assert reach.services.tolist() == [graph.resolve("svc")]
    assert reach.counts.tolist() == [0, 1, 1]
