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
