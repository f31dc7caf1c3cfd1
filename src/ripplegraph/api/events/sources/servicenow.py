"""ServiceNow Event Management: records of ``em_event`` as JSONv2 sends them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ripplegraph.api.bodies import strict_json
from ripplegraph.api.events.notices import LONGEST_ID, Notice, Refusal, labels_of, moment_of
from ripplegraph.api.events.sources.bodies import (
    Delivery,
    first_text,
    list_of,
    part,
    table_of,
    text,
)

ORIGIN = "servicenow"
_KEY_FIELDS = ("source", "node", "type", "resource", "metric_name")
"""What makes the message key of a record that has none, as ServiceNow does it."""

_CLEAR = "0"
_SEVERITIES = ("0", "1", "2", "3", "4", "5")


def servicenow_delivery(body: Any, source: str) -> Delivery:
    """Return what the records say; a body that is one record itself counts as that."""
    message = table_of(body, "the body")
    records = list_of(message["records"], "records") if "records" in message else [message]
    return Delivery(events=tuple(_event(record, source) for record in records))


def _event(value: Any, source: str) -> Notice | Refusal:
    if not isinstance(value, dict):
        return Refusal(external_id="", reason="the record is no object")
    key = first_text(text(value, "message_key", LONGEST_ID), _key_of(value))
    severity = text(value, "severity")
    if severity not in _SEVERITIES:
        return Refusal(external_id=key, reason="severity is none of 0 (clear) to 5")
    written = value.get("time_of_event")
    moment = _moment(written)
    if written not in (None, "") and moment is None:
        return Refusal(external_id=key, reason="time_of_event is no moment")
    closes = severity == _CLEAR or text(value, "resolution_state").casefold() == "closing"
    if closes:
        return Notice(source=source, external_id=key, origin=ORIGIN, closes=True, end=moment)
    more = _more(value)
    return Notice(
        source=source,
        external_id=key,
        origin=ORIGIN,
        opens=True,
        start=moment,
        labels=labels_of({**value, "additional_info": more or value.get("additional_info")}),
        severity=severity,
        cause=first_text(text(value, "description"), text(value, "metric_name")),
        ticket=text(more, "ticket", 200),
    )


def _key_of(value: Mapping[str, Any]) -> str:
    parts = [text(value, name, LONGEST_ID // 6) for name in _KEY_FIELDS]
    return "|".join(parts) if any(parts) else ""


def _moment(written: object) -> datetime | None:
    """Return a moment: ISO 8601 with its zone, or as ServiceNow writes it, which is UTC."""
    moment = moment_of(written)
    if moment is not None or not isinstance(written, str):
        return moment
    try:
        return datetime.strptime(written.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _more(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return additional_info, which is JSON in a text, or an object; empty if it is neither."""
    written = value.get("additional_info")
    if not isinstance(written, str):
        return part(value, "additional_info")
    try:
        found = strict_json(written.encode())  # a text in the body may hold what no body may
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
