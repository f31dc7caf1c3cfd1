"""The scenario that a request describes: which CIs are out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.scenario import Scenario, actual_of, scenario_of

CiText = Annotated[str, Field(min_length=1, max_length=1000)]
CiTexts = Annotated[list[CiText], Field(max_length=10_000)]

Clock = Callable[[], datetime]


class ScenarioIn(BaseModel):
    """CIs that are out: ``ci_id``, or native id or name where that is unique."""

    model_config = ConfigDict(extra="forbid", strict=True)

    down: CiTexts = []
    maintenance: CiTexts = []
    degraded: CiTexts = []
    with_open_outages: bool = False
    at: Annotated[AwareDatetime | None, Field(strict=False)] = None

    def moment(self, clock: Clock) -> datetime | None:
        """Return when open outages are looked at; None if they are not."""
        return (self.at or clock()) if self.with_open_outages else None

    def scenario(self, graph: ServiceGraph, moment: datetime | None) -> Scenario:
        """Return the scenario on a graph, with the outages open at a moment."""
        return scenario_of(
            graph,
            down=self.down,
            maintenance=self.maintenance,
            degraded=self.degraded,
            open_outages_at=moment,
        )


def statuses_under(graph: ServiceGraph, scenario: Scenario) -> dict[int, Status]:
    """Return the CIs that are not up under a scenario, by number."""
    statuses = propagate(graph, actual_of(graph, scenario))
    return {number: Status(int(statuses[number])) for number in statuses.nonzero()[0].tolist()}
