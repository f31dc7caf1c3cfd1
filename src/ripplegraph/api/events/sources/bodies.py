"""Bodies that others send: strict JSON, and its parts taken as what they should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ripplegraph.api.bodies import strict_json
from ripplegraph.api.events.notices import LONGEST_TEXT, Notice, Refusal
from ripplegraph.errors import InvalidEventError

MOST_EVENTS = 5_000
"""Events in one delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one request says: a notice or a refusal per event, in order, and notes about it."""

    events: tuple[Notice | Refusal, ...]
    notes: tuple[str, ...] = ()


def json_of(body: bytes) -> Any:
    """Return what a body holds; one that is not strict JSON raises an InvalidEventError."""
    try:
        return strict_json(body)
    except ValueError as exc:
        reason = "the body is no JSON (RFC 8259), or nests too deep"
        raise _wrong(reason) from exc


def table_of(value: Any, what: str) -> Mapping[str, Any]:
    """Return a JSON object, else raise an InvalidEventError that names it."""
    if not isinstance(value, dict):
        reason = f"{what} is no object"
        raise _wrong(reason)
    return value


def list_of(value: Any, what: str) -> Sequence[Any]:
    """Return a JSON array of events, else raise an InvalidEventError that names it."""
    if not isinstance(value, list):
        reason = f"{what} is no array"
        raise _wrong(reason)
    if len(value) > MOST_EVENTS:
        reason = f"{what} has more than {MOST_EVENTS:,} events"
        raise _wrong(reason)
    return value


def part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a member that is an object, an empty one if it is not."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def text(value: Mapping[str, Any], name: str, longest: int = LONGEST_TEXT) -> str:
    """Return a member that is text or a number, "" if it is not; cut to what is kept."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found).strip()[:longest]


def first_text(*texts: str) -> str:
    """Return the first text that is not empty."""
    return next((one for one in texts if one), "")


def _wrong(reason: str) -> InvalidEventError:
    return InvalidEventError(reason, "Send it as the documentation of its source says")
