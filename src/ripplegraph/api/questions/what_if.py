"""What if: CIs down, twins, other targets, relations or availabilities; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ripplegraph.api.questions.asked import CiText, CiTexts, Moment, RevisionText
from ripplegraph.api.questions.availability import bounded_options
from ripplegraph.api.schemas.what_if import Side, WhatIfOut
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.model import CiId, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.supposing import Supposed, SupposedRelation, Supposition, supposed
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.availability.answers import availability
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.availability.own import own_reliabilities
from ripplegraph.impact.propagation.answers import impact
from ripplegraph.impact.propagation.scenario import scenario_of
from ripplegraph.impact.propagation.values import ImpactedCi

Fraction = Annotated[Decimal, Field(ge=0, le=1, max_digits=30, strict=False)]
_MOST = 1_000


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


class WhatIfIn(BaseModel):
    """What is supposed to be otherwise; at least one thing is."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    services: Annotated[CiTexts, Field(description="Compared; all that can differ if none.")] = []
    down: Annotated[CiTexts, Field(description="CIs that are down.")] = []
    own_availability: Annotated[
        dict[CiText, Fraction],
        Field(max_length=_MOST, description="By CI: a fraction in [0, 1]."),
    ] = {}
    targets: Annotated[
        dict[CiText, Fraction],
        Field(max_length=_MOST, description="By id or name of an agreement: its target."),
    ] = {}
    twins: Annotated[
        dict[CiText, Annotated[int, Field(ge=1, le=10)]],
        Field(max_length=100, description="By CI: how many more of the same there are."),
    ] = {}
    add_relations: Annotated[list[RelationIn], Field(max_length=_MOST)] = []
    remove_relations: Annotated[list[RelationIn], Field(max_length=_MOST)] = []
    at: Annotated[Moment | None, Field(strict=False)] = None
    revision: RevisionText = None

    @model_validator(mode="after")
    def _something_is_otherwise(self) -> Self:
        if not (self.down or self.own_availability or self._changes_graph()):
            msg = "nothing is otherwise: name down, own_availability, targets, twins or relations"
            raise ValueError(msg)
        return self

    def _changes_graph(self) -> bool:
        return bool(self.targets or self.twins or self.add_relations or self.remove_relations)

    def answer(self, whole: ServiceGraph, moment: datetime) -> WhatIfOut:
        """Return what would differ."""
        then = self._supposed(whole)
        before, after = graph_at(whole, moment), graph_at(then.graph, moment)
        options = self._options(after, before, then, moment)
        touched = self._touched(before)
        concerned = _above(before, touched) | _above(after, touched)
        return WhatIfOut.of(
            at=moment,
            before=self._side(before, bounded_options(), moment, concerned, down=[]),
            unchanged=_impacted(before, self.down, moment),
            after=self._side(after, options, moment, concerned, down=self.down),
        )

    def _touched(self, graph: ServiceGraph) -> list[CiId]:
        """Return the CIs that are otherwise themselves."""
        changed = [*self.add_relations, *self.remove_relations]
        texts = [*self.down, *self.own_availability, *self.twins]
        texts += [one.dependent for one in changed]
        numbers = {graph.resolve(text) for text in texts}
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

    def _options(
        self, after: ServiceGraph, before: ServiceGraph, then: Supposed, moment: datetime
    ) -> AvailabilityOptions:
        """Return what is stated of CIs; a twin is as reliable as its CI."""
        options = bounded_options()
        own = {
            after.resolve(ci): Reliability(unavailability=float(1 - fraction))
            for ci, fraction in self.own_availability.items()
        }
        originals = [before.resolve(one) for one in then.twin_of.values()]
        known = own_reliabilities(before, originals, options, at=moment)
        for twin, original in then.twin_of.items():
            stated = own.get(after.resolve(original))
            unavailability = known[before.resolve(original)].unavailability
            if stated is None and unavailability is not None:
                stated = Reliability(unavailability=unavailability)
            if stated is not None:
                own[after.resolve(twin)] = stated
        return replace(options, own=own)

    def _side(
        self,
        graph: ServiceGraph,
        options: AvailabilityOptions,
        moment: datetime,
        concerned: frozenset[CiId],
        *,
        down: list[str],
    ) -> Side:
        services = self.services or _services_among(graph, concerned)
        agreed = self.services or sorted(
            one for one in concerned if graph.look_up(one) is not None
        )
        rows = availability(graph, services, at=moment, options=options).services
        slas = sla_verdicts(graph, agreed, at=moment, options=options, most_proposals=0).slas
        return Side(availability=rows, slas=slas, impacted=_impacted(graph, down, moment))


def _above(graph: ServiceGraph, touched: Sequence[CiId]) -> frozenset[CiId]:
    """Return CIs with all that needs them: nothing else can differ."""
    return frozenset(touched).union(*map(graph.all_dependents_of, touched))


def _services_among(graph: ServiceGraph, concerned: frozenset[CiId]) -> list[CiId]:
    ids = graph.ci_ids
    return [ids[number] for number in graph.service_numbers if ids[number] in concerned]


def _impacted(graph: ServiceGraph, down: list[str], moment: datetime) -> Sequence[ImpactedCi]:
    return impact(graph, scenario_of(graph, down=down), at=moment).impacted
