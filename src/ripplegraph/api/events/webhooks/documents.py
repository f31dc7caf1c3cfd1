"""Subscriptions and deliveries as documents of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

WEBHOOKS, DEAD_LETTERS = "webhooks", "dead-letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who wants the feed.

    Parameters
    ----------
    types
        Types of entries that are wanted; empty for all.
    secret
        Name of the secret that signs; the secret itself is in no document.
    read_to
        Number of the newest entry of the feed that is delivered or in the outbox.
    missed
        How many entries were forgotten by the feed before they were read.
    """

    subscription_id: str
    url: str
    secret: str
    created_at: datetime
    created_by: str
    types: tuple[str, ...] = ()
    description: str = ""
    is_active: bool = True
    read_to: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One entry of the feed on its way to one subscriber.

    Parameters
    ----------
    body
        What is sent, the same at every attempt.
    due_at
        When it is tried next.
    problem
        What came of the last attempt; "" before the first.
    """

    subscription_id: str
    number: int
    body: str
    due_at: datetime
    attempts: int = 0
    problem: str = ""

    @property
    def key(self) -> str:
        """Its key in the journal: by subscriber, then in the order of the feed."""
        return f"{self.subscription_id}/{self.number:012d}"

    @property
    def message_id(self) -> str:
        """What tells it from all others, the same at every attempt."""
        return f"msg_{self.subscription_id}_{self.number}"


_SUBSCRIPTION: TypeAdapter[Subscription] = TypeAdapter(Subscription)
_DELIVERY: TypeAdapter[Delivery] = TypeAdapter(Delivery)


def subscription_text(one: Subscription) -> str:
    """Return a subscription as JSON text."""
    return _SUBSCRIPTION.dump_json(one).decode()


def subscription_of(payload: str) -> Subscription:
    """Return the subscription that a text holds."""
    return _SUBSCRIPTION.validate_json(payload)


def delivery_text(one: Delivery) -> str:
    """Return a delivery as JSON text."""
    return _DELIVERY.dump_json(one).decode()


def delivery_of(payload: str) -> Delivery:
    """Return the delivery that a text holds."""
    return _DELIVERY.validate_json(payload)
