"""The other way round: the highest target that each service could promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ripplegraph.graph.agreements import Agreement, AgreementKind, Window
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.services_promised import offerings_or_services
from ripplegraph.impact.agreements.judging import Judging, judging
from ripplegraph.impact.agreements.values import Unavailability
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.values import Label

MONTH = Window()
"""The calendar month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The highest target that a service could promise.

    Parameters
    ----------
    independent
        On average: the expected unavailability; a target up to ``1 - upper`` is met.
    contractual_worst
        In every window, whatever the agreements beneath allow.
    contractual_worst_covered
        The same if each of them held in all hours of the window.
    targets
        Of the SLAs in force today on it, on its offerings, or on the service that it offers;
        sorted.
    missing
        CIs of unknown availability, sorted.
    """

    service: CiId
    native_id: str
    name: str
    independent: Unavailability
    contractual_worst: Unavailability
    contractual_worst_covered: Unavailability
    label: Label
    targets: tuple[Decimal, ...]
    missing: tuple[CiId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingAnswer:
    """The highest targets of services, the lowest first."""

    at: datetime
    window: Window
    calendar: str
    ceilings: tuple[Ceiling, ...]


def target_ceilings(
    graph: ServiceGraph,
    services: Sequence[str] | None = None,
    *,
    at: datetime,
    window: Window = MONTH,
    calendar: str = "",
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> CeilingAnswer:
    """Return the highest target that each service could promise, for a new requirement.

    Parameters
    ----------
    graph
        The graph; dependencies and agreements that hold at the moment count.
    services
        Texts that name CIs; None for every service.
    at
        Aware; the contractual answers are for the window that contains it.
    window, calendar
        Of the promise: its measuring window, and the id of the calendar of its service time.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.availability.options import Reliability
    >>> options = AvailabilityOptions(own={1: Reliability(unavailability=0.25)})
    >>> at = datetime(2026, 11, 20, tzinfo=UTC)
    >>> found = target_ceilings(graph_of("shop -> db"), at=at, options=options)
    >>> found.ceilings[0].independent.upper
    0.25
    """
    graph = graph_at(graph, at)
    if services is None:
        numbers = graph.service_numbers
    else:
        numbers = tuple(dict.fromkeys(map(graph.resolve, services)))
    case = judging(graph, numbers, at=at, options=options)
    promise = Agreement(agreement_id="", kind=AgreementKind.SLA, window=window, calendar=calendar)
    found = [_ceiling(case, promise, service) for service in numbers]
    found.sort(key=lambda one: (-one.independent.upper, -one.independent.lower, one.service))
    return CeilingAnswer(at=at, window=window, calendar=calendar, ceilings=tuple(found))


def _ceiling(case: Judging, promise: Agreement, service: int) -> Ceiling:
    graph, derived = case.found.graph, case.derived[service]
    allowed = case.contractual.answers(promise, service)
    related = {service, *offerings_or_services(graph, service)}
    targets = {
        one.target_availability
        for one, covered in zip(graph.agreements, graph.covered, strict=True)
        if one.kind is AgreementKind.SLA
        and one.target_availability is not None
        and one.is_in_force_at(case.at)
        and not related.isdisjoint(covered)
    }
    return Ceiling(
        service=graph.ci_ids[service],
        native_id=graph.cis.native_id[service],
        name=graph.cis.name[service],
        independent=derived.unavailability.at_least(allowed.best.lower),
        contractual_worst=allowed.worst,
        contractual_worst_covered=allowed.covered,
        label=derived.label,
        targets=tuple(sorted(targets)),
        missing=derived.missing,
    )
