"""Questions on availability: how available, through which CIs, and which matter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Annotated, Literal

from pydantic import Field

from ripplegraph.api.questions.asked import AtQuery, CiTexts, Question
from ripplegraph.api.schemas import AvailabilityOut, ImportanceOut, SinglePointsOut
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability import answers
from ripplegraph.impact.availability.kept_diagrams import KeptDiagrams
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.single_points import single_points_of_failure
from ripplegraph.impact.availability.uncertainty import uncertainty
from ripplegraph.impact.availability.values import Level
from ripplegraph.impact.timeline.windows import minutes_of_window

LONGEST_SECONDS = 30.0
MOST_ROWS = 10_000
MOST_SAMPLES = 10_000

_ONE_AT_A_TIME = Lock()
_DIAGRAMS = KeptDiagrams(  # of all estates of the process: what they hold goes by CI ids
    is_claimed=lambda: _ONE_AT_A_TIME.acquire(blocking=False), give_back=_ONE_AT_A_TIME.release
)


_patience: ContextVar[float] = ContextVar("patience", default=LONGEST_SECONDS)


@contextmanager
def patient(seconds: float) -> Iterator[None]:
    """Give questions more time, where nobody waits for the answer."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def bounded_options(seconds: float | None = None) -> AvailabilityOptions:
    """Return the options of the engine with a budget of time that counts from now."""
    end = monotonic() + (_patience.get() if seconds is None else seconds)
    return replace(DEFAULT_OPTIONS, is_over=lambda: monotonic() >= end, kept=_DIAGRAMS)


class AvailabilityQuery(AtQuery):
    """What every question on availability may ask."""

    level: Annotated[Literal["down", "degraded"], Field(description="What counts as failed.")] = (
        "down"
    )
    seconds: Annotated[
        float | None,
        Field(
            gt=0,
            le=LONGEST_SECONDS,
            description="What is not exact by then is bounded; 30 if not given.",
        ),
    ] = None
    inclusive: CiTexts = Field(
        default=[],
        description="CIs that count with all that lies beneath them, as their agreements promise.",
    )
    window: Annotated[
        Literal["", "month", "quarter", "year"],
        Field(description="Also downtime in the window of this kind that holds the moment, UTC."),
    ] = ""

    def options(self, graph: ServiceGraph, moment: datetime) -> AvailabilityOptions:
        """Return the options of the engine; the budget of time counts from now."""
        return replace(
            bounded_options(self.seconds),
            level=Level(self.level),
            cut_points=frozenset(map(graph.resolve, self.inclusive)),
            window_minutes=minutes_of_window(self.window, moment) if self.window else None,
        )


class ServicesQuery(AvailabilityQuery, Question):
    """How available services are."""

    service: CiTexts = Field(default=[], description="Repeatable; every service if none.")
    uncertainty: Annotated[
        int | None,
        Field(ge=2, le=MOST_SAMPLES, description="Samples that tell how far it is known."),
    ] = None

    def answer(self, graph: ServiceGraph, moment: datetime) -> AvailabilityOut:
        """Return how available services are, each number labelled."""
        options, services = self.options(graph, moment), self.service or None
        found = answers.availability(graph, services, at=moment, options=options)
        if self.uncertainty is None:
            return AvailabilityOut.of(found, at=moment)
        known = uncertainty(graph, services, at=moment, options=options, samples=self.uncertainty)
        return AvailabilityOut.of(found, at=moment, uncertainty=known)


class SinglePointsQuery(AvailabilityQuery, Question):
    """Which CIs alone bring services down."""

    service: CiTexts = Field(default=[], description="Repeatable; every service if none.")

    def answer(self, graph: ServiceGraph, moment: datetime) -> SinglePointsOut:
        """Return the single points of failure, those of most services first."""
        found = single_points_of_failure(
            graph, self.service or None, at=moment, options=self.options(graph, moment)
        )
        return SinglePointsOut.of(found, at=moment)


class CutSetsQuery(AvailabilityQuery):
    """Which cut sets are left out."""

    max_order: Annotated[int | None, Field(ge=1, le=100)] = None
    min_probability: Annotated[float | None, Field(ge=0, le=1)] = None


class ImportanceQuery(AvailabilityQuery, Question):
    """Which CIs matter: how the rows are grouped, and how many there are."""

    by: Literal["", "class", "team", "supplier", "tag"] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 1_000

    def answer(self, graph: ServiceGraph, moment: datetime) -> ImportanceOut:
        """Return which CIs matter over all services."""
        return self.importance(graph, None, moment)

    def importance(
        self, graph: ServiceGraph, service: str | None, moment: datetime
    ) -> ImportanceOut:
        """Return which CIs matter to a service, or over all services."""
        found = answers.importance(
            graph,
            service,
            at=moment,
            options=self.options(graph, moment),
            group_by=self.by,
            limit=self.limit,
        )
        return ImportanceOut.of(found, at=moment)
