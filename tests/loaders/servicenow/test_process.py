# ruff: noqa: E501 - a record is read best as a block
"""ServiceNow's changes, incidents, clocks and schedules: planned windows, tickets, calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from loaders.servicenow.exports import ci, codes, load_files, outage, result, sys_id
from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.calendars import CalendarException, WeeklyInterval
from ripplegraph.graph.outages import OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.servicenow.durations import read_duration

_CIS = result(ci("web"), ci("db"), ci("shop", "cmdb_ci_service"))


def change(number: object = "CHG1", **fields: object) -> dict[str, object]:
    """Return the record of a scheduled change on ``web``."""
    return {
        "sys_id": sys_id(str(number)),
        "number": number,
        "cmdb_ci": sys_id("web"),
        "state": {"display_value": "Scheduled", "value": "-2"},
        "start_date": {"display_value": "2026-10-01 10:00:00", "value": "2026-10-01 08:00:00"},
        "end_date": {"display_value": "2026-10-01 12:00:00", "value": "2026-10-01 10:00:00"},
        "approval_set": {"display_value": "", "value": "2026-09-20 08:00:00"},
        "short_description": "patching",
        **fields,
    }


def incident(number: str = "INC1", **fields: object) -> dict[str, object]:
    """Return the record of an incident on ``web``."""
    return {
        "sys_id": sys_id(number),
        "number": number,
        "cmdb_ci": sys_id("web"),
        "opened_at": "2026-10-01 08:00:00",
        "priority": {"display_value": "1 - Critical", "value": "1"},
        **fields,
    }


def load(folder: Path, **tables: object) -> ServiceGraph:
    """Load tables of records beside those of three CIs."""
    files = {f"{name}.json": {"result": records} for name, records in tables.items()}
    return load_files(folder, {"cmdb_ci.json": _CIS, **files})


# --- changes ----------------------------------------------------------------------------------


def test_a_scheduled_change_is_a_planned_window_of_each_of_its_cis(tmp_path: Path) -> None:
    link = {"task": {"display_value": "CHG1", "value": sys_id("CHG1")}, "ci_item": sys_id("db")}
    graph = load(
        tmp_path,
        change_request=[change()],
        task_ci=[link, {**link, "ci_item": sys_id("web")}, {**link, "task": sys_id("CHG9")}],
    )
    assert [graph.cis.name[number] for number in graph.outage_ci] == ["web", "db"]
    one = graph.outages[0]
    assert (one.kind, one.change, one.cause) == (OutageKind.PLANNED, "CHG1", "patching")
    assert (one.start, one.end) == (
        datetime(2026, 10, 1, 8, tzinfo=UTC),
        datetime(2026, 10, 1, 10, tzinfo=UTC),
    )
    assert one.announced == datetime(2026, 9, 20, 8, tzinfo=UTC)
    assert codes(graph) == {"unused-link": 1}


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "4"}, {"state": "New"}, {"state": "", "approval": "requested"},
        {"approval": "rejected"}, {"start_date": ""}, {"u_outage": "no"}, {"cmdb_ci": ""},
    ],
)  # fmt: skip
def test_a_change_that_is_not_scheduled_or_says_too_little_gives_no_window(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    graph = load(tmp_path, change_request=[change(**fields)])
    assert graph.outages == ()
    assert codes(graph) == {"change-without-window": 1}


@pytest.mark.parametrize("fields", [{"state": "", "approval": "approved"}, {"state": "3"}])
def test_an_approved_or_closed_change_gives_its_window(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    assert len(load(tmp_path, change_request=[change(**fields)]).outages) == 1


def test_changes_that_run_backwards_or_name_unknown_cis_are_refused(tmp_path: Path) -> None:
    graph = load(
        tmp_path,
        change_request=[
            change("CHG1", end_date="2026-10-01 07:00:00"),
            change("CHG2", cmdb_ci=sys_id("ghost")),
            change("CHG3", cmdb_ci={"display_value": "twin"}),
        ],
        cmdb_ci_server=[ci("twin"), {**ci("twin"), "sys_id": sys_id("other twin")}],
    )
    assert graph.outages == ()
    found = codes(graph)
    assert (found["reversed-times"], found["dangling-outage"], found["ambiguous-id"]) == (1, 1, 1)


def test_links_say_which_change_or_incident_an_outage_belongs_to(tmp_path: Path) -> None:
    records = [
        outage(sys_id=sys_id("o1"), number="OUT1", type="planned"),
        outage(sys_id=sys_id("o2"), number="OUT2", begin="2026-10-02 08:00:00", end=""),
        outage(sys_id=sys_id("o3"), number="OUT3", begin="2026-11-02 08:00:00", end="",
               type="degradation", details="slow"),
    ]  # fmt: skip
    links = [
        {"task": sys_id("CHG1"), "outage": sys_id("o1")},
        {"task": {"display_value": "INC7", "value": sys_id("INC7")}, "outage": sys_id("o2")},
        {"task": {"display_value": "INC8", "value": sys_id("INC8")}, "outage": sys_id("o3")},
        {"task": sys_id("CHG1"), "outage": sys_id("ghost")},
        {"task": "", "outage": sys_id("o1")},
    ]
    graph = load(tmp_path, change_request=[change()], cmdb_ci_outage=records, task_outage=links)
    planned, unplanned, slow = graph.outages  # the change gives no second window
    assert (planned.change, planned.external_id) == ("CHG1", "OUT1")
    assert planned.announced == datetime(2026, 9, 20, 8, tzinfo=UTC)
    assert (unplanned.cause, slow.cause) == ("INC7", "slow (INC8)")
    assert codes(graph) == {"unused-link": 2}


# --- tickets ----------------------------------------------------------------------------------


def test_an_incident_is_a_ticket_and_no_outage(tmp_path: Path) -> None:
    graph = load(
        tmp_path,
        incident=[
            incident(
                business_service={"display_value": "shop", "value": sys_id("shop")},
                assignment_group={"display_value": "Web", "value": sys_id("team")},
                resolved_at="2026-10-01 09:30:00",
            )
        ],
    )
    (ticket,) = graph.tickets
    assert (ticket.ticket_id, ticket.priority, ticket.team) == ("INC1", "P1", "Web")
    assert (ticket.ci, ticket.service) == (sys_id("web"), sys_id("shop"))
    assert ticket.resolved == datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
    assert (graph.outages, codes(graph)) == ((), {})


def test_of_an_event_log_the_row_updated_last_is_taken(tmp_path: Path) -> None:
    rows = [
        incident(sys_updated_on="2026-10-01 08:00:00", priority="3"),
        incident(sys_updated_on="2026-10-01 10:00:00", priority="1"),
        incident(sys_updated_on="2026-10-01 09:00:00", priority="2"),
        incident("INC2"),
    ]
    graph = load(tmp_path, incident=rows)
    assert [(one.ticket_id, one.priority, one.row) for one in graph.tickets] == [
        ("INC1", "P1", 2),
        ("INC2", "P1", 4),
    ]
    assert codes(graph) == {"merged-record": 2}
    assert graph.report.rows_reported == 0


def test_incidents_without_number_or_with_times_that_run_backwards_are_refused(
    tmp_path: Path,
) -> None:
    rows = [
        incident(number="", sys_id="", u_key="x"),
        incident("INC2", opened_at=""),
        incident("INC3", resolved_at="2026-10-01 07:00:00"),
    ]
    graph = load(tmp_path, incident=rows)
    assert graph.tickets == ()
    assert codes(graph) == {"missing-id": 1, "unusable-record": 1, "reversed-times": 1}


def test_clocks_tell_when_a_ticket_was_responded_to_and_paused(tmp_path: Path) -> None:
    definitions = [
        {"sys_id": sys_id("resp"), "name": "P1 response", "type": "SLA", "target": "response",
         "duration": "1970-01-01 00:15:00"},
        {"sys_id": sys_id("reso"), "name": "Resolution", "type": "SLA", "target": "resolution",
         "duration": "1970-01-01 04:00:00", "start_condition": "active=true^priorityIN1,2^EQ"},
    ]  # fmt: skip
    clock = {"task": {"display_value": "INC1", "value": sys_id("INC1")}}
    clocks = [
        {**clock, "sla": sys_id("resp"), "end_time": "2026-10-01 08:10:00", "stage": "completed"},
        {**clock, "sla": sys_id("reso"), "start_time": "2026-10-01 08:00:00",
         "end_time": "2026-10-01 12:00:00", "pause_time": "2026-10-01 09:00:00",
         "pause_duration": "1970-01-01 01:00:00", "stage": "completed"},
        {**clock, "sla": sys_id("reso"), "pause_time": "2026-10-01 11:00:00", "stage": "paused"},
        {"task": sys_id("INC9"), "sla": sys_id("reso")},
    ]  # fmt: skip
    graph = load(tmp_path, incident=[incident()], contract_sla=definitions, task_sla=clocks)
    (ticket,) = graph.tickets
    nine = datetime(2026, 10, 1, 9, tzinfo=UTC)
    assert ticket.responded == nine.replace(hour=8, minute=10)
    assert ticket.resolved == nine.replace(hour=12)
    assert ticket.pauses == ((nine, nine.replace(hour=10)), (nine.replace(hour=11), None))
    targets = {
        (one.agreement, one.priority): (one.response_minutes, one.resolution_minutes)
        for one in graph.time_targets
    }
    assert targets == {
        (sys_id("resp"), "P1"): (15.0, None),
        (sys_id("reso"), "P1"): (None, 240.0),
        (sys_id("reso"), "P2"): (None, 240.0),
    }
    assert codes(graph) == {"pauses-placed": 1, "unused-link": 1}


def test_a_definition_for_no_priority_holds_for_all_and_covers_what_its_condition_names(
    tmp_path: Path,
) -> None:
    definition = {
        "sys_id": sys_id("d"), "name": "Fast", "type": "OLA", "target": "response",
        "duration": "30 Minutes", "start_condition": f"cmdb_ci={sys_id('web')}^active=true",
    }  # fmt: skip
    graph = load(tmp_path, contract_sla=[definition])
    assert [one.priority for one in graph.time_targets] == ["P1", "P2", "P3", "P4", "P5"]
    assert graph.agreements[0].covers == (sys_id("web"),)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01 04:00:00", 14_400), ("1970-01-03 00:00:00", 172_800), ("90", 90),
        ("1 02:00:00", 93_600), ("1 Day 2 Hours", 93_600), ("1 Minute", 60),
    ],
)  # fmt: skip
def test_a_duration_is_read_as_stored_and_as_shown(text: str, seconds: int) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["soon", "1970-02-31 00:00:00", "9" * 100, "1 hour soon", "1.2.3 days"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InvalidQuantityError, match="a duration"):
        read_duration(text)


# --- schedules --------------------------------------------------------------------------------


def span(**fields: object) -> dict[str, object]:
    """Return an entry of the schedule ``s``: Monday to Friday, eight to five."""
    return {
        "schedule": sys_id("s"),
        "name": "work",
        "start_date_time": "20260105T080000",
        "end_date_time": "20260105T170000",
        "repeat_type": "weekdays",
        **fields,
    }


def test_a_schedule_is_a_calendar_that_agreements_name(tmp_path: Path) -> None:
    agreement = {
        "sys_id": sys_id("a"), "name": "OLA", "type": "OLA", "u_covers": sys_id("web"),
        "schedule": {"display_value": "8-5 weekdays", "value": sys_id("s")},
    }  # fmt: skip
    graph = load(
        tmp_path,
        contract_sla=[agreement],
        cmn_schedule=[
            {"sys_id": sys_id("s"), "name": "8-5 weekdays", "time_zone": "Europe/Berlin"}
        ],
        cmn_schedule_span=[
            span(),
            span(repeat_type="weekly", days_of_week="67", start_date_time="20260105T220000",
                 end_date_time="20260106T020000"),
            span(repeat_type="", start_date_time="20261224T080000", end_date_time="20261224T120000"),
            span(repeat_type="", type="exclude", start_date_time="2026-12-25 00:00:00",
                 end_date_time="2026-12-26 23:59:59"),
        ],
    )  # fmt: skip
    (calendar,) = graph.calendars
    assert graph.agreements[0].calendar == calendar.calendar_id == "8-5 weekdays"
    assert calendar.time_zone == "Europe/Berlin"
    days = [WeeklyInterval(weekday=day, start_minute=480, end_minute=1020) for day in range(5)]
    nights = [WeeklyInterval(weekday=day, start_minute=1320, end_minute=1560) for day in (5, 6)]
    assert calendar.weekly == (*days, *nights)
    eve, first, second = (date(2026, 12, day) for day in (24, 25, 26))
    assert calendar.exceptions == (
        CalendarException(first_day=eve, last_day=eve, hours=((480, 720),)),
        CalendarException(first_day=first, last_day=first),
        CalendarException(first_day=second, last_day=second),
    )
    assert codes(graph) == {}


def test_entries_longer_than_a_day_are_split_by_day(tmp_path: Path) -> None:
    graph = load(
        tmp_path,
        cmn_schedule=[{"sys_id": sys_id("s"), "name": "week", "time_zone": "floating"}],
        cmn_schedule_span=[
            span(repeat_type="weekly", start_date_time="20260105T060000", end_date_time="20260107T000000"),
            span(repeat_type="", start_date_time="20260110T120000", end_date_time="20260112T000000"),
        ],
    )  # fmt: skip
    (calendar,) = graph.calendars
    assert [(one.weekday, one.start_minute, one.end_minute) for one in calendar.weekly] == [
        (0, 360, 1800),
        (1, 360, 1440),
    ]
    assert [one.hours for one in calendar.exceptions] == [((720, 1440),), ((0, 1440),)]


@pytest.mark.parametrize(
    "fields",
    [
        {"repeat_type": "yearly"}, {"type": "exclude"}, {"start_date_time": "soon"},
        {"repeat_until": "20270101"}, {"end_date_time": "20260101T000000"},
        {"end_date_time": "20260205T000000"}, {"start_date_time": "20261305T080000"},
        {"repeat_type": "", "type": "exclude"}, {"repeat_type": "", "end_date_time": "20280105T000000"},
    ],
)  # fmt: skip
def test_entries_that_no_calendar_can_say_are_findings(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    graph = load(
        tmp_path,
        cmn_schedule=[{"sys_id": sys_id("s"), "name": "s"}],
        cmn_schedule_span=[span(**fields)],
    )
    assert codes(graph) == {"unsupported-span": 1, "unknown-calendar": 1}


def test_schedules_without_names_zones_or_entries_are_findings(tmp_path: Path) -> None:
    graph = load(
        tmp_path,
        cmn_schedule=[
            {"sys_id": "", "name": ""},
            {"sys_id": sys_id("a"), "name": "a", "time_zone": "Mars"},
            {"sys_id": sys_id("b"), "name": "24x7"},
        ],
        cmn_schedule_span=[
            span(schedule=sys_id("ghost")),
            span(schedule=sys_id("b"), repeat_type="weekmwf"),
            span(schedule=sys_id("b"), repeat_type="weektt"),
        ],
    )
    (calendar,) = graph.calendars
    assert [one.weekday for one in calendar.weekly] == [0, 1, 2, 3, 4]
    assert codes(graph) == {"missing-id": 1, "unknown-time-zone": 1, "unused-link": 1}
