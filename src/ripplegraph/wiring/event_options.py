"""How events are taken in and told: the rule file, and what the environment sets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ripplegraph.errors import SettingsError

if TYPE_CHECKING:
    from ripplegraph.api.events.options import EventOptions

_SECRETS = "RIPPLEGRAPH_EVENT_SECRETS"


def event_options(rule_file: str | None = None) -> EventOptions:
    """Return the options of events: the rules of a file, secrets and hosts of the environment."""
    from ripplegraph.api.events.options import EventOptions
    from ripplegraph.api.events.webhooks.targets import WebhookRules
    from ripplegraph.graph.event_rules import DEFAULT_EVENT_RULES
    from ripplegraph.loaders.event_rule_file import read_event_rules
    from ripplegraph.settings import read_settings
    from ripplegraph.wiring.webhook_posting import HttpPoster

    settings = read_settings()
    file = rule_file or settings.event_rules
    hosts = (one.strip().lower() for one in settings.webhook_hosts.split(","))
    return EventOptions(
        rules=DEFAULT_EVENT_RULES if file is None else read_event_rules(Path(file)),
        secrets=secrets_in(settings.event_secrets),
        webhook_rules=WebhookRules(
            allowed_hosts=frozenset(one for one in hosts if one),
            allow_private=settings.webhook_private,
        ),
        poster=HttpPoster(),
        keep_outages=timedelta(days=settings.keep_outages_days),
    )


def secrets_in(text: str) -> dict[str, str]:
    """Return the secrets of lines ``name=secret``; empty lines and those with # are left."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, secret = line.partition("=")
        if not (equals and name.strip() and secret.strip()) or name.strip() in found:
            reason = f"line {number} is not name=secret, or names one twice"
            raise SettingsError(_SECRETS, reason, "Write one secret on each line")
        found[name.strip()] = secret.strip()
    return found
