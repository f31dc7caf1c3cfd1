"""From when to when an outage lasted: what cannot be used, and ends in the hour told twice."""

from __future__ import annotations

from datetime import datetime

from ripplegraph.graph.findings import FindingCollector
from ripplegraph.loaders.times import TimeReader


def span_flaw(start: datetime, end: datetime | None) -> tuple[str, str] | None:
    """Return the code and text of why an outage of these times cannot be used, or None."""
    if end is None or start < end:
        return None
    if start == end:
        return "zero-length-outage", f"it ends the moment it starts, {start:%Y-%m-%d %H:%M:%S} UTC"
    return "reversed-times", f"its end ({end:%Y-%m-%d %H:%M} UTC) lies before its start"


def end_after(  # noqa: PLR0913 - a cell and its place
    start: datetime,
    end: datetime | None,
    text: str,
    times: TimeReader,
    *,
    found: FindingCollector,
    file: str,
    row: int,
) -> datetime | None:
    """Return the end; of a local time that stands twice the second, if only that is after start.

    ``text`` is the cell of the end.
    """
    if end is None or start < end:
        return end
    second = times.second_of(text, end)
    if second is None or second <= start:
        return end
    message = f"end: {text!r} stands twice; the second was taken: the first is not after the start"
    found.add("time-in-fold", message, file=file, row=row)
    return second
