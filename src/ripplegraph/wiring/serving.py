"""The HTTP API: on which source, for which callers, on which server."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

from ripplegraph.errors import SettingsError
from ripplegraph.wiring.event_options import event_options
from ripplegraph.wiring.extras import missing_extra
from ripplegraph.wiring.job_options import job_options
from ripplegraph.wiring.job_runner import Budgets, ProcessRunner
from ripplegraph.wiring.key_files import pepper, read_key_file
from ripplegraph.wiring.operation import Running, policy_of
from ripplegraph.wiring.sources import StoredSource, shipped_mappings
from ripplegraph.wiring.spool import new_spool
from ripplegraph.wiring.stores import is_server_address, open_journal
from ripplegraph.wiring.writing import native_text

if TYPE_CHECKING:
    from ripplegraph.api.callers import Credentials
    from ripplegraph.api.edges import Edges, JobLimits
    from ripplegraph.api.estates import ServedEstate
    from ripplegraph.graph.ports import GraphSource

Application = Callable[..., Any]
"""An ASGI application."""


_EXIT_NOT_STARTED = 2
_LARGEST_HEAD = 32_768
"""Bytes that the head of a request may have."""

_SECONDS_TO_STOP = 10
"""How long requests may go on once the server is told to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Files that tell who may ask; without any everybody on this machine may."""

    keys_file: str | None = None
    oidc_file: str | None = None

    @property
    def are_told_apart(self) -> bool:
        """Whether a caller must say who it is."""
        return self.keys_file is not None or self.oidc_file is not None


def build_app(
    source: GraphSource,
    clock: Callable[[], datetime],
    callers: Callers | None = None,
    *,
    event_rules: str | None = None,
    running: Running | None = None,
) -> Application:
    """Return the HTTP API on a source, for those who may ask; events by the rules of a file."""
    try:
        from ripplegraph.api.app import create_app
    except ModuleNotFoundError as exc:
        raise missing_extra(exc, "serve", "api") from exc
    callers = callers or Callers()
    policy = policy_of(running or Running(), are_callers_told_apart=callers.are_told_apart)
    keys = _credentials(callers)
    estate = served_estate(source, clock)
    text = source.text if isinstance(source, StoredSource) else None
    events = event_options(event_rules)
    budgets, limits = job_options()
    return create_app(
        estate=estate,
        clock=clock,
        keys=keys,
        edges=edges_of(text, budgets, limits),
        events=events,
        policy=policy,
    )


def edges_of(
    store: str | None, budgets: Budgets | None = None, limits: JobLimits | None = None
) -> Edges:
    """Return the adapters that the API uses, with a spool folder of its own."""
    from ripplegraph.api.edges import Edges, JobLimits

    return Edges(
        native_json=native_text,
        runner=ProcessRunner(store, budgets or Budgets()),
        spool=new_spool(),
        mappings=shipped_mappings(),
        limits=limits or JobLimits(),
        is_alone=store is None or not is_server_address(store),
    )


def _credentials(callers: Callers) -> Credentials | None:
    from ripplegraph.api.keys import KeyRing, KeysAndTokens

    ring, tokens = None, None
    if callers.oidc_file is not None:
        from ripplegraph.wiring.oidc import oidc_tokens

        tokens = oidc_tokens(Path(callers.oidc_file))
    if callers.keys_file is not None:
        held = read_key_file(Path(callers.keys_file))
        if not held.keys and tokens is None:
            advice = f"Make one: ripplegraph keys create --keys {callers.keys_file} --name NAME"
            reason = "the file holds no key yet"
            raise SettingsError(setting="--keys", reason=reason, advice=advice)
        ring = KeyRing(held.keys, pepper())
    if ring is not None and tokens is not None:
        return KeysAndTokens(ring, tokens)
    return ring or tokens


def served_estate(source: GraphSource, clock: Callable[[], datetime]) -> ServedEstate:
    """Return what is served: a store with its revisions and journal, or an export."""
    from ripplegraph.api.estates import Keeping, ServedEstate
    from ripplegraph.api.events.documents import LiveLayer

    if not isinstance(source, StoredSource):
        origin = f"read-{clock():%Y%m%dT%H%M%S.%fZ}"
        return ServedEstate(
            source=source, journal=open_journal(None), overlay=LiveLayer, origin=origin
        )
    number, _ = source.read_numbered()
    keeping = Keeping(store=source.store, revision=number, is_pinned=source.is_pinned)
    return ServedEstate(
        source=source, journal=open_journal(source.text), overlay=LiveLayer, keeping=keeping
    )


def run_app(
    app: Application, *, host: str, port: int, on_ready: Callable[[int], None] | None = None
) -> None:
    """Serve the API until it is stopped; ``on_ready`` hears the port once it answers."""
    try:
        import uvicorn
    except ModuleNotFoundError as exc:
        raise missing_extra(exc, "serve", "api") from exc
    from ripplegraph.api.streams import end_streams

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if on_ready is not None and self.started:
                on_ready(self.servers[0].sockets[0].getsockname()[1])

        async def shutdown(self, sockets: Any = None) -> None:
            end_streams(app)  # else they would be waited for, and then cut off
            await super().shutdown(sockets)

    server = Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            log_config=None,  # what is set up stays: JSON lines, or plain text
            access_log=False,  # it would write names of CIs
            server_header=False,
            http="h11",
            h11_max_incomplete_event_size=_LARGEST_HEAD,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=_SECONDS_TO_STOP,
        )
    )
    _end_in_order_when_terminated()
    with suppress(KeyboardInterrupt):  # it has stopped by then
        server.run()
    if not server.started:
        sys.exit(_EXIT_NOT_STARTED)


def _end_in_order_when_terminated() -> None:
    """Let SIGTERM end the process as Ctrl-C does: uvicorn raises it again once it has stopped.

    By default the process would be gone with it, and with it the traces that are not sent yet.
    """
    is_ours = signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if is_ours and current_thread() is main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
