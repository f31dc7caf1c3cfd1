"""Values refuse what means nothing; findings keep their order and their counts."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ripplegraph.errors import UnknownCiError
from ripplegraph.graph.agreements import Window, WindowUnit
from ripplegraph.graph.calendars import WeeklyInterval
from ripplegraph.graph.findings import (
    FINDING_CATALOGUE,
    LISTED_PER_CODE,
    FileTally,
    FindingCollector,
    LoadReport,
    Severity,
    finding,
    sorted_findings,
)
from ripplegraph.graph.model import Requirement, RequirementUnit
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import is_valid_at

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_requirement_of_nothing_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="needs a value > 0"):
        Requirement(unit=RequirementUnit.WEIGHT, value=Decimal(value))


def test_percent_above_a_hundred_is_refused() -> None:
    with pytest.raises(ValueError, match="a value <= 100, got 101"):
        Requirement(unit=RequirementUnit.PERCENT, value=Decimal(101))


def test_large_requirement_is_written_without_an_exponent() -> None:
    assert str(Requirement(unit=RequirementUnit.WEIGHT, value=Decimal("1E+2"))) == "100"


@pytest.mark.parametrize(("unit", "days"), [(WindowUnit.ROLLING, 0), (WindowUnit.MONTH, 30)])
def test_window_has_days_only_if_it_rolls(unit: WindowUnit, days: int) -> None:
    with pytest.raises(ValueError, match="rolling windows need days >= 1"):
        Window(unit=unit, days=days)


def test_calendar_window_is_written_by_its_unit() -> None:
    assert str(Window(unit=WindowUnit.QUARTER)) == "quarter"


@pytest.mark.parametrize("numbers", [(7, 0, 60), (0, 1440, 1500), (0, 60, 60), (0, 0, 1441)])
def test_weekly_interval_that_is_none_is_refused(numbers: tuple[int, int, int]) -> None:
    weekday, start, end = numbers
    with pytest.raises(
        ValueError, match=f"not an interval of the week: {weekday}, {start}, {end}"
    ):
        WeeklyInterval(weekday=weekday, start_minute=start, end_minute=end)


def test_interval_may_run_past_midnight() -> None:
    night = WeeklyInterval(weekday=5, start_minute=22 * 60, end_minute=26 * 60)
    assert night.end_minute - night.start_minute == 240


def test_outage_is_open_from_its_start_until_before_its_end() -> None:
    outage = Outage(ci="db", start=NOON, end=NOON + HOUR)
    moments = (NOON - HOUR, NOON, NOON + HOUR)
    assert [outage.is_open_at(moment) for moment in moments] == [False, True, False]


def test_dates_hold_from_their_start_until_before_their_end() -> None:
    dates = (NOON, NOON + HOUR)
    moments = (NOON - HOUR, NOON, NOON + HOUR)
    assert [is_valid_at(dates, moment) for moment in moments] == [False, True, False]
    assert is_valid_at((None, None), NOON)


def test_findings_stand_worst_first_then_by_code_and_place() -> None:
    some = [
        finding("orphan", "info"),
        finding("cycle", "warning"),
        finding("duplicate-id", "later", file="cis.csv", row=9),
        finding("duplicate-id", "first", file="cis.csv", row=2),
    ]
    assert [one.message for one in sorted_findings(some)] == ["first", "later", "warning", "info"]


def test_many_findings_of_one_code_end_in_one_for_the_rest() -> None:
    found = FindingCollector()
    for row in range(LISTED_PER_CODE + 5, 0, -1):
        found.add("cycle", f"circle {row:03}", file="rel.csv", row=row, count=2)
    every = found.findings()
    assert len(every) == LISTED_PER_CODE + 1
    assert (every[0].row, every[-2].row) == (1, LISTED_PER_CODE)
    rest = every[-1]
    assert (rest.count, rest.row) == (10, LISTED_PER_CODE + 1)
    assert rest.message == "and 10 more like: circle 101"


def test_unknown_finding_code_is_a_bug() -> None:
    with pytest.raises(KeyError, match="no-such-code"):
        finding("no-such-code", "")


def test_every_finding_code_has_a_meaning_and_an_advice() -> None:
    for code, rule in FINDING_CATALOGUE.items():
        assert code == code.lower()
        assert rule.meaning.endswith("."), code
        assert rule.advice.endswith("."), code
        assert rule.severity in Severity


def test_report_adds_up_the_rows_of_its_files() -> None:
    tallies = tuple(
        FileTally(file=name, rows_read=5, rows_used=3, rows_reported=2) for name in ("a", "b")
    )
    report = LoadReport(files=tallies)
    assert (report.rows_read, report.rows_used, report.rows_reported) == (10, 6, 4)


def test_error_survives_pickling_with_its_fields() -> None:
    again = pickle.loads(pickle.dumps(UnknownCiError("db", ("db-1",))))
    assert (again.ci_id, again.suggestions) == ("db", ("db-1",))
    assert str(again) == "CI 'db' is not in the graph. Did you mean 'db-1'?"
