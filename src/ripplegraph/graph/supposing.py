"""A graph as it would be if something were otherwise: a copy, with nothing stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ripplegraph.errors import InvalidScenarioError, UnknownAgreementError
from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.ci_ids import ci_id_of
from ripplegraph.graph.drafts import Draft, DraftEdge
from ripplegraph.graph.group_columns import GroupRule
from ripplegraph.graph.model import CiId, Requirement, RequirementUnit, Strength
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.records_of import reference_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.shared_look_ups import share_look_ups

_SUPPOSED = "supposed"
_ONE = Requirement(unit=RequirementUnit.COUNT, value=Decimal(1))


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
        If a dependency to be removed is not there, or a twin is.

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
    agreements, covered = _with_targets(graph, supposition.targets), graph.covered
    draft = Draft(graph)
    for relation in supposition.removed:
        _remove(graph, draft, relation)
    twins: list[tuple[int, int]] = []
    for text, count in supposition.twins.items():
        number = graph.resolve(text)
        names = (f"{graph.cis.native_id[number]}-twin-{copy}" for copy in range(1, count + 1))
        twins += [(number, _add_twin(graph, draft, number, name)) for name in names]
    for one in supposition.added:
        draft.add(
            DraftEdge(
                dependent=graph.resolve(one.dependent),
                dependency=graph.resolve(one.dependency),
                relation_type=_SUPPOSED,
                strength=one.strength,
            )
        )
    then = draft.graph()
    for number, twin in twins:
        covered = tuple((*cis, twin) if number in cis else cis for cis in covered)
    agreed = replace(then, agreements=agreements, covered=covered)
    share_look_ups(then, agreed)
    return Supposed(
        graph=agreed,
        twin_of={then.ids[twin]: graph.ids[number] for number, twin in twins},
    )


def _with_targets(graph: ServiceGraph, targets: Mapping[str, Decimal]) -> tuple[Agreement, ...]:
    found = list(graph.agreements)
    for name, target in targets.items():
        at = [number for number, one in enumerate(found) if name in (one.agreement_id, one.name)]
        if not at:
            raise UnknownAgreementError(name, tuple(one.agreement_id for one in found))
        for number in at:
            found[number] = replace(found[number], target_availability=target)
    return tuple(found)


def _remove(graph: ServiceGraph, draft: Draft, one: SupposedRelation) -> None:
    edges = draft.edges_between(graph.resolve(one.dependent), graph.resolve(one.dependency))
    if not edges:
        reason = "no such direct dependency is there to remove"
        named = (one.dependent, one.dependency)
        raise InvalidScenarioError(reason, "Name a dependency that is there", named)
    draft.remove(edges)


def _add_twin(graph: ServiceGraph, draft: Draft, number: int, native_id: str) -> int:
    """Add a CI beside another one, with its needs and its dependents; return its number."""
    key = f"{_SUPPOSED} {reference_of(graph, number)}"
    twin = draft.add_ci(_like(graph, number, native_id))
    for edge in draft.edges_on(number):
        member = edge
        if not edge.group:
            rule = GroupRule(dependent=edge.dependent, key=key, min_up=_ONE)
            member = draft.put_in_group(edge, rule)
        draft.add(replace(member, dependency=twin))
    for edge in draft.edges_of(number):
        draft.add(replace(edge, dependent=twin))
    for rule in draft.rules_of(number):
        draft.add_rule(replace(rule, dependent=twin))
    return twin


def _like(graph: ServiceGraph, number: int, native_id: str) -> CiColumns:
    """Return a CI like another one, under an id that no other has."""
    cis = graph.cis
    source, class_name = cis.source[number], cis.class_name[number]
    if graph.find(ci_id_of(source, class_name, native_id)) is not None:
        reason = "a CI is called already as a twin would be"
        raise InvalidScenarioError(reason, "Ask for twins of the graph as it is", (native_id,))
    added = CiColumns()
    added.append(
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
    return added
