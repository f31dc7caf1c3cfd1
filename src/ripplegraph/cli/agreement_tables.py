"""The tables of ``agreements`` and ``times``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import NOTHING, counted, name_words, percent_words
from ripplegraph.impact.agreements.values import Verdict
from ripplegraph.visualize.availability_words import amount_words, share_words

if TYPE_CHECKING:
    from ripplegraph.graph.findings import Finding
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.agreements.applicable import ApplicableTarget, ApplicableTargets
    from ripplegraph.impact.agreements.lifecycle import AgreementLife
    from ripplegraph.impact.agreements.lifecycle_metrics import LifecycleMetric, LifecycleReport
    from ripplegraph.impact.agreements.time_targets import TimeAnswer, TimeVerdict

_MOST_NAMES = 6
_SECOND = timedelta(seconds=1)


# --- times -------------------------------------------------------------------------------------


def times_parts(graph: ServiceGraph, answer: TimeAnswer, *, with_steps: bool) -> list[Part]:
    """Return headline, one row per target, the steps where asked for, and findings."""
    counts = Counter(one.verdict for one in answer.verdicts)
    listed = ", ".join(
        f"{counts[one]} {one.value}"
        for one in (Verdict.MISSED, Verdict.UNPROVABLE, Verdict.MET)
        if counts[one]
    )
    targets = counted(len(answer.verdicts), "time target", "time targets")
    none = "none; the table time_targets holds those of SLAs in force"
    parts: list[Part] = [f"{targets}: {listed or none}."]
    if answer.verdicts:
        columns = (
            "verdict", "SLA", "service", "priority", "within", "target", "promised", "worst case",
            "opened then", "longest way",
        )  # fmt: skip
        parts.append(Table(columns=columns, rows=[_time_row(one) for one in answer.verdicts]))
    if with_steps:
        parts.extend(_steps_table(one) for one in answer.verdicts if one.steps)
        parts.extend(_missing(graph, answer))
    parts.extend(_finding_lines(answer.findings))
    return parts


def times_csv(answer: TimeAnswer) -> Table:
    """Return one row per target."""
    columns = (
        "verdict", "agreement", "service", "name", "priority", "kind", "target_minutes",
        "promised_minutes", "worst_minutes", "worst_start", "worst_end", "missed_by_hours_only",
        "steps", "missing",
    )  # fmt: skip
    rows = [
        tuple(
            "" if cell is None else str(cell)
            for cell in (
                one.verdict.value, one.agreement.agreement_id, one.service, one.service_name,
                one.priority, one.kind.value, one.target_minutes, one.promised_minutes,
                one.worst_minutes, one.worst_start.isoformat(), _iso(one.worst_end),
                str(one.is_missed_by_hours_only).lower(),
                "; ".join(step.agreement.agreement_id for step in one.steps),
                "; ".join(one.missing),
            )
        )
        for one in answer.verdicts
    ]  # fmt: skip
    return Table(columns=columns, rows=rows)


def _time_row(one: TimeVerdict) -> tuple[str, ...]:
    way = [step.agreement.name or step.agreement.agreement_id for step in one.steps]
    is_alike = one.worst_minutes == one.promised_minutes  # whenever the ticket is opened
    if one.missing:
        way.append(f"({counted(len(one.missing), 'CI', 'CIs')} not promised)")
    return (
        one.verdict.value,
        one.agreement.name or one.agreement.agreement_id,
        one.service_name,
        one.priority,
        one.kind.value,
        duration_words(one.target_minutes),
        duration_words(one.promised_minutes),
        "never done" if one.worst_minutes is None else duration_words(one.worst_minutes),
        NOTHING if is_alike else f"{one.worst_start:%a %Y-%m-%d %H:%M}Z",
        " -> ".join(way) or NOTHING,
    )


def _steps_table(one: TimeVerdict) -> Table:
    rows = [
        (
            step.agreement.kind.value,
            step.agreement.name or step.agreement.agreement_id,
            step.agreement.calendar or "24x7",
            duration_words(step.minutes),
        )
        for step in one.steps
    ]
    name = one.agreement.name or one.agreement.agreement_id
    title = f"Longest way of {one.priority} {one.kind.value}, {name}"
    return Table(columns=("kind", "agreement", "hours", "within"), rows=rows, title=title)


def _missing(graph: ServiceGraph, answer: TimeAnswer) -> Iterator[Part]:
    missing = sorted({ci for one in answer.verdicts for ci in one.missing})
    if missing:
        lines = [f"- a time for {name_words(graph, ci)}" for ci in missing[:_MOST_NAMES]]
        if len(missing) > _MOST_NAMES:
            lines.append(f"- and for {len(missing) - _MOST_NAMES} more; --json lists them all")
        yield "\n".join(("Nobody promises:", *lines))


def duration_words(minutes: float) -> str:
    """Return minutes, or hours where they read better; rounded up."""
    number, unit = (minutes / 60, "h") if minutes >= 120 else (minutes, "min")
    words = amount_words(number)
    return f"{words.rstrip('0').rstrip('.') if '.' in words else words} {unit}"


# --- agreements --------------------------------------------------------------------------------


def agreements_parts(report: LifecycleReport) -> list[Part]:
    """Return metrics, agreements, requirements and targets per customer."""
    in_force = sum(life.is_in_force for life in report.life.lives)
    count = counted(len(report.life.lives), "agreement", "agreements")
    parts: list[Part] = [f"{count}, {in_force} in force at {report.life.at:%Y-%m-%d %H:%M} UTC."]
    parts.append(
        Table(
            columns=("metric", "value", "share", "how it is counted"),
            rows=[_metric_row(one) for one in report.metrics],
        )
    )
    if report.life.lives:
        columns = (
            "kind", "agreement", "customer", "state", "in force", "signed", "days to agree",
            "review due", "last day",
        )  # fmt: skip
        rows = [_life_row(one, report.life.at) for one in report.life.lives]
        parts.append(Table(columns=columns, rows=rows, title="What calls first stands first"))
    parts.extend(_requirements_tables(report))
    parts.extend(_applicable_tables(report.applicable))
    parts.extend(_finding_lines(report.life.findings))
    return parts


def agreements_csv(report: LifecycleReport) -> Table:
    """Return one row per agreement."""
    columns = (
        "kind", "agreement", "name", "customer", "provider", "state", "in_force", "up_to_date",
        "begun_at", "signed_at", "signed_by", "days_to_agree", "days_open", "review_due",
        "last_review", "review_overdue", "days_to_end",
    )  # fmt: skip
    rows = [
        tuple(
            "" if cell is None else str(cell)
            for cell in (
                one.agreement.kind.value, one.agreement.agreement_id, one.agreement.name,
                one.agreement.customer, one.agreement.provider, one.state.value,
                str(one.is_in_force).lower(), str(one.is_up_to_date).lower(), _iso(one.begun_at),
                _iso(one.signed_at), one.signed_by, one.days_to_agree, one.days_open,
                _iso(one.review_due), _iso(one.last_review), str(one.is_review_overdue).lower(),
                one.days_to_end,
            )
        )
        for one in report.life.lives
    ]  # fmt: skip
    return Table(columns=columns, rows=rows)


def _metric_row(one: LifecycleMetric) -> tuple[str, ...]:
    if one.value is None:
        value = NOTHING
    elif one.unit == "days":
        value = f"{amount_words(one.value)} days"
    else:
        value = f"{one.value:.0f}" if one.of is None else f"{one.value:.0f} of {one.of}"
    return one.label, value, share_words(one.share), one.definition


def _life_row(one: AgreementLife, at: datetime) -> tuple[str, ...]:
    review = _day(one.review_due)
    if one.is_review_overdue and one.review_due is not None:
        review += f" ({(at - one.review_due).days} days overdue)"
    signed = _day(one.signed_at) + (f" by {one.signed_by}" if one.signed_by else "")
    return (
        one.agreement.kind.value,
        one.agreement.name or one.agreement.agreement_id,
        one.agreement.customer or NOTHING,
        one.state.value,
        "yes" if one.is_in_force else "no",
        signed,
        NOTHING if one.days_to_agree is None else amount_words(one.days_to_agree),
        review,
        NOTHING if one.agreement.valid_to is None else _day(one.agreement.valid_to - _SECOND),
    )


def _requirements_tables(report: LifecycleReport) -> Iterator[Part]:
    if report.requirements:
        rows = [
            (
                one.slr.agreement.name or one.slr.agreement.agreement_id,
                one.slr.agreement.customer or NOTHING,
                one.slr.state.value,
                "; ".join(
                    f"{life.agreement.agreement_id} ({life.state.value})"
                    for life in one.answered_by
                )
                or NOTHING,
                f"{one.behind_agreed} of {len(one.behind)} in force",
            )
            for one in report.requirements
        ]
        columns = ("SLR", "customer", "state", "answered by", "behind it")
        yield Table(columns=columns, rows=rows, title="From requirement to contract")


def _applicable_tables(applicable: Sequence[ApplicableTargets]) -> Iterator[Part]:
    """Yield a table of the services on which several SLAs hold for one customer."""
    rows = [
        (
            one.service_name,
            one.customer or "(all others)",
            target.name.replace("_", " "),
            _target_words(target),
            target.agreement.name or target.agreement.agreement_id,
            ", ".join(sla.name or sla.agreement_id for sla in target.looser),
        )
        for one in applicable
        for target in one.targets
        if target.looser
    ]
    if rows:
        columns = ("service", "customer", "target", "strictest", "set by", "looser")
        yield Table(columns=columns, rows=rows, title="Where several SLAs hold for one customer")


def _target_words(target: ApplicableTarget) -> str:
    return percent_words(target.value) if target.name == "availability" else str(target.value)


def _finding_lines(findings: Sequence[Finding]) -> Iterator[Part]:
    if findings:
        yield "\n".join(("Findings:", *(f"- {one.message}" for one in findings)))


def _day(moment: datetime | None) -> str:
    return NOTHING if moment is None else moment.date().isoformat()


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
