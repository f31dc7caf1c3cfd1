"""Who brought a service down: the Shapley value of a set of failed CIs (semantics.md section 5).

The game: a set of the failed CIs is worth 1 if it alone brings the service down, all others
perfect. CIs that are no cause get nothing; one minimal cut set means equal shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import factorial

import numpy as np

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.contributions import contributions
from ripplegraph.impact.availability.structure import structure_functions
from ripplegraph.impact.propagation.blast_radius import blast_radius
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.reasons import reasons_of
from ripplegraph.impact.timeline.reasons_beneath import reasons_beneath

LARGEST_ENUMERATED = 8
"""Games of so many CIs are enumerated; larger ones are integrated on a decision diagram."""

_PRECISION = 10**12


class ShareMethod(StrEnum):
    """How shares were found: both are exact, the second to 1e-12."""

    ENUMERATED = "enumerated"
    INTEGRATED = "integrated"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """The share of each failed CI in a service being down; shares add up to 1.

    ``method`` is ``equal`` only where the diagram of a large game grew beyond its budget: then
    the CIs that are causes share alike, which is no Shapley value.
    """

    shares: Mapping[int, Fraction]
    method: ShareMethod


def blame_of(
    graph: ServiceGraph,
    service: int,
    failed: Sequence[int],
    *,
    largest_enumerated: int = LARGEST_ENUMERATED,
) -> Blame:
    """Return how far each failed CI brought a service down.

    Parameters
    ----------
    graph
        With the dependencies that hold at the time.
    service
        Number of a CI.
    failed
        Numbers of the CIs that are down by themselves.
    largest_enumerated
        See :data:`LARGEST_ENUMERATED`.

    Returns
    -------
    Blame
        Only CIs with a share, ascending; none if they do not bring the service down.

    Notes
    -----
    Shapley (1953). A large game is integrated along the diagonal of its multilinear extension,
    ``share_i = integral of dQ/dq_i (t, ..., t) over t from 0 to 1`` (Owen 1972).

    Examples
    --------
    Either web server or the database: the database counts twice as much as the pair together.

    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> db & h1 | h2")
    >>> {ci: str(share) for ci, share in blame_of(graph, 0, [1, 2, 3]).shares.items()}
    {1: '2/3', 2: '1/6', 3: '1/6'}
    """
    return _shares_among(graph, service, _causes(graph, service, failed), largest_enumerated)


def blames_of(
    graph: ServiceGraph, services: Iterable[int], failed: Sequence[int]
) -> Iterator[tuple[int, Blame]]:
    """Yield the blame of each of many services for the same failed CIs; see :func:`blame_of`.

    Notes
    -----
    Reasons of a CI rest only on what lies beneath it, so those of the whole graph are looked for
    once, not beneath each service anew.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> db; mail -> db & h1")
    >>> [list(blame.shares) for _, blame in blames_of(graph, [0, 2], [1])]
    [[1], [1]]
    """
    own = dict.fromkeys(sorted(failed), Status.DOWN)
    statuses = settle(graph, own)
    reasons = reasons_of(graph, own, statuses)
    for service in services:
        is_down = statuses.get(service) is Status.DOWN
        players = reasons.cone_of(service) & own.keys() if is_down else ()
        yield service, _shares_among(graph, service, tuple(sorted(players)), LARGEST_ENUMERATED)


def _shares_among(
    graph: ServiceGraph, service: int, players: tuple[int, ...], largest_enumerated: int
) -> Blame:
    if len(players) <= largest_enumerated:
        return Blame(shares=_enumerated(graph, service, players), method=ShareMethod.ENUMERATED)
    return _integrated(graph, service, players)


def _causes(graph: ServiceGraph, service: int, failed: Sequence[int]) -> tuple[int, ...]:
    """Return the failed CIs without which some others of them would not do; all others get 0."""
    own = dict.fromkeys(sorted(failed), Status.DOWN)
    if not falls(graph, service, list(own)):
        return ()
    return tuple(sorted(reasons_beneath(graph, service, own).cone_of(service) & frozenset(own)))


def _enumerated(graph: ServiceGraph, service: int, players: Sequence[int]) -> dict[int, Fraction]:
    """Return the shares by trying every set of players."""
    count = len(players)
    if count == 1:  # it brings the service down, or it would be no cause
        return {players[0]: Fraction(1)}
    is_down = [False] * (1 << count)
    for chosen in range(1, 1 << count):
        is_down[chosen] = any(
            is_down[chosen & ~(1 << at)] for at in range(count) if chosen >> at & 1
        ) or falls(graph, service, [players[at] for at in range(count) if chosen >> at & 1])
    weight = [
        Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
        for size in range(count)
    ]
    shares: dict[int, Fraction] = {}
    for at, player in enumerate(players):
        share = sum(
            (
                weight[chosen.bit_count()]
                for chosen in range(1 << count)
                if not chosen >> at & 1 and is_down[chosen | 1 << at] and not is_down[chosen]
            ),
            Fraction(0),
        )
        if share:
            shares[player] = share
    return shares


def falls(graph: ServiceGraph, service: int, failed: Sequence[int]) -> bool:
    """Return whether CIs that are down bring a service down.

    Parameters
    ----------
    service
        Number of a CI.
    failed
        Numbers of CIs, in any order.
    """
    found = blast_radius(graph, down=failed)
    return bool((found.numbers[: found.down_count] == service).any())


def _integrated(graph: ServiceGraph, service: int, players: Sequence[int]) -> Blame:
    """Return the shares by integrating on the diagram of the failed CIs alone."""
    perfect = set(range(graph.ci_count)) - set(players)
    structure = structure_functions(graph, [service], perfect=perfect)
    fleet = compile_fleet(structure.formula, structure.roots)
    failed = np.zeros(max(graph.ci_count, structure.formula.variable_count))
    failed[list(players)] = 1.0
    variables, values = contributions(fleet, failed, 0)
    if not len(variables):
        alike = Fraction(1, len(players))
        return Blame(shares=dict.fromkeys(players, alike), method=ShareMethod.EQUAL)
    exact = {
        ci: Fraction(round(value * _PRECISION), _PRECISION)
        for ci, value in zip(variables.tolist(), values.tolist(), strict=True)
    }
    total = sum(exact.values(), Fraction(0))
    shares = {ci: share / total for ci, share in exact.items() if share}
    return Blame(shares=shares, method=ShareMethod.INTEGRATED)
