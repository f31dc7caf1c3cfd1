"""What CIs and groups of them mean to services, in graphs."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest

from graph_building import graph_of, records_of_text
from impact.availability.stated import RING, budgeted, stating, with_db
from ripplegraph.graph.build import build_service_graph
from ripplegraph.impact.availability.answers import cut_sets, explain, importance
from ripplegraph.impact.availability.values import (
    MINUTES_PER_YEAR,
    Label,
)


@pytest.mark.parametrize("left", [1e-6, 1e-13, 1e-20])
def test_what_a_perfect_ci_leaves_keeps_its_digits(left: float) -> None:
    graph = graph_of("shop -> db & web")
    options = stating(graph, db=0.5, web=left, shop=0)
    db = importance(graph, "shop", options=options).rows[0]
    assert db.rrw == pytest.approx((0.5 + 0.5 * left) / left, rel=1e-12)


def test_importance_names_the_cis_by_minutes_at_stake() -> None:
    graph = with_db(mtbf_hours=99.0, mttr_hours=1.0)
    for answer in (importance(graph, "shop"), importance(graph)):
        (row,) = answer.rows
        assert (row.name, row.birnbaum, row.rrw) == ("db", 1.0, None)
        assert row.minutes == pytest.approx(0.01 * MINUTES_PER_YEAR)
        assert (row.mtbf_hours, row.mean_down_time_hours) == pytest.approx((99.0, 1.0))


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


def test_what_is_unknown_has_no_minutes_at_stake_and_its_service_is_incomplete() -> None:
    graph = graph_of("shop -> db & web; svc2 -> db")
    options = stating(graph, db=0.1)
    answer = importance(graph, options=options)
    rows = {(str(one.service), one.native_id): one for one in answer.rows}
    assert {key[0]: one.label for key, one in rows.items()} == {
        "t:service:shop": Label.INCOMPLETE,
        "t:service:svc2": Label.EXACT,
    }
    web = rows["t:service:shop", "web"]
    assert (web.minutes, web.minutes_lower, web.minutes_upper) == (None, None, None)
    assert (web.criticality, web.dif, web.rrw, web.fussell_vesely) == (None,) * 4
    assert (web.contribution_minutes, web.minutes_per_window) == (None, None)
    assert (web.birnbaum, web.raw) == pytest.approx((0.9, 10.0))
    assert rows["t:service:shop", "db"].minutes == pytest.approx(0.1 * MINUTES_PER_YEAR)
    (total,) = [one for one in answer.totals if one.native_id == "web"]
    assert (total.minutes, total.worst_service, total.worst_minutes) == (None, None, None)
    assert (total.service_count, total.alone_count) == (1, 1)
    said = "What is of unknown availability counts as perfect here"
    assert any(one.startswith(said) for one in answer.assumptions)
    known = importance(graph, "svc2", options=options)
    assert not any(one.startswith(said) for one in known.assumptions)


def test_the_longest_importances_of_an_estate_are_the_first_of_all() -> None:
    graph = graph_of("svc1 -> a & b; svc2 -> b & c; svc3 -> c & a")
    options = stating(graph, a=0.01, b=0.02, c=0.02)
    every = importance(graph, options=options)
    first = importance(graph, options=options, limit=3)
    assert (len(every.rows), every.row_count) == (6, 6)
    assert first.rows == every.rows[:3]
    assert first.row_count == 6


def test_contributions_in_an_estate_are_those_of_each_service_and_add_up() -> None:
    graph = graph_of("svc1 -> a & p; p -> b | c; svc2 -> b & c")
    options = stating(graph, a=0.01, b=0.1, c=0.2, p=0.0)
    rows = importance(graph, options=options).rows
    for service in ("svc1", "svc2"):
        answer = explain(graph, service, options=options)
        found = {
            one.ci_id: one.contribution_minutes
            for one in rows
            if one.service == answer.service.ci_id and one.contribution_minutes
        }
        expected = {one.ci_id: one.minutes_per_year for one in answer.contributions}
        assert found == pytest.approx(expected)
        assert sum(found.values()) == pytest.approx(answer.service.downtime_minutes_per_year)


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


def test_groups_with_a_ci_of_unknown_availability_say_so() -> None:
    records = records_of_text("shop -> db & web; shop -> h1 | h2")
    for name, team in (("db", "data"), ("h1", "data"), ("web", "desk"), ("h2", "desk")):
        records.cis.owner_team[records.cis.native_id.index(name)] = team
    graph = build_service_graph(records).graph
    options = stating(graph, db=0.1, h1=0.5, h2=0.5, shop=0)  # web is unknown
    answer = importance(graph, options=options, group_by="team")
    data, desk = answer.groups
    assert (data.key, data.label, desk.key, desk.label) == (
        "data",
        Label.INCOMPLETE,
        "desk",
        Label.INCOMPLETE,
    )
    assert data.minutes == pytest.approx((1 - 0.9 * 0.75) * MINUTES_PER_YEAR)
    assert desk.birnbaum == pytest.approx(0.9)
    assert desk.raw == pytest.approx(1 / (1 - 0.9 * 0.75))
    assert (desk.minutes, desk.minutes_lower, desk.minutes_upper, desk.criticality) == (None,) * 4
    assert (desk.fussell_vesely, desk.dif, desk.rrw) == (None,) * 3
    totals = {one.key: one for one in answer.group_totals}
    assert totals["data"].label is totals["desk"].label is Label.INCOMPLETE
    assert totals["data"].minutes == data.minutes
    assert (totals["desk"].minutes, totals["desk"].worst_service) == (None, None)


def test_groups_of_a_service_beyond_the_budget_lie_between_bounds() -> None:
    graph = graph_of(RING)
    options = budgeted(graph, 0.01)
    (exact,) = importance(
        graph, "shop", options=replace(options, nodes_per_module=(8192,)), group_by="class"
    ).groups
    answer = importance(graph, "shop", options=options, group_by="class")
    (found,) = answer.groups
    assert (exact.label, found.label) == (Label.EXACT, Label.BOUNDED)
    assert None not in (exact.minutes, found.minutes_lower, found.minutes_upper)
    assert (found.minutes_lower or 0) < (exact.minutes or 0) < (found.minutes_upper or 0)
    assert found.fussell_vesely is None
    said = " ".join(answer.assumptions)
    assert "Groups of t:service:shop lie between bounds, as the number does" in said
    assert "too many minimal cut sets" not in said
    over = importance(
        graph, "shop", options=replace(options, is_over=lambda: True), group_by="class"
    )
    assert over.groups == ()
    assert "No groups for t:service:shop: not exact within the budget" in " ".join(
        over.assumptions
    )
