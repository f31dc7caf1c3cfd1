"""Which CIs are out, as a question says it; and what follows if they fail besides what is open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ripplegraph.api.questions.asked import CiTexts, Moment, RevisionText
from ripplegraph.api.schemas import IncidentAnswerOut
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.answers import impact
from ripplegraph.impact.propagation.concerned import is_needed_by_services
from ripplegraph.impact.propagation.scenario import Scenario, scenario_of
from ripplegraph.impact.timeline.state_at import state_at
from ripplegraph.impact.timeline.supposed import supposing


class ScenarioIn(BaseModel):
    """CIs that are out: ``ci_id``, or native id or name where that is unique."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    down: CiTexts = Field(default=[], description="CIs that are down.")
    maintenance: CiTexts = Field(default=[], description="CIs in maintenance (planned).")
    degraded: CiTexts = Field(default=[], description="CIs that are degraded.")
    with_open_outages: bool = Field(
        default=False, description="The outages open at the moment are out too."
    )
    at: Annotated[Moment | None, Field(strict=False)] = None
    revision: RevisionText = None

    def scenario(self, graph: ServiceGraph, moment: datetime) -> Scenario:
        """Return the scenario on a graph, with the outages open at a moment if asked for."""
        return scenario_of(
            graph,
            down=self.down,
            maintenance=self.maintenance,
            degraded=self.degraded,
            open_outages_at=moment if self.with_open_outages else None,
        )


class IncidentIn(ScenarioIn):
    """CIs that fail now, besides the outages that are open."""

    is_over_time: ClassVar[bool] = True

    def answer(self, whole: ServiceGraph, moment: datetime) -> IncidentAnswerOut:
        """Return what falls, and when SLAs break."""
        with_open = self.model_copy(update={"with_open_outages": True})
        now = graph_at(whole, moment)
        scenario = with_open.scenario(now, moment)
        then = supposing(whole, scenario, moment)
        return IncidentAnswerOut.of(
            impact(now, scenario, at=moment),
            state_at(then, moment, with_forecast=False),
            whole,
            moment,
            is_needed=is_needed_by_services(now, map(now.resolve, scenario.cis)),
        )
