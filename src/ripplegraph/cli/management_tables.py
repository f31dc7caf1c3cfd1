"""The tables of ``report --metrics``, ``report --design`` and ``improve``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ripplegraph.cli.measured_words import moment_words, seconds_words
from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import (
    NOTHING,
    counted,
    name_words,
    percent_words,
    words_or_nothing,
)
from ripplegraph.impact.timeline.gains import LEVER_DEFINITIONS

if TYPE_CHECKING:
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.timeline.gains import ImproveAnswer, TrackedImprovement
    from ripplegraph.impact.timeline.management import DesignAnswer, ManagementAnswer
    from ripplegraph.impact.timeline.metrics import LevelMetric

_MOST_DIFFERENCES = 6
_MOST_CANDIDATES = 20


def management_parts(answer: ManagementAnswer, graph: ServiceGraph) -> list[Part]:
    """Return metrics with definitions, experience scores, and tickets that are not met."""
    columns = ("metric", "value", "window before", "change", "definition")
    rows = [
        (
            one.label,
            _value_words(one, one.value, with_of=True),
            _value_words(one, one.before, with_of=False),
            _change_words(one),
            one.definition,
        )
        for one in answer.metrics
    ]
    parts: list[Part] = [Table(columns=columns, rows=rows, title="Service level management")]
    if answer.experience:
        shown = [
            (
                "poor, SLA met" if one.is_met_but_poor else "poor" if one.is_poor else "ok",
                name_words(graph, one.service),
                one.customer or NOTHING,
                f"{one.window_start:%Y-%m-%d}",
                str(one.score),
                NOTHING if one.target is None else str(one.target),
                ", ".join(one.verdicts),
            )
            for one in answer.experience
        ]
        columns_of = ("experience", "service", "customer", "window", "score", "target", "SLAs")
        parts.append(Table(columns=columns_of, rows=shown, title="Experience beside SLAs"))
    parts.extend(_tickets(answer))
    return parts


def _tickets(answer: ManagementAnswer) -> list[Part]:
    pressing = [one for one in answer.tickets if one.state.value != "met"]
    if not pressing:
        return []
    rows = [
        (
            one.state.value,
            one.ticket.ticket_id,
            one.ticket.priority or NOTHING,
            one.kind,
            one.agreement.name or one.agreement.agreement_id,
            seconds_words(one.target_seconds),
            seconds_words(one.elapsed_seconds),
            moment_words(one.due, none="clock stands"),
            one.ticket.team or NOTHING,
        )
        for one in pressing
    ]
    columns = (
        "state", "ticket", "priority", "time", "agreement", "target", "elapsed", "due", "team",
    )  # fmt: skip
    title = f"Tickets: {len(answer.tickets) - len(pressing)} times met, these are not"
    return [Table(columns=columns, rows=rows, title=title)]


def _value_words(one: LevelMetric, value: float | None, *, with_of: bool) -> str:
    if value is None:
        return NOTHING
    of = f" of {one.of}" if with_of and one.of is not None else ""
    if one.unit == "fraction":
        return f"{100 * value:.1f}%{of}"
    if one.unit == "seconds":
        return seconds_words(int(value))
    if one.unit == "days":
        return f"{value:.1f} days"
    return f"{value:g}{of}"


def _change_words(one: LevelMetric) -> str:
    change = one.change
    if change is None:
        return NOTHING
    if one.unit == "fraction":
        return f"{100 * change:+.1f} points"
    if one.unit == "seconds":
        words = seconds_words(int(change))
        return words if change < 0 else f"+{words}"
    return f"{change:+g}"


def design_parts(answer: DesignAnswer) -> list[Part]:
    """Return services by design and measured, where the difference is, and CIs by themselves."""
    parts: list[Part] = []
    if answer.services:
        parts.append(_designs_table(answer))
    if answer.cis:
        parts.append(_cis_table(answer))
    return parts


def _designs_table(answer: DesignAnswer) -> Table:
    rows = [
        (
            one.service_name,
            NOTHING if one.derived is None else f"{100 * one.derived:.4f}%",
            one.label.value,
            NOTHING if one.measured is None else f"{100 * one.measured:.4f}%",
            f"{one.start:%Y-%m-%d} .. {one.end:%Y-%m-%d}",
            "; ".join(
                f"{row.name or row.ci_id} {_signed(row.difference_seconds)}"
                for row in one.differences[:_MOST_DIFFERENCES]
            )
            or NOTHING,
        )
        for one in answer.services
    ]
    columns = ("service", "by design", "label", "measured", "in", "most difference from")
    return Table(columns=columns, rows=rows, title="Design against measured")


def _cis_table(answer: DesignAnswer) -> Table:
    rows = [
        (
            one.name or one.ci_id,
            str(one.failures),
            seconds_words(one.down_seconds),
            NOTHING if one.availability is None else f"{100 * one.availability:.4f}%",
            NOTHING
            if one.lower is None or one.upper is None
            else f"{100 * one.lower:.4f}% .. {100 * one.upper:.4f}%",
            _agreed_words(one.agreement.target_availability if one.agreement else None),
            NOTHING if one.is_below_agreed is None else "yes" if one.is_below_agreed else "no",
        )
        for one in answer.cis
    ]
    columns = ("CI", "failures", "down", "measured", "long run, 90 % sure", "agreed", "below")
    return Table(columns=columns, rows=rows, title="CIs that failed by themselves")


def _signed(seconds: float) -> str:
    words = seconds_words(int(seconds))
    return f"+{words}" if seconds >= 0 else words


def _agreed_words(target: Decimal | None) -> str:
    return NOTHING if target is None else percent_words(target)


def improve_parts(answer: ImproveAnswer, graph: ServiceGraph) -> list[Part]:
    """Return tracked actions, and the options that would have gained most."""
    head = (
        f"{moment_words(answer.start)} to {moment_words(answer.now)}: SLAs were down "
        f"{seconds_words(answer.down_seconds)} in all."
    )
    parts: list[Part] = [head]
    if answer.tracked:
        parts.append(_tracked_table(answer.tracked, graph))
    shown = answer.candidates[:_MOST_CANDIDATES]
    if shown:
        rows = [
            (
                seconds_words(one.gained_seconds),
                one.name,
                one.lever.value,
                str(one.outages),
                words_or_nothing(one.slas),
            )
            for one in shown
        ]
        title = f"Options: {counted(len(answer.candidates), 'option', 'options')}"
        if len(shown) < len(answer.candidates):
            title += f", the best {len(shown)}"
        columns = ("gained", "what", "how", "outages", "SLAs")
        parts.append(Table(columns=columns, rows=rows, title=title))
        levers = dict.fromkeys(one.lever for one in shown)
        parts.append(
            "Gained is downtime that all SLAs together would not have had; gains overlap:\n"
            + "\n".join(f"- {lever.value}: {LEVER_DEFINITIONS[lever]}." for lever in levers)
        )
    return parts


def _tracked_table(tracked: Sequence[TrackedImprovement], graph: ServiceGraph) -> Table:
    rows = []
    for row in tracked:
        one = row.improvement
        rows.append(
            (
                "overdue" if row.is_overdue else one.state.value,
                one.improvement_id,
                one.action,
                name_words(graph, one.service) if one.service else NOTHING,
                one.owner or NOTHING,
                NOTHING if one.due is None else f"{one.due:%Y-%m-%d}",
                _minutes(one.expected_minutes),
                _minutes(one.realised_minutes),
                NOTHING if row.realised_share is None else f"{100 * row.realised_share:.0f}%",
            )
        )
    columns = (
        "state", "action", "what", "service", "owner", "due", "expected a year", "realised",
        "of expected",
    )  # fmt: skip
    return Table(columns=columns, rows=rows, title="Service improvement plan")


def _minutes(minutes: float | None) -> str:
    return NOTHING if minutes is None else f"{minutes:g} min"


def improve_csv(answer: ImproveAnswer) -> Table:
    """Return one row per option."""
    columns = ("lever", "subject", "name", "gained_seconds", "outages", "slas")
    rows = [
        (
            one.lever.value,
            one.subject,
            one.name,
            str(one.gained_seconds),
            str(one.outages),
            ";".join(one.slas),
        )
        for one in answer.candidates
    ]
    return Table(columns=columns, rows=rows)
