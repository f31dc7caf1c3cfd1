"""Due times in business hours: published cases, by hand, and against a loop over seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.calendar_building import calendar_of, on
from ripplegraph.graph import time_sets
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.due_times import (
    NEVER,
    Pauses,
    business_seconds_between,
    due_times,
    moments_after,
    moments_of,
    paused_moments_after,
    pauses_of,
)
from ripplegraph.graph.time_sets import ServiceTime, merged, spans

TEN_HOURS = calendar_of("Mon-Sun 8-18", zone="")
OFFICE = calendar_of("Mon-Fri 8-18")
HOUR = 3600


def due(calendar: Calendar | None, opened: str, hours: float, *pauses: tuple[str, str]) -> str:
    zone = ZoneInfo(calendar.time_zone) if calendar and calendar.time_zone else UTC
    read = [(_moment(start, zone), _moment(end, zone) if end else None) for start, end in pauses]
    (found,) = due_times(
        calendar,
        np.array([int(_moment(opened, zone).timestamp())]),
        np.array([round(hours * HOUR)]),
        pauses_of([read]) if read else None,
    )
    if found == NEVER:
        return "never"
    return datetime.fromtimestamp(int(found), zone).strftime("%Y-%m-%d %H:%M")


def _moment(text: str, zone: tzinfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# --- published ---------------------------------------------------------------------------------


def test_published_case_m5_four_hours_from_16_00_are_due_at_10_00_the_next_day() -> None:
    # published case M5: GLPI service levels
    assert due(TEN_HOURS, "2026-03-02 16:00", 4) == "2026-03-03 10:00"


def test_published_case_m6_a_pause_of_three_hours_moves_the_due_time_by_three_agreed_hours() -> (
    None
):
    # published case M6: GLPI service levels
    pause = ("2026-03-02 16:30", "2026-03-03 09:30")  # 1.5 h today and 1.5 h tomorrow
    assert due(TEN_HOURS, "2026-03-02 16:00", 4, pause) == "2026-03-03 13:00"


# --- by hand -----------------------------------------------------------------------------------


def test_what_is_used_up_at_the_closing_is_due_then() -> None:
    assert due(OFFICE, "2026-03-02 14:00", 4) == "2026-03-02 18:00"


def test_a_ticket_of_friday_night_is_due_on_monday() -> None:
    assert due(OFFICE, "2026-03-06 23:00", 4) == "2026-03-09 12:00"


def test_a_promise_of_no_time_is_due_at_once_even_when_closed() -> None:
    assert due(OFFICE, "2026-03-07 12:00", 0) == "2026-03-07 12:00"
    assert due(
        calendar_of(exceptions=(on("2026-01-01", until="2099-01-01"),)), "2026-03-07", 0
    ) == ("2026-03-07 00:00")


def test_around_the_clock_due_times_cross_a_clock_change_in_real_hours() -> None:
    assert due(calendar_of(), "2026-03-28 22:00", 6) == "2026-03-29 05:00"


def test_a_due_time_lies_behind_as_many_holidays_as_it_must() -> None:
    shut = calendar_of("Mon-Fri 8-18", exceptions=(on("2026-03-03", until="2026-09-30"),))
    assert due(shut, "2026-03-02 16:00", 4) == "2026-10-01 10:00"


def test_a_calendar_that_never_opens_has_no_due_time() -> None:
    shut = calendar_of(exceptions=(on("2000-01-01", until="2099-01-01"),))
    assert due(shut, "2026-03-02 16:00", 1) == "never"
    assert due(shut, "2026-03-02 16:00", 1, ("2026-03-02 17:00", "2026-03-02 18:00")) == "never"


def test_a_pause_that_lasts_stops_the_clock_for_good() -> None:
    assert due(TEN_HOURS, "2026-03-02 16:00", 4, ("2026-03-02 17:00", "")) == "never"


def test_a_pause_after_the_due_time_changes_nothing() -> None:
    assert due(TEN_HOURS, "2026-03-02 09:00", 4, ("2026-03-02 14:00", "")) == "2026-03-02 13:00"


def test_a_pause_before_the_ticket_was_opened_counts_from_its_opening() -> None:
    pause = ("2026-03-02 08:00", "2026-03-02 10:00")
    assert due(TEN_HOURS, "2026-03-02 09:00", 4, pause) == "2026-03-02 14:00"
    gone = ("2026-03-01 08:00", "2026-03-01 10:00")
    assert due(TEN_HOURS, "2026-03-02 09:00", 4, gone) == "2026-03-02 13:00"


def test_a_pause_far_ahead_of_the_others_is_reached() -> None:
    pauses = (("2026-03-02 10:00", "2026-12-31 10:00"), ("2026-12-31 11:00", "2026-12-31 12:00"))
    assert due(TEN_HOURS, "2026-03-02 09:00", 4, *pauses) == "2026-12-31 14:00"


def test_overlapping_pauses_of_a_ticket_are_united_and_empty_ones_left_out() -> None:
    hours = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in range(24)]
    pauses = pauses_of([[(hours[9], hours[11]), (hours[10], hours[12]), (hours[5], hours[5])]])
    assert pauses.first.tolist() == [0, 1]
    assert (pauses.ends - pauses.starts).tolist() == [3 * HOUR]


def test_no_tickets_have_no_due_times() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert len(due_times(None, nothing, nothing)) == 0
    assert len(business_seconds_between(None, nothing, nothing)) == 0


def test_business_seconds_leave_out_nights_and_pauses() -> None:
    start = int(datetime(2026, 3, 2, 16, tzinfo=UTC).timestamp())
    starts, ends = np.array([start, start]), np.array([start + 24 * HOUR] * 2)
    evening = datetime(2026, 3, 2, 17, tzinfo=UTC)
    pauses = pauses_of([[(evening, evening + timedelta(hours=16))], [(evening, None)]])
    assert business_seconds_between(TEN_HOURS, starts, ends).tolist() == [10 * HOUR, 10 * HOUR]
    assert business_seconds_between(TEN_HOURS, starts, ends, pauses).tolist() == [8 * HOUR, HOUR]


# --- against a loop ----------------------------------------------------------------------------

_intervals = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 12)), max_size=6)
_asked = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30)), min_size=1, max_size=4)
_pauses = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 20)), max_size=3)


def service_of(pairs: list[tuple[int, int]]) -> ServiceTime:
    starts = np.array([start for start, _ in pairs], dtype=np.int64)
    return merged(starts, starts + np.array([length for _, length in pairs], dtype=np.int64))


def looped(open_at: set[int], start: int, need: int, paused: set[int]) -> int:
    """Count second by second until the need is met."""
    moment = start
    while need:
        if moment > 120:
            return NEVER
        need -= moment in open_at and moment not in paused
        moment += 1
    return moment


@settings(max_examples=150, deadline=None)
@given(_intervals, _asked, st.data())
def test_due_times_are_those_of_counting_second_by_second(
    pairs: list[tuple[int, int]], asked: list[tuple[int, int]], data: st.DataObject
) -> None:
    time = service_of(pairs)
    open_at = {s for start, length in pairs for s in range(start, start + length)}
    drawn = [data.draw(_pauses) for _ in asked]
    pauses = pauses_of(
        [
            [(_utc(start), _utc(start + length)) for start, length in of_ticket]
            for of_ticket in drawn
        ]
    )
    starts = np.array([start for start, _ in asked], dtype=np.int64)
    needs = np.array([need for _, need in asked], dtype=np.int64)
    paused = [{s for a, length in one for s in range(a, a + length)} for one in drawn]
    assert moments_after(time, starts, needs).tolist() == [
        looped(open_at, start, need, set()) for start, need in asked
    ]
    assert paused_moments_after(time, starts, needs, pauses).tolist() == [
        looped(open_at, start, need, still)
        for (start, need), still in zip(asked, paused, strict=True)
    ]


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@settings(deadline=None)
@given(_intervals, st.lists(st.integers(1, 90), max_size=5))
def test_searching_and_looking_up_reach_the_same_moments(
    pairs: list[tuple[int, int]], passed: list[int]
) -> None:
    time, needs = service_of(pairs), np.array(passed, dtype=np.int64)
    looked_up = moments_of(time, needs).tolist()
    most, time_sets._MOST_STEPS = time_sets._MOST_STEPS, 0
    try:
        assert moments_of(time, needs).tolist() == looked_up
    finally:
        time_sets._MOST_STEPS = most
    opened = sorted(s for a, b in zip(time.starts, time.ends, strict=True) for s in range(a, b))
    assert looked_up == [opened[n - 1] + 1 if n <= len(opened) else NEVER for n in passed]


@settings(deadline=None)
@given(_intervals, _asked)
def test_a_pause_that_never_ends_leaves_only_what_was_due_before_it(
    pairs: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    time = service_of(pairs)
    starts = np.array([start for start, _ in asked], dtype=np.int64)
    needs = np.array([need for _, need in asked], dtype=np.int64)
    count = len(asked)
    pauses = Pauses(
        first=np.arange(count + 1), starts=np.full(count, 45), ends=np.full(count, NEVER)
    )
    found = paused_moments_after(time, starts, needs, pauses)
    plain = moments_after(time, starts, needs)
    assert found.tolist() == np.where(plain > np.maximum(starts, 45), NEVER, plain).tolist()


@pytest.mark.parametrize("need", [0, 5])
def test_no_service_time_is_due_never_unless_nothing_is_needed(need: int) -> None:
    found = moments_after(spans([], []), np.array([7]), np.array([need]))
    assert found.tolist() == [NEVER if need else 7]
