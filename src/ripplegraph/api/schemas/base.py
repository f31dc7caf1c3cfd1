"""What every answer shares: strict fields, and the pieces that several answers hold."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import CiId, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.scenario import Scenario
from ripplegraph.impact.timeline.counting import time_zone_of

StatusWord = Annotated[str, Field(json_schema_extra={"enum": [status.word for status in Status]})]
StrengthWord = Annotated[
    str, Field(json_schema_extra={"enum": [strength.word for strength in Strength]})
]


class Out(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        serialize_by_alias=True,
        allow_inf_nan=False,
        json_schema_serialization_defaults_required=True,
    )


class CiRef(Out):
    """A CI by its id and name."""

    ci_id: str
    native_id: str
    name: str
    class_name: str = Field(serialization_alias="class")
    kind: str

    @classmethod
    def of(cls, ci_id: CiId, graph: ServiceGraph) -> CiRef:
        """Shape one CI."""
        number, cis = graph.resolve(ci_id), graph.cis
        return cls(
            ci_id=ci_id,
            native_id=cis.native_id[number],
            name=cis.name[number],
            class_name=cis.class_name[number],
            kind=cis.kind[number].value,
        )


class AgreementOut(Out):
    """An agreement, as far as an answer needs it; availability is a fraction."""

    agreement_id: str
    kind: str
    name: str
    customer: str
    provider: str
    owner: str
    target_availability: float | None
    window: str
    calendar: str
    time_zone: str = Field(
        description="Zone it measures in (IANA): its own, else its calendar's; empty is UTC."
    )
    state: str
    valid_from: str | None
    valid_to: str | None
    next_review: str | None

    @classmethod
    def of(cls, agreement: Agreement, graph: ServiceGraph) -> AgreementOut:
        """Shape one agreement."""
        return cls(
            agreement_id=agreement.agreement_id,
            kind=agreement.kind.value,
            name=agreement.name,
            customer=agreement.customer,
            provider=agreement.provider,
            owner=agreement.owner,
            target_availability=number_or_none(agreement.target_availability),
            window=str(agreement.window),
            calendar=agreement.calendar,
            time_zone=time_zone_of(graph, agreement),
            state=agreement.state.value,
            valid_from=time_text(agreement.valid_from),
            valid_to=time_text(agreement.valid_to),
            next_review=time_text(agreement.next_review),
        )


class ScenarioOut(Out):
    """The CIs that a question takes as out: ids, sorted."""

    down: list[str]
    maintenance: list[str]
    degraded: list[str]
    at: str | None = Field(description="The moment asked about, UTC; null if none was.")

    @classmethod
    def of(cls, scenario: Scenario, at: datetime | None) -> ScenarioOut:
        """Shape one scenario."""
        return cls(
            down=list(scenario.down),
            maintenance=list(scenario.maintenance),
            degraded=list(scenario.degraded),
            at=time_text(at),
        )


def time_text(moment: datetime | None) -> str | None:
    """Return a moment as ISO 8601 in UTC with ``Z``, or None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def number_or_none(value: Decimal | None) -> float | None:
    """Return a decimal as the JSON number with the same digits, or None."""
    return None if value is None else float(value)


def status_word(status: Status | None) -> str | None:
    """Return a status as users read it, or None."""
    return None if status is None else status.word
