"""The scenario that a request describes: which CIs are out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from ripplegraph.graph.build import graph_at
from ripplegraph.graph.model import Status
from ripplegraph.graph.ports import GraphSource
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.scenario import Scenario, actual_of, scenario_of

CiText = Annotated[str, Field(min_length=1, max_length=1000)]
CiTexts = Annotated[list[CiText], Field(max_length=10_000)]

Clock = Callable[[], datetime]


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one that UTC cannot write is no value."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        msg = "the moment lies outside the years 1 to 9999 in UTC"
        raise ValueError(msg) from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class AtQuery(BaseModel):
    """What every GET may ask: the moment, else now. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    at: Annotated[Moment | None, Field(description="The moment asked about; else now.")] = None


def graph_then(
    source: GraphSource, clock: Clock, at: datetime | None
) -> tuple[ServiceGraph, datetime]:
    """Return the graph with the dependencies in effect at a moment, else now; and the moment."""
    moment = at or clock()
    return graph_at(source.read(), moment), moment


class ScenarioIn(BaseModel):
    """CIs that are out: ``ci_id``, or native id or name where that is unique."""

    model_config = ConfigDict(extra="forbid", strict=True)

    down: CiTexts = []
    maintenance: CiTexts = []
    degraded: CiTexts = []
    with_open_outages: bool = False
    at: Annotated[Moment | None, Field(strict=False)] = None

    def scenario(self, graph: ServiceGraph, moment: datetime) -> Scenario:
        """Return the scenario on a graph, with the outages open at a moment if asked for."""
        return scenario_of(
            graph,
            down=self.down,
            maintenance=self.maintenance,
            degraded=self.degraded,
            open_outages_at=moment if self.with_open_outages else None,
        )


def statuses_under(graph: ServiceGraph, scenario: Scenario) -> dict[int, Status]:
    """Return the CIs that are not up under a scenario, by number."""
    statuses = propagate(graph, actual_of(graph, scenario))
    return {number: Status(int(statuses[number])) for number in statuses.nonzero()[0].tolist()}
