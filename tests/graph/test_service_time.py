"""Service time of calendars: by hand, on the days clocks change, and against a minute loop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.calendar_building import calendar_of, on
from graph.calendar_oracle import open_minutes
from ripplegraph.graph.agreements import Window, WindowUnit
from ripplegraph.graph.calendars import Calendar, CalendarException, WeeklyInterval
from ripplegraph.graph.holiday_dates import holiday_dates, is_known_region
from ripplegraph.graph.service_time import (
    ServiceTime,
    epoch_second,
    service_time,
    total_seconds,
    window_containing,
)
from ripplegraph.graph.zone_offsets import offset_steps, zone_named

OFFICE = calendar_of("Mon-Fri 8-18")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "")
CHANGES = {
    "Europe/Berlin": ("2026-03-28", "2026-10-24"),
    "America/New_York": ("2026-03-07", "2026-10-31"),
    "Australia/Lord_Howe": ("2026-04-03", "2026-10-02"),
    "Asia/Kolkata": ("2026-03-28",),
    "": ("2026-12-30",),
}


def hours(calendar: Calendar | None, start: str, end: str, zone: str = "Europe/Berlin") -> float:
    at = ZoneInfo(zone)
    window = [datetime.fromisoformat(text).replace(tzinfo=at) for text in (start, end)]
    return total_seconds(service_time(calendar, *window)) / 3600


def moments(time: ServiceTime) -> list[tuple[str, str]]:
    return [
        (_utc_text(pair[0]), _utc_text(pair[1]))
        for pair in zip(time.starts.tolist(), time.ends.tolist(), strict=True)
    ]


def _utc_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%d %H:%M:%S")


# --- by hand -----------------------------------------------------------------------------------


def test_no_calendar_is_open_always_down_to_the_second() -> None:
    start = datetime(2026, 1, 1, 0, 0, 7, tzinfo=UTC)
    assert total_seconds(service_time(None, start, start + timedelta(seconds=95))) == 95


def test_a_calendar_without_hours_is_open_always() -> None:
    assert hours(calendar_of(), "2026-03-01", "2026-04-01") == 31 * 24 - 1


def test_office_hours_of_a_month_are_its_workdays_times_ten() -> None:
    assert hours(OFFICE, "2026-02-01", "2026-03-01") == 20 * 10
    assert hours(OFFICE, "2026-03-01", "2026-04-01") == 22 * 10


def test_an_empty_stretch_has_no_service_time() -> None:
    start = datetime(2026, 2, 2, tzinfo=UTC)
    assert len(service_time(OFFICE, start, start)) == 0


def test_several_intervals_a_day_count_each() -> None:
    lunch = calendar_of("Mon-Fri 8-12", "Mon-Fri 13-17")
    assert hours(lunch, "2026-02-02", "2026-02-03") == 8


def test_overlapping_and_touching_intervals_count_once() -> None:
    shifts = calendar_of("Mon 6-14", "Mon 13-22", "Mon 22-24")
    start = datetime(2026, 2, 2, tzinfo=BERLIN)
    time = service_time(shifts, start, start + timedelta(days=1))
    assert moments(time) == [("02 05:00:00", "02 23:00:00")]


def test_hours_past_midnight_last_into_the_next_day_and_over_the_end_of_the_week() -> None:
    night = calendar_of("Sun 22-30")
    assert hours(night, "2026-02-02", "2026-02-03") == 6
    assert hours(night, "2026-02-01", "2026-02-02") == 2


def test_a_holiday_is_closed_from_midnight_to_midnight() -> None:
    night = calendar_of("Thu 22-30", holidays=("2026-01-02",))
    assert hours(night, "2026-01-01", "2026-01-03") == 2


def test_holidays_of_a_region_are_closed_and_of_another_region_are_not() -> None:
    bavaria = calendar_of("Mon-Fri 8-18", holidays=("DE-BY",))
    germany = calendar_of("Mon-Fri 8-18", holidays=("DE",))
    assert hours(bavaria, "2026-01-05", "2026-01-10") == 4 * 10  # Epiphany, a Tuesday
    assert hours(germany, "2026-01-05", "2026-01-10") == 5 * 10


def test_holidays_close_a_calendar_that_is_else_open_always() -> None:
    assert hours(calendar_of(holidays=("2026-02-03",)), "2026-02-02", "2026-02-05") == 48


def test_an_unknown_region_has_no_holidays() -> None:
    assert (
        hours(calendar_of("Mon-Fri 8-18", holidays=("DE-QQ",)), "2026-01-05", "2026-01-10") == 50
    )


def test_an_exception_replaces_the_hours_of_its_date() -> None:
    eve = calendar_of("Mon-Fri 8-18", exceptions=(on("2026-12-24", (8, 12)), on("2026-12-31")))
    assert hours(eve, "2026-12-24", "2026-12-25") == 4
    assert hours(eve, "2026-12-31", "2027-01-01") == 0


def test_an_exception_opens_a_holiday_and_a_weekend() -> None:
    sale = calendar_of(
        "Mon-Fri 8-18",
        holidays=("DE",),
        exceptions=(on("2026-12-25", (10, 14)), on("2026-12-27", (10, 12))),
    )
    assert hours(sale, "2026-12-25", "2026-12-28") == 6


def test_an_exception_may_last_many_days_and_reach_over_the_window() -> None:
    closed = calendar_of("Mon-Fri 8-18", exceptions=(on("2026-12-24", until="2027-01-06"),))
    assert hours(closed, "2026-12-28", "2027-01-09") == 20


def test_hours_of_an_exception_past_midnight_last_into_a_closed_day() -> None:
    party = calendar_of(
        "Mon-Fri 8-18", holidays=("2027-01-01",), exceptions=(on("2026-12-31", (22, 26)),)
    )
    assert hours(party, "2026-12-31", "2027-01-02") == 4


def test_two_exceptions_of_one_date_are_united() -> None:
    day = calendar_of(
        "Mon 8-18", exceptions=(on("2026-02-02", (8, 10)), on("2026-02-02", (9, 11)))
    )
    assert hours(day, "2026-02-02", "2026-02-03") == 3


# --- the days clocks change --------------------------------------------------------------------


def test_an_hour_that_the_spring_skips_is_not_there() -> None:
    night = calendar_of("Sun 0-6")
    assert hours(night, "2026-03-29", "2026-03-30") == 5
    assert hours(night, "2026-10-25", "2026-10-26") == 7


def test_an_opening_inside_the_skipped_hour_is_the_moment_of_the_change() -> None:
    early = calendar_of("Sun 2.5-6")
    start = datetime(2026, 3, 29, tzinfo=BERLIN)
    time = service_time(early, start, start + timedelta(days=1))
    assert moments(time) == [("29 01:00:00", "29 04:00:00")]


def test_a_repeated_half_hour_is_open_twice_with_a_gap() -> None:
    early = calendar_of("Sun 2.5-6")
    start = datetime(2026, 10, 25, tzinfo=BERLIN)
    time = service_time(early, start, start + timedelta(days=1))
    assert moments(time) == [("25 00:30:00", "25 01:00:00"), ("25 01:30:00", "25 05:00:00")]


def test_a_zone_that_moves_by_half_an_hour_does_so_to_the_second() -> None:
    howe = calendar_of("Sun 0-6", zone="Australia/Lord_Howe")
    assert hours(howe, "2026-04-05", "2026-04-06", "Australia/Lord_Howe") == 6.5
    assert hours(howe, "2026-10-04", "2026-10-05", "Australia/Lord_Howe") == 5.5


def test_a_date_that_a_zone_skipped_has_no_hours() -> None:
    apia = calendar_of("Mon-Sun 8-18", zone="Pacific/Apia")
    assert hours(apia, "2011-12-29", "2012-01-01", "Pacific/Apia") == 20


def test_a_change_across_the_turn_of_a_year_is_found() -> None:
    # Samoa skipped 30 December 2011; Bougainville and others changed around New Year
    steps, offsets = offset_steps("Pacific/Apia", 1_325_000_000, 1_326_000_000)
    assert (steps[1:].tolist(), offsets.tolist()) == ([1_325_239_200], [-36_000, 50_400])


@pytest.mark.parametrize("zone", ["Africa/Cairo", "America/Caracas", "Australia/Lord_Howe"])
def test_steps_of_a_zone_are_those_that_probing_every_half_hour_finds(zone: str) -> None:
    start, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2007, 2011))
    name = zone_named(zone)
    probes = range(start, end, 1800)
    probed = [datetime.fromtimestamp(one, name).utcoffset() for one in probes]
    changed = [0, *(k for k in range(1, len(probed)) if probed[k] != probed[k - 1])]
    steps, offsets = offset_steps(zone, start, end)
    assert steps.tolist() == [probes[k] for k in changed]
    assert [timedelta(seconds=int(one)) for one in offsets] == [probed[k] for k in changed]


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="'Europe/Bonn' is no time zone"):
        zone_named("Europe/Bonn")


# --- refusals ----------------------------------------------------------------------------------


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        epoch_second(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_stretch_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="is before the start"):
        service_time(None, datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def test_an_exception_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        on("2026-01-02", until="2026-01-01")
    with pytest.raises(ValueError, match="not hours of a day"):
        on("2026-01-02", (9, 8))


# --- holidays ----------------------------------------------------------------------------------


def test_regions_that_the_library_does_not_know_are_told() -> None:
    entries = ("DE", "DE-BY", "2026-12-24", "XX", "DE-QQ")
    assert [is_known_region(entry) for entry in entries] == [True, True, True, False, False]


def test_dates_outside_the_years_are_left_out() -> None:
    assert holiday_dates(("2025-12-24", "2026-12-24"), 2026, 2027) == {date(2026, 12, 24)}


# --- against a minute loop ---------------------------------------------------------------------

_minutes = st.integers(0, 1439)
_intervals = st.builds(
    lambda day, start, length: WeeklyInterval(
        weekday=day, start_minute=start, end_minute=start + length
    ),
    st.integers(0, 6),
    _minutes,
    st.integers(1, 1440),
)
_pairs = st.builds(lambda start, length: (start, start + length), _minutes, st.integers(1, 1440))


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone = draw(st.sampled_from(ZONES))
    start = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone]))).replace(tzinfo=UTC)
    days = st.integers(-1, 4).map(lambda step: start.date() + timedelta(days=step))
    exceptions = st.builds(
        lambda day, more, pairs: CalendarException(
            first_day=day, last_day=day + timedelta(days=more), hours=tuple(pairs)
        ),
        days,
        st.integers(0, 2),
        st.lists(_pairs, max_size=2),
    )
    calendar = Calendar(
        calendar_id="drawn",
        time_zone=zone,
        weekly=tuple(sorted(set(draw(st.lists(_intervals, max_size=6))))),
        holidays=tuple(day.isoformat() for day in draw(st.lists(days, max_size=2))),
        exceptions=tuple(draw(st.lists(exceptions, max_size=2))),
    )
    return calendar, start + timedelta(minutes=draw(st.integers(0, 1440)))


@settings(max_examples=60, deadline=None)
@given(_cases())
def test_every_minute_is_open_or_closed_as_the_clock_on_the_wall_says(
    case: tuple[Calendar, datetime],
) -> None:
    calendar, start = case
    end = start + timedelta(days=3)
    time = service_time(calendar, start, end)
    found = [
        second
        for one, other in zip(time.starts, time.ends, strict=True)
        for second in range(one, other, 60)
    ]
    assert found == [epoch_second(minute) for minute in open_minutes(calendar, start, end)]
    assert (time.starts[1:] > time.ends[:-1]).all()


@settings(max_examples=40, deadline=None)
@given(_cases(), st.integers(0, 3 * 86_400))
def test_the_parts_of_a_stretch_add_up_to_the_whole(
    case: tuple[Calendar, datetime], second: int
) -> None:
    calendar, start = case
    middle, end = start + timedelta(seconds=second), start + timedelta(days=3)
    parts = ((start, middle), (middle, end))
    total = sum(total_seconds(service_time(calendar, *part)) for part in parts)
    assert total == total_seconds(service_time(calendar, start, end))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(_intervals, min_size=1, max_size=6), st.sampled_from(("Asia/Kolkata", "Asia/Tokyo"))
)
def test_moving_a_calendar_to_another_zone_keeps_the_total_of_its_week(
    weekly: list[WeeklyInterval], zone: str
) -> None:
    def total(name: str) -> int:
        calendar = Calendar(calendar_id="drawn", time_zone=name, weekly=tuple(weekly))
        start = datetime(2026, 2, 2, tzinfo=zone_named(name))
        return total_seconds(service_time(calendar, start, start + timedelta(days=7)))

    assert total("") == total(zone)


# --- windows -----------------------------------------------------------------------------------


def window(unit: WindowUnit, moment: str, zone: str = "", days: int = 0) -> tuple[str, str]:
    at = datetime.fromisoformat(moment)
    start, end = window_containing(Window(unit=unit, days=days), at, zone)
    assert start.tzinfo is UTC
    return start.strftime("%Y-%m-%d %H:%M"), end.strftime("%Y-%m-%d %H:%M")


def test_calendar_windows_begin_at_midnight_of_the_zone() -> None:
    moment = "2026-05-15T12:00+00:00"
    zone = "America/New_York"
    assert window(WindowUnit.MONTH, moment, zone) == ("2026-05-01 04:00", "2026-06-01 04:00")
    assert window(WindowUnit.QUARTER, moment, zone) == ("2026-04-01 04:00", "2026-07-01 04:00")
    assert window(WindowUnit.YEAR, moment, zone) == ("2026-01-01 05:00", "2027-01-01 05:00")


def test_without_a_zone_windows_are_those_of_utc() -> None:
    assert window(WindowUnit.MONTH, "2026-12-31T23:59+00:00") == (
        "2026-12-01 00:00",
        "2027-01-01 00:00",
    )


def test_the_zone_decides_which_month_a_moment_is_in() -> None:
    assert window(WindowUnit.MONTH, "2026-12-31T23:30+00:00", "Europe/Berlin") == (
        "2026-12-31 23:00",
        "2027-01-31 23:00",
    )


def test_a_rolling_window_ends_with_the_moment_and_its_days_have_24_hours() -> None:
    assert window(WindowUnit.ROLLING, "2026-03-30T14:00+02:00", "Europe/Berlin", 7) == (
        "2026-03-23 12:00",
        "2026-03-30 12:00",
    )


def test_a_month_whose_first_midnight_is_skipped_begins_with_the_change() -> None:
    assert window(WindowUnit.MONTH, "2005-04-10T00:00+00:00", "Asia/Damascus") == (
        "2005-03-31 22:00",
        "2005-04-30 21:00",
    )


def test_a_month_begins_once_where_clocks_go_back_over_its_first_midnight() -> None:
    zone = "America/St_Johns"  # 2009-11-01 00:01 became 2009-10-31 23:01
    october = window(WindowUnit.MONTH, "2009-11-01T02:29+00:00", zone)
    november = window(WindowUnit.MONTH, "2009-11-01T02:45+00:00", zone)
    assert october[1] == november[0] == "2009-11-01 02:30"
    assert november == window(WindowUnit.MONTH, "2009-11-20T00:00+00:00", zone)


def test_a_window_needs_a_moment_with_a_zone() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        window_containing(Window(), datetime(2026, 1, 1))  # noqa: DTZ001


@settings(max_examples=60, deadline=None)
@given(
    st.integers(631_152_000, 2_114_380_800).map(lambda one: datetime.fromtimestamp(one, UTC)),
    st.sampled_from((*ZONES, "America/St_Johns", "Asia/Beirut")),
    st.sampled_from((WindowUnit.MONTH, WindowUnit.QUARTER, WindowUnit.YEAR)),
)
def test_windows_hold_their_moment_and_follow_each_other(
    moment: datetime, zone: str, unit: WindowUnit
) -> None:
    start, end = window_containing(Window(unit=unit), moment, zone)
    assert start <= moment < end
    assert window_containing(Window(unit=unit), start, zone) == (start, end)
    assert window_containing(Window(unit=unit), end, zone)[0] == end
