"""Read times as exports write them, and turn them into UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ripplegraph.errors import InvalidQuantityError, SettingsError
from ripplegraph.graph.findings import FindingCollector

_LONGEST_TIME = 64  # characters; longer cells are no times and are not matched at all
_CACHED_TIMES = 200_000
_LAST_DAYS = frozenset({"valid_to", "observed_to"})

_CLOCK = (
    r"(?:[T\s,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + _CLOCK, re.ASCII
)
_YEAR_LAST = re.compile(
    r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})" + _CLOCK, re.ASCII
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one text means: the time, or the finding code and text of what is wrong."""

    moment: datetime | None
    code: str = ""
    text: str = ""
    second: datetime | None = None  # of a local time that stands twice


def zone_of(name: str) -> ZoneInfo | None:
    """Return the IANA time zone with this name, or None if there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # KeyError covers ZoneInfoNotFoundError
        return None


def read_zone(text: str) -> str:
    """Return the name of an IANA time zone."""
    name = text.strip()
    if zone_of(name) is None:
        advice = "Write an IANA name such as Europe/Berlin"
        raise InvalidQuantityError(text[:60], "a time zone", advice)
    return name


class TimeReader:
    """Reads the times of one export; equal texts are read once.

    Times without a zone are in ``time_zone``, or are refused with the finding ``naive-time``
    if there is none. ``day_first`` tells how to read ``03/04/2026``; None refuses what can be
    read both ways with the finding ``ambiguous-date``.
    """

    def __init__(self, time_zone: str | None = None, day_first: bool | None = None) -> None:
        self._zone = zone_of(time_zone) if time_zone else None
        if time_zone and self._zone is None:
            setting, advice = "time zone", "Write an IANA name such as Europe/Berlin"
            raise SettingsError(setting, f"{time_zone!r} is no time zone", advice)
        self._day_first = day_first
        self._cache: dict[tuple[str, bool, bool, bool], _Reading] = {}

    def read(  # noqa: PLR0913 - a cell and its place
        self,
        text: str,
        *,
        found: FindingCollector,
        file: str,
        row: int,
        field: str,
        naive_is_utc: bool = False,
        date_is_enough: bool = False,
    ) -> datetime | None:
        """Return the UTC time that a cell holds, or None with a finding.

        ``naive_is_utc`` takes times without a zone as UTC, whatever zone was given;
        ``date_is_enough`` takes a bare date as its midnight, in UTC where no zone is known; in
        ``valid_to`` and ``observed_to`` the last day counts whole, so it ends at the next one.
        """
        if not text:
            return None
        is_last_day = date_is_enough and field in _LAST_DAYS
        key = (text, naive_is_utc, date_is_enough, is_last_day)
        reading = self._cache.get(key)
        if reading is None:
            reading = self._reading(*key)
            if len(self._cache) < _CACHED_TIMES:
                self._cache[key] = reading
        if reading.code:
            found.add(reading.code, f"{field}: {reading.text}", file=file, row=row)
        return reading.moment

    def second_of(self, text: str, first: datetime) -> datetime | None:
        """Return when a local time that stands twice comes again, if ``first`` was taken for it.

        None if the text does not stand twice, or was not read in the zone that was told.
        """
        reading = self._reading(text, False, False, False) if text else _Reading(None)
        return reading.second if reading.moment == first else None

    def _reading(
        self,
        text: str,
        naive_is_utc: bool,
        date_is_enough: bool,
        is_last_day: bool,
    ) -> _Reading:
        shown = text if len(text) <= _LONGEST_TIME else f"{text[:_LONGEST_TIME]}..."
        match = _matched(text.strip())
        if match is None:
            return _Reading(None, "invalid-value", f"{shown!r} is no time; it was left empty")
        day_month = self._day_and_month(match)
        if day_month is None:
            return _Reading(None, "ambiguous-date", f"{shown!r} may be day-first or month-first")
        try:
            moment = _local_time(match, *day_month)
            bare_date = date_is_enough and match["hour"] is None
            moment += timedelta(days=bare_date and is_last_day)
            if moment.tzinfo is not None:
                reading = _Reading(moment.astimezone(UTC))
            elif naive_is_utc or (bare_date and self._zone is None):
                reading = _Reading(moment.replace(tzinfo=UTC))
            else:
                reading = self._in_utc(moment, shown)
        except (ValueError, OverflowError):
            return _Reading(None, "invalid-value", f"{shown!r} is no time; it was left empty")
        if reading.moment is not None and self._contradicts_order(match):
            told, read = ("day", "month") if self._day_first else ("month", "day")
            text = f"{shown!r} cannot be {told}-first as told; it was read {read}-first"
            return _Reading(reading.moment, "ambiguous-date", text)
        return reading

    def _contradicts_order(self, match: re.Match[str]) -> bool:
        """Return whether a date can only be read against the order that was told."""
        if self._day_first is None or "one" not in match.re.groupindex or match["mark"] == ".":
            return False
        return int(match["two" if self._day_first else "one"]) > 12

    def _day_and_month(self, match: re.Match[str]) -> tuple[int, int] | None:
        """Return day and month, or None where the order decides and is not known."""
        if "one" not in match.re.groupindex:
            return int(match["day"]), int(match["month"])
        one, two = int(match["one"]), int(match["two"])
        if match["mark"] == "." or one > 12 or one == two:  # dots are only written day-first
            return one, two
        if two > 12:
            return two, one
        if self._day_first is None:
            return None
        return (one, two) if self._day_first else (two, one)

    def _in_utc(self, moment: datetime, shown: str) -> _Reading:
        zone = self._zone
        if zone is None:
            return _Reading(None, "naive-time", f"{shown!r} has no time zone")
        first = moment.replace(tzinfo=zone)
        in_utc, second = first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)
        if in_utc == second:
            return _Reading(in_utc)
        taken = in_utc.astimezone(zone).replace(tzinfo=None)
        if taken == moment:
            text = f"{shown!r} stands twice in {zone.key}; the first was taken, {_clock(in_utc)}"
            return _Reading(in_utc, "time-in-fold", text, second)
        text = (
            f"{shown!r} does not exist in {zone.key}, clocks go forward over it; "
            f"{taken:%H:%M} was taken, {_clock(in_utc)}"
        )
        return _Reading(in_utc, "time-in-gap", text)


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC"


def _matched(text: str) -> re.Match[str] | None:
    if len(text) > _LONGEST_TIME:
        return None
    return _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text)


def _local_time(match: re.Match[str], day: int, month: int) -> datetime:
    hour = int(match["hour"] or 0)
    half = (match["half"] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            msg = "an hour of a half day is 1 to 12"
            raise ValueError(msg)
        hour = hour % 12 + (12 if half == "p" else 0)
    next_day = hour == 24 and int(match["minute"]) == 0 == int(match["second"] or 0)
    moment = datetime(
        int(match["year"]),
        month,
        day,
        0 if next_day else hour,
        int(match["minute"] or 0),
        int(match["second"] or 0),
        int((match["part"] or "0")[:6].ljust(6, "0")),
        tzinfo=_offset(match["zone"]),
    )
    return moment + timedelta(days=1) if next_day else moment


def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return None
    if zone.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if minutes > 59:
        msg = "an hour has 60 minutes"
        raise ValueError(msg)
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if zone[0] == "-" else length)
