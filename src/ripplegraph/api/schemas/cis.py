"""What ``show`` and ``services`` answer: CIs, their neighbours and agreements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import numpy as np
from pydantic import Field

from ripplegraph.api.schemas.base import (
    AgreementOut,
    CiRef,
    Out,
    StrengthWord,
    number_or_none,
    time_text,
)
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.model import CiKind, Dependency, Strength
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph


class DependencyOut(Out):
    """One dependency: who needs whom, how strongly, and the record that says so."""

    dependent: CiRef
    dependency: CiRef
    relation_type: str
    strength: StrengthWord
    effect: StrengthWord = Field(description="The strength that works, e.g. none if retired.")
    group: str
    weight: float
    file: str
    row: int

    @classmethod
    def of(cls, one: Dependency, graph: ServiceGraph) -> DependencyOut:
        """Shape one dependency."""
        return cls(
            dependent=CiRef.of(one.dependent, graph),
            dependency=CiRef.of(one.dependency, graph),
            relation_type=one.relation_type,
            strength=one.strength.word,
            effect=one.effect.word,
            group=one.group,
            weight=float(one.weight),
            file=one.file,
            row=one.row,
        )


class GroupOut(Out):
    """A redundancy group of the CI."""

    group: str
    min_up: str | None = Field(description="2, 50% or count:2; null if the data names none.")
    degraded_below: str | None
    grounded: bool
    members: list[str]


class OutageOut(Out):
    """An outage of the CI; ``end`` is null while it is open."""

    start: str
    end: str | None
    kind: str
    cause: str
    source: str
    external_id: str
    excluded: str

    @classmethod
    def of(cls, outage: Outage) -> OutageOut:
        """Shape one outage."""
        return cls(
            start=time_text(outage.start) or "",
            end=time_text(outage.end),
            kind=outage.kind.value,
            cause=outage.cause,
            source=outage.source,
            external_id=outage.external_id,
            excluded=outage.excluded,
        )


class CiOut(Out):
    """One CI with its neighbours, groups, agreements and outages."""

    schema_: Literal["ripplegraph/ci/1"] = Field(
        default="ripplegraph/ci/1", serialization_alias="schema"
    )
    ci: CiRef
    is_service: bool
    is_logical: bool
    is_stub: bool
    state: str
    owner_team: str
    supplier: str
    lifecycle: str
    environment: str
    criticality: str
    availability: float | None
    mtbf_hours: float | None
    mttr_hours: float | None
    tags: list[str]
    attributes: dict[str, str]
    file: str
    row: int
    dependencies: list[DependencyOut]
    dependents: list[DependencyOut]
    groups: list[GroupOut]
    services: list[CiRef] = Field(description="Services that need it, directly or not.")
    agreements: list[AgreementOut]
    outages: list[OutageOut]

    @classmethod
    def of(cls, number: int, graph: ServiceGraph) -> CiOut:
        """Shape the CI with this number."""
        ci = graph.ci(number)
        return cls(
            ci=CiRef.of(ci.ci_id, graph),
            is_service=ci.is_service,
            is_logical=ci.is_logical,
            is_stub=ci.is_stub,
            state=ci.state.value,
            owner_team=ci.owner_team,
            supplier=ci.supplier,
            lifecycle=ci.lifecycle,
            environment=ci.environment,
            criticality=ci.criticality,
            availability=number_or_none(ci.availability),
            mtbf_hours=ci.mtbf_hours,
            mttr_hours=ci.mttr_hours,
            tags=list(ci.tags),
            attributes=dict(sorted(ci.attributes.items())),
            file=ci.file,
            row=ci.row,
            dependencies=_dependencies(graph.edges_to_dependencies(number), graph),
            dependents=_dependencies(graph.edges_to_dependents(number), graph),
            groups=_groups_of(number, graph),
            services=_services_above(number, graph),
            agreements=[
                AgreementOut.of(one, graph) for one in agreements_covering({number}, graph)
            ],
            outages=[
                OutageOut.of(outage)
                for outage, out in zip(graph.outages, graph.outage_ci, strict=True)
                if out == number
            ],
        )


class CiRowOut(CiRef):
    """One CI in a list."""

    state: str
    owner_team: str
    supplier: str

    @classmethod
    def of_number(cls, number: int, graph: ServiceGraph) -> CiRowOut:
        """Shape the CI with this number."""
        cis = graph.cis
        return cls(
            ci_id=graph.ci_ids[number],
            native_id=cis.native_id[number],
            name=cis.name[number],
            class_name=cis.class_name[number],
            kind=cis.kind[number].value,
            state=cis.state[number].value,
            owner_team=cis.owner_team[number],
            supplier=cis.supplier[number],
        )


class CisOut(Out):
    """A list of CIs, by ``ci_id``."""

    schema_: Literal["ripplegraph/cis/1"] = Field(
        default="ripplegraph/cis/1", serialization_alias="schema"
    )
    cis: list[CiRowOut]

    @classmethod
    def of(cls, numbers: Iterable[int], graph: ServiceGraph) -> CisOut:
        """Shape the CIs with these numbers."""
        in_order = sorted(numbers, key=lambda number: graph.ci_ids[number])
        return cls(cis=[CiRowOut.of_number(number, graph) for number in in_order])


class CiPageOut(Out):
    """One page of CIs, in the order of the export."""

    schema_: Literal["ripplegraph/ci-page/1"] = Field(
        default="ripplegraph/ci-page/1", serialization_alias="schema"
    )
    cis: list[CiRowOut]
    after: str | None = Field(description="Cursor of the next page; null on the last one.")

    @classmethod
    def of_page(
        cls, numbers: Iterable[int], graph: ServiceGraph, *, after: str | None
    ) -> CiPageOut:
        """Shape the CIs of one page."""
        return cls(cis=[CiRowOut.of_number(number, graph) for number in numbers], after=after)


class NeighbourOut(CiRowOut):
    """A CI that is reached, and in how many hops at least."""

    hops: int


class NeighbourhoodOut(Out):
    """What lies around a CI, nearest first; ``truncated`` tells whether the limit cut some off."""

    schema_: Literal["ripplegraph/neighbourhood/1"] = Field(
        default="ripplegraph/neighbourhood/1", serialization_alias="schema"
    )
    ci_id: str
    direction: str = Field(json_schema_extra={"enum": ["dependencies", "dependents"]})
    cis: list[NeighbourOut]
    truncated: bool

    @classmethod
    def of(
        cls,
        start: int,
        hops_of: Mapping[int, int],
        graph: ServiceGraph,
        *,
        direction: str,
        truncated: bool,
    ) -> NeighbourhoodOut:
        """Shape what was reached from a CI, which stands first itself."""
        return cls(
            ci_id=graph.ci_ids[start],
            direction=direction,
            cis=[
                NeighbourOut(**dict(CiRowOut.of_number(number, graph)), hops=hops)
                for number, hops in hops_of.items()
            ],
            truncated=truncated,
        )


class ServiceOut(CiRowOut):
    """One service with its offerings, and the SLRs and SLAs in force on it or one of them."""

    criticality: str
    offerings: list[CiRef]
    slas: list[AgreementOut]
    customers: list[str]
    direct_dependencies: int

    @classmethod
    def of_number(cls, number: int, graph: ServiceGraph, at: datetime | None = None) -> ServiceOut:
        """Shape the service with this number, with SLRs and the SLAs in force at a moment."""
        ci_id = graph.ci_ids[number]
        offerings = _offerings_of(number, graph)
        slas = [
            agreement
            for agreement in agreements_covering({number, *offerings}, graph)
            if agreement.kind is AgreementKind.SLR
            or (agreement.kind is AgreementKind.SLA and agreement.is_in_force_at(at))
        ]
        return cls(
            **CiRowOut.of_number(number, graph).model_dump(by_alias=False),
            criticality=graph.cis.criticality[number],
            offerings=[CiRef.of(graph.ci_ids[one], graph) for one in offerings],
            slas=[AgreementOut.of(one, graph) for one in slas],
            customers=sorted({one.customer for one in slas if one.customer}),
            direct_dependencies=len(graph.direct_dependencies_of(ci_id)),
        )


class ServicesOut(Out):
    """Every service, by ``ci_id``."""

    schema_: Literal["ripplegraph/services/1"] = Field(
        default="ripplegraph/services/1", serialization_alias="schema"
    )
    services: list[ServiceOut]

    @classmethod
    def of(cls, graph: ServiceGraph, at: datetime | None = None) -> ServicesOut:
        """Shape the services of a graph, with the SLAs in force at a moment."""
        numbers = sorted(graph.service_numbers, key=lambda number: graph.ci_ids[number])
        return cls(services=[ServiceOut.of_number(number, graph, at) for number in numbers])


def agreements_covering(numbers: set[int], graph: ServiceGraph) -> list[Agreement]:
    """Return the agreements that cover one of these CIs, in the order of the export."""
    return [
        agreement
        for agreement, covered in zip(graph.agreements, graph.covered, strict=True)
        if not numbers.isdisjoint(covered)
    ]


def _dependencies(edges: Iterable[int], graph: ServiceGraph) -> list[DependencyOut]:
    return [DependencyOut.of(graph.dependency(edge), graph) for edge in edges]


def _groups_of(number: int, graph: ServiceGraph) -> list[GroupOut]:
    numbers = np.flatnonzero(graph.gates.group_dependent == number).tolist()
    groups = [graph.group(group) for group in numbers]
    return [
        GroupOut(
            group=group.key,
            min_up=None if group.min_up is None else str(group.min_up),
            degraded_below=None if group.degraded_below is None else str(group.degraded_below),
            grounded=group.grounded,
            members=[member.dependency for member in group.members],
        )
        for group in groups
    ]


def _services_above(number: int, graph: ServiceGraph) -> list[CiRef]:
    dependents = graph.all_dependents_of(graph.ci_ids[number])
    services = {graph.ci_ids[service] for service in graph.service_numbers}
    return [CiRef.of(ci_id, graph) for ci_id in dependents if ci_id in services]


def _offerings_of(number: int, graph: ServiceGraph) -> list[int]:
    """Return the offerings of a service: the offerings that directly depend on it."""
    edges = graph.edges_to_dependents(number)
    dependents = {
        int(graph.topology.edge_dependent[edge])
        for edge in edges
        if graph.gates.edge_effect[edge] != Strength.NONE
    }
    offerings = [one for one in dependents if graph.cis.kind[one] is CiKind.SERVICE_OFFERING]
    return sorted(offerings, key=lambda one: graph.ci_ids[one])
