"""What a trace tells of a call: its id and route, but no path or query: they hold names."""

from __future__ import annotations

from dataclasses import dataclass

from opentelemetry import trace
from starlette.types import ASGIApp, Receive, Scope, Send

from ripplegraph.api.calls import call_of

REQUEST_ID_ATTRIBUTE = "ripplegraph.request_id"
_LEFT_OUT = "REDACTED"


@dataclass(slots=True)
class Traced:
    """Gives the span of each call its request id, and takes from it what was asked."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            span = trace.get_current_span()
            span.set_attribute(REQUEST_ID_ATTRIBUTE, call_of(scope).request_id)
            span.set_attribute("url.path", _LEFT_OUT)
            if scope["query_string"]:
                span.set_attribute("url.query", _LEFT_OUT)
        await self.app(scope, receive, send)
