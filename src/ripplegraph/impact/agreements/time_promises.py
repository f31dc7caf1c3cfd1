"""Which agreement promises a time for each CI, and the chains of them beneath a service.

A ticket is passed on along the dependencies: from the team of a CI to the team of what it needs,
so promises follow each other along a path, and of several paths the longest decides. Neighbours
under one agreement are one step; nothing beneath an inclusive promise is passed on to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ripplegraph.graph.agreements import Agreement, AgreementKind, Scope
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.answering import INTERNAL
from ripplegraph.impact.agreements.beneath import all_beneath
from ripplegraph.impact.availability.structure import Needs, circles_in_order
from ripplegraph.impact.availability.values import Level

NOT_PROMISED = -1
"""A step that nobody has promised a time for."""

TOO_MANY = -2
"""Stands for ways that were too many to look at each of them."""

_MOST_WAYS = 64

Way = tuple[int, ...]


class TimeKind(StrEnum):
    """What is promised within a time."""

    RESPONSE = "response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePromise:
    """The agreement that promises a time on a CI, and those behind it.

    Parameters
    ----------
    minutes
        Of the agreement's service time.
    backs
        Contracts behind an OLA that promise a time too.
    """

    agreement: Agreement
    minutes: float
    backs: tuple[TimePromise, ...] = ()


def time_promises(
    graph: ServiceGraph, priority: str, kind: TimeKind, *, at: datetime | None
) -> dict[int, TimePromise]:
    """Return by CI number the promise of a time that counts for tickets of a priority.

    Parameters
    ----------
    priority
        As in the table ``time_targets``.
    at
        Aware; agreements in force then count. None leaves their dates out.

    Notes
    -----
    The OLA answers, else the contract; of several of one kind the one that promises least.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> time_promises(graph_of("shop -> db"), "P1", TimeKind.RESOLUTION, at=None)
    {}
    """
    minutes = promised_minutes(graph, priority, kind)
    covering: dict[int, list[TimePromise]] = {}
    for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
        within = minutes.get(agreement.agreement_id)
        if within is None or agreement.kind not in INTERNAL or not agreement.is_in_force_at(at):
            continue
        promise = TimePromise(agreement=agreement, minutes=within)
        for ci in covered:
            covering.setdefault(ci, []).append(promise)
    return {ci: _first_of(covering[ci]) for ci in sorted(covering)}


def promised_minutes(graph: ServiceGraph, priority: str, kind: TimeKind) -> dict[str, float]:
    """Return by agreement id the minutes that it promises for a priority.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> promised_minutes(graph_of("shop -> db"), "P1", TimeKind.RESPONSE)
    {}
    """
    found: dict[str, float] = {}
    for target in graph.time_targets:
        is_response = kind is TimeKind.RESPONSE
        minutes = target.response_minutes if is_response else target.resolution_minutes
        if target.priority == priority and minutes is not None:
            found.setdefault(target.agreement, minutes)
    return found


def _first_of(promises: Sequence[TimePromise]) -> TimePromise:
    first, *others = sorted(
        promises,
        key=lambda one: (
            one.agreement.kind is not AgreementKind.OLA,
            -one.minutes,
            one.agreement.agreement_id,
        ),
    )
    if first.agreement.kind is not AgreementKind.OLA:
        return first
    backs = tuple(one for one in others if one.agreement.kind is AgreementKind.UPC)
    return TimePromise(agreement=first.agreement, minutes=first.minutes, backs=backs)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """The ways that a ticket may take beneath services.

    Parameters
    ----------
    promises
        The distinct promises that the numbers in ways stand for.
    of_service
        By service number its ways, each a tuple of such numbers, ``NOT_PROMISED`` and
        ``TOO_MANY``, none of them part of another.
    silent
        CIs that can fail and have no promise.
    cut_points
        CIs with an inclusive promise.
    """

    promises: tuple[TimePromise, ...]
    of_service: Mapping[int, tuple[Way, ...]]
    silent: frozenset[int]
    cut_points: frozenset[int]


def ways_beneath(
    graph: ServiceGraph,
    services: Sequence[int],
    priority: str,
    kind: TimeKind,
    *,
    at: datetime | None,
) -> Ways:
    """Return the ways that tickets of a priority may take beneath services.

    Parameters
    ----------
    services
        Numbers of CIs.
    priority, kind, at
        As for :func:`time_promises`.

    Notes
    -----
    A response is given by each team by itself: its ways are single steps. Every CI is looked at
    once, for all services. CIs in a circle are one after the other.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> ways_beneath(graph_of("shop -> db"), [0], "P1", TimeKind.RESOLUTION, at=None).of_service
    {0: ((-1,),)}
    """
    promised = time_promises(graph, priority, kind, at=at)
    cut = frozenset(ci for ci, p in promised.items() if p.agreement.scope is Scope.INCLUSIVE)
    needs = Needs(graph, cut)
    numbers = all_beneath(needs, services)
    distinct: dict[int, int] = {}
    promises: list[TimePromise] = []
    for ci in numbers:
        if ci in promised and id(promised[ci].agreement) not in distinct:
            distinct[id(promised[ci].agreement)] = len(promises)
            promises.append(promised[ci])
    silent = frozenset(ci for ci in numbers if ci not in promised and not graph.cis.is_logical[ci])
    case = _Case(needs=needs, kind=kind, found={})
    for circle in circles_in_order(graph, case.needs, numbers, Level.DOWN):
        own = {distinct[id(promised[ci].agreement)] for ci in circle if ci in promised}
        if not silent.isdisjoint(circle):
            own.add(NOT_PROMISED)
        case.add(circle, sorted(own))
    return Ways(
        promises=tuple(promises),
        of_service={service: case.found[service] for service in services},
        silent=silent,
        cut_points=cut,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    needs: Needs
    kind: TimeKind
    found: dict[int, tuple[Way, ...]]

    def add(self, circle: Sequence[int], own: Sequence[int]) -> None:
        """Find the ways from CIs of a circle; those that they need are known."""
        inside = set(circle)
        below = {to for ci in circle for to in self.needs.of(ci).cis(Level.DOWN)} - inside
        further = set().union(*(self.found[to] for to in below)) or {()}
        if self.kind is TimeKind.RESPONSE:
            ways = {way for way in further if way} | {(step,) for step in own} or {()}
        else:
            ways = {_joined(own, way) for way in further}
        self.found.update(dict.fromkeys(circle, _longest_of(ways)))


def _joined(own: Sequence[int], way: Way) -> Way:
    """Return a way with further steps before it; neighbours that are the same are one."""
    if own and way and own[-1] == way[0]:
        return (*own[:-1], *way)
    return (*own, *way)


def _longest_of(ways: set[Way]) -> tuple[Way, ...]:
    """Return the ways that are no part of another one: that one takes no less time."""
    kept: list[Way] = []
    for way in sorted(ways, key=lambda one: (-len(one), one)):
        if any(_is_part(way, other) for other in kept):
            continue
        if len(kept) == _MOST_WAYS:
            kept.append((TOO_MANY,))
            break
        kept.append(way)
    return tuple(sorted(kept))


def _is_part(way: Way, other: Way) -> bool:
    """Return whether the steps of a way are among those of another, in their order."""
    steps = iter(other)
    return all(step in steps for step in way)
