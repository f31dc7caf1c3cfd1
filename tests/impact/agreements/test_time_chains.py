"""Chains of promised times: published cases, by hand, and against every second of a window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.calendar_building import calendar_of, on
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.due_times import business_seconds_between, due_times
from ripplegraph.impact.agreements.time_chains import (
    ChainStep,
    InParallel,
    InSequence,
    chain_minutes,
    sequences_of,
    worst_wait,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = (MONDAY, MONDAY + timedelta(days=7))
OFFICE = calendar_of("Mon-Fri 8-18", zone="")
DAY = 24 * 60.0


def days(*counts: float) -> tuple[ChainStep, ...]:
    return tuple(ChainStep(minutes=DAY * count) for count in counts)


# --- published ---------------------------------------------------------------------------------


def test_published_case_o1_steps_in_parallel_take_as_long_as_the_longest() -> None:
    # published case O1: ServiceNow community 3057254
    assert chain_minutes(InParallel(parts=days(3, 2))) == 3 * DAY


def test_published_case_o2_steps_in_sequence_add_up() -> None:
    # published case O2: ServiceNow community 3057254
    assert chain_minutes(InSequence(parts=days(1, 2, 2))) == 5 * DAY


# --- by hand -----------------------------------------------------------------------------------


def test_sequence_and_parallel_nest_and_a_chain_is_its_longest_way() -> None:
    chain = InSequence(
        parts=(*days(1), InParallel(parts=(*days(3), InSequence(parts=days(1, 1)))))
    )
    assert chain_minutes(chain) == 4 * DAY
    ways = [sum(step.minutes for step in way) / DAY for way in sequences_of(chain)]
    assert ways == [4, 3]


def test_nothing_in_parallel_takes_no_time() -> None:
    assert chain_minutes(InParallel(parts=())) == 0


def test_around_the_clock_the_worst_wait_is_the_promised_time() -> None:
    found = worst_wait(None, days(1, 2), *WEEK)
    assert found.seconds == 3 * 86_400


def test_a_second_step_that_begins_on_friday_night_waits_for_monday() -> None:
    # the desk works always, the team in office hours: an hour each, begun on Friday at 16:00:01
    way = (ChainStep(minutes=60), ChainStep(minutes=60, calendar=OFFICE))
    found = worst_wait(None, way, *WEEK)
    assert found.start == datetime(2026, 3, 6, 16, 0, 1, tzinfo=UTC)
    assert found.end == datetime(2026, 3, 9, 8, 0, 1, tzinfo=UTC)
    assert found.seconds == 64 * 3600


def test_the_wait_is_counted_in_the_service_time_of_the_promise() -> None:
    found = worst_wait(OFFICE, (ChainStep(minutes=240, calendar=OFFICE),), *WEEK)
    assert found.seconds == 4 * 3600
    nights = calendar_of("Mon-Sun 20-30", zone="")
    waiting = worst_wait(OFFICE, (ChainStep(minutes=60, calendar=nights),), *WEEK)
    assert (
        waiting.seconds == 10 * 3600
    )  # begun at eight in the morning, done at nine in the evening


def test_a_team_that_never_works_never_ends() -> None:
    shut = calendar_of(exceptions=(on("2000-01-01", until="2099-01-01"),), zone="")
    found = worst_wait(None, (ChainStep(minutes=1, calendar=shut), *days(1)), *WEEK)
    assert (found.seconds, found.end) == (None, None)


def test_a_long_closure_within_the_years_is_waited_for() -> None:
    shut = calendar_of("Mon-Fri 8-18", zone="", exceptions=(on("2026-03-04", until="2026-12-31"),))
    found = worst_wait(None, (ChainStep(minutes=60, calendar=shut),), *WEEK)
    assert found.end == datetime(2027, 1, 1, 8, 0, 1, tzinfo=UTC)


def test_a_customer_without_service_time_waits_for_nothing() -> None:
    shut = calendar_of(exceptions=(on("2000-01-01", until="2099-01-01"),), zone="")
    assert worst_wait(shut, days(1), *WEEK).seconds == 0


def test_times_and_windows_without_meaning_are_refused() -> None:
    for minutes in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="minutes must be finite"):
            ChainStep(minutes=minutes)
    with pytest.raises(ValueError, match="is not after the start"):
        worst_wait(None, days(1), MONDAY, MONDAY)


# --- against every second ----------------------------------------------------------------------

_intervals = st.builds(
    lambda day, start, length: WeeklyInterval(
        weekday=day, start_minute=start, end_minute=start + length
    ),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(30, 1200),
)
_calendars = st.builds(
    lambda weekly, zone: Calendar(calendar_id="drawn", time_zone=zone, weekly=tuple(weekly)),
    st.lists(_intervals, min_size=1, max_size=3),
    st.sampled_from(("", "Europe/Berlin", "Asia/Kolkata")),
)


@settings(max_examples=15, deadline=None)
@given(
    st.none() | _calendars,
    st.lists(st.tuples(st.none() | _calendars, st.integers(0, 200)), min_size=1, max_size=3),
)
def test_no_second_of_a_window_waits_longer(
    promised: Calendar | None, steps: list[tuple[Calendar | None, int]]
) -> None:
    start = datetime(2026, 3, 28, 22, tzinfo=UTC)
    end = start + timedelta(hours=6)
    way = [ChainStep(minutes=minutes, calendar=calendar) for calendar, minutes in steps]
    found = worst_wait(promised, way, start, end)
    begins = np.arange(int(start.timestamp()), int(end.timestamp()), dtype=np.int64)
    reached = begins
    for step in way:
        reached = due_times(step.calendar, reached, np.full(len(begins), round(60 * step.minutes)))
    waits = business_seconds_between(promised, begins, reached)
    assert found.seconds == waits.max()
