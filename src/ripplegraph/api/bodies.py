"""Bodies in JSON: what other readers would read otherwise, or not at all, is refused."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ripplegraph.api.guard import SAFE_METHODS, Refusal, refuse

DEEPEST = 64
"""How deep lists and objects may be nested."""

MOST_DIGITS = 400
"""Of a whole number, its sign counted."""

SECONDS_TO_SEND = 30.0
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A text, or what begins as one and never ends: each byte is looked at once."""

_NOT_UTF_8 = "it is not in UTF-8"
_BRACKET = re.compile(rb"[\[\]{}]")


class StrictBodies:
    """Refuses JSON with duplicate keys, NaN or infinities, halves of characters, or too deep.

    Everything else is left to the routes. ``uploads`` are paths whose bodies are files.
    """

    def __init__(self, app: ASGIApp, uploads: Collection[str] = ()) -> None:
        self._app, self._uploads = app, frozenset(uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_plain = scope["type"] != "http" or scope["method"] in SAFE_METHODS
        if is_plain or scope["path"] in self._uploads or not is_json(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(SECONDS_TO_SEND):
                body = await _whole(receive)
        except TimeoutError:
            await refuse(scope, send, _TOO_SLOW)
            return
        if body is None:  # the caller is gone
            return
        wrong = await run_in_threadpool(fault_of, body)  # 1 MB takes 0.1 s
        if wrong:
            detail = f"The body is no JSON that is taken here: {wrong}."
            refusal = Refusal(status=HTTPStatus.BAD_REQUEST, code="bad-json", detail=detail)
            await refuse(scope, send, refusal)
            return
        await self._app(scope, _again(body, receive), send)


_TOO_SLOW = Refusal(
    status=HTTPStatus.REQUEST_TIMEOUT, code="slow-body", detail="The body took too long."
)


def fault_of(body: bytes) -> str:
    """Return why a body is refused, empty if it is not; broken JSON is left to its route."""
    try:
        strict_json(body)
    except json.JSONDecodeError:
        return ""
    except ValueError as error:
        return str(error)
    return ""


def strict_json(body: bytes) -> Any:
    """Return what a body holds; a ``ValueError`` says why it is refused."""
    if _depth(body) > DEEPEST:
        msg = f"it is nested deeper than {DEEPEST}"
        raise ValueError(msg)
    _refuse_other_encodings(body)
    try:
        found = json.loads(
            body,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_whole_number,
        )
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(_NOT_UTF_8) from error
    except UnicodeEncodeError as error:
        msg = "a text holds half of a character (a lone surrogate)"
        raise ValueError(msg) from error
    return found


def _refuse_other_encodings(body: bytes) -> None:
    """Refuse what readers of JSON guess to be UTF-16 or UTF-32: how deep it is is not known."""
    if not json.detect_encoding(body).startswith("utf-8"):
        raise ValueError(_NOT_UTF_8)


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        msg = "an object has the same key twice"
        raise ValueError(msg)
    return found


def _constant(_name: str) -> object:
    msg = "NaN and infinities are no numbers of JSON"
    raise ValueError(msg)


def _whole_number(text: str) -> int:
    if len(text) > MOST_DIGITS:
        msg = f"a number has more than {MOST_DIGITS} digits"
        raise ValueError(msg)
    return int(text)


def is_json(scope: Scope) -> bool:
    """Return whether a request says that its body is JSON."""
    kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


async def _whole(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what receives a body that was read already, then whatever comes after it."""
    is_given = False

    async def receive_again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
