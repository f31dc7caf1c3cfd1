"""Questions on agreements: their life, requirements, and what a target needs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ripplegraph.api.questions.asked import CiText, CiTexts, Question
from ripplegraph.api.questions.assumed import InputsQuery
from ripplegraph.api.questions.availability import bounded_options
from ripplegraph.api.schemas import AgreementsOut, AllocationOut, SlasOut
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.allocating import AllocationTerms, allocate
from ripplegraph.impact.agreements.allocation import AllocationBasis, AllocationRule
from ripplegraph.impact.agreements.lifecycle_metrics import lifecycle_report
from ripplegraph.impact.agreements.verdict import requirement_verdicts

Target = Annotated[
    Decimal,
    Field(ge=0, le=1, max_digits=30, decimal_places=28, description="A fraction, as 0.9995."),
]


class AgreementsQuery(Question):
    """Where each agreement stands."""

    is_over_time: ClassVar[bool] = True

    def answer(self, graph: ServiceGraph, moment: datetime) -> AgreementsOut:
        """Return agreements with state, review and metrics."""
        return AgreementsOut.of(lifecycle_report(graph, at=moment), graph)


class RequirementQuery(InputsQuery, Question):
    """Which requirements are asked about."""

    slr: CiTexts = Field(
        default=[], description="Id or name of an SLR or SLA; repeatable; every SLR if none."
    )

    def answer(self, graph: ServiceGraph, moment: datetime) -> SlasOut:
        """Return whether requirements could be agreed, and what they need."""
        wanted = self.slr or None
        options = self.with_inputs(graph, bounded_options())
        return SlasOut.of(requirement_verdicts(graph, wanted, at=moment, options=options))


class AllocationTermsQuery(InputsQuery):
    """For which target, and by which rule."""

    target: Target
    rule: Annotated[
        Literal["equal_factor", "equal_targets", "proportional"],
        Field(description="Who gives how much."),
    ] = "equal_factor"
    basis: Annotated[
        Literal["independent", "contractual_worst"],
        Field(description="Which answer has to keep the target."),
    ] = "independent"
    fixed: CiTexts = Field(
        default=[], description="Agreements, providers or suppliers whose targets stay."
    )

    def allocation(self, graph: ServiceGraph, service: str, moment: datetime) -> AllocationOut:
        """Return what the agreements beneath a service would have to promise."""
        terms = AllocationTerms(
            fixed=tuple(self.fixed),
            rule=AllocationRule(self.rule),
            basis=AllocationBasis(self.basis),
        )
        options = self.with_inputs(graph, bounded_options())
        found = allocate(
            graph, service, target=self.target, at=moment, terms=terms, options=options
        )
        return AllocationOut.of(found, at=moment)


class AllocationQuery(AllocationTermsQuery, Question):
    """What the agreements beneath a service would have to promise."""

    service: CiText

    def answer(self, graph: ServiceGraph, moment: datetime) -> AllocationOut:
        """Return it."""
        return self.allocation(graph, self.service, moment)
