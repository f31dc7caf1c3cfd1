"""Answers on importance: what CIs, and groups of them, mean to one service and to all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.values import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class CiImportance:
    """What one CI means to one service.

    Parameters
    ----------
    service
        The service.
    label
        ``exact``, or ``bounded`` where the service is not exact: the measures then belong to the
        lower bound of its unavailability, and the minutes lie between their bounds. So they do
        where only what a cut point shares is not exact: the measures are then those with the
        most left of its promise.
        ``incomplete`` where CIs beneath are of unknown availability: they were taken as perfect,
        so that every number may be another.
    unavailability
        Own one of the CI; None if unknown (then it was taken as perfect). What depends on it is
        None too: all but Birnbaum and RAW.
    birnbaum
        How much the unavailability of the service changes with that of the CI.
    criticality
        Share of the service's unavailability that a perfect CI would save, a fraction.
    fussell_vesely
        P(some minimal cut set with the CI is down) / unavailability; None where the service is
        not exact, has too many minimal cut sets, or NOT or XOR lies beneath.
    dif
        P(the CI is down, given that the service is down).
    raw
        How many times the unavailability grows if the CI is down.
    rrw
        How many times it shrinks if the CI is perfect; None for a sole single point of failure.
    minutes, minutes_lower, minutes_upper
        Minutes a year that a perfect CI would save: those at stake. Equal where exact.
    minutes_per_window
        The same in the window asked for; None without a window.
    contribution_minutes
        Its share of the downtime, minutes a year; the shares add up to all (Aumann-Shapley).
        None where the service is not exact.
    """

    service: CiId
    ci_id: str
    native_id: str
    name: str
    unavailability: float | None
    birnbaum: float
    criticality: float | None
    fussell_vesely: float | None
    dif: float | None
    raw: float | None
    rrw: float | None
    minutes: float | None
    minutes_lower: float | None
    minutes_upper: float | None
    label: Label = Label.EXACT
    minutes_per_window: float | None = None
    contribution_minutes: float | None = None
    mtbf_hours: float | None = None
    mean_down_time_hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupImportance:
    """What several CIs mean to one service together.

    Parameters
    ----------
    kind, key
        What they share: ``class``, ``team``, ``supplier`` or ``tag``, and which.
    ci_count
        How many of them the service rests on.
    birnbaum
        Unavailability with all of them down less that with all perfect.
    criticality, raw, rrw, minutes, minutes_lower, minutes_upper
        As for one CI, all of them at once. Where one of them is of unknown availability, all is
        None that depends on it: all but Birnbaum and RAW.
    label
        As for one CI.
    fussell_vesely
        P(some minimal cut set with one of them is down) / unavailability; None where the minimal
        cut sets are too many, or the service is not exact.
    dif
        P(one of them is down, given that the service is down).
    """

    service: CiId
    kind: str
    key: str
    ci_count: int
    birnbaum: float
    criticality: float | None
    fussell_vesely: float | None
    dif: float | None
    raw: float | None
    rrw: float | None
    minutes: float | None
    minutes_lower: float | None
    minutes_upper: float | None
    label: Label = Label.EXACT
    minutes_per_window: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CiTotal:
    """What one CI means to all services asked about, added up.

    Parameters
    ----------
    unavailability
        Own one; None if unknown (then it was taken as perfect).
    minutes
        Minutes a year at stake, summed over the services; None if its unavailability is unknown.
    service_count
        Services whose unavailability changes with that of the CI.
    alone_count
        Services that it alone brings down.
    worst_service, worst_minutes
        The service with the most minutes at stake, and how many; None where they are unknown.
    """

    ci_id: str
    native_id: str
    name: str
    unavailability: float | None
    minutes: float | None
    service_count: int
    alone_count: int
    worst_service: CiId | None
    worst_minutes: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTotal:
    """What a group of CIs means to all services asked about, added up.

    Parameters
    ----------
    kind, key
        What they share.
    minutes
        Minutes a year at stake, all of them at once, summed over the services; None if the
        availability of one of them is unknown.
    service_count
        Services that rest on one of them.
    worst_service, worst_minutes
        The service with the most minutes at stake, and how many; None where they are unknown.
    label
        The least sure one of the services: ``exact``, ``bounded`` or ``incomplete``.
    """

    kind: str
    key: str
    minutes: float | None
    service_count: int
    worst_service: CiId | None
    worst_minutes: float | None
    label: Label = Label.EXACT


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportanceAnswer:
    """What CIs mean to one service, or to every service.

    Parameters
    ----------
    service
        The service; None for every service.
    rows
        By minutes at stake, most first; then by service and CI.
    groups
        The same for groups of CIs, if asked for.
    row_count
        Rows there are, listed or not.
    totals
        By minutes at stake over all services, most first; empty where one service is asked about.
    total_count
        CIs with minutes at stake there are, listed or not.
    group_totals
        The same for groups of CIs, if asked for.
    labels
        How far the number of each service can be trusted.
    """

    service: CiId | None
    rows: tuple[CiImportance, ...]
    groups: tuple[GroupImportance, ...] = ()
    row_count: int = 0
    totals: tuple[CiTotal, ...] = ()
    total_count: int = 0
    group_totals: tuple[GroupTotal, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
