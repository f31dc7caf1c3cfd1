"""Availability of the services of a graph: published cases, brute force, labels and reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from impact.random_graphs import graphs
from ripplegraph.graph.agreements import Agreement, AgreementKind, Scope
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.answers import availability, cut_sets, explain, importance
from ripplegraph.impact.availability.options import (
    AvailabilityOptions,
    Reliability,
)
from ripplegraph.impact.availability.values import (
    MINUTES_PER_YEAR,
    Basis,
    Label,
    Level,
    ServiceAvailability,
)
from ripplegraph.impact.propagation.fixpoint import propagate


def stating(graph: ServiceGraph, **u: float) -> AvailabilityOptions:
    """State the unavailability of CIs by name."""
    own = {graph.resolve(name): Reliability(unavailability=value) for name, value in u.items()}
    return AvailabilityOptions(own=own)


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


RING = (
    "shop -> p1 & p2 & p3 & p4 & p5;"
    "p1 -> a | b; p2 -> b | c; p3 -> c | d; p4 -> d | e; p5 -> e | a"
)


def ring_down(u: float) -> float:
    """Return the unavailability of the ring: up while no two neighbours have failed."""
    up = (1 - u) ** 5 + 5 * u * (1 - u) ** 4 + 5 * u**2 * (1 - u) ** 3
    return 1 - up


def budgeted(graph: ServiceGraph, u: float, **more: object) -> AvailabilityOptions:
    """State the unavailability of a to e, and a budget that the ring of pairs exceeds."""
    own = dict.fromkeys("abcde", u) | dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), 0.0)
    return replace(stating(graph, **own), nodes_per_module=(4,), **more)  # type: ignore[arg-type]


def test_a_service_beyond_the_budget_is_bounded_and_shows_the_lower_bound() -> None:
    graph = graph_of(RING)
    (row,) = availability(graph, options=budgeted(graph, 0.001)).services
    assert (row.label, row.method) == (Label.BOUNDED, "certified block bounds")
    assert row.lower < ring_down(0.001) < row.upper
    assert row.unavailability == row.lower
    assert row.width_seconds_per_year == pytest.approx((row.upper - row.lower) * 365 * 86_400)
    assert row.failures_per_year is None


def test_bounds_too_far_apart_are_narrowed_by_sampling() -> None:
    graph = graph_of(RING)
    options = budgeted(graph, 0.5, samples=6400, seed=3)
    (row,) = availability(graph, options=options).services
    assert row.label is Label.ESTIMATED
    assert row.method.startswith("Monte Carlo: 6,400 samples, seed 3, 95%")
    assert row.unavailability is not None
    assert row.lower < row.unavailability < row.upper
    assert row.lower < ring_down(0.5) < row.upper
    again = availability(graph, options=options).services[0]
    assert again == row
    assert availability(graph, options=replace(options, seed=2)).services[0] != row


def test_an_estimate_can_be_asked_for_and_unknown_inputs_widen_it() -> None:
    graph = graph_of("shop -> db & web")
    options = replace(stating(graph, db=0.25), is_estimate=True, samples=6400)
    (row,) = availability(graph, options=options).services
    assert (row.label, row.unavailability, row.upper) == (Label.INCOMPLETE, None, 1.0)
    assert row.lower == pytest.approx(0.25, abs=0.03)
    assert row.lower < 0.25
    known = replace(
        options, own={**options.own, graph.resolve("web"): Reliability(unavailability=0)}
    )
    (row,) = availability(graph, options=known).services
    assert (row.label, row.availability) == (Label.ESTIMATED, 1.0 - (row.unavailability or 0.0))


def test_an_unknown_input_of_a_service_beyond_the_budget_bounds_it_from_both_ends() -> None:
    graph = graph_of(RING)
    options = budgeted(graph, 0.001)
    known = {ci: one for ci, one in options.own.items() if ci != graph.resolve("a")}
    (row,) = availability(graph, options=replace(options, own=known)).services
    assert row.label is Label.INCOMPLETE
    assert row.lower <= 3e-6  # a never fails: three pairs are left
    assert row.upper >= 1.999e-3  # a always fails: b or e is enough


def test_nothing_but_bounds_is_given_once_the_time_is_over() -> None:
    graph = graph_of("shop -> a | b")
    options = replace(stating(graph, a=0.1, b=0.2), is_over=lambda: True, samples=640)
    (row,) = availability(graph, options=options).services
    assert row.label in (Label.BOUNDED, Label.ESTIMATED)
    assert row.lower <= 0.02 <= row.upper


def with_agreements(text: str, *agreements: Agreement) -> ServiceGraph:
    records = records_of_text(text)
    records.agreements.extend(agreements)
    return build_service_graph(records).graph


def promise(name: str, kind: AgreementKind, covers: str, target: str, **more: object) -> Agreement:
    return Agreement(
        agreement_id=name,
        kind=kind,
        covers=(covers,),
        target_availability=Decimal(target),
        **more,  # type: ignore[arg-type]
    )


def basis_of(graph: ServiceGraph, ci: str, at: datetime | None = None) -> tuple[Basis, str]:
    found = {one.native_id: one for one in explain(graph, "shop", at=at).inputs}
    return found[ci].basis, found[ci].detail


def test_the_ola_answers_before_the_supplier_behind_it() -> None:
    graph = with_agreements(
        "shop -> db",
        promise("upc", AgreementKind.UPC, "db", "0.9"),
        promise("ola", AgreementKind.OLA, "db", "0.99"),
    )
    assert basis_of(graph, "db") == (Basis.AGREEMENT, "OLA ola")
    assert availability(graph).services[0].unavailability == pytest.approx(0.01)


def test_of_two_olas_the_stricter_is_not_silently_chosen() -> None:
    graph = with_agreements(
        "shop -> db",
        promise("one", AgreementKind.OLA, "db", "0.999"),
        promise("two", AgreementKind.OLA, "db", "0.99"),
    )
    assert basis_of(graph, "db") == (Basis.AGREEMENT, "OLA two, the least of 2 that cover it")


def test_an_agreement_counts_only_while_it_is_in_force() -> None:
    ended = promise(
        "ola", AgreementKind.OLA, "db", "0.99", valid_to=datetime(2026, 1, 1, tzinfo=UTC)
    )
    graph = with_agreements("shop -> db", ended)
    after = datetime(2026, 6, 1, tzinfo=UTC)
    assert basis_of(graph, "db", after)[0] is Basis.UNKNOWN
    assert basis_of(graph, "db", datetime(2025, 6, 1, tzinfo=UTC))[0] is Basis.AGREEMENT


def test_an_inclusive_promise_counts_where_nothing_lies_beneath_or_is_cut_off() -> None:
    inclusive = promise("upc", AgreementKind.UPC, "web", "0.99", scope=Scope.INCLUSIVE)
    assert basis_of(with_agreements("shop -> web", inclusive), "web")[0] is Basis.AGREEMENT
    graph = with_agreements("shop -> web; web -> db", inclusive)
    assert basis_of(graph, "web")[0] is Basis.UNKNOWN
    options = AvailabilityOptions(cut_points=[graph.resolve("web")])
    answer = availability(graph, options=options)
    assert answer.services[0].unavailability == pytest.approx(0.01)
    assert "beneath a CI of inclusive promise" in " ".join(answer.assumptions)


def with_db(**cells: object) -> ServiceGraph:
    records = records_of_text("shop -> db")
    at = records.cis.native_id.index("db")
    for name, value in cells.items():
        getattr(records.cis, name)[at] = value
    return build_service_graph(records).graph


def test_times_give_availability_frequency_and_down_time() -> None:
    graph = with_db(mtbf_hours=1000.0, mttr_hours=10.0)
    (row,) = availability(graph).services
    assert row.availability == pytest.approx(0.9900990099)  # published as 0.9901 (S26)
    assert row.failures_per_year == pytest.approx(8760 / 1010)
    assert row.mtbf_hours == pytest.approx(1000)
    assert row.mean_down_time_hours == pytest.approx(10)
    assert row.cycle_hours == pytest.approx(1010)


def test_availability_alone_gives_no_frequency_and_says_whose_is_missing() -> None:
    (row,) = availability(with_db(availability=Decimal("0.99"))).services
    assert row.unavailability == pytest.approx(0.01)
    assert (row.failures_per_year, row.missing_frequency) == (None, ("t:server:db",))


def test_availability_and_a_time_to_restore_give_the_frequency() -> None:
    (row,) = availability(with_db(availability=Decimal("0.99"), mttr_hours=8.76)).services
    assert row.failures_per_year == pytest.approx(10)


def test_a_perfect_ci_never_fails() -> None:
    (row,) = availability(with_db(availability=Decimal(1))).services
    assert (row.availability, row.failures_per_year, row.mtbf_hours) == (1.0, 0.0, None)


def test_a_promised_time_to_restore_counts_with_the_ci_s_own_mtbf() -> None:
    graph = with_db(mtbf_hours=996.0)
    options = AvailabilityOptions(promised_restoration_hours={graph.resolve("db"): 4.0})
    answer = explain(graph, "shop", options=options)
    assert answer.inputs[0].basis is Basis.AGREEMENT_TIME
    assert answer.service.unavailability == pytest.approx(0.004)


def test_a_class_default_stands_in_where_nothing_else_is_known() -> None:
    graph = graph_of("shop -> db")
    defaults = {"server": Reliability(unavailability=0.02)}
    answer = explain(graph, "shop", options=AvailabilityOptions(class_defaults=defaults))
    assert (answer.inputs[0].basis, answer.inputs[0].detail) == (
        Basis.CLASS_DEFAULT,
        "default of class server",
    )
    assert answer.service.unavailability == pytest.approx(0.02)


def test_bases_are_counted_and_assumptions_said() -> None:
    answer = availability(graph_of("shop -> a; a -> b; b -> a"))
    assert answer.basis_counts == {"logical": 1, "unknown": 2}
    assert "2 CIs depend on themselves: what holds itself up counts as up." in answer.assumptions
    assert availability(graph_of("shop -> db"), []).services == ()


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
    assert found.path_sets == (
        ("t:server:db", "t:server:h1", "t:server:web"),
        ("t:server:db", "t:server:h2", "t:server:web"),
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


def test_importance_names_the_cis_by_minutes_at_stake() -> None:
    graph = with_db(mtbf_hours=99.0, mttr_hours=1.0)
    for answer in (importance(graph, "shop"), importance(graph)):
        (row,) = answer.rows
        assert (row.name, row.birnbaum, row.rrw) == ("db", 1.0, None)
        assert row.minutes == pytest.approx(0.01 * MINUTES_PER_YEAR)
        assert (row.mtbf_hours, row.mean_down_time_hours) == pytest.approx((99.0, 1.0))


def test_explain_says_what_a_spreadsheet_would_have_said() -> None:
    graph = graph_of("shop -> a | b")
    answer = explain(graph, "shop", options=stating(graph, a=0.1, b=0.1))
    assert answer.spreadsheet[0] == (
        "The product over all CIs beneath, redundancy ignored: 0.81, "
        "9.461e+04 minutes of downtime a year more."
    )
    assert [one.basis for one in answer.contributions] == [Basis.DECLARED, Basis.DECLARED]


def test_fussell_vesely_is_the_chance_of_a_cut_set_with_the_ci() -> None:
    graph = graph_of("shop -> p1 & p2; p1 -> a | b; p2 -> b | c")
    options = stating(graph, a=0.1, b=0.2, c=0.3, p1=0, p2=0)
    rows = {one.native_id: one for one in importance(graph, "shop", options=options).rows}
    total = 0.074  # F2 of SCRAM's bench_core
    expected = {"a": 0.02, "b": 0.2 * (1 - 0.9 * 0.7), "c": 0.06, "p1": 0.0, "p2": 0.0}
    for name, chance in expected.items():
        assert rows[name].fussell_vesely == pytest.approx(chance / total)
    # DIF also counts a beside the cut set of b and c
    assert rows["a"].dif == pytest.approx((0.02 + 0.0) / total)


def test_the_longest_importances_of_an_estate_are_the_first_of_all() -> None:
    graph = graph_of("svc1 -> a & b; svc2 -> b & c; svc3 -> c & a")
    options = stating(graph, a=0.01, b=0.02, c=0.02)
    every = importance(graph, options=options)
    first = importance(graph, options=options, limit=3)
    assert (len(every.rows), every.row_count) == (6, 6)
    assert first.rows == every.rows[:3]
    assert first.row_count == 6


def test_services_with_too_many_cut_sets_have_no_fussell_vesely_and_it_shows() -> None:
    graph = graph_of("shop -> 30 of (" + ", ".join(f"h{n}" for n in range(60)) + ")")
    options = stating(graph, **{f"h{n}": 0.1 for n in range(60)})
    answer = importance(graph, "shop", options=options)
    assert {one.fussell_vesely for one in answer.rows} == {None}
    assert "No Fussell-Vesely importance for 1: too many minimal cut sets." in answer.assumptions
    cuts = cut_sets(graph, "shop", options=options)
    assert cuts.count == comb(60, 31)
    assert (cuts.cut_sets, cuts.path_sets) == ((), ())
    assert "Cut sets of more than 30 CIs are not listed." in cuts.assumptions
    assert "The minimal path sets are too many to be listed." in cuts.assumptions


def test_a_moment_leaves_out_relations_that_have_ended() -> None:
    records = records_of_text("shop -> db")
    records.dependencies.valid_to[0] = datetime(2026, 1, 1, tzinfo=UTC)
    graph = build_service_graph(records).graph
    at = datetime(2026, 6, 1, tzinfo=UTC)
    (row,) = availability(graph, at=at).services
    assert (row.availability, row.label) == (1.0, Label.EXACT)


def test_cis_of_one_kind_are_weighed_together() -> None:
    records = records_of_text("shop -> db & web; web -> h1 | h2")
    cis = records.cis
    for name, team, supplier, tags in (
        ("h1", "compute", "", ("a", "b")),
        ("h2", "compute", "Acme", ("a",)),
        ("db", "data", "", ()),
    ):
        at = cis.native_id.index(name)
        cis.owner_team[at], cis.supplier[at], cis.tags[at] = team, supplier, tags
    graph = build_service_graph(records).graph
    options = stating(graph, db=0.1, web=0.0, h1=0.5, h2=0.5)
    answer = importance(graph, "shop", options=options, group_by="team")
    assert [(one.key, one.ci_count) for one in answer.groups] == [("compute", 2), ("data", 1)]
    compute = answer.groups[0]
    total = 1 - 0.9 * 0.75
    assert compute.minutes == pytest.approx((total - 0.1) * MINUTES_PER_YEAR)
    assert compute.birnbaum == pytest.approx(0.9)
    assert compute.criticality == pytest.approx((total - 0.1) / total)
    assert compute.raw == pytest.approx(1 / total)
    assert compute.rrw == pytest.approx(total / 0.1)
    for kind, keys in (("supplier", ["Acme"]), ("tag", ["a", "b"]), ("class", ["server"])):
        groups = importance(graph, "shop", options=options, group_by=kind).groups
        assert [one.key for one in groups] == keys
    assert groups[0].rrw is None


def test_an_unknown_way_of_grouping_is_refused() -> None:
    with pytest.raises(ValueError, match="need one of class, team, supplier, tag, got 'size'"):
        importance(graph_of("shop -> db"), group_by="size")


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


@pytest.mark.parametrize("level", list(Level))
def test_a_circle_too_large_to_work_out_is_unknown_and_it_shows(level: Level) -> None:
    ring = "; ".join(f"s{n} -> s{(n - 1) % 9} | s{(n + 1) % 9}" for n in range(9))
    graph = graph_of(f"shop -> s0; {ring}; mail -> db", services=("shop", "mail"))
    u = {f"s{n}": 0.1 for n in range(9)} | {"db": 0.25}
    options = replace(stating(graph, **u), level=level)
    exact = availability(graph, options=options).services[0]
    small = replace(options, steps_per_circle=20)
    answer = availability(graph, options=small)
    shop, mail = answer.services
    assert (shop.label, shop.upper) == (Label.INCOMPLETE, 1.0)
    assert shop.lower == pytest.approx(0.1)
    assert shop.lower <= (exact.unavailability or 0.0) <= shop.upper
    assert shop.missing == ("circle:t:server:s0",)
    assert (mail.label, mail.unavailability) == (Label.EXACT, 0.25)
    assert any("A circle of 9 CIs with redundancy is too large" in o for o in answer.assumptions)
    assert explain(graph, "shop", options=small).service.label is Label.INCOMPLETE
    assert importance(graph, "shop", options=small).rows[0].native_id == "s0"


def test_what_is_not_exact_says_why_it_has_no_contributions() -> None:
    graph = graph_of("shop -> 2 of (a, b, c, d)")
    known = {"shop": 0.0, "a": 0.1, "b": 0.1, "c": 0.1, "d": 0.1}
    options = replace(stating(graph, **known), nodes_per_module=(1,), samples=640)
    found = explain(graph, "shop", options=options)
    assert found.contributions == ()
    assert (
        found.assumptions[-1] == "No contributions: not exact within the budget of diagram nodes."
    )
