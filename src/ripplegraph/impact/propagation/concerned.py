"""Whom an impacted CI concerns: offerings, agreements, customers, teams and suppliers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from weakref import WeakKeyDictionary

from ripplegraph.graph.agreements import Agreement, AgreementKind, AgreementState, Scope
from ripplegraph.graph.model import SERVICE_KINDS, CiKind, Strength
from ripplegraph.graph.service_graph import ServiceGraph

_PROVIDING = frozenset({AgreementKind.OLA, AgreementKind.UPC})


def offerings_of(graph: ServiceGraph, number: int) -> tuple[int, ...]:
    """Return the service offerings of a service: offerings that directly depend on it."""
    if graph.cis.kind[number] not in _WITH_OFFERINGS:
        return ()
    dependents = graph.topology.edge_dependent
    found = {int(dependents[edge]) for edge in graph.edges_to_dependents(number)}
    return tuple(sorted(one for one in found if graph.cis.kind[one] is CiKind.SERVICE_OFFERING))


def is_needed_by_services(graph: ServiceGraph, numbers: Iterable[int]) -> bool:
    """Return whether one of these CIs is a service, or a service depends on it.

    Directly or through others; redundancy does not matter, dependencies without impact do not
    count.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web; web -> h1 | h2; tool -> h3")
    >>> [is_needed_by_services(graph, [graph.resolve(name)]) for name in ("h1", "h3")]
    [True, False]
    """
    dependents, effects = graph.topology.edge_dependent, graph.gates.edge_effect
    waiting = list(numbers)
    seen = set(waiting)
    while waiting:
        number = waiting.pop()
        if graph.cis.kind[number] in SERVICE_KINDS:
            return True
        for edge in graph.edges_to_dependents(number):
            dependent = int(dependents[edge])
            if effects[edge] != Strength.NONE and dependent not in seen:
                seen.add(dependent)
                waiting.append(dependent)
    return False


def slas_of(
    graph: ServiceGraph, numbers: Iterable[int], at: datetime | None
) -> tuple[Agreement, ...]:
    """Return the SLAs in force at a moment (None: agreed) that cover one of these CIs, by id."""
    covering = agreed_by_ci(graph)
    found = {
        position
        for number in numbers
        for position in covering.get(number, ())
        if graph.agreements[position].kind is AgreementKind.SLA
    }
    return _by_id(graph, found, at)


def agreements_behind(
    graph: ServiceGraph, roots: Iterable[int], above: Iterable[int], at: datetime | None
) -> tuple[Agreement, ...]:
    """Return the agreed OLAs and underpinning contracts behind root CIs, by id.

    Parameters
    ----------
    roots
        Every agreement that covers one counts.
    above
        CIs that are not up because of the roots: agreements of inclusive scope that cover one
        count, for what they promise rests on the roots.
    at
        Aware; those in force then count. None leaves the dates out.
    """
    covering = agreed_by_ci(graph)
    found: set[int] = set()
    for number in roots:
        found.update(covering.get(number, ()))
    inclusive = _inclusive_by_ci(graph)
    for number in inclusive.keys() & above:
        found.update(inclusive[number])
    return _by_id(graph, {one for one in found if graph.agreements[one].kind in _PROVIDING}, at)


def inclusively_covered(graph: ServiceGraph) -> tuple[int, ...]:
    """Return the CIs that an agreed OLA or underpinning contract covers with all beneath."""
    return tuple(
        number
        for number, positions in sorted(_inclusive_by_ci(graph).items())
        if any(graph.agreements[one].kind in _PROVIDING for one in positions)
    )


_WITH_OFFERINGS = frozenset({CiKind.BUSINESS_SERVICE, CiKind.SERVICE})
_COVERING: WeakKeyDictionary[ServiceGraph, dict[int, list[int]]] = WeakKeyDictionary()
_INCLUSIVE: WeakKeyDictionary[ServiceGraph, dict[int, list[int]]] = WeakKeyDictionary()


def agreed_by_ci(graph: ServiceGraph) -> dict[int, list[int]]:
    """Return the positions of the agreed agreements that cover each CI; built once per graph."""
    if graph not in _COVERING:
        covering: dict[int, list[int]] = {}
        for position, numbers in enumerate(graph.covered):
            if graph.agreements[position].state is AgreementState.AGREED:
                for number in numbers:
                    covering.setdefault(number, []).append(position)
        _COVERING[graph] = covering
    return _COVERING[graph]


def _inclusive_by_ci(graph: ServiceGraph) -> dict[int, list[int]]:
    """Return of :func:`agreed_by_ci` what is of inclusive scope; built once per graph."""
    if graph not in _INCLUSIVE:
        _INCLUSIVE[graph] = {
            number: inclusive
            for number, positions in agreed_by_ci(graph).items()
            if (inclusive := [at for at in positions if _is_inclusive(graph, at)])
        }
    return _INCLUSIVE[graph]


def _is_inclusive(graph: ServiceGraph, position: int) -> bool:
    return graph.agreements[position].scope is Scope.INCLUSIVE


def _by_id(
    graph: ServiceGraph, positions: Iterable[int], at: datetime | None
) -> tuple[Agreement, ...]:
    """Return the agreements in force, by id; of several versions the last."""
    found = (graph.agreements[position] for position in sorted(positions))
    in_force = {one.agreement_id: one for one in found if one.is_in_force_at(at)}
    return tuple(in_force[agreement_id] for agreement_id in sorted(in_force))
