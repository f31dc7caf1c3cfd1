"""Reports on service levels: published cases, rules of agreements, versions, and properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from graph_building import graph_of
from impact.timeline.histories import START, after, graph_with_past, outages_of, sla, with_past
from ripplegraph.errors import UnknownCiError
from ripplegraph.graph.agreements import (
    Agreement,
    AgreementKind,
    AgreementState,
    Scope,
    Window,
    WindowUnit,
)
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.counting import MeasuredHistory, measure
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.values import LevelReport, OutageClass, Verdict
from ripplegraph.impact.timeline.windows import WindowPart, parse_window

OCTOBER = parse_window("2026-10")
DAY = 86_400
LATER = datetime(2027, 1, 1, tzinfo=UTC)
NINES = Decimal("0.999")


def report_of(
    graph: ServiceGraph, *, now: datetime = LATER, window: str = "2026-10"
) -> LevelReport:
    found = service_level_reports(graph, now=now, window=parse_window(window))
    assert len(found.reports) == 1
    return found.reports[0]


def rolling(days: int, **options: object) -> Agreement:
    window = Window(unit=WindowUnit.ROLLING, days=days)
    return sla(target_availability=NINES, window=window, **options)


def test_sixty_seconds_of_a_day_are_down() -> None:
    """Published case M1 (OVH DepC): 60 s down, 86,339 s up, 99.931 % of 86,399 s."""
    begin, end = 1_595_980_800, 1_596_067_199
    graph = with_past(
        graph_of("shop -> db"),
        (
            Outage(
                ci="db",
                start=datetime.fromtimestamp(1_595_994_000, UTC),
                end=datetime.fromtimestamp(1_595_994_060, UTC),
            ),
        ),
        agreements=(sla(target_availability=NINES),),
    )
    history = MeasuredHistory(graph=graph, now=LATER)
    part = WindowPart(
        start=datetime.fromtimestamp(begin, UTC),
        end=datetime.fromtimestamp(end, UTC),
        is_whole=True,
    )
    found = measure(history, 0, graph.agreements[0], part)
    assert (found.down_seconds, found.agreed_seconds - found.down_seconds) == (60, 86_339)
    assert f"{100 * float(found.availability() or 0):.3f}" == "99.931"


def test_a_second_ci_that_is_always_up_changes_nothing() -> None:
    """Published case M2 (OVH DepC)."""
    alone = report_of(graph_with_past("shop -> db", "db 0 60", agreements=(sla(),)))
    both = report_of(graph_with_past("shop -> db & db2", "db 0 60", agreements=(sla(),)))
    assert alone.availability == both.availability
    assert both.down_seconds == 60


def test_no_data_at_all_is_neither_zero_nor_all() -> None:
    """Published case M4 (OVH DepC): None."""
    found = report_of(
        graph_with_past("shop -> db", "", agreements=(sla(target_availability=NINES),))
    )
    assert found.availability is None
    assert found.met is None
    assert found.verdict is Verdict.NO_DATA
    assert any("nothing observed" in note for note in found.notes)


def test_mtbf_and_mtrs_follow_the_published_formulas() -> None:
    """Published case M11 (ServiceNow): uptime less downtime by outages, downtime by outages."""
    found = report_of(graph_with_past("shop -> db", "db 0 100; db 500 800", agreements=(sla(),)))
    assert found.outage_count == 2
    assert found.mtbf_seconds == Fraction(31 * DAY - 400, 2)
    assert found.mtrs_seconds == 200
    assert found.longest_seconds == 300
    assert found.availability == Fraction(31 * DAY - 400, 31 * DAY)


def test_an_hour_down_in_thirty_days_overdraws_three_nines() -> None:
    """Published case M12 (Zabbix): 99.861111 %, budget left -1008 s."""
    graph = graph_with_past("shop -> db", "db 0 3600", agreements=(rolling(30),))
    found = service_level_reports(graph, now=after(30 * DAY)).reports[0]
    assert f"{100 * float(found.availability or 0):.6f}" == "99.861111"
    assert found.budget_seconds == 2592
    assert found.budget_left_seconds == -1008
    assert found.met is False


@pytest.mark.parametrize(("rule", "percent"), [("downtime", "99.930556"), ("period", "99.930507")])
def test_planned_time_is_taken_out_by_the_rule_of_the_agreement(rule: str, percent: str) -> None:
    """Published case M13 (Zabbix and Checkmk conventions)."""
    graph = graph_with_past(
        "shop -> db",
        "db 0 3600; db 0 1800 planned",
        agreements=(rolling(30, planned_rule=rule),),
    )
    found = service_level_reports(graph, now=after(30 * DAY)).reports[0]
    assert f"{100 * float(found.availability or 0):.6f}" == percent
    assert (found.down_seconds, found.planned_seconds) == (1800, 1800)
    both = (found.availability_downtime_rule, found.availability_period_rule)
    assert [f"{100 * float(one or 0):.6f}" for one in both] == ["99.930556", "99.930507"]
    taken_out = 1800 if rule == "period" else 0
    assert found.agreed_seconds == 30 * DAY - taken_out
    assert found.budget_seconds == Fraction(30 * DAY - taken_out, 1000)


def test_three_outages_of_twenty_minutes_overdraw_four_nines_of_a_year() -> None:
    """Published case D7 (The Calculus of Service Availability): 60 min against 52.56 min."""
    graph = graph_with_past(
        "shop -> db",
        "db 0 1200; db 5000 6200; db 9000 10200",
        agreements=(rolling(365),),
    )
    graph = replace(
        graph, agreements=(replace(graph.agreements[0], target_availability=Decimal("0.9999")),)
    )
    found = service_level_reports(graph, now=after(365 * DAY)).reports[0]
    assert found.budget_seconds == Fraction(3153_6, 10)
    assert found.budget_left_seconds == Fraction(3153_6, 10) - 3600
    assert found.verdict is Verdict.MISSED


def test_a_window_that_runs_is_open_until_its_budget_is_gone_or_its_end_is_sure() -> None:
    graph = graph_with_past(
        "shop -> db", "db 0 60; db 1000 4600", agreements=(sla(target_availability=NINES),)
    )
    early = report_of(graph, now=after(500))
    assert (early.verdict, early.met, early.is_over) == (Verdict.OPEN, None, False)
    assert early.agreed_seconds == 500
    assert early.budget_seconds == Fraction(31 * DAY, 1000)
    assert report_of(graph, now=after(5000)).verdict is Verdict.MISSED
    kind = graph_with_past("shop -> db", "db 0 60", agreements=graph.agreements)
    assert report_of(kind, now=after(31 * DAY - 2000)).verdict is Verdict.MET


def test_only_agreed_hours_count() -> None:
    office = Calendar(
        calendar_id="office",
        time_zone="Europe/Berlin",
        weekly=tuple(
            WeeklyInterval(weekday=day, start_minute=480, end_minute=1080) for day in range(5)
        ),
    )
    graph = graph_with_past(
        "shop -> db",
        f"db {15 * 3600} {18 * 3600}; db {20 * 3600} {21 * 3600}",  # Thu 17:00-20:00, 22:00 local
        agreements=(sla(calendar="office", target_availability=NINES),),
        calendars=(office,),
    )
    found = report_of(graph)
    assert found.down_seconds == 3600
    assert found.agreed_seconds == 22 * 10 * 3600
    assert [one.outage_class for one in found.outages] == [
        OutageClass.COUNTED,
        OutageClass.OUTSIDE_HOURS,
    ]
    assert found.window_start == datetime(2026, 9, 30, 22, tzinfo=UTC)


def test_an_unknown_calendar_is_round_the_clock() -> None:
    other = Calendar(calendar_id="other", time_zone="Europe/Berlin")
    graph = graph_with_past(
        "shop -> db", "db 0 60", agreements=(sla(calendar="office"),), calendars=(other,)
    )
    assert report_of(graph).agreed_seconds == 31 * DAY


def test_the_zone_of_an_agreement_wins_over_its_calendar() -> None:
    graph = graph_with_past(
        "shop -> db", "db 0 1", agreements=(sla(time_zone="America/New_York"),)
    )
    assert report_of(graph).window_start == datetime(2026, 10, 1, 4, tzinfo=UTC)
    assert not any("no time zone" in note for note in report_of(graph).notes)


def test_degradation_counts_by_its_weight() -> None:
    graph = graph_with_past(
        "shop ~> mail; shop -> db",
        "mail 0 1000; db 500 600",
        agreements=(sla(degraded_weight=Decimal("0.25"), target_availability=NINES),),
    )
    found = report_of(graph)
    assert (found.down_seconds, found.degraded_seconds) == (100, 900)
    assert found.used_seconds == 100 + Fraction(900, 4)
    assert found.budget_left_seconds == Fraction(31 * DAY, 1000) - 325


def test_planned_degradation_does_not_count_as_degraded() -> None:
    found = report_of(
        graph_with_past("shop ~> mail", "mail 0 100; mail 50 80 planned", agreements=(sla(),))
    )
    assert found.degraded_seconds == 70


def test_excluded_outages_are_shown_with_their_clause_and_not_counted() -> None:
    found = report_of(
        graph_with_past("shop -> db", "db 0 100 excluded; db 90 120", agreements=(sla(),))
    )
    assert (found.down_seconds, found.excluded_seconds) == (20, 100)
    assert found.outages[0].causes[0].excluded == "clause 7, Ms Roe"
    only = report_of(graph_with_past("shop -> db", "db 0 100 excluded", agreements=(sla(),)))
    assert [one.outage_class for one in only.outages] == [OutageClass.EXCLUDED]
    assert only.outage_count == 0
    assert only.mtbf_seconds is None


def test_outages_shorter_than_the_agreement_says_do_not_count() -> None:
    graph = graph_with_past(
        "shop -> db & web",
        "db 0 59; db 100 160; web 150 200",
        agreements=(sla(min_outage_seconds=60),),
    )
    found = report_of(graph)
    assert (found.down_seconds, found.too_short_seconds, found.outage_count) == (100, 59, 1)
    assert [one.outage_class for one in found.outages] == [
        OutageClass.TOO_SHORT,
        OutageClass.COUNTED,
    ]


def test_a_planned_outage_is_listed_as_such() -> None:
    found = report_of(graph_with_past("shop -> db", "db 0 100 planned", agreements=(sla(),)))
    assert [one.outage_class for one in found.outages] == [OutageClass.PLANNED]
    assert found.outages[0].planned_seconds == 100


def test_planned_windows_announced_late_count_and_the_report_says_so() -> None:
    late = Outage(
        ci="db", start=after(100), end=after(200), kind=OutageKind.PLANNED, announced=after(0)
    )
    graph = with_past(
        graph_of("shop -> db"),
        (late, *outages_of("db 150 300")),
        agreements=(sla(planned_notice_hours=24.0),),
    )
    assert report_of(graph).down_seconds == 200
    early = replace(graph.outages[0], announced=after(-25 * 3600), change="CHG1")
    found = report_of(replace(graph, outages=(early, graph.outages[1])))
    assert (found.down_seconds, found.planned_seconds) == (100, 100)
    assert any("24 h ahead" in note for note in found.notes)
    assert found.outages[0].causes[0].change == "CHG1"


def test_a_window_across_two_versions_is_split_and_each_has_its_target() -> None:
    change = datetime(2026, 10, 16, tzinfo=UTC)
    versions = (
        sla(target_availability=Decimal("0.99"), valid_to=change),
        sla(target_availability=NINES, valid_from=change),
    )
    graph = graph_with_past("shop -> db", f"db 0 600; db {20 * DAY} {20 * DAY + 7200}")
    graph = with_past(graph, graph.outages, agreements=versions)
    found = service_level_reports(graph, now=LATER, window=OCTOBER).reports
    assert [(one.window_start, one.window_end) for one in found] == [
        (START, change),
        (change, datetime(2026, 11, 1, tzinfo=UTC)),
    ]
    assert [one.verdict for one in found] == [Verdict.MET, Verdict.MISSED]
    assert [one.is_whole_window for one in found] == [False, False]
    trend = found[1].trend[-1]
    assert trend.used_seconds == 7800
    assert trend.agreed_seconds == 31 * DAY


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (AgreementState.AGREED, 1),
        (AgreementState.EXPIRED, 1),
        (AgreementState.DRAFT, 0),
        (AgreementState.NEGOTIATING, 0),
    ],
)
def test_only_agreements_that_were_in_force_are_reported(
    state: AgreementState, count: int
) -> None:
    graph = graph_with_past(
        "shop -> db", "db 0 60", agreements=(sla(state=state, valid_to=after(DAY)),)
    )
    assert len(service_level_reports(graph, now=LATER, window=OCTOBER).reports) == count
    assert not service_level_reports(graph, now=LATER, window=parse_window("2026-11")).reports


def test_an_sla_that_covers_nothing_is_told_and_olas_are_not_reported() -> None:
    graph = graph_with_past("shop -> db", "db 0 60")
    ola = sla(agreement_id="ola", kind=AgreementKind.OLA)
    graph = replace(graph, agreements=(sla(name="SLA Fax"), ola), covered=((), (0,)))
    found = service_level_reports(graph, now=LATER)
    assert found.reports == ()
    assert found.notes == ("SLA Fax covers nothing in the export: there is nothing to report on",)
    assert service_level_reports(graph, now=LATER, services=["shop"]).notes == ()


def test_services_are_named_as_people_do_and_unknown_ones_are_refused() -> None:
    graph = graph_with_past("shop -> db; svc2 -> db", "db 0 60", agreements=(sla(),))
    assert len(service_level_reports(graph, now=LATER, services=["shop"]).reports) == 1
    assert not service_level_reports(graph, now=LATER, services=["svc2"]).reports
    with pytest.raises(UnknownCiError, match="nothing"):
        service_level_reports(graph, now=LATER, services=["nothing"])


def test_each_second_goes_to_those_who_caused_it_and_the_parts_add_up() -> None:
    ola = Agreement(agreement_id="ola", kind=AgreementKind.OLA, target_availability=NINES)
    upc = Agreement(
        agreement_id="upc",
        kind=AgreementKind.UPC,
        scope=Scope.INCLUSIVE,
        target_availability=NINES,
    )
    graph = graph_with_past(
        "shop -> h1 | h2 & db; db -> san", "h1 0 100; h2 0 100; san 50 151", agreements=(sla(),)
    )
    numbers = [graph.resolve(name) for name in ("h1", "db")]
    graph = replace(
        graph,
        agreements=(*graph.agreements, ola, upc),
        covered=(*graph.covered, (numbers[0],), (numbers[0], numbers[1])),
    )
    found = report_of(graph)
    rows = {str(one.ci_id): one for one in found.attribution}
    assert sum(one.seconds for one in found.attribution) == found.down_seconds == 151
    # 50 s the pair alone, 50 s pair and san (1/6, 1/6, 2/3), 51 s san alone
    assert rows["t:server:san"].seconds == round(50 * 2 / 3 + 51)
    assert rows["t:server:h1"].seconds in (33, 34)
    assert rows["t:server:h1"].answering == ola
    assert rows["t:server:h1"].backing == ("upc",)
    assert rows["t:server:san"].answering == upc
    assert rows["t:server:h2"].answering is None


def test_planned_halves_take_their_part_of_the_blame() -> None:
    found = report_of(
        graph_with_past("shop -> h1 | h2", "h1 0 100 planned; h2 0 100", agreements=(sla(),))
    )
    assert [one.seconds for one in found.attribution] == [50, 50]


def test_further_targets_are_judged_when_they_can_be() -> None:
    promised = sla(max_outages=1, longest_outage_minutes=1.0, mtrs_hours=0.02)
    graph = graph_with_past("shop -> db", "db 0 60; db 100 220", agreements=(promised,))
    found = report_of(graph)
    assert [(one.name, one.measured, one.met) for one in found.further_targets] == [
        ("outages", 2, False),
        ("longest_outage_minutes", 2, False),
        ("mtrs_hours", 0.025, False),
    ]
    assert found.verdict is Verdict.NO_TARGET
    early = report_of(graph, now=after(90))
    assert [one.met for one in early.further_targets] == [None, None, None]
    kept = report_of(graph_with_past("shop -> db; x", "x 0 1", agreements=(promised,)))
    assert [one.met for one in kept.further_targets] == [True, True, True]
    nothing = report_of(graph_with_past("shop -> db", "", agreements=(promised,)))
    assert [one.met for one in nothing.further_targets] == [None, None, None]


def test_a_penalty_is_due_only_when_missed_and_by_the_minutes_beyond_the_budget() -> None:
    promised = sla(
        target_availability=NINES,
        penalty="5 % of the fee",
        penalty_per_minute=Decimal("10"),
        cost_currency="EUR",
    )
    missed = report_of(graph_with_past("shop -> db", "db 0 3600", agreements=(promised,)))
    assert missed.penalty == "5 % of the fee"
    assert missed.penalty_amount == Decimal("153.60")  # (3600 - 2678.4) / 60 * 10
    met = report_of(graph_with_past("shop -> db", "db 0 60", agreements=(promised,)))
    assert (met.penalty, met.penalty_amount) == ("", None)
