"""Repeated writes: with an ``Idempotency-Key`` a write is done once, however often it is sent."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ripplegraph.api.callers import Scope as CallerScope
from ripplegraph.api.callers import current_caller
from ripplegraph.api.guard import SAFE_METHODS, Refusal, refuse
from ripplegraph.api.scopes import RouteTable
from ripplegraph.errors import JournalConflictError, StoreError
from ripplegraph.graph.journal import PutDocument, RemoveDocument
from ripplegraph.graph.ports import EstateJournal

_LOG = logging.getLogger(__name__)
ANSWERS = "answers"
KEPT = timedelta(hours=24)
"""How long an answer is kept for those who ask again."""

LONGEST_WORK = timedelta(minutes=15)
"""A request that was not answered by then was lost with its process, wherever that ran."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
LARGEST_ANSWER = 10_000_000
"""Bytes; a body of 1 MB names 5,000 events at most, each of which is told with its candidates."""

_READERS_WRITES = frozenset({"/v1/jobs"})
_KEPT_HEADERS = frozenset({"content-type", "location", "etag"})
_PAGE = 200


class _Kept(BaseModel):
    """A request that is being answered (status 0), or its answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime
    request: str = ""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


class Repeats:
    """Answers a write that was done already as it was answered then.

    Parameters
    ----------
    is_alone
        True if no other process serves this estate: what was being answered when this one began
        is answered by nobody.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        journal: EstateJournal,
        clock: Callable[[], datetime],
        routes: RouteTable,
        is_alone: bool = False,
    ) -> None:
        self._app, self._journal, self._clock = app, journal, clock
        self._routes, self._alone_since = routes, clock() if is_alone else None
        self._swept: datetime | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        key = Headers(scope=scope).get("idempotency-key") if scope["type"] == "http" else None
        if key is None or not self._is_write(scope):
            await self._app(scope, receive, send)
            return
        if _KEY.fullmatch(key) is None:
            await refuse(scope, send, _BAD_KEY)
            return
        place = sha256(f"{current_caller().caller_id}\0{key}".encode()).hexdigest()
        try:
            held = await run_in_threadpool(self._reserve, place)
        except StoreError:
            _LOG.exception("a request with an Idempotency-Key was not begun")
            await refuse(scope, send, _NO_JOURNAL)
            return
        hashed = _Hashed(scope, receive)
        if held is None:
            await self._do(place, scope, hashed, send)
        elif not held.status:
            await refuse(scope, send, _IN_PROGRESS)
        elif await hashed.drained() != held.request:
            await refuse(scope, send, _OTHER_REQUEST)
        else:
            await _send_kept(send, held)

    def _is_write(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS:
            return False
        need = self._routes.route_of(scope["path"], scope["method"]).need.scope
        return need not in (None, CallerScope.READ) or scope["path"] in _READERS_WRITES

    def _reserve(self, place: str) -> _Kept | None:
        """Return what is held of a request; None if it is to be done, which is then noted."""
        now = self._clock()
        self._sweep(now)
        while True:
            document = self._journal.document(ANSWERS, place)
            held = None if document is None else _Kept.model_validate_json(document.payload)
            if held is not None and not self._is_over(held, now):
                return held
            begun = PutDocument(
                collection=ANSWERS,
                key=place,
                payload=_Kept(at=now).model_dump_json(),
                expected_version=document.version if document else 0,
            )
            with suppress(JournalConflictError):
                self._journal.commit([begun])
                return None

    def _is_over(self, held: _Kept, now: datetime) -> bool:
        """Return whether what is held of a request says nothing any more."""
        if held.status:
            return now - held.at >= KEPT
        is_lost = self._alone_since is not None and held.at < self._alone_since
        return is_lost or now - held.at >= LONGEST_WORK

    async def _do(self, place: str, scope: Scope, hashed: _Hashed, send: Send) -> None:
        answer = _Held()
        try:
            await self._app(scope, hashed.receive, answer.send)
        except BaseException:
            with suppress(StoreError):
                await run_in_threadpool(self._forget, place)
            raise
        try:
            if answer.is_good and answer.size <= LARGEST_ANSWER:
                kept = answer.kept(self._clock(), await hashed.drained())
                await run_in_threadpool(self._keep, place, kept)
            else:  # it changed nothing, so it may be tried again
                await run_in_threadpool(self._forget, place)
        except StoreError:  # what was done was done: its caller is told so
            _LOG.exception("an answer under an Idempotency-Key could not be kept")
        for message in answer.messages:
            await send(message)

    def _keep(self, place: str, kept: _Kept) -> None:
        payload = kept.model_dump_json()
        self._journal.commit([PutDocument(collection=ANSWERS, key=place, payload=payload)])

    def _forget(self, place: str) -> None:
        self._journal.commit([RemoveDocument(collection=ANSWERS, key=place)])

    def _sweep(self, now: datetime) -> None:
        """Forget old answers, now and then."""
        if self._swept is not None and now - self._swept < KEPT / 24:
            return
        self._swept, after = now, ""
        while page := self._journal.documents(ANSWERS, after=after, limit=_PAGE):
            after = page[-1].key
            old = [
                RemoveDocument(collection=ANSWERS, key=one.key)
                for one in page
                if now - _Kept.model_validate_json(one.payload).at >= KEPT
            ]
            if old:
                self._journal.commit(old)


class _Hashed:
    """Receives a request and knows what was received."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._digest = sha256(
            f"{scope['method']}\0{scope['path']}\0{scope['query_string'].decode('latin-1')}\0"
            f"{Headers(scope=scope).get('if-match', '')}\0".encode("utf-8", "surrogatepass")
        )
        self._is_whole = False

    async def receive(self) -> Message:
        """Return the next part of the request."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._digest.update(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
        return message

    async def drained(self) -> str:
        """Return the digest of the whole request, what nobody read included."""
        while not self._is_whole:
            message = await self.receive()
            if message["type"] != "http.request":
                break
        return self._digest.hexdigest()


class _Held:
    """An answer that is held back until it is kept."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.size = 0

    async def send(self, message: Message) -> None:
        """Take one message of the answer."""
        self.size += len(message.get("body", b""))
        self.messages.append(message)

    @property
    def is_good(self) -> bool:
        """Whether what was asked was done."""
        return bool(self.messages) and 200 <= int(self.messages[0]["status"]) < 300

    def kept(self, at: datetime, request: str) -> _Kept:
        """Return what is kept of it."""
        start = self.messages[0]
        named = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in start["headers"]]
        body = b"".join(one.get("body", b"") for one in self.messages[1:])
        return _Kept(
            at=at,
            request=request,
            status=start["status"],
            headers=tuple((k, v) for k, v in named if k in _KEPT_HEADERS),
            body=body.decode("latin-1"),
        )


async def _send_kept(send: Send, held: _Kept) -> None:
    body = held.body.encode("latin-1")
    headers = [
        *held.headers,
        ("content-length", str(len(body))),
        ("idempotent-replay", "true"),
    ]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": held.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


_NO_JOURNAL = Refusal(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="store-unusable",
    detail="Whether this was done before cannot be read now. Try again.",
    headers={"Retry-After": "5"},
)
_BAD_KEY = Refusal(
    status=HTTPStatus.BAD_REQUEST,
    code="bad-idempotency-key",
    detail="An Idempotency-Key has 1 to 200 visible ASCII characters.",
)
_IN_PROGRESS = Refusal(
    status=HTTPStatus.CONFLICT,
    code="request-in-progress",
    detail="The request with this Idempotency-Key is being answered. Ask again soon.",
    headers={"Retry-After": "1"},
)
_OTHER_REQUEST = Refusal(
    status=HTTPStatus.UNPROCESSABLE_ENTITY,
    code="idempotency-key-reused",
    detail="This Idempotency-Key was used for another request. Take a new one.",
)
