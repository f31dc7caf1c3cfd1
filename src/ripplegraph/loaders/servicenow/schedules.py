"""ServiceNow's schedules as calendars: weekly hours, single dates, and what is left out."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ripplegraph.graph.calendars import (
    MINUTES_PER_DAY,
    Calendar,
    CalendarException,
    WeeklyInterval,
)
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.servicenow.cells import ServiceNowTable
from ripplegraph.loaders.servicenow.register import Register
from ripplegraph.loaders.times import zone_of

_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z?", re.ASCII)
_PLAIN = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_WEEKDAYS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_MONDAY_WEDNESDAY_FRIDAY, _TUESDAY_THURSDAY = "weekmwf", "weektt"
_ONCE = frozenset({"", "specific", "does not repeat", "none"})
_CLOSED = frozenset({"exclude", "excluded", "off", "holiday"})
_LONGEST_EXCEPTION_DAYS = 400
_LONGEST_ZONE = 60


@dataclass(slots=True, kw_only=True)
class _Schedule:
    """A schedule and what its entries add."""

    calendar_id: str
    time_zone: str
    weekly: set[WeeklyInterval] = field(default_factory=set)
    exceptions: dict[date, list[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    has_entries: bool = False
    file: str
    row: int


class Schedules:
    """Collects the schedules of an export and their entries."""

    def __init__(self, register: Register, context: LoadContext) -> None:
        self._register, self._context = register, context
        self._schedules: list[_Schedule] = []
        self._by_key: dict[str, _Schedule] = {}

    def read_schedules(self, table: ServiceNowTable) -> None:
        """Read ``cmn_schedule``: the names that agreements refer to, and their zones."""
        ids, names = table.raw_texts("sys_id"), table.texts("name")
        zones = table.raw_texts("time_zone")
        for at in table.usable_positions():
            name, zone = names[at] or ids[at], zones[at].strip()
            if not name:
                table.refuse(at, "missing-id", "a schedule has no name and no sys_id")
                continue
            if zone.casefold() in {"", "floating", "-- none --"}:
                zone = ""
            elif zone_of(zone) is None:
                text = f"schedule {name!r}: {zone[:_LONGEST_ZONE]!r} is no time zone; not used"
                table.refuse(at, "unknown-time-zone", text)
                continue
            schedule = _Schedule(
                calendar_id=name, time_zone=zone, file=table.file, row=table.rows[at]
            )
            if ids[at]:
                self._register.names_of_records.setdefault(ids[at], name)
            for key in filter(None, (ids[at], name)):
                self._by_key.setdefault(key, schedule)
            self._schedules.append(schedule)
            self._context.ledger.use(table.file, table.rows[at])

    def read_spans(self, table: ServiceNowTable) -> None:
        """Read ``cmn_schedule_span``: the entries of schedules."""
        reader = _SpanReader(table)
        references = table.references("schedule")
        unused: list[int] = []
        for at in table.usable_positions():
            cell = references[at]
            schedule = self._by_key.get(cell.key) or self._by_key.get(cell.name)
            if schedule is None:
                unused.append(at)
                self._context.ledger.refuse(table.file, table.rows[at])
                continue
            why = reader.add(at, schedule)
            if why:
                text = f"entry {reader.names[at]!r} of schedule {schedule.calendar_id!r}: {why}"
                table.refuse(at, "unsupported-span", text)
            else:
                schedule.has_entries = True
                self._context.ledger.use(table.file, table.rows[at])
        if unused:
            text = "entries of schedules that the export does not hold"
            table.report("unused-link", text, unused[0], count=len(unused))

    def finish(self) -> None:
        """Add the calendars; a schedule without entries is one of no use: no hours are known."""
        for schedule in self._schedules:
            if not schedule.has_entries and not self._is_always(schedule):
                text = (
                    f"schedule {schedule.calendar_id!r} has no entries in the export; 24x7 was "
                    "assumed"
                )
                self._context.found.add(
                    "unknown-calendar", text, file=schedule.file, row=schedule.row
                )
            self._context.records.calendars.append(
                Calendar(
                    calendar_id=schedule.calendar_id,
                    time_zone=schedule.time_zone,
                    weekly=tuple(sorted(schedule.weekly)),
                    exceptions=tuple(
                        CalendarException(
                            first_day=day, last_day=day, hours=tuple(sorted(set(hours)))
                        )
                        for day, hours in sorted(schedule.exceptions.items())
                    ),
                    file=schedule.file,
                    row=schedule.row,
                )
            )

    def _is_always(self, schedule: _Schedule) -> bool:
        return schedule.calendar_id.casefold() in self._context.rules.always_words


class _SpanReader:
    """The columns of a table of schedule entries."""

    def __init__(self, table: ServiceNowTable) -> None:
        self.names = table.texts("name")
        self._starts, self._ends = table.raw_texts("start"), table.raw_texts("end")
        self._repeats, self._days = table.raw_texts("repeat"), table.raw_texts("days")
        self._types, self._untils = table.raw_texts("type"), table.raw_texts("until")

    def add(self, at: int, schedule: _Schedule) -> str:
        """Add an entry to its schedule; return why it cannot be said in a calendar, or ""."""
        start, end = _local_time(self._starts[at]), _local_time(self._ends[at])
        if start is None or end is None or end < start:
            return "its start or end cannot be read, or they run backwards"
        is_closed = self._types[at].strip().casefold() in _CLOSED
        repeat = self._repeats[at].strip().casefold()
        if repeat in _ONCE:
            return _add_once(schedule, start, end, is_closed=is_closed)
        weekdays = _weekdays_of(repeat, self._days[at], start)
        if weekdays is None or is_closed:
            kind = "excluded hours that repeat" if is_closed else f"repeats {repeat[:20]!r}"
            return f"{kind} cannot be said in a calendar"
        if self._untils[at].strip():
            return "hours that end on a date cannot be said in a calendar"
        if end - start > timedelta(days=7):
            return "it is longer than a week"
        for weekday in weekdays:
            schedule.weekly.update(_weekly(weekday, start, end))
        return ""


def _local_time(text: str) -> datetime | None:
    match = _COMPACT.fullmatch(text.strip()) or _PLAIN.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        return None


def _weekdays_of(repeat: str, days: str, start: datetime) -> list[int] | None:
    """Return the weekdays on which an entry repeats, 0 = Monday; None if it does not weekly."""
    if repeat in _WEEKDAYS:
        return list(_WEEKDAYS[repeat])
    if repeat == _MONDAY_WEDNESDAY_FRIDAY:
        return [0, 2, 4]
    if repeat == _TUESDAY_THURSDAY:
        return [1, 3]
    if repeat != "weekly":
        return None
    chosen = sorted({int(digit) - 1 for digit in days if digit in "1234567"})
    return chosen or [start.weekday()]


def _weekly(weekday: int, start: datetime, end: datetime) -> list[WeeklyInterval]:
    """Return the intervals of the week of an entry, a day long at most."""
    first = start.hour * 60 + start.minute
    left = _minutes(end - start) or MINUTES_PER_DAY  # an entry from midnight to the same: all day
    intervals = []
    while left > 0:
        length = min(left, MINUTES_PER_DAY)
        intervals.append(
            WeeklyInterval(weekday=weekday % 7, start_minute=first, end_minute=first + length)
        )
        weekday, left = weekday + 1, left - length
    return intervals


def _add_once(schedule: _Schedule, start: datetime, end: datetime, *, is_closed: bool) -> str:
    days = (end.date() - start.date()).days
    if days > _LONGEST_EXCEPTION_DAYS:
        return "it is longer than a year"
    is_midnight = (end.hour, end.minute, end.second) == (0, 0, 0)
    last = end.date() - timedelta(days=int(is_midnight and days > 0))
    if is_closed:
        if (start.hour, start.minute) != (0, 0) or not (
            is_midnight or (end.hour, end.minute) >= (23, 59)
        ):
            return "hours excluded from a part of a day cannot be said in a calendar"
        for step in range((last - start.date()).days + 1):
            _ = schedule.exceptions[start.date() + timedelta(days=step)]
        return ""
    for step in range((last - start.date()).days + 1):
        day = start.date() + timedelta(days=step)
        opens = start.hour * 60 + start.minute if step == 0 else 0
        closes = MINUTES_PER_DAY
        if day == end.date() and not (is_midnight and days == 0):
            closes = end.hour * 60 + end.minute
        if closes > opens:
            schedule.exceptions[day].append((opens, closes))
    return ""


def _minutes(length: timedelta) -> int:
    return -(-int(length.total_seconds()) // 60)  # 23:59:59 ends the day
