"""Common-cause groups: each member becomes the OR of its own and its shared failures.

Models of NUREG/CR-5485: beta factor, multiple Greek letters (MGL), alpha factor (testing
not staggered) and phi factor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ripplegraph.errors import LimitExceededError
from ripplegraph.loaders.open_psa.definitions import Definition, attribute, name_of, parts_of
from ripplegraph.loaders.open_psa.expressions import Evaluator

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_CAUSES = 20_000
"""Most shared failures of one group: they grow like 2 to the number of members."""

_MEND = "Mend the group."
_FIRST_LEVEL = {"MGL": 2, "alpha-factor": 1, "phi-factor": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonCauseGroup:
    """The members of a group, the probability of each, and the shares of its failures."""

    members: tuple[str, ...]
    probability: float
    probability_of_size: dict[int, float]
    """Probability of one failure that takes just these many given members."""

    def causes(self) -> dict[tuple[str, ...], float]:
        """Return the probability of each failure by the members that it takes."""
        return {
            members: probability
            for size, probability in sorted(self.probability_of_size.items())
            for members in combinations(self.members, size)
        }


def read_group(group: Definition, evaluator: Evaluator) -> CommonCauseGroup:
    """Return what a common-cause group says."""
    parts: dict[str, list[_Element]] = {}
    for element in parts_of(group.element):
        parts.setdefault(name_of(element), []).append(element)
    if len(parts.get("members", ())) != 1 or len(parts.get("distribution", ())) != 1:
        group.refuse("needs its members and one distribution", _MEND)
    members = [attribute(one, "name", group.file) for one in parts_of(parts["members"][0])]
    if len(set(members)) != len(members) or len(members) < 2:
        group.refuse("needs two members or more, each once", _MEND)
    probability = evaluator.value(parts_of(parts["distribution"][0])[0], group)
    factors = _factors(group, parts, evaluator)
    return CommonCauseGroup(
        members=tuple(members),
        probability=probability,
        probability_of_size=_probabilities(group, factors, len(members), probability),
    )


def cause_name(members: Iterable[str]) -> str:
    """Return the name of a failure that takes these members together."""
    return f"[{' '.join(members)}]"


def _factors(
    group: Definition, parts: dict[str, list[_Element]], evaluator: Evaluator
) -> list[tuple[int | None, float]]:
    held = [one for element in parts.get("factors", ()) for one in parts_of(element)]
    factors = []
    for one in [*held, *parts.get("factor", ())]:
        level = one.get("level")
        value = evaluator.value(parts_of(one)[0], group)
        if not 0 <= value <= 1:
            group.refuse(f"has the factor {value:g} outside 0 to 1", _MEND)
        factors.append((None if level is None else int(str(level)), value))
    if not factors:
        group.refuse("has no factor", _MEND)
    return factors


def _probabilities(
    group: Definition,
    factors: Sequence[tuple[int | None, float]],
    count: int,
    probability: float,
) -> dict[int, float]:
    model = attribute(group.element, "model", group.file)
    if model == "beta-factor":
        if len(factors) != 1 or factors[0][0] not in (None, count):
            group.refuse(f"needs one factor, of level {count}", _MEND)
        beta = factors[0][1]
        return {1: (1 - beta) * probability, count: beta * probability}
    if model not in _FIRST_LEVEL:
        group.refuse(f"has the model {model!r}, which is not supported", _MEND)
    first = _FIRST_LEVEL[model]
    levels = [level if level is not None else first + n for n, (level, _) in enumerate(factors)]
    if levels != list(range(first, first + len(factors))) or levels[-1] > count:
        group.refuse(f"needs factors of the levels {first}, {first + 1}, ... in order", _MEND)
    most = levels[-1]
    if sum(math.comb(count, size) for size in range(1, most + 1)) > MOST_CAUSES:
        limit = f"CCF group {group.ident!r} has more than {MOST_CAUSES:,} shared failures"
        raise LimitExceededError(group.file, limit, "Make the group smaller.")
    values = [value for _, value in factors]
    shares = _SHARES[model](values, count)
    return {size: share * probability for size, share in enumerate(shares, start=1)}


def _greek_shares(values: Sequence[float], count: int) -> list[float]:
    shares, carried = [], 1.0
    for size, following in enumerate([*values, 0.0], start=1):
        shares.append(carried * (1 - following) / math.comb(count - 1, size - 1))
        carried *= following
    return shares


def _alpha_shares(values: Sequence[float], count: int) -> list[float]:
    total = math.fsum(size * value for size, value in enumerate(values, start=1))
    return [
        size * value / total / math.comb(count - 1, size - 1)
        for size, value in enumerate(values, start=1)
    ]


def _phi_shares(values: Sequence[float], count: int) -> list[float]:
    return list(values)


_SHARES = {"MGL": _greek_shares, "alpha-factor": _alpha_shares, "phi-factor": _phi_shares}
