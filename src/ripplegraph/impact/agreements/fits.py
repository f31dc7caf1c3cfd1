"""Which agreements stand behind which, and the findings where their hours or windows differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.findings import Finding, FindingCollector, sorted_findings
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import agreement_words, day_words
from ripplegraph.graph.zone_offsets import zone_named
from ripplegraph.impact.agreements.agreed_windows import AgreedWindows
from ripplegraph.impact.agreements.answering import (
    Answering,
    answering_agreements,
    inclusive_cis,
)
from ripplegraph.impact.agreements.beneath import labels_beneath
from ripplegraph.impact.agreements.coverage import Fit, fit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FitAnswer:
    """How far agreements fit those that they rest on.

    Parameters
    ----------
    fits
        Every pair whose hours or windows differ, most uncovered minutes first.
    findings
        One per agreement behind and kind of mismatch.
    """

    fits: tuple[Fit, ...]
    findings: tuple[Finding, ...]


def agreement_fits(graph: ServiceGraph, *, at: datetime) -> FitAnswer:
    """Return where hours and windows of agreements in force differ from those behind them.

    Parameters
    ----------
    at
        Aware; the windows that contain it are compared.

    Notes
    -----
    An SLA rests on the agreements that answer for the CIs beneath its services, nothing beneath
    an inclusive one; an OLA on the contracts behind it.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> agreement_fits(graph_of("shop -> db"), at=datetime(2026, 3, 1, tzinfo=UTC)).fits
    ()
    """
    answering = answering_agreements(graph, at)
    windows = AgreedWindows(graph=graph, at=at)
    behind: dict[tuple[str, str, str], list[Fit]] = {}
    fits: list[Fit] = []
    for promised, other in _pairs(graph, answering, at):
        fit = fit_of(windows, promised, other)
        if fit.has_hours_mismatch or fit.has_window_mismatch:
            fits.append(fit)
            behind.setdefault(_key(other), []).append(fit)
    fits.sort(key=lambda one: (-one.uncovered_seconds, _key(one.promised), _key(one.behind)))
    return FitAnswer(fits=tuple(fits), findings=_findings(windows, behind.values()))


def _key(agreement: Agreement) -> tuple[str, str, str]:
    return agreement.agreement_id, agreement.kind.value, str(agreement.valid_from)


def _pairs(
    graph: ServiceGraph, answering: Mapping[int, Answering], at: datetime
) -> Iterable[tuple[Agreement, Agreement]]:
    """Yield each agreement with each one that it rests on, once."""
    slas = [
        (agreement, covered)
        for agreement, covered in zip(graph.agreements, graph.covered, strict=True)
        if agreement.kind is AgreementKind.SLA and agreement.is_in_force_at(at)
    ]
    services = sorted({ci for _, covered in slas for ci in covered})
    beneath = agreements_beneath(graph, services, answering)
    for agreement, covered in slas:
        resting = {_key(one): one for ci in covered for one in beneath[ci]}
        yield from ((agreement, resting[key]) for key in sorted(resting))
    backed: dict[tuple[tuple[str, str, str], ...], tuple[Agreement, Agreement]] = {}
    for one in answering.values():
        for contract in one.backs:
            if one.agreement.kind is AgreementKind.OLA and contract.kind is AgreementKind.UPC:
                pair = (one.agreement, contract)
                backed.setdefault((_key(pair[0]), _key(pair[1])), pair)
    yield from (backed[key] for key in sorted(backed))


def agreements_beneath(
    graph: ServiceGraph, services: Sequence[int], answering: Mapping[int, Answering]
) -> dict[int, tuple[Agreement, ...]]:
    """Return for each service the agreements that answer for what it rests on.

    Parameters
    ----------
    services
        Numbers of CIs.
    answering
        By CI number, see :func:`answering_agreements`.

    Notes
    -----
    Nothing beneath a CI of inclusive promise counts.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> agreements_beneath(graph_of("shop -> db"), [0], {})
    {0: ()}
    """
    place: dict[int, int] = {}
    distinct: list[Agreement] = []
    for one in answering.values():
        if id(one.agreement) not in place:
            place[id(one.agreement)] = len(distinct)
            distinct.append(one.agreement)
    labels = {ci: (place[id(one.agreement)],) for ci, one in answering.items()}
    found = labels_beneath(graph, services, labels, inclusive_cis(answering))
    return {
        service: tuple(sorted((distinct[one] for one in found[service]), key=_key))
        for service in services
    }


# --- findings ------------------------------------------------------------------------------------


def _findings(windows: AgreedWindows, behind: Iterable[Sequence[Fit]]) -> tuple[Finding, ...]:
    collector = FindingCollector()
    for fits in behind:
        hours = [fit for fit in fits if fit.has_hours_mismatch]
        if hours:
            worst = max(hours, key=lambda fit: fit.uncovered_seconds / fit.agreed_seconds)
            words = _hours_words(worst, zone_named(windows.zone_of(worst.promised)))
            _report(collector, "coverage-mismatch", worst, words, len(hours))
        lengths = [fit for fit in fits if fit.has_window_mismatch]
        if lengths:
            worst = max(lengths, key=_more_seconds)
            zones = (windows.zone_of(worst.behind), windows.zone_of(worst.promised))
            words = _window_words(worst, zones)
            _report(collector, "window-mismatch", worst, words, len(lengths))
    return sorted_findings(collector.findings())


def _hours_words(fit: Fit, zone: tzinfo) -> str:
    share = 100.0 * fit.uncovered_seconds / fit.agreed_seconds
    return (
        f"does not cover {fit.uncovered_seconds / 60:,.0f} of the {fit.agreed_seconds / 60:,.0f} "
        f"minutes ({share:.1f} %) that {agreement_words(fit.promised)} promises from "
        f"{day_words(fit.start.astimezone(zone))} to {day_words(fit.end.astimezone(zone))}"
    )


def _window_words(fit: Fit, zones: tuple[str, str]) -> str:
    allowed, even = float(fit.budget_seconds or 0), float(fit.even_budget_seconds or 0)
    names = [f" of {zone or 'UTC'}" for zone in zones] if zones[0] != zones[1] else ["", ""]
    return (
        f"is measured by {fit.behind.window}{names[0]}, {agreement_words(fit.promised)} by "
        f"{fit.promised.window}{names[1]}: {allowed / 60:,.1f} minutes of downtime may "
        f"fall into one window, spread evenly it would be {even / 60:,.1f}"
    )


def _more_seconds(fit: Fit) -> float:
    return float((fit.budget_seconds or 0) - (fit.even_budget_seconds or 0))


def _report(collector: FindingCollector, code: str, fit: Fit, words: str, count: int) -> None:
    behind = fit.behind
    more = "" if count == 1 else f"; the most of {count:,} agreements that rest on it"
    text = f"{agreement_words(behind)} {words}{more}"
    collector.add(code, text, file=behind.file, row=behind.row, count=count)
