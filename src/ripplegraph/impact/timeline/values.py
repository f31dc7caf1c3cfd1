"""What reports on measured service levels say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import CiId
from ripplegraph.impact.timeline.shapley import ShareMethod


class OutageClass(StrEnum):
    """What an outage of a service is under an agreement; only counted ones use its budget."""

    COUNTED = "counted"
    PLANNED = "planned"
    EXCLUDED = "excluded"
    TOO_SHORT = "too_short"
    OUTSIDE_HOURS = "outside_hours"


class Verdict(StrEnum):
    """Where an agreement stands: a window that is not over, or not wholly seen, may be open."""

    MET = "met"
    MISSED = "missed"
    OPEN = "open"
    NO_DATA = "no_data"
    NO_TARGET = "no_target"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOutage:
    """One time without interruption in which a service was down, as far as a window saw it.

    Parameters
    ----------
    start, end
        UTC; of the whole outage, also outside the window and the hours. ``end`` is None while
        it goes on.
    outage_class
        What it counts as; ``counted`` if any second of it does.
    seconds
        Seconds that count: within the window and the agreed hours.
    planned_seconds, excluded_seconds
        Seconds there that planned outages alone, or together with excluded ones, explain.
    root_cis
        CIs whose own outage contributed at any time of it, sorted.
    because
        The shortest chain from the service to one of them when it began.
    causes
        What their records say: number, cause, change, and clause if excluded; sorted.
    """

    start: datetime
    end: datetime | None
    outage_class: OutageClass
    seconds: int
    planned_seconds: int
    excluded_seconds: int
    root_cis: tuple[CiId, ...]
    because: tuple[CiId, ...]
    causes: tuple[OutageCause, ...]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class OutageCause:
    """One record of an outage of a root CI, as the export has it."""

    ci_id: CiId
    external_id: str
    kind: str
    cause: str
    change: str
    excluded: str
    file: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The share of one CI in the seconds that count; shares of all CIs add up to them.

    Parameters
    ----------
    answering
        The agreement that answers for the CI: its OLA, else its underpinning contract; None if
        no agreement covers it.
    backing
        Ids of the others in force, sorted.
    changes
        Seconds of it that fell into outages of a change request, by its id.
    """

    ci_id: CiId
    name: str
    seconds: int
    changes: Mapping[str, int]
    owner_team: str
    supplier: str
    answering: Agreement | None
    backing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One window of a trend; ``availability`` is None without data."""

    start: datetime
    end: datetime
    agreed_seconds: int
    used_seconds: Fraction
    budget_seconds: Fraction | None
    availability: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherTarget:
    """A further promise of an agreement: number of outages, longest outage, time to restore.

    ``met`` is None while there is nothing to judge by.
    """

    name: str
    target: float
    measured: float | None
    met: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelReport:
    """One SLA of one service in one window, or in the part of it in which a version holds.

    Parameters
    ----------
    time_zone
        IANA name of the zone that the agreement measures in; "" is UTC.
    window_seconds
        Agreed seconds of the whole window since the service exists: those to come, too.
    agreed_seconds
        Those of them that are over and observed; under the rule ``period`` without planned ones.
    down_seconds
        Those that count as down. Degraded ones count by ``degraded_weight`` besides.
    availability
        ``(agreed - down) / agreed``, exact; None without data.
    availability_downtime_rule, availability_period_rule
        The same with planned time taken out of downtime only, and out of the denominator too.
    used_seconds, budget_seconds, budget_left_seconds
        Downtime with weighted degradation; ``(1 - target)`` of the window; what is left. Exact;
        None without a target.
    met
        None as long as it can still turn: time to come, or not observed, may use the budget up.
    breached_at
        The second that overdrew the budget, UTC; None if it is not.
    mtbf_seconds, mtrs_seconds
        ``(agreed - down) / outages`` and ``down / outages``; None without outages.
    unobserved_seconds
        Agreed seconds of the window that are over and that nothing observed.
    """

    service: CiId
    service_name: str
    agreement: Agreement
    time_zone: str
    window_start: datetime
    window_end: datetime
    is_whole_window: bool
    is_over: bool
    window_seconds: int
    agreed_seconds: int
    down_seconds: int
    degraded_seconds: int
    at_risk_seconds: int
    planned_seconds: int
    excluded_seconds: int
    too_short_seconds: int
    unobserved_seconds: int
    availability: Fraction | None
    availability_downtime_rule: Fraction | None
    availability_period_rule: Fraction | None
    target: Decimal | None
    used_seconds: Fraction
    budget_seconds: Fraction | None
    budget_left_seconds: Fraction | None
    met: bool | None
    verdict: Verdict
    breached_at: datetime | None
    outage_count: int
    longest_seconds: int
    mtbf_seconds: Fraction | None
    mtrs_seconds: Fraction | None
    penalty: str
    penalty_amount: Decimal | None
    further_targets: tuple[FurtherTarget, ...]
    outages: tuple[ServiceOutage, ...]
    attribution: tuple[Attribution, ...]
    attribution_method: ShareMethod
    trend: tuple[TrendPoint, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAnswer:
    """Reports on service levels, by service and agreement, and the sums over all of them."""

    now: datetime
    reports: tuple[LevelReport, ...]
    notes: tuple[str, ...]
