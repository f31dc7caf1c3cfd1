"""Where all SLAs go until the end of their windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.concerned import offerings_of
from ripplegraph.impact.timeline.counting import MeasuredHistory
from ripplegraph.impact.timeline.moments import whole_second
from ripplegraph.impact.timeline.outlook import SlaOutlook, outlook_of


def sla_forecasts(
    graph: ServiceGraph, *, now: datetime, services: Sequence[str] | None = None
) -> tuple[SlaOutlook, ...]:
    """Return where each SLA in force stands and goes, the most endangered first.

    Parameters
    ----------
    graph
        With every dependency and outage.
    now
        Aware.
    services
        Texts that name services; SLAs on their offerings count too. None is every SLA.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If a text names several.
    ValueError
        If ``now`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> sla_forecasts(graph_of("shop -> db"), now=datetime(2026, 11, 3, tzinfo=UTC))
    ()
    """
    chosen = None if services is None else with_offerings(graph, services)
    pairs = [
        (agreement, service)
        for agreement, service in sla_pairs(graph)
        if chosen is None or service in chosen
    ]
    measured = tuple(dict.fromkeys(service for _, service in pairs))
    history = MeasuredHistory(graph=graph, now=whole_second(now), services=measured)
    found = [
        outlook
        for agreement, service in pairs
        for outlook in [outlook_of(history, service, agreement)]
        if outlook is not None
    ]
    return tuple(sorted(found, key=_danger))


def sla_pairs(graph: ServiceGraph) -> Iterator[tuple[Agreement, int]]:
    """Yield each version of each SLA with each CI that it covers."""
    for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
        if agreement.kind is AgreementKind.SLA:
            for service in covered:
                yield agreement, service


def with_offerings(graph: ServiceGraph, services: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of services and of their offerings.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If a text names several.
    """
    numbers = [graph.resolve(text) for text in services]
    return tuple(
        dict.fromkeys(one for number in numbers for one in (number, *offerings_of(graph, number)))
    )


def _danger(one: SlaOutlook) -> tuple[bool, float, float, str, str]:
    forecast = one.forecast
    chance = None if forecast is None else forecast.probability
    upper = None if forecast is None else forecast.upper
    return (
        not one.is_breached,
        -(chance if chance is not None else 0.0),
        -(upper if upper is not None else 0.0),
        one.service,
        one.agreement.agreement_id,
    )
