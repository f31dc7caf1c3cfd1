"""Segments of equal coverage, budgets over windows touched, and how far agreements fit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.calendar_building import calendar_of
from impact.agreements.promises import AT, agreed, promise, sla
from ripplegraph.graph.agreements import Agreement, Scope, Window, WindowUnit
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.time_sets import ServiceTime, merged, spans, total_seconds
from ripplegraph.impact.agreements.agreed_windows import AgreedWindows
from ripplegraph.impact.agreements.coverage import (
    BudgetWindow,
    budget_seconds,
    budget_windows,
    coverage_segments,
    fit_of,
)
from ripplegraph.impact.agreements.fits import agreement_fits

MONTH = Window()
QUARTER = Window(unit=WindowUnit.QUARTER)
YEAR = Window(unit=WindowUnit.YEAR)
OFFICE = calendar_of("Mon-Fri 8-18")  # November 2026 has 21 workdays
ALWAYS = calendar_of("Mon-Sun 0-24", name="always")
DAY = 86_400


def windows_of(*calendars: Calendar) -> AgreedWindows:
    return AgreedWindows(graph=agreed("shop -> db", calendars=calendars), at=AT)


# --- segments ----------------------------------------------------------------------------------


def test_segments_tell_who_covers_which_part_of_the_agreed_time() -> None:
    week = spans([0], [168])
    office = merged(24 * np.arange(5) + 8, 24 * np.arange(5) + 18)
    nights = merged(24 * np.arange(7) + 16, 24 * np.arange(7) + 32)
    found = coverage_segments(week, [office, nights])
    assert dict(zip(found.covering, found.seconds, strict=True)) == {
        frozenset(): 16 + 8,  # weekend days, and Monday before eight
        frozenset([0]): 5 * 8,
        frozenset([1]): 168 - 24 - 50,
        frozenset([0, 1]): 5 * 2,
    }
    assert found.seconds == tuple(sorted(found.seconds, reverse=True))
    assert sum(found.minutes) == 168 / 60


def test_no_agreed_time_has_no_segments() -> None:
    assert coverage_segments(spans([], []), [spans([0], [5])]).seconds == ()


def test_an_agreed_time_that_nobody_covers_is_one_segment() -> None:
    found = coverage_segments(spans([0, 20], [10, 30]), [])
    assert (found.covering, found.seconds) == ((frozenset(),), (20,))


_pairs = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=4)


def of(pairs: list[tuple[int, int]]) -> ServiceTime:
    starts = np.array([start for start, _ in pairs], dtype=np.int64)
    return merged(starts, starts + np.array([length for _, length in pairs], dtype=np.int64))


@settings(deadline=None)
@given(_pairs, st.lists(_pairs, max_size=3), st.booleans())
def test_segments_are_those_of_looking_at_every_second(
    agreed_pairs: list[tuple[int, int]], others: list[list[tuple[int, int]]], is_shared: bool
) -> None:
    times = [of(pairs) for pairs in others]
    if is_shared and times:
        times.append(times[0])
    expected: dict[frozenset[int], int] = {}
    for second in range(60):
        if _holds(of(agreed_pairs), second):
            key = frozenset(k for k, one in enumerate(times) if _holds(one, second))
            expected[key] = expected.get(key, 0) + 1
    found = coverage_segments(of(agreed_pairs), times)
    assert dict(zip(found.covering, found.seconds, strict=True)) == expected


def _holds(time: ServiceTime, second: int) -> bool:
    return any(a <= second < b for a, b in zip(time.starts, time.ends, strict=True))


# --- budgets -----------------------------------------------------------------------------------


def budget(agreement: Agreement, start: datetime, end: datetime, *calendars: Calendar) -> float:
    touched = budget_windows(windows_of(*calendars), agreement, start, end)
    found = budget_seconds(agreement, touched)
    assert found is not None
    return float(found / 60)


NOVEMBER = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def test_a_budget_of_the_same_window_is_what_the_target_leaves() -> None:
    ola = promise("ola-1", "db", "0.999", window=MONTH)
    assert budget(ola, *NOVEMBER) == 43.2


def test_a_whole_years_budget_may_fall_into_one_month() -> None:
    ola = promise("ola-1", "db", "0.999", window=YEAR)
    assert budget(ola, *NOVEMBER) == 525.6


def test_twelve_months_of_budget_make_up_a_year() -> None:
    year = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert budget(promise("ola-1", "db", "0.999", window=MONTH), *year) == 525.6


def test_windows_in_another_zone_straddle_and_bring_two_budgets() -> None:
    # the hour of November 1 in Berlin that is still October in UTC holds 60 minutes at most
    ola = promise("ola-1", "db", "0.999", window=MONTH)
    start, end = (one - timedelta(hours=1) for one in NOVEMBER)
    assert budget(ola, start, end) == 43.2 + 44.64


def test_a_straddling_window_brings_no_more_than_fits_into_its_part() -> None:
    ola = promise("ola-1", "db", "0.9", window=MONTH)
    start, end = (one - timedelta(hours=1) for one in NOVEMBER)
    assert budget(ola, start, end) == 4320 + 60


def test_rolling_windows_are_laid_end_to_end() -> None:
    ola = promise("ola-1", "db", "0.999")  # rolling 30 days
    assert budget(ola, *NOVEMBER) == 43.2
    december = (NOVEMBER[1], datetime(2027, 1, 1, tzinfo=UTC))
    assert budget(ola, *december) == 2 * 43.2


def test_budgets_count_the_service_time_of_the_agreement_itself() -> None:
    ola = promise("ola-1", "db", "0.99", window=MONTH, calendar="office")
    assert budget(ola, *NOVEMBER, OFFICE) == 21 * 600 / 100


def test_an_agreement_without_a_target_has_no_budget() -> None:
    ola = promise("ola-1", "db", None)
    assert budget_seconds(ola, budget_windows(windows_of(), ola, *NOVEMBER)) is None


def test_a_budget_is_exact() -> None:
    ola = promise("ola-1", "db", "0.999999999")
    touched = [BudgetWindow(start=AT, end=AT, own_seconds=30 * DAY, within_seconds=30 * DAY)]
    assert budget_seconds(ola, touched) == Fraction(30 * DAY, 10**9)


# --- fits --------------------------------------------------------------------------------------


def test_office_hours_behind_a_promise_around_the_clock_leave_the_nights_uncovered() -> None:
    windows = windows_of(OFFICE, ALWAYS)
    promised = sla(calendar="always", window=MONTH)
    fit = fit_of(
        windows, promised, promise("ola-1", "db", "0.99", window=MONTH, calendar="office")
    )
    assert (fit.agreed_seconds // 60, fit.uncovered_seconds // 60) == (43_200, 43_200 - 12_600)
    assert (fit.has_hours_mismatch, fit.has_window_mismatch) == (True, False)


def test_hours_and_windows_that_are_the_same_fit() -> None:
    windows = windows_of(OFFICE)
    ola = promise("ola-1", "db", "0.99", window=MONTH, calendar="office")
    fit = fit_of(windows, sla(calendar="office", window=MONTH), ola)
    assert (fit.has_hours_mismatch, fit.has_window_mismatch) == (False, False)
    assert fit.budget_seconds == fit.even_budget_seconds == 21 * 600 * 60 // 100


def test_an_agreement_without_a_target_has_no_window_mismatch() -> None:
    fit = fit_of(windows_of(), sla(window=MONTH), promise("ola-1", "db", None, window=YEAR))
    assert not fit.has_window_mismatch


def test_the_zone_of_an_agreement_goes_before_that_of_its_calendar() -> None:
    windows = windows_of(OFFICE)
    ola = promise("ola-1", "db", "0.99", calendar="office", time_zone="Asia/Tokyo")
    assert windows.zone_of(ola) == "Asia/Tokyo"
    assert windows.zone_of(promise("ola-1", "db", "0.99", calendar="office")) == "Europe/Berlin"
    assert windows.zone_of(promise("ola-1", "db", "0.99")) == ""


def test_findings_name_the_agreement_behind_and_the_promise_that_it_misses_most() -> None:
    graph = agreed(
        "shop -> db; till -> db",
        sla(calendar="always", window=MONTH),
        promise("sla-2", "till", "0.99", calendar="long", window=MONTH),
        promise("ola-1", "db", "0.99", calendar="office", window=QUARTER, file="olas.csv", row=7),
        calendars=(OFFICE, ALWAYS, calendar_of("Mon-Fri 6-20", name="long")),
        services=("shop", "till"),
    )
    found = agreement_fits(graph, at=AT)
    assert [one.promised.agreement_id for one in found.fits] == ["sla-1", "sla-2"]
    assert [(one.code, one.file, one.row, one.count) for one in found.findings] == [
        ("coverage-mismatch", "olas.csv", 7, 2),
        ("window-mismatch", "olas.csv", 7, 2),
    ]
    assert found.findings[0].message == (
        "OLA 'ola-1' does not cover 30,600 of the 43,200 minutes (70.8 %) that SLA 'sla-1' "
        "promises from 2026-11-01 to 2026-12-01; the most of 2 agreements that rest on it"
    )
    assert found.findings[1].message == (
        "OLA 'ola-1' is measured by quarter, SLA 'sla-1' by month: 396.0 minutes of downtime "
        "may fall into one window, spread evenly it would be 126.0; the most of 2 agreements "
        "that rest on it"
    )


def test_a_contract_behind_an_ola_is_compared_with_it_and_not_with_the_sla() -> None:
    graph = agreed(
        "shop -> db",
        sla(window=MONTH),
        promise("ola-1", "db", "0.99", window=MONTH),
        promise("upc-1", "db", "0.99", window=MONTH, calendar="office"),
        calendars=(OFFICE,),
    )
    (fit,) = (one for one in agreement_fits(graph, at=AT).fits if one.has_hours_mismatch)
    assert (fit.promised.agreement_id, fit.behind.agreement_id) == ("ola-1", "upc-1")


def test_nothing_beneath_an_inclusive_promise_is_compared() -> None:
    graph = agreed(
        "shop -> cloud; cloud -> db; mail -> db; db -> mail",
        sla(window=MONTH),
        promise("upc-1", "cloud", "0.99", window=MONTH, scope=Scope.INCLUSIVE),
        promise("ola-1", "db", "0.99", window=MONTH, calendar="office"),
        promise("sla-2", "mail", "0.99", window=MONTH, calendar="office"),
        calendars=(OFFICE,),
        services=("shop", "mail"),
    )
    assert [one for one in agreement_fits(graph, at=AT).fits if one.has_hours_mismatch] == []


def test_uncovered_and_covered_seconds_add_up_to_the_agreed_ones() -> None:
    windows = windows_of(OFFICE, ALWAYS)
    promised, ola = (
        sla(calendar="always", window=MONTH),
        promise("ola-1", "db", "0.9", calendar="office"),
    )
    fit = fit_of(windows, promised, ola)
    segments = coverage_segments(
        windows.of(promised).time, [windows.hours(ola, fit.start, fit.end)]
    )
    by_cover = dict(zip(segments.covering, segments.seconds, strict=True))
    assert by_cover[frozenset()] == fit.uncovered_seconds
    assert sum(by_cover.values()) == total_seconds(windows.of(promised).time)


def test_a_longer_window_alone_is_a_finding_once_for_all_that_an_agreement_covers() -> None:
    graph = agreed(
        "shop -> db & web",
        sla(window=MONTH),
        promise("ola-1", "db web", "0.99", window=YEAR),
        promise("upc-1", "shop", "0.99", window=MONTH),
        promise("upc-2", "shop", "0.99", window=YEAR),
    )
    answer = agreement_fits(graph, at=AT)
    assert [(one.code, one.count) for one in answer.findings] == [("window-mismatch", 1)]


def test_months_of_different_zones_are_named_with_their_zones() -> None:
    graph = agreed(
        "shop -> db",
        sla(window=MONTH, calendar="office"),
        promise("ola-1", "db", "0.99", window=MONTH),
        calendars=(OFFICE,),
    )
    (found,) = agreement_fits(graph, at=AT).findings
    assert found.message.startswith(
        "OLA 'ola-1' is measured by month of UTC, SLA 'sla-1' by month of Europe/Berlin: "
    )
