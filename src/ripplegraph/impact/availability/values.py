"""Answers on availability: values that the edges shape into tables, JSON and pages.

Probabilities of failure are kept as they are (``unavailability``), never as ``1 - a``: 1e-13
keeps its digits. Times are hours or minutes as named; a year has 525,600 minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ripplegraph.graph.model import CiId

MINUTES_PER_YEAR = 525_600.0
"""365 days."""

HOURS_PER_YEAR = 8_760.0
"""365 days."""


class Label(StrEnum):
    """How far a number can be trusted: exact, between bounds, sampled, or with inputs missing."""

    EXACT = "exact"
    BOUNDED = "bounded"
    ESTIMATED = "estimated"
    INCOMPLETE = "incomplete"


class Level(StrEnum):
    """What counts as failed: the service is down, or it is at least degraded."""

    DOWN = "down"
    DEGRADED = "degraded"


class Basis(StrEnum):
    """Where the own availability of a CI comes from (semantics.md section 3)."""

    AGREEMENT = "agreement"
    MEASURED = "measured"
    AGREEMENT_TIME = "agreement_time"
    DECLARED = "declared"
    CLASS_DEFAULT = "class_default"
    LOGICAL = "logical"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReliability:
    """How reliable one CI is by itself, and how we know.

    Parameters
    ----------
    unavailability
        Share of time in which it is down by its own failures, a fraction; None if unknown.
    failures_per_year
        Own failures in a calendar year, >= 0; None if unknown.
    detail
        What the basis rests on, in words: the agreement, the period, the class.
    """

    ci_id: CiId
    native_id: str
    name: str
    basis: Basis
    unavailability: float | None
    failures_per_year: float | None
    detail: str = ""

    @property
    def mean_down_time_hours(self) -> float | None:
        """Mean time to restoration, hours; None where availability or frequency is unknown."""
        if self.unavailability is None or not self.failures_per_year:
            return None
        return self.unavailability * HOURS_PER_YEAR / self.failures_per_year

    @property
    def mtbf_hours(self) -> float | None:
        """Mean operating time between failures, hours; None as above."""
        if self.unavailability is None or not self.failures_per_year:
            return None
        return (1.0 - self.unavailability) * HOURS_PER_YEAR / self.failures_per_year


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAvailability:
    """The availability of one service.

    Parameters
    ----------
    availability, unavailability
        Fractions. Of a ``bounded`` row they are taken from the lower bound of the
        unavailability; None of an ``incomplete`` row, whose answer is the interval.
    lower, upper
        The unavailability lies between them. Equal for ``exact``; for ``incomplete`` with the
        unknown CIs taken as perfect and as always down; for ``estimated`` 95 % confidence.
    method
        How the number was found, in words.
    downtime_minutes_per_year
        ``unavailability`` in minutes of a year.
    downtime_minutes_per_window
        The same in the window asked for; None without a window.
    naive_product
        Product of the availabilities of the distinct CIs beneath, redundancy ignored, a
        fraction; None if one is unknown.
    naive_tree
        Series and k-out-of-n formulas on the unfolded tree, shared CIs as if they were
        separate; None on cycles, or if one is unknown.
    failures_per_year, mtbf_hours, mean_down_time_hours, cycle_hours
        Of the service; None where the frequency of a CI that counts is unknown, or the service
        is not exact.
    failures_per_year_lower, failures_per_year_upper
        The failures a year lie between them: equal where exact, certified where bounded.
    failures_reason
        Why there are no failures a year, or only bounds; empty where there are.
    missing
        CIs of unknown availability beneath, sorted.
    missing_frequency
        CIs beneath whose failure frequency is unknown though they can fail, sorted.
    coverage
        Share of the CIs beneath that can fail and whose availability is known, a fraction.
    width_seconds_per_year
        ``upper - lower`` in seconds of a year.
    """

    ci_id: CiId
    native_id: str
    name: str
    availability: float | None
    unavailability: float | None
    label: Label
    lower: float
    upper: float
    method: str
    downtime_minutes_per_year: float | None
    downtime_minutes_per_window: float | None = None
    naive_product: float | None = None
    naive_tree: float | None = None
    failures_per_year: float | None = None
    mtbf_hours: float | None = None
    mean_down_time_hours: float | None = None
    cycle_hours: float | None = None
    failures_per_year_lower: float | None = None
    failures_per_year_upper: float | None = None
    failures_reason: str = ""
    missing: tuple[CiId, ...] = ()
    missing_frequency: tuple[CiId, ...] = ()
    coverage: float = 1.0
    width_seconds_per_year: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityAnswer:
    """The availability of services.

    Parameters
    ----------
    services
        In the order of the export.
    level
        What counts as failed.
    basis_counts
        How many CIs beneath these services have each basis.
    assumptions
        What the numbers rest on, one sentence each.
    """

    services: tuple[ServiceAvailability, ...]
    level: Level = Level.DOWN
    basis_counts: Mapping[str, int] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSet:
    """CIs that together bring a service down, and no fewer of them do.

    Parameters
    ----------
    cis
        Sorted; a shared cause stands with them as ``failure_group:NAME``.
    order
        How many there are.
    probability
        That all are down at once, a fraction; None if one is unknown.
    downtime_minutes_per_year
        The same in minutes of a year.
    """

    cis: tuple[str, ...]
    order: int
    probability: float | None
    downtime_minutes_per_year: float | None
    downtime_minutes_per_window: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathSet:
    """CIs that together keep a service up, and no fewer of them do.

    Parameters
    ----------
    cis
        Sorted; a shared cause stands with them as ``failure_group:NAME``.
    order
        How many there are.
    probability
        That all work at once, a fraction; None if one is unknown.
    unavailability
        That one of them is down, with the digits that ``1 - probability`` loses.
    uptime_minutes_per_year, uptime_minutes_per_window
        Minutes in which all of them work; the service is up for at least so long.
    """

    cis: tuple[str, ...]
    order: int
    probability: float | None
    unavailability: float | None
    uptime_minutes_per_year: float | None
    uptime_minutes_per_window: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSetsAnswer:
    """The minimal cut sets and path sets of one service.

    Parameters
    ----------
    cut_sets
        Likeliest first, then smallest, then by CI.
    is_complete
        False if an order, a probability or a number of sets ended the list.
    count
        How many there are in all, listed or not; None if not counted.
    counts_by_order
        How many there are of each number of CIs, from none up; empty if not counted.
    single_points_of_failure
        CIs that alone bring it down, sorted.
    path_sets
        Minimal sets of CIs that together keep it up: likeliest first, then smallest, then by
        CI; none where they are too many.
    """

    ci_id: CiId
    native_id: str
    name: str
    cut_sets: tuple[CutSet, ...]
    is_complete: bool
    count: int | None
    single_points_of_failure: tuple[str, ...]
    path_sets: tuple[PathSet, ...] = ()
    counts_by_order: tuple[int, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglePoint:
    """A CI that alone brings services down.

    Parameters
    ----------
    unavailability
        Own one, a fraction; None if unknown.
    downtime_minutes_per_year
        The same in minutes of a year: each of the services is down for at least so long.
    services
        Those that it brings down, sorted.
    """

    ci_id: str
    native_id: str
    name: str
    unavailability: float | None
    downtime_minutes_per_year: float | None
    services: tuple[CiId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglePointsAnswer:
    """The single points of failure of services.

    Parameters
    ----------
    single_points
        CIs, those that bring most services down first, then by downtime.
    service_count
        How many services were looked at.
    without
        Services without a single point of failure, sorted.
    """

    single_points: tuple[SinglePoint, ...]
    service_count: int
    without: tuple[CiId, ...]
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """The share of one CI in the downtime of a service; the shares add up to all of it."""

    ci_id: str
    native_id: str
    name: str
    minutes_per_year: float
    percent: float | None
    basis: Basis | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAnswer:
    """Where the availability of one service comes from.

    Parameters
    ----------
    service
        The number.
    contributions
        By minutes, most first; CIs that add nothing are left out. Empty where the number is
        not exact: bounds have no shares.
    inputs
        What each CI beneath that can fail brings with it, by ``ci_id``.
    single_points_of_failure
        CIs that alone bring it down, sorted.
    spreadsheet
        What the naive formulas would have said, one sentence each.
    assumptions
        What the number rests on, one sentence each.
    """

    service: ServiceAvailability
    contributions: tuple[Contribution, ...]
    inputs: tuple[OwnReliability, ...]
    single_points_of_failure: tuple[str, ...]
    spreadsheet: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintyAnswer:
    """How far the availability of one service is known, given how far its inputs are.

    Parameters
    ----------
    lower, median, upper
        Quantiles of the unavailability; ``confidence`` lies between the outer two. None where
        the service was not sampled.
    mean
        Mean of the samples; None as above.
    reason
        Why the service was not sampled; empty where it was.
    samples, seed
        How the interval was found; the same seed gives the same interval.
    """

    ci_id: CiId
    native_id: str
    name: str
    lower: float | None
    median: float | None
    upper: float | None
    mean: float | None
    confidence: float
    samples: int
    seed: int
    reason: str = ""
    missing: tuple[CiId, ...] = ()
    assumptions: tuple[str, ...] = ()
