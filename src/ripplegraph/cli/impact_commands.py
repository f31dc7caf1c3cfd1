"""``impact`` and ``why``: what an outage does to the services, and for what reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.options import (
    Cis,
    DownOption,
    FailOnStatus,
    FailStatus,
    Loading,
    Moment,
    Outages,
    Output,
    Service,
    Source,
)
from ripplegraph.cli.output import Answer, write_answer
from ripplegraph.cli.refusals import refuse_usage
from ripplegraph.cli.session import graph_then, moment_of, scenario_then

if TYPE_CHECKING:
    from datetime import datetime

    from ripplegraph.api.schemas import ImpactOut
    from ripplegraph.graph.model import CiId, Status
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.propagation.values import ImpactAnswer, ReasonStep

AllCis = Annotated[bool, typer.Option("--all", help="List every CI that is not up.")]
MoreDown = Annotated[
    list[str] | None,
    typer.Argument(metavar="CI", hidden=True, help="Further CIs of --down."),
]


@bundled
def impact(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    down: Cis = None,
    *,
    outages: Outages,
    moment: Moment,
    loading: Loading,
    output: Output,
    all_cis: AllCis = False,
    fail_on: FailOnStatus = None,
) -> None:
    """Say which services and SLAs fall when these CIs are out, and why.

    Everything else counts as up. The worst status stands first.
    """
    form = output.form
    _refuse_nothing_out(down or [], outages)
    at = moment_of(moment, loading)
    graph = graph_then([source], loading, at)
    from ripplegraph.impact.propagation.answers import impact as impact_of

    scenario = scenario_then(graph, down or [], outages, at)
    answer = impact_of(graph, scenario, all_cis=all_cis, at=at)

    from ripplegraph.cli.impact_tables import impact_csv, impact_parts

    write_answer(
        Answer(
            parts=lambda: impact_parts(answer, graph, all_cis=all_cis, at=at),
            model=lambda: _impact_out(answer, graph, at),
            csv=lambda: impact_csv(answer, graph),
        ),
        form,
    )
    _exit_if_bad((one.status for one in answer.impacted), fail_on)


@bundled
def why(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    service: Service,
    more_down: MoreDown = None,
    *,
    down: DownOption,
    outages: Outages,
    moment: Moment,
    loading: Loading,
    output: Output,
    fail_on: FailOnStatus = None,
) -> None:
    """Say why a service is not up, or what would still have to fail.

    The chain shows each dependency with the record that it came from.
    """
    form = output.form
    all_down = [*down.down, *_more_of(more_down or [], down, outages)]
    _refuse_nothing_out(all_down, outages)
    at = moment_of(moment, loading)
    graph = graph_then([source], loading, at)
    from ripplegraph.graph.model import Status
    from ripplegraph.impact.propagation import answers

    scenario = scenario_then(graph, all_down, outages, at)
    answer = answers.why(graph, service, scenario, at=at)
    still_works = answer.ci.status is not Status.DOWN
    not_down = answers.why_not(graph, service, scenario, at=at) if still_works else None

    def chain_of(ci_id: CiId) -> tuple[ReasonStep, ...]:
        return answers.why(graph, ci_id, scenario, at=at).chain

    from ripplegraph.api.schemas import WhyOut
    from ripplegraph.cli.impact_tables import why_csv, why_parts

    write_answer(
        Answer(
            parts=lambda: why_parts(answer, not_down, graph, chain_of, at=at),
            model=lambda: WhyOut.of(answer, graph, at=at, why_not=not_down),
            csv=lambda: why_csv(answer, graph),
        ),
        form,
    )
    _exit_if_bad([answer.ci.status], fail_on)


def _more_of(more_down: list[str], down: DownOption, outages: Outages) -> list[str]:
    """Return the CIs that follow the first after ``--down``; unclear ones are refused."""
    if more_down and (not down.down or outages.maintenance or outages.degraded):
        refuse_usage(f"what is {more_down[0]!r}? Repeat the option for each CI")
    return more_down


def _refuse_nothing_out(down: list[str], outages: Outages) -> None:
    if not (down or outages.maintenance or outages.degraded or outages.with_open_outages):
        refuse_usage(
            "nothing is out. Name CIs that are down, or say --maintenance, --degraded "
            "or --with-open-outages"
        )


def _exit_if_bad(statuses: Iterable[Status], fail_on: FailStatus | None) -> None:
    if fail_on is None:
        return
    from ripplegraph.graph.model import Status

    worst = Status[fail_on.name]
    if any(status >= worst for status in statuses):
        raise typer.Exit(1)


def _impact_out(answer: ImpactAnswer, graph: ServiceGraph, at: datetime) -> ImpactOut:
    """Shape the answer for programs; tables do without the schemas, whose import takes time."""
    from ripplegraph.api.schemas import ImpactOut

    return ImpactOut.of(answer, graph, at=at)
