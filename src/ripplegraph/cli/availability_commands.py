"""``availability``, ``cutsets``, ``importance``, ``explain``: how reliable services are, and why.

SOURCE is an export of CIs, or an Open-PSA fault tree: each gate that no gate uses is a service.
"""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.availability_options import Assumptions
from ripplegraph.cli.availability_questions import asked_of
from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.options import Loading, Moment, Output, Service, Source
from ripplegraph.cli.output import Answer, write_answer, write_message
from ripplegraph.cli.refusals import refuse_empty, refuse_usage

if TYPE_CHECKING:
    from ripplegraph.api.schemas import Out
    from ripplegraph.impact.availability.fault_trees import FaultTrees

_SERVICE_HELP = "ci_id, or a native id or name that is unique"
Services = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SERVICE",
        help=f"The services: {_SERVICE_HELP}; all if none is named.",
        autocompletion=complete_ci,
    ),
]
MaybeService = Annotated[
    str | None,
    typer.Argument(
        metavar="SERVICE",
        help=f"The service: {_SERVICE_HELP}; the whole estate if none is named.",
        autocompletion=complete_ci,
    ),
]
FailBelow = Annotated[
    str | None,
    typer.Option(
        "--fail-below", metavar="PERCENT", help="Exit 1 unless every service surely reaches this."
    ),
]
MaxOrder = Annotated[
    int | None,
    typer.Option("--max-order", min=1, help="Leave out sets of more CIs than this."),
]
MinProbability = Annotated[
    float | None,
    typer.Option("--min-probability", min=0.0, max=1.0, help="Leave out sets less likely."),
]
WithPaths = Annotated[
    bool, typer.Option("--paths", help="Show the smallest sets that keep the service up, too.")
]
GroupBy = Annotated[
    str,
    typer.Option(
        "--by", metavar="class|team|supplier|tag", help="Also for groups of CIs that share this."
    ),
]
Most = Annotated[int, typer.Option("--limit", min=1, help="Most rows.")]


Uncertainty = Annotated[
    int | None,
    typer.Option(
        "--uncertainty",
        metavar="SAMPLES",
        min=2,
        help="Also say how far the numbers are known: outage histories and --range, sampled.",
    ),
]
Ranges = Annotated[
    list[str] | None,
    typer.Option(
        "--range",
        metavar="CI=LOW..HIGH",
        help="Own availability of a CI for --uncertainty, as 99%..99.9%; repeatable.",
        autocompletion=complete_ci,
    ),
]
OpenPsa = Annotated[
    str | None,
    typer.Option(
        "--open-psa",
        metavar="FILE",
        help="Also write these services as Open-PSA fault trees, for SCRAM and others to check.",
    ),
]


@bundled
def availability(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    services: Services = None,
    *,
    assumptions: Assumptions,
    moment: Moment,
    loading: Loading,
    output: Output,
    fail_below: FailBelow = None,
    open_psa: OpenPsa = None,
    uncertainty: Uncertainty = None,
    ranges: Ranges = None,
) -> None:
    """Say how available services are: shared CIs once, redundancy and cycles as they are.

    Each number stands with its label: exact, bounded, estimated, or incomplete.
    """
    form, least = output.form, _unavailability_of(fail_below)
    asked = asked_of(source, loading, moment, assumptions)
    answer = asked.availability(services or None)
    known = asked.uncertainty(services or None, uncertainty, ranges or [])
    if open_psa is not None:
        _write_open_psa(asked.fault_trees(services or None), open_psa)
    from ripplegraph.cli.availability_tables import availability_csv, availability_parts
    from ripplegraph.cli.uncertainty_table import uncertainty_parts

    def model() -> Out:
        from ripplegraph.api.schemas import AvailabilityOut

        return AvailabilityOut.of(answer, at=asked.at, uncertainty=known)

    write_answer(
        Answer(
            parts=lambda: [
                *availability_parts(
                    answer,
                    asked.name_of,
                    notes=asked.notes,
                    window_minutes=asked.options.window_minutes,
                ),
                *uncertainty_parts(known),
            ],
            model=model,
            csv=lambda: availability_csv(answer),
        ),
        form,
    )
    if least is not None and any(one.upper > least for one in answer.services):
        raise typer.Exit(1)


@bundled
def cutsets(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    service: Service,
    *,
    assumptions: Assumptions,
    moment: Moment,
    loading: Loading,
    output: Output,
    max_order: MaxOrder = None,
    min_probability: MinProbability = None,
    paths: WithPaths = False,
) -> None:
    """List the smallest sets of CIs that bring a service down, likeliest first.

    Single points of failure are the sets of one CI.
    """
    form = output.form
    asked = asked_of(source, loading, moment, assumptions)
    answer = asked.cut_sets(service, max_order, min_probability)
    from ripplegraph.cli.availability_tables import cut_sets_csv, cut_sets_parts

    def model() -> Out:
        from ripplegraph.api.schemas import CutSetsOut

        return CutSetsOut.of(answer, at=asked.at)

    write_answer(
        Answer(
            parts=lambda: cut_sets_parts(answer, asked.name_of, with_paths=paths),
            model=model,
            csv=lambda: cut_sets_csv(answer, with_paths=paths),
        ),
        form,
    )


@bundled
def spof(
    source: Source,
    services: Services = None,
    *,
    assumptions: Assumptions,
    moment: Moment,
    loading: Loading,
    output: Output,
) -> None:
    """List the CIs that alone bring services down, those of most services first.

    Single points of failure of every service in one pass, however many cut sets there are.
    """
    form = output.form
    asked = asked_of(source, loading, moment, assumptions)
    answer = asked.single_points(services or None)
    from ripplegraph.cli.single_points_table import single_points_csv, single_points_parts

    def model() -> Out:
        from ripplegraph.api.schemas import SinglePointsOut

        return SinglePointsOut.of(answer, at=asked.at)

    write_answer(
        Answer(
            parts=lambda: single_points_parts(answer, asked.name_of),
            model=model,
            csv=lambda: single_points_csv(answer),
        ),
        form,
    )


@bundled
def importance(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    service: MaybeService = None,
    *,
    assumptions: Assumptions,
    moment: Moment,
    loading: Loading,
    output: Output,
    group_by: GroupBy = "",
    limit: Most = 10_000,
) -> None:
    """Say which CIs matter: minutes at stake, Birnbaum, criticality, RAW, RRW and more."""
    form = output.form
    if group_by not in ("", "class", "team", "supplier", "tag"):
        refuse_usage(f"--by {group_by!r} is not one of class, team, supplier, tag")
    asked = asked_of(source, loading, moment, assumptions)
    answer = asked.importance(service, group_by, limit)
    from ripplegraph.cli.importance_tables import importance_csv, importance_parts

    def model() -> Out:
        from ripplegraph.api.schemas import ImportanceOut

        return ImportanceOut.of(answer, at=asked.at)

    write_answer(
        Answer(
            parts=lambda: importance_parts(answer, asked.name_of),
            model=model,
            csv=lambda: importance_csv(answer),
        ),
        form,
    )


@bundled
def explain(
    source: Source,
    service: Service,
    *,
    assumptions: Assumptions,
    moment: Moment,
    loading: Loading,
    output: Output,
) -> None:
    """Say where the availability of a service comes from, what is assumed and what is missing."""
    form = output.form
    asked = asked_of(source, loading, moment, assumptions)
    answer = asked.explain(service)
    from ripplegraph.cli.availability_tables import explain_csv, explain_parts

    def model() -> Out:
        from ripplegraph.api.schemas import ExplainOut

        return ExplainOut.of(answer, at=asked.at)

    write_answer(
        Answer(
            parts=lambda: explain_parts(
                answer, asked.name_of, window_minutes=asked.options.window_minutes
            ),
            model=model,
            csv=lambda: explain_csv(answer),
        ),
        form,
    )


def _write_open_psa(trees: FaultTrees, target: str) -> None:
    refuse_empty("--open-psa", target)
    from ripplegraph.cli.files import write_file
    from ripplegraph.cli.words import counted
    from ripplegraph.wiring import open_psa_text

    write_file(Path(target), open_psa_text(trees))
    write_message(f"wrote {target}")
    unknown = sum(map(isnan, trees.unavailability.tolist()))
    if unknown:
        write_message(
            f"{counted(unknown, 'basic event', 'basic events')} in it without a probability,"
            " which SCRAM refuses. Give one with --set or --class-default."
        )


def _unavailability_of(percent: str | None) -> float | None:
    if percent is None:
        return None
    from ripplegraph.errors import InvalidQuantityError
    from ripplegraph.loaders.quantities import read_fraction

    try:
        return float(1 - read_fraction(percent))
    except InvalidQuantityError as exc:
        refuse_usage(f"--fail-below {percent!r}: {exc}")
