"""Moments that a person writes on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from ripplegraph.errors import SettingsError

_ADVICE = "Write ISO 8601 with its zone, e.g. 2026-11-23T03:00Z"


def moment_in(
    text: str,
    setting: str,
    *,
    zone: tzinfo | None = None,
    flaw: str = "is no time",
    advice: str = _ADVICE,
) -> datetime:
    """Return the moment that an option says, in UTC; ``zone`` is that of a time without one.

    What is no moment raises a SettingsError that says so in the words of ``flaw``.
    """
    try:
        said = datetime.fromisoformat(text.strip())
        if said.tzinfo is None and zone is not None:
            said = said.replace(tzinfo=zone)
        moment = said.astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise SettingsError(setting=setting, reason=f"{text!r} {flaw}", advice=advice) from exc
    if said.tzinfo is None:
        reason = f"{text!r} has no time zone"
        raise SettingsError(setting=setting, reason=reason, advice=advice)
    return moment
