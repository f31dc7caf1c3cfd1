"""``sla``: whether the targets of SLAs follow from what their services rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.availability_options import Assumptions, BasisWord
from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.options import Loading, Moment, Output, Source
from ripplegraph.cli.output import Answer, write_answer
from ripplegraph.cli.session import graph_then, moment_of

if TYPE_CHECKING:
    from ripplegraph.api.schemas import Out
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.agreements.values import SlaAnswer
    from ripplegraph.impact.availability.options import AvailabilityOptions


class FailVerdict(StrEnum):
    """From which verdict on an answer is bad news."""

    MISSED = "missed"
    UNPROVABLE = "unprovable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Where the availability of CIs comes from."""

    basis: Annotated[
        list[BasisWord],
        typer.Option(
            "--basis",
            help="Where the own availability of a CI is looked for, in this order; repeatable.",
        ),
    ] = field(default_factory=list)
    class_default: Annotated[
        list[str],
        typer.Option(
            "--class-default",
            metavar="CLASS=PERCENT",
            help="Own availability of CIs of a class that have none; repeatable.",
        ),
    ] = field(default_factory=list)
    own: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="CI=PERCENT",
            help="What if this were the own availability of a CI; repeatable.",
            autocompletion=complete_ci,
        ),
    ] = field(default_factory=list)

    def of_graph(self, graph: ServiceGraph) -> AvailabilityOptions:
        """Return the options of a question on a graph."""
        assumed = Assumptions(basis=self.basis, class_default=self.class_default, own=self.own)
        return assumed.of_graph(graph)


MaybeService = Annotated[
    str | None,
    typer.Argument(
        metavar="SERVICE",
        help="The service: ci_id, or a native id or name that is unique; its SLAs and those of "
        "its offerings are shown whole. All SLAs if none is named.",
        autocompletion=complete_ci,
    ),
]
FailOnVerdict = Annotated[
    FailVerdict | None,
    typer.Option("--fail-on", help="Exit 1 if an SLA has this verdict or a worse one."),
]


@bundled
def sla(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    service: MaybeService = None,
    *,
    inputs: Inputs,
    moment: Moment,
    loading: Loading,
    output: Output,
    fail_on: FailOnVerdict = None,
) -> None:
    """Say whether the targets of SLAs follow from what their services rest on, worst first.

    met: surely within the budget of downtime; missed: surely beyond it; else unprovable.
    """
    form = output.form
    at = moment_of(moment, loading)
    graph = graph_then([source], loading, at)
    from ripplegraph.impact.agreements.verdict import sla_verdicts

    answer = sla_verdicts(
        graph, None if service is None else [service], at=at, options=inputs.of_graph(graph)
    )
    from ripplegraph.cli.sla_tables import sla_csv, sla_parts, slas_parts

    def model() -> Out:
        from ripplegraph.api.schemas import SlasOut

        return SlasOut.of(answer)

    write_answer(
        Answer(
            parts=lambda: slas_parts(answer) if service is None else sla_parts(answer),
            model=model,
            csv=lambda: sla_csv(answer),
        ),
        form,
    )
    if fail_on is not None and _is_bad(answer, fail_on):
        raise typer.Exit(1)


def _is_bad(answer: SlaAnswer, fail_on: FailVerdict) -> bool:
    bad = {FailVerdict.MISSED, fail_on}
    return any(one.verdict in {word.value for word in bad} for one in answer.slas)
