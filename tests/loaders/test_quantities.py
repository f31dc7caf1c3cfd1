"""Quantities as users write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.agreements import Window, WindowUnit
from ripplegraph.graph.calendars import WeeklyInterval
from ripplegraph.graph.model import Requirement, RequirementUnit, Strength
from ripplegraph.loaders.quantities import (
    read_flag,
    read_fraction,
    read_hours,
    read_operating_hours,
    read_requirement,
    read_strength,
    read_weekly,
    read_weight,
    read_window,
    split_list,
    weekly_text,
)


@pytest.mark.parametrize(
    ("text", "fraction"),
    [
        ("0.9995", "0.9995"),
        ("99.95%", "0.9995"),
        (" 99.95 % ", "0.9995"),
        ("99,95%", "0.9995"),
        ("0,9995", "0.9995"),
        ("1", "1"),
        ("100%", "1"),
        ("0", "0"),
        ("9.9e-1", "0.99"),
    ],
)
def test_a_fraction_is_read_exactly_in_both_spellings(text: str, fraction: str) -> None:
    assert read_fraction(text) == Decimal(fraction)


def test_a_bare_number_above_one_is_refused_with_both_spellings_shown() -> None:
    with pytest.raises(InvalidQuantityError, match=r"Write 0\.9995 or 99\.95%"):
        read_fraction("99.95")


@pytest.mark.parametrize(
    "text", ["", "%", "abc", "-0.5", "nan", "inf", "101%", "1e999", "0x1", "1_0%", "٩٩%", "1000"]
)
def test_what_is_no_fraction_is_refused(text: str) -> None:
    with pytest.raises(InvalidQuantityError, match="is not a fraction between 0 and 1"):
        read_fraction(text)


def test_a_number_of_a_million_digits_is_refused_and_not_shown_whole() -> None:
    with pytest.raises(InvalidQuantityError, match="9999") as caught:
        read_fraction("9" * 1_000_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2", RequirementUnit.WEIGHT, "2"),
        ("0.5", RequirementUnit.WEIGHT, "0.5"),
        ("50%", RequirementUnit.PERCENT, "50"),
        ("count:2", RequirementUnit.COUNT, "2"),
        ("Any", RequirementUnit.COUNT, "1"),
        ("ALL", RequirementUnit.PERCENT, "100"),
    ],
)
def test_a_requirement_is_read_in_each_spelling(
    text: str, unit: RequirementUnit, value: str
) -> None:
    assert read_requirement(text) == Requirement(unit=unit, value=Decimal(value))


@pytest.mark.parametrize("text", ["0", "-1", "0%", "101%", "count:0", "some", "count:"])
def test_a_requirement_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidQuantityError, match=r"Write 2, 50%, count:2, all or any"):
        read_requirement(text)


def test_weights_and_hours_are_not_negative() -> None:
    assert read_weight("0.1") == Decimal("0.1")
    assert read_hours("1.5") == 1.5
    with pytest.raises(InvalidQuantityError, match="not a weight"):
        read_weight("-1")
    with pytest.raises(InvalidQuantityError, match="number of hours"):
        read_hours("soon")
    with pytest.raises(InvalidQuantityError, match="hours > 0"):
        read_operating_hours("0")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("3,665", 3665.0),
        ("1,234,567.5", 1234567.5),
        ("1.234,5", 1234.5),
        ("3,5", 3.5),
        ("0,125", 0.125),
    ],
)
def test_thousands_separators_and_decimal_commas_are_told_apart(text: str, hours: float) -> None:
    assert read_hours(text) == hours


def test_flags_and_strengths_are_words() -> None:
    assert read_flag("Yes")
    assert not read_flag("")
    assert read_strength("") is Strength.HARD
    assert read_strength("Soft") is Strength.SOFT
    with pytest.raises(InvalidQuantityError, match="true or false"):
        read_flag("maybe")
    with pytest.raises(InvalidQuantityError, match="hard, soft or none"):
        read_strength("firm")


def test_windows_are_calendar_units_or_rolling_days() -> None:
    assert read_window("") == Window()
    assert read_window("Quarterly") == Window(unit=WindowUnit.QUARTER)
    for text in ("rolling:30d", "30 days", "rolling 30d"):
        assert read_window(text) == Window(unit=WindowUnit.ROLLING, days=30)
    for text in ("rolling:0d", "decade", "d" * 100):
        with pytest.raises(InvalidQuantityError, match="measuring window"):
            read_window(text)


def test_a_week_of_office_hours_and_a_night_shift_is_read() -> None:
    weekly = read_weekly("Mon-Fri 08:00-18:00; Sat 22:00-02:00")
    assert len(weekly) == 6
    assert weekly[0] == WeeklyInterval(weekday=0, start_minute=480, end_minute=1080)
    assert weekly[-1] == WeeklyInterval(weekday=5, start_minute=1320, end_minute=1560)


def test_a_week_may_wrap_list_days_or_name_none() -> None:
    assert [one.weekday for one in read_weekly("Sat-Mon 10:00-11:00")] == [0, 5, 6]
    assert [one.weekday for one in read_weekly("tues, thu 10:00-11:00")] == [1, 3]
    assert len(read_weekly("00:00-24:00")) == len(read_weekly("daily 10:00-11:00")) == 7
    assert read_weekly("24x7") == ()


@pytest.mark.parametrize(
    "text",
    ["Mon", "Mon 8-18", "Foo 08:00-18:00", "Mon 25:00-26:00", "Mon 24:00-24:00",
     "Mon-Foo 08:00-09:00", "Monkey 08:00-09:00", "Mon-Frigate 08:00-09:00",
     "Mon 08:61-09:00", "x" * 5000],
)  # fmt: skip
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(InvalidQuantityError, match="weekly service time"):
        read_weekly(text)


_INTERVALS = st.builds(
    lambda weekday, start, length: WeeklyInterval(
        weekday=weekday, start_minute=start, end_minute=start + length
    ),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(1, 1440),
)


@given(st.lists(_INTERVALS, max_size=12))
def test_every_week_is_read_back_from_its_text(intervals: list[WeeklyInterval]) -> None:
    week = tuple(sorted(set(intervals)))
    assert read_weekly(weekly_text(week)) == week


def test_a_list_cell_is_split_at_semicolons() -> None:
    assert split_list(" a; b;;c ") == ("a", "b", "c")
