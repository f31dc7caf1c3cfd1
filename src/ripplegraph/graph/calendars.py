"""Calendars: the agreed service time of an agreement (semantics.md section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class WeeklyInterval:
    """One interval of the week; it may run past midnight into the next day.

    Parameters
    ----------
    weekday
        0 = Monday ... 6 = Sunday, the day on which it starts.
    start_minute
        Minute of that day at which it starts, local time, in [0, 1440).
    end_minute
        Minute at which it ends, counted from the same midnight, in (start, start + 1440].

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    weekday: int
    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        """Refuse intervals that are empty, backwards or longer than a day."""
        length = self.end_minute - self.start_minute
        starts_in_day = 0 <= self.start_minute < MINUTES_PER_DAY
        if not (0 <= self.weekday <= 6 and starts_in_day and 0 < length <= MINUTES_PER_DAY):
            numbers = f"{self.weekday}, {self.start_minute}, {self.end_minute}"
            msg = f"not an interval of the week: {numbers}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CalendarException:
    """Dates with hours of their own: they replace those of the week, holidays included.

    Parameters
    ----------
    first_day, last_day
        Dates in the calendar's zone, both included.
    hours
        Pairs of minutes, start and end from the midnight of each date, as in
        :class:`WeeklyInterval`; none means closed.

    Raises
    ------
    ValueError
        If the last day is before the first, or hours are empty, backwards or too long.

    Examples
    --------
    >>> eve = date(2026, 12, 24)
    >>> CalendarException(first_day=eve, last_day=eve, hours=((480, 720),)).hours
    ((480, 720),)
    """

    first_day: date
    last_day: date
    hours: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Refuse dates and hours that run backwards."""
        if self.last_day < self.first_day:
            msg = f"an exception ends on {self.last_day}, before it begins on {self.first_day}"
            raise ValueError(msg)
        for start, end in self.hours:
            if not (0 <= start < MINUTES_PER_DAY and 0 < end - start <= MINUTES_PER_DAY):
                msg = f"not hours of a day: {start}, {end}"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Weekly intervals in a time zone, less holidays; no intervals means 24x7.

    Parameters
    ----------
    time_zone
        IANA name; "" means UTC, and answers say so.
    weekly
        The intervals, sorted; empty for 24x7.
    holidays
        Region codes (``DE-BY``) or ISO dates (``2026-12-24``) that are closed, from midnight to
        midnight.
    exceptions
        Dates with hours of their own, sorted; of two for one date the hours are united.
    """

    calendar_id: str
    time_zone: str = ""
    weekly: tuple[WeeklyInterval, ...] = ()
    holidays: tuple[str, ...] = ()
    exceptions: tuple[CalendarException, ...] = ()
    file: str = ""
    row: int = 0
