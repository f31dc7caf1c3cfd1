"""What becomes of one service when the agreements beneath it promise more: the common model.

Every change is judged by computing the service anew from the changed numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

import numpy as np

from ripplegraph.graph.agreements import Agreement
from ripplegraph.impact.agreements.contractual import ContractualCase
from ripplegraph.impact.agreements.foundations import Batch, Foundations
from ripplegraph.impact.agreements.values import TIE
from ripplegraph.impact.availability.values import Basis

_HALVINGS = 80
_DIGITS = 4

Factors = Mapping[str, float]
"""By agreement id how many times its allowed downtime counts; those left out keep theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An agreement beneath a service, and the CIs for which it answers there."""

    agreement: Agreement
    cis: tuple[int, ...]

    @property
    def allowed(self) -> Decimal:
        """Share of time in which its CIs may be down, by its target."""
        return 1 - (self.agreement.target_availability or Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Negotiation:
    """One service whose numbers are all known, and the agreements beneath it.

    Parameters
    ----------
    sla
        Its window counts for the contractual worst.
    parties
        The agreements whose targets are numbers of CIs here, by id.
    """

    found: Foundations
    batch: Batch
    place: int
    sla: Agreement
    contractual: ContractualCase
    parties: tuple[Party, ...]

    @property
    def service(self) -> int:
        """Number of the service."""
        return self.batch.services[self.place]

    def independent(self, factors: Factors) -> float:
        """Return the expected unavailability when allowed downtimes change."""
        row = self.batch.promised[None, :].copy()
        for party in self.parties:
            factor = factors.get(party.agreement.agreement_id)
            if factor is not None:
                row[0, list(party.cis)] *= factor
        return float(self.batch.unavailability(self.place, row)[0])

    def contractual_worst(self, factors: Factors) -> float:
        """Return the most downtime that the agreements then allow, a share of the window."""
        shares = {
            ci: Fraction(factors[party.agreement.agreement_id])
            for party in self.parties
            if party.agreement.agreement_id in factors
            for ci in party.cis
        }
        return self.contractual.worst(self.sla, self.service, shares).upper

    def doubled(self, cis: Sequence[int]) -> list[float]:
        """Return for each CI the expected unavailability if it had an independent twin."""
        rows = np.repeat(self.batch.promised[None, :], len(cis), axis=0)
        for row, ci in zip(rows, cis, strict=True):
            row[ci] = row[ci] ** 2
        return [float(one) for one in self.batch.unavailability(self.place, rows)]


def negotiation_on(
    found: Foundations, contractual: ContractualCase, sla: Agreement, service: int
) -> Negotiation | None:
    """Return the model of one service; None where its numbers are not all known and exact."""
    number, place = found.place_of[service]
    batch = found.batches[number]
    inputs = batch.inputs[place]
    is_known = all(found.own[ci].unavailability is not None for ci in inputs)
    if not is_known or not batch.is_exact(place):
        return None
    cis: dict[str, list[int]] = {}
    agreements: dict[str, Agreement] = {}
    for ci in inputs:
        if found.own[ci].basis is Basis.AGREEMENT:
            agreement = found.answering[ci].agreement
            agreements[agreement.agreement_id] = agreement
            cis.setdefault(agreement.agreement_id, []).append(ci)
    return Negotiation(
        found=found,
        batch=batch,
        place=place,
        sla=sla,
        contractual=contractual,
        parties=tuple(
            Party(agreement=agreements[ident], cis=tuple(cis[ident])) for ident in sorted(cis)
        ),
    )


def allowed_downtime(target: Decimal) -> float:
    """Return the largest unavailability that still keeps a target."""
    return float(1 - target) * (1.0 + TIE)


def largest_share(unavailability: Callable[[float], float], allowed: float) -> float | None:
    """Return the largest number in [0, 1] at which a rising function stays within a bound.

    Returns
    -------
    float | None
        1 if it stays within everywhere; None if it does nowhere. Else the largest found by
        halving, so that it stays within there and does not a hair above.

    Examples
    --------
    >>> round(largest_share(lambda share: share / 2, 0.1), 9)
    0.2
    """
    if unavailability(1.0) <= allowed:
        return 1.0
    if unavailability(0.0) > allowed:
        return None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        if unavailability(middle) <= allowed:
            low = middle
        else:
            high = middle
    return low


def stricter_target(party: Party, factor: float) -> Decimal:
    """Return the target that allows at most ``factor`` times the downtime, in few digits.

    The allowed downtime is rounded down to 4 digits, so that the target surely is enough.
    """
    if factor >= 1.0:
        return 1 - party.allowed
    allowed = party.allowed * Decimal(factor)
    if not allowed:
        return Decimal(1)
    unit = Decimal(1).scaleb(allowed.adjusted() - _DIGITS + 1)
    return (1 - allowed.quantize(unit, rounding=ROUND_FLOOR)).normalize()


def factor_of(party: Party, target: Decimal) -> float:
    """Return how many times today's allowed downtime a target allows."""
    return float((1 - target) / party.allowed) if party.allowed else 1.0
