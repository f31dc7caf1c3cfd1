"""The questions: how available is a service, what brings it down, and which CIs matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.values import (
    AvailabilityAnswer,
    CutSetsAnswer,
    ExplainAnswer,
    ImportanceAnswer,
    UncertaintyAnswer,
)


def availability(
    graph: ServiceGraph,
    services: Sequence[str] | None = None,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> AvailabilityAnswer:
    """Return the availability of services (None: of every service)."""
    raise NotImplementedError


def cut_sets(
    graph: ServiceGraph,
    service: str,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    max_order: int | None = None,
    min_probability: float | None = None,
) -> CutSetsAnswer:
    """Return the minimal cut sets of a service."""
    raise NotImplementedError


def importance(
    graph: ServiceGraph,
    service: str | None = None,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    group_by: str = "",
    limit: int = 10_000,
) -> ImportanceAnswer:
    """Return what each CI means to a service (None: to every service)."""
    raise NotImplementedError


def explain(
    graph: ServiceGraph,
    service: str,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> ExplainAnswer:
    """Return where the availability of a service comes from."""
    raise NotImplementedError


def uncertainty(
    graph: ServiceGraph,
    service: str,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    confidence: float = 0.9,
) -> UncertaintyAnswer:
    """Return how far the availability of a service is known, given how far its inputs are."""
    raise NotImplementedError
