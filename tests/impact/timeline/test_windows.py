"""Observation, existence and windows of reports; properties over calendars and zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.timeline.histories import START, after, graph_with_past, sla
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.counting import MeasuredHistory, measure
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.values import LevelReport, Verdict
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


def observed(graph: ServiceGraph, name: str, first: float | None, last: float | None) -> None:
    number = graph.resolve(name)
    graph.cis.observed_from[number] = None if first is None else after(first)
    graph.cis.observed_to[number] = None if last is None else after(last)


def test_only_observed_time_is_measured_and_the_rest_leaves_the_verdict_open() -> None:
    graph = graph_with_past(
        "shop -> db", "db 200 260", agreements=(sla(target_availability=NINES),)
    )
    observed(graph, "db", 100, 1100)
    found = report_of(graph)
    assert (found.agreed_seconds, found.down_seconds) == (1000, 60)
    assert found.unobserved_seconds == 31 * DAY - 1000
    assert found.verdict is Verdict.OPEN
    assert any("not observed" in note for note in found.notes)
    assert not any("observation-assumed" in note for note in found.notes)


def test_observation_of_the_service_itself_wins() -> None:
    graph = graph_with_past("shop -> db & web", "", agreements=(sla(),))
    observed(graph, "db", 500, None)
    observed(graph, "shop", 0, 300)
    found = report_of(graph)
    assert found.agreed_seconds == 300
    assert found.availability == 1


def test_a_ci_without_dates_beneath_one_with_dates_is_assumed() -> None:
    graph = graph_with_past("shop -> db & web", "db 0 1", agreements=(sla(),))
    observed(graph, "db", None, 300)
    assert any("observation-assumed" in note for note in report_of(graph).notes)


def test_time_before_the_service_existed_is_no_agreed_time() -> None:
    graph = graph_with_past(
        "shop -> db", "db 0 60; db 900000 900060", agreements=(sla(target_availability=NINES),)
    )
    graph.cis.attributes["valid_from"] = {0: "2026-10-11T00:00:00"}
    found = report_of(graph)
    assert found.agreed_seconds == 21 * DAY
    assert found.down_seconds == 60
    assert found.budget_seconds == Fraction(21 * DAY, 1000)
    graph.cis.attributes["valid_from"] = {0: "soon"}
    assert report_of(graph).agreed_seconds == 31 * DAY
    graph.cis.attributes["valid_from"] = {0: "2027-10-11T00:00:00+00:00"}
    later = report_of(graph)
    assert later.agreed_seconds == 0
    assert later.availability is None


def test_the_trend_shows_windows_before_this_one_oldest_first() -> None:
    graph = graph_with_past("shop -> db", f"db {-DAY} {-DAY + 600}; db 0 60", agreements=(sla(),))
    found = service_level_reports(graph, now=LATER, window=OCTOBER, trend_windows=2).reports[0]
    assert [(one.start, int(one.used_seconds)) for one in found.trend] == [
        (datetime(2026, 9, 1, tzinfo=UTC), 600),
        (START, 60),
    ]
    week = service_level_reports(
        graph, now=after(DAY), window=parse_window("rolling:1d"), trend_windows=3
    ).reports[0]
    assert [one.used_seconds for one in week.trend] == [0, 600, 60]
    assert any("measures by month" in note for note in week.notes)


@pytest.mark.parametrize("text", ["", "2026-13", "26-10", "rolling:0d", "0001", "2026-Q5", "x"])
def test_texts_that_are_no_window_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no window; write 2026-10"):
        parse_window(text)


def test_quarters_and_years_are_windows_too() -> None:
    graph = graph_with_past("shop -> db", "db 0 60", agreements=(sla(),))
    assert report_of(graph, window="2026-Q4").agreed_seconds == 92 * DAY
    assert report_of(graph, window="2026").agreed_seconds == 365 * DAY


@settings(max_examples=30, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 400 * 24 * 4 - 1), max_size=4, unique=True),
    starts=st.lists(st.tuples(st.integers(0, 400 * 86_400), st.integers(1, 90_000)), max_size=6),
    zone=st.sampled_from(["", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    hours=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)), max_size=4
    ),
)
def test_parts_of_a_window_add_up_to_it_whatever_the_hours_and_clock_changes(
    cuts: list[int], starts: list[tuple[int, int]], zone: str, hours: list[tuple[int, int, int]]
) -> None:
    calendar = Calendar(
        calendar_id="c",
        time_zone=zone,
        weekly=tuple(
            WeeklyInterval(weekday=day, start_minute=start, end_minute=start + length)
            for day, start, length in sorted(set(hours))
        ),
    )
    text = ";".join(f"db {start} {start + length}" for start, length in starts)
    graph = graph_with_past(
        "shop -> db", text, agreements=(sla(calendar="c"),), calendars=(calendar,)
    )
    history = MeasuredHistory(graph=graph, now=after(500 * DAY))
    edges = [START, *(after(900 * cut) for cut in sorted(cuts)), after(400 * DAY)]

    def seconds(first: datetime, last: datetime) -> tuple[int, int, int]:
        part = WindowPart(start=first, end=last, is_whole=True)
        found = measure(history, 0, graph.agreements[0], part)
        return found.window_seconds, found.agreed_seconds, found.down_seconds

    parts = [seconds(first, last) for first, last in pairwise(edges)]
    assert tuple(map(sum, zip(*parts, strict=True))) == seconds(edges[0], edges[-1])


@settings(max_examples=20, deadline=None)
@given(
    starts=st.lists(st.tuples(st.integers(0, 30 * 86_400), st.integers(1, 90_000)), max_size=5),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_moving_a_zone_keeps_totals_of_round_the_clock_agreements(
    starts: list[tuple[int, int]], zone: str
) -> None:
    text = ";".join(f"db {start} {start + length}" for start, length in starts)
    year = parse_window("2026")
    here = graph_with_past("shop -> db", text, agreements=(sla(),))
    there = graph_with_past("shop -> db", text, agreements=(sla(time_zone=zone),))
    one = service_level_reports(here, now=LATER + timedelta(days=1), window=year).reports[0]
    other = service_level_reports(there, now=LATER + timedelta(days=1), window=year).reports[0]
    assert (one.agreed_seconds, one.down_seconds) == (other.agreed_seconds, other.down_seconds)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_one_more_outage_that_counts_never_raises_availability(data: st.DataObject) -> None:
    spans = st.tuples(st.sampled_from(["h1", "h2", "db"]), st.integers(0, 500), st.integers(1, 90))
    rows = data.draw(st.lists(spans, min_size=1, max_size=5))
    past = "; ".join(f"{ci} {start} {start + length}" for ci, start, length in rows)
    ci, start, length = data.draw(spans)
    before, now = (
        report_of(graph_with_past("shop -> h1 | h2 & db", text, agreements=(sla(),)))
        for text in (past, f"{past}; {ci} {start} {start + length}")
    )
    assert before.availability is not None
    assert now.availability is not None
    assert now.availability <= before.availability
    assert sum(one.seconds for one in now.attribution) == now.down_seconds
    assert sum(one.seconds for one in now.outages) == now.down_seconds
