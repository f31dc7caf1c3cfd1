"""What spreadsheets do: availability multiplied along the tree (semantics.md section 3).

Both numbers are wrong wherever CIs are shared or redundant; they are shown beside the exact one so
that users see the difference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import expm1, fsum, log1p, prod

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.compile import children_of, cone_of
from ripplegraph.impact.availability.formula import Formula, Op
from ripplegraph.impact.availability.rewriting import weights_of
from ripplegraph.impact.availability.structure import GroupNeed, Needs, circles_in_order
from ripplegraph.impact.availability.values import Level


def naive_product(unavailabilities: Sequence[float]) -> float:
    """Return the product of the availabilities of CIs, redundancy ignored.

    Parameters
    ----------
    unavailabilities
        Own unavailability of each distinct CI beneath, fractions.

    Examples
    --------
    >>> naive_product([0.5, 0.5])
    0.25
    """
    return 1.0 - _any(unavailabilities)


def naive_trees(
    graph: ServiceGraph,
    cis: Sequence[int],
    unavailability: Mapping[int, float],
    *,
    cut_points: Collection[int] = (),
) -> dict[int, float]:
    """Return the availability of CIs by series and k-out-of-n formulas on the unfolded tree.

    Parameters
    ----------
    cis
        Numbers of CIs, with all that they rest on.
    unavailability
        Own unavailability by CI number, fractions; CIs left out are unknown.
    cut_points
        Numbers of CIs whose dependencies are left out.

    Returns
    -------
    dict[int, float]
        Availability by CI number; CIs on or above a circle, or above an unknown one, are left
        out. Shared CIs count as if they were separate.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> h1 | h2; h1 -> san; h2 -> san")
    >>> round(naive_trees(graph, range(4), {0: 0.0, 1: 0.0, 2: 0.0, 3: 0.1})[0], 6)
    0.99
    """
    needs = Needs(graph, frozenset(cut_points))
    failed: dict[int, float] = {}
    for circle in circles_in_order(graph, needs, cis, Level.DOWN):
        ci = circle[0]
        need = needs.of(ci)
        is_known = ci in unavailability and all(one in failed for one in need.cis(Level.DOWN))
        if len(circle) == 1 and is_known:
            single = [failed[to] for to, effect in need.single if effect == Strength.HARD]
            groups = [_lost(one, failed) for one in need.groups if one.effect == Strength.HARD]
            failed[ci] = _any([unavailability[ci], *single, *groups])
    return {ci: 1.0 - value for ci, value in failed.items()}


def naive_tree(formula: Formula, root: int, q: NDArray[np.float64]) -> float:
    """Return one less the chance of a root by the formulas of its gates, no event shared.

    Parameters
    ----------
    formula, root
        Any gates; truth is failure.
    q
        The probability that each variable has failed.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> top = builder.all_of([builder.any_of([a, c]), builder.any_of([b, c])])
    >>> round(naive_tree(builder.build(), top, np.array([0.0, 0.0, 0.1])), 6)
    0.99
    """
    failed: dict[int, float] = {}
    for node in cone_of(formula, root):
        under = [failed[child] for child in children_of(formula, node)]
        match Op(int(formula.op[node])):
            case Op.VARIABLE:
                value = float(q[formula.variable[node]])
            case Op.OR:
                value = _any(under)
            case Op.AND:
                value = prod(under)
            case Op.AT_LEAST:
                members = list(zip(under, weights_of(formula, node), strict=True))
                value = _reached(int(formula.threshold[node]), members)
            case Op.NOT:
                value = 1.0 - under[0]
            case Op.XOR:
                value = 0.5 - 0.5 * prod(1.0 - 2.0 * one for one in under)
            case op:
                value = float(op is Op.TRUE)
        failed[node] = value
    return 1.0 - failed[root]


def _any(probabilities: Sequence[float]) -> float:
    """Return the probability that one of independent failures holds, small ones kept exactly."""
    if any(one >= 1.0 for one in probabilities):
        return 1.0
    return -expm1(fsum(log1p(-one) for one in probabilities))


def _lost(group: GroupNeed, failed: Mapping[int, float]) -> float:
    """Return the probability that independent members fail beyond what the group can lose."""
    members = [(failed[ci], weight) for ci, weight in group.members]
    return _reached(group.total - group.min_up + 1, members)


def _reached(enough: int, members: Sequence[tuple[float, int]]) -> float:
    """Return the probability that the weights of independent failures reach what is enough."""
    share = {0: 1.0}
    for chance, weight in members:
        following: dict[int, float] = {}
        for lost, probability in share.items():
            worse = min(enough, lost + weight)
            following[worse] = following.get(worse, 0.0) + probability * chance
            following[lost] = following.get(lost, 0.0) + probability * (1.0 - chance)
        share = following
    return share.get(enough, 0.0)
