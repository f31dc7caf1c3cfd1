"""The tables of ``importance``: CIs over all services, CIs of a service, and groups of CIs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.availability_tables import MOST_ROWS, cells_of, listed_part, title_of
from ripplegraph.cli.output import Part, Table
from ripplegraph.impact.availability.values import Label
from ripplegraph.visualize.availability_words import amount_words, ratio_words, share_words

if TYPE_CHECKING:
    from ripplegraph.impact.availability.importance_values import (
        CiImportance,
        GroupImportance,
        GroupTotal,
        ImportanceAnswer,
    )

_AT_STAKE = "Minutes at stake: what a perfect CI would save"
_MOST_TOTALS = 20


def importance_parts(answer: ImportanceAnswer, name_of: Callable[[str], str]) -> list[Part]:
    """Return the CIs with the most minutes at stake, and groups of them."""
    is_estate = answer.service is None
    labels = Counter(answer.labels.values())
    listed = ", ".join(f"{count} {label}" for label, count in sorted(labels.items()))
    subject = "Every service" if is_estate else name_of(str(answer.service))
    parts: list[Part] = [f"{subject}: {listed or 'no number'}."]
    if answer.totals:
        parts.append(_totals_table(answer, name_of))
    if answer.group_totals:
        parts.append(_group_totals_table(answer.group_totals, name_of))
    shown = answer.rows[:MOST_ROWS]
    if shown:
        title = title_of(
            _AT_STAKE + (" one service" if is_estate else ""), len(shown), answer.row_count
        )
        columns = (
            *(("service",) if is_estate else ()), "CI", "minutes a year", "of the downtime",
            "unavailability", "Birnbaum", "FV", "RAW", "RRW",
        )  # fmt: skip
        rows = [_importance_row(one, name_of, is_estate=is_estate) for one in shown]
        parts.append(Table(columns=columns, rows=rows, title=title))
    if answer.groups:
        parts.append(_groups_table(answer.groups, name_of))
    parts.extend(listed_part("What the numbers rest on", answer.assumptions))
    return parts


def importance_csv(answer: ImportanceAnswer) -> Table:
    """Return one row per service and CI with everything that JSON says."""
    columns = (
        "service", "ci_id", "native_id", "name", "unavailability", "birnbaum", "criticality",
        "fussell_vesely", "dif", "raw", "rrw", "minutes", "contribution_minutes", "mtbf_hours",
        "mean_down_time_hours", "label", "minutes_lower", "minutes_upper", "minutes_per_window",
    )  # fmt: skip
    return Table(columns=columns, rows=[cells_of(one, columns) for one in answer.rows])


def _importance_row(
    one: CiImportance, name_of: Callable[[str], str], *, is_estate: bool
) -> tuple[str, ...]:
    return (
        *((name_of(one.service),) if is_estate else ()),
        one.name or one.native_id,
        _minutes_words(one),
        share_words(one.criticality),
        "unknown" if one.unavailability is None else f"{one.unavailability:.4g}",
        ratio_words(one.birnbaum),
        ratio_words(one.fussell_vesely),
        ratio_words(one.raw),
        ratio_words(one.rrw),
    )


def _groups_table(groups: Sequence[GroupImportance], name_of: Callable[[str], str]) -> Table:
    rows = [
        (
            name_of(one.service),
            f"{one.kind} {one.key}",
            str(one.ci_count),
            _minutes_words(one),
            share_words(one.criticality),
            ratio_words(one.fussell_vesely),
            ratio_words(one.raw),
            ratio_words(one.rrw),
            one.label.value,
        )
        for one in groups[:MOST_ROWS]
    ]
    columns = (
        "service", "group", "CIs", "minutes a year", "of the downtime", "FV", "RAW", "RRW",
        "label",
    )  # fmt: skip
    return Table(columns=columns, rows=rows, title=title_of("Groups", len(rows), len(groups)))


def _minutes_words(one: CiImportance | GroupImportance) -> str:
    if one.minutes is None:
        return "unknown"
    if one.label is Label.EXACT:
        return amount_words(one.minutes)
    least, most = amount_words(one.minutes_lower), amount_words(one.minutes_upper)
    return most if least == most else f"{least} .. {most}"


def _totals_table(answer: ImportanceAnswer, name_of: Callable[[str], str]) -> Table:
    shown = answer.totals[:_MOST_TOTALS]
    rows = [
        (
            one.name or one.native_id,
            "unknown" if one.minutes is None else amount_words(one.minutes),
            str(one.service_count),
            str(one.alone_count),
            "-" if one.worst_service is None else name_of(one.worst_service),
            amount_words(one.worst_minutes),
        )
        for one in shown
    ]
    columns = ("CI", "minutes a year", "services", "alone downs", "most in", "of these")
    title = title_of(_AT_STAKE + " all services", len(shown), answer.total_count)
    return Table(columns=columns, rows=rows, title=title)


def _group_totals_table(totals: Sequence[GroupTotal], name_of: Callable[[str], str]) -> Table:
    shown = totals[:_MOST_TOTALS]
    rows = [
        (
            f"{one.kind} {one.key}",
            "unknown" if one.minutes is None else amount_words(one.minutes),
            str(one.service_count),
            "-" if one.worst_service is None else name_of(one.worst_service),
            amount_words(one.worst_minutes),
            one.label.value,
        )
        for one in shown
    ]
    columns = ("group", "minutes a year", "services", "most in", "of these", "label")
    title = title_of("Groups, over all services", len(shown), len(totals))
    return Table(columns=columns, rows=rows, title=title)
