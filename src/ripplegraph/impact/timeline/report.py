"""Reports on service levels: one per SLA of a service and window (semantics.md section 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from ripplegraph.graph.agreements import Agreement, AgreementKind, Window
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import intersection_of
from ripplegraph.impact.timeline.attribution import Attributions, attribution_rows
from ripplegraph.impact.timeline.budget_use import used_up_at
from ripplegraph.impact.timeline.counting import Measure, MeasuredHistory, measure
from ripplegraph.impact.timeline.forecasts import with_offerings
from ripplegraph.impact.timeline.moments import whole_second
from ripplegraph.impact.timeline.observation import ASSUMED
from ripplegraph.impact.timeline.outage_rows import service_outages
from ripplegraph.impact.timeline.values import (
    FurtherTarget,
    LevelReport,
    OutageClass,
    ReportAnswer,
    ServiceOutage,
    TrendPoint,
    Verdict,
)
from ripplegraph.impact.timeline.windows import (
    AskedWindow,
    WindowPart,
    part_in_force,
    window_before,
    window_of,
)

TREND_WINDOWS = 6
_CENT = Decimal("0.01")


def service_level_reports(
    graph: ServiceGraph,
    *,
    now: datetime,
    services: Sequence[str] | None = None,
    window: AskedWindow | None = None,
    trend_windows: int = TREND_WINDOWS,
    windows_back: int = 0,
) -> ReportAnswer:
    """Return a report per SLA of each service and window.

    Parameters
    ----------
    graph
        With every dependency, agreement and outage; each counts while it is valid.
    now
        Aware; windows are measured up to then.
    services
        Texts that name services; SLAs on their offerings count too. None is every SLA.
    window
        None is the window of each agreement that holds now.
    trend_windows
        How many windows the trend shows, this one included, >= 0.
    windows_back
        How many windows before the one meant, >= 0: 1 is the window before.

    Returns
    -------
    ReportAnswer
        By service, agreement and start. A window across two versions of an agreement gives a
        report for each version.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If a text names several.
    ValueError
        If ``now`` has no time zone.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from datetime import UTC, timedelta
    >>> from graph_building import graph_of
    >>> from ripplegraph.graph.outages import Outage
    >>> from ripplegraph.impact.timeline.windows import parse_window
    >>> start = datetime(2026, 11, 3, tzinfo=UTC)
    >>> outage = Outage(ci="db", start=start, end=start + timedelta(hours=1))
    >>> sla = Agreement(
    ...     agreement_id="gold", kind=AgreementKind.SLA, target_availability=Decimal("0.999")
    ... )
    >>> graph = replace(
    ...     graph_of("shop -> db"),
    ...     outages=(outage,),
    ...     outage_ci=(1,),
    ...     agreements=(sla,),
    ...     covered=((0,),),
    ... )
    >>> answer = service_level_reports(
    ...     graph, now=datetime(2026, 12, 1, tzinfo=UTC), window=parse_window("2026-11")
    ... )
    >>> found = answer.reports[0]
    >>> found.down_seconds, int(found.budget_left_seconds), found.verdict.value
    (3600, -1008, 'missed')
    """
    chosen = None if services is None else with_offerings(graph, services)
    pairs = tuple(_pairs(graph, chosen))
    measured = tuple(dict.fromkeys(service for _, service in pairs))
    history = MeasuredHistory(graph=graph, now=whole_second(now), services=measured)
    case = _Case(
        history=history, asked=window, trend_windows=trend_windows, windows_back=windows_back
    )
    reports = [report for position, service in pairs for report in case.reports(position, service)]
    return ReportAnswer(
        now=whole_second(now),
        reports=tuple(
            sorted(
                reports,
                key=lambda one: (one.service, one.agreement.agreement_id, one.window_start),
            )
        ),
        notes=tuple(_notes(graph, chosen)),
    )


def _pairs(graph: ServiceGraph, chosen: Sequence[int] | None) -> Iterator[tuple[int, int]]:
    """Yield the position of each SLA with each CI that it covers and that is asked for."""
    for position, (agreement, covered) in enumerate(
        zip(graph.agreements, graph.covered, strict=True)
    ):
        if agreement.kind is AgreementKind.SLA:
            for service in covered:
                if chosen is None or service in chosen:
                    yield position, service


def _notes(graph: ServiceGraph, chosen: Sequence[int] | None) -> Iterator[str]:
    if chosen is not None:
        return
    for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
        if agreement.kind is AgreementKind.SLA and not covered:
            name = agreement.name or agreement.agreement_id
            yield f"{name} covers nothing in the export: there is nothing to report on"


@dataclass(kw_only=True, eq=False)
class _Case:
    """What the reports of one answer share."""

    history: MeasuredHistory
    asked: AskedWindow | None
    trend_windows: int
    windows_back: int
    attributions: dict[float, Attributions] = field(default_factory=dict)

    def reports(self, position: int, service: int) -> Iterator[LevelReport]:
        """Yield the report of one version of an SLA on a service, if it holds in the window."""
        history = self.history
        agreement = history.graph.agreements[position]
        time_zone = history.time_zone(agreement)
        start, end = window_of(agreement, self.asked, history.now, time_zone)
        for _ in range(self.windows_back):
            start, end = window_before(start, end, self._window(agreement), time_zone), start
        part = part_in_force(agreement, start, end)
        if part is not None:
            yield self._report(
                service, agreement, part, self._trend(service, agreement, start, end)
            )

    def _report(
        self,
        service: int,
        agreement: Agreement,
        part: WindowPart,
        trend: tuple[TrendPoint, ...],
    ) -> LevelReport:
        history, graph = self.history, self.history.graph
        found = measure(history, service, agreement, part)
        timeline = history.timeline(agreement.planned_notice_hours)
        outages = service_outages(timeline, service, found, part)
        known = self.attributions.setdefault(
            agreement.planned_notice_hours, Attributions(timeline=timeline)
        )
        down = intersection_of(found.counted.time.down, found.hours)
        attributed = known.of(service, down)
        at = min(part.end, history.now)
        is_over = part.end <= history.now
        met = _met(found, agreement)
        used, counted = found.used_seconds, [one.seconds for one in outages if one.seconds]
        left = None if found.budget_seconds is None else found.budget_seconds - used
        whole = found.observed_seconds
        return LevelReport(
            service=graph.ci_ids[service],
            service_name=graph.cis.name[service],
            agreement=agreement,
            time_zone=history.time_zone(agreement),
            window_start=part.start,
            window_end=part.end,
            is_whole_window=part.is_whole,
            is_over=is_over,
            window_seconds=found.window_seconds,
            agreed_seconds=found.agreed_seconds,
            down_seconds=found.down_seconds,
            degraded_seconds=found.degraded_seconds,
            at_risk_seconds=found.at_risk_seconds,
            planned_seconds=found.planned_seconds,
            excluded_seconds=found.excluded_seconds,
            too_short_seconds=found.too_short_seconds,
            unobserved_seconds=found.elapsed_seconds - whole,
            availability=found.availability(),
            availability_downtime_rule=found.availability(whole),
            availability_period_rule=found.availability(whole - found.planned_seconds),
            target=agreement.target_availability,
            used_seconds=used,
            budget_seconds=found.budget_seconds,
            budget_left_seconds=left,
            met=met,
            verdict=_verdict(found, agreement, met),
            breached_at=used_up_at(found, agreement),
            outage_count=len(counted),
            longest_seconds=max(counted, default=0),
            mtbf_seconds=_mean(found.agreed_seconds - found.down_seconds, len(counted)),
            mtrs_seconds=_mean(found.down_seconds, len(counted)),
            penalty=agreement.penalty if met is False else "",
            penalty_amount=_penalty(agreement, left),
            further_targets=tuple(_further_targets(agreement, found, outages)),
            outages=outages,
            attribution=attribution_rows(graph, service, attributed, at),
            attribution_method=attributed.method,
            trend=trend,
            notes=tuple(self._report_notes(service, agreement, found, outages)),
        )

    def _window(self, agreement: Agreement) -> Window:
        return agreement.window if self.asked is None else self.asked.window

    def _trend(
        self, service: int, agreement: Agreement, start: datetime, end: datetime
    ) -> tuple[TrendPoint, ...]:
        """Return this window and those before it, oldest first."""
        window = self._window(agreement)
        time_zone = self.history.time_zone(agreement)
        points = []
        for _ in range(self.trend_windows):
            points.append(self._trend_point(service, agreement.agreement_id, start, end))
            start, end = window_before(start, end, window, time_zone), start
        return tuple(reversed(points))

    def _trend_point(
        self, service: int, agreement_id: str, start: datetime, end: datetime
    ) -> TrendPoint:
        """Return one window over all versions of an agreement."""
        graph = self.history.graph
        measures = [
            measure(self.history, service, agreement, part)
            for agreement, covered in zip(graph.agreements, graph.covered, strict=True)
            if agreement.agreement_id == agreement_id
            and agreement.kind is AgreementKind.SLA
            and service in covered
            for part in [part_in_force(agreement, start, end)]
            if part is not None
        ]
        seen = [one for one in measures if one.is_observed]
        agreed = sum(one.agreed_seconds for one in seen)
        used = sum((one.used_seconds for one in seen), Fraction(0))
        budgets = [one.budget_seconds for one in measures if one.budget_seconds is not None]
        return TrendPoint(
            start=start,
            end=end,
            agreed_seconds=agreed,
            used_seconds=used,
            budget_seconds=sum(budgets, Fraction(0)) if budgets else None,
            availability=(agreed - used) / agreed if agreed > 0 else None,
        )

    def _report_notes(
        self,
        service: int,
        agreement: Agreement,
        found: Measure,
        outages: Sequence[ServiceOutage],
    ) -> Iterator[str]:
        history = self.history
        if not history.time_zone(agreement):
            yield "the agreement names no time zone: windows are those of UTC"
        seen = history.observation(service)
        if seen is None:
            yield "nothing observed this service: the export holds no outage and no observed_from"
        elif seen.is_assumed:
            yield f"{ASSUMED}: CIs beneath without observed_from count as observed all the time"
        if self.asked is not None and self.asked.window != agreement.window:
            yield f"the agreement measures by {agreement.window}, not by the window asked for"
        if agreement.planned_notice_hours and any(one.planned_seconds for one in outages):
            yield (
                f"planned windows announced less than {agreement.planned_notice_hours:g} h ahead "
                "count as outages; without a date of announcement they count as announced"
            )
        if found.open_seconds and found.elapsed_seconds > found.observed_seconds:
            yield "part of the window was not observed"


def _met(found: Measure, agreement: Agreement) -> bool | None:
    """Return whether the target is kept, whatever the time that is open still brings."""
    if found.budget_seconds is None or not found.is_observed:
        return None
    if found.used_seconds > found.budget_seconds:
        return False
    worst = max(Fraction(1), Fraction(agreement.degraded_weight)) * found.open_seconds
    return True if found.used_seconds + worst <= found.budget_seconds else None


def _verdict(found: Measure, agreement: Agreement, met: bool | None) -> Verdict:
    if agreement.target_availability is None:
        return Verdict.NO_TARGET
    if met is not None:
        return Verdict.MET if met else Verdict.MISSED
    return Verdict.OPEN if found.is_observed else Verdict.NO_DATA


def _mean(seconds: int, count: int) -> Fraction | None:
    return Fraction(seconds, count) if count else None


def _penalty(agreement: Agreement, left: Fraction | None) -> Decimal | None:
    """Return what the minutes beyond the budget cost, to the cent."""
    if agreement.penalty_per_minute is None or left is None or left >= 0:
        return None
    amount = Fraction(agreement.penalty_per_minute) * -left / 60
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(_CENT)


def _further_targets(
    agreement: Agreement, found: Measure, outages: Sequence[ServiceOutage]
) -> Iterator[FurtherTarget]:
    counted = [one.seconds for one in outages if one.outage_class is OutageClass.COUNTED]
    mean = sum(counted) / len(counted) / 3600 if counted else None
    longest = max(counted, default=0) / 60
    rows: list[tuple[str, float | None, float | None]] = [
        ("outages", agreement.max_outages, len(counted)),
        ("longest_outage_minutes", agreement.longest_outage_minutes, longest),
        ("mtrs_hours", agreement.mtrs_hours, mean),
    ]
    for name, target, measured in rows:
        if target is None:
            continue
        is_kept = measured is None or measured <= target
        has_ended = not found.open_seconds
        is_settled = has_ended or (not is_kept and name != "mtrs_hours")
        yield FurtherTarget(
            name=name,
            target=target,
            measured=measured if found.is_observed else None,
            met=is_kept if is_settled and found.is_observed else None,
        )
