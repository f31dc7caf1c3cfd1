"""The tables of ``report`` and ``timeline``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.measured_words import (
    availability_of,
    moment_words,
    seconds_words,
    window_words,
)
from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import (
    NOTHING,
    chain_words,
    counted,
    name_words,
    names_words,
    percent_words,
)
from ripplegraph.impact.timeline.sums import PORTFOLIO, summed_seconds
from ripplegraph.impact.timeline.values import Verdict

if TYPE_CHECKING:
    from ripplegraph.graph.model import CiId
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.timeline.status_intervals import StatusInterval
    from ripplegraph.impact.timeline.values import LevelReport, ReportAnswer

_VERDICTS = {
    Verdict.MISSED: "missed",
    Verdict.OPEN: "open",
    Verdict.NO_DATA: "no data",
    Verdict.NO_TARGET: "no target",
    Verdict.MET: "met",
}

_OUTAGE_COLUMNS = (
    "counts as", "service", "SLA", "start", "end", "counted", "roots", "because",
)  # fmt: skip
_BLAME_COLUMNS = ("downtime", "service", "SLA", "CI", "team", "supplier", "answers for it")


def report_parts(answer: ReportAnswer, graph: ServiceGraph) -> list[Part]:
    """Return headline, reports (missed ones first), outages, who caused them, and notes."""
    order = list(_VERDICTS)
    reports = sorted(answer.reports, key=lambda one: order.index(one.verdict))
    counts = Counter(one.verdict for one in reports)
    listed = ", ".join(f"{counts[one]} {words}" for one, words in _VERDICTS.items() if counts[one])
    head = f"{counted(len(reports), 'report', 'reports')} up to {moment_words(answer.now)}: "
    parts: list[Part] = [head + (listed or "no SLA in force") + "."]
    if reports:
        parts.append(_reports_table(reports))
    outages = [row for one in reports for row in _outage_rows(one, graph)]
    if outages:
        columns: tuple[str, ...] = (
            "counts as",
            "service",
            "SLA",
            "start",
            "end",
            "counted",
            "roots",
            "because",
        )
        parts.append(Table(columns=columns, rows=outages, title="Outages"))
    blamed = [row for one in reports for row in _attribution_rows(one)]
    if blamed:
        parts.append(Table(columns=_BLAME_COLUMNS, rows=blamed, title="Who caused the downtime"))
    if len(reports) > 1 and blamed:
        parts.append(_totals_table(reports))
    notes = [*answer.notes, *_notes(reports)]
    if notes:
        parts.append("Notes:\n" + "\n".join(f"- {note}" for note in notes))
    return parts


def _reports_table(reports: Sequence[LevelReport]) -> Table:
    columns = (
        "verdict", "service", "SLA", "window", "availability", "target", "down", "budget",
        "budget left", "outages", "longest", "planned", "degraded", "at risk",
    )  # fmt: skip
    rows = [
        (
            _VERDICTS[one.verdict],
            one.service_name,
            one.agreement.name or one.agreement.agreement_id,
            window_words(one.window_start, one.window_end),
            availability_of(one.availability),
            NOTHING if one.target is None else percent_words(one.target),
            seconds_words(one.down_seconds),
            seconds_words(one.budget_seconds),
            seconds_words(one.budget_left_seconds),
            str(one.outage_count),
            seconds_words(one.longest_seconds),
            seconds_words(one.planned_seconds),
            seconds_words(one.degraded_seconds),
            seconds_words(one.at_risk_seconds),
        )
        for one in reports
    ]
    return Table(columns=columns, rows=rows)


def _outage_rows(report: LevelReport, graph: ServiceGraph) -> Iterator[tuple[str, ...]]:
    for one in report.outages:
        yield (
            one.outage_class.value.replace("_", " "),
            report.service_name,
            report.agreement.name or report.agreement.agreement_id,
            moment_words(one.start),
            moment_words(one.end),
            seconds_words(one.seconds),
            "; ".join(
                f"{name_words(graph, cause.ci_id)} ({cause.excluded or cause.cause or cause.kind})"
                for cause in one.causes
            ),
            chain_words(graph, one.because),
        )


def _attribution_rows(report: LevelReport) -> Iterator[tuple[str, ...]]:
    for one in report.attribution:
        answering = one.answering
        yield (
            seconds_words(one.seconds),
            report.service_name,
            report.agreement.name or report.agreement.agreement_id,
            one.name or one.ci_id,
            one.owner_team or NOTHING,
            one.supplier or NOTHING,
            "no agreement" if answering is None else f"{answering.kind} {answering.agreement_id}",
        )


def _totals_table(reports: Sequence[LevelReport]) -> Table:
    rows = [
        (
            seconds_words(one.seconds),
            "all SLAs" if one.scope == PORTFOLIO else one.name,
            one.by,
            one.key or f"no {one.by}",
            str(one.slas),
        )
        for one in summed_seconds(reports)
        if one.by in {"party", "team", "supplier", "change"} and (one.key or one.by != "change")
    ]
    columns = ("downtime", "of", "by", "who", "SLAs impacted")
    return Table(columns=columns, rows=rows, title="Downtime summed over SLAs")


def _notes(reports: Sequence[LevelReport]) -> Iterator[str]:
    """Yield each note once, with how many reports it holds for."""
    counts = Counter(note for one in reports for note in one.notes)
    for note, count in counts.items():
        yield note if count == len(reports) else f"{note} ({counted(count, 'report', 'reports')})"


def report_csv(answer: ReportAnswer) -> Table:
    """Return one row per report."""
    columns = (
        "service", "service_name", "agreement", "customer", "window_start", "window_end",
        "verdict", "agreed_seconds", "down_seconds", "degraded_seconds", "at_risk_seconds",
        "planned_seconds", "excluded_seconds", "availability", "target", "met", "budget_seconds",
        "budget_left_seconds", "outage_count", "longest_seconds", "mtbf_seconds", "mtrs_seconds",
        "penalty", "penalty_amount",
    )  # fmt: skip
    from ripplegraph.api.schemas.measured import LevelReportOut, ReportDetailsOut

    rows = []
    for one in answer.reports:
        cells = ReportDetailsOut.of(one).model_dump() | LevelReportOut.of(one).model_dump()
        rows.append(["" if cells[name] is None else str(cells[name]) for name in columns])
    return Table(columns=columns, rows=rows)


def timeline_parts(
    found: Mapping[CiId, Sequence[StatusInterval]], graph: ServiceGraph
) -> list[Part]:
    """Return one table per service."""
    parts: list[Part] = []
    for ci_id, intervals in found.items():
        name = name_words(graph, ci_id)
        if not intervals:
            parts.append(f"{name}: nothing on record; it was up all the time.")
            continue
        rows = [
            (
                one.status.word,
                moment_words(one.start, none="always"),
                moment_words(one.end),
                _duration_words(one),
                _counts_words(one),
                one.planned_status.word,
                one.unplanned_status.word,
                names_words(graph, one.root_cis),
                chain_words(graph, one.because) or NOTHING,
            )
            for one in intervals
        ]
        columns = (
            "status", "start", "end", "for", "counts as", "planned alone", "unplanned alone",
            "roots", "because",
        )  # fmt: skip
        title = f"{name}: {counted(len(rows), 'interval', 'intervals')} not up"
        parts.append(Table(columns=columns, rows=rows, title=title))
    return parts


def _duration_words(one: StatusInterval) -> str:
    if one.start is None or one.end is None:
        return NOTHING
    return seconds_words(int((one.end - one.start).total_seconds()))


def _counts_words(one: StatusInterval) -> str:
    if one.counts_as_down:
        return "downtime"
    if one.in_maintenance:
        return "maintenance"
    return "excluded" if one.status.word == "down" else NOTHING


def timeline_csv(found: Mapping[CiId, Sequence[StatusInterval]]) -> Table:
    """Return one row per interval, lists joined by ``;``."""
    columns = (
        "service", "start", "end", "status", "planned_status", "unplanned_status",
        "in_maintenance", "counts_as_down", "root_cis", "because",
    )  # fmt: skip
    rows = [
        (
            ci_id,
            "" if one.start is None else moment_words(one.start).replace(" ", "T"),
            "" if one.end is None else moment_words(one.end).replace(" ", "T"),
            one.status.word,
            one.planned_status.word,
            one.unplanned_status.word,
            str(one.in_maintenance).lower(),
            str(one.counts_as_down).lower(),
            ";".join(one.root_cis),
            ";".join(one.because),
        )
        for ci_id, intervals in found.items()
        for one in intervals
    ]
    return Table(columns=columns, rows=rows)
