"""``serve``: the API and its pages on an address, for whom, under which limits."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.options import Loading, Source
from ripplegraph.cli.output import write_message
from ripplegraph.cli.session import source_of
from ripplegraph.errors import SettingsError
from ripplegraph.settings import read_settings
from ripplegraph.wiring import build_app, return_freed_memory, run_app, sole_server
from ripplegraph.wiring.operation import Running
from ripplegraph.wiring.serving import Callers


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the API is served."""

    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar="HOST",
            help="127.0.0.1; any other but loopback needs --keys or --oidc.",
        ),
    ] = None
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="8000 if not given.")
    ] = None
    opens: Annotated[
        bool, typer.Option("--open", help="Open the live page in the browser of this machine.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoMayAsk:
    """Files that tell who may ask."""

    keys: Annotated[
        str | None,
        typer.Option(
            "--keys", metavar="FILE", help="Answer only callers with a key of this file."
        ),
    ] = None
    oidc: Annotated[
        str | None,
        typer.Option(
            "--oidc",
            metavar="FILE",
            help="Answer callers with a token of the identity provider in this file.",
        ),
    ] = None

    def callers(self) -> Callers:
        """Return the files as given, else as the environment names them."""
        settings = read_settings()
        return Callers(keys_file=self.keys or settings.keys, oidc_file=self.oidc or settings.oidc)


EventRulesFile = Annotated[
    str | None,
    typer.Option(
        "--event-rules",
        metavar="FILE",
        help="YAML: which CI an event is about, and what its severity opens.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """How the server is run."""

    calls_per_second: Annotated[
        float,
        typer.Option(
            "--calls-per-second",
            min=0,
            help="How often one caller with a key or token may call; 0 for no limit.",
        ),
    ] = 100.0
    json_logs: Annotated[
        bool, typer.Option("--json-logs", help="Write a JSON line to stderr for each call.")
    ] = False
    telemetry: Annotated[
        bool,
        typer.Option(
            "--telemetry", help="Send OpenTelemetry where the OTEL_ variables say (extra otel)."
        ),
    ] = False

    mcp: Annotated[
        bool, typer.Option("--mcp", help="Serve tools for assistants at /mcp (extra mcp).")
    ] = False

    def running(self) -> Running:
        """Return how the server is run."""
        return Running(
            calls_per_second=self.calls_per_second,
            has_json_logs=self.json_logs,
            has_telemetry=self.telemetry,
            has_mcp=self.mcp,
        )


@bundled
def serve(
    source: Source,
    loading: Loading,
    where: Address,
    who: WhoMayAsk,
    how: Operation,
    event_rules: EventRulesFile = None,
) -> None:
    """Serve the API and its pages, until it is stopped with Ctrl-C."""
    settings, callers = read_settings(), who.callers()
    host = settings.host if where.host is None else where.host
    address = address_of(host, has_keys=callers.are_told_apart)
    number = settings.port if where.port is None else where.port
    return_freed_memory()
    with sole_server(source):
        app = build_app(
            source_of([source], loading),
            lambda: datetime.now(UTC),
            callers,
            event_rules=event_rules,
            running=how.running(),
        )
        shown = f"[{address}]" if ":" in address else address
        write_message(f"serving http://{shown}:{number} (Ctrl-C stops it)")
        run_app(app, host=address, port=number, on_ready=page_opener(address, opens=where.opens))


def page_opener(address: str, *, opens: bool) -> Callable[[int], None] | None:
    """Return what opens the live page once its port is known; None if nobody asked for it."""
    if not opens:
        return None
    found = ip_address(address)
    if found.is_unspecified:  # served everywhere: also here
        host = "127.0.0.1" if found.version == 4 else "[::1]"
    else:
        host = f"[{address}]" if found.version == 6 else address

    def open_page(port: int) -> None:
        if not webbrowser.open(f"http://{host}:{port}/"):
            write_message(f"no browser could be opened; the page is http://{host}:{port}/")

    return open_page


def address_of(host: str, *, has_keys: bool) -> str:
    """Return the address to serve on; beyond this machine only who has keys is served."""
    try:
        address = ip_address("127.0.0.1" if host.casefold() == "localhost" else host.strip("[]"))
    except ValueError:
        address = None
    if address is not None and (address.is_loopback or has_keys):
        return str(address)
    reason = f"{host!r} is no loopback address, and no keys are set up"
    advice = "Serve on 127.0.0.1, or make a key: ripplegraph keys create, then --keys FILE"
    if has_keys:
        reason, advice = f"{host!r} is no address", "Write 127.0.0.1, 0.0.0.0 or another address"
    raise SettingsError(setting="--host", reason=reason, advice=advice)
