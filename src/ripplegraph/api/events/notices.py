"""What a source says, in one form, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ripplegraph.graph.outages import OutageKind

LONGEST_ID = 1_000
LONGEST_TEXT = 2_000
MOST_LABELS = 200
_DEEPEST = 4


class Became(StrEnum):
    """What became of a notice."""

    OPENED = "opened"
    CLOSED = "closed"
    CORRECTED = "corrected"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One outage begins, ends, or both.

    Parameters
    ----------
    origin
        Kind of source, such as ``alertmanager``: whose rules hold.
    start, end
        Aware; None where the source does not say: then it is the moment of receipt, unless the
        outage is open (or over) already.
    ci
        The CI as the caller names it; "" if the rules are to find it from the labels.
    severity
        As the source writes it, for the rules; ``kind`` wins if it is set.
    delivery
        What tells this very event from others of its source, if it says so: taken in once.
    """

    source: str
    external_id: str
    origin: str
    opens: bool = False
    closes: bool = False
    start: datetime | None = None
    end: datetime | None = None
    ci: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    severity: str = ""
    kind: OutageKind | None = None
    cause: str = ""
    ticket: str = ""
    excluded: str = ""
    announced: datetime | None = None
    change: str = ""
    delivery: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An event that says nothing about an outage, or not as documented; kept for the answer."""

    external_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one notice."""

    source: str
    external_id: str
    became: Became
    reason: str = ""
    ci_id: str = ""
    candidates: tuple[str, ...] = ()


def labels_of(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested tables as one table of texts, ``labels.ci``; lists and deep parts are left."""
    found: dict[str, str] = {}
    _gather(value, prefix, found, _DEEPEST)
    return found


def _gather(value: Mapping[str, Any], prefix: str, found: dict[str, str], deepest: int) -> None:
    for name, one in value.items():
        if len(found) >= MOST_LABELS:
            return
        place = f"{prefix}{name}"
        if isinstance(one, dict) and deepest:
            _gather(one, f"{place}.", found, deepest - 1)
        elif isinstance(one, str):
            found[place] = one[:LONGEST_TEXT]
        elif isinstance(one, int | float) and not isinstance(one, bool):
            found[place] = str(one)


def moment_of(text: object) -> datetime | None:
    """Return an ISO 8601 moment with its zone in UTC, None if it is none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
