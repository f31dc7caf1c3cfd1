"""The dates of public holidays; the home of the ``holidays`` library, loaded on first use."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

_KEPT = 1024  # pairs of region and year


def holiday_dates(entries: tuple[str, ...], first_year: int, last_year: int) -> frozenset[date]:
    """Return the dates that a calendar's holidays name, in some years.

    Parameters
    ----------
    entries
        Regions (``DE``, ``DE-BY``) and ISO dates.
    first_year, last_year
        Both included; ISO dates outside them are left out.

    Returns
    -------
    frozenset[date]
        A region that the library does not know adds none (:func:`is_known_region`).

    Notes
    -----
    Public holidays of the region, days off in lieu included, as the ``holidays`` library has
    them.

    Examples
    --------
    >>> sorted(holiday_dates(("2026-12-24", "2030-01-01"), 2026, 2026))
    [datetime.date(2026, 12, 24)]
    >>> date(2026, 1, 6) in holiday_dates(("DE-BY",), 2026, 2026)
    True
    """
    found: set[date] = set()
    for entry in entries:
        day = _iso_date(entry)
        if day is None:
            for year in range(first_year, last_year + 1):
                found |= _dates_of_region(entry, year)
        elif first_year <= day.year <= last_year:
            found.add(day)
    return frozenset(found)


def is_known_region(entry: str) -> bool:
    """Return whether the holidays of a region are known; ISO dates are.

    Examples
    --------
    >>> is_known_region("DE-BY"), is_known_region("DE-QQ"), is_known_region("2026-12-24")
    (True, False, True)
    """
    if _iso_date(entry) is not None:
        return True
    import holidays

    country, _, part = entry.partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    return country in known and (not part or _has_part(country, part))


def _has_part(country: str, part: str) -> bool:
    import holidays

    try:
        holidays.country_holidays(country, subdiv=part)
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=_KEPT)
def _dates_of_region(region: str, year: int) -> frozenset[date]:
    if not is_known_region(region):
        return frozenset()
    import holidays

    country, _, part = region.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


def _iso_date(entry: str) -> date | None:
    try:
        return date.fromisoformat(entry)
    except ValueError:
        return None
