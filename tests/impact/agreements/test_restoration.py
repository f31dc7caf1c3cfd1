"""Restoration in support hours: by hand, and against a loop over minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.calendar_building import calendar_of, on
from graph.calendar_oracle import open_minutes
from impact.agreements.promises import promise
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.impact.agreements.restoration import (
    effective_restoration,
    promised_restoration_hours,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = (MONDAY, MONDAY + timedelta(days=7))
EIGHT_BY_FIVE = calendar_of("Mon-Fri 9-17", zone="", name="8x5")


def test_four_support_hours_on_8x5_are_22_3_hours_on_average() -> None:
    # semantics.md section 3
    found = effective_restoration(EIGHT_BY_FIVE, 4, *WEEK)
    assert found is not None
    # a week by hand: the waits of a failure at each moment, integrated
    workday = 4 * 4 + 4 * (16 + 4)  # four hours restored at once, four over the night
    friday = 4 * 4 + 4 * (64 + 4)
    nights = 4 * (16 * (4 + 8))  # Monday to Thursday 17:00 to 9:00, 8 hours left on average
    weekend = 64 * (4 + 32)
    assert found.mean_hours == pytest.approx((4 * workday + friday + nights + weekend) / 168)
    assert round(found.mean_hours, 1) == 22.3


def test_an_outage_of_friday_afternoon_is_restored_on_monday() -> None:
    found = effective_restoration(EIGHT_BY_FIVE, 4, *WEEK)
    assert found is not None
    assert (found.worst_start, found.worst_end) == (
        datetime(2026, 3, 6, 13, tzinfo=UTC),
        datetime(2026, 3, 9, 9, tzinfo=UTC),
    )
    assert found.worst_hours == 68


def test_around_the_clock_support_hours_are_calendar_hours() -> None:
    found = effective_restoration(None, 4, *WEEK)
    assert found is not None
    assert (found.mean_hours, found.worst_hours) == (4, 4)


def test_no_work_takes_no_time() -> None:
    found = effective_restoration(EIGHT_BY_FIVE, 0, *WEEK)
    assert found is not None
    assert (found.mean_hours, found.worst_hours) == (0, 0)


def test_a_long_closure_is_waited_for() -> None:
    shut = calendar_of("Mon-Fri 9-17", zone="", exceptions=(on("2026-03-09", until="2026-12-31"),))
    found = effective_restoration(shut, 4, *WEEK)
    assert found is not None
    assert found.worst_end == datetime(2027, 1, 1, 9, tzinfo=UTC)


def test_a_calendar_that_never_opens_restores_nothing() -> None:
    shut = calendar_of(exceptions=(on("2000-01-01", until="2099-01-01"),))
    assert effective_restoration(shut, 4, *WEEK) is None
    ola = promise("ola-1", "db", None, calendar="shut")
    assert promised_restoration_hours({"shut": shut}, [(0, ola, 4.0)], *WEEK) == {}


def test_hours_and_windows_without_meaning_are_refused() -> None:
    for hours in (-1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="support_hours must be finite"):
            effective_restoration(None, hours, *WEEK)
    with pytest.raises(ValueError, match="is not after the start"):
        effective_restoration(None, 1, MONDAY, MONDAY)


def test_cis_of_one_agreement_are_restored_alike() -> None:
    ola = promise("ola-1", "db", None, calendar="8x5")
    found = promised_restoration_hours(
        {"8x5": EIGHT_BY_FIVE}, [(0, ola, 4.0), (1, ola, 4.0), (2, ola, 0.5)], *WEEK
    )
    assert found[0] == found[1] > found[2]


_intervals = st.builds(
    lambda day, start, length: WeeklyInterval(
        weekday=day, start_minute=start, end_minute=start + length
    ),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(90, 900),
)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(_intervals, min_size=1, max_size=4),
    st.integers(1, 240),
    st.sampled_from(("Europe/Berlin", "")),
)
def test_mean_and_worst_are_those_of_a_loop_over_minutes(
    weekly: list[WeeklyInterval], minutes: int, zone: str
) -> None:
    calendar = Calendar(calendar_id="drawn", time_zone=zone, weekly=tuple(weekly))
    start = datetime(2026, 3, 28, 5, tzinfo=UTC)
    end = start + timedelta(days=2)
    found = effective_restoration(calendar, minutes / 60, start, end)
    assert found is not None
    waits, worst = looped(calendar, minutes, start, end)
    assert found.mean_hours * 60 == pytest.approx(sum(waits) / len(waits), rel=1e-12)
    assert found.worst_hours * 60 == pytest.approx(worst, rel=1e-12)


def looped(
    calendar: Calendar, needed: int, start: datetime, end: datetime
) -> tuple[list[float], float]:
    """Return the wait of a failure in the middle of each minute, and the longest of any.

    Within a minute the wait is a straight line: its middle is its mean, its first moment the most.
    """
    weeks = 2
    while True:
        minutes = open_minutes(calendar, start, end + timedelta(weeks=weeks))
        opening = [int((one - start).total_seconds()) // 60 for one in minutes]
        count = int((end - start).total_seconds()) // 60
        after = sum(one >= count for one in opening)
        if after > needed:
            break
        weeks *= 2
    waits: list[float] = []
    worst, place = 0.0, 0
    for minute in range(count):
        while opening[place] < minute:
            place += 1
        if opening[place] == minute:  # half a minute of work now, the other half at last
            waits.append(opening[place + needed] - minute)
            worst = max(worst, opening[place + needed] - minute)
        else:
            last = opening[place + needed - 1] + 1
            waits.append(last - minute - 0.5)
            worst = max(worst, last - minute)
    return waits, worst
