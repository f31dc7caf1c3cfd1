"""What ``POST /v1/incident`` answers: what falls, what it costs, whom to call, by when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.base import CiRef, Out, time_text
from ripplegraph.api.schemas.impact import ImpactOut
from ripplegraph.api.schemas.outlook import StateOut
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.values import ImpactAnswer
from ripplegraph.impact.timeline.state_at import StateAnswer


class OpenOutageOut(Out):
    """An outage that is open at the moment."""

    ci_id: str
    start: str
    kind: str
    cause: str
    source: str
    external_id: str


class IncidentAnswerOut(Out):
    """What open outages and CIs that are supposed to fail now do together, if it all goes on."""

    schema_: Literal["ripplegraph/incident/1"] = Field(
        default="ripplegraph/incident/1", serialization_alias="schema"
    )
    moment: str
    impact: ImpactOut
    is_needed: bool = Field(
        description="Whether what is out is a service or one depends on it, directly or not."
    )
    state: StateOut = Field(description="With the SLAs' budgets, and when each is used up.")
    open_outages: list[OpenOutageOut]
    cis: list[CiRef] = Field(description="Every CI that the answer names, by ci_id.")

    @classmethod
    def of(
        cls,
        impact: ImpactAnswer,
        state: StateAnswer,
        graph: ServiceGraph,
        moment: datetime,
        *,
        is_needed: bool,
    ) -> IncidentAnswerOut:
        """Shape one answer; ``graph`` holds the outages as they were reported."""
        outages = [
            (outage, graph.ci_ids[number])
            for outage, number in zip(graph.outages, graph.outage_ci, strict=True)
            if outage.is_open_at(moment)
        ]
        named = {*_named(impact), *(ci_id for _, ci_id in outages)}
        return cls(
            moment=str(time_text(moment)),
            impact=ImpactOut.of(impact, graph, at=moment),
            is_needed=is_needed,
            state=StateOut.of(state),
            open_outages=[
                OpenOutageOut(
                    ci_id=ci_id,
                    start=str(time_text(outage.start)),
                    kind=outage.kind.value,
                    cause=outage.cause,
                    source=outage.source,
                    external_id=outage.external_id,
                )
                for outage, ci_id in sorted(outages, key=lambda pair: (pair[0].start, pair[1]))
            ],
            cis=[CiRef.of(ci_id, graph) for ci_id in sorted(named)],
        )


def _named(impact: ImpactAnswer) -> Iterator[CiId]:
    yield from impact.scenario.cis
    for one in impact.impacted:
        yield from (one.ci_id, *one.because, *one.root_cis, *one.offerings)
        if one.more_failures is not None:
            yield from one.more_failures.example
        for group in one.failed_groups:
            yield from (group.dependent, *group.failed, *group.impaired)
