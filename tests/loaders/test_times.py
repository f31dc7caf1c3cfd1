"""Times as exports write them, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ripplegraph.errors import SettingsError
from ripplegraph.graph.findings import Finding, FindingCollector
from ripplegraph.loaders.times import TimeReader


def read(
    text: str,
    *,
    zone: str | None = None,
    day_first: bool | None = None,
    naive_is_utc: bool = False,
    date_is_enough: bool = False,
) -> tuple[datetime | None, list[str]]:
    """Return the time that a text holds, and the codes of what was found."""
    found = FindingCollector()
    moment = TimeReader(zone, day_first).read(
        text,
        found=found,
        file="f.csv",
        row=2,
        field="start",
        naive_is_utc=naive_is_utc,
        date_is_enough=date_is_enough,
    )
    return moment, [one.code for one in found.findings()]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-04T05:06:07Z", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2026-03-04 05:06+02:00", datetime(2026, 3, 4, 3, 6, tzinfo=UTC)),
        ("2026-03-04 05:06:07.25 -0130", datetime(2026, 3, 4, 6, 36, 7, 250000, tzinfo=UTC)),
        ("2026/3/4 5:06 PM UTC", datetime(2026, 3, 4, 17, 6, tzinfo=UTC)),
        ("2026-03-04 12:00 AM Z", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04 24:00 +02", datetime(2026, 3, 4, 22, 0, tzinfo=UTC)),
        ("31.12.2026 10:00Z", datetime(2026, 12, 31, 10, 0, tzinfo=UTC)),
        ("04.03.2026 10:00Z", datetime(2026, 3, 4, 10, 0, tzinfo=UTC)),
        ("13/02/2026 10:00Z", datetime(2026, 2, 13, 10, 0, tzinfo=UTC)),
        ("02/13/2026 10:00Z", datetime(2026, 2, 13, 10, 0, tzinfo=UTC)),
        ("05-05-2026 10:00Z", datetime(2026, 5, 5, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_time_with_a_zone_is_read_in_utc(text: str, moment: datetime) -> None:
    assert read(text) == (moment, [])


def test_an_empty_cell_is_no_time_and_no_finding() -> None:
    assert read("") == (None, [])


def test_a_time_without_a_zone_asks_for_one() -> None:
    assert read("2026-01-01 10:00") == (None, ["naive-time"])


def test_a_time_without_a_zone_is_read_in_the_zone_given() -> None:
    assert read("2026-07-01 10:00", zone="Europe/Berlin") == (
        datetime(2026, 7, 1, 8, 0, tzinfo=UTC),
        [],
    )


def test_a_database_value_is_utc_whatever_zone_was_given() -> None:
    moment, codes = read("2026-07-01 10:00", zone="Europe/Berlin", naive_is_utc=True)
    assert (moment, codes) == (datetime(2026, 7, 1, 10, 0, tzinfo=UTC), [])


def test_a_bare_date_is_midnight_where_a_date_is_enough() -> None:
    assert read("2026-07-01", date_is_enough=True)[0] == datetime(2026, 7, 1, tzinfo=UTC)
    in_zone = read("2026-07-01", zone="Europe/Berlin", date_is_enough=True)[0]
    assert in_zone == datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
    assert read("2026-07-01") == (None, ["naive-time"])


def test_a_date_that_can_be_read_both_ways_needs_the_order() -> None:
    assert read("03/04/2026 10:00Z") == (None, ["ambiguous-date"])
    assert read("03/04/2026 10:00Z", day_first=True)[0] == datetime(2026, 4, 3, 10, 0, tzinfo=UTC)
    assert read("03/04/2026 10:00Z", day_first=False)[0] == datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def test_a_date_against_the_order_that_was_told_is_read_and_reported() -> None:
    march = datetime(2024, 3, 25, 10, 0, tzinfo=UTC)
    assert read("03/25/2024 10:00Z", day_first=True) == (march, ["ambiguous-date"])
    assert read("25/03/2024 10:00Z", day_first=False) == (march, ["ambiguous-date"])
    for text, day_first in (("25/03/2024", True), ("03/25/2024", False), ("25.03.2024", False)):
        assert read(f"{text} 10:00Z", day_first=day_first) == (march, [])


@pytest.mark.parametrize(
    ("text", "code", "hour", "what"),
    [
        ("2026-10-25 02:30", "time-in-fold", 0, "stands twice in Europe/Berlin; the first"),
        ("2026-03-29 02:30", "time-in-gap", 1, "03:30 was taken, 01:30 UTC"),
    ],
)
def test_the_hours_of_daylight_saving_are_reported_with_the_choice_made(
    text: str, code: str, hour: int, what: str
) -> None:
    found = FindingCollector()
    reader = TimeReader("Europe/Berlin")
    moment = reader.read(text, found=found, file="f.csv", row=2, field="start")
    assert moment is not None
    assert (moment.hour, moment.minute) == (hour, 30)
    (finding,) = found.findings()
    assert finding.code == code
    assert what in finding.message


def test_the_second_of_a_time_that_stands_twice_is_known_only_where_the_zone_was_used() -> None:
    reader = TimeReader("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert reader.second_of("2026-10-25 02:30", first) == first.replace(hour=1)
    assert reader.second_of("2026-10-25 02:30", first.replace(hour=2)) is None
    assert reader.second_of("2026-10-25 03:30", first.replace(hour=2)) is None
    assert reader.second_of("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) is None
    assert reader.second_of("", first) is None


@pytest.mark.parametrize(
    "text",
    ["UNKNOWN", "2026-02-30", "2026-13-01T00:00Z", "2026-01-01 25:00Z", "2026-01-01 13:00 PM Z",
     "0000-01-01T00:00Z", "9999-12-31T23:59-12:00", "1767225600", "٢٠٢٦-01-01",
     "2026-01-01 10:00+25:00", "2026-01-01 10:00+05:99"],
)  # fmt: skip
def test_what_is_no_time_is_a_finding(text: str) -> None:
    assert read(text, zone="UTC") == (None, ["invalid-value"])


def test_a_cell_of_a_million_characters_is_cut_in_the_message() -> None:
    found = FindingCollector()
    text = "2" * 1_000_000
    TimeReader().read(text, found=found, file="f.csv", row=2, field="start")
    (finding,) = found.findings()
    assert len(finding.message) < 200


def test_each_row_with_the_same_bad_time_has_its_own_finding() -> None:
    found, reader = FindingCollector(), TimeReader()
    for row in (2, 3):
        reader.read("soon", found=found, file="f.csv", row=row, field="start")
    places: list[Finding] = list(found.findings())
    assert [one.row for one in places] == [2, 3]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "/etc/localtime", "a\x00b"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(SettingsError, match="is no time zone"):
        TimeReader(zone)


@pytest.mark.parametrize("field", ["valid_to", "observed_to"])
def test_last_day_of_a_period_counts_whole(field: str) -> None:
    found = FindingCollector()
    ends = TimeReader("Europe/Berlin").read(
        "2027-12-31", found=found, file="f.csv", row=2, field=field, date_is_enough=True
    )
    assert ends == datetime(2027, 12, 31, 23, tzinfo=UTC)
    assert found.findings() == ()
