"""Moments as stores keep them: microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds_of(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of_microseconds(at_us: int) -> datetime:
    """Return the moment, UTC."""
    return _EPOCH + timedelta(microseconds=at_us)
