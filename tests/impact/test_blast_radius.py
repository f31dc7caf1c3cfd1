"""The quick answers as arrays: equal to status propagation, compiled and not."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.oracle import brute_statuses
from impact.random_graphs import graphs, outages
from ripplegraph.graph import compilation
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact import blast_radius, service_reach, single_outage_sweep
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.layout import layout_of
from ripplegraph.impact.propagation.push import QUICK_ENGINES


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
    graph = graph_of("; ".join(f"s{at:03} -> db" for at in range(300)))
    services = [f"s{at:03}" for at in range(300)]
    reach = service_reach(graph, services, compiled=compiled)
    assert reach.services_of(graph.resolve("db")).tolist() == reach.services.tolist()
    assert reach.counts[graph.resolve("db")] == 300
    for name in ("s000", "s063", "s064", "s127", "s128", "s255", "s256", "s299"):
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


@pytest.fixture
def everything_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "COMPILED_FROM_CIS", 0)
    monkeypatch.setattr(compilation, "COMPILED_FROM_SIZE", 0)


@pytest.mark.usefixtures("everything_compiled")
@given(graph=graphs())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_one_number_is_answered_at_once_and_says_the_same(graph: ServiceGraph) -> None:
    for ci in range(graph.ci_count):
        general = blast_radius(graph, down=(ci,))  # not a list: the long way
        quick = blast_radius(graph, down=[ci])
        assert id(graph) in QUICK_ENGINES
        assert quick.numbers.tolist() == general.numbers.tolist()
        assert quick.cause_edges.tolist() == general.cause_edges.tolist()
        assert (quick.down_count, len(quick)) == (general.down_count, len(general))
        plain = statuses_of(graph, {ci: Status.DOWN}, compiled=False)
        assert [int(quick.status_of(one)) for one in range(graph.ci_count)] == plain


@pytest.mark.usefixtures("everything_compiled")
@pytest.mark.parametrize("number", [-1, 2, True])
def test_a_large_graph_refuses_numbers_as_a_small_one_does(number: int) -> None:
    graph = graph_of("shop -> db")
    blast_radius(graph, down=[0])
    if number is True:  # Python takes it for 1
        assert blast_radius(graph, down=[number]).down.tolist() == [1, 0]
        return
    with pytest.raises(IndexError, match=f"no CI has the number {number}"):
        blast_radius(graph, down=[number])


@pytest.mark.usefixtures("everything_compiled")
def test_an_engine_goes_with_its_graph() -> None:
    graph = graph_of("shop -> db")
    blast_radius(graph, down=[1])
    key = id(graph)
    assert key in QUICK_ENGINES
    del graph
    gc.collect()
    assert key not in QUICK_ENGINES


@pytest.mark.parametrize("compiled", [False, True])
def test_weights_beyond_32_bits_are_compared_exactly(compiled: bool) -> None:
    graph = graph_of("shop -> 5000000001 of (a*5000000000, b*5000000001, c*1)")
    assert layout_of(graph).is_wide
    for down, status in ((["a"], 1), (["b"], 1), (["a", "c"], 1), (["b", "c"], 3)):
        radius = blast_radius(graph, down=down, compiled=compiled)
        assert radius.status_of(graph.resolve("shop")) == status, down
        assert radius.numbers.dtype == np.uint32


@pytest.mark.parametrize("compiled", [False, True])
def test_the_memory_of_an_answer_is_used_again_only_when_nobody_holds_it(compiled: bool) -> None:
    graph = graph_of("shop -> web; svc -> web; web -> db")
    web, names = graph.resolve("web"), ["shop", "svc"]
    held = service_reach(graph, names, compiled=compiled)
    for chosen in (["shop"], ["svc"], [], names):
        reach = service_reach(graph, chosen, compiled=compiled)
        expected = sorted(graph.resolve(one) for one in chosen)
        assert reach.services_of(web).tolist() == expected
        assert reach.counts[web] == len(chosen)
        assert held.services_of(web).tolist() == sorted(map(graph.resolve, names))
        del reach
    graph = graph_of("; ".join(f"s{at:03} -> db" for at in range(300)))
    for count in (2, 300, 2):  # one block of bits for each CI, two, one
        numbers = [graph.resolve(f"s{at:03}") for at in range(count)]
        few = service_reach(graph, numbers, compiled=compiled)
        assert few.services_of(graph.resolve("db")).tolist() == sorted(numbers)
        assert few.counts.sum() == 2 * count


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("text", "down", "degraded", "expected"),
    [
        ("shop -> web; web ~> db; svc ~> web", "", "db", "db:2 web:2 shop:2 svc:2"),
        ("shop -> a | b; svc ~> shop", "", "a", "a:2 shop:1"),
        ("shop -> a | b; svc ~> shop", "", "a b", "a:2 b:2 shop:2 svc:2"),
        ("shop ~> a | b; svc -> a & b", "", "a b", "a:2 b:2 svc:2 shop:2"),
        ("shop ~> a | b; svc -> shop", "", "a", "a:2"),
        ("shop ~> a | b", "a b", "", "a:3 b:3 shop:2"),
        ("shop -> a | b; shop ~> a", "a", "", "a:3 shop:2"),  # at risk first, degraded then
        ("shop -> a | b; svc -> shop; shop ~> c", "a", "c", "a:3 c:2 shop:2 svc:2"),
        ("shop -> a | b; svc -> shop; shop -> c", "a", "c", "a:3 c:2 shop:2 svc:2"),
        ("shop -> a | b; shop -> c | d", "a", "c d", "a:3 c:2 d:2 shop:2"),
        ("shop ~> a; shop -> b; svc -> shop", "a b", "", "a:3 b:3 shop:3 svc:3"),
        ("shop ~> a; shop -> b; b -> c; c -> d; svc -> shop | z", "a d", "", "a:3 d:3 c:3 b:3"
         " shop:3 svc:1"),
        ("shop -> 2 of (a, b, c); svc -> shop", "a", "b", "a:3 b:2 shop:2 svc:2"),
        ("shop -> 2 of (a, b, c); svc -> shop", "a b", "", "a:3 b:3 shop:3 svc:3"),
        ("shop -> a*0 | b; svc -> shop", "", "a", "a:2 shop:1 svc:1"),
        ("shop -> c; shop -> a | b", "c a", "", "c:3 a:3 shop:3"),
        ("shop -> db; db -> shop", "", "", ""),
    ],
)  # fmt: skip
def test_each_way_in_which_a_status_is_passed_on(
    text: str, down: str, degraded: str, expected: str, *, compiled: bool
) -> None:
    graph = graph_of(text)
    radius = blast_radius(graph, down=down.split(), degraded=degraded.split(), compiled=compiled)
    names = [graph.cis.name[ci] for ci in radius.numbers.tolist()]
    found = {f"{name}:{status}" for name, status in zip(names, radius.statuses, strict=True)}
    assert found == set(expected.split())
    assert radius.statuses.tolist() == sorted(radius.statuses.tolist(), reverse=True)
    own = {graph.resolve(ci): Status.DEGRADED for ci in degraded.split()}
    own |= {graph.resolve(ci): Status.DOWN for ci in down.split()}
    assert [radius.status_of(ci) for ci in range(graph.ci_count)] == brute_statuses(graph, own)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_grounded_ring_falls_with_its_core(compiled: bool) -> None:
    graph = graph_of("shop -> a; a -> core | b; b -> core | a", grounded=True)
    radius = blast_radius(graph, down=["core"], compiled=compiled)
    assert radius.down_count == len(radius) == graph.ci_count
    assert len(blast_radius(graph, down=["shop"], compiled=compiled)) == 1
