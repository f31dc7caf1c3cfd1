"""``view`` and ``serve``: a page of one service, and the API."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.options import DownOption, Loading, Moment, Outages, Service, Source
from ripplegraph.cli.output import write_data, write_message
from ripplegraph.cli.refusals import refuse_empty
from ripplegraph.cli.session import graph_then, moment_of, scenario_then, source_of
from ripplegraph.errors import SettingsError
from ripplegraph.settings import read_settings
from ripplegraph.wiring import build_app, render_view, run_app


class RendererWord(StrEnum):
    """What draws the picture."""

    SVG = "svg"
    PYVIS = "pyvis"


Target = Annotated[
    str,
    typer.Option("--output", "-o", metavar="FILE", help="The HTML file; - writes to stdout."),
]
Renderer = Annotated[
    RendererWord,
    typer.Option(
        "--renderer", help="svg: one small file; pyvis: the same picture by vis-network."
    ),
]
Redact = Annotated[
    bool,
    typer.Option("--redact", help="Replace names, ids, owners and suppliers, to mail it outside."),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, max=250, help="Most CIs to draw; hidden ones are counted."),
]


@bundled
def view(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    service: Service,
    *,
    target: Target,
    down: DownOption,
    outages: Outages,
    moment: Moment,
    loading: Loading,
    limit: Limit = None,
    renderer: Renderer = RendererWord.SVG,
    redact: Redact = False,
) -> None:
    """Write a page that shows a service and what it needs; it opens offline in any browser."""
    refuse_empty("--output", target)
    at = moment_of(moment, loading)
    graph = graph_then([source], loading, at)
    scenario = scenario_then(graph, down.down, outages, at)
    page = render_view(
        graph,
        service,
        scenario if scenario.cis else None,
        limit=limit,
        renderer=renderer.value,
        is_redacted=redact,
    )
    if target == "-":
        write_data(page)
        return
    from ripplegraph.cli.files import write_file

    write_file(Path(target), page)
    write_message(f"wrote {target}")


@bundled
def serve(
    source: Source,
    loading: Loading,
    host: Annotated[
        str | None,
        typer.Option(
            "--host", metavar="HOST", help="127.0.0.1; any other but loopback needs --keys."
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="8000 if not given.")
    ] = None,
    keys: Annotated[
        str | None,
        typer.Option(
            "--keys", metavar="FILE", help="Answer only callers with a key of this file."
        ),
    ] = None,
) -> None:
    """Serve the API and its pages, until it is stopped with Ctrl-C."""
    settings = read_settings()
    keys_file = keys if keys is not None else settings.keys
    address = address_of(settings.host if host is None else host, has_keys=keys_file is not None)
    number = settings.port if port is None else port
    app = build_app(
        source_of([source], loading), clock=lambda: datetime.now(UTC), keys_file=keys_file
    )
    shown = f"[{address}]" if ":" in address else address
    write_message(f"serving http://{shown}:{number} (Ctrl-C stops it)")
    run_app(app, host=address, port=number)


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
