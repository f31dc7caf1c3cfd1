"""A graph as it would be if something were otherwise: a copy, with nothing stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ripplegraph.errors import InvalidScenarioError, UnknownAgreementError
from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.ci_ids import ci_id_of
from ripplegraph.graph.model import CiId, Requirement, RequirementUnit, Strength
from ripplegraph.graph.records import DependencyColumns, GroupRecord, Records
from ripplegraph.graph.records_of import records_of, reference_of
from ripplegraph.graph.service_graph import ServiceGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class SupposedRelation:
    """A dependency between two CIs, each as a text that names it."""

    dependent: str
    dependency: str
    strength: Strength = Strength.HARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposition:
    """What is supposed to be otherwise.

    Parameters
    ----------
    targets
        Target availability, a fraction in [0, 1], by id or name of the agreement.
    twins
        How many more of the same there are, by text that names the CI, >= 1.
    added, removed
        Dependencies that there would be, and that there would not be.
    """

    targets: Mapping[str, Decimal] = field(default_factory=dict)
    twins: Mapping[str, int] = field(default_factory=dict)
    added: Sequence[SupposedRelation] = ()
    removed: Sequence[SupposedRelation] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """The graph as it would be, and of which CI each new one is a twin."""

    graph: ServiceGraph
    twin_of: Mapping[CiId, CiId]


def supposed(graph: ServiceGraph, supposition: Supposition) -> Supposed:
    """Return the graph as it would be.

    Parameters
    ----------
    graph
        As it is; it is not changed.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If one names several.
    UnknownAgreementError
        If there is no agreement of such an id or name.
    InvalidScenarioError
        If a dependency to be removed is not there.

    Notes
    -----
    A twin needs what its CI needs, and agreements on the CI cover it too. Who needs the CI needs
    one of them; in a redundancy group the twin is one more member.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> found = supposed(graph_of("shop -> db"), Supposition(twins={"db": 1}))
    >>> found.graph.ci_ids[-1], found.graph.group_rules[0].min_up.value
    ('t:server:db-twin-1', Decimal('1'))
    """
    records = records_of(graph)
    records.agreements = _with_targets(graph, supposition.targets)
    _remove(graph, records.dependencies, supposition.removed)
    twin_of: dict[CiId, CiId] = {}
    for text, count in supposition.twins.items():
        number = graph.resolve(text)
        for copy in range(1, count + 1):
            twin = _add_twin(graph, records, number, f"{graph.cis.native_id[number]}-twin-{copy}")
            twin_of[twin] = graph.ci_ids[number]
    for one in supposition.added:
        records.dependencies.append(
            dependent=reference_of(graph, graph.resolve(one.dependent)),
            dependency=reference_of(graph, graph.resolve(one.dependency)),
            relation_type="supposed",
            strength=one.strength,
        )
    return Supposed(graph=build_service_graph(records).graph, twin_of=twin_of)


def _with_targets(graph: ServiceGraph, targets: Mapping[str, Decimal]) -> list[Agreement]:
    found = list(graph.agreements)
    for name, target in targets.items():
        at = [number for number, one in enumerate(found) if name in (one.agreement_id, one.name)]
        if not at:
            raise UnknownAgreementError(name, tuple(one.agreement_id for one in found))
        for number in at:
            found[number] = replace(found[number], target_availability=target)
    return found


def _remove(
    graph: ServiceGraph, columns: DependencyColumns, removed: Sequence[SupposedRelation]
) -> None:
    for one in removed:
        pair = (
            reference_of(graph, graph.resolve(one.dependent)),
            reference_of(graph, graph.resolve(one.dependency)),
        )
        pairs = list(zip(columns.dependent, columns.dependency, strict=True))
        if pair not in pairs:
            reason = f"{one.dependent!r} does not need {one.dependency!r} directly"
            raise InvalidScenarioError(reason, "Name a dependency that is there")
        for place in reversed([at for at, found in enumerate(pairs) if found == pair]):
            _delete(columns, place)


def _delete(columns: DependencyColumns, place: int) -> None:
    for cells in (
        columns.dependent,
        columns.dependency,
        columns.relation_type,
        columns.strength,
        columns.group,
        columns.weight,
        columns.valid_from,
        columns.valid_to,
        columns.file,
        columns.row,
    ):
        del cells[place]


def _add_twin(graph: ServiceGraph, records: Records, number: int, native_id: str) -> CiId:
    """Add a CI beside another one, with its needs, its dependents and its agreements."""
    cis = graph.cis
    source, class_name = cis.source[number], cis.class_name[number]
    twin = ci_id_of(source, class_name, native_id)
    records.cis.append(
        source=source,
        class_name=class_name,
        native_id=native_id,
        name=f"{cis.name[number]} (twin)",
        kind=cis.kind[number],
        is_logical=cis.is_logical[number],
        owner_team=cis.owner_team[number],
        supplier=cis.supplier[number],
        availability=cis.availability[number],
        mtbf_hours=cis.mtbf_hours[number],
        mttr_hours=cis.mttr_hours[number],
        tags=cis.tags[number],
    )
    reference = reference_of(graph, number)
    _copy_dependencies(records, reference, twin)
    records.agreements = [
        replace(one, covers=(*one.covers, twin)) if number in covered else one
        for one, covered in zip(records.agreements, graph.covered, strict=True)
    ]
    return twin


def _copy_dependencies(records: Records, reference: str, twin: CiId) -> None:
    columns = records.dependencies
    one_is_enough = Requirement(unit=RequirementUnit.COUNT, value=Decimal(1))
    grouped = {(one.dependent, one.key) for one in records.groups}
    for place in range(len(columns)):
        if columns.dependency[place] == reference:
            if not columns.group[place]:
                key = columns.group[place] = f"supposed {reference}"
                if (columns.dependent[place], key) not in grouped:
                    grouped.add((columns.dependent[place], key))
                    records.groups.append(
                        GroupRecord(
                            dependent=columns.dependent[place], key=key, min_up=one_is_enough
                        )
                    )
            _append_like(columns, place, columns.dependent[place], twin)
        elif columns.dependent[place] == reference:
            _append_like(columns, place, twin, columns.dependency[place])
    records.groups.extend(
        [replace(one, dependent=twin) for one in records.groups if one.dependent == reference]
    )


def _append_like(columns: DependencyColumns, place: int, dependent: str, dependency: str) -> None:
    columns.append(
        dependent=dependent,
        dependency=dependency,
        relation_type=columns.relation_type[place],
        strength=columns.strength[place],
        group=columns.group[place],
        weight=columns.weight[place],
        valid_from=columns.valid_from[place],
        valid_to=columns.valid_to[place],
    )
