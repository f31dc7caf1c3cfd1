"""CloudEvents 1.0: structured, in a batch, or binary (its attributes in headers)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from ripplegraph.api.events.notices import LONGEST_ID, Notice, Refusal, labels_of, moment_of
from ripplegraph.api.events.sources.bodies import (
    Delivery,
    first_text,
    json_of,
    list_of,
    part,
    table_of,
    text,
)

ORIGIN = "cloudevents"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

OPENING_WORDS = frozenset(
    {"opened", "open", "triggered", "firing", "started", "failed", "down", "degraded"}
)
CLOSING_WORDS = frozenset(
    {"closed", "close", "resolved", "ended", "recovered", "up", "cleared", "restored"}
)
"""Last words of a type (``com.example.outage.opened``), or ``data.status``, that say so."""

_LONGEST_SOURCE = 200


def cloudevents_delivery(body: bytes, headers: Mapping[str, str]) -> Delivery:
    """Return what one event, or a batch of them, says; names of headers are in lower case."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().casefold()
    if "ce-specversion" in headers:
        attributes = {
            name.removeprefix("ce-"): unquote(value)
            for name, value in headers.items()
            if name.startswith("ce-")
        }
        return Delivery(events=(_event({**attributes, "data": json_of(body or b"null")}),))
    value = json_of(body)
    if media_type == BATCH:
        return Delivery(events=tuple(_event(one) for one in list_of(value, "the batch")))
    return Delivery(events=(_event(table_of(value, "the event")),))


def _event(value: Any) -> Notice | Refusal:
    if not isinstance(value, dict):
        return Refusal(external_id="", reason="the event is no object")
    event_id, source = text(value, "id", LONGEST_ID), text(value, "source", _LONGEST_SOURCE + 1)
    data = part(value, "data")
    outage = first_text(text(data, "external_id", LONGEST_ID), text(value, "subject", LONGEST_ID))
    flaw = _flaw(value, event_id, source)
    if flaw:
        return Refusal(external_id=outage or event_id, reason=flaw)
    words = {text(data, "status").casefold(), text(value, "type").casefold().rpartition(".")[2]}
    closes, opens = bool(words & CLOSING_WORDS), bool(words & OPENING_WORDS)
    if opens == closes:
        reason = "neither its type nor data.status says that an outage opens or closes"
        return Refusal(external_id=outage or event_id, reason=reason)
    if closes and not outage:
        reason = "it closes an outage and says neither data.external_id nor subject"
        return Refusal(external_id=event_id, reason=reason)
    time = moment_of(value.get("time"))
    return Notice(
        source=source,
        external_id=outage or event_id,
        origin=ORIGIN,
        opens=opens,
        closes=closes,
        start=_moment(data, "start", time) if opens else None,
        end=_moment(data, "end", time) if closes else None,
        labels=labels_of(
            {name: value[name] for name in ("source", "subject", "type", "data") if name in value}
        ),
        severity=text(data, "severity"),
        cause=first_text(text(data, "cause"), text(data, "summary")),
        ticket=text(data, "ticket", 200),
        delivery=event_id,
    )


def _flaw(value: Mapping[str, Any], event_id: str, source: str) -> str:
    if text(value, "specversion") != "1.0":
        return "specversion is not 1.0"
    if not (event_id and source and text(value, "type")):
        return "it lacks id, source or type"
    if len(source) > _LONGEST_SOURCE:
        return f"its source has more than {_LONGEST_SOURCE} letters"
    if value.get("time") is not None and moment_of(value["time"]) is None:
        return "time is no moment with its zone"
    return ""


def _moment(data: Mapping[str, Any], name: str, otherwise: datetime | None) -> datetime | None:
    return moment_of(data.get(name)) or otherwise
