"""Small graphs with agreements: one line of text and a few promises."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind, Scope, Window, WindowUnit
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
THIRTY_DAYS = Window(unit=WindowUnit.ROLLING, days=30)
MINUTES = 43_200.0


def promise(
    ident: str,
    covers: str,
    target: str | None,
    *,
    kind: AgreementKind | None = None,
    scope: Scope = Scope.OWN,
    window: Window = THIRTY_DAYS,
    calendar: str = "",
    **more: object,
) -> Agreement:
    """Return an agreement; its kind is the first part of its id."""
    return Agreement(
        agreement_id=ident,
        kind=kind or AgreementKind(ident.split("-", maxsplit=1)[0].upper()),
        covers=tuple(covers.split()),
        target_availability=None if target is None else Decimal(target),
        scope=scope,
        window=window,
        calendar=calendar,
        **more,  # type: ignore[arg-type]
    )


def sla(target: str = "0.999", covers: str = "shop", **more: object) -> Agreement:
    """Return an SLA on the shop."""
    return promise("sla-1", covers, target, **more)  # type: ignore[arg-type]


def agreed(
    text: str,
    *agreements: Agreement,
    calendars: tuple[Calendar, ...] = (),
    services: tuple[str, ...] = ("shop",),
) -> ServiceGraph:
    """Return the graph of a text under agreements."""
    records = records_of_text(text, services=services)
    records.agreements.extend(agreements)
    records.calendars.extend(calendars)
    return build_service_graph(records).graph


def stating(graph: ServiceGraph, **u: float | Reliability) -> AvailabilityOptions:
    """State the own unavailability of CIs by name."""
    own = {
        graph.resolve(name): one
        if isinstance(one, Reliability)
        else Reliability(unavailability=one)
        for name, one in u.items()
    }
    return AvailabilityOptions(own=own)
