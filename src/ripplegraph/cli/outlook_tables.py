"""The tables of ``at``, ``forecast`` and ``breaches``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ripplegraph.cli.measured_words import moment_words, seconds_words, window_words
from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import (
    NOTHING,
    chain_words,
    counted,
    name_words,
    names_words,
    percent_words,
    words_or_nothing,
)

if TYPE_CHECKING:
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.timeline.breaches import Breach
    from ripplegraph.impact.timeline.outlook import BreachForecast, SlaOutlook
    from ripplegraph.impact.timeline.state_at import StateAnswer

_OUTLOOK_COLUMNS = (
    "SLA", "service", "status", "target", "budget", "budget left", "breach", "burn 1 h",
    "burn 24 h", "burn 7 d", "chance of a breach", "rests on",
)  # fmt: skip
_SHOWN_BURNS = (1, 24, 168)


def state_parts(answer: StateAnswer, graph: ServiceGraph) -> list[Part]:
    """Return headline, incidents in the order to fix them, services, and their SLAs."""
    counts = Counter(one.interval.status.word for one in answer.services)
    listed = ", ".join(
        f"{counts[word]} {word}" for word in ("down", "degraded", "at_risk") if counts[word]
    )
    head = f"{moment_words(answer.moment)}: {counted(len(answer.services), 'service', 'services')}"
    parts: list[Part] = [f"{head} not up ({listed})." if listed else f"{head} not up."]
    if answer.incidents:
        parts.append(_incidents_table(answer, graph))
    if answer.services:
        rows = [
            (
                one.interval.status.word,
                one.service_name,
                moment_words(one.interval.start, none="always"),
                "yes" if one.interval.in_maintenance else "no",
                names_words(graph, one.interval.root_cis),
                chain_words(graph, one.interval.because) or NOTHING,
            )
            for one in answer.services
        ]
        columns = ("status", "service", "since", "in maintenance", "roots", "because")
        parts.append(Table(columns=columns, rows=rows, title="Services that are not up"))
    if answer.outlooks:
        parts.append(_outlook_table(answer.outlooks, answer.moment, "Their SLAs"))
    return parts


def state_csv(answer: StateAnswer) -> Table:
    """Return one row per SLA of a service that is not up."""
    return _outlook_csv(answer.outlooks, answer.moment)


def _incidents_table(answer: StateAnswer, graph: ServiceGraph) -> Table:
    rows = [
        (
            str(place),
            name_words(graph, one.ci),
            one.status.word,
            str(len(one.services_down)),
            str(len(one.services_impaired)),
            words_or_nothing(one.slas),
            ", ".join(
                f"{amount} {currency}".strip() for currency, amount in one.cost_per_minute.items()
            )
            or NOTHING,
            f"{100 * one.budget_share_per_minute:.2f}%" if one.slas else NOTHING,
            moment_words(one.breach_at, none=NOTHING),
            one.owner_team or NOTHING,
            one.supplier or NOTHING,
            "; ".join(cause.cause or cause.kind for cause in one.causes) or NOTHING,
        )
        for place, one in enumerate(answer.incidents, start=1)
    ]
    columns = (
        "fix", "CI", "status", "services down", "impaired", "SLAs impacted", "cost a minute",
        "budget a minute", "first breach", "team", "supplier", "cause",
    )  # fmt: skip
    return Table(columns=columns, rows=rows, title="Incidents, the dearest first")


def _counts_words(words: Sequence[str], order: Sequence[str]) -> str:
    counts = Counter(words)
    return ", ".join(f"{counts[word]} {word}" for word in order if counts[word])


def _cost_words(cost: Mapping[str, Decimal]) -> str:
    words = (f"{amount} {currency}".strip() for currency, amount in cost.items())
    return words_or_nothing(tuple(words))


def forecast_parts(found: Sequence[SlaOutlook], now: datetime) -> list[Part]:
    """Return headline, the SLAs with the most endangered first, and how it was computed."""
    gone = sum(one.is_breached for one in found)
    head = f"{moment_words(now)}: {counted(len(found), 'SLA', 'SLAs')} in force, {gone} breached."
    parts: list[Part] = [head]
    if found:
        parts.append(_outlook_table(found, now, ""))
        methods = sorted({one.forecast.method for one in found if one.forecast is not None})
        parts.extend(f"Chance of a breach by the end of the window, {one}." for one in methods)
    return parts


def forecast_csv(found: Sequence[SlaOutlook], now: datetime) -> Table:
    """Return one row per SLA."""
    return _outlook_csv(found, now)


def _outlook_table(found: Iterable[SlaOutlook], now: datetime, title: str) -> Table:
    rows = []
    for one in found:
        burns = {rate.hours: rate.rate for rate in one.burn_rates}
        rows.append(
            (
                one.agreement.name or one.agreement.agreement_id,
                one.service_name,
                one.status.word,
                percent_words(one.agreement.target_availability or one.agreement.degraded_weight),
                seconds_words(one.budget_seconds),
                seconds_words(one.budget_left_seconds),
                _breach_words(one, now),
                *(
                    NOTHING if burns[hours] is None else f"{float(burns[hours] or 0):.1f}x"
                    for hours in _SHOWN_BURNS
                ),
                _chance_words(one.forecast),
                _basis_words(one.forecast),
            )
        )
    return Table(columns=_OUTLOOK_COLUMNS, rows=rows, title=title)


def _breach_words(one: SlaOutlook, now: datetime) -> str:
    if one.is_breached:
        return f"since {moment_words(one.breach_at)}"
    left = one.seconds_to_breach(now)
    if left is None:
        return "not in this window" if one.counts_now else NOTHING
    return f"in {seconds_words(left)}, {moment_words(one.breach_at)}"


def _chance_words(forecast: BreachForecast | None) -> str:
    if forecast is None or forecast.probability is None:
        return "unknown"
    words = _percent(forecast.probability)
    if forecast.lower is None or forecast.upper is None or forecast.lower == forecast.upper:
        return words
    return f"{words} ({_percent(forecast.lower)} .. {_percent(forecast.upper)})"


def _percent(chance: float) -> str:
    """Return a chance as a percent; what is not sure is shown as neither 0 % nor 100 %."""
    if 0 < chance < 0.001:
        return "<0.1%"
    if 0.999 < chance < 1:
        return ">99.9%"
    return f"{100 * chance:.1f}%"


def _basis_words(forecast: BreachForecast | None) -> str:
    if forecast is None:
        return "rolling window"
    if not forecast.basis:
        return "no failure frequency known"
    if forecast.basis == "derived":
        return "derived from dependencies"
    return f"measured, {counted(forecast.failures, 'outage', 'outages')}"


def _outlook_csv(found: Sequence[SlaOutlook], now: datetime) -> Table:
    columns = (
        "service", "service_name", "agreement", "customer", "window_start", "window_end",
        "status", "counts_now", "since", "agreed_seconds", "used_seconds", "budget_seconds",
        "budget_left_seconds", "is_breached", "breach_at", "seconds_to_breach",
    )  # fmt: skip
    more = ("probability", "lower", "upper", "basis")
    from ripplegraph.api.schemas.outlook import SlaOutlookOut

    rows = []
    for one in found:
        cells = SlaOutlookOut.of(one, now).model_dump()
        chances = cells["forecast"] or {}
        texts = [cells[name] for name in columns] + [chances.get(name) for name in more]
        rows.append(["" if text is None else str(text) for text in texts])
    return Table(columns=columns + more, rows=rows)


def breaches_parts(found: Sequence[Breach], now: datetime) -> list[Part]:
    """Return headline and the breaches, the gravest first."""
    counts = Counter(one.severity.value for one in found)
    listed = ", ".join(
        f"{counts[word]} {word}" for word in ("critical", "major", "minor") if counts[word]
    )
    head = f"{counted(len(found), 'breach', 'breaches')} up to {moment_words(now)}"
    parts: list[Part] = [f"{head}: {listed}." if listed else f"{head}."]
    if found:
        parts.append(_breaches_table(found))
    return parts


def _breaches_table(found: Sequence[Breach]) -> Table:
    rows = []
    for one in found:
        report = one.report
        parties = ", ".join(f"{party} {seconds_words(amount)}" for party, amount in one.parties)
        amount = "" if report.penalty_amount is None else str(report.penalty_amount)
        due = f"{amount} {report.agreement.cost_currency}".strip() if amount else ""
        rows.append(
            (
                one.severity.value,
                report.agreement.name or report.agreement.agreement_id,
                report.service_name,
                report.agreement.customer or NOTHING,
                window_words(report.window_start, report.window_end),
                moment_words(one.breached_at, none=NOTHING),
                seconds_words(one.over_seconds),
                seconds_words(report.down_seconds),
                parties or NOTHING,
                ", ".join(row.name or row.ci_id for row in report.attribution[:3]) or NOTHING,
                "; ".join(text for text in (due, report.penalty) if text) or NOTHING,
            )
        )
    columns = (
        "severity", "SLA", "service", "customer", "window", "breached at", "over budget", "down",
        "answered for by", "most from", "penalty",
    )  # fmt: skip
    return Table(columns=columns, rows=rows)


def breaches_csv(found: Sequence[Breach]) -> Table:
    """Return one row per breach."""
    columns = (
        "severity", "service", "service_name", "agreement", "customer", "window_start",
        "window_end", "breached_at", "down_seconds", "budget_seconds", "over_seconds",
        "outage_count", "party", "penalty", "penalty_amount",
    )  # fmt: skip
    from ripplegraph.api.schemas.outlook import BreachOut

    rows = []
    for one in found:
        cells = BreachOut.of(one).model_dump()
        rows.append(["" if cells[name] is None else str(cells[name]) for name in columns])
    return Table(columns=columns, rows=rows)
