"""Writes and their audit: none begins that is not kept, none is answered before that is kept."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ripplegraph.api.audit import Audit, AuditedCall, is_event, is_write
from ripplegraph.api.calls import Call, call_of
from ripplegraph.api.guard import Refusal, refuse


class AuditedWrites:
    """Keeps each write of people before it begins and before its answer, events before theirs.

    A process that is killed between the two leaves an entry ``begun`` without its end.
    """

    def __init__(self, app: ASGIApp, audit: Audit) -> None:
        self._app, self._audit = app, audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        call = call_of(scope) if scope["type"] == "http" else None
        if call is None or not (is_write(call) or is_event(call)):
            await self._app(scope, receive, send)
            return
        if is_write(call) and not await self._is_kept(AuditedCall.begun(call)):
            await refuse(scope, send, _NO_AUDIT)
            return

        async def send_when_kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._end(call, message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_when_kept)
        except Exception:  # a bug, which is answered further out
            await self._end(call, HTTPStatus.INTERNAL_SERVER_ERROR)
            raise

    async def _is_kept(self, audited: AuditedCall) -> bool:
        return await run_in_threadpool(self._audit.keep, audited)

    async def _end(self, call: Call, status: int) -> None:
        """Keep how a call ended; one that cannot be kept is answered all the same: it is done."""
        if call.is_audited:
            return
        call.is_audited = True
        ended = AuditedCall.ended(call, status)
        if is_write(call):
            await self._is_kept(ended)
        elif (being_kept := self._audit.count(ended)) is not None:
            await asyncio.wrap_future(being_kept)


_NO_AUDIT = Refusal(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="store-unusable",
    detail="The audit cannot be written now, so nothing was done. Try again.",
    headers={"Retry-After": "5"},
)
