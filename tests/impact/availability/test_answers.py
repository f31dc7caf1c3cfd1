"""Availability of the services of a graph: published cases, brute force, labels and reasons."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from impact.availability.stated import stating
from impact.random_graphs import graphs
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.answers import availability, cut_sets, explain
from ripplegraph.impact.availability.options import (
    AvailabilityOptions,
    Reliability,
)
from ripplegraph.impact.availability.values import (
    Basis,
    Label,
    Level,
    ServiceAvailability,
)
from ripplegraph.impact.propagation.fixpoint import propagate


def row_of(text: str, **u: float) -> ServiceAvailability:
    graph = graph_of(text)
    return availability(graph, ["shop"], options=stating(graph, **u)).services[0]


PUBLISHED = [
    # AWS Well-Architected, reliability pillar, availability (S1, S2); AWS whitepaper
    # "Availability and Beyond" (S3); Azure composite SLA page (S5, S6, S7)
    ("S1", "shop -> a & b & c", {"a": 1e-4, "b": 1e-4, "c": 1e-4}, 0.99970003),
    ("S2", "shop -> a | b", {"a": 1e-3, "b": 1e-3}, 0.999999),
    ("S3", "shop -> a | b", {"a": 0.01, "b": 0.01}, 0.9999),
    ("S4", "shop -> web & c; web -> a | b", {"web": 0, "a": 0.01, "b": 0.01, "c": 0.01}, 0.989901),
    ("S5", "shop -> a & b", {"a": 5e-4, "b": 1e-4}, 0.99940005),
    ("S6", "shop -> a | b", {"a": 1e-4, "b": 1e-3}, 0.9999999),
    ("S7", "shop -> w & c; w -> a | b", {"w": 0, "a": 1e-4, "b": 1e-3, "c": 5e-4}, 0.99949990005),
    # The-Way-of-SRE, PR 67 (S13); nthlayer, ceiling of a service (S15); OpenSLO issue 14: at most
    # (S16); AWS serverless notes (S17); two regions (S18); compound availability (S20);
    # r/SoftwareEngineering 1h0i2fz (S22a); calculator page (S27)
    ("S13", "shop -> a & b & c & d", {"a": 1e-4, "b": 1e-4, "c": 5e-4, "d": 1e-3}, 0.998300809965),
    ("S15", "shop -> a & b", {"a": 5e-4, "b": 1e-3}, 0.9985005),
    ("S16", "shop -> b & c", {"b": 0.01, "c": 0.01}, 0.9801),
    ("S17", "shop -> a & b & c", {"a": 5e-4, "b": 1e-4, "c": 1e-3}, 0.99840064995),
    ("S18", "shop -> a | b", {"a": 5e-4, "b": 5e-4}, 0.99999975),
    ("S20", "shop -> a & b", {"a": 5e-4, "b": 5e-4}, 0.99900025),
    ("S22a", "shop -> a & b", {"a": 0.0059, "b": 0.0029}, 0.99121711),
    ("S27", "shop -> a | b", {"a": 0.05, "b": 0.05}, 0.9975),
    # devops.stackexchange 711: two CIs, each up 23 of 24 h
    ("S21a", "shop -> a & b", {"a": 1 / 24, "b": 1 / 24}, 0.9184027778),
    # SCRAM bench_core: U = 0.496, 0.074, 0.098; SCRAM TwoTrain: U = 0.7225
    ("F1", "shop -> a & b & c", {"a": 0.1, "b": 0.2, "c": 0.3}, 0.504),
    ("F2", "shop -> x & y; x -> a | b; y -> b | c",
     {"x": 0, "y": 0, "a": 0.1, "b": 0.2, "c": 0.3}, 0.926),
    ("F4", "shop -> 2 of (a, b, c)", {"a": 0.1, "b": 0.2, "c": 0.3}, 0.902),
    ("F6", "shop -> x | y; x -> v1 & p1; y -> v2 & p2",
     {"x": 0, "y": 0, "v1": 0.5, "p1": 0.7, "v2": 0.5, "p2": 0.7}, 0.2775),
]  # fmt: skip


@pytest.mark.parametrize(("case", "text", "u", "published"), PUBLISHED, ids=lambda v: str(v)[:6])
def test_published_cases(case: str, text: str, u: dict[str, float], published: float) -> None:
    row = row_of(text, **u)
    assert row.availability == pytest.approx(published, abs=1e-10), case
    assert row.label is Label.EXACT
    assert row.lower == row.upper == row.unavailability


def test_a_shared_ci_counts_once_and_the_naive_numbers_differ() -> None:
    row = row_of("shop -> a & c; a -> b; c -> b", a=0.1, b=0.2, c=0.3)
    assert row.unavailability == pytest.approx(0.496)
    shared = row_of("shop -> h1 | h2; h1 -> san; h2 -> san", h1=0.0, h2=0.0, san=0.1)
    assert shared.availability == pytest.approx(0.9)
    assert shared.naive_tree == pytest.approx(0.99)
    assert shared.naive_product == pytest.approx(0.9)


@given(
    graph=graphs(max_cis=5),
    u=st.lists(st.sampled_from([0.0, 0.01, 0.25, 1.0]), min_size=5, max_size=5),
    level=st.sampled_from(list(Level)),
)
@settings(max_examples=60, deadline=None)
def test_availability_is_the_weight_of_the_states_in_which_propagation_keeps_it_up(
    graph: ServiceGraph, u: list[float], level: Level
) -> None:
    own = {ci: Reliability(unavailability=u[ci]) for ci in range(graph.ci_count)}
    texts = list(graph.ci_ids)
    options = AvailabilityOptions(own=own, level=level)
    rows = availability(graph, texts, options=options).services
    expected = [0.0] * graph.ci_count
    worst = Status.DOWN if level is Level.DOWN else Status.DEGRADED
    for state in product([False, True], repeat=graph.ci_count):
        weight = 1.0
        for ci, is_down in enumerate(state):
            weight *= u[ci] if is_down else 1 - u[ci]
        forced = {ci: Status.DOWN for ci, is_down in enumerate(state) if is_down}
        for ci, status in enumerate(propagate(graph, forced)):
            expected[ci] += weight * (status >= worst)
    assert [row.unavailability for row in rows] == pytest.approx(expected, abs=1e-12)


@given(graph=graphs(max_cis=5, is_acyclic=True))
@settings(max_examples=30, deadline=None)
def test_contributions_add_up_to_the_downtime(graph: ServiceGraph) -> None:
    own = {ci: Reliability(unavailability=0.03 * (ci + 1)) for ci in range(graph.ci_count)}
    answer = explain(graph, "c0", options=AvailabilityOptions(own=own))
    total = answer.service.downtime_minutes_per_year
    assert sum(one.minutes_per_year for one in answer.contributions) == pytest.approx(total)


def test_unknown_inputs_give_an_interval_and_the_list_of_what_is_missing() -> None:
    graph = graph_of("shop -> db & web")
    (row,) = availability(graph, options=stating(graph, db=0.25)).services
    assert (row.label, row.availability, row.unavailability) == (Label.INCOMPLETE, None, None)
    assert (row.lower, row.upper) == (0.25, 1.0)
    assert row.missing == ("t:server:web",)
    assert row.coverage == 0.5
    assert row.naive_product is None
    assert row.naive_tree is None


def test_a_window_gets_its_minutes() -> None:
    graph = graph_of("shop -> db")
    options = replace(stating(graph, db=0.25), window_minutes=1000.0)
    (row,) = availability(graph, options=options).services
    assert row.downtime_minutes_per_window == pytest.approx(250)
    (cut,) = cut_sets(graph, "shop", options=options).cut_sets
    assert cut.downtime_minutes_per_window == pytest.approx(250)


def test_cut_sets_are_listed_likeliest_first_with_single_points_and_paths() -> None:
    graph = graph_of("shop -> db & web; web -> h1 | h2")
    options = stating(graph, db=0.01, web=0.0, h1=0.5, h2=0.5)
    found = cut_sets(graph, "shop", options=options)
    assert [(one.cis, one.probability) for one in found.cut_sets] == [
        (("t:server:h1", "t:server:h2"), 0.25),
        (("t:server:db",), 0.01),
        (("t:server:web",), 0.0),
    ]
    assert (found.is_complete, found.count) == (True, 3)
    assert found.single_points_of_failure == ("t:server:db", "t:server:web")
    assert [one.cis for one in found.path_sets] == [
        ("t:server:db", "t:server:h1", "t:server:web"),
        ("t:server:db", "t:server:h2", "t:server:web"),
    ]


def test_path_sets_have_the_probability_that_all_work_and_its_minutes() -> None:
    graph = graph_of("shop -> db & web; web -> h1 | h2 | h3")
    options = stating(graph, db=1e-13, web=0.0, h1=0.25, h2=2e-13)
    found = cut_sets(graph, "shop", options=replace(options, window_minutes=1000.0)).path_sets
    assert ["h2" in one.cis[1] for one in found] == [True, False, False]  # likeliest first
    assert found[0].unavailability == pytest.approx(3e-13, rel=1e-9)  # 1 - probability: 3.0e-13
    assert found[1].probability == pytest.approx(0.75)
    assert found[1].uptime_minutes_per_year == pytest.approx(0.75 * 525_600)
    assert found[1].uptime_minutes_per_window == pytest.approx(750)
    assert (found[2].order, found[2].probability, found[2].uptime_minutes_per_year) == (
        3,
        None,
        None,
    )


def test_cut_sets_left_out_make_the_list_incomplete() -> None:
    graph = graph_of("shop -> db & web")
    options = stating(graph, db=0.5, web=1e-9)
    found = cut_sets(graph, "shop", options=options, min_probability=1e-6)
    assert ([one.order for one in found.cut_sets], found.is_complete) == ([1], False)
    shorter = cut_sets(graph_of("shop -> a | b"), "shop", max_order=1)
    assert (shorter.cut_sets, shorter.count, shorter.is_complete) == ((), 1, False)
    assert shorter.counts_by_order == (0, 0, 1)
    assert "Cut sets of more than 1 CIs are not listed." in shorter.assumptions
    assert "Cut sets less likely than 1e-06 are not listed." in found.assumptions


def test_a_cut_set_with_an_unknown_ci_has_no_probability() -> None:
    (found,) = cut_sets(graph_of("shop -> a | b"), "shop", min_probability=0.5).cut_sets
    assert (found.probability, found.downtime_minutes_per_year) == (None, None)


def test_cut_sets_say_that_those_without_a_number_stand_last() -> None:
    graph = graph_of("shop -> a & b & c")
    answer = cut_sets(graph, "shop", options=stating(graph, b=0.1))
    assert answer.cut_sets[0].cis == ("t:server:b",)
    assert (
        "2 cut sets hold what is of unknown availability: no number, last in the list."
        in answer.assumptions
    )
    known = cut_sets(graph, "shop", options=stating(graph, a=0.1, b=0.1, c=0.1))
    assert not any("unknown" in one for one in known.assumptions)


def test_a_service_that_rests_on_nothing_has_no_cut_sets_and_says_that_it_counts_as_up() -> None:
    graph = graph_of("shop; svc -> a", services=("shop",))
    found = cut_sets(graph, "shop")
    assert (found.cut_sets, found.count, found.is_complete) == ((), 0, True)
    said = (
        "Counted as never down, as nothing beneath can fail: shop."
        " Relations to what is needed may be missing."
    )
    assert said in found.assumptions
    assert said in availability(graph, options=stating(graph, a=0.1)).assumptions
    assert said in explain(graph, "shop").assumptions
    assert not any("never down" in one for one in explain(graph, "svc").assumptions)


def test_explain_says_that_unknown_cis_count_as_perfect_where_the_downtime_comes_from() -> None:
    graph = graph_of("shop -> a & b")
    unknown = explain(graph, "shop", options=stating(graph, a=0.1))
    assert any("the shares make up the lower end" in one for one in unknown.assumptions)
    known = explain(graph, "shop", options=stating(graph, a=0.1, b=0.1))
    assert not any("lower end" in one for one in known.assumptions)


def test_explain_says_what_a_spreadsheet_would_have_said() -> None:
    graph = graph_of("shop -> a | b")
    answer = explain(graph, "shop", options=stating(graph, a=0.1, b=0.1))
    assert answer.spreadsheet[0] == (
        "The product over all CIs beneath, redundancy ignored: 81% available, "
        "94,608 minutes of downtime a year more."
    )
    assert answer.spreadsheet[1].endswith(": 99% available, the same downtime.")
    assert [one.basis for one in answer.contributions] == [Basis.DECLARED, Basis.DECLARED]


def test_a_moment_leaves_out_relations_that_have_ended() -> None:
    records = records_of_text("shop -> db")
    records.dependencies.valid_to[0] = datetime(2026, 1, 1, tzinfo=UTC)
    graph = build_service_graph(records).graph
    at = datetime(2026, 6, 1, tzinfo=UTC)
    (row,) = availability(graph, at=at).services
    assert (row.availability, row.label) == (1.0, Label.EXACT)


def test_what_only_degrades_a_service_says_nothing_of_its_being_down() -> None:
    graph = graph_of("shop -> db; shop ~> mail")
    db = Reliability(mtbf_hours=999.0, mttr_hours=1.0)
    options = AvailabilityOptions(own={graph.resolve("db"): db})
    (row,) = availability(graph, options=options).services
    assert (row.label, row.coverage, row.missing) == (Label.EXACT, 1.0, ())
    assert row.failures_per_year == pytest.approx(8.76)
    assert row.naive_product == row.naive_tree == pytest.approx(0.999)
    (degraded,) = availability(graph, options=replace(options, level=Level.DEGRADED)).services
    assert (degraded.label, degraded.missing) == (Label.INCOMPLETE, ("t:server:mail",))
    assert (degraded.naive_product, degraded.naive_tree) == (None, None)


def test_questions_about_a_small_estate_need_no_compiler() -> None:
    code = (
        "import sys; from datetime import UTC, datetime; import ripplegraph as r;"
        "from ripplegraph.impact.availability import answers as a;"
        "graph, at = r.load('examples/acme'), datetime(2026, 11, 20, 9, tzinfo=UTC);"
        "rows = a.availability(graph, at=at).services; a.importance(graph, at=at);"
        "a.cut_sets(graph, 'Backup', at=at); a.explain(graph, 'Backup', at=at);"
        "print(len(rows) > 20, 'numba' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["True", "False"]


def test_services_on_a_circle_that_a_soft_dependency_closes_do_not_depend_on_themselves() -> None:
    graph = graph_of("svc1 -> svc2; svc2 ~> db; db -> svc1")
    options = stating(graph, svc1=0.5, svc2=0.1)
    answer = availability(graph, ["svc1", "svc2"], options=options)
    assert [row.unavailability for row in answer.services] == pytest.approx([0.55, 0.1])
    assert [row.naive_tree for row in answer.services] == pytest.approx([0.45, 0.9])
    assert not any("depend on themselves" in said for said in answer.assumptions)
