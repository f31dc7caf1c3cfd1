"""``report`` and ``timeline``: what really happened, to the second, against the SLAs."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.bundles import bundled
from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.files import write_file
from ripplegraph.cli.options import Loading, Moment, Output, Source
from ripplegraph.cli.output import Answer, Part, write_answer, write_message
from ripplegraph.cli.refusals import refuse_empty, refuse_usage
from ripplegraph.cli.session import graph_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ripplegraph.api.schemas import ImproveOut, ReportOut, TimelineOut
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.timeline.design import DesignComparison
    from ripplegraph.impact.timeline.management import DesignAnswer
    from ripplegraph.impact.timeline.values import ReportAnswer
    from ripplegraph.impact.timeline.windows import AskedWindow

MOST_DESIGNED = 100
"""Pages of at most so many services say what the design expects without being asked."""


class FailVerdict(StrEnum):
    """From which verdict on a report is bad news."""

    MISSED = "missed"
    OPEN = "open"


MaybeServices = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SERVICE",
        help="The services: ci_id, or a native id or name that is unique; all if none is named.",
        autocompletion=complete_ci,
    ),
]
WindowText = Annotated[
    str | None,
    typer.Option(
        "--window",
        metavar="WINDOW",
        help="2026-10, 2026-Q4, 2026 or rolling:30d; else the window of each SLA that holds now.",
    ),
]
TrendWindows = Annotated[
    int, typer.Option("--trend", min=0, max=120, help="Windows of the trend, this one included.")
]
FailOnVerdict = Annotated[
    FailVerdict | None,
    typer.Option("--fail-on", help="Exit 1 if an SLA is missed, or is not sure to be met."),
]
Days = Annotated[
    int, typer.Option("--days", min=1, max=36_500, help="How far back the past is replayed.")
]
WithMetrics = Annotated[
    bool,
    typer.Option(
        "--metrics", help="Also service level management metrics, experience and tickets."
    ),
]
WithDesign = Annotated[
    bool,
    typer.Option(
        "--design",
        help="Also services and CIs by design beside measured; of up to 100 services pages do so "
        "anyway.",
    ),
]
HtmlFile = Annotated[
    str | None,
    typer.Option("--html", metavar="FILE", help="Also write one self-contained HTML page."),
]
PdfFile = Annotated[
    str | None,
    typer.Option("--pdf", metavar="FILE", help="Also write the page as PDF (extra pdf)."),
]
Customer = Annotated[
    str | None,
    typer.Option(
        "--customer", metavar="NAME", help="Only SLAs of this customer; all if none is named."
    ),
]


@bundled
def report(  # noqa: PLR0913 - bundles and arguments of one command
    source: Source,
    services: MaybeServices = None,
    *,
    window: WindowText = None,
    trend: TrendWindows = 6,
    metrics: WithMetrics = False,
    design: WithDesign = False,
    customer: Customer = None,
    html: HtmlFile = None,
    pdf: PdfFile = None,
    moment: Moment,
    loading: Loading,
    output: Output,
    fail_on: FailOnVerdict = None,
) -> None:
    """Report on each SLA of a service: what was agreed, what was down, what is left, and why.

    Measured from the outages of CIs, to the second, within the agreed hours.
    """
    form, asked = output.form, window_asked(window)
    now = moment_of(moment, loading)
    graph = graph_of([source], loading)
    from ripplegraph.impact.timeline.customers import for_customer
    from ripplegraph.impact.timeline.report import service_level_reports

    answer = service_level_reports(
        graph, now=now, services=services or None, window=asked, trend_windows=trend
    )
    if customer is not None:
        answer = for_customer(answer, customer)
    from ripplegraph.cli.management_tables import design_parts, management_parts
    from ripplegraph.cli.measured_tables import report_csv, report_parts
    from ripplegraph.impact.timeline.management import design_of, management_of

    managed = (
        management_of(graph, answer.reports, now=now, services=services or None, window=asked)
        if metrics
        else None
    )
    reported = list(dict.fromkeys(one.service for one in answer.reports))
    named = services if services and customer is None else reported
    compared = design_of(graph, named, now=now) if design else None
    if html is not None or pdf is not None:
        _write_pages(
            {"--html": html, "--pdf": pdf},
            answer,
            graph,
            comparisons=_comparisons(graph, reported, now, compared),
            customer=customer,
            services=services or (),
        )

    def parts() -> list[Part]:
        shown = report_parts(answer, graph)
        shown += [] if managed is None else management_parts(managed, graph)
        return shown + ([] if compared is None else design_parts(compared))

    def model() -> ReportOut:
        from ripplegraph.api.schemas import ReportOut

        return ReportOut.of(answer, managed, compared)

    write_answer(Answer(parts=parts, model=model, csv=lambda: report_csv(answer)), form)
    bad = {FailVerdict.MISSED: ("missed",), FailVerdict.OPEN: ("missed", "open", "no_data")}
    if fail_on is not None and any(one.verdict in bad[fail_on] for one in answer.reports):
        raise typer.Exit(1)


def _comparisons(
    graph: ServiceGraph, reported: Sequence[str], now: datetime, asked: DesignAnswer | None
) -> Sequence[DesignComparison]:
    """Return design beside measured for a page, of the services that have a report on it.

    A service that was named may be reported by its offerings. Of many services none are
    compared that were not asked for, as that takes long.
    """
    from ripplegraph.impact.timeline.design import design_comparisons

    known = () if asked is None else asked.services
    compared = {one.service for one in known}
    missing = [one for one in reported if one not in compared]
    if asked is None and len(missing) > MOST_DESIGNED:
        return ()
    return (*known, *design_comparisons(graph, now=now, services=missing))


def _write_pages(
    targets: Mapping[str, str | None],
    answer: ReportAnswer,
    graph: ServiceGraph,
    *,
    comparisons: Sequence[DesignComparison],
    customer: str | None,
    services: Sequence[str],
) -> None:
    """Write the page of reports, as HTML and PDF where asked."""
    from ripplegraph.impact.timeline.status_intervals import status_intervals
    from ripplegraph.impact.timeline.timeline import timeline_of
    from ripplegraph.visualize.measured_page import ReportPage
    from ripplegraph.wiring import pdf_of_reports, render_reports

    for option, target in targets.items():
        if target is not None:
            refuse_empty(option, target)
    numbers = {one.service: graph.resolve(one.service) for one in answer.reports}
    line = timeline_of(graph, now=answer.now, services=numbers.values())
    start = min((one.window_start for one in answer.reports), default=answer.now)
    page = ReportPage(
        answer=answer,
        intervals={
            ci_id: status_intervals(line, number, start=start) for ci_id, number in numbers.items()
        },
        comparisons=comparisons,
        customer=customer or "",
        services=tuple(dict.fromkeys(graph.ci_ids[graph.resolve(one)] for one in services)),
    )
    render: dict[str, Callable[[ReportPage, ServiceGraph], str | bytes]] = {
        "--html": render_reports,
        "--pdf": pdf_of_reports,
    }
    for option, target in targets.items():
        if target is not None:
            write_file(Path(target), render[option](page, graph))
            write_message(f"wrote {target}")


@bundled
def improve(
    source: Source,
    *,
    days: Days = 365,
    moment: Moment,
    loading: Loading,
    output: Output,
) -> None:
    """List the improvement plan, and what would have gained most over all SLAs.

    The past is replayed second by second with one thing changed at a time.
    """
    form, now = output.form, moment_of(moment, loading)
    graph = graph_of([source], loading)
    from ripplegraph.impact.timeline.gains import improvements

    answer = improvements(graph, now=now, days=days)
    from ripplegraph.cli.management_tables import improve_csv, improve_parts

    def model() -> ImproveOut:
        from ripplegraph.api.schemas import ImproveOut

        return ImproveOut.of(answer)

    write_answer(
        Answer(
            parts=lambda: improve_parts(answer, graph),
            model=model,
            csv=lambda: improve_csv(answer),
        ),
        form,
    )


@bundled
def timeline(
    source: Source,
    services: MaybeServices = None,
    *,
    window: WindowText = None,
    moment: Moment,
    loading: Loading,
    output: Output,
) -> None:
    """Show when services were not up, to the second: by all outages, by planned ones alone, why.

    Nothing masks: one half of a pair in maintenance and the other failed is down.
    """
    form, asked = output.form, window_asked(window)
    now = moment_of(moment, loading)
    graph = graph_of([source], loading)
    from ripplegraph.impact.timeline.status_intervals import status_intervals
    from ripplegraph.impact.timeline.timeline import timeline_of

    start, end = _bounds(asked, now, loading.timezone or "")
    numbers = list(graph.service_numbers)
    if services:
        numbers = list(dict.fromkeys(graph.resolve(text) for text in services))
    line = timeline_of(graph, now=now, services=numbers)
    found = {
        graph.ci_ids[number]: status_intervals(line, number, start=start, end=end)
        for number in numbers
    }
    if not services:
        found = {ci_id: intervals for ci_id, intervals in found.items() if intervals}
    from ripplegraph.cli.measured_tables import timeline_csv, timeline_parts

    def model() -> TimelineOut:
        from ripplegraph.api.schemas import TimelineOut

        return TimelineOut.of(found, graph, now)

    write_answer(
        Answer(
            parts=lambda: timeline_parts(found, graph) or [_never_down(asked, start, now)],
            model=model,
            csv=lambda: timeline_csv(found),
        ),
        form,
    )


def _never_down(asked: AskedWindow | None, start: datetime | None, now: datetime) -> str:
    """Return the sentence for a time in which nothing happened."""
    if asked is None or start is None:
        return f"No service was ever not up, up to {now:%Y-%m-%d %H:%M}Z."
    return f"No service was not up in the window that starts at {start:%Y-%m-%d %H:%M}Z."


def window_asked(text: str | None) -> AskedWindow | None:
    """Return the window that the command line names."""
    if text is None:
        return None
    from ripplegraph.impact.timeline.windows import parse_window

    try:
        return parse_window(text)
    except ValueError as exc:
        refuse_usage(f"--window: {exc}")


def _bounds(
    asked: AskedWindow | None, now: datetime, time_zone: str
) -> tuple[datetime | None, datetime | None]:
    if asked is None:
        return None, None
    from ripplegraph.graph.agreements import Agreement, AgreementKind
    from ripplegraph.impact.timeline.windows import window_of

    nobody = Agreement(agreement_id="", kind=AgreementKind.SLA)
    return window_of(nobody, asked, now.astimezone(UTC), time_zone)
