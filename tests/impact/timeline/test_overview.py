"""The overview: one row per service with its offerings, strips of days, SLAs by urgency."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from graph_building import records_of_text
from impact.timeline.histories import after, graph_with_past, sla, with_past
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.scenario import Scenario, scenario_of
from ripplegraph.impact.timeline.overview import STRIP_DAYS, ServiceOverview, estate_overview
from ripplegraph.impact.timeline.state_at import state_at
from ripplegraph.impact.timeline.supposed import supposing

DAY = 86_400
GOLD = sla(target_availability=Decimal("0.999"))


def words(row: ServiceOverview) -> str:
    return " ".join(one.word for one in row.worst_of_days)


def test_a_strip_tells_the_worst_status_of_each_day_and_what_was_planned() -> None:
    graph = graph_with_past(
        "shop -> h1 | h2",
        f"h1 {DAY - 60} {DAY + 60}; h2 {DAY + 30} {DAY + 40}; "
        f"h1 {2 * DAY + 5} {2 * DAY + 9} planned; h2 {2 * DAY + 5} {2 * DAY + 9} planned",
    )
    (row,) = estate_overview(graph, after(3 * DAY + 10), days=4).services
    assert words(row) == "at_risk down down up"
    assert row.is_planned == (False, False, True, False)
    assert (row.status, row.interval, row.outlooks) == (Status.UP, None, ())


def test_a_change_at_midnight_belongs_to_the_day_that_begins() -> None:
    graph = graph_with_past("shop -> db", f"db {DAY} {2 * DAY}")
    (row,) = estate_overview(graph, after(3 * DAY), days=4).services
    assert words(row) == "up down up up"


def test_a_status_lasts_since_it_began_whatever_planned_work_came_and_went() -> None:
    past = "db 100 -; db 200 300 planned"
    (row,) = estate_overview(graph_with_past("shop -> db", past), after(400)).services
    assert (row.status, row.since) == (Status.DOWN, after(100))


def test_the_last_day_is_that_of_the_moment() -> None:
    graph = graph_with_past("shop -> db", "")
    found = estate_overview(graph, after(DAY // 2))
    assert len(found.days) == STRIP_DAYS
    assert found.days[-1] == after(0).date()


def test_worst_services_come_first_then_those_with_the_least_budget_left() -> None:
    graph = with_past(
        build_service_graph(
            records_of_text("svc1 -> a; svc2 -> b; svc3 -> c; svc4 -> d; svc5 -> d")
        ).graph,
        "a 0 600; b 0 60; c 700 -",
        agreements=(GOLD,),
        covers=("svc1", "svc2", "svc3"),
    )
    found = estate_overview(graph, after(1000)).services
    assert [one.name for one in found] == ["svc3", "svc1", "svc2", "svc4", "svc5"]
    first = found[0]
    assert first.interval is not None
    assert (first.status, first.interval.root_cis) == (Status.DOWN, ("t:server:c",))
    assert first.outlooks[0].breach_at == after(700 + 2678)
    assert first.outlooks[0].burn_rates == ()


def test_of_slas_with_equal_shares_of_budget_left_the_tighter_target_stands_first() -> None:
    # its id alone would put silver first
    silver = replace(GOLD, agreement_id="a", target_availability=Decimal("0.99"))
    gold = replace(GOLD, agreement_id="b")
    agreements = (silver, gold)
    unused = graph_with_past("shop -> db", "", agreements=agreements)
    (row,) = estate_overview(unused, after(60)).services
    assert [one.agreement for one in row.outlooks] == [gold, silver]
    used = graph_with_past("shop -> db", "db 0 60", agreements=agreements)
    (row,) = estate_overview(used, after(100)).services
    assert [one.agreement for one in row.outlooks] == [gold, silver]


def offering_graph(outages: str) -> ServiceGraph:
    records = records_of_text("shop -> db; gold -> shop & extra; lone -> db")
    for name in ("gold", "lone"):
        place = records.cis.native_id.index(name)
        records.cis.kind[place] = CiKind.SERVICE_OFFERING
    return with_past(
        build_service_graph(records).graph, outages, agreements=(GOLD,), covers=("gold",)
    )


def test_an_offering_counts_with_its_service_and_one_of_no_service_by_itself() -> None:
    graph = offering_graph("extra 0 -")
    rows = {one.name: one for one in estate_overview(graph, after(60)).services}
    assert sorted(rows) == ["lone", "shop"]
    assert rows["shop"].offerings == (graph.ci_ids[graph.resolve("gold")],)
    assert rows["shop"].status is Status.DOWN  # its offering is
    assert [one.agreement for one in rows["shop"].outlooks] == [GOLD]
    assert rows["lone"].status is Status.UP


def test_what_is_supposed_uses_budgets_from_now_on() -> None:
    graph = graph_with_past("shop -> db", "", agreements=(GOLD,))
    scenario = scenario_of(graph, down=["db"])
    (outlook,) = state_at(supposing(graph, scenario, after(100)), after(100)).outlooks
    assert outlook.breach_at == after(100 + 2678)


@pytest.mark.parametrize(
    ("state", "status"), [("down", "down"), ("maintenance", "down"), ("degraded", "degraded")]
)
def test_what_is_supposed_has_the_state_that_was_said(state: str, status: str) -> None:
    graph = graph_with_past("shop -> db", "")
    scenario = scenario_of(graph, **{state: ["db"]})  # type: ignore[arg-type] # one of three
    (service,) = state_at(supposing(graph, scenario, after(9)), after(9)).services
    assert service.interval.status.word == status
    assert service.interval.in_maintenance == (state == "maintenance")


def test_an_open_outage_is_not_supposed_twice() -> None:
    graph = graph_with_past("shop -> db", "db 5 -")
    scenario = scenario_of(graph, down=["db"])
    assert supposing(graph, scenario, after(9)) is graph
    assert supposing(graph, Scenario(), after(9)) is graph
    ended = replace(graph, outages=(replace(graph.outages[0], end=after(8)),))
    assert len(supposing(ended, scenario, after(9)).outages) == 2


def test_slas_that_promise_nothing_or_cover_no_service_are_left_out() -> None:
    graph = graph_with_past("shop -> db", "", agreements=(sla(), GOLD), covers=("shop", "db"))
    (row,) = estate_overview(graph, after(60)).services
    assert [one.agreement for one in row.outlooks] == [GOLD]
