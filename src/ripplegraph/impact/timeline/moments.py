"""Moments as whole seconds: UTC epoch seconds inside, aware datetimes at the border."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

ALWAYS = -(2**40)
"""Before every outage: the status that a CI has without a history."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(seconds: int) -> datetime:
    """Return UTC epoch seconds as an aware moment.

    Examples
    --------
    >>> moment_of(60).isoformat()
    '1970-01-01T00:01:00+00:00'
    """
    return _EPOCH + timedelta(seconds=int(seconds))


def whole_second(moment: datetime) -> datetime:
    """Return an aware moment in UTC with parts of a second cut off.

    Raises
    ------
    ValueError
        If it has no time zone.

    Examples
    --------
    >>> whole_second(datetime(2026, 1, 1, 0, 0, 5, 7, tzinfo=UTC)).isoformat()
    '2026-01-01T00:00:05+00:00'
    """
    if moment.tzinfo is None:
        msg = f"a moment needs a time zone, got {moment.isoformat()}"
        raise ValueError(msg)
    return moment.astimezone(UTC).replace(microsecond=0)
