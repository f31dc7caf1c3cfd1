"""Agreements: SLA, OLA, underpinning contract and SLR (semantics.md section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class AgreementKind(StrEnum):
    """Who promises whom: customer (SLA, SLR), internal team (OLA) or supplier (UPC)."""

    SLA = "SLA"
    OLA = "OLA"
    UPC = "UPC"
    SLR = "SLR"


class Scope(StrEnum):
    """What an OLA or UPC promises: the CI's own failures, or the CI with all beneath it."""

    OWN = "own"
    INCLUSIVE = "inclusive"


class AgreementState(StrEnum):
    """Where an agreement stands in its life."""

    DRAFT = "draft"
    NEGOTIATING = "negotiating"
    AGREED = "agreed"
    EXPIRED = "expired"


LEVELS = ("customer", "service", "corporate")
"""The levels of a multi-level SLA, the nearest to the customer first."""


class WindowUnit(StrEnum):
    """The measuring window of a target: a calendar period, or rolling days."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ROLLING = "rolling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A measuring window.

    Parameters
    ----------
    unit
        Calendar month, quarter, year, or rolling days.
    days
        Length in days for ``rolling``, >= 1; 0 for the calendar units.

    Raises
    ------
    ValueError
        If rolling days are missing, or given for a calendar unit.

    Examples
    --------
    >>> str(Window(unit=WindowUnit.ROLLING, days=30))
    'rolling:30d'
    """

    unit: WindowUnit = WindowUnit.MONTH
    days: int = 0

    def __post_init__(self) -> None:
        """Refuse a length where the unit has one, and its absence where it has none."""
        if (self.unit is WindowUnit.ROLLING) != (self.days >= 1):
            msg = f"rolling windows need days >= 1 and calendar ones none, got {self.days}"
            raise ValueError(msg)

    def __str__(self) -> str:
        return f"rolling:{self.days}d" if self.unit is WindowUnit.ROLLING else self.unit.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One agreement in one version; versions share the id, and follow each other.

    Parameters
    ----------
    covers
        What it promises on, as the export writes it: a native id or ``ci_id``, else
        ``class:NAME`` or ``tag:NAME``. The graph resolves them.
    target_availability
        Agreed fraction in [0, 1], exact; None if it promises no availability.
    calendar
        Id of the calendar of the agreed service time; "" means 24x7.
    valid_from, valid_to, next_review
        UTC; None if not given.
    planned_rule
        ``downtime`` or ``period`` (semantics.md section 5).
    degraded_weight
        Share of degraded time that counts as downtime, a fraction in [0, 1].
    max_outages, longest_outage_minutes, mtrs_hours
        Further targets per window: how many outages, how long the longest, and the mean time to
        restore service, >= 0; None if not promised.
    min_outage_seconds
        Outages shorter than this do not count, >= 0.
    planned_notice_hours
        Planned outages announced later than this before their start count as unplanned, >= 0.
    fixed
        Not negotiable, such as a supplier's standard terms.
    level
        ``customer``, ``service`` or ``corporate`` of a multi-level SLA; "" if it is none.
    penalty_per_minute
        Due for each minute of downtime above the budget, in ``cost_currency``; None if none.
    time_zone
        IANA name of the zone in which its windows start; "" means its calendar's.
    """

    agreement_id: str
    kind: AgreementKind
    name: str = ""
    customer: str = ""
    provider: str = ""
    owner: str = ""
    covers: tuple[str, ...] = ()
    scope: Scope = Scope.OWN
    target_availability: Decimal | None = None
    window: Window = Window()
    calendar: str = ""
    state: AgreementState = AgreementState.AGREED
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    next_review: datetime | None = None
    penalty: str = ""
    planned_rule: str = "downtime"
    degraded_weight: Decimal = Decimal(0)
    max_outages: int | None = None
    longest_outage_minutes: float | None = None
    mtrs_hours: float | None = None
    min_outage_seconds: int = 0
    planned_notice_hours: float = 0.0
    fixed: bool = False
    level: str = ""
    penalty_per_minute: Decimal | None = None
    cost_currency: str = ""
    time_zone: str = ""
    file: str = ""
    row: int = 0

    def is_in_force_at(self, moment: datetime | None) -> bool:
        """Return whether it is agreed, and holds at a moment: from <= moment < to.

        Parameters
        ----------
        moment
            Aware; None leaves the dates out.
        """
        if self.state is not AgreementState.AGREED or moment is None:
            return self.state is AgreementState.AGREED
        is_begun = self.valid_from is None or self.valid_from <= moment
        return is_begun and (self.valid_to is None or moment < self.valid_to)


def meet_in_time(one: Agreement, other: Agreement) -> bool:
    """Return whether the dates of both hold at some moment.

    Examples
    --------
    >>> one = Agreement(agreement_id="a", kind=AgreementKind.SLA)
    >>> meet_in_time(one, one)
    True
    """
    both = (one, other)
    return all(_ends_after_start(ending, starting) for ending in both for starting in both)


def _ends_after_start(ending: Agreement, starting: Agreement) -> bool:
    if ending.valid_to is None or starting.valid_from is None:
        return True
    return starting.valid_from < ending.valid_to
