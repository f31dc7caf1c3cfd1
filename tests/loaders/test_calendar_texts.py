"""Exceptions of calendars: read as users write them, written as they are read again."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.calendars import CalendarException
from ripplegraph.loaders.calendar_texts import exception_text, read_exception

EVE = date(2026, 12, 24)


@pytest.mark.parametrize(
    ("text", "last", "hours"),
    [
        ("2026-12-24 08:00-12:00", EVE, ((480, 720),)),
        ("2026-12-24 closed", EVE, ()),
        (" 2026-12-24  Open ", EVE, ((0, 1440),)),
        ("2026-12-24 22:00-02:00", EVE, ((1320, 1560),)),
        ("2026-12-24 14:00-16:00, 8:00-12:00", EVE, ((480, 720), (840, 960))),
        ("2026-12-24/2027-01-06 closed", date(2027, 1, 6), ()),
    ],
)
def test_exceptions_are_dates_with_hours(
    text: str, last: date, hours: tuple[tuple[int, int], ...]
) -> None:
    assert read_exception(text) == CalendarException(first_day=EVE, last_day=last, hours=hours)


@pytest.mark.parametrize(
    "text",
    [
        "", "closed", "2026-12-24", "2026-13-24 closed", "2026-12-24/2026-12-23 closed",
        "2026-12-24 8-12", "2026-12-24 08:75-12:00", "2026-12-24 24:00-25:00",
        "2026-12-24 24:00-02:00", "2026-12-24 08:00-12:00," + " " * 400,
    ],
)  # fmt: skip
def test_what_is_no_exception_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(InvalidQuantityError, match="Write 2026-12-24 08:00-12:00"):
        read_exception(text)


@settings(deadline=None)
@given(
    st.dates(date(1970, 1, 1), date(2100, 1, 1)),
    st.dates(date(1970, 1, 1), date(2100, 1, 1)),
    st.sets(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=3),
)
def test_an_exception_is_read_as_it_was_written(
    one: date, other: date, pairs: set[tuple[int, int]]
) -> None:
    first, last = sorted((one, other))
    hours = tuple(sorted((start, start + length) for start, length in pairs))
    exception = CalendarException(first_day=first, last_day=last, hours=hours)
    assert read_exception(exception_text(exception)) == exception
