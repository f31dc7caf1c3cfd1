"""The window of an agreement that contains a moment, and its own service time within."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ripplegraph.graph.agreements import Agreement, Window
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import (
    ServiceTime,
    service_time,
    total_seconds,
    window_containing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedWindow:
    """One window of an agreement.

    Parameters
    ----------
    start, end
        UTC.
    time
        The agreed service time between them.
    """

    start: datetime
    end: datetime
    time: ServiceTime

    @property
    def minutes(self) -> float:
        """Minutes of agreed service time."""
        return total_seconds(self.time) / 60.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgreedWindows:
    """Windows of agreements, each computed once; many agreements share calendar and window.

    Parameters
    ----------
    graph
        Its calendars count.
    at
        Aware.
    """

    graph: ServiceGraph
    at: datetime
    _known: dict[tuple[Window, str, str], AgreedWindow] = field(default_factory=dict)
    _hours: dict[tuple[str, datetime, datetime], ServiceTime] = field(default_factory=dict)

    def of(self, agreement: Agreement) -> AgreedWindow:
        """Return the window of an agreement that contains the moment.

        Notes
        -----
        Windows follow the zone of the agreement, else of its calendar, else UTC.
        """
        zone = self.zone_of(agreement)
        key = (agreement.window, agreement.calendar, zone)
        if key not in self._known:
            start, end = window_containing(agreement.window, self.at, zone)
            hours = self.hours(agreement, start, end)
            self._known[key] = AgreedWindow(start=start, end=end, time=hours)
        return self._known[key]

    def zone_of(self, agreement: Agreement) -> str:
        """Return the IANA name of the zone that windows of an agreement follow; "" is UTC."""
        calendar = self.calendar_of(agreement)
        return agreement.time_zone or ("" if calendar is None else calendar.time_zone)

    def calendar_of(self, agreement: Agreement) -> Calendar | None:
        """Return the calendar of an agreement; None is 24x7."""
        return self._calendar(agreement.calendar)

    def hours(self, agreement: Agreement, start: datetime, end: datetime) -> ServiceTime:
        """Return the service time of an agreement between two moments."""
        key = (agreement.calendar, start, end)
        if key not in self._hours:
            self._hours[key] = service_time(self._calendar(agreement.calendar), start, end)
        return self._hours[key]

    def _calendar(self, calendar_id: str) -> Calendar | None:
        found = (one for one in self.graph.calendars if one.calendar_id == calendar_id)
        return next(found, None)
