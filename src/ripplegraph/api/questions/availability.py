"""Questions on availability: how available, through which CIs, and which matter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ripplegraph.api.questions.asked import CiText, CiTexts, Question, TimeZone
from ripplegraph.api.questions.assumed import (
    MOST_STATED,
    FailureGroup,
    Fraction,
    InputsQuery,
    NamedRange,
    shared_causes,
    split_range,
)
from ripplegraph.api.schemas import (
    AvailabilityOut,
    CutSetsOut,
    ExplainOut,
    ImportanceOut,
    SinglePointsOut,
)
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability import answers
from ripplegraph.impact.availability.kept_diagrams import KeptDiagrams
from ripplegraph.impact.availability.options import (
    DEFAULT_OPTIONS,
    AvailabilityOptions,
    CommonCauses,
)
from ripplegraph.impact.availability.single_points import single_points_of_failure
from ripplegraph.impact.availability.uncertainty import uncertainty
from ripplegraph.impact.availability.values import Level
from ripplegraph.impact.timeline.windows import minutes_of_window

LONGEST_SECONDS = 30.0
MOST_ROWS = 10_000
MOST_SAMPLES = 10_000
MOST_NODES = 1_048_576
MOST_DRAWN = 2**24

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


class AvailabilityQuery(InputsQuery):
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
    window: Annotated[
        str,
        Field(
            pattern=r"^(month|quarter|year|rolling:[1-9][0-9]{0,4}d)?$",
            description="Also downtime in the window of this kind that holds the moment: month, "
            "quarter, year or rolling:30d.",
        ),
    ] = ""
    time_zone: TimeZone = ""
    inclusive: CiTexts = Field(
        default=[],
        description="CIs that count with all that lies beneath them, as their agreements promise.",
    )
    failure_group: list[FailureGroup] = Field(
        default=[],
        max_length=MOST_STATED,
        description="COLUMN or COLUMN=FRACTION: CIs with one value in this column share that part "
        "of their failures.",
    )
    common_causes: Annotated[bool, Field(description="The column failure_group is one.")] = False
    beta: Annotated[
        Fraction | None,
        Field(description="Share of failures where a column has none of its own; else 0.1."),
    ] = None
    nodes: Annotated[
        int | None,
        Field(
            ge=1, le=MOST_NODES, description="Diagram nodes per module before bounds are given."
        ),
    ] = None
    estimate: Annotated[
        bool, Field(description="By sampling, even where exact values or bounds can be had.")
    ] = False
    samples: Annotated[int, Field(ge=64, le=MOST_DRAWN, description="Of an estimate.")] = (
        DEFAULT_OPTIONS.samples
    )
    seed: Annotated[int, Field(ge=0, le=2**62, description="Of an estimate.")] = (
        DEFAULT_OPTIONS.seed
    )

    @model_validator(mode="after")
    def _beta_is_of_something(self) -> Self:
        self.causes()
        return self

    def causes(self) -> tuple[CommonCauses, ...]:
        """Return the causes that CIs share."""
        return shared_causes(self.failure_group, is_any=self.common_causes, beta=self.beta)

    def options(self, graph: ServiceGraph, moment: datetime) -> AvailabilityOptions:
        """Return the options of the engine; the budget of time counts from now."""
        options = replace(
            bounded_options(self.seconds),
            level=Level(self.level),
            cut_points=frozenset(map(graph.resolve, self.inclusive)),
            common_causes=self.causes(),
            window_minutes=self._window_minutes(moment),
            nodes_per_module=nodes_up_to(self.nodes),
            is_estimate=self.estimate,
            samples=self.samples,
            seed=self.seed,
        )
        return self.with_inputs(graph, options)

    def _window_minutes(self, moment: datetime) -> float | None:
        if not self.window:
            return None
        return minutes_of_window(self.window, moment, self.time_zone)


def nodes_up_to(most: int | None) -> tuple[int, ...]:
    """Return the limits of the exact method, the last one as asked for."""
    limits = DEFAULT_OPTIONS.nodes_per_module
    return limits if most is None else (*(one for one in limits if one < most), most)


class ServicesQuery(AvailabilityQuery, Question):
    """How available services are."""

    service: CiTexts = Field(default=[], description="Repeatable; every service if none.")
    uncertainty: Annotated[
        int | None,
        Field(ge=2, le=MOST_SAMPLES, description="Samples that tell how far it is known."),
    ] = None
    range: list[NamedRange] = Field(
        default=[],
        max_length=MOST_STATED,
        description="CI=LOW..HIGH, fractions: own availability of a CI, for uncertainty.",
    )

    @model_validator(mode="after")
    def _can_be_sampled(self) -> Self:
        if self.range and self.uncertainty is None:
            msg = "range says something only with uncertainty"
            raise ValueError(msg)
        if self.uncertainty is not None and self.causes():
            msg = "uncertainty does not sample shared causes"
            raise ValueError(msg)
        return self

    def answer(self, graph: ServiceGraph, moment: datetime) -> AvailabilityOut:
        """Return how available services are, each number labelled."""
        options, services = self.options(graph, moment), self.service or None
        found = answers.availability(graph, services, at=moment, options=options)
        if self.uncertainty is None:
            return AvailabilityOut.of(found, at=moment)
        ranges = {graph.resolve(name): ends for name, ends in map(split_range, self.range)}
        known = uncertainty(
            graph,
            services,
            at=moment,
            options=options,
            ranges=ranges,
            samples=self.uncertainty,
        )
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

    def cut_sets(self, graph: ServiceGraph, service: str, moment: datetime) -> CutSetsOut:
        """Return the smallest sets of CIs that bring a service down."""
        found = answers.cut_sets(
            graph,
            service,
            at=moment,
            options=self.options(graph, moment),
            max_order=self.max_order,
            min_probability=self.min_probability,
        )
        return CutSetsOut.of(found, at=moment)


class CutSetsOfQuery(CutSetsQuery, Question):
    """What brings a service down, as one question."""

    service: CiText

    def answer(self, graph: ServiceGraph, moment: datetime) -> CutSetsOut:
        """Return it."""
        return self.cut_sets(graph, self.service, moment)


class ExplainOfQuery(AvailabilityQuery, Question):
    """Where the availability of a service comes from, as one question."""

    service: CiText

    def answer(self, graph: ServiceGraph, moment: datetime) -> ExplainOut:
        """Return it."""
        return explained(self, graph, self.service, moment)


def explained(
    asked: AvailabilityQuery, graph: ServiceGraph, service: str, moment: datetime
) -> ExplainOut:
    """Return where the availability of a service comes from."""
    found = answers.explain(graph, service, at=moment, options=asked.options(graph, moment))
    return ExplainOut.of(found, at=moment)


class ImportanceQuery(AvailabilityQuery):
    """Which CIs matter: how the rows are grouped, and how many there are."""

    by: Literal["", "class", "team", "supplier", "tag"] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 1_000

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


class EstateImportanceQuery(ImportanceQuery, Question):
    """Which CIs matter over all services, or to one."""

    service: CiText | None = None

    def answer(self, graph: ServiceGraph, moment: datetime) -> ImportanceOut:
        """Return which CIs matter."""
        return self.importance(graph, self.service, moment)
