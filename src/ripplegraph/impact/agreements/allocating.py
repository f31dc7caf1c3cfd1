"""The question what the agreements beneath a service would have to promise for a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ripplegraph.errors import OpenNumbersError, UnknownAgreementError
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.allocation import (
    Allocation,
    AllocationBasis,
    AllocationRule,
    allocated,
)
from ripplegraph.impact.agreements.judging import judging
from ripplegraph.impact.agreements.negotiation import Negotiation
from ripplegraph.impact.agreements.proposals import contributions_by_agreement
from ripplegraph.impact.agreements.verdict import slas_in_force
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationTerms:
    """How an allocation is made.

    Parameters
    ----------
    fixed
        Ids or names of agreements, of providers or of suppliers whose targets stay; agreements
        marked as fixed stay too.
    """

    fixed: tuple[str, ...] = ()
    rule: AllocationRule = AllocationRule.EQUAL_FACTOR
    basis: AllocationBasis = AllocationBasis.INDEPENDENT


DEFAULT_TERMS = AllocationTerms()


def allocate(
    graph: ServiceGraph,
    service: str,
    *,
    target: Decimal,
    at: datetime,
    terms: AllocationTerms = DEFAULT_TERMS,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> Allocation:
    """Return the targets that the agreements beneath a service need for a target of it.

    Parameters
    ----------
    graph
        The graph; dependencies and agreements that hold at the moment count.
    service
        Text that names a CI.
    target
        A fraction in [0, 1].
    at
        Aware; the window that contains it counts for the contractual worst: that of the
        strictest SLA in force on the service or an offering of it, else the calendar month, 24x7.
    terms
        Who gives how much, who gives nothing, and which answer has to keep the target.

    Raises
    ------
    UnknownCiError
        If the text names no CI.
    AmbiguousCiError
        If it names several.
    UnknownAgreementError
        If a fixed one stands for no agreement beneath.
    OpenNumbersError
        If the availability of a CI beneath is unknown, or the service is beyond the exact budget.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.availability.options import Reliability
    >>> options = AvailabilityOptions(own={1: Reliability(unavailability=0.25)})
    >>> at = datetime(2026, 11, 20, tzinfo=UTC)
    >>> graph = graph_of("shop -> db")
    >>> allocate(graph, "shop", target=Decimal("0.7"), at=at, options=options).is_enough
    True
    """
    graph = graph_at(graph, at)
    number = graph.resolve(service)
    case = judging(graph, [number], at=at, options=options)
    found = [one for one, _ in slas_in_force(graph, [service], at)]
    model = case.negotiation(_strictest(found, target), number)
    shares = case.derived[number].shares
    if model is None or shares is None:
        raise OpenNumbersError(graph.ci_ids[number], case.derived[number].missing)
    return allocated(
        model,
        target,
        fixed=_fixed(model, terms.fixed),
        rule=terms.rule,
        basis=terms.basis,
        contributions=contributions_by_agreement(model, shares),
    )


def _strictest(found: Sequence[Agreement], target: Decimal) -> Agreement:
    """Return the SLA whose window counts."""
    none = Agreement(agreement_id="", kind=AgreementKind.SLA, target_availability=target)
    return max(
        found,
        key=lambda one: (one.target_availability or Decimal(0), one.agreement_id),
        default=none,
    )


def _fixed(model: Negotiation, names: Sequence[str]) -> frozenset[str]:
    """Return the ids of the agreements that stay."""
    fixed = {one.agreement.agreement_id for one in model.parties if one.agreement.fixed}
    suppliers = model.found.graph.cis.supplier
    for name in names:
        meant = {
            party.agreement.agreement_id
            for party in model.parties
            if name
            in (party.agreement.agreement_id, party.agreement.name, party.agreement.provider)
            or (
                party.agreement.kind is AgreementKind.UPC
                and any(suppliers[ci] == name for ci in party.cis)
            )
        }
        if not meant:
            known = tuple(one.agreement.agreement_id for one in model.parties)
            raise UnknownAgreementError(name, known)
        fixed |= meant
    return frozenset(fixed)
