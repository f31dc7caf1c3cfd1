"""Sends the feed to its subscribers: each entry until it arrived, or was given up and listed.

The feed itself is what was committed with each change, so nothing that happened is missed. Its
entries go into the outbox with the subscriber's position in one commit; from there each is sent
at least once, and known by its id if it comes twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from ripplegraph.api.events.webhooks.documents import (
    DEAD_LETTERS,
    WEBHOOKS,
    Delivery,
    Subscription,
    delivery_of,
    delivery_text,
    subscription_of,
    subscription_text,
)
from ripplegraph.api.events.webhooks.signing import keys_of, signed_headers
from ripplegraph.api.events.webhooks.targets import Poster, WebhookRules, pinned_address, target_of
from ripplegraph.api.kept import FEED, OUTBOX, all_documents
from ripplegraph.api.schemas.base import time_text
from ripplegraph.errors import InvalidEventError, JournalConflictError
from ripplegraph.graph.journal import (
    Document,
    Entry,
    JournalWrite,
    PutDocument,
    RemoveDocument,
)
from ripplegraph.graph.ports import EstateJournal

MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=1)
LEASE = timedelta(minutes=2)
"""For how long an attempt has a delivery for itself; longer than any attempt takes."""

SECONDS_IN_TURN = 5.0
"""After which no attempt begins until all others had their turn: a receiver may be slow."""

_PAGE = 100
_AT_ONCE = 4
_GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How deliveries are sent.

    Parameters
    ----------
    chance
        A random number in [0, 1), which spreads attempts.
    seconds
        A clock that only runs forward.
    """

    poster: Poster
    secrets: Mapping[str, str]
    rules: WebhookRules
    chance: Callable[[], float]
    seconds: Callable[[], float] = monotonic


class Dispatcher:
    """Fills the outbox and empties it. Several processes may do so on one journal."""

    def __init__(
        self, journal: EstateJournal, clock: Callable[[], datetime], sending: Sending
    ) -> None:
        self._journal, self._clock, self._sending = journal, clock, sending

    def work(self) -> None:
        """Put new entries into the outbox and send what is due."""
        subscriptions = [
            subscription_of(one.payload) for one in all_documents(self._journal, WEBHOOKS)
        ]
        active = [one.subscription_id for one in subscriptions if one.is_active]
        for subscription_id in active:
            while self._fill(subscription_id):
                pass
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            list(pool.map(self._send_due, active))

    def _fill(self, subscription_id: str) -> bool:
        """Put the next entries into the outbox; return whether there may be more."""
        document = self._journal.document(WEBHOOKS, subscription_id)
        if document is None:
            return False
        subscription = subscription_of(document.payload)
        last = self._journal.last_number(FEED)
        if last <= subscription.read_to:
            return False
        entries = self._journal.entries(FEED, after=subscription.read_to, limit=_PAGE)
        at = entries[-1].number if entries else last
        missed = (entries[0].number - 1 if entries else last) - subscription.read_to
        after = replace(subscription, read_to=at, missed=subscription.missed + missed)
        writes: list[JournalWrite] = [
            PutDocument(
                collection=WEBHOOKS,
                key=subscription_id,
                payload=subscription_text(after),
                expected_version=document.version,
            ),
            *self._outgoing(subscription, entries),
        ]
        try:
            self._journal.commit(writes)
        except JournalConflictError:
            return True  # another process did it, or somebody changed the subscription
        return True

    def _outgoing(
        self, subscription: Subscription, entries: Sequence[Entry]
    ) -> Iterator[PutDocument]:
        for entry in entries:
            said = json.loads(entry.payload)
            if subscription.types and said.get("type") not in subscription.types:
                continue
            body = {
                "type": said.get("type"),
                "timestamp": time_text(entry.at),
                "number": entry.number,
                "data": said,
            }
            delivery = Delivery(
                subscription_id=subscription.subscription_id,
                number=entry.number,
                body=json.dumps(body, ensure_ascii=False),
                due_at=self._clock(),
            )
            yield _put(OUTBOX, delivery, 0)

    def _send_due(self, subscription_id: str) -> None:
        """Send what is due to one subscriber, the oldest first, for as long as a turn takes."""
        after, seconds = f"{subscription_id}/", self._sending.seconds
        end = seconds() + SECONDS_IN_TURN
        while True:
            page = self._journal.documents(OUTBOX, after=after, limit=_PAGE)
            mine = [one for one in page if one.key.startswith(f"{subscription_id}/")]
            for document in mine:
                if seconds() >= end:
                    return
                if delivery_of(document.payload).due_at <= self._clock():
                    self._try(document)
            if len(mine) < _PAGE:
                return
            after = mine[-1].key

    def _try(self, document: Document) -> None:
        """Make one attempt, unless another process has taken this one."""
        delivery = delivery_of(document.payload)
        claimed = replace(delivery, due_at=self._clock() + LEASE)
        held = self._journal.document(WEBHOOKS, delivery.subscription_id)
        try:
            self._journal.commit([_put(OUTBOX, claimed, document.version)])
            if held is None:
                self._journal.commit([RemoveDocument(collection=OUTBOX, key=delivery.key)])
                return
            subscription = subscription_of(held.payload)
            status, problem = self._sent(subscription, delivery)
            if status == _GONE:
                self._end(held, subscription)
            self._journal.commit(self._what_follows(delivery, document.version + 1, problem))
        except JournalConflictError:
            return

    def _sent(self, subscription: Subscription, delivery: Delivery) -> tuple[int, str]:
        """Send once; return the status, and the problem if it did not arrive."""
        sending, body = self._sending, delivery.body.encode()
        try:
            keys = keys_of(sending.secrets.get(subscription.secret, ""))
            target = target_of(subscription.url, sending.rules)
            addresses = sending.poster.addresses_of(target.host, target.port)
            address = pinned_address(target, addresses, sending.rules)
            seconds = int(self._clock().timestamp())
            headers = signed_headers(delivery.message_id, seconds, body, keys)
            headers |= {"content-type": "application/json"}
            status = sending.poster.post(target, address, body, headers)
        except ValueError as exc:
            return 0, f"the secret {subscription.secret!r} cannot sign: {exc}"
        except InvalidEventError as exc:
            return 0, exc.reason
        except OSError as exc:
            return 0, f"no answer: {exc}"
        if 200 <= status < 300:
            return status, ""
        return status, f"the receiver answered {status}"

    def _what_follows(self, delivery: Delivery, version: int, problem: str) -> list[JournalWrite]:
        gone = RemoveDocument(collection=OUTBOX, key=delivery.key, expected_version=version)
        if not problem:
            return [gone]
        tried = replace(delivery, attempts=delivery.attempts + 1, problem=problem)
        if tried.attempts >= MOST_ATTEMPTS:
            dead = replace(tried, due_at=self._clock())
            return [gone, _put(DEAD_LETTERS, dead, None)]
        wait = min(FIRST_WAIT * 4**delivery.attempts, LONGEST_WAIT)
        wait *= 0.5 + self._sending.chance()
        return [_put(OUTBOX, replace(tried, due_at=self._clock() + wait), version)]

    def _end(self, document: Document, subscription: Subscription) -> None:
        """Stop sending to a receiver that says it is gone for good (410)."""
        ended = subscription_text(replace(subscription, is_active=False))
        self._journal.commit(
            [
                PutDocument(
                    collection=WEBHOOKS,
                    key=document.key,
                    payload=ended,
                    expected_version=document.version,
                )
            ]
        )


def _put(collection: str, delivery: Delivery, expected: int | None) -> PutDocument:
    return PutDocument(
        collection=collection,
        key=delivery.key,
        payload=delivery_text(delivery),
        expected_version=expected,
    )
