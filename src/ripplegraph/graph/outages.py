"""Outages of CIs (semantics.md section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OutageKind(StrEnum):
    """Unplanned and planned outages bring a CI down; a degradation only degrades it."""

    UNPLANNED = "unplanned"
    PLANNED = "planned"
    DEGRADATION = "degradation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One outage of one CI.

    Parameters
    ----------
    ci
        Native id or ``ci_id`` of the CI, as the export writes it; the graph resolves it.
    start
        UTC, aware.
    end
        UTC, aware, > start; None while it is still open.
    excluded
        Clause and approver if it does not count (caused by the customer, force majeure); "" else.
    announced
        When a planned outage was announced, UTC; None if nobody says.
    change
        Id of the change request that it belongs to; "" if none.
    """

    ci: str
    start: datetime
    end: datetime | None = None
    kind: OutageKind = OutageKind.UNPLANNED
    cause: str = ""
    source: str = ""
    external_id: str = ""
    excluded: str = ""
    announced: datetime | None = None
    change: str = ""
    file: str = ""
    row: int = 0

    def is_open_at(self, moment: datetime) -> bool:
        """Return whether the outage holds at ``moment`` (aware): start <= moment < end.

        Examples
        --------
        >>> from datetime import datetime, UTC
        >>> outage = Outage(ci="db", start=datetime(2026, 1, 1, tzinfo=UTC))
        >>> outage.is_open_at(datetime(2026, 1, 2, tzinfo=UTC))
        True
        """
        return self.start <= moment and (self.end is None or moment < self.end)
