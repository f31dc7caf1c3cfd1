"""What ``impact``, ``why`` and ``why not`` answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.base import (
    AgreementOut,
    CiRef,
    Out,
    ScenarioOut,
    StatusWord,
    StrengthWord,
    status_word,
)
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.values import (
    FailedGroup,
    ImpactAnswer,
    ImpactedCi,
    ReasonStep,
    RemainingCut,
    WhyAnswer,
    WhyNotAnswer,
)


class FailedGroupOut(Out):
    """A redundancy group that lost members."""

    dependent: str
    group: str
    requirement: str = Field(description="What must be usable: 2, 50% or count:2.")
    status: StatusWord
    failed: list[str]
    impaired: list[str]
    usable_members: int
    member_count: int

    @classmethod
    def of(cls, group: FailedGroup) -> FailedGroupOut:
        """Shape one group."""
        return cls(
            dependent=group.dependent,
            group=group.key,
            requirement=group.requirement,
            status=group.status.word,
            failed=list(group.failed),
            impaired=list(group.impaired),
            usable_members=group.usable_members,
            member_count=group.member_count,
        )


def _shaped(
    groups: Sequence[FailedGroup], shaped: dict[int, FailedGroupOut]
) -> list[FailedGroupOut]:
    for group in groups:
        if id(group) not in shaped:
            shaped[id(group)] = FailedGroupOut.of(group)
    return [shaped[id(group)] for group in groups]


class RemainingCutOut(Out):
    """How many more failures bring a service down."""

    count: int
    is_exact: bool = Field(description="False if count is only a lower bound.")
    example: list[str]

    @classmethod
    def of(cls, cut: RemainingCut | None) -> RemainingCutOut | None:
        """Shape one cut, or None."""
        if cut is None:
            return None
        return cls(count=cut.count, is_exact=cut.is_exact, example=list(cut.example))


class ImpactedOut(Out):
    """One CI that is not up: why, and whom it concerns."""

    ci_id: str
    native_id: str
    name: str
    class_name: str = Field(serialization_alias="class")
    status: StatusWord
    because: list[str] = Field(description="From the service to one root CI, both included.")
    kind: str
    planned_status: StatusWord
    unplanned_status: StatusWord
    in_maintenance: bool
    grounded_status: StatusWord | None = Field(
        description="The status if no circle may hold itself up; null if the same."
    )
    root_cis: list[str]
    failed_groups: list[FailedGroupOut]
    more_failures: RemainingCutOut | None
    offerings: list[str]
    slas: list[AgreementOut]
    root_agreements: list[AgreementOut]
    owner_team: str
    root_owner_teams: list[str]
    root_suppliers: list[str]
    customers: list[str]

    @classmethod
    def of(
        cls,
        impacted: ImpactedCi,
        graph: ServiceGraph,
        shaped: dict[int, FailedGroupOut] | None = None,
    ) -> ImpactedOut:
        """Shape one impacted CI.

        ``shaped`` holds groups that were shaped for others of the same answer, by the identity of
        the group: one group stands behind hundreds of services.
        """
        return cls(
            ci_id=impacted.ci_id,
            native_id=impacted.native_id,
            name=impacted.name,
            class_name=impacted.class_name,
            status=impacted.status.word,
            because=list(impacted.because),
            kind=impacted.kind.value,
            planned_status=impacted.planned_status.word,
            unplanned_status=impacted.unplanned_status.word,
            in_maintenance=impacted.in_maintenance,
            grounded_status=status_word(impacted.grounded_status),
            root_cis=list(impacted.root_cis),
            failed_groups=_shaped(impacted.failed_groups, {} if shaped is None else shaped),
            more_failures=RemainingCutOut.of(impacted.more_failures),
            offerings=list(impacted.offerings),
            slas=[AgreementOut.of(one, graph) for one in impacted.slas],
            root_agreements=[AgreementOut.of(one, graph) for one in impacted.root_agreements],
            owner_team=impacted.owner_team,
            root_owner_teams=list(impacted.root_owner_teams),
            root_suppliers=list(impacted.root_suppliers),
            customers=list(impacted.customers),
        )


class ImpactOut(Out):
    """What an outage brings down, degrades or puts at risk: worst first, then by ``ci_id``."""

    schema_: Literal["ripplegraph/impact/1"] = Field(
        default="ripplegraph/impact/1", serialization_alias="schema"
    )
    scenario: ScenarioOut
    impacted: list[ImpactedOut]
    cis_not_up: int
    services: int = Field(description="Number of services in the graph.")
    notes: list[str]

    @classmethod
    def of(
        cls, answer: ImpactAnswer, graph: ServiceGraph, *, at: datetime | None = None
    ) -> ImpactOut:
        """Shape the answer of one graph."""
        shaped: dict[int, FailedGroupOut] = {}
        return cls(
            scenario=ScenarioOut.of(answer.scenario, at),
            impacted=[ImpactedOut.of(one, graph, shaped) for one in answer.impacted],
            cis_not_up=answer.cis_not_up,
            services=len(graph.service_numbers),
            notes=list(answer.notes),
        )


class StepOut(Out):
    """One dependency of a reason, with the record that it came from."""

    dependent: str
    dependency: str
    dependency_status: StatusWord
    strength: StrengthWord
    group: str
    relation_type: str
    file: str
    row: int

    @classmethod
    def of(cls, step: ReasonStep) -> StepOut:
        """Shape one step."""
        return cls(
            dependent=step.dependent,
            dependency=step.dependency,
            dependency_status=step.status.word,
            strength=step.effect.word,
            group=step.group,
            relation_type=step.relation_type,
            file=step.file,
            row=step.row,
        )


class WhyNotOut(Out):
    """Why a CI is not down, and what would still have to fail."""

    schema_: Literal["ripplegraph/why-not/1"] = Field(
        default="ripplegraph/why-not/1", serialization_alias="schema"
    )
    scenario: ScenarioOut
    ci: ImpactedOut
    more_failures: RemainingCutOut | None
    single_failures: list[CiRef]
    holding_groups: list[FailedGroupOut]
    notes: list[str]

    @classmethod
    def of(
        cls, answer: WhyNotAnswer, graph: ServiceGraph, *, at: datetime | None = None
    ) -> WhyNotOut:
        """Shape the answer of one graph."""
        return cls(
            scenario=ScenarioOut.of(answer.scenario, at),
            ci=ImpactedOut.of(answer.ci, graph),
            more_failures=RemainingCutOut.of(answer.more_failures),
            single_failures=[CiRef.of(ci_id, graph) for ci_id in answer.single_failures],
            holding_groups=[FailedGroupOut.of(group) for group in answer.holding_groups],
            notes=list(answer.notes),
        )


class WhyOut(Out):
    """Why a CI is not up; while it is not down, ``why_not`` says what would still have to fail."""

    schema_: Literal["ripplegraph/why/1"] = Field(
        default="ripplegraph/why/1", serialization_alias="schema"
    )
    scenario: ScenarioOut
    ci: ImpactedOut
    chain: list[StepOut]
    causes: list[StepOut]
    why_not: WhyNotOut | None
    notes: list[str]

    @classmethod
    def of(
        cls,
        answer: WhyAnswer,
        graph: ServiceGraph,
        *,
        at: datetime | None = None,
        why_not: WhyNotAnswer | None = None,
    ) -> WhyOut:
        """Shape the answer of one graph."""
        return cls(
            scenario=ScenarioOut.of(answer.scenario, at),
            ci=ImpactedOut.of(answer.ci, graph),
            chain=[StepOut.of(step) for step in answer.chain],
            causes=[StepOut.of(step) for step in answer.causes],
            why_not=None if why_not is None else WhyNotOut.of(why_not, graph, at=at),
            notes=list(answer.notes),
        )
