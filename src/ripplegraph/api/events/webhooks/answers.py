"""Subscriptions and deliveries as the API tells them; no secret among it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ripplegraph.api.events.webhooks.documents import Delivery, Subscription
from ripplegraph.api.schemas.base import Out, time_text


class WebhookOut(Out):
    """Who is sent the feed, and how that goes."""

    id: str
    url: str
    secret: str = Field(description="Name of the secret that signs.")
    types: list[str]
    description: str
    is_active: bool
    created_at: str
    created_by: str
    read_to: int = Field(description="Number of the newest entry that is sent or waits.")
    waiting: int = Field(description="Deliveries that wait for their first or next attempt.")
    dead: int = Field(description="Deliveries that were given up.")
    missed: int = Field(description="Entries that the feed forgot before they were read.")

    @classmethod
    def of(cls, one: Subscription, waiting: int, dead: int) -> WebhookOut:
        """Shape one subscription."""
        return cls(
            id=one.subscription_id,
            url=one.url,
            secret=one.secret,
            types=list(one.types),
            description=one.description,
            is_active=one.is_active,
            created_at=str(time_text(one.created_at)),
            created_by=one.created_by,
            read_to=one.read_to,
            waiting=waiting,
            dead=dead,
            missed=one.missed,
        )


class WebhooksOut(Out):
    """Everybody who is sent the feed."""

    schema_: Literal["ripplegraph/webhooks/1"] = Field(
        default="ripplegraph/webhooks/1", serialization_alias="schema"
    )
    webhooks: list[WebhookOut]


class DeliveryOut(Out):
    """One entry of the feed on its way to one subscriber."""

    webhook: str
    number: int
    message_id: str
    attempts: int
    due_at: str = Field(description="When it is tried next, or was given up.")
    problem: str

    @classmethod
    def of(cls, one: Delivery) -> DeliveryOut:
        """Shape one delivery."""
        return cls(
            webhook=one.subscription_id,
            number=one.number,
            message_id=one.message_id,
            attempts=one.attempts,
            due_at=str(time_text(one.due_at)),
            problem=one.problem,
        )


class DeadLettersOut(Out):
    """Deliveries that were given up, by page."""

    schema_: Literal["ripplegraph/dead-letters/1"] = Field(
        default="ripplegraph/dead-letters/1", serialization_alias="schema"
    )
    deliveries: list[DeliveryOut]
    after: str | None = Field(description="Ask with it for the next page; null if this is it.")
