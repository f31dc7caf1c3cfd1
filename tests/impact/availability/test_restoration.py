"""Restoration in support hours: by hand, and against a loop over minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.calendar_building import calendar_of, on
from graph.calendar_oracle import open_minutes
from graph_building import records_of_text
from impact.agreements.promises import promise
from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.process_records import TimeTarget
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.options import AvailabilityOptions
from ripplegraph.impact.availability.own import own_reliabilities
from ripplegraph.impact.availability.restoration import (
    effective_restoration,
    promised_restoration_hours,
)
from ripplegraph.impact.availability.values import Basis

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


def test_hours_and_windows_without_meaning_are_refused() -> None:
    for hours in (-1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="support_hours must be finite"):
            effective_restoration(None, hours, *WEEK)
    with pytest.raises(ValueError, match="is not after the start"):
        effective_restoration(None, 1, MONDAY, MONDAY)


# --- as agreements promise it ------------------------------------------------------------------


def graph_with(*agreements: Agreement, targets: tuple[TimeTarget, ...] = ()) -> ServiceGraph:
    records = records_of_text("shop -> db & web")
    records.agreements.extend(agreements)
    shut = calendar_of(exceptions=(on("2000-01-01", until="2099-01-01"),), name="shut")
    records.calendars += [EIGHT_BY_FIVE, shut]
    records.time_targets.extend(targets)
    return build_service_graph(records).graph


def restored(graph: ServiceGraph) -> dict[str, float]:
    found = promised_restoration_hours(graph, at=MONDAY)
    return {graph.cis.name[ci]: round(hours, 1) for ci, hours in found.items()}


def test_the_promised_mean_time_counts_before_the_time_to_resolve() -> None:
    times = (
        TimeTarget(agreement="ola-1", priority="P2", resolution_minutes=600),
        TimeTarget(agreement="ola-1", priority="P1", resolution_minutes=120),
        TimeTarget(agreement="ola-1", priority="P0", response_minutes=5),
    )
    assert restored(graph_with(promise("ola-1", "db", None), targets=times)) == {"db": 2}
    mean = promise("ola-1", "db web", None, mtrs_hours=3.0)
    assert restored(graph_with(mean, targets=times)) == {"db": 3, "web": 3}


def test_the_first_priority_is_that_of_the_lowest_number() -> None:
    times = (
        TimeTarget(agreement="ola-1", priority="P10", resolution_minutes=6000),
        TimeTarget(agreement="ola-1", priority="P2", resolution_minutes=600),
    )
    assert restored(graph_with(promise("ola-1", "db", None), targets=times)) == {"db": 10}


def test_the_ola_answers_and_of_two_contracts_the_slower() -> None:
    hours = {"ola-1": 5.0, "upc-1": 9.0, "upc-2": 2.0, "upc-3": 3.0, "upc-4": 3.0}
    covers = {"ola-1": "db", "upc-1": "db", "upc-2": "web", "upc-3": "web", "upc-4": "web"}
    graph = graph_with(*(promise(one, covers[one], None, mtrs_hours=hours[one]) for one in hours))
    assert restored(graph) == {"db": 5, "web": 3}


def test_slas_expired_agreements_and_closed_ones_restore_nothing() -> None:
    graph = graph_with(
        promise("sla-1", "shop", None, mtrs_hours=1.0),
        promise("ola-1", "db", None, mtrs_hours=1.0, valid_to=datetime(2026, 1, 1, tzinfo=UTC)),
        promise("ola-2", "web", None, mtrs_hours=1.0, calendar="shut"),
    )
    assert restored(graph) == {}


def test_own_reliability_rests_on_the_promised_time_by_the_clock() -> None:
    graph = graph_with(promise("ola-1", "db", None, mtrs_hours=4.0, calendar="8x5"))
    db = graph.resolve("db")
    graph.cis.mtbf_hours[db] = 1000.0
    (own,) = own_reliabilities(graph, [db], AvailabilityOptions(), at=MONDAY).values()
    assert own.basis is Basis.AGREEMENT_TIME
    assert own.unavailability == pytest.approx(22.3 / 1022.3, rel=0.01)
    assert own.detail == "restored within 22.26 h by the clock as promised"
    (stated,) = own_reliabilities(
        graph, [db], AvailabilityOptions(promised_restoration_hours={db: 9.0}), at=MONDAY
    ).values()
    assert stated.unavailability == 9 / 1009


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
