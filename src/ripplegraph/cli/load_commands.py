"""``load``, ``check`` and ``export``: what an export holds, what is wrong in it, and copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.options import (
    Authorship,
    FailOnSeverity,
    FailSeverity,
    Keeping,
    Loading,
    Moment,
    Output,
    Sources,
)
from ripplegraph.cli.output import Answer, write_answer, write_data, write_message
from ripplegraph.cli.refusals import refuse_empty, refuse_usage
from ripplegraph.cli.session import graph_of, graph_then, moment_of, provenance_of
from ripplegraph.cli.work_budget import peak_memory_of_reading_mib

if TYPE_CHECKING:
    from ripplegraph.graph.findings import Finding
    from ripplegraph.graph.service_graph import ServiceGraph

StaleAfter = Annotated[
    int,
    typer.Option(
        "--stale-after-days", min=1, help="CIs not confirmed for longer than this are stale."
    ),
]
_FORMS_OF_SUFFIX = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".xlsx": "tables",
    "": "tables",
}


@bundled
def load(
    sources: Sources,
    *,
    loading: Loading,
    keeping: Keeping,
    authorship: Authorship,
    output: Output,
    fail_on: FailOnSeverity = None,
) -> None:
    """Read an export: rows used and reported per file, what it holds, and findings in short.

    The peak memory of reading goes to stderr: answers are the same bytes for the same export.
    """
    form = output.form
    graph = graph_of(sources, loading)
    peak_mib = peak_memory_of_reading_mib()
    if peak_mib is not None:
        write_message(f"peak memory of reading: {peak_mib:,} MiB")
    if keeping.into is not None:
        _keep(graph, keeping, authorship, ", ".join([*sources, *loading.also]))
    from ripplegraph.api.schemas import LoadOut
    from ripplegraph.cli.load_tables import files_csv, load_parts

    write_answer(
        Answer(
            parts=lambda: load_parts(graph),
            model=lambda: LoadOut.of(graph),
            csv=lambda: files_csv(graph),
        ),
        form,
    )
    _exit_if_bad(graph.report.findings, fail_on)


def _keep(graph: ServiceGraph, keeping: Keeping, authorship: Authorship, source: str) -> None:
    """Publish a graph as a revision of a store, and say which one it is."""
    from ripplegraph.graph.revisions import ImportRules, Missing
    from ripplegraph.wiring import open_estate

    store = keeping.into or ""
    refuse_empty("--into", store)
    rules = ImportRules(
        missing=Missing(keeping.missing.value),
        max_removed_share=keeping.max_removed,
        expected_revision=keeping.expected_revision,
    )
    provenance = provenance_of(authorship, datetime.now(UTC), source)
    published = open_estate(store).publish(graph, provenance, rules)
    if published.provenance == provenance:
        write_message(f"kept as revision {published.number} of {store}")
    else:
        write_message(f"nothing differs from revision {published.number} of {store}")


@bundled
def check(
    sources: Sources,
    loading: Loading,
    moment: Moment,
    output: Output,
    stale_after_days: StaleAfter = 90,
    fail_on: FailOnSeverity = None,
) -> None:
    """List every finding of an export: of reading it, and of validating its graph."""
    form = output.form
    at = moment_of(moment, loading)
    graph = graph_then(sources, loading, at)
    from ripplegraph.graph.validation import validate

    findings = validate(graph, at=at, stale_after_days=stale_after_days)

    from ripplegraph.api.schemas import CheckOut
    from ripplegraph.cli.load_tables import check_parts, findings_csv

    write_answer(
        Answer(
            parts=lambda: check_parts(graph, findings),
            model=lambda: CheckOut.of(graph, findings),
            csv=lambda: findings_csv(findings),
        ),
        form,
    )
    _exit_if_bad(findings, fail_on)


@bundled
def export(
    sources: Sources,
    loading: Loading,
    target: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help=".json, .yaml, .xlsx, or a folder for CSV tables; - writes JSON to stdout.",
        ),
    ] = "-",
) -> None:
    """Write the graph of an export as ripplegraph's own JSON or YAML, or as generic tables."""
    form = "json" if target == "-" else _form_of(target)
    graph = graph_of(sources, loading)
    from ripplegraph.cli.files import write_file
    from ripplegraph.wiring import native_text, write_tables

    if target == "-":
        write_data(native_text(graph, form))
        return
    if form == "tables":
        write_tables(graph, Path(target))
    else:
        write_file(Path(target), native_text(graph, form))
    write_message(f"wrote {target}")


def _form_of(target: str) -> str:
    refuse_empty("--output", target)
    suffix = Path(target).suffix.casefold()
    if suffix not in _FORMS_OF_SUFFIX:
        refuse_usage(
            f"{target!r} tells no format. End it with .json, .yaml or .xlsx, or name a folder"
        )
    return _FORMS_OF_SUFFIX[suffix]


def _exit_if_bad(findings: Iterable[Finding], fail_on: FailSeverity | None) -> None:
    if fail_on is None:
        return
    order: Sequence[str] = [severity.value for severity in FailSeverity]
    least = order.index(fail_on.value)
    if any(order.index(one.severity.value) >= least for one in findings):
        raise typer.Exit(1)
