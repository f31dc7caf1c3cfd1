"""Which services customers are promised something on, and by which SLAs."""

from __future__ import annotations

from datetime import datetime

from ripplegraph.errors import AmbiguousCiError, UnknownCiError
from ripplegraph.graph.agreements import AgreementKind
from ripplegraph.graph.columns import coded
from ripplegraph.graph.model import SERVICE_KINDS, CiKind, OperatingState
from ripplegraph.graph.service_graph import ServiceGraph

_WITH_CUSTOMERS = frozenset({AgreementKind.SLA, AgreementKind.SLR})


def slas_of_services(graph: ServiceGraph, at: datetime | None) -> dict[int, tuple[int, ...]]:
    """Return for each live service that customers use the SLAs in force that promise on it.

    Parameters
    ----------
    at
        Aware; None leaves dates out.

    Returns
    -------
    dict[int, tuple[int, ...]]
        Positions of agreements by service number, both ascending; none for one without.

    Notes
    -----
    An SLA on an offering promises on its service, and one on the service on its offerings. An
    OLA or UPC in force that names a service itself says that it is an internal one: left out.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> slas_of_services(graph_of("shop -> db"), None)
    {0: ()}
    """
    promised: dict[int, list[int]] = {}
    for position, agreement in enumerate(graph.agreements):
        if agreement.kind is AgreementKind.SLA and agreement.is_in_force_at(at):
            for number in graph.covered[position]:
                promised.setdefault(number, []).append(position)
    internal = _named_inside(graph, at)
    is_live = coded(graph.cis.state).flags(lambda state: state is OperatingState.LIVE)
    found: dict[int, tuple[int, ...]] = {}
    for number in graph.service_numbers:
        if is_live[number] and number not in internal:
            related = (number, *offerings_or_services(graph, number)) if promised else ()
            slas = {position for one in related for position in promised.get(one, ())}
            found[number] = tuple(sorted(slas))
    return found


def resolve_promised(graph: ServiceGraph, text: str) -> int:
    """Return the CI that a text names, or that the agreement with this id or name promises on.

    Raises
    ------
    UnknownCiError, AmbiguousCiError
        As :meth:`ServiceGraph.resolve` does; also if the agreement covers several CIs.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> resolve_promised(graph_of("shop -> db"), "db")
    1
    """
    try:
        return graph.resolve(text)
    except UnknownCiError:
        covered = {
            number
            for agreement, cis in zip(graph.agreements, graph.covered, strict=True)
            if text in (agreement.agreement_id, agreement.name)
            for number in cis
        }
        if not covered:
            raise
    if len(covered) > 1:
        raise AmbiguousCiError(text, tuple(graph.ci_ids[number] for number in sorted(covered)))
    return covered.pop()


def offerings_or_services(graph: ServiceGraph, number: int) -> list[int]:
    """Return the offerings of a service, or the services that an offering is of.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> offerings_or_services(graph_of("shop -> db"), 0)
    []
    """
    topology, kinds = graph.topology, graph.cis.kind
    if kinds[number] is CiKind.SERVICE_OFFERING:
        needed = (
            int(topology.edge_dependency[one]) for one in graph.edges_to_dependencies(number)
        )
        return [other for other in needed if kinds[other] in SERVICE_KINDS]
    needing = (int(topology.edge_dependent[one]) for one in graph.edges_to_dependents(number))
    return [other for other in needing if kinds[other] is CiKind.SERVICE_OFFERING]


def _named_inside(graph: ServiceGraph, at: datetime | None) -> set[int]:
    """Return the CIs that an OLA or UPC in force names by their id, not by class or tag."""
    found = {
        graph.find(entry.strip())
        for agreement in graph.agreements
        if agreement.kind not in _WITH_CUSTOMERS and agreement.is_in_force_at(at)
        for entry in agreement.covers
    }
    return {number for number in found if number is not None}
