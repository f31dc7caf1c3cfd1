"""Entity tags: who asks again and has the answer already is told so, without a body."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ripplegraph.api.answering import Used, noting_snapshots
from ripplegraph.api.callers import current_caller
from ripplegraph.api.estates import ServedEstate, Snapshot
from ripplegraph.errors import RippleGraphError

REVISION_HEADER = "Ripplegraph-Revision"
"""Which revision of the store an answer comes from."""

_VERSION = version("ripplegraph")
_ANSWERED = 200
_TIMED = "at"


class Freshness:
    """Gives answers to GET an entity tag, and answers 304 where ``If-None-Match`` has it.

    A question with ``at`` is told by what it rests on, before it is answered: the state of the
    estate, the question and who asks. Others hold the moment, or would change as time passes, so
    that the bytes of the answer are what counts.
    """

    def __init__(self, app: ASGIApp, estate: ServedEstate) -> None:
        self._app, self._estate = app, estate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "POST"}:
            await self._app(scope, receive, send)
            return
        known = _tags_in(Headers(scope=scope).get("if-none-match", ""))
        if known and _is_timed(scope):
            snapshot = await run_in_threadpool(self._newest)
            tag = None if snapshot is None else _tag_of_question(scope, snapshot)
            if tag in known and not _names_revision(scope):
                await _not_modified(send, str(tag))
                return
        with noting_snapshots() as used:
            answer = _Answer(scope, known, used, send)
            await self._app(scope, receive, answer.send)

    def _newest(self) -> Snapshot | None:
        try:
            return self._estate.snapshot()
        except RippleGraphError:
            return None


class _Answer:
    """Holds an answer back until its tag is known; streams pass through."""

    def __init__(self, scope: Scope, known: Sequence[str], used: Used, send: Send) -> None:
        self._scope, self._known, self._used, self._send = scope, known, used, send
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        """Pass on one message of the answer, or keep it."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            snapshot = self._used.snapshot
            if snapshot is not None and snapshot.revision is not None:
                headers[REVISION_HEADER] = str(snapshot.revision)
            is_whole = message["status"] == _ANSWERED and "content-length" in headers
            if is_whole and self._scope["method"] == "GET":
                self._start = message
                return
        elif self._start is not None:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        snapshot, tag = self._used.snapshot, Headers(raw=start["headers"]).get("etag")
        if tag is not None:  # the route knows its own
            pass
        elif snapshot is not None and _is_timed(self._scope):
            tag = _tag_of_question(self._scope, snapshot)
        else:
            digest = sha256()
            for part in self._parts:
                digest.update(part)
            tag = f'"{digest.hexdigest()[:32]}"'
        if tag.removeprefix("W/") in self._known:
            await _not_modified(self._send, tag)
            return
        MutableHeaders(scope=start)["ETag"] = tag
        await self._send(start)
        await self._send({"type": "http.response.body", "body": b"".join(self._parts)})


def _is_timed(scope: Scope) -> bool:
    return any(name == _TIMED for name, _ in _questions(scope))


def _names_revision(scope: Scope) -> bool:
    return any(name == "revision" for name, _ in _questions(scope))


def _questions(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _tag_of_question(scope: Scope, snapshot: Snapshot) -> str:
    """Return the tag of a question that says its moment, asked of one state by one caller."""
    seen = current_caller().tags
    whose = "*" if seen is None else "\n".join(sorted(seen))
    parts = (snapshot.tag, scope["path"], scope["query_string"].decode("latin-1"), whose, _VERSION)
    return f'"{sha256(chr(0).join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def _tags_in(text: str) -> tuple[str, ...]:
    """Return the tags of If-None-Match; a weak one counts as its strong one (RFC 9110, 13.1.2)."""
    return tuple(one.strip().removeprefix("W/") for one in text.split(",") if one.strip())


async def _not_modified(send: Send, tag: str) -> None:
    headers = [(b"etag", tag.encode("latin-1"))]
    await send({"type": "http.response.start", "status": 304, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
