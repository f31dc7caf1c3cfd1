"""``view``: a page of one service, or of all that an outage fells."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.options import DownOption, Loading, Moment, Outages, Source
from ripplegraph.cli.output import write_data, write_message
from ripplegraph.cli.refusals import refuse_empty
from ripplegraph.cli.session import graph_then, moment_of, scenario_then
from ripplegraph.wiring import render_view


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
Shown = Annotated[
    str | None,
    typer.Argument(
        metavar="[SERVICE]",
        help="The service, or an agreement on one CI: id or name; without it, all that falls.",
        autocompletion=complete_ci,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, max=250, help="Most boxes to draw; what is hidden is counted."),
]


@bundled
def view(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    service: Shown = None,
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
    """Write a page that shows a service and what it needs, or all that falls with what is out."""
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
        at=at,
    )
    if target == "-":
        write_data(page)
        return
    from ripplegraph.cli.files import write_file

    write_file(Path(target), page)
    write_message(f"wrote {target}")
