"""The HTTP API: on which source, for which callers, on which server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ripplegraph.errors import SettingsError
from ripplegraph.wiring.extras import missing_extra
from ripplegraph.wiring.key_files import pepper, read_key_file
from ripplegraph.wiring.sources import StoredSource
from ripplegraph.wiring.stores import open_journal

if TYPE_CHECKING:
    from ripplegraph.api.estates import ServedEstate
    from ripplegraph.graph.ports import GraphSource

Application = Callable[..., Any]
"""An ASGI application."""


def build_app(
    source: GraphSource, clock: Callable[[], datetime], *, keys_file: str | None = None
) -> Application:
    """Return the HTTP API on a source; with a file of keys, for those who have one of them."""
    try:
        from ripplegraph.api.app import create_app
        from ripplegraph.api.keys import KeyRing
    except ModuleNotFoundError as exc:
        raise missing_extra(exc, "serve", "api") from exc
    estate = served_estate(source, clock)
    if keys_file is None:
        return create_app(estate=estate, clock=clock)
    held = read_key_file(Path(keys_file))
    if not held.keys:
        advice = f"Make one: ripplegraph keys create --keys {keys_file} --name NAME"
        raise SettingsError(setting="--keys", reason="the file holds no key yet", advice=advice)
    return create_app(estate=estate, clock=clock, keys=KeyRing(held.keys, pepper()))


def served_estate(source: GraphSource, clock: Callable[[], datetime]) -> ServedEstate:
    """Return what is served: a store with its revisions and journal, or an export."""
    from ripplegraph.api.estates import Keeping, ServedEstate

    if not isinstance(source, StoredSource):
        origin = f"read-{clock():%Y%m%dT%H%M%S.%fZ}"
        return ServedEstate(source=source, journal=open_journal(None), origin=origin)
    number, _ = source.read_numbered()
    keeping = Keeping(store=source.store, revision=number, is_pinned=source.is_pinned)
    return ServedEstate(source=source, journal=open_journal(source.text), keeping=keeping)


def run_app(app: Application, *, host: str, port: int) -> None:
    """Serve the API until it is stopped."""
    try:
        import uvicorn
    except ModuleNotFoundError as exc:
        raise missing_extra(exc, "serve", "api") from exc
    uvicorn.run(app, host=host, port=port, log_level="warning")
