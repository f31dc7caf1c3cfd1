"""Where SLAs stand and go: time to breach, burn rate, chance of a breach, incidents, breaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from graph_building import records_of_text
from impact.timeline.histories import after, graph_with_past, sla, with_past
from ripplegraph.graph.agreements import Agreement, AgreementKind, Window, WindowUnit
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.model import Status
from ripplegraph.graph.process_records import ServiceCost
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.forecasts import sla_forecasts
from ripplegraph.impact.timeline.outlook import SlaOutlook
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.state_at import state_at
from ripplegraph.impact.timeline.windows import parse_window

DAY = 86_400
NINES = Decimal("0.999")
BUDGET = 31 * DAY // 1000  # 2678.4 s
OCTOBER = parse_window("2026-10")


def one_outlook(graph: ServiceGraph, now: datetime) -> SlaOutlook:
    (found,) = sla_forecasts(graph, now=now)
    return found


def gold(**options: object) -> Agreement:
    return sla(target_availability=NINES, **options)


def test_an_outage_that_goes_on_breaches_when_the_budget_is_used_up() -> None:
    graph = graph_with_past("shop -> db", "db 0 600; db 1000 -", agreements=(gold(),))
    found = one_outlook(graph, after(1100))
    assert found.status is Status.DOWN
    assert found.since == after(1000)
    assert found.used_seconds == 700
    assert found.breach_at == after(1000 + 2678 - 600)
    assert found.seconds_to_breach(after(1100)) == 3078 - 1100
    assert not found.is_breached


def test_the_second_of_the_breach_is_the_one_that_a_report_finds_later() -> None:
    graph = graph_with_past("shop -> db", "db 0 600; db 1000 -", agreements=(gold(),))
    later = service_level_reports(graph, now=after(DAY), window=OCTOBER).reports[0]
    assert later.breached_at == one_outlook(graph, after(1100)).breach_at
    assert one_outlook(graph, after(DAY)).breach_at == later.breached_at
    assert one_outlook(graph, after(DAY)).seconds_to_breach(after(DAY)) == 0


def test_only_agreed_hours_bring_the_breach_nearer() -> None:
    night = Calendar(
        calendar_id="c",
        weekly=tuple(
            WeeklyInterval(weekday=day, start_minute=0, end_minute=60) for day in range(7)
        ),
    )
    graph = graph_with_past(
        "shop -> db",
        "db 0 -",
        agreements=(sla(target_availability=Decimal("0.9"), calendar="c"),),
        calendars=(night,),
    )
    found = one_outlook(graph, after(60))
    assert found.budget_seconds == 31 * 360
    # 3,600 s a night: the fourth night of October, 360 s after midnight
    assert found.breach_at == after(3 * DAY + 360)


def test_without_agreed_hours_to_come_nothing_breaches() -> None:
    first = Calendar(
        calendar_id="c",
        weekly=(WeeklyInterval(weekday=3, start_minute=0, end_minute=60),),  # Thursday
    )
    graph = graph_with_past(
        "shop -> db",
        "db 0 -",
        agreements=(sla(target_availability=Decimal("0.5"), calendar="c"),),
        calendars=(first,),
    )
    found = one_outlook(graph, after(29 * DAY))  # Friday 30th; the hours of October are over
    assert found.counts_now == 1
    assert found.is_breached
    kind = graph_with_past(
        "shop -> db", f"db {29 * DAY} -", agreements=graph.agreements, calendars=(first,)
    )
    assert one_outlook(kind, after(29 * DAY)).breach_at is None


def test_what_does_not_count_never_breaches() -> None:
    planned = graph_with_past("shop -> db", "db 0 - planned", agreements=(gold(),))
    assert one_outlook(planned, after(100)).breach_at is None
    up = graph_with_past("shop -> db", "db 0 100", agreements=(gold(),))
    assert one_outlook(up, after(200)).breach_at is None
    late = graph_with_past("shop -> db", f"db {31 * DAY - 100} -", agreements=(gold(),))
    assert one_outlook(late, after(31 * DAY - 50)).breach_at is None


def test_a_degradation_uses_the_budget_by_its_weight() -> None:
    graph = graph_with_past(
        "shop ~> db", "db 0 -", agreements=(gold(degraded_weight=Decimal("0.5")),)
    )
    found = one_outlook(graph, after(100))
    assert found.counts_now == Fraction(1, 2)
    assert found.used_seconds == 50
    assert found.breach_at == after(2 * 2678)  # 2678.4 s: half a second more each second
    late = one_outlook(graph, after(DAY))
    assert late.is_breached
    assert late.breach_at == after(2 * 2678)


def test_in_a_rolling_window_old_downtime_leaves_while_new_comes() -> None:
    window = Window(unit=WindowUnit.ROLLING, days=1)
    agreement = sla(target_availability=Decimal("0.5"), window=window)
    graph = graph_with_past(
        "shop -> db", f"db 0 {DAY // 2}; db {DAY - 100} -", agreements=(agreement,)
    )
    found = one_outlook(graph, after(DAY - 50))
    # half a day of 43,200 s is used and 50 s: over
    assert found.is_breached
    assert found.forecast is None
    kind = graph_with_past(
        "shop -> db", f"db 0 {DAY // 2 - 1000}; db {DAY} -", agreements=(agreement,)
    )
    nearly = one_outlook(kind, after(DAY))
    assert not nearly.is_breached
    # what leaves at the start makes up for what comes, until the first outage has left
    assert nearly.breach_at == after(DAY + DAY // 2)


def test_in_a_rolling_window_the_first_breach_is_told_though_it_heals_again() -> None:
    agreement = sla(
        target_availability=Decimal("0.5"),
        window=Window(unit=WindowUnit.ROLLING, days=1),
        degraded_weight=Decimal("0.5"),
    )
    graph = graph_with_past(
        "shop -> db", f"db 30000 70000; db {DAY} - degradation", agreements=(agreement,)
    )
    # 3,200 s are left: gone after 6,400 at half weight; from second 30,000 more leaves than comes
    assert one_outlook(graph, after(DAY)).breach_at == after(DAY + 6400)


def test_the_budget_is_that_of_the_report_where_planned_time_is_no_agreed_time() -> None:
    agreement = gold(planned_rule="period")
    graph = graph_with_past(
        "shop -> db", "db 0 36000 planned; db 40000 -", agreements=(agreement,)
    )
    found = one_outlook(graph, after(42_660))
    report = service_level_reports(graph, now=after(42_660)).reports[0]
    assert found.budget_seconds == Fraction(31 * DAY - 36_000, 1000) == report.budget_seconds
    assert found.is_breached  # 2,660 s of 2,642.4
    assert found.breach_at == report.breached_at == after(40_000 + 2642)


def test_burn_rates_compare_with_a_budget_that_lasts_just_so_long() -> None:
    graph = graph_with_past("shop -> db", "db 0 36; db 5400 -", agreements=(gold(),))
    found = {one.hours: one.rate for one in one_outlook(graph, after(7200)).burn_rates}
    assert found[1] == 500
    assert found[6] == Fraction(1836 * 1000, 6 * 3600)
    none = graph_with_past(
        "shop -> db", "db 0 36", agreements=(sla(target_availability=Decimal(1)),)
    )
    rates = [one.rate for one in one_outlook(none, after(7200)).burn_rates]
    assert rates == [None] * 5


def test_agreements_without_a_target_or_out_of_force_have_no_outlook() -> None:
    agreements = (sla(agreement_id="a"), gold(agreement_id="b", valid_from=after(DAY)))
    graph = graph_with_past("shop -> db", "db 0 60", agreements=agreements)
    assert sla_forecasts(graph, now=after(100)) == ()
    ended = graph_with_past("shop -> db", "db 0 60", agreements=(gold(valid_to=after(50)),))
    assert sla_forecasts(ended, now=after(100)) == ()
    assert sla_forecasts(graph, now=after(2 * DAY), services=["shop"]) != ()
    ola = replace(graph, agreements=(gold(kind=AgreementKind.OLA),), covered=((0,),))
    assert sla_forecasts(ola, now=after(100)) == ()


def test_the_forecast_is_measured_where_the_service_has_failed() -> None:
    graph = graph_with_past("shop -> db", "db 0 100; db 1000 1300", agreements=(gold(),))
    forecast = one_outlook(graph, after(10 * DAY)).forecast
    assert forecast is not None
    assert (forecast.basis, forecast.failures) == ("measured", 2)
    assert forecast.mtrs_hours == 200 / 3600
    assert forecast.mtbf_hours == pytest.approx((10 * DAY - 400) / 2 / 3600)
    assert forecast.lower is not None
    assert forecast.upper is not None
    assert forecast.probability is not None
    assert 0 < forecast.lower < forecast.probability < forecast.upper < 1


def test_the_first_outage_says_nothing_of_restoration_while_it_goes_on() -> None:
    graph = graph_with_past("shop -> db; x", "x 0 10; db 1000 -", agreements=(gold(),))
    forecast = one_outlook(graph, after(1600)).forecast
    assert forecast is not None
    assert forecast.probability is None
    second = graph_with_past("shop -> db", "db 0 100; db 1000 -", agreements=(gold(),))
    forecast = one_outlook(second, after(1600)).forecast
    assert forecast is not None
    assert forecast.mtrs_hours == pytest.approx(700 / 3600)


def test_an_outage_of_which_no_second_counts_yet_is_neither_failure_nor_restored() -> None:
    """A service that falls outside its agreed hours: told now, counted from the next morning."""
    first_hour = Calendar(
        calendar_id="c",
        weekly=tuple(
            WeeklyInterval(weekday=day, start_minute=0, end_minute=60) for day in range(7)
        ),
    )
    agreed = {"agreements": (gold(calendar="c"),), "calendars": (first_hour,)}
    alone = graph_with_past("shop -> db; x", "x 0 10; db 40000 -", **agreed)
    forecast = one_outlook(alone, after(50_000)).forecast
    assert forecast is not None
    assert (forecast.basis, forecast.probability) == ("", None)
    second = graph_with_past("shop -> db", "db 600 700; db 40000 -", **agreed)
    forecast = one_outlook(second, after(50_000)).forecast
    assert forecast is not None
    assert (forecast.basis, forecast.failures) == ("measured", 1)
    assert forecast.mtrs_hours == 100 / 3600


def declared(outages: str) -> ServiceGraph:
    records = records_of_text("shop -> db; x")
    records.cis.mtbf_hours[1] = 999.0
    records.cis.mttr_hours[1] = 1.0
    return with_past(build_service_graph(records).graph, outages, agreements=(gold(),))


def test_the_forecast_is_derived_where_it_never_failed() -> None:
    forecast = one_outlook(declared("x 0 10"), after(10 * DAY)).forecast
    assert forecast is not None
    assert (forecast.basis, forecast.failures) == ("derived", 0)
    assert forecast.mtbf_hours == pytest.approx(999)
    assert forecast.lower == forecast.probability == forecast.upper


def test_without_any_frequency_only_what_is_sure_is_said() -> None:
    graph = graph_with_past("shop -> db; x", "x 0 10", agreements=(gold(),))
    unknown = one_outlook(graph, after(DAY)).forecast
    assert unknown is not None
    assert unknown.probability is None
    sure = one_outlook(graph, after(31 * DAY - 100)).forecast
    assert sure is not None
    assert sure.probability == 0.0
    nothing = graph_with_past("shop -> db", "", agreements=(gold(),))
    assert one_outlook(nothing, after(DAY)).forecast is not None


def test_a_breach_is_certain_once_the_budget_is_gone() -> None:
    graph = graph_with_past("shop -> db", "db 0 3000", agreements=(gold(),))
    found = one_outlook(graph, after(DAY))
    assert found.forecast is not None
    assert found.forecast.probability == 1.0
    open_since_before = graph_with_past("shop -> db", "db -5000 -", agreements=(gold(),))
    assert one_outlook(open_since_before, after(DAY)).is_breached


COSTS = (
    ServiceCost(service="shop", per_minute=Decimal(90), currency="EUR"),
    ServiceCost(service="svc2", per_minute=Decimal(30), currency="EUR"),
    ServiceCost(service="gone", per_minute=Decimal(30), currency="EUR"),
)


def test_incidents_are_ranked_by_what_they_cost() -> None:
    graph = graph_with_past(
        "shop -> db; svc2 -> web & web2; svc3 -> h1 | h2",
        "web 0 -; web2 0 -; db 50 -; h1 0 -",
        agreements=(gold(penalty_per_minute=Decimal(10), cost_currency="EUR"),),
    )
    graph = replace(graph, service_costs=COSTS)
    found = state_at(graph, after(100))
    assert [(one.ci, dict(one.cost_per_minute)) for one in found.incidents] == [
        ("t:server:db", {"EUR": Decimal("90.00")}),
        ("t:server:web", {"EUR": Decimal("15.00")}),
        ("t:server:web2", {"EUR": Decimal("15.00")}),
        ("t:server:h1", {}),
    ]
    assert found.incidents[0].slas == ("gold",)
    assert found.incidents[0].budget_share_per_minute == pytest.approx(60 / 2678.4)
    assert found.incidents[3].services_impaired == ("t:service:svc3",)
    assert [one.interval.status.word for one in found.services] == ["down", "down", "at_risk"]
    late = state_at(graph, after(DAY))
    assert late.incidents[0].cost_per_minute == {"EUR": Decimal("100.00")}  # and the penalty
    assert late.incidents[0].breach_at == after(50 + 2678)


def test_costs_in_several_currencies_are_not_compared() -> None:
    graph = graph_with_past("shop -> db; svc2 -> web", "web 0 -; db 50 -", agreements=(gold(),))
    costs = (COSTS[0], replace(COSTS[1], currency="USD", per_minute=Decimal(10**6)))
    found = state_at(replace(graph, service_costs=costs), after(100))
    assert [one.ci for one in found.incidents] == ["t:server:db", "t:server:web"]


def test_the_state_of_a_moment_holds_from_its_first_second_and_ends_with_the_outage() -> None:
    graph = graph_with_past("shop -> db", "db 10 20", agreements=(gold(),))
    assert [len(state_at(graph, after(second)).services) for second in (9, 10, 19, 20)] == [
        0,
        1,
        1,
        0,
    ]
    begun = state_at(graph, after(10), with_forecast=False)
    assert begun.services[0].interval.start == after(10)
    assert begun.outlooks[0].used_seconds == 0
    assert begun.outlooks[0].forecast is None


def test_a_planned_outage_is_shown_and_costs_no_budget() -> None:
    graph = graph_with_past("shop -> db", "db 10 - planned", agreements=(gold(),))
    found = state_at(graph, after(100))
    assert found.services[0].interval.in_maintenance
    assert found.incidents[0].slas == ()
    assert found.incidents[0].services_down == ()


def test_planned_work_announced_too_late_is_an_incident_of_the_sla_that_counts_it() -> None:
    (planned,) = graph_with_past("shop -> db", "db 0 - planned").outages
    graph = with_past(
        graph_with_past("shop -> db", ""),
        (replace(planned, announced=after(-60)),),
        agreements=(gold(planned_notice_hours=48),),
    )
    (incident,) = state_at(graph, after(3600)).incidents
    assert incident.slas == ("gold",)
    assert incident.services_down == ("t:service:shop",)
    assert incident.budget_share_per_minute > 0


def test_a_degraded_ci_is_an_incident_that_impairs() -> None:
    found = state_at(graph_with_past("shop -> db", "db 10 - degradation"), after(100))
    assert found.incidents[0].status is Status.DEGRADED
    assert found.incidents[0].services_impaired == ("t:service:shop",)
