"""The questions: what does a scenario impact, why is a CI not up, and why is it not down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from ripplegraph.graph.gates import NO_GROUP
from ripplegraph.graph.model import SERVICE_KINDS, CiId, OperatingState, Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.concerned import agreements_behind, offerings_of, slas_of
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.grounding import grounding_of
from ripplegraph.impact.propagation.reasons import Reasons, groups_not_up, reasons_of
from ripplegraph.impact.propagation.remaining import remaining_cut, single_failures
from ripplegraph.impact.propagation.scenario import (
    Scenario,
    actual_of,
    planned_of,
    scenario_of,
    unplanned_of,
)
from ripplegraph.impact.propagation.still_needed import Situation
from ripplegraph.impact.propagation.values import (
    FailedGroup,
    ImpactAnswer,
    ImpactedCi,
    ReasonStep,
    RemainingCut,
    WhyAnswer,
    WhyNotAnswer,
)

__all__ = [
    "FailedGroup",
    "ImpactAnswer",
    "ImpactedCi",
    "ReasonStep",
    "RemainingCut",
    "WhyAnswer",
    "WhyNotAnswer",
    "impact",
    "impacted_services",
    "why",
    "why_not",
]


LARGEST_LOOK = 1_000
"""CIs that one impact answer looks at to count further failures, unless told otherwise."""


def impact(
    graph: ServiceGraph,
    scenario: Scenario,
    *,
    all_cis: bool = False,
    at: datetime | None = None,
    largest_look: int = LARGEST_LOOK,
) -> ImpactAnswer:
    """Return what a scenario brings down, degrades or puts at risk, and why.

    Parameters
    ----------
    graph
        The graph; everything that the scenario does not name works.
    scenario
        See :func:`scenario_of`.
    all_cis
        True for every CI that is not up, not only services.
    at
        Aware; agreements in force then are listed. None leaves their dates out.
    largest_look
        CIs that are looked at to count further failures, >= 0; beyond them ``more_failures``
        is a lower bound without an example.

    Raises
    ------
    UnknownCiError
        If the scenario names a CI that the graph does not hold.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web & db; web -> h1 | h2")
    >>> answer = impact(graph, scenario_of(graph, down=["h1", "h2"]))
    >>> [(one.native_id, one.status.word, one.because[-1]) for one in answer.impacted]
    [('shop', 'down', 't:server:h1')]
    """
    case = _case_of(graph, scenario, at=at, largest_look=largest_look)
    kinds = graph.cis.kind
    chosen = [ci for ci in case.actual if all_cis or kinds[ci] in SERVICE_KINDS]
    impacted = sorted(
        (case.impacted(number) for number in chosen), key=lambda one: (-one.status, one.ci_id)
    )
    return ImpactAnswer(
        scenario=scenario,
        impacted=tuple(impacted),
        notes=case.notes(),
        cis_not_up=len(case.actual),
    )


def impacted_services(
    graph: ServiceGraph,
    *,
    down: Iterable[str] = (),
    maintenance: Iterable[str] = (),
    degraded: Iterable[str] = (),
    at: datetime | None = None,
) -> tuple[ImpactedCi, ...]:
    """Return the services that are not up, worst first, then by ``ci_id``.

    Parameters
    ----------
    down, maintenance, degraded
        Texts that name CIs; see :func:`scenario_of`, also for what is raised.
    at
        Aware; agreements in force then are listed. None leaves their dates out.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> [one.name for one in impacted_services(graph_of("shop -> db"), down=["db"])]
    ['shop']
    """
    scenario = scenario_of(graph, down=down, maintenance=maintenance, degraded=degraded)
    return impact(graph, scenario, at=at).impacted


def why(
    graph: ServiceGraph, service: str, scenario: Scenario, *, at: datetime | None = None
) -> WhyAnswer:
    """Return why one CI is not up in a scenario; its ``ci.status`` says so if it is up.

    Parameters
    ----------
    service
        Text that names a CI, a service or any other.
    at
        Aware; agreements in force then are listed. None leaves their dates out.

    Raises
    ------
    UnknownCiError
        If it, or the scenario, names a CI that the graph does not hold.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web; web -> db")
    >>> why(graph, "shop", scenario_of(graph, down=["db"])).ci.because
    ('t:service:shop', 't:server:web', 't:server:db')
    """
    number, case = graph.resolve(service), _case_of(graph, scenario, at=at)
    chain = case.reasons.chain_of(number)
    between = {
        pair: edge
        for dependent in chain
        for edge in reversed(case.reasons.causes.get(dependent, ()))
        for pair in [(dependent, int(graph.topology.edge_dependency[edge]))]
    }
    edges = [between[pair] for pair in pairwise(chain)]
    causes = case.reasons.causes.get(number, ())
    return WhyAnswer(
        scenario=scenario,
        ci=case.impacted(number),
        chain=tuple(case.step(edge) for edge in edges),
        causes=tuple(case.step(edge) for edge in causes),
        notes=case.notes(),
    )


def why_not(
    graph: ServiceGraph, service: str, scenario: Scenario, *, at: datetime | None = None
) -> WhyNotAnswer:
    """Return what would still have to fail to bring one CI down in a scenario.

    Parameters
    ----------
    service
        Text that names a CI, a service or any other.
    at
        Aware; agreements in force then are listed. None leaves their dates out.

    Raises
    ------
    UnknownCiError
        If it, or the scenario, names a CI that the graph does not hold.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> web; web -> h1 | h2", services=("shop", "web"))
    >>> why_not(graph, "shop", scenario_of(graph, down=["h1"])).single_failures
    ('t:server:h2',)
    """
    number, case = graph.resolve(service), _case_of(graph, scenario, at=at)
    is_down = case.actual.get(number) is Status.DOWN
    cone = () if is_down else case.reasons.cone_of(number)
    holding = [group for ci in cone for group in groups_not_up(graph, ci, case.actual)]
    return WhyNotAnswer(
        scenario=scenario,
        ci=case.impacted(number),
        more_failures=None if is_down else remaining_cut(graph, number, case.own),
        single_failures=() if is_down else single_failures(graph, number, case.own),
        holding_groups=tuple(
            sorted(
                (group for group in holding if group.status < Status.DOWN),
                key=lambda group: (group.dependent, group.key),
            )
        ),
        notes=case.notes(),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    """A graph under a scenario, with the statuses of its three readings."""

    graph: ServiceGraph
    scenario: Scenario
    at: datetime | None
    own: Mapping[int, Status]
    actual: Mapping[int, Status]
    planned: Mapping[int, Status]
    unplanned: Mapping[int, Status]
    grounded: Mapping[int, Status]
    reasons: Reasons
    situation: Situation

    def impacted(self, number: int) -> ImpactedCi:
        """Return one CI with its statuses, reason and whom it concerns."""
        graph, cis = self.graph, self.graph.cis
        status = self.actual.get(number, Status.UP)
        planned = self.planned.get(number, Status.UP)
        grounded = self.grounded.get(number, Status.UP)
        chain = self.reasons.chain_of(number)
        cone = self.reasons.cone_of(number)
        roots = sorted(cone & self.reasons.roots)
        offerings = offerings_of(graph, number)
        slas = slas_of(graph, (number, *offerings), self.at)
        return ImpactedCi(
            ci_id=graph.ci_ids[number],
            native_id=cis.native_id[number],
            name=cis.name[number],
            class_name=cis.class_name[number],
            kind=cis.kind[number],
            status=status,
            planned_status=planned,
            unplanned_status=self.unplanned.get(number, Status.UP),
            in_maintenance=planned is Status.DOWN,
            grounded_status=grounded if grounded != status else None,
            because=tuple(graph.ci_ids[ci] for ci in chain) if status else (),
            root_cis=_sorted_ids(graph, roots),
            failed_groups=self.reasons.failed_groups_of(cone),
            more_failures=self._more_failures(number, status),
            slas=slas,
            offerings=_sorted_ids(graph, offerings),
            customers=_texts(sla.customer for sla in slas),
            owner_team=cis.owner_team[number],
            root_owner_teams=_texts(cis.owner_team[root] for root in roots),
            root_suppliers=_texts(cis.supplier[root] for root in roots),
            root_agreements=agreements_behind(graph, roots, cone if roots else (), self.at),
        )

    def _more_failures(self, number: int, status: Status) -> RemainingCut | None:
        if status is Status.DOWN or self.graph.cis.kind[number] not in SERVICE_KINDS:
            return None
        return remaining_cut(
            self.graph, number, self.own, largest_search=100, situation=self.situation
        )

    def step(self, edge: int) -> ReasonStep:
        """Return one dependency as a step of a reason."""
        dependency = self.graph.dependency(edge)
        needed = int(self.graph.topology.edge_dependency[edge])
        is_grouped = self.graph.topology.edge_group[edge] != NO_GROUP
        return ReasonStep(
            dependent=dependency.dependent,
            dependency=dependency.dependency,
            status=self.actual.get(needed, Status.UP),
            effect=dependency.effect,
            group=dependency.group if is_grouped else "",
            relation_type=dependency.relation_type,
            file=dependency.file,
            row=dependency.row,
        )

    def notes(self) -> tuple[str, ...]:
        """Return what a reader should know besides, one sentence each."""
        return (*self._notes_on_own(), *self._notes_on_circles())

    def _notes_on_own(self) -> tuple[str, ...]:
        graph, notes = self.graph, []
        for ci_id in self.scenario.cis:
            number = graph.resolve(ci_id)
            state = graph.cis.state[number]
            if state is not OperatingState.LIVE:
                word = "a test CI" if state is OperatingState.TEST else "retired"
                notes.append(f"{ci_id} is {word}: it has no impact on live CIs.")
            elif graph.cis.is_stub[number]:
                notes.append(f"{ci_id} is a stub: the export names it but holds no record of it.")
            elif not _has_effect(graph, number):
                notes.append(f"{ci_id} has no impact on others: nothing else depends on it.")
        return tuple(notes)

    def _notes_on_circles(self) -> tuple[str, ...]:
        kinds = self.graph.cis.kind
        worse = sorted(
            self.graph.ci_ids[ci]
            for ci, status in self.grounded.items()
            if kinds[ci] in SERVICE_KINDS and status > self.actual.get(ci, Status.UP)
        )
        notes = []
        if worse:
            count = "1 service is" if len(worse) == 1 else f"{len(worse)} services are"
            more = f" and {len(worse) - 5} more" if len(worse) > 5 else ""
            notes.append(
                f"{count} better only because a circle of CIs holds itself up; grounded "
                f"{'it' if len(worse) == 1 else 'they'} would be worse: "
                f"{', '.join(worse[:5])}{more}."
            )
        rootless = sum(1 for ci in self.actual if not self.reasons.has_root(ci))
        if rootless:
            notes.append(
                f"{rootless} CIs are not up without any outage: grounded groups beneath them "
                "rest on nothing but themselves."
            )
        return tuple(notes)


def _case_of(
    graph: ServiceGraph,
    scenario: Scenario,
    *,
    at: datetime | None,
    largest_look: int = LARGEST_LOOK,
) -> _Case:
    if at is not None and at.tzinfo is None:
        msg = f"at needs a time zone, got {at.isoformat()}"
        raise ValueError(msg)
    own = actual_of(graph, scenario)
    actual = settle(graph, own)
    is_marked, is_circular = (grounding_of(graph, grounded=flag).groups for flag in (False, True))
    return _Case(
        graph=graph,
        scenario=scenario,
        at=at,
        own=own,
        actual=actual,
        planned=settle(graph, planned_of(graph, scenario)),
        unplanned=settle(graph, unplanned_of(graph, scenario)) if scenario.maintenance else actual,
        grounded=settle(graph, own, grounded=True) if is_circular != is_marked else actual,
        reasons=reasons_of(graph, own, actual),
        situation=Situation(
            graph=graph,
            own=own,
            statuses=actual,
            largest_look=largest_look,
        ),
    )


def _has_effect(graph: ServiceGraph, number: int) -> bool:
    effect = graph.gates.edge_effect
    return any(effect[edge] != Strength.NONE for edge in graph.edges_to_dependents(number))


def _sorted_ids(graph: ServiceGraph, numbers: Iterable[int]) -> tuple[CiId, ...]:
    return tuple(sorted(graph.ci_ids[number] for number in numbers))


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if text}))
