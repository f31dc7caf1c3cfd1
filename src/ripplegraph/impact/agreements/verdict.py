"""The question whether the target of each SLA follows from what its services rest on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ripplegraph.errors import UnknownAgreementError
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.model import SERVICE_KINDS, CiKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import agreement_words
from ripplegraph.impact.agreements.concerns import findings_on
from ripplegraph.impact.agreements.judging import judging
from ripplegraph.impact.agreements.values import SlaAnswer, SlaVerdict, Verdict
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions

MOST_PROPOSALS = 50
"""Missed SLAs for which proposals are computed, unless said otherwise."""

_WITH_CUSTOMERS = frozenset({AgreementKind.SLA, AgreementKind.SLR})
_WORST_FIRST = {Verdict.MISSED: 0, Verdict.UNPROVABLE: 1, Verdict.MET: 2}


def sla_verdicts(
    graph: ServiceGraph,
    services: Sequence[str] | None = None,
    *,
    at: datetime,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    most_proposals: int = MOST_PROPOSALS,
) -> SlaAnswer:
    """Return the verdict on each SLA in force, for each service that it covers.

    Parameters
    ----------
    graph
        The graph; dependencies that hold at the moment count.
    services
        Texts that name services: SLAs on them and on their offerings are judged. None for all.
    at
        Aware; agreements in force then count, in the window that contains it.
    options
        Bases, defaults, what-if values and budgets.
    most_proposals
        Missed SLAs, the worst first, for which proposals are computed.

    Returns
    -------
    SlaAnswer
        Worst first.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> sla_verdicts(graph_of("shop -> db"), at=datetime(2026, 11, 20, tzinfo=UTC)).slas
    ()
    """
    graph = graph_at(graph, at)
    asked = slas_in_force(graph, services, at)
    empty = [] if services is not None else _covering_nothing(graph, _in_force(graph, at))
    return _answer(graph, asked, at, options, most_proposals, empty)


def requirement_verdicts(
    graph: ServiceGraph,
    requirements: Sequence[str] | None = None,
    *,
    at: datetime,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> SlaAnswer:
    """Return whether requirements (SLRs) could be agreed on today's dependencies.

    Parameters
    ----------
    graph, at, options
        As for :func:`sla_verdicts`.
    requirements
        Ids of SLRs, or of SLAs in any state; None for every SLR.

    Returns
    -------
    SlaAnswer
        Each as if it were an SLA in force, with what would have to change, worst first.

    Raises
    ------
    UnknownAgreementError
        If an id names no SLR or SLA.
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> at = datetime(2026, 11, 20, tzinfo=UTC)
    >>> requirement_verdicts(graph_of("shop -> db"), at=at).slas
    ()
    """
    graph = graph_at(graph, at)
    wanted = _wanted(graph, requirements)
    asked = [
        (agreement, service)
        for agreement, covered in zip(graph.agreements, graph.covered, strict=True)
        if any(agreement is one for one in wanted)
        for service in covered
    ]
    return _answer(graph, asked, at, options, len(asked), _covering_nothing(graph, wanted))


def _in_force(graph: ServiceGraph, at: datetime) -> list[Agreement]:
    """Return the SLAs in force."""
    return [
        one for one in graph.agreements if one.kind is AgreementKind.SLA and one.is_in_force_at(at)
    ]


def _covering_nothing(graph: ServiceGraph, agreements: Sequence[Agreement]) -> list[Agreement]:
    """Return those of the agreements that cover no CI."""
    pairs = zip(graph.agreements, graph.covered, strict=True)
    empty = {id(agreement) for agreement, covered in pairs if not covered}
    return [one for one in agreements if id(one) in empty]


def _wanted(graph: ServiceGraph, names: Sequence[str] | None) -> list[Agreement]:
    """Return the SLRs, or the SLRs and SLAs that ids or names say."""
    if names is None:
        return [one for one in graph.agreements if one.kind is AgreementKind.SLR]
    wanted: list[Agreement] = []
    for name in names:
        with_customers = [one for one in graph.agreements if one.kind in _WITH_CUSTOMERS]
        found = [one for one in with_customers if name in (one.agreement_id, one.name)]
        if not found:
            raise UnknownAgreementError(name, tuple(one.agreement_id for one in with_customers))
        wanted += found
    return wanted


def _answer(
    graph: ServiceGraph,
    asked: Sequence[tuple[Agreement, int]],
    at: datetime,
    options: AvailabilityOptions,
    most_proposals: int,
    empty: Sequence[Agreement],
) -> SlaAnswer:
    judged = [(one, service) for one, service in asked if one.target_availability is not None]
    case = judging(graph, [service for _, service in judged], at=at, options=options)
    verdicts = [(case.verdict(*pair), pair) for pair in judged]
    verdicts.sort(key=lambda one: _worst_first(one[0]))
    missed = [place for place, (one, _) in enumerate(verdicts) if one.verdict is Verdict.MISSED]
    for place in missed[:most_proposals]:
        one, pair = verdicts[place]
        verdicts[place] = (replace(one, proposals=case.proposals(*pair)), pair)
    left_out = {id(verdicts[place][0]) for place in missed[most_proposals:]}
    unjudged = {one.agreement_id: one for one, _ in asked if one.target_availability is None}
    unjudged.update((one.agreement_id, one) for one in empty)
    return SlaAnswer(
        at=at,
        slas=tuple(
            replace(
                one, no_proposals=_why_none(one, most_proposals, is_left_out=id(one) in left_out)
            )
            for one, _ in verdicts
        ),
        not_judged=tuple(agreement_words(one) for one in unjudged.values()),
        findings=findings_on(case, [agreement for agreement, _ in judged]),
        assumptions=case.assumptions(),
    )


def _why_none(one: SlaVerdict, most_proposals: int, *, is_left_out: bool) -> str:
    """Return why a verdict has no proposals though its target is not met; else ""."""
    if one.verdict is Verdict.MET or one.proposals:
        return ""
    if one.missing:
        return "availabilities beneath it are unknown"
    if not one.independent.is_known:
        return "its availability is known between bounds only"
    if is_left_out:
        return f"computed for the worst {most_proposals} missed SLAs only; ask for its service"
    return "no agreement and no single point of failure beneath it could be better"


def slas_in_force(
    graph: ServiceGraph, services: Sequence[str] | None, at: datetime
) -> list[tuple[Agreement, int]]:
    """Return the SLAs in force with each service that they cover.

    Parameters
    ----------
    services
        Texts that name services; SLAs on their offerings count too. None for all.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    """
    chosen = None if services is None else _with_offerings(graph, map(graph.resolve, services))
    return [
        (agreement, service)
        for agreement, covered in zip(graph.agreements, graph.covered, strict=True)
        if agreement.kind is AgreementKind.SLA and agreement.is_in_force_at(at)
        for service in covered
        if chosen is None or service in chosen
    ]


def _with_offerings(graph: ServiceGraph, services: Iterable[int]) -> set[int]:
    """Return services with the offerings that need them."""
    chosen: set[int] = set()
    for service in services:
        chosen.add(service)
        needing = [
            int(graph.topology.edge_dependent[edge]) for edge in graph.edges_to_dependents(service)
        ]
        if graph.cis.kind[service] in SERVICE_KINDS:
            chosen.update(one for one in needing if graph.cis.kind[one] is CiKind.SERVICE_OFFERING)
    return chosen


def _worst_first(one: SlaVerdict) -> tuple[int, float, str, str]:
    left = one.headroom_minutes[0] / one.agreed_minutes if one.agreed_minutes else 0.0
    return (_WORST_FIRST[one.verdict], left, one.agreement.agreement_id, one.service)
