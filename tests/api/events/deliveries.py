"""Deliveries of events: samples as sources send them, and what became of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from ripplegraph.api.estates import ServedEstate

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def sent(client: httpx.Client, source: str, body: object) -> list[tuple[str, str | None]]:
    """Send a body and return what became of each event, and of which CI it is."""
    answer = client.post(f"/v1/events/{source}", json=body)
    assert answer.status_code in (200, 202), answer.text
    return [(one["became"], one["ci_id"]) for one in answer.json()["events"]]


def told(client: httpx.Client) -> list[dict[str, Any]]:
    """Return each span of each outage, flat."""
    outages = client.get("/v1/outages").json()["outages"]
    return [
        {**span, "id": one["external_id"], "source": one["source"]}
        for one in outages
        for episode in one["episodes"]
        for span in episode["spans"]
    ]


def fed(estate: ServedEstate) -> list[str]:
    entries = [json.loads(one.payload)["type"] for one in estate.journal.entries("feed")]
    return [one for one in entries if one.startswith(("outage", "event"))]
