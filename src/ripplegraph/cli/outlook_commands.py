"""``at``, ``breaches`` and ``forecast``: the state now, what was missed, and where SLAs go."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.measured_commands import MaybeServices, WindowText, window_asked
from ripplegraph.cli.options import FailOnStatus, Loading, Moment, Output, Source
from ripplegraph.cli.output import Answer, write_answer
from ripplegraph.cli.refusals import refuse_usage
from ripplegraph.cli.session import graph_of, moment_of

if TYPE_CHECKING:
    from ripplegraph.api.schemas import BreachesOut, ForecastOut, StateOut


class FailSeverityOfBreach(StrEnum):
    """From which severity on a breach is bad news."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


Time = Annotated[
    str, typer.Argument(metavar="TIME", help="Moment, ISO 8601 such as 2026-11-20T09:00Z; or now.")
]
FailOnBreach = Annotated[
    FailSeverityOfBreach | None,
    typer.Option("--fail-on", help="Exit 1 if there is a breach of this severity or worse."),
]
FailAbove = Annotated[
    float | None,
    typer.Option(
        "--fail-above",
        min=0.0,
        max=1.0,
        metavar="CHANCE",
        help="Exit 1 if an SLA is breached, or the chance of it is above this (0 to 1).",
    ),
]


@bundled
def at(
    source: Source,
    time: Time,
    *,
    loading: Loading,
    output: Output,
    fail_on: FailOnStatus = None,
) -> None:
    """Show what is not up at a moment, which SLAs it costs, and what to fix first.

    With budget left, time to breach if it goes on, burn rates and the chance of a breach.
    """
    form = output.form
    moment = moment_of(Moment(at=None if time == "now" else time), loading)
    graph = graph_of([source], loading)
    from ripplegraph.impact.timeline.state_at import state_at

    answer = state_at(graph, moment)
    from ripplegraph.cli.outlook_tables import state_csv, state_parts

    def model() -> StateOut:
        from ripplegraph.api.schemas import StateOut

        return StateOut.of(answer)

    write_answer(
        Answer(
            parts=lambda: state_parts(answer, graph), model=model, csv=lambda: state_csv(answer)
        ),
        form,
    )
    if fail_on is not None:
        from ripplegraph.graph.model import Status

        if any(one.interval.status >= Status[fail_on.name] for one in answer.services):
            raise typer.Exit(1)


@bundled
def breaches(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    services: MaybeServices = None,
    *,
    window: WindowText = None,
    moment: Moment,
    loading: Loading,
    output: Output,
    fail_on: FailOnBreach = None,
) -> None:
    """List the SLAs that are missed: when, by how much, through whom, and what it costs.

    Severity by the budget used: minor, from one and a half of it major, from three critical.
    """
    form, asked = output.form, window_asked(window)
    now = moment_of(moment, loading)
    graph = graph_of([source], loading)
    from ripplegraph.impact.timeline.breaches import Severity, sla_breaches

    found = sla_breaches(graph, now=now, services=services or None, window=asked)
    from ripplegraph.cli.outlook_tables import breaches_csv, breaches_parts

    def model() -> BreachesOut:
        from ripplegraph.api.schemas import BreachesOut

        return BreachesOut.of(found, now)

    write_answer(
        Answer(
            parts=lambda: breaches_parts(found, now),
            model=model,
            csv=lambda: breaches_csv(found),
        ),
        form,
    )
    order = list(Severity)
    if fail_on is not None:
        least = order.index(Severity(fail_on.value))
        if any(order.index(one.severity) >= least for one in found):
            raise typer.Exit(1)


@bundled
def forecast(
    source: Source,
    services: MaybeServices = None,
    *,
    moment: Moment,
    loading: Loading,
    output: Output,
    fail_above: FailAbove = None,
) -> None:
    """Say where each SLA goes: budget left, burn rate, and the chance that it will be missed.

    The chance comes from the service's own outages, else from what it depends on.
    """
    form = output.form
    now = moment_of(moment, loading)
    graph = graph_of([source], loading)
    from ripplegraph.impact.timeline.forecasts import sla_forecasts

    found = sla_forecasts(graph, now=now, services=services or None)
    if services and not found:
        refuse_usage(f"no SLA in force covers {', '.join(services)}")
    from ripplegraph.cli.outlook_tables import forecast_csv, forecast_parts

    def model() -> ForecastOut:
        from ripplegraph.api.schemas import ForecastOut

        return ForecastOut.of(found, now)

    write_answer(
        Answer(
            parts=lambda: forecast_parts(found, now),
            model=model,
            csv=lambda: forecast_csv(found, now),
        ),
        form,
    )
    if fail_above is not None and any(
        one.is_breached
        or (one.forecast is not None and (one.forecast.probability or 0.0) > fail_above)
        for one in found
    ):
        raise typer.Exit(1)
