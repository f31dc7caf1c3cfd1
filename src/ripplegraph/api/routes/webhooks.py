"""Webhooks: who is sent the feed, what waits, and what was given up."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from ripplegraph.api.callers import Scope, current_caller
from ripplegraph.api.events.feed import FeedType
from ripplegraph.api.events.webhooks.answers import (
    DeadLettersOut,
    DeliveryOut,
    WebhookOut,
    WebhooksOut,
)
from ripplegraph.api.events.webhooks.documents import (
    DEAD_LETTERS,
    WEBHOOKS,
    Subscription,
    delivery_of,
    delivery_text,
    subscription_of,
    subscription_text,
)
from ripplegraph.api.events.webhooks.signing import keys_of
from ripplegraph.api.events.webhooks.targets import (
    LONGEST_URL,
    RULES_ARE_AT,
    WebhookRules,
    target_of,
)
from ripplegraph.api.kept import FEED, OUTBOX, all_documents
from ripplegraph.api.scopes import needs
from ripplegraph.errors import InvalidEventError, UnknownItemError
from ripplegraph.graph.journal import Document, PutDocument, RemoveDocument
from ripplegraph.graph.ports import EstateJournal

MOST_WEBHOOKS = 100
_LISTED = ("webhook or delivery", "/v1/webhooks")
WebhookPath = Annotated[str, Path(pattern=r"^[0-9a-f]{1,32}$")]
NumberPath = Annotated[int, Path(ge=1, le=10**12 - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDesk:
    """What the routes of webhooks need."""

    journal: EstateJournal
    clock: Callable[[], datetime]
    secrets: Mapping[str, str]
    rules: WebhookRules


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class WebhookIn(_Body):
    """Who is to be sent what."""

    url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL)]
    secret: Annotated[
        str, Field(min_length=1, max_length=100, description="Name of a secret of the server.")
    ]
    types: Annotated[list[FeedType], Field(description="Every type if none.")] = []
    description: Annotated[str, Field(max_length=500)] = ""


class WebhookChangeIn(_Body):
    """Whether it is sent anything."""

    is_active: bool


class DeadQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[str, Field(max_length=100)] = ""


def webhook_routes(desk: WebhookDesk) -> APIRouter:
    """Return the routes that administer webhooks."""
    routes = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
    _add_dead_letters(routes, desk)
    _add_webhooks(routes, desk)
    return routes


def _add_webhooks(routes: APIRouter, desk: WebhookDesk) -> None:
    journal = desk.journal

    @routes.get("", summary="Who is sent the feed.")
    @needs(Scope.ADMIN)
    def webhooks() -> WebhooksOut:
        held = (subscription_of(one.payload) for one in all_documents(journal, WEBHOOKS))
        return WebhooksOut(webhooks=[_shown(journal, one) for one in held])

    @routes.post("", summary="Send the feed to an address.", status_code=HTTPStatus.CREATED)
    @needs(Scope.ADMIN)
    def subscribe(body: WebhookIn, answer: Response) -> WebhookOut:
        made = _made(desk, body)
        answer.headers["Location"] = f"/v1/webhooks/{made.subscription_id}"
        return _shown(journal, made)

    @routes.get("/{webhook}", summary="One subscriber.")
    @needs(Scope.ADMIN)
    def one(webhook: WebhookPath) -> WebhookOut:
        return _shown(journal, subscription_of(_held(journal, webhook).payload))

    @routes.patch("/{webhook}", summary="Stop sending, or begin again.")
    @needs(Scope.ADMIN)
    def change(webhook: WebhookPath, body: WebhookChangeIn) -> WebhookOut:
        held = _held(journal, webhook)
        after = replace(subscription_of(held.payload), is_active=body.is_active)
        journal.commit([_put(after, held.version)])
        return _shown(journal, after)

    @routes.delete("/{webhook}", summary="Send nothing more.", status_code=HTTPStatus.NO_CONTENT)
    @needs(Scope.ADMIN)
    def unsubscribe(webhook: WebhookPath) -> None:
        _held(journal, webhook)
        waiting = [
            RemoveDocument(collection=collection, key=one.key)
            for collection in (OUTBOX, DEAD_LETTERS)
            for one in _of(journal, collection, webhook)
        ]
        journal.commit([RemoveDocument(collection=WEBHOOKS, key=webhook), *waiting])


def _add_dead_letters(routes: APIRouter, desk: WebhookDesk) -> None:
    journal = desk.journal

    @routes.get("/dead-letters", summary="Deliveries that were given up.")
    @needs(Scope.ADMIN)
    def dead_letters(asked: Annotated[DeadQuery, Query()]) -> DeadLettersOut:
        page = journal.documents(DEAD_LETTERS, after=asked.after, limit=asked.limit)
        after = page[-1].key if len(page) == asked.limit else None
        letters = [DeliveryOut.of(delivery_of(one.payload)) for one in page]
        return DeadLettersOut(deliveries=letters, after=after)

    @routes.post("/dead-letters/{webhook}/{number}/retry", summary="Try a delivery again.")
    @needs(Scope.ADMIN)
    def retry(webhook: WebhookPath, number: NumberPath) -> DeliveryOut:
        document = _dead(journal, webhook, number)
        held = delivery_of(document.payload)
        again = replace(held, attempts=0, due_at=desk.clock())
        journal.commit(
            [
                _forget(document),
                PutDocument(collection=OUTBOX, key=again.key, payload=delivery_text(again)),
            ]
        )
        return DeliveryOut.of(again)

    @routes.delete(
        "/dead-letters/{webhook}/{number}",
        summary="Forget a delivery.",
        status_code=HTTPStatus.NO_CONTENT,
    )
    @needs(Scope.ADMIN)
    def forget(webhook: WebhookPath, number: NumberPath) -> None:
        journal.commit([_forget(_dead(journal, webhook, number))])


def _made(desk: WebhookDesk, body: WebhookIn) -> Subscription:
    """Make a subscription: from now on, of an address that may be sent to, with a good secret."""
    target_of(body.url, desk.rules)
    if body.secret not in desk.secrets:
        reason = "the server has no secret of this name"
        raise InvalidEventError(reason, RULES_ARE_AT)
    try:
        keys_of(desk.secrets[body.secret])
    except ValueError as exc:
        reason = f"the secret of this name cannot sign: {exc}"
        raise InvalidEventError(reason, RULES_ARE_AT) from exc
    if len(desk.journal.documents(WEBHOOKS, limit=MOST_WEBHOOKS)) == MOST_WEBHOOKS:
        reason = f"there are {MOST_WEBHOOKS} webhooks already, which is the most"
        raise InvalidEventError(reason, RULES_ARE_AT)
    made = Subscription(
        subscription_id=secrets.token_hex(8),
        url=body.url,
        secret=body.secret,
        types=tuple(sorted(set(body.types))),
        description=body.description,
        created_at=desk.clock(),
        created_by=current_caller().name,
        read_to=desk.journal.last_number(FEED),
    )
    desk.journal.commit([_put(made, 0)])
    return made


def _put(subscription: Subscription, expected_version: int) -> PutDocument:
    return PutDocument(
        collection=WEBHOOKS,
        key=subscription.subscription_id,
        payload=subscription_text(subscription),
        expected_version=expected_version,
    )


def _forget(document: Document) -> RemoveDocument:
    return RemoveDocument(
        collection=document.collection, key=document.key, expected_version=document.version
    )


def _held(journal: EstateJournal, webhook: str) -> Document:
    held = journal.document(WEBHOOKS, webhook)
    if held is None:
        raise UnknownItemError(*_LISTED)
    return held


def _dead(journal: EstateJournal, webhook: str, number: int) -> Document:
    key = f"{webhook}/{number:012d}"
    held = journal.document(DEAD_LETTERS, key)
    if held is None:
        raise UnknownItemError(*_LISTED)
    return held


def _shown(journal: EstateJournal, one: Subscription) -> WebhookOut:
    waiting, dead = (
        len(_of(journal, collection, one.subscription_id)) for collection in (OUTBOX, DEAD_LETTERS)
    )
    return WebhookOut.of(one, waiting, dead)


def _of(journal: EstateJournal, collection: str, webhook: str) -> list[Document]:
    """Return the deliveries of one subscriber."""
    found: list[Document] = []
    after = f"{webhook}/"
    while page := [
        one
        for one in journal.documents(collection, after=after)
        if one.key.startswith(f"{webhook}/")
    ]:
        found += page
        after = page[-1].key
    return found
