"""Verdicts on SLAs: values that the edges shape into tables, JSON and workbooks.

Unavailabilities are kept as they are, never as ``1 - a``: 1e-13 keeps its digits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.findings import Finding
from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.values import Label, OwnReliability

TIE = 1e-12
"""Downtime beyond the budget by less than this share of it still counts as within."""


class Verdict(StrEnum):
    """Whether a target follows from the dependencies."""

    MET = "met"
    MISSED = "missed"
    UNPROVABLE = "unprovable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailability:
    """A share of downtime, surely between two bounds; equal where it is known.

    Examples
    --------
    >>> Unavailability(lower=0.25, upper=0.25).is_known
    True
    """

    lower: float
    upper: float

    @property
    def is_known(self) -> bool:
        """Whether it is one number."""
        return self.lower == self.upper

    def at_least(self, least: float) -> Unavailability:
        """Return it with another lower bound that surely holds too.

        Examples
        --------
        >>> Unavailability(lower=0.0, upper=1.0).at_least(0.25)
        Unavailability(lower=0.25, upper=1.0)
        """
        return (
            self if self.is_known else replace(self, lower=min(max(self.lower, least), self.upper))
        )


def verdict_of(unavailability: Unavailability, target: Decimal) -> Verdict:
    """Return whether a target is kept: surely, surely not, or nobody can tell.

    Parameters
    ----------
    target
        A fraction in [0, 1].

    Notes
    -----
    ``U`` is compared with ``1 - T``; a tie within 1e-12 of the budget is met.

    Examples
    --------
    >>> one = Unavailability(lower=0.001, upper=0.002)
    >>> [verdict_of(one, Decimal(text)).value for text in ("0.998", "0.9985", "0.9995")]
    ['met', 'unprovable', 'missed']
    """
    allowed = float(1 - target) * (1.0 + TIE)
    if unavailability.upper <= allowed:
        return Verdict.MET
    return Verdict.MISSED if unavailability.lower > allowed else Verdict.UNPROVABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionShare:
    """What one CI, or all CIs of one agreement, team, supplier or class take of a downtime.

    Parameters
    ----------
    kind
        ``ci``, ``OLA``, ``UPC``, ``none`` (CIs without either), ``team``, ``supplier``,
        ``class``. OLA, UPC and none together are one partition, each other kind is one.
    id
        As the export writes it; "" for CIs without one.
    minutes
        In one window. The minutes of a partition add up to the expected downtime.
    percent
        Of the downtime; None where there is none.
    gain_if_perfect_minutes
        Minutes of a window that would be saved if none of its CIs failed. Gains overlap.
    agreement
        Of a CI the id of the agreement that answers for it; "" if none does.
    """

    kind: str
    id: str
    name: str
    minutes: float
    percent: float | None
    gain_if_perfect_minutes: float
    agreement: str = ""


class ProposalKind(StrEnum):
    """What could be done about a miss."""

    SINGLE_AGREEMENT = "single_agreement"
    ALLOCATION = "allocation"
    REDUNDANCY = "redundancy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedChange:
    """One target raised, or (kind ``ci``, no targets) one CI doubled."""

    kind: str
    id: str
    name: str
    target_today: Decimal | None = None
    target_then: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Something to do about a miss, and what becomes of the service by it.

    Parameters
    ----------
    rule
        Of an allocation: ``equal_factor``, ``equal_targets`` or ``proportional``.
    changes
        What would change. A single agreement that cannot close the gap alone has the target 1.
    independent, verdict
        The service computed anew with the changes, and its verdict.
    saved_minutes
        Expected downtime in one window less than today.
    """

    kind: ProposalKind
    rule: str
    changes: tuple[ProposedChange, ...]
    independent: Unavailability
    verdict: Verdict
    saved_minutes: float

    @property
    def is_enough(self) -> bool:
        """Whether the target is then met."""
        return self.verdict is Verdict.MET


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaVerdict:
    """What becomes of the target of one SLA on one service.

    Parameters
    ----------
    service
        The service covered.
    window_start, window_end
        The window that contains the moment asked about, UTC.
    agreed_minutes
        Agreed service time in that window.
    budget_minutes
        ``(1 - target) * agreed_minutes``.
    verdict
        By ``independent``.
    independent
        Expected share of downtime if CIs fail independently.
    label
        How far ``independent`` can be trusted.
    headroom_minutes
        Budget less expected downtime: the least and the most it can be; negative beyond it.
    verdict_contractual_worst
        By ``contractual_worst``.
    contractual_worst
        The most downtime in one window that the agreements allow, in all of its hours.
    contractual_worst_covered
        The same if each promise held in all hours of the SLA.
    contractual_best
        The least downtime if each CI is down for as long as its number says.
    contractual_method
        How the contractual numbers were found, in words.
    naive_product, naive_tree
        Availabilities that spreadsheets compute, fractions; None if an input is unknown, the
        tree also on cycles.
    p_window_met
        Probability that one window keeps the target; None where failure frequencies are unknown.
    coverage
        Share of the CIs that can fail whose availability is known, a fraction.
    promised_share
        Share of the expected downtime that rests on agreements; None where not known.
    missing
        CIs of unknown availability, sorted.
    inputs
        How unavailable each CI beneath is, and how that is known.
    contributions
        One partition after the other, each by minutes, most first. Empty where ``independent``
        is no exact number.
    proposals
        What could be done about a miss. Empty where it is met, or the number is not exact.
    no_proposals
        Why there are none though the target is not met, in words; else "".
    """

    agreement: Agreement
    service: CiId
    native_id: str
    name: str
    target: Decimal
    window_start: datetime
    window_end: datetime
    agreed_minutes: float
    budget_minutes: float
    verdict: Verdict
    independent: Unavailability
    label: Label
    method: str
    headroom_minutes: tuple[float, float]
    verdict_contractual_worst: Verdict
    contractual_worst: Unavailability
    contractual_worst_covered: Unavailability
    contractual_best: Unavailability
    contractual_method: str
    naive_product: float | None
    naive_tree: float | None
    p_window_met: float | None
    coverage: float
    promised_share: float | None
    missing: tuple[CiId, ...]
    inputs: tuple[OwnReliability, ...]
    contributions: tuple[ContributionShare, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    no_proposals: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaAnswer:
    """Verdicts on SLAs.

    Parameters
    ----------
    slas
        Worst first: missed, unprovable, met; within each by what is left of the budget.
    not_judged
        SLAs in force that promise no availability or cover nothing, as words.
    """

    at: datetime
    slas: tuple[SlaVerdict, ...]
    not_judged: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[str, ...] = ()
