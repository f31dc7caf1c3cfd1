"""Inclusive scope: which CIs count as part of another one's promise (semantics.md section 3).

CIs that a service reaches only through a CI of inclusive promise are folded into it. What it
also reaches otherwise stays, shared; the CI then keeps the residual that makes its promise true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import reduce

from ripplegraph.impact.availability.structure import Needs
from ripplegraph.impact.availability.values import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Folding:
    """What is folded beneath one service.

    Parameters
    ----------
    folded
        CIs that count as part of another one.
    holders
        CIs of inclusive promise that are not folded themselves and have something beneath.
    shared
        By holder the CIs beneath it that the service reaches otherwise too.
    """

    folded: frozenset[int] = frozenset()
    holders: tuple[int, ...] = ()
    shared: tuple[tuple[int, frozenset[int]], ...] = ()


NOTHING_FOLDED = Folding()


def folding_of(
    needs: Needs, service: int, inclusive: frozenset[int], level: Level = Level.DOWN
) -> Folding:
    """Return what is folded beneath a service.

    Parameters
    ----------
    needs
        What each CI needs.
    service
        Number of a CI.
    inclusive
        Numbers of the CIs whose agreement promises all beneath them.
    level
        Dependencies that count at this level are followed.

    Notes
    -----
    A CI is folded if a CI of inclusive promise dominates it: lies on every path from the service
    to it.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> cloud; cloud -> db")
    >>> sorted(folding_of(Needs(graph, frozenset()), 0, frozenset([1])).folded)
    [2]
    """
    order, needing = _walk(needs, service, level)
    if inclusive.isdisjoint(order):
        return NOTHING_FOLDED
    folded = frozenset(_folded(order, needing, inclusive))
    holders = tuple(ci for ci in order if ci in inclusive - folded and _below(needs, ci, level))
    shared = tuple((ci, frozenset(beneath(needs, ci, level)) - folded - {ci}) for ci in holders)
    return Folding(folded=folded, holders=holders, shared=shared)


def grouped(
    needs: Needs, foldings: Mapping[int, Folding], level: Level = Level.DOWN
) -> list[list[int]]:
    """Return services in groups within which no CI is folded for one and free for another.

    Parameters
    ----------
    foldings
        By the number of the service.
    """
    if all(one is NOTHING_FOLDED for one in foldings.values()):
        return [list(foldings)] if foldings else []
    folded_somewhere = frozenset().union(*(one.folded for one in foldings.values()))
    contested: set[int] = set()
    for service, folding in foldings.items():
        contested |= (beneath(needs, service, level) & folded_somewhere) - folding.folded
    groups: dict[frozenset[int], list[int]] = {}
    for service, folding in foldings.items():
        groups.setdefault(folding.folded & contested, []).append(service)
    return list(groups.values())


def inner_first(
    needs: Needs, holders: Iterable[int], level: Level = Level.DOWN
) -> tuple[int, ...]:
    """Return CIs, those that rest on no other one of them first."""
    above = dict.fromkeys(holders, 0)
    for holder in above:
        for ci in beneath(needs, holder, level):
            if ci in above and ci != holder:
                above[ci] += 1
    # each of those that rest on no other one lies beneath more
    return tuple(sorted(above, key=lambda ci: (-above[ci], ci)))


def beneath(needs: Needs, ci: int, level: Level = Level.DOWN) -> set[int]:
    """Return the CIs that a CI rests on, itself included."""
    seen, waiting = {ci}, [ci]
    while waiting:
        fresh = set(_below(needs, waiting.pop(), level)) - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen


def _below(needs: Needs, ci: int, level: Level) -> list[int]:
    return sorted(set(needs.of(ci).cis(level)))


def _walk(needs: Needs, service: int, level: Level) -> tuple[list[int], dict[int, list[int]]]:
    """Return the CIs beneath, those that need others before them, and who needs each."""
    needing: dict[int, list[int]] = {service: []}
    finished: list[int] = []
    path = [(service, iter(_below(needs, service, level)))]
    while path:
        ci, following = path[-1]
        fresh = next(following, None)
        if fresh is None:
            finished.append(ci)
            path.pop()
            continue
        if fresh not in needing:
            needing[fresh] = []
            path.append((fresh, iter(_below(needs, fresh, level))))
        needing[fresh].append(ci)
    return finished[::-1], needing


def _folded(
    order: Sequence[int], needing: Mapping[int, list[int]], inclusive: Set[int]
) -> set[int]:
    """Return the CIs that an inclusive one dominates: it lies on every path to them."""
    nearest = _nearest_dominators(order, needing)
    found: set[int] = set()
    for ci in order[1:]:  # dominators come before what they dominate
        if nearest[ci] in inclusive or nearest[ci] in found:
            found.add(ci)
    return found


def _nearest_dominators(order: Sequence[int], needing: Mapping[int, list[int]]) -> dict[int, int]:
    """Return by CI the last one that lies on every path to it (Cooper, Harvey, Kennedy 2001)."""
    place = {ci: at for at, ci in enumerate(order)}
    nearest = {order[0]: order[0]}

    def common(one: int, other: int) -> int:
        while one != other:
            if place[one] < place[other]:
                one, other = other, one
            one = nearest[one]
        return one

    is_changing = True
    while is_changing:
        is_changing = False
        for ci in order[1:]:
            # never empty: who found a CI comes before it
            following = reduce(common, (one for one in needing[ci] if one in nearest))
            if nearest.get(ci) != following:
                nearest[ci], is_changing = following, True
    return nearest
