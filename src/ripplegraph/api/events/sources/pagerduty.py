"""PagerDuty: the shape of its Events API v2, and its webhooks V3 with their signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ripplegraph.api.events.notices import Notice, Refusal, labels_of, moment_of
from ripplegraph.api.events.sources.bodies import Delivery, first_text, part, table_of, text

ORIGIN = "pagerduty"
SIGNATURE_HEADER = "X-PagerDuty-Signature"
_LONGEST_KEY = 255
_TAKEN = ("source", "component", "group", "class", "custom_details")


def pagerduty_delivery(body: Any, source: str) -> Delivery:
    """Return what an event or a webhook says."""
    message = table_of(body, "the body")
    is_webhook = isinstance(message.get("event"), dict)
    event = _webhook(message["event"], source) if is_webhook else _event(message, source)
    return Delivery(events=(event,))


def is_webhook(body: Any) -> bool:
    """Return whether a body is a webhook V3, which PagerDuty signs."""
    return isinstance(body, dict) and "event" in body


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Return whether one of the signatures of a header (``v1=...``) is right for a body."""
    right = "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = [one.strip() for one in header.split(",")]
    return any(hmac.compare_digest(one.encode(), right.encode()) for one in given)


def _event(message: Mapping[str, Any], source: str) -> Notice | Refusal:
    payload = part(message, "payload")
    key, action = text(message, "dedup_key", _LONGEST_KEY + 1), text(message, "event_action")
    moment = moment_of(payload.get("timestamp"))
    flaw = _flaw(key, action, has_wrong_time=payload.get("timestamp") is not None and not moment)
    if flaw:
        return Refusal(external_id=key[:_LONGEST_KEY], reason=flaw)
    if action == "resolve":
        return Notice(source=source, external_id=key, origin=ORIGIN, closes=True, end=moment)
    return Notice(
        source=source,
        external_id=key or _key_of(payload),
        origin=ORIGIN,
        opens=True,
        start=moment,
        labels=labels_of({name: payload[name] for name in _TAKEN if name in payload}),
        severity=text(payload, "severity"),
        cause=text(payload, "summary"),
    )


def _flaw(key: str, action: str, *, has_wrong_time: bool) -> str:
    """Return why an event says nothing of an outage, "" if it does."""
    if len(key) > _LONGEST_KEY:
        return f"dedup_key has more than {_LONGEST_KEY} letters"
    if action == "acknowledge":
        return "acknowledge changes nothing of an outage"
    if action not in ("trigger", "resolve"):
        return "event_action is none of trigger, acknowledge and resolve"
    if action == "resolve" and not key:
        return "resolve needs the dedup_key of its trigger"
    return "timestamp is no moment with its zone" if has_wrong_time else ""


def _key_of(payload: Mapping[str, Any]) -> str:
    """Return a key for a trigger without one: sent again it is the same."""
    said = json.dumps(payload, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _webhook(event: Mapping[str, Any], source: str) -> Notice | Refusal:
    data = part(event, "data")
    kind, incident = text(event, "event_type"), text(data, "id", _LONGEST_KEY)
    occurred, created = moment_of(event.get("occurred_at")), moment_of(data.get("created_at"))
    if kind not in ("incident.triggered", "incident.reopened", "incident.resolved"):
        return Refusal(external_id=incident, reason="this type of event changes no outage")
    if not incident or occurred is None:
        return Refusal(external_id=incident, reason="the incident has no id, or no occurred_at")
    is_resolved = kind == "incident.resolved"
    return Notice(
        source=source,
        external_id=incident,
        origin=ORIGIN,
        opens=not is_resolved,
        closes=is_resolved,
        start=None if is_resolved else _start(kind, created, occurred),
        end=occurred if is_resolved else None,
        labels=_incident_labels(data),
        severity=text(data, "urgency"),
        cause=first_text(text(data, "title"), text(data, "summary")),
    )


def _start(kind: str, created: datetime | None, occurred: datetime) -> datetime:
    return created or occurred if kind == "incident.triggered" else occurred


def _incident_labels(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what the rules may look at: ``service`` is the name of the incident's service."""
    service, priority = part(data, "service"), part(data, "priority")
    found = {
        "service": text(service, "summary"),
        "service_id": text(service, "id"),
        "title": text(data, "title"),
        "incident_key": text(data, "incident_key"),
        "priority": text(priority, "summary"),
    }
    return {name: value for name, value in found.items() if value}
