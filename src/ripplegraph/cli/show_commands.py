"""``show`` and ``services``: one CI with its neighbours, and lists of CIs."""

from __future__ import annotations

from typing import Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.options import Loading, Moment, Output, Source, Sources
from ripplegraph.cli.output import Answer, write_answer
from ripplegraph.cli.refusals import refuse_usage
from ripplegraph.cli.session import graph_then, moment_of

OneCi = Annotated[
    str | None,
    typer.Argument(
        metavar="CI",
        help="ci_id, or a native id or name that is unique; every CI is listed without it.",
        autocompletion=complete_ci,
    ),
]
Search = Annotated[
    str | None,
    typer.Option("--search", metavar="TEXT", help="List the CIs whose id or name holds this."),
]


@bundled
def show(
    source: Source,
    ci: OneCi = None,
    *,
    search: Search = None,
    moment: Moment,
    loading: Loading,
    output: Output,
) -> None:
    """Show one CI: its facts, what it needs, who needs it, its agreements; or list CIs."""
    form = output.form
    if ci is not None and search is not None:
        refuse_usage("name a CI or say --search, not both")
    graph = graph_then([source], loading, moment_of(moment, loading))
    from ripplegraph.api.schemas import CiOut, CisOut
    from ripplegraph.cli.show_tables import (
        ci_csv,
        ci_parts,
        cis_csv,
        cis_parts,
        numbers_with,
    )

    if ci is None:
        numbers = numbers_with(search or "", graph)
        listed = CisOut.of(numbers, graph)
        answer = Answer(
            parts=lambda: cis_parts(listed), model=lambda: listed, csv=lambda: cis_csv(listed)
        )
    else:
        number = graph.resolve(ci)
        shown = CiOut.of(number, graph)
        answer = Answer(
            parts=lambda: ci_parts(shown, graph, number),
            model=lambda: shown,
            csv=lambda: ci_csv(shown),
        )
    write_answer(answer, form)


@bundled
def services(sources: Sources, moment: Moment, loading: Loading, output: Output) -> None:
    """List the services with their offerings, SLAs, customers and owners."""
    form = output.form
    at = moment_of(moment, loading)
    graph = graph_then(sources, loading, at)
    from ripplegraph.api.schemas import ServicesOut
    from ripplegraph.cli.show_tables import services_csv, services_parts

    listed = ServicesOut.of(graph, at)
    write_answer(
        Answer(
            parts=lambda: services_parts(listed),
            model=lambda: listed,
            csv=lambda: services_csv(listed),
        ),
        form,
    )
