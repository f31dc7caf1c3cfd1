"""Moments that may be asked about: the windows around them are moments too, whatever they are."""

from __future__ import annotations

from datetime import datetime

FIRST_YEAR, LAST_YEAR = 1900, 8999


def is_askable(moment: datetime) -> bool:
    """Return whether answers can look as far back and ahead from a moment as they do.

    Parameters
    ----------
    moment
        Reports look some windows back and forecasts one ahead; a rolling window may have
        years, and dates end with the year 9999.

    Examples
    --------
    >>> from datetime import UTC
    >>> is_askable(datetime(2026, 11, 27, tzinfo=UTC)), is_askable(datetime.max)
    (True, False)
    """
    return FIRST_YEAR <= moment.year <= LAST_YEAR
