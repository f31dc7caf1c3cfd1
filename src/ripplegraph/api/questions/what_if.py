"""What if: CIs down, twins, other targets, relations or availabilities; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ripplegraph.api.questions.asked import CiText, CiTexts, Moment, RevisionText
from ripplegraph.api.questions.assumed import MOST_STATED, Fraction, InputsIn
from ripplegraph.api.questions.availability import bounded_options
from ripplegraph.api.questions.incident import ScenarioIn
from ripplegraph.api.schemas import SlasOut
from ripplegraph.api.schemas.what_if import Side, WhatIfOut
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.model import CiId, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.supposing import Supposed, SupposedRelation, Supposition, supposed
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.availability.answers import availability
from ripplegraph.impact.availability.options import (
    AvailabilityOptions,
    CommonCauses,
    Reliability,
)
from ripplegraph.impact.availability.own import own_reliabilities
from ripplegraph.impact.availability.values import Level
from ripplegraph.impact.propagation.answers import impact
from ripplegraph.impact.propagation.scenario import Scenario
from ripplegraph.impact.propagation.values import ImpactedCi


class SlaWhatIf(InputsIn):
    """What if CIs had another availability of their own? Nothing is stored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    services: CiTexts = Field(default=[])

    def answer(self, graph: ServiceGraph, moment: datetime) -> SlasOut:
        """Return whether the targets of SLAs could be kept."""
        options = self.with_inputs(graph, bounded_options())
        return SlasOut.of(sla_verdicts(graph, self.services or None, at=moment, options=options))


class SlaWhatIfThen(SlaWhatIf):
    """The same as a job, with the moment and the revision that its route takes beside it."""

    is_over_time: ClassVar[bool] = False

    at: Annotated[Moment | None, Field(strict=False)] = None
    revision: RevisionText = None


class RelationIn(BaseModel):
    """A dependency: who needs whom, and how much."""

    model_config = ConfigDict(extra="forbid", strict=True)

    dependent: CiText
    dependency: CiText
    strength: Literal["hard", "soft"] = "hard"

    def relation(self) -> SupposedRelation:
        """Return it as the graph knows it."""
        strength = next(one for one in Strength if one.word == self.strength)
        return SupposedRelation(
            dependent=self.dependent, dependency=self.dependency, strength=strength
        )


class WhatIfIn(InputsIn, ScenarioIn):
    """What is supposed to be otherwise; at least one thing is.

    ``bases``, ``class_defaults``, ``level``, ``inclusive`` and ``failure_groups`` are assumed on
    both sides.
    """

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    is_over_time: ClassVar[bool] = True

    services: CiTexts = Field(default=[], description="Compared; all that can differ if none.")
    level: Literal["down", "degraded"] = Field(
        default="down", description="What counts as failed."
    )
    inclusive: CiTexts = Field(
        default=[],
        description="CIs that count with all that lies beneath them, as their agreements promise.",
    )
    failure_groups: dict[CiText, Fraction] = Field(
        default={},
        max_length=MOST_STATED,
        description="By column: CIs with one value in it share this part of their failures.",
    )
    targets: dict[CiText, Fraction] = Field(
        default={},
        max_length=MOST_STATED,
        description="By id or name of an agreement: its target.",
    )
    twins: dict[CiText, Annotated[int, Field(ge=1, le=10)]] = Field(
        default={}, max_length=100, description="By CI: how many more of the same there are."
    )
    add_relations: list[RelationIn] = Field(default=[], max_length=MOST_STATED)
    remove_relations: list[RelationIn] = Field(default=[], max_length=MOST_STATED)

    @model_validator(mode="after")
    def _something_is_otherwise(self) -> Self:
        if not (self._is_something_out() or self.own_availability or self._changes_graph()):
            msg = "nothing is otherwise: name down, own_availability, targets, twins or relations"
            raise ValueError(msg)
        return self

    def _is_something_out(self) -> bool:
        return bool(self.down or self.maintenance or self.degraded or self.with_open_outages)

    def _changes_graph(self) -> bool:
        return bool(self.targets or self.twins or self.add_relations or self.remove_relations)

    def answer(self, whole: ServiceGraph, moment: datetime) -> WhatIfOut:
        """Return what would differ."""
        then = self._supposed(whole)
        before, after = graph_at(whole, moment), graph_at(then.graph, moment)
        touched = self._touched(before, moment)
        concerned = _above(before, touched) | _above(after, touched)
        today = self.model_copy(update={"own_availability": {}})
        return WhatIfOut.of(
            at=moment,
            before=today._side(before, {}, moment, concerned, out=Scenario()),
            unchanged=_impacted(before, self.scenario(before, moment), moment),
            after=self._side(
                after,
                self._of_twins(after, before, then, moment),
                moment,
                concerned,
                out=self.scenario(after, moment),
            ),
        )

    def _touched(self, graph: ServiceGraph, moment: datetime) -> list[CiId]:
        """Return the CIs that are otherwise themselves."""
        changed = [*self.add_relations, *self.remove_relations]
        texts = [*self.own_availability, *self.twins, *(one.dependent for one in changed)]
        numbers = {graph.resolve(text) for text in texts}
        numbers.update(map(graph.resolve, self.scenario(graph, moment).cis))
        for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
            if {agreement.agreement_id, agreement.name} & self.targets.keys():
                numbers.update(covered)
        return sorted(graph.ci_ids[number] for number in numbers)

    def _supposed(self, whole: ServiceGraph) -> Supposed:
        if not self._changes_graph():
            return Supposed(graph=whole, twin_of={})
        said = Supposition(
            targets=self.targets,
            twins=self.twins,
            added=[one.relation() for one in self.add_relations],
            removed=[one.relation() for one in self.remove_relations],
        )
        return supposed(whole, said)

    def _of_twins(
        self, after: ServiceGraph, before: ServiceGraph, then: Supposed, moment: datetime
    ) -> dict[int, Reliability]:
        """Return the reliability of twins by number: that of their CIs."""
        inputs = self.with_inputs(after, bounded_options())
        originals = [before.resolve(one) for one in then.twin_of.values()]
        today = replace(self.with_inputs(before, bounded_options()), own={})
        known = own_reliabilities(before, originals, today, at=moment)
        found: dict[int, Reliability] = {}
        for twin, original in then.twin_of.items():
            stated = inputs.own.get(after.resolve(original))
            unavailability = known[before.resolve(original)].unavailability
            if stated is None and unavailability is not None:
                stated = Reliability(unavailability=unavailability)
            if stated is not None:
                found[after.resolve(twin)] = stated
        return found

    def _side(
        self,
        graph: ServiceGraph,
        twins: Mapping[int, Reliability],
        moment: datetime,
        concerned: frozenset[CiId],
        *,
        out: Scenario,
    ) -> Side:
        inputs = self.with_inputs(graph, bounded_options())
        inputs = replace(inputs, own={**inputs.own, **twins})
        services = self.services or _services_among(graph, concerned)
        agreed = self.services or sorted(
            one for one in concerned if graph.look_up(one) is not None
        )
        rows = availability(
            graph, services, at=moment, options=self._assumed(graph, inputs)
        ).services
        slas = sla_verdicts(graph, agreed, at=moment, options=inputs, most_proposals=0).slas
        return Side(availability=rows, slas=slas, impacted=_impacted(graph, out, moment))

    def _assumed(self, graph: ServiceGraph, inputs: AvailabilityOptions) -> AvailabilityOptions:
        """Return what is assumed of services; verdicts have their own levels and scopes."""
        causes = [
            CommonCauses(attribute=column, beta=float(share))
            for column, share in self.failure_groups.items()
        ]
        return replace(
            inputs,
            level=Level(self.level),
            cut_points=frozenset(map(graph.resolve, self.inclusive)),
            common_causes=tuple(causes),
        )


def _above(graph: ServiceGraph, touched: Sequence[CiId]) -> frozenset[CiId]:
    """Return CIs with all that needs them: nothing else can differ."""
    return frozenset(touched).union(*map(graph.all_dependents_of, touched))


def _services_among(graph: ServiceGraph, concerned: frozenset[CiId]) -> list[CiId]:
    ids = graph.ci_ids
    return [ids[number] for number in graph.service_numbers if ids[number] in concerned]


def _impacted(graph: ServiceGraph, out: Scenario, moment: datetime) -> Sequence[ImpactedCi]:
    return impact(graph, out, at=moment).impacted
