"""Multi-level SLAs: which targets hold for a customer of a service, the strictest of each.

A corporate SLA holds for all customers, a service-based one for all customers of its services,
a customer-based one for its customer alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.model import CiId, CiKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.services_promised import offerings_or_services

_NEAREST_FIRST = {"customer": 0, "service": 1, "corporate": 2}

ALL_CUSTOMERS = ""
"""Stands for every customer that has no SLA of its own on the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicableTarget:
    """The strictest target of one sort, and the SLAs that set one.

    Parameters
    ----------
    name
        ``availability``, ``max_outages``, ``longest_outage_minutes``, ``mtrs_hours``,
        ``response_minutes P1``, ``resolution_minutes P1`` and so on.
    value
        A fraction for availability, else a count, minutes or hours.
    agreement
        The SLA that sets it; of equal ones the nearest to the customer.
    looser
        The others that set one, the nearest first.
    """

    name: str
    value: Decimal
    agreement: Agreement
    looser: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicableTargets:
    """What holds for one customer of one service.

    Parameters
    ----------
    customer
        ``ALL_CUSTOMERS`` for those without an SLA of their own.
    slas
        All that hold, the nearest to the customer first.
    targets
        By name.
    """

    service: CiId
    service_name: str
    customer: str
    slas: tuple[Agreement, ...]
    targets: tuple[ApplicableTarget, ...]


def applicable_targets(
    graph: ServiceGraph, services: Sequence[str] | None = None, *, at: datetime
) -> tuple[ApplicableTargets, ...]:
    """Return for each service and customer the strictest target of each sort in force.

    Parameters
    ----------
    services
        Texts that name services; None for all under an SLA.
    at
        Aware.

    Returns
    -------
    tuple[ApplicableTargets, ...]
        By service and customer.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.

    Notes
    -----
    An SLA with a customer and no level is customer-based, one without either service-based. An
    SLA on a service holds for its offerings. Shares and times are compared as they stand, in
    whatever hours and windows they are measured.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> applicable_targets(graph_of("shop -> db"), at=datetime(2026, 11, 20, tzinfo=UTC))
    ()
    """
    holding = _holding(graph, at)
    chosen = holding if services is None else dict.fromkeys(map(graph.resolve, services))
    found: list[ApplicableTargets] = []
    for service in sorted(set(chosen) & set(holding)):
        slas = holding[service]
        own = {sla.customer for sla in slas if level_of(sla) == "customer"}
        shared = any(level_of(sla) != "customer" for sla in slas)
        customers = sorted(own | ({ALL_CUSTOMERS} if shared else set()))
        found += [_for_customer(graph, service, customer, slas) for customer in customers]
    return tuple(found)


def level_of(sla: Agreement) -> str:
    """Return the level of an SLA: ``customer``, ``service`` or ``corporate``.

    Examples
    --------
    >>> level_of(Agreement(agreement_id="a", kind=AgreementKind.SLA, customer="Sales"))
    'customer'
    """
    return sla.level or ("customer" if sla.customer else "service")


def _holding(graph: ServiceGraph, at: datetime) -> dict[int, list[Agreement]]:
    """Return by service the SLAs in force on it, or on the service that it is an offering of."""
    direct: dict[int, list[Agreement]] = {}
    for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
        if agreement.kind is AgreementKind.SLA and agreement.is_in_force_at(at):
            for service in covered:
                direct.setdefault(service, []).append(agreement)
    found: dict[int, list[Agreement]] = {}
    for service in graph.service_numbers:
        above = (
            offerings_or_services(graph, service)
            if graph.cis.kind[service] is CiKind.SERVICE_OFFERING
            else []
        )
        slas = [sla for one in (service, *above) for sla in direct.get(one, ())]
        if slas:
            found[service] = slas
    return found


def _for_customer(
    graph: ServiceGraph, service: int, customer: str, slas: Iterable[Agreement]
) -> ApplicableTargets:
    known = {
        sla.agreement_id: sla
        for sla in slas
        if level_of(sla) != "customer" or sla.customer == customer
    }
    nearest = sorted(
        known.values(), key=lambda sla: (_NEAREST_FIRST[level_of(sla)], sla.agreement_id)
    )
    offered: dict[str, list[tuple[Decimal, Agreement]]] = {}
    for sla in nearest:
        for name, value in _targets_of(graph, sla):
            offered.setdefault(name, []).append((value, sla))
    return ApplicableTargets(
        service=graph.ci_ids[service],
        service_name=graph.cis.name[service],
        customer=customer,
        slas=tuple(nearest),
        targets=tuple(_strictest(name, offered[name]) for name in sorted(offered)),
    )


def _strictest(name: str, offered: Sequence[tuple[Decimal, Agreement]]) -> ApplicableTarget:
    values = [value for value, _ in offered]
    strictest = max(values) if name == "availability" else min(values)
    place = values.index(strictest)
    looser = tuple(sla for other, (_, sla) in enumerate(offered) if other != place)
    return ApplicableTarget(name=name, value=strictest, agreement=offered[place][1], looser=looser)


def _targets_of(graph: ServiceGraph, sla: Agreement) -> Iterator[tuple[str, Decimal]]:
    """Yield the targets that an SLA sets."""
    if sla.target_availability is not None:
        yield "availability", sla.target_availability
    for name in ("max_outages", "longest_outage_minutes", "mtrs_hours"):
        value: float | None = getattr(sla, name)
        if value is not None:
            yield name, Decimal(str(value))
    for target in graph.time_targets:
        if target.agreement == sla.agreement_id:
            if target.response_minutes is not None:
                name = f"response_minutes {target.priority}"
                yield name, Decimal(str(target.response_minutes))
            if target.resolution_minutes is not None:
                name = f"resolution_minutes {target.priority}"
                yield name, Decimal(str(target.resolution_minutes))
