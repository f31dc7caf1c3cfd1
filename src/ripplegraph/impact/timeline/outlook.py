"""Where SLAs stand and where they go: budget left, time to breach, burn rate, chance of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np

from ripplegraph.graph.agreements import Agreement, WindowUnit
from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_time import (
    ServiceTime,
    epoch_second,
    total_seconds,
)
from ripplegraph.impact.availability.answers import availability
from ripplegraph.impact.timeline.budget_use import (
    Weighted,
    one_second,
    used_between,
    used_up_at,
    weighted_use,
)
from ripplegraph.impact.timeline.counting import MeasuredHistory, measure
from ripplegraph.impact.timeline.interval_sums import seconds_in
from ripplegraph.impact.timeline.moments import ALWAYS, moment_of
from ripplegraph.impact.timeline.outage_rows import counted_outages
from ripplegraph.impact.timeline.own_changes import View, outage_columns
from ripplegraph.impact.timeline.renewal import (
    FORECAST_METHOD,
    FailurePattern,
    overrun_probability,
    pattern_of,
)
from ripplegraph.impact.timeline.windows import WindowPart, part_in_force, window_of

BURN_HOURS = (1, 6, 24, 72, 168)
"""Hours over which burn rates are shown, as on-call teams alert on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnRate:
    """How fast the budget went in the last hours: 1 uses it up just at the end of the window.

    ``rate`` is None where there was no agreed time, or where the target leaves no budget.
    """

    hours: int
    rate: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachForecast:
    """The chance that the SLA is missed at the end of the window.

    Parameters
    ----------
    probability, lower, upper
        Fractions; the bounds come from those of the failure frequency at 90 % confidence.
        None where no frequency is known.
    basis
        ``measured`` from the service's own outages within agreed hours, ``derived`` from the
        dependencies, ``""`` if neither is known.
    failures
        Number of outages that it was measured from.
    mtbf_hours, mtrs_hours
        Agreed hours between failures and to restoration that it rests on.
    method
        How it was computed, in words.
    """

    probability: float | None
    lower: float | None
    upper: float | None
    basis: str
    failures: int
    mtbf_hours: float | None
    mtrs_hours: float | None
    method: str = FORECAST_METHOD


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaOutlook:
    """One SLA of one service at a moment.

    Parameters
    ----------
    time_zone
        IANA name of the zone that the agreement measures in; "" is UTC.
    status
        Of the service, by all outages.
    counts_now
        Share of each second that uses the budget now: 1 if it is down and that counts.
    since
        When the present status began; None if it never was otherwise.
    budget_left_seconds
        Exact; negative if overdrawn.
    breach_at
        When the budget is used up if the present status goes on; None if that is not within
        the window. In the past if it is breached.
    forecast
        None for rolling windows, which have no end.
    """

    service: CiId
    service_name: str
    agreement: Agreement
    time_zone: str
    window_start: datetime
    window_end: datetime
    status: Status
    counts_now: Fraction
    since: datetime | None
    agreed_seconds: int
    used_seconds: Fraction
    budget_seconds: Fraction
    budget_left_seconds: Fraction
    is_breached: bool
    breach_at: datetime | None
    burn_rates: tuple[BurnRate, ...]
    forecast: BreachForecast | None

    def seconds_to_breach(self, now: datetime) -> int | None:
        """Return clock seconds until the breach if the present status goes on; 0 if breached."""
        if self.breach_at is None:
            return None
        return max(0, int((self.breach_at - now).total_seconds()))


def outlook_of(
    history: MeasuredHistory,
    service: int,
    agreement: Agreement,
    *,
    with_forecast: bool = True,
    with_burn_rates: bool = True,
) -> SlaOutlook | None:
    """Return where an SLA of a service stands; None without a target, or if not in force.

    Parameters
    ----------
    history
        The past up to the moment asked about.
    service
        Number of a service on its time line.
    agreement
        A version that covers it.
    with_forecast
        False leaves the chance of a breach out.
    with_burn_rates
        False leaves the burn rates out, which take most of the time.
    """
    target, now = agreement.target_availability, history.now
    time_zone = history.time_zone(agreement)
    start, end = window_of(agreement, None, now, time_zone)
    part = part_in_force(agreement, start, end)
    is_rolling = agreement.window.unit is WindowUnit.ROLLING
    is_now = part is not None and (part.end > now or (is_rolling and part.end >= now))
    if part is None or target is None or not is_now or part.start > now:
        return None
    found = measure(history, service, agreement, part)
    budget = found.budget_seconds or Fraction(0)
    left = budget - found.used_seconds
    timeline = history.timeline(agreement.planned_notice_hours)
    times, statuses = timeline.steps_of(service)
    rate = _counts_now(history, service, agreement)
    until = part.end + timedelta(days=agreement.window.days) if is_rolling else part.end
    hours = history.hours(agreement, now, until)
    breach_at = used_up_at(found, agreement) if left < 0 else None
    if breach_at is None and rate:
        leaving = weighted_use(found, agreement) if is_rolling else None
        breach_at = _breach_at(left, rate, hours, leaving, part)
    graph = history.graph
    return SlaOutlook(
        service=graph.ci_ids[service],
        service_name=graph.cis.name[service],
        agreement=agreement,
        time_zone=time_zone,
        window_start=part.start,
        window_end=part.end,
        status=Status(int(statuses[-1])),
        counts_now=rate,
        since=None if times[-1] == ALWAYS else moment_of(int(times[-1])),
        agreed_seconds=found.agreed_seconds,
        used_seconds=found.used_seconds,
        budget_seconds=budget,
        budget_left_seconds=left,
        is_breached=left < 0,
        breach_at=breach_at,
        burn_rates=tuple(
            _burn_rate(history, service, agreement, hours_back)
            for hours_back in (BURN_HOURS if with_burn_rates else ())
        ),
        forecast=(
            _forecast(history, service, agreement, left, total_seconds(hours), rate)
            if with_forecast and not is_rolling
            else None
        ),
    )


def _counts_now(history: MeasuredHistory, service: int, agreement: Agreement) -> Fraction:
    """Return which share of a second uses the budget if the present goes on, in agreed hours."""
    timeline = history.timeline(agreement.planned_notice_hours)
    actual, excused = (
        int(timeline.steps_of(service, view)[1][-1]) for view in (View.ACTUAL, View.EXCUSED)
    )
    if actual == Status.DOWN and excused != Status.DOWN:
        return Fraction(1)
    if actual == Status.DEGRADED and excused < Status.DEGRADED:
        return Fraction(agreement.degraded_weight)
    return Fraction(0)


def _breach_at(
    left: Fraction,
    rate: Fraction,
    hours: ServiceTime,
    leaving: Weighted | None,
    part: WindowPart,
) -> datetime | None:
    """Return the first second in which more than what is left is used, if the present goes on.

    Of a rolling window the old downtime leaves at its start while new comes at its end.
    """
    if not len(hours):
        return None
    start, now = epoch_second(part.start), int(hours.starts[0])
    begin = epoch_second(part.end) if leaving is not None else now

    def is_over(moment: int) -> bool:
        came = rate * int(seconds_in(hours, one_second(begin), one_second(moment))[0])
        left_behind = (
            Fraction(0)
            if leaving is None
            else used_between(leaving, start, start + moment - begin)
        )
        return came - left_behind > left

    low, high = begin, begin
    for edge in _edges(hours, leaving, begin - start):
        if edge > begin:
            low, high = high, edge
            if is_over(high):
                break
    else:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_over(middle) else (middle, high)
    return moment_of(high - 1)


def _edges(hours: ServiceTime, leaving: Weighted | None, shift: int) -> list[int]:
    """Return the moments between which the use of a budget goes one way, up to the last hour.

    It only grows while nothing leaves: then the end is enough.
    """
    last = int(hours.ends[-1])
    if leaving is None:
        return [last]
    bounds = [hours.starts, hours.ends]
    for _, time in leaving:
        bounds += [time.starts + shift, time.ends + shift]
    found: list[int] = np.unique(np.concatenate(bounds)).tolist()
    return [one for one in found if one <= last]


def _burn_rate(
    history: MeasuredHistory, service: int, agreement: Agreement, hours: int
) -> BurnRate:
    target = Fraction(agreement.target_availability or 0)
    part = WindowPart(start=history.now - timedelta(hours=hours), end=history.now, is_whole=False)
    found = measure(history, service, agreement, part)
    allowed = (1 - target) * found.observed_seconds
    return BurnRate(hours=hours, rate=found.used_seconds / allowed if allowed else None)


def _forecast(
    history: MeasuredHistory,
    service: int,
    agreement: Agreement,
    left: Fraction,
    to_come: int,
    rate: Fraction,
) -> BreachForecast:
    pattern, basis, failures = failure_pattern(history, service, agreement)
    if pattern is None:
        is_certain = left < 0 or left >= to_come
        sure = (1.0 if left < 0 else 0.0) if is_certain else None
        return BreachForecast(
            probability=sure,
            lower=sure,
            upper=sure,
            basis=basis,
            failures=failures,
            mtbf_hours=None,
            mtrs_hours=None,
        )

    def chance(failures_per_second: float) -> float:
        return overrun_probability(
            failures_per_second=failures_per_second,
            restoration_seconds=pattern.restoration_seconds,
            left_seconds=float(left),
            to_come_seconds=float(to_come),
            is_down=rate == 1,
        )

    frequency = pattern.failures_per_second
    return BreachForecast(
        probability=chance(frequency),
        lower=chance(pattern.lower),
        upper=chance(pattern.upper),
        basis=basis,
        failures=failures,
        mtbf_hours=1 / frequency / 3600 if frequency else None,
        mtrs_hours=pattern.restoration_seconds / 3600,
    )


def failure_pattern(
    history: MeasuredHistory, service: int, agreement: Agreement
) -> tuple[FailurePattern | None, str, int]:
    """Return how often a service fails under an agreement, the basis, and the outages seen.

    Parameters
    ----------
    history
        The past: since the first outage on record where the observation is assumed.
    service
        Number of a service.
    agreement
        Whose hours and rules count.

    Returns
    -------
    tuple
        Measured if it was restored at least once; else derived from the dependencies, taken as
        even over the clock; else None.
    """
    begin = history_start(history, service)
    part = WindowPart(start=moment_of(begin), end=history.now, is_whole=False)
    if begin < epoch_second(history.now):
        found = measure(history, service, agreement, part)
        ends = counted_outages(found)
        failures = len(ends)
        up = found.agreed_seconds - found.down_seconds
        # what goes on is among them only once a second of it counts: not outside agreed hours
        goes_on = failures > 0 and int(ends[-1]) >= epoch_second(history.now)
        restorations = failures - (goes_on and _counts_now(history, service, agreement) == 1)
        if restorations and up > 0:
            measured = pattern_of(
                failures=failures,
                restorations=restorations,
                operating_seconds=up,
                down_seconds=found.down_seconds,
            )
            return measured, "measured", failures
    row = availability(history.graph, [history.graph.ci_ids[service]], at=history.now).services[0]
    if row.mtbf_hours is None or row.mean_down_time_hours is None:
        return None, "", 0
    rate = 1 / (row.mtbf_hours * 3600)
    derived = FailurePattern(
        failures_per_second=rate,
        restoration_seconds=row.mean_down_time_hours * 3600,
        lower=rate,
        upper=rate,
    )
    return derived, "derived", 0


def history_start(history: MeasuredHistory, service: int) -> int:
    """Return since when the past of a service is known: observed, or the first outage on record.

    Parameters
    ----------
    service
        Number of a service.
    """
    seen = history.observation(service)
    columns = outage_columns(history.graph)
    earliest = int(columns.start.min()) if len(columns.start) else epoch_second(history.now)
    return earliest if seen is None or seen.start == ALWAYS else seen.start
