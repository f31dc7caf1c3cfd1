"""Questions on SLAs: by design, as measured, and where they go."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from ripplegraph.api.questions.asked import CiTexts, Question, TimeZone
from ripplegraph.api.questions.assumed import InputsQuery
from ripplegraph.api.questions.availability import bounded_options
from ripplegraph.api.schemas import (
    BreachesOut,
    CeilingsOut,
    ForecastOut,
    ImproveOut,
    ReportOut,
    SlasOut,
    StateOut,
    TimelineOut,
    TimesOut,
)
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.ceilings import target_ceilings
from ripplegraph.impact.agreements.time_targets import time_verdicts
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.timeline.breaches import sla_breaches
from ripplegraph.impact.timeline.customers import for_customer
from ripplegraph.impact.timeline.forecasts import sla_forecasts
from ripplegraph.impact.timeline.gains import improvements
from ripplegraph.impact.timeline.management import design_of, management_of
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.state_at import state_at
from ripplegraph.impact.timeline.status_intervals import status_intervals
from ripplegraph.impact.timeline.timeline import timeline_of
from ripplegraph.impact.timeline.windows import AskedWindow, parse_window, window_of


def _window(text: str) -> str:
    try:
        parse_window(text)
    except ValueError as error:
        msg = "a window is 2026-10, 2026-Q4, 2026 or rolling:30d"
        raise ValueError(msg) from error
    return text


WindowText = Annotated[
    str,
    Field(max_length=20, description="2026-10, 2026-Q4, 2026 or rolling:30d"),
    AfterValidator(_window),
]


class AboutServices(Question):
    """Whose SLAs are asked about."""

    service: CiTexts = Field(default=[], description="Repeatable; every SLA if none.")

    @property
    def named(self) -> list[str] | None:
        """The services named, None for all."""
        return self.service or None


class SlaQuery(InputsQuery, AboutServices):
    """Whether targets can be kept."""

    def answer(self, graph: ServiceGraph, moment: datetime) -> SlasOut:
        """Return whether the targets of SLAs can be kept, and why."""
        options = self.with_inputs(graph, bounded_options())
        return SlasOut.of(sla_verdicts(graph, self.named, at=moment, options=options))


class CeilingsQuery(InputsQuery, AboutServices):
    """The highest targets that could be promised."""

    def answer(self, graph: ServiceGraph, moment: datetime) -> CeilingsOut:
        """Return the highest target that each service could promise."""
        options = self.with_inputs(graph, bounded_options())
        found = target_ceilings(graph, self.named, at=moment, options=options)
        return CeilingsOut.of(found)


class TimesQuery(AboutServices):
    """Times to respond and resolve."""

    def answer(self, graph: ServiceGraph, moment: datetime) -> TimesOut:
        """Return whether times to respond and resolve can be kept."""
        return TimesOut.of(time_verdicts(graph, self.named, at=moment))


class PastQuestion(Question):
    """A question on what was measured."""

    is_over_time: ClassVar[bool] = True
    service: CiTexts = Field(default=[], description="Repeatable; all if none.")
    window: WindowText | None = None

    @property
    def named(self) -> list[str] | None:
        """The services named, None for all."""
        return self.service or None

    @property
    def asked_window(self) -> AskedWindow | None:
        """The window that is asked about, None for that of each SLA."""
        return None if self.window is None else parse_window(self.window)


class ReportQuery(PastQuestion):
    """What was measured against each SLA."""

    trend: Annotated[int, Field(ge=0, le=120, description="Windows of the trend.")] = 6
    metrics: Annotated[bool, Field(description="Also metrics, experience and tickets.")] = False
    design: Annotated[bool, Field(description="Also services and CIs by design.")] = False
    customer: Annotated[
        str | None,
        Field(min_length=1, max_length=500, description="Only SLAs of this customer."),
    ] = None

    def answer(self, graph: ServiceGraph, moment: datetime) -> ReportOut:
        """Return what was measured against each SLA, to the second."""
        named, window = self.named, self.asked_window
        found = service_level_reports(
            graph, now=moment, services=named, window=window, trend_windows=self.trend
        )
        if self.customer is not None:
            found = for_customer(found, self.customer)
        managed = compared = None
        if self.metrics:
            managed = management_of(
                graph, found.reports, now=moment, services=named, window=window
            )
        if self.design:
            reported = list(dict.fromkeys(one.service for one in found.reports))
            shown = reported if self.customer is not None else named or reported
            compared = design_of(graph, shown, now=moment, options=bounded_options())
        return ReportOut.of(found, managed, compared)


class BreachesQuery(PastQuestion):
    """Which SLAs are missed."""

    def answer(self, graph: ServiceGraph, moment: datetime) -> BreachesOut:
        """Return the SLAs that are missed: when, by how much, through whom."""
        found = sla_breaches(graph, now=moment, services=self.named, window=self.asked_window)
        return BreachesOut.of(found, moment)


class TimelineQuery(PastQuestion):
    """When services were not up."""

    time_zone: TimeZone = ""

    def answer(self, graph: ServiceGraph, moment: datetime) -> TimelineOut:
        """Return when services were not up, and why."""
        numbers = list(dict.fromkeys(map(graph.resolve, self.service)))
        numbers = numbers or list(graph.service_numbers)
        line = timeline_of(graph, now=moment, services=numbers)
        start, end = self._bounds(moment)
        found = {
            graph.ci_ids[number]: status_intervals(line, number, start=start, end=end)
            for number in numbers
        }
        if not self.service:
            found = {ci_id: intervals for ci_id, intervals in found.items() if intervals}
        return TimelineOut.of(found, graph, moment)

    def _bounds(self, moment: datetime) -> tuple[datetime | None, datetime | None]:
        window = self.asked_window
        if window is None:
            return None, None
        nobody = Agreement(agreement_id="", kind=AgreementKind.SLA)
        return window_of(nobody, window, moment, self.time_zone)


class StateQuery(Question):
    """What is not up at the moment."""

    is_over_time: ClassVar[bool] = True

    def answer(self, graph: ServiceGraph, moment: datetime) -> StateOut:
        """Return what is not up, which SLAs it costs, and what to fix first."""
        return StateOut.of(state_at(graph, moment))


class ForecastQuery(Question):
    """Where SLAs go."""

    is_over_time: ClassVar[bool] = True
    service: CiTexts = Field(default=[], description="Repeatable; every SLA if none.")

    def answer(self, graph: ServiceGraph, moment: datetime) -> ForecastOut:
        """Return budget left, burn rate and the chance of a breach of each SLA."""
        found = sla_forecasts(graph, now=moment, services=self.service or None)
        return ForecastOut.of(found, moment)


class ImproveQuery(Question):
    """What would gain most."""

    is_over_time: ClassVar[bool] = True
    days: Annotated[int, Field(ge=1, le=36_500, description="How far back is replayed.")] = 365

    def answer(self, graph: ServiceGraph, moment: datetime) -> ImproveOut:
        """Return the improvement plan, and what would have gained most over all SLAs."""
        return ImproveOut.of(improvements(graph, now=moment, days=self.days))
