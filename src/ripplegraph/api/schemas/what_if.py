"""What would differ if something were otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.agreements import VerdictWord
from ripplegraph.api.schemas.availability import LabelWord
from ripplegraph.api.schemas.base import Out, StatusWord, number_or_none, time_text
from ripplegraph.impact.agreements.values import SlaVerdict
from ripplegraph.impact.availability.values import ServiceAvailability
from ripplegraph.impact.propagation.values import ImpactedCi


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The answers on one of the graphs that are compared."""

    availability: Sequence[ServiceAvailability]
    slas: Sequence[SlaVerdict]
    impacted: Sequence[ImpactedCi]


class AvailabilitySideOut(Out):
    """The availability of a service on one side."""

    availability: float | None
    lower: float = Field(description="The unavailability is at least this.")
    upper: float = Field(description="The unavailability is at most this.")
    label: LabelWord

    @classmethod
    def of(cls, one: ServiceAvailability) -> AvailabilitySideOut:
        """Shape one side."""
        return cls(
            availability=one.availability,
            lower=one.lower,
            upper=one.upper,
            label=one.label.value,
        )


class ServiceDifferenceOut(Out):
    """A service whose availability would be another one."""

    ci_id: str
    name: str
    before: AvailabilitySideOut
    after: AvailabilitySideOut


class VerdictDifferenceOut(Out):
    """An SLA on a service, whose verdict or target would be another one."""

    service: str
    agreement_id: str
    agreement_name: str
    target_before: float | None
    target_after: float | None
    verdict_before: VerdictWord
    verdict_after: VerdictWord


class StatusDifferenceOut(Out):
    """A service that is not up in one of the three cases."""

    ci_id: str
    name: str
    before: StatusWord = Field(description="With nothing down.")
    unchanged: StatusWord = Field(description="With these CIs down, and nothing else otherwise.")
    after: StatusWord = Field(description="With these CIs down, and all else as supposed.")


class WhatIfOut(Out):
    """What would differ; nothing is stored."""

    schema_: Literal["ripplegraph/what-if/1"] = Field(
        default="ripplegraph/what-if/1", serialization_alias="schema"
    )
    at: str | None
    services: list[ServiceDifferenceOut]
    slas: list[VerdictDifferenceOut]
    statuses: list[StatusDifferenceOut]

    @classmethod
    def of(
        cls, *, at: datetime, before: Side, unchanged: Sequence[ImpactedCi], after: Side
    ) -> WhatIfOut:
        """Compare the sides."""
        return cls(
            at=time_text(at),
            services=_services(before, after),
            slas=_verdicts(before, after),
            statuses=_statuses(before.impacted, unchanged, after.impacted),
        )


def _services(before: Side, after: Side) -> list[ServiceDifferenceOut]:
    then = {one.ci_id: one for one in after.availability}
    compared = [
        ServiceDifferenceOut(
            ci_id=one.ci_id,
            name=one.name,
            before=AvailabilitySideOut.of(one),
            after=AvailabilitySideOut.of(then[one.ci_id]),
        )
        for one in before.availability
        if one.ci_id in then
    ]
    return [one for one in compared if one.before != one.after]


def _verdicts(before: Side, after: Side) -> list[VerdictDifferenceOut]:
    then = {(one.service, one.agreement.agreement_id): one for one in after.slas}
    compared = [
        VerdictDifferenceOut(
            service=one.service,
            agreement_id=one.agreement.agreement_id,
            agreement_name=one.agreement.name,
            target_before=number_or_none(one.agreement.target_availability),
            target_after=number_or_none(other.agreement.target_availability),
            verdict_before=one.verdict.value,
            verdict_after=other.verdict.value,
        )
        for one in before.slas
        if (other := then.get((one.service, one.agreement.agreement_id))) is not None
    ]
    return [
        one
        for one in compared
        if (one.target_before, one.verdict_before) != (one.target_after, one.verdict_after)
    ]


def _statuses(*sides: Sequence[ImpactedCi]) -> list[StatusDifferenceOut]:
    words = [{one.ci_id: one.status.word for one in side} for side in sides]
    names = {one.ci_id: one.name for side in sides for one in side}
    found = []
    for ci_id in sorted(names):
        earlier, unchanged, later = (side.get(ci_id, "up") for side in words)
        found.append(
            StatusDifferenceOut(
                ci_id=ci_id,
                name=names[ci_id],
                before=earlier,
                unchanged=unchanged,
                after=later,
            )
        )
    return found
