"""Metrics of service level management, tickets against time targets, experience scores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from graph_building import graph_of
from impact.timeline.histories import after, graph_with_past, sla
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.process_records import (
    Complaint,
    ExperienceScore,
    ReportIssued,
    Ticket,
    TimeTarget,
)
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.management import management_of
from ripplegraph.impact.timeline.metrics import LevelMetric, experience_rows
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.tickets import ClockState, TicketClock, ticket_clocks
from ripplegraph.impact.timeline.windows import parse_window

DAY = 86_400
NINES = Decimal("0.999")
OCTOBER = parse_window("2026-10")
NOVEMBER = parse_window("2026-11")
LATER = datetime(2027, 1, 1, tzinfo=UTC)


# --- tickets

DAYTIME = Calendar(
    calendar_id="day",
    weekly=tuple(
        WeeklyInterval(weekday=day, start_minute=480, end_minute=1080) for day in range(7)
    ),
)


def ticketed(*tickets: Ticket, calendar: str = "day", covers: str = "shop") -> ServiceGraph:
    graph = graph_with_past(
        "shop -> db; svc2 -> db",
        "",
        agreements=(sla(calendar=calendar),),
        covers=(covers,),
        calendars=(DAYTIME,),
    )
    target = TimeTarget(
        agreement="gold", priority="P1", response_minutes=30, resolution_minutes=240
    )
    return replace(graph, tickets=tickets, time_targets=(target,))


def clock(graph: ServiceGraph, kind: str, now: datetime) -> TicketClock:
    (found,) = [one for one in ticket_clocks(graph, now=now) if one.kind == kind]
    return found


def at(hour: float, day: int = 0) -> datetime:
    return after(day * DAY + hour * 3600)


def test_a_target_of_four_hours_from_four_in_the_afternoon_is_due_at_ten() -> None:
    """Published case M5 (GLPI service levels)."""
    graph = ticketed(Ticket(ticket_id="I1", opened=at(16), service="shop", priority="P1"))
    found = clock(graph, "resolution", at(17))
    assert found.due == at(10, 1)
    assert (found.elapsed_seconds, found.target_seconds) == (3600, 4 * 3600)
    assert found.state is ClockState.RUNNING


def test_a_pause_moves_the_due_time_by_as_many_agreed_hours() -> None:
    """Published case M6 (GLPI service levels): a pause of 3 agreed hours."""
    ticket = Ticket(
        ticket_id="I1",
        opened=at(16),
        service="shop",
        priority="P1",
        pauses=((at(17), at(10, 1)),),  # 17-18 and 8-10: 3 agreed hours
    )
    assert clock(ticketed(ticket), "resolution", at(11, 1)).due == at(13, 1)


@pytest.mark.parametrize(
    ("changes", "now", "response", "resolution"),
    [
        ({}, 8.1, ClockState.RUNNING, ClockState.RUNNING),
        ({}, 8.4, ClockState.ABOUT_TO_BREACH, ClockState.RUNNING),
        ({}, 8.6, ClockState.OVERDUE, ClockState.RUNNING),
        ({"responded": 8.5}, 11.5, ClockState.MET, ClockState.ABOUT_TO_BREACH),
        ({"responded": 8.6, "resolved": 13.0}, 14, ClockState.MISSED, ClockState.MISSED),
        ({"responded": 8.6, "resolved": 13.0}, 8.2, ClockState.RUNNING, ClockState.RUNNING),
        ({"resolved": 12.0}, 14, ClockState.UNKNOWN, ClockState.MET),
    ],
)
def test_clocks_run_out_and_stop(
    changes: dict[str, float], now: float, response: ClockState, resolution: ClockState
) -> None:
    said = {name: at(hour) for name, hour in changes.items()}
    ticket = Ticket(
        ticket_id="I1",
        opened=at(8),
        service="shop",
        priority="P1",
        responded=said.get("responded"),
        resolved=said.get("resolved"),
    )
    graph = ticketed(ticket)
    assert clock(graph, "response", at(now)).state is response
    assert clock(graph, "resolution", at(now)).state is resolution


def test_a_clock_that_stands_is_paused_and_has_no_due_time() -> None:
    ticket = Ticket(
        ticket_id="I1", opened=at(8), service="shop", priority="P1", pauses=((at(8.1), None),)
    )
    found = clock(ticketed(ticket), "response", at(12))
    assert found.state is ClockState.PAUSED
    assert found.due is None
    ended = replace(ticket, pauses=((at(8.1), at(8.2)),))
    assert clock(ticketed(ended), "response", at(8.3)).state is ClockState.RUNNING


def test_tickets_count_where_their_service_or_ci_is_promised_on() -> None:
    by_ci = Ticket(ticket_id="I1", opened=at(8), ci="shop", priority="P1")
    both = Ticket(ticket_id="I2", opened=at(8), ci="shop", service="svc2", priority="P1")
    other = Ticket(ticket_id="I3", opened=at(8), service="shop", priority="P2")
    lost = Ticket(ticket_id="I4", opened=at(8), ci="gone", service="gone", priority="P1")
    nothing = Ticket(ticket_id="I5", opened=at(8), priority="P1")
    future = Ticket(ticket_id="I6", opened=at(20), service="shop", priority="P1")
    graph = ticketed(by_ci, both, other, lost, nothing, future, calendar="")
    found = {one.ticket.ticket_id for one in ticket_clocks(graph, now=at(9))}
    assert found == {"I1"}
    ola = replace(graph.agreements[0], kind=AgreementKind.OLA)
    graph = replace(graph, agreements=(ola,))
    assert {one.ticket.ticket_id for one in ticket_clocks(graph, now=at(9))} == {"I1", "I2"}
    ended = replace(graph, agreements=(replace(ola, valid_to=at(1)),))
    assert ticket_clocks(ended, now=at(9)) == ()
    alone = replace(graph, time_targets=(replace(graph.time_targets[0], response_minutes=None),))
    assert {one.kind for one in ticket_clocks(alone, now=at(9))} == {"resolution"}
    answer = replace(
        graph, time_targets=(replace(graph.time_targets[0], resolution_minutes=None),)
    )
    assert {one.kind for one in ticket_clocks(answer, now=at(9))} == {"response"}


# --- metrics


def two_months() -> ServiceGraph:
    """Return a shop that kept its SLA in October and missed it in November."""
    upc = Agreement(agreement_id="upc", kind=AgreementKind.UPC, target_availability=NINES)
    graph = graph_with_past("shop -> db; x", f"db 0 60; db {40 * DAY} {40 * DAY + 4000}; x 0 1")
    graph = replace(
        graph,
        agreements=(sla(target_availability=NINES, customer="Retail"), upc),
        covered=((0,), (1,)),
    )
    november = datetime(2026, 11, 1, tzinfo=UTC)
    return replace(
        graph,
        experience=(
            ExperienceScore(
                service="shop", window_start=after(0), score=Decimal(3), target=Decimal(4)
            ),
            ExperienceScore(
                service="shop", window_start=november, score=Decimal(5), target=Decimal(4)
            ),
            ExperienceScore(service="shop", window_start=november, score=Decimal(5)),
            ExperienceScore(service="gone", window_start=november, score=Decimal(5)),
            ExperienceScore(
                service="shop", customer="Outlet", window_start=november, score=Decimal(1)
            ),
        ),
        complaints=(Complaint(service="shop", at=november),),
        reports_issued=(ReportIssued(agreement="gold", window_start=november, at=november),),
        tickets=(
            Ticket(
                ticket_id="I1",
                opened=november,
                service="shop",
                priority="P1",
                responded=november,
                resolved=november + timedelta(days=2),
            ),
        ),
        time_targets=(
            TimeTarget(
                agreement="gold", priority="P1", response_minutes=30, resolution_minutes=240
            ),
        ),
    )


def metrics_of(graph: ServiceGraph) -> dict[str, LevelMetric]:
    reports = service_level_reports(graph, now=LATER, window=NOVEMBER).reports
    found = management_of(graph, reports, now=LATER, window=NOVEMBER)
    return {one.name: one for one in found.metrics}


def test_metrics_stand_beside_those_of_the_window_before() -> None:
    found = metrics_of(two_months())
    met = found["targets_met"]
    assert (met.value, met.of, met.before, met.change) == (0.0, 1, 1.0, -1.0)
    assert (found["breaches"].value, found["breaches"].before) == (1, 0)
    assert found["breaches_minor"].value == 0
    assert found["breaches_major"].value == 1
    assert found["breaches_third_party"].value == 1
    assert found["breaches_internal"].value == 0
    assert (found["downtime"].value, found["downtime"].before) == (4000, 60)
    assert found["responses_met"].value == 1.0
    assert found["resolutions_met"].value == 0.0
    assert found["responses_met"].before is None
    assert found["responses_met"].change is None
    assert found["complaints"].value == 1
    assert found["reports_issued"].value == 1
    assert (found["met_but_poor"].value, found["met_but_poor"].before) == (0, 1)
    assert found["days_to_agree"].definition.startswith("mean from first draft")


def test_an_sla_that_is_met_with_poor_experience_is_marked() -> None:
    graph = two_months()
    october = service_level_reports(graph, now=LATER, window=OCTOBER).reports
    assert [(one.is_poor, one.is_met_but_poor) for one in experience_rows(graph, october)] == [
        (True, True)
    ]
    november = service_level_reports(graph, now=LATER, window=NOVEMBER).reports
    assert [one.is_poor for one in experience_rows(graph, november)] == [False, None]


def test_metrics_of_nothing_are_none_and_never_all_met() -> None:
    graph = graph_of("shop -> db")
    found = {one.name: one for one in management_of(graph, (), now=LATER).metrics}
    assert found["targets_met"].value is None
    assert found["breaches"].value == 0
