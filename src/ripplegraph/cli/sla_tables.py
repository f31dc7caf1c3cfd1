"""The tables of ``sla``: all SLAs worst first, or the SLAs of one service whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.proposal_tables import proposal_parts
from ripplegraph.cli.words import NOTHING, counted, percent_words
from ripplegraph.impact.agreements.values import Unavailability, Verdict
from ripplegraph.visualize.availability_words import (
    amount_words,
    availability_words,
    floor_words,
    interval_words,
    share_words,
)

if TYPE_CHECKING:
    from ripplegraph.impact.agreements.values import ContributionShare, SlaAnswer, SlaVerdict

_BAR_WIDTH = 24
_MOST_ROWS = 12
_MOST_NAMES = 6
_PARTITIONS = (
    ("Where the expected downtime comes from, by agreement", ("OLA", "UPC", "none")),
    ("By CI", ("ci",)),
    ("By team", ("team",)),
    ("By supplier", ("supplier",)),
    ("By class", ("class",)),
)
_NAMELESS = {
    "none": "no agreement",
    "team": "no team",
    "supplier": "no supplier",
    "class": "no class",
}


def slas_parts(answer: SlaAnswer) -> list[Part]:
    """Return headline, one row per SLA and service, and what the verdicts rest on."""
    counts = Counter(one.verdict for one in answer.slas)
    listed = ", ".join(
        f"{counts[one]} {one.value}"
        for one in (Verdict.MISSED, Verdict.UNPROVABLE, Verdict.MET)
        if counts[one]
    )
    parts: list[Part] = [f"{counted(len(answer.slas), 'SLA', 'SLAs')}: {listed or 'none'}."]
    if answer.slas:
        columns = (
            "verdict", "SLA", "service", "target", "expected", "window", "budget", "downtime",
            "left", "window kept", "most from",
        )  # fmt: skip
        parts.append(Table(columns=columns, rows=[_row(one) for one in answer.slas]))
    parts.extend(_listed("Missing", _missing_lines(answer.slas)))
    parts.extend(_listed("Without proposals", _without_proposals(answer.slas)))
    parts.extend(_about(answer))
    return parts


def sla_parts(answer: SlaAnswer, *, none: str) -> list[Part]:
    """Return each SLA whole: verdict, the numbers side by side, and who takes how much.

    ``none`` says that there is no SLA.
    """
    parts: list[Part] = []
    for one in answer.slas:
        parts.extend(_whole(one))
    if not answer.slas:
        parts.append(none)
    parts.extend(_about(answer))
    return parts


def sla_csv(answer: SlaAnswer) -> Table:
    """Return one row per SLA and service."""
    columns = (
        "verdict", "agreement", "agreement_name", "customer", "service", "name", "target",
        "window", "window_start", "window_end", "agreed_minutes", "budget_minutes",
        "independent_lower", "independent_upper", "label", "headroom_minutes_least",
        "headroom_minutes_most", "naive_product", "naive_tree", "p_window_met", "coverage",
        "verdict_contractual_worst", "contractual_worst_lower", "contractual_worst_upper",
        "contractual_worst_covered_lower", "contractual_worst_covered_upper",
        "contractual_best_lower", "contractual_best_upper",
    )  # fmt: skip
    return Table(columns=columns, rows=[_cells(one) for one in answer.slas])


def _cells(one: SlaVerdict) -> tuple[str, ...]:
    least, most = one.headroom_minutes
    values = (
        one.verdict.value, one.agreement.agreement_id, one.agreement.name, one.agreement.customer,
        one.service, one.name, one.target, str(one.agreement.window),
        one.window_start.isoformat(), one.window_end.isoformat(), one.agreed_minutes,
        one.budget_minutes, 1.0 - one.independent.upper, 1.0 - one.independent.lower,
        one.label.value, least, most, one.naive_product, one.naive_tree, one.p_window_met,
        one.coverage, one.verdict_contractual_worst.value,
        *_fractions(one.contractual_worst), *_fractions(one.contractual_worst_covered),
        *_fractions(one.contractual_best),
    )  # fmt: skip
    return tuple("" if value is None else str(value) for value in values)


def _fractions(one: Unavailability) -> tuple[float, float]:
    """Return an unavailability as the least and the most availability."""
    return 1.0 - one.upper, 1.0 - one.lower


def _row(one: SlaVerdict) -> tuple[str, ...]:
    return (
        one.verdict.value,
        one.agreement.name or one.agreement.agreement_id,
        one.name or one.native_id,
        percent_words(one.target),
        unavailability_words(one.independent),
        str(one.agreement.window),
        minutes_words(one.budget_minutes),
        _between(
            one.independent.lower * one.agreed_minutes, one.independent.upper * one.agreed_minutes
        ),
        _left_words(one),
        NOTHING if one.p_window_met is None else share_words(one.p_window_met),
        _most_from(one),
    )


def _whole(one: SlaVerdict) -> Iterator[Part]:
    yield "\n".join(_head_lines(one))
    yield Table(
        columns=("answer", "available", "downtime a window", "verdict"),
        rows=[*_answer_rows(one)],
        title="The answers side by side",
    )
    for title, kinds in _PARTITIONS:
        rows = [share for share in one.contributions if share.kind in kinds]
        if rows:
            yield _shares_table(title, rows)
    yield from _listed("Missing", _missing_lines([one]))
    yield from proposal_parts(one.proposals)
    if one.no_proposals:
        yield f"No proposals: {one.no_proposals}."


def _head_lines(one: SlaVerdict) -> Iterator[str]:
    agreement = one.agreement
    name = agreement.name or agreement.agreement_id
    customer = f" for {agreement.customer}" if agreement.customer else ""
    yield (
        f"{one.verdict.value}: {name}{customer}, {percent_words(one.target)} a "
        f"{agreement.window}, on {one.name or one.native_id}"
    )
    yield (
        f"Window {one.window_start:%Y-%m-%d %H:%M} to {one.window_end:%Y-%m-%d %H:%M} UTC: "
        f"{amount_words(one.agreed_minutes)} min agreed, {minutes_words(one.budget_minutes)} may "
        f"be down; left: {_left_words(one)}."
    )
    known = f"{one.coverage:.0%}" if one.coverage < 1.0 else "all"
    said = f"Inputs known: {known} of {counted(len(one.inputs), 'CI', 'CIs')} that can fail"
    if one.promised_share is not None:
        said += f"; {share_words(one.promised_share)} of the downtime rests on agreements"
    found_by = f"{one.method}; at worst by {one.contractual_method}"
    yield f"{said}. Found by: {found_by}."


def _answer_rows(one: SlaVerdict) -> Iterator[tuple[str, ...]]:
    minutes = one.agreed_minutes
    yield (
        "independent failures",
        unavailability_words(one.independent),
        _between(one.independent.lower * minutes, one.independent.upper * minutes),
        one.verdict.value,
    )
    for name, share, verdict in (
        ("agreements at worst", one.contractual_worst, one.verdict_contractual_worst.value),
        ("at worst, promises in all hours", one.contractual_worst_covered, NOTHING),
        ("agreements at best", one.contractual_best, NOTHING),
    ):
        yield (
            name,
            unavailability_words(share),
            _between(share.lower * minutes, share.upper * minutes),
            verdict,
        )
    if one.p_window_met is not None:
        yield ("chance that one window is kept", share_words(one.p_window_met), NOTHING, NOTHING)
    for name, value in (
        ("spreadsheet: product", one.naive_product),
        ("spreadsheet: tree", one.naive_tree),
    ):
        if value is not None:
            yield (
                name,
                availability_words(1.0 - value),
                minutes_words((1.0 - value) * minutes),
                "wrong where CIs are shared or redundant",
            )
        else:
            why = "an availability is unknown" if one.missing else "CIs depend on each other"
            yield (name, NOTHING, NOTHING, f"none: {why}")


def _shares_table(title: str, shares: Sequence[ContributionShare]) -> Table:
    most = max(abs(one.minutes) for one in shares) or 1.0
    has_cis = shares[0].kind == "ci"
    rows: list[tuple[str, ...]] = [
        (
            _share_name(one),
            "#" * max(1, round(_BAR_WIDTH * one.minutes / most)) if one.minutes > 0 else "",
            NOTHING if one.percent is None else f"{one.percent:.1f}%",
            minutes_words(one.minutes),
            minutes_words(one.gain_if_perfect_minutes),
            *((one.agreement or NOTHING,) if has_cis else ()),
        )
        for one in shares[:_MOST_ROWS]
    ]
    if len(shares) > _MOST_ROWS:
        title += f" ({_MOST_ROWS} of {len(shares)}; --json has more)"
    columns = (
        "who", "share", "percent", "minutes", "saves if perfect",
        *(("agreement",) if has_cis else ()),
    )  # fmt: skip
    return Table(columns=columns, rows=rows, title=title)


def _share_name(one: ContributionShare) -> str:
    """Return the name of a row; an agreement with its kind where its name does not say it."""
    name = one.name or one.id or _NAMELESS.get(one.kind, NOTHING)
    is_agreement = one.kind in ("OLA", "UPC") and not name.casefold().startswith(
        one.kind.casefold()
    )
    return f"{one.kind} {name}" if is_agreement else name


def unavailability_words(one: Unavailability) -> str:
    """Return an availability with enough nines, or the two that it lies between."""
    return availability_words(one.lower) if one.is_known else interval_words(one.lower, one.upper)


def minutes_words(minutes: float) -> str:
    """Return minutes of a window; short ones in seconds."""
    if minutes and abs(minutes) < 1.0:
        return f"{amount_words(minutes * 60)} s"
    return f"{amount_words(minutes)} min"


def _between(least: float, most: float) -> str:
    one, other = minutes_words(least), minutes_words(most)
    return one if one == other else f"{one} .. {other}"


def _left_words(one: SlaVerdict) -> str:
    """Return the minutes left of the budget, or beyond it; never better than they are."""
    least, most = (_budget_words(minutes) for minutes in one.headroom_minutes)
    return least if least == most else f"{least} .. {most}"


def _budget_words(minutes: float) -> str:
    if minutes < 0:
        return f"{minutes_words(-minutes)} over"
    return f"{floor_words(minutes)} min" if minutes >= 1 else f"{floor_words(minutes * 60)} s"


def _most_from(one: SlaVerdict) -> str:
    rows = [share for share in one.contributions if share.kind in ("OLA", "UPC", "none")]
    if not rows or rows[0].percent is None:
        return NOTHING
    return f"{_share_name(rows[0])} {rows[0].percent:.0f}%"


def _missing_lines(rows: Iterable[SlaVerdict]) -> Iterator[str]:
    """Yield the CIs of unknown availability, those first that most SLAs wait for."""
    waiting = Counter(
        own.name or own.native_id
        for one in rows
        for own in one.inputs
        if own.unavailability is None
    )
    ordered = sorted(waiting, key=lambda name: (-waiting[name], name))
    for name in ordered[:_MOST_NAMES]:
        yield f"availability of {name} ({counted(waiting[name], 'SLA', 'SLAs')})"
    if len(ordered) > _MOST_NAMES:
        yield f"and of {len(ordered) - _MOST_NAMES} more; --json lists them all"


def _without_proposals(rows: Iterable[SlaVerdict]) -> Iterator[str]:
    """Yield why SLAs that are not met have no proposals, with their names."""
    named: dict[str, list[str]] = {}
    for one in rows:
        if one.no_proposals:
            name = one.agreement.name or one.agreement.agreement_id
            named.setdefault(one.no_proposals, []).append(name)
    for why, names in named.items():
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield f"{', '.join(names[:_MOST_NAMES])}{more}: {why}"


def _about(answer: SlaAnswer) -> Iterator[Part]:
    yield from _listed(
        "Not judged, as they promise no availability or cover nothing", answer.not_judged
    )
    yield from _listed("Findings", (f"{one.code}: {one.message}" for one in answer.findings))
    yield from _listed("What the verdicts rest on", answer.assumptions)


def _listed(title: str, lines: Iterable[str]) -> Iterator[Part]:
    listed = list(lines)
    if listed:
        yield "\n".join([f"{title}:", *(f"- {line}" for line in listed)])
