"""``sla``, ``slr``, ``allocate``: whether targets follow from what services rest on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.availability_options import Inputs
from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.options import Loading, Moment, Output, Service, Source
from ripplegraph.cli.output import Answer, write_answer, write_message
from ripplegraph.cli.refusals import refuse_empty, refuse_usage
from ripplegraph.cli.session import graph_then, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from ripplegraph.api.schemas import Out
    from ripplegraph.impact.agreements.allocation import Allocation
    from ripplegraph.impact.agreements.ceilings import CeilingAnswer
    from ripplegraph.impact.agreements.values import SlaAnswer


class FailVerdict(StrEnum):
    """From which verdict on an answer is bad news."""

    MISSED = "missed"
    UNPROVABLE = "unprovable"


class RuleWord(StrEnum):
    """Who gives how much."""

    EQUAL_FACTOR = "equal-factor"
    EQUAL_TARGETS = "equal-targets"
    PROPORTIONAL = "proportional"


class AnswerWord(StrEnum):
    """Which answer has to keep the target."""

    INDEPENDENT = "independent"
    CONTRACTUAL_WORST = "contractual-worst"


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
CeilingAsked = Annotated[
    bool,
    typer.Option("--ceiling", help="Instead, the highest target that each service could promise."),
]
MaybeRequirement = Annotated[
    str | None,
    typer.Argument(
        metavar="SLR", help="Id or name of an SLR, or of an SLA in any state; all SLRs if none."
    ),
]
Target = Annotated[
    str, typer.Option("--target", metavar="PERCENT", help="What the service has to keep.")
]
Fixed = Annotated[
    list[str] | None,
    typer.Option(
        "--fixed",
        metavar="NAME",
        help="A supplier, provider or agreement whose targets stay; repeatable.",
    ),
]
Rule = Annotated[RuleWord, typer.Option("--rule", help="Who gives how much.")]
For = Annotated[AnswerWord, typer.Option("--for", help="Which answer has to keep the target.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Files that the verdicts are also written to."""

    xlsx: Annotated[
        str | None,
        typer.Option("--xlsx", metavar="FILE", help="Also write a workbook of the verdicts."),
    ] = None
    openslo: Annotated[
        str | None,
        typer.Option("--openslo", metavar="FILE", help="Also write OpenSLO documents (YAML)."),
    ] = None

    def write(self, answer: SlaAnswer) -> None:
        """Write what was asked for."""
        if self.xlsx is not None:
            refuse_empty("--xlsx", self.xlsx)
            from ripplegraph.wiring import write_sla_workbook

            _write_whole(Path(self.xlsx), lambda path: write_sla_workbook(answer, path))
        if self.openslo is not None:
            refuse_empty("--openslo", self.openslo)
            from ripplegraph.cli.files import write_file
            from ripplegraph.wiring import openslo_text

            write_file(Path(self.openslo), openslo_text(answer))
        for path in (self.xlsx, self.openslo):
            if path is not None:
                write_message(f"wrote {path}")


@bundled
def sla(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    service: MaybeService = None,
    *,
    inputs: Inputs,
    moment: Moment,
    loading: Loading,
    output: Output,
    files: Files,
    fail_on: FailOnVerdict = None,
    ceiling: CeilingAsked = False,
) -> None:
    """Say whether the targets of SLAs follow from what their services rest on, worst first.

    met: surely within the budget of downtime; missed: surely beyond it; else unprovable.
    """
    form = output.form
    if ceiling and (fail_on is not None or files != Files()):
        refuse_usage("--fail-on, --xlsx and --openslo say nothing about a ceiling")
    at = moment_of(moment, loading)
    graph = graph_then([source], loading, at)
    options = inputs.of_graph(graph)
    services = None if service is None else [service]
    if ceiling:
        from ripplegraph.impact.agreements.ceilings import target_ceilings

        found = target_ceilings(graph, services, at=at, options=options)
        write_answer(_ceiling_answer(found), form)
        return
    from ripplegraph.impact.agreements.verdict import sla_verdicts

    answer = sla_verdicts(graph, services, at=at, options=options)
    files.write(answer)
    none = "No SLA in force covers it."
    write_answer(_sla_answer(answer, is_whole=service is not None, none=none), form)
    if fail_on is not None and _is_bad(answer, fail_on):
        raise typer.Exit(1)


@bundled
def slr(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    requirement: MaybeRequirement = None,
    *,
    inputs: Inputs,
    moment: Moment,
    loading: Loading,
    output: Output,
    fail_on: FailOnVerdict = None,
) -> None:
    """Say whether a requirement could be agreed on today's dependencies, and what it would need.

    The gap, the agreements beneath that would have to promise more, and draft targets for them.
    """
    form = output.form
    at = moment_of(moment, loading)
    graph = graph_then([source], loading, at)
    from ripplegraph.impact.agreements.verdict import requirement_verdicts

    answer = requirement_verdicts(
        graph,
        None if requirement is None else [requirement],
        at=at,
        options=inputs.of_graph(graph),
    )
    none = "The export holds no SLR."
    write_answer(_sla_answer(answer, is_whole=True, none=none), form)
    if fail_on is not None and _is_bad(answer, fail_on):
        raise typer.Exit(1)


@bundled
def allocate(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    service: Service,
    *,
    target: Target,
    fixed: Fixed = None,
    rule: Rule = RuleWord.EQUAL_FACTOR,
    answer: For = AnswerWord.INDEPENDENT,
    inputs: Inputs,
    moment: Moment,
    loading: Loading,
    output: Output,
) -> None:
    """Say what the agreements beneath a service would have to promise for a target of it."""
    form = output.form
    wanted = _fraction("--target", target)
    at = moment_of(moment, loading)
    graph = graph_then([source], loading, at)
    from ripplegraph.impact.agreements import allocating
    from ripplegraph.impact.agreements.allocation import AllocationBasis, AllocationRule

    terms = allocating.AllocationTerms(
        fixed=tuple(fixed or ()),
        rule=AllocationRule(rule.value.replace("-", "_")),
        basis=AllocationBasis(answer.value.replace("-", "_")),
    )
    found = allocating.allocate(
        graph, service, target=wanted, at=at, terms=terms, options=inputs.of_graph(graph)
    )
    from ripplegraph.cli.allocation_tables import allocation_csv, allocation_parts

    def model() -> Out:
        from ripplegraph.api.schemas import AllocationOut

        return AllocationOut.of(found, at=at)

    write_answer(
        Answer(
            parts=lambda: allocation_parts(found, graph),
            model=model,
            csv=lambda: allocation_csv(found),
        ),
        form,
    )
    _end_with(found)


def _write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside its place and move it there: a reader never sees half of it."""
    beside = path.with_name(f".{path.name}.part")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _end_with(found: Allocation) -> None:
    """End with 1 where no allocation is enough: the answer is bad news."""
    if not found.is_enough:
        raise typer.Exit(1)


def _sla_answer(answer: SlaAnswer, *, is_whole: bool, none: str) -> Answer:
    from ripplegraph.cli.sla_tables import sla_csv, sla_parts, slas_parts

    def model() -> Out:
        from ripplegraph.api.schemas import SlasOut

        return SlasOut.of(answer)

    return Answer(
        parts=lambda: sla_parts(answer, none=none) if is_whole else slas_parts(answer),
        model=model,
        csv=lambda: sla_csv(answer),
    )


def _ceiling_answer(found: CeilingAnswer) -> Answer:
    from ripplegraph.cli.allocation_tables import ceiling_csv, ceiling_parts

    def model() -> Out:
        from ripplegraph.api.schemas import CeilingsOut

        return CeilingsOut.of(found)

    return Answer(parts=lambda: ceiling_parts(found), model=model, csv=lambda: ceiling_csv(found))


def _is_bad(answer: SlaAnswer, fail_on: FailVerdict) -> bool:
    bad = {FailVerdict.MISSED, fail_on}
    return any(one.verdict in {word.value for word in bad} for one in answer.slas)


def _fraction(option: str, text: str) -> Decimal:
    from ripplegraph.errors import InvalidQuantityError
    from ripplegraph.loaders.quantities import read_fraction

    try:
        return read_fraction(text)
    except InvalidQuantityError as exc:
        refuse_usage(f"{option} {text!r}: {exc}")
