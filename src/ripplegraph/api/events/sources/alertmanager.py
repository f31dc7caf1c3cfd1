"""Alertmanager's webhook (version 4), which Grafana sends too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ripplegraph.api.events.notices import LONGEST_ID, Notice, Refusal, labels_of, moment_of
from ripplegraph.api.events.sources.bodies import (
    Delivery,
    first_text,
    list_of,
    part,
    table_of,
    text,
)

ORIGIN = "alertmanager"
_NEVER_YEAR = 1  # Go's zero time, 0001-01-01: not set


def alertmanager_delivery(body: Any, source: str) -> Delivery:
    """Return what a webhook says of its alerts."""
    message = table_of(body, "the body")
    alerts = list_of(message.get("alerts"), "alerts")
    left_out = message.get("truncatedAlerts")
    notes = []
    if isinstance(left_out, int) and left_out > 0:
        notes.append(
            f"{left_out} alerts were left out by the sender (truncatedAlerts). "
            "Raise max_alerts, or group by fewer labels: what is left out is not known here."
        )
    return Delivery(events=tuple(_event(alert, source) for alert in alerts), notes=tuple(notes))


def _event(value: Any, source: str) -> Notice | Refusal:
    if not isinstance(value, dict):
        return Refusal(external_id="", reason="the alert is no object")
    labels, annotations = part(value, "labels"), part(value, "annotations")
    fingerprint = text(value, "fingerprint", LONGEST_ID) or _fingerprint_of(labels)
    start, end = moment_of(value.get("startsAt")), moment_of(value.get("endsAt"))
    if start is None or start.year == _NEVER_YEAR:
        return Refusal(external_id=fingerprint, reason="startsAt is no moment with its zone")
    is_set = end is not None and end.year > _NEVER_YEAR
    status = text(value, "status").casefold()
    if status not in ("", "firing", "resolved"):
        return Refusal(external_id=fingerprint, reason="status is neither firing nor resolved")
    closes = status == "resolved" or (not status and is_set)
    return Notice(
        source=source,
        external_id=fingerprint,  # startsAt may move while it fires: still one outage
        origin=ORIGIN,
        opens=True,
        closes=closes,
        start=start,
        end=end if closes and is_set else None,
        labels=labels_of({"labels": labels, "annotations": annotations}),
        severity=text(labels, "severity"),
        cause=first_text(
            text(annotations, "summary"),
            text(annotations, "description"),
            text(labels, "alertname"),
        ),
        ticket=text(annotations, "ticket", 200),
    )


def _fingerprint_of(labels: Mapping[str, Any]) -> str:
    """Return what tells an alert by its labels, for senders that give no fingerprint."""
    shown = json.dumps(labels, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
