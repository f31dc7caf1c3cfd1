"""``agreements`` and ``times``: the life of agreements, and the times that they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.options import Loading, Moment, Output, Source
from ripplegraph.cli.output import Answer, write_answer
from ripplegraph.cli.session import graph_of, graph_then, moment_of
from ripplegraph.cli.sla_commands import FailOnVerdict, FailVerdict

if TYPE_CHECKING:
    from ripplegraph.api.schemas import Out

TimedService = Annotated[
    str | None,
    typer.Argument(
        metavar="SERVICE",
        help="A service whose SLAs are shown with every step; all SLAs if none is named.",
        autocompletion=complete_ci,
    ),
]


@bundled
def times(
    source: Source,
    service: TimedService = None,
    *,
    moment: Moment,
    loading: Loading,
    output: Output,
    fail_on: FailOnVerdict = None,
) -> None:
    """Say whether response and resolution times of SLAs follow from those promised beneath.

    Promises on a path follow each other, the longest path decides, each counts in its own hours.
    """
    form = output.form
    at = moment_of(moment, loading)
    graph = graph_then([source], loading, at)
    from ripplegraph.impact.agreements.time_targets import time_verdicts

    answer = time_verdicts(graph, None if service is None else [service], at=at)
    from ripplegraph.cli.agreement_tables import times_csv, times_parts

    def model() -> Out:
        from ripplegraph.api.schemas import TimesOut

        return TimesOut.of(answer)

    write_answer(
        Answer(
            parts=lambda: times_parts(graph, answer, with_steps=service is not None),
            model=model,
            csv=lambda: times_csv(answer),
        ),
        form,
    )
    bad = {FailVerdict.MISSED.value, *(() if fail_on is None else (fail_on.value,))}
    if fail_on is not None and any(one.verdict.value in bad for one in answer.verdicts):
        raise typer.Exit(1)


@bundled
def agreements(source: Source, *, moment: Moment, loading: Loading, output: Output) -> None:
    """List agreements with state, signature, review and end; metrics; targets per customer."""
    form = output.form
    at = moment_of(moment, loading)
    graph = graph_of([source], loading)
    from ripplegraph.impact.agreements.lifecycle_metrics import lifecycle_report

    report = lifecycle_report(graph, at=at)
    from ripplegraph.cli.agreement_tables import agreements_csv, agreements_parts

    def model() -> Out:
        from ripplegraph.api.schemas import AgreementsOut

        return AgreementsOut.of(report, graph)

    write_answer(
        Answer(
            parts=lambda: agreements_parts(report),
            model=model,
            csv=lambda: agreements_csv(report),
        ),
        form,
    )
