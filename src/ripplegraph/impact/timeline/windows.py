"""Windows of reports: as asked for, or as an agreement measures; split where versions change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ripplegraph.graph.agreements import Agreement, AgreementState, Window, WindowUnit
from ripplegraph.graph.service_time import window_containing
from ripplegraph.graph.zone_offsets import zone_named

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")
_YEAR = re.compile(r"\d{4}")
_ROLLING = re.compile(r"rolling:(\d{1,5})d")
_CALENDAR = (WindowUnit.MONTH, WindowUnit.QUARTER, WindowUnit.YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWindow:
    """A window that a person asked for, whatever the agreement measures by.

    Parameters
    ----------
    window
        Its kind.
    day
        Some day in it, without a zone: each agreement has its own; None for rolling days, which
        end now.
    """

    window: Window
    day: datetime | None = None


def parse_window(text: str) -> AskedWindow:
    """Return the window that a text names.

    Parameters
    ----------
    text
        ``2026-10``, ``2026-Q4``, ``2026`` or ``rolling:30d``.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> str(parse_window("2026-Q4").window)
    'quarter'
    """
    text = text.strip()
    if found := _MONTH.fullmatch(text):
        year, month, unit = int(found[1]), int(found[2]), WindowUnit.MONTH
    elif found := _QUARTER.fullmatch(text):
        year, month, unit = int(found[1]), 3 * int(found[2]) - 2, WindowUnit.QUARTER
    elif _YEAR.fullmatch(text):
        year, month, unit = int(text), 1, WindowUnit.YEAR
    elif (found := _ROLLING.fullmatch(text)) and int(found[1]):
        return AskedWindow(window=Window(unit=WindowUnit.ROLLING, days=int(found[1])))
    else:
        raise ValueError(_no_window(text))
    if not (1 <= month <= 12 and 2 <= year <= 9990):
        raise ValueError(_no_window(text))
    middle = datetime(year, month, 15)  # noqa: DTZ001 - each agreement has its own zone
    return AskedWindow(window=Window(unit=unit), day=middle)


def minutes_of_window(text: str, at: datetime, time_zone: str = "") -> float:
    """Return how long the window of a kind is that a moment lies in, minutes.

    Parameters
    ----------
    text
        ``month``, ``quarter``, ``year`` or ``rolling:30d``.
    at
        Aware.
    time_zone
        IANA name of the zone whose months, quarters and years count; "" is UTC.

    Raises
    ------
    ValueError
        If it is none of these, or the moment has no time zone.

    Examples
    --------
    >>> minutes_of_window("month", datetime(2026, 2, 14, tzinfo=UTC))
    40320.0
    """
    found = _ROLLING.fullmatch(text)
    if found and int(found[1]):  # however long: it may begin before the first year
        return int(found[1]) * 24 * 60.0
    if text not in _CALENDAR:
        msg = f"{text!r} is no window; write month, quarter, year or rolling:30d"
        raise ValueError(msg)
    start, end = window_containing(Window(unit=WindowUnit(text)), at, time_zone)
    return (end - start).total_seconds() / 60.0


def _no_window(text: str) -> str:
    return f"{text!r} is no window; write 2026-10, 2026-Q4, 2026 or rolling:30d"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPart:
    """A window, or the part of one in which one version of an agreement holds.

    ``start`` and ``end`` are aware, UTC; ``is_whole`` tells whether it is the whole window.
    """

    start: datetime
    end: datetime
    is_whole: bool


def window_of(
    agreement: Agreement, asked: AskedWindow | None, now: datetime, time_zone: str
) -> tuple[datetime, datetime]:
    """Return the window to report an agreement on, in UTC.

    Parameters
    ----------
    asked
        None is the agreement's own window that holds now.
    now
        Aware.
    time_zone
        IANA name; "" is UTC.

    Raises
    ------
    ValueError
        If ``now`` has no time zone, or there is no zone of that name.

    Examples
    --------
    >>> from ripplegraph.graph.agreements import AgreementKind
    >>> sla = Agreement(agreement_id="gold", kind=AgreementKind.SLA)
    >>> now = datetime(2026, 11, 2, tzinfo=UTC)
    >>> start, end = window_of(sla, parse_window("2026-10"), now, "Europe/Berlin")
    >>> start.isoformat(), end.isoformat()
    ('2026-09-30T22:00:00+00:00', '2026-10-31T23:00:00+00:00')
    """
    if asked is None:
        return window_containing(agreement.window, now, time_zone)
    if asked.day is None:
        return window_containing(asked.window, now, time_zone)
    moment = asked.day.replace(tzinfo=zone_named(time_zone))
    return window_containing(asked.window, moment.astimezone(UTC), time_zone)


def window_before(start: datetime, end: datetime, window: Window, time_zone: str) -> datetime:
    """Return the start of the window before one; it ends where that starts.

    Parameters
    ----------
    start, end
        Of a window, aware.
    window
        Its kind.
    time_zone
        IANA name; "" is UTC.

    Examples
    --------
    >>> march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    >>> window_before(march, april, Window(), "").isoformat()
    '2026-02-01T00:00:00+00:00'
    """
    if window.unit is WindowUnit.ROLLING:
        return start - (end - start)
    return window_containing(window, start - timedelta(seconds=1), time_zone)[0]


def part_in_force(agreement: Agreement, start: datetime, end: datetime) -> WindowPart | None:
    """Return the part of a window in which an agreement holds; None if it never does.

    Parameters
    ----------
    agreement
        One version; an expired one holds in its dates, a draft never.
    start, end
        Of the window, aware.

    Examples
    --------
    >>> from ripplegraph.graph.agreements import AgreementKind
    >>> march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    >>> sla = Agreement(agreement_id="gold", kind=AgreementKind.SLA, valid_to=march)
    >>> part_in_force(sla, march, april) is None
    True
    """
    state = agreement.state
    has_ended = state is AgreementState.EXPIRED and agreement.valid_to is not None
    if state is not AgreementState.AGREED and not has_ended:
        return None
    first = start if agreement.valid_from is None else max(start, agreement.valid_from)
    last = end if agreement.valid_to is None else min(end, agreement.valid_to)
    if first >= last:
        return None
    return WindowPart(start=first, end=last, is_whole=(first, last) == (start, end))
