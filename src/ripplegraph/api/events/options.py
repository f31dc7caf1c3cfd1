"""How events are taken in and told, as whoever serves the estate sets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ripplegraph.api.events.webhooks.targets import Poster, WebhookRules
from ripplegraph.graph.event_rules import DEFAULT_EVENT_RULES, EventRules

KEPT_OUTAGES_FOR = timedelta(days=400)
"""A year, and a month to look back at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOptions:
    """Rules, secrets and limits of events.

    Parameters
    ----------
    rules
        Which CI an event is about, and what its severity opens.
    secrets
        By name: keys that sign what is sent, or check what comes in; never told to anybody.
    webhook_rules, poster
        Where webhooks may go, and what sends them; without a poster they wait.
    breach_threshold
        Chance of a breach by the end of the window from which on it is told.
    look_every_seconds
        How often statuses are looked at: planned work begins by itself, revisions are published.
    keep_outages
        How long an outage is kept after its end.
    forecast_every_seconds
        How often all SLAs are looked at; those of services that change are at once.
    """

    rules: EventRules = DEFAULT_EVENT_RULES
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    webhook_rules: WebhookRules = field(default_factory=WebhookRules)
    poster: Poster | None = None
    breach_threshold: float = 0.5
    keep_outages: timedelta = KEPT_OUTAGES_FOR
    look_every_seconds: float = 15.0
    forecast_every_seconds: float = 300.0
