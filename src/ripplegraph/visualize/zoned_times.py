"""Moments as a reader of one time zone says them, the offset from UTC always with them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from ripplegraph.graph.zone_offsets import zone_named


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonedTimes:
    """The words for moments in the time zone of an IANA name; "" is UTC."""

    name: str = ""

    @property
    def zone(self) -> tzinfo:
        """The time zone itself."""
        return zone_named(self.name)

    def words(self, moment: datetime | None, timespec: str = "seconds") -> str:
        """Return a moment with its offset, Z for UTC; ``-`` for none.

        Examples
        --------
        >>> from datetime import UTC
        >>> moment = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        >>> ZonedTimes().words(moment)
        '2026-10-25 01:30:00Z'
        >>> ZonedTimes(name="Europe/Berlin").words(moment, "minutes")
        '2026-10-25 02:30+01:00'
        """
        if moment is None:
            return "-"
        local = moment.astimezone(self.zone).isoformat(sep=" ", timespec=timespec)
        return local if self.name else local.replace("+00:00", "Z")
