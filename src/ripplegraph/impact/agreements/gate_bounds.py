"""How long a part too large for its sets may be down at most: a bound from its gates."""

from __future__ import annotations

from fractions import Fraction

from ripplegraph.impact.agreements.cut_families import Part
from ripplegraph.impact.agreements.promised_hours import Hours
from ripplegraph.impact.availability.compile import children_of, cone_of
from ripplegraph.impact.availability.formula import Op


def most_by_gates(part: Part, hours: Hours) -> Fraction:
    """Return seconds that a part is surely down at most: a bound from its gates.

    An OR is down at most as long as all its children one after the other, an AND as the least of
    them, and weights of ``w`` that reach ``k`` at most ``sum w u / k`` (Markov's inequality).
    """
    formula = part.formula
    most: dict[int, Fraction] = {}
    for node in cone_of(formula, part.top):
        below = [most[child] for child in children_of(formula, node)]
        match Op(int(formula.op[node])):
            case Op.VARIABLE:
                found = _most_seconds(int(formula.variable[node]), hours)
            case Op.OR:
                found = sum(below, Fraction(0))
            case Op.AND:
                found = min(below)
            case _:
                start, end = formula.child_offsets[node : node + 2].tolist()
                weighed = zip(formula.weights[start:end].tolist(), below, strict=True)
                found = sum((w * one for w, one in weighed), Fraction(0)) / int(
                    formula.threshold[node]
                )
        most[node] = min(found, Fraction(hours.total))
    return most[part.top]


def _most_seconds(ci: int, hours: Hours) -> Fraction:
    """Return how long a CI may be down: its limits, and all hours that none of them names."""
    limits = hours.limits[ci]
    limited = frozenset[int]().union(*(segments for segments, _ in limits))
    free = sum(one for k, one in enumerate(hours.seconds) if k not in limited)
    return free + sum((most for _, most in limits), Fraction(0))
