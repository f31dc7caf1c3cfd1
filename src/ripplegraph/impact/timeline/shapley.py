"""Who brought a service down: the Shapley value of a set of failed CIs (semantics.md section 5).

The game: a set of the failed CIs is worth 1 if it alone brings the service down, all others
perfect. CIs that are no cause get nothing; one minimal cut set means equal shares.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import factorial

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.contributions import contributions
from ripplegraph.impact.availability.formula import Formula, Op
from ripplegraph.impact.availability.structure import structure_functions
from ripplegraph.impact.propagation.blast_radius import blast_radius
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.reasons import reasons_of
from ripplegraph.impact.timeline.reasons_beneath import reasons_beneath

LARGEST_ENUMERATED = 8
"""Games of so many CIs are enumerated; larger ones are integrated on a decision diagram."""

_PRECISION = 10**12
_FEWEST = 2  # players; one alone has all of it


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
    players = _causes(graph, service, failed)
    if len(players) <= largest_enumerated:
        return _enumerated(players, _tried(graph, service, players))
    fallen = frozenset(blast_radius(graph, down=players).down.tolist())
    return _integrated(_game_of(graph, service, players, fallen))


def blames_of(
    graph: ServiceGraph, services: Iterable[int], failed: Sequence[int]
) -> Iterator[tuple[int, Blame]]:
    """Yield the blame of each of many services for the same failed CIs; see :func:`blame_of`.

    Notes
    -----
    Reasons of a CI rest only on what lies beneath it, so those of the whole graph are looked for
    once, not beneath each service anew. Whether some of the failed CIs would do is read off the
    structure function, not tried on the whole graph.

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
    fallen = frozenset(ci for ci, status in statuses.items() if status is Status.DOWN)
    for service in services:
        players = tuple(sorted(reasons.cone_of(service) & own.keys())) if service in fallen else ()
        if len(players) < _FEWEST:
            yield service, _enumerated(players, (False, True))
            continue
        game = _game_of(graph, service, players, fallen)
        is_small = len(players) <= LARGEST_ENUMERATED
        yield service, _enumerated(players, _read_off(game)) if is_small else _integrated(game)


def _causes(graph: ServiceGraph, service: int, failed: Sequence[int]) -> tuple[int, ...]:
    """Return the failed CIs without which some others of them would not do; all others get 0."""
    own = dict.fromkeys(sorted(failed), Status.DOWN)
    if not falls(graph, service, list(own)):
        return ()
    return tuple(sorted(reasons_beneath(graph, service, own).cone_of(service) & frozenset(own)))


def _tried(graph: ServiceGraph, service: int, players: Sequence[int]) -> list[bool]:
    """Return of every set of players, a number of that many bits, whether it would do."""
    count = len(players)
    is_down = [False] * (1 << count)
    if count < _FEWEST:  # the only one would do, or it would be no cause
        return [False, True]
    for chosen in range(1, 1 << count):
        is_down[chosen] = any(
            is_down[chosen & ~(1 << at)] for at in range(count) if chosen >> at & 1
        ) or falls(graph, service, [players[at] for at in range(count) if chosen >> at & 1])
    return is_down


def _enumerated(players: Sequence[int], is_down: Sequence[bool]) -> Blame:
    """Return the shares, given whether each set of players would do."""
    count = len(players)
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
    return Blame(shares=shares, method=ShareMethod.ENUMERATED)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Game:
    """When failed CIs bring a service down: a formula of which variable ``n`` is player ``n``."""

    players: tuple[int, ...]
    formula: Formula
    root: int


class _Others(Container[int]):
    """All CIs but some: a graph has many more than any game."""

    def __init__(self, some: Collection[int]) -> None:
        self._some = some

    def __contains__(self, ci: object) -> bool:
        return ci not in self._some


def _game_of(
    graph: ServiceGraph, service: int, players: tuple[int, ...], fallen: frozenset[int]
) -> _Game:
    """Return the game of a service, given what is down with all players and maybe more.

    What is up even then is up with fewer of them, too: nothing is looked for beneath it.
    """
    found = structure_functions(
        graph,
        [service],
        perfect=_Others(frozenset(players)),
        cut_points=_Others(fallen),
    )
    formula = found.formula
    renumbered = np.searchsorted(np.array(players), formula.variable).astype(np.uint32)
    return _Game(
        players=players,
        formula=replace(formula, variable=renumbered, variable_count=len(players)),
        root=found.roots[0],
    )


def _read_off(game: _Game) -> list[bool]:
    """Return of every set of players, a number of that many bits, whether it would do."""
    formula, count = game.formula, len(game.players)
    sets = np.arange(1 << count)
    known: list[NDArray[np.bool_]] = []
    bounds = formula.child_offsets.tolist()
    for node, op in enumerate(formula.op.tolist()):
        children = formula.children[bounds[node] : bounds[node + 1]].tolist()
        if op == Op.VARIABLE:
            truth = (sets >> int(formula.variable[node]) & 1).astype(np.bool_)
        elif children:
            weights = formula.weights[bounds[node] : bounds[node + 1]]
            truth = weights @ np.stack([known[one] for one in children]) >= _needed(formula, node)
        else:
            truth = np.full(len(sets), op == Op.TRUE)
        known.append(truth)
    found: list[bool] = known[game.root].tolist()
    return found


def _needed(formula: Formula, node: int) -> int:
    """Return how much of the weight of its children makes a node true."""
    begin, end = formula.child_offsets[node : node + 2].tolist()
    op = formula.op[node]
    if op == Op.AT_LEAST:
        return int(formula.threshold[node])
    return int(end - begin) if op == Op.AND else 1


def _integrated(game: _Game) -> Blame:
    """Return the shares by integrating on the diagram of the failed CIs alone."""
    players = game.players
    fleet = compile_fleet(game.formula, (game.root,))
    variables, values = contributions(fleet, np.ones(len(players)), 0)
    if not len(variables):
        alike = Fraction(1, len(players))
        return Blame(shares=dict.fromkeys(players, alike), method=ShareMethod.EQUAL)
    exact = {
        players[at]: Fraction(round(value * _PRECISION), _PRECISION)
        for at, value in zip(variables.tolist(), values.tolist(), strict=True)
    }
    total = sum(exact.values(), Fraction(0))
    shares = {ci: share / total for ci, share in exact.items() if share}
    return Blame(shares=shares, method=ShareMethod.INTEGRATED)
