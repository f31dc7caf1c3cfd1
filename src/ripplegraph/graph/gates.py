"""Gates: redundancy groups compiled to integer arrays that kernels can compare exactly.

Weights and requirements are exact decimals (ten times 0.1 reaches 1.0). Each group is scaled
by the least common denominator of its numbers, so that a kernel compares integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.model import Requirement, RequirementUnit, Strength
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.wording import ci_words

Weights: TypeAlias = NDArray[np.uint32] | NDArray[np.int64]
"""Weights of dependencies; wide only where one would not fit."""

NO_GROUP = 0xFFFF_FFFF
"""Value of ``edge_group`` for a dependency that is in no group."""

_LARGEST_TOTAL = 2**62  # kernels add int64
_DIGITS = 18  # before and after the point; more could not be scaled into int64


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule:
    """One redundancy group of one dependent: its key, its requirement, where it was said."""

    dependent: int
    key: str
    min_up: Requirement | None = None
    degraded_below: Requirement | None = None
    grounded: bool = False
    is_assumed: bool = False
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gates:
    """Groups as arrays; ``edge_*`` by dependency, ``group_*`` by group.

    ``edge_effect`` is the strength that works (see :class:`Dependency`), the very array of
    ``Topology.edge_strength`` where all work as said. A group is down if
    the weight of usable members is below ``group_min_up``; degraded if that of healthy ones
    is, or if usable is below ``group_degraded_below``. Members of effect ``none`` weigh 0, and
    so does a CI that is in one group again (under other dates or another strength): it counts
    once, by its strictest dependency.
    ``group_effect`` is the strictest effect of its members: a soft group passes the soft map.
    """

    edge_effect: NDArray[np.uint8]
    edge_weight: Weights
    group_dependent: NDArray[np.uint32]
    group_total: NDArray[np.int64]
    group_min_up: NDArray[np.int64]
    group_degraded_below: NDArray[np.int64]
    group_effect: NDArray[np.uint8]
    group_grounded: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    """One group in integers; ``faults`` are codes of findings with what to say."""

    weights: tuple[int, ...]
    min_up: int
    degraded_below: int
    faults: tuple[tuple[str, str], ...] = ()


def compile_gates(  # noqa: PLR0913 - arrays of one graph, by name
    *,
    edge_effect: NDArray[np.uint8],
    edge_dependency: NDArray[np.uint32],
    edge_group: NDArray[np.uint32],
    weights: Mapping[int, Decimal],
    rules: Sequence[GroupRule],
    cis: CiColumns,
    found: FindingCollector,
) -> Gates:
    """Compile groups to integer arrays.

    Parameters
    ----------
    edge_effect
        Effect of each dependency, shape (dependencies,).
    edge_dependency
        CI that is needed, same shape; the dependencies of one CI stand in ascending order.
    edge_group
        Group of each dependency or ``NO_GROUP``, same shape.
    weights
        Weight of the dependencies that do not weigh 1, by position; >= 0.
    rules
        The groups; position = group number.
    cis
        The CIs, for their names in findings.
    found
        Collects what is wrong with requirements.
    """
    shape = len(rules)
    edge_weight = np.zeros(len(edge_effect), dtype=np.int64)
    gates = Gates(
        edge_effect=edge_effect,
        edge_weight=edge_weight,
        group_dependent=np.array([rule.dependent for rule in rules], dtype=np.uint32),
        group_total=np.zeros(shape, dtype=np.int64),
        group_min_up=np.zeros(shape, dtype=np.int64),
        group_degraded_below=np.zeros(shape, dtype=np.int64),
        group_effect=np.zeros(shape, dtype=np.uint8),
        group_grounded=np.array([rule.grounded for rule in rules], dtype=np.bool_),
    )
    known: dict[tuple[object, ...], _Compiled] = {}
    members, strengths = _counted_members(edge_effect, edge_dependency, edge_group, shape)
    for number, (rule, counted) in enumerate(zip(rules, members, strict=True)):
        shares = tuple(weights.get(edge, Decimal(1)) for edge in counted) if weights else ()
        shares = shares or (Decimal(1),) * len(counted)
        key = (rule.min_up, rule.degraded_below, shares)
        if key not in known:  # many groups are alike
            known[key] = _compile_group(rule, shares)
        compiled = known[key]
        edge_weight[counted] = compiled.weights
        gates.group_total[number] = sum(compiled.weights)
        gates.group_min_up[number] = compiled.min_up
        gates.group_degraded_below[number] = compiled.degraded_below
        effects = strengths[number]
        gates.group_effect[number] = max(effects, default=0)
        mixed = (("mixed-strengths", "has hard and soft members; hard holds"),)
        _report(rule, compiled.faults + (mixed if len(effects) > 1 else ()), cis, found)
    gates = replace(gates, edge_weight=_narrowed(edge_weight))
    for name in Gates.__slots__:
        getattr(gates, name).setflags(write=False)
    return gates


def _narrowed(weights: NDArray[np.int64]) -> Weights:
    """Return the weights in half the memory where all of them fit."""
    fit = weights.max(initial=0) <= np.iinfo(np.uint32).max
    return weights.astype(np.uint32) if fit else weights


def _counted_members(
    edge_effect: NDArray[np.uint8],
    edge_dependency: NDArray[np.uint32],
    edge_group: NDArray[np.uint32],
    count: int,
) -> tuple[list[list[int]], list[set[int]]]:
    """Return for each group its dependencies with an effect, and which effects they have.

    Each CI counts once: by its strictest dependency, of several such by the first.
    """
    members: list[list[int]] = [[] for _ in range(count)]
    strengths: list[set[int]] = [set() for _ in range(count)]
    grouped = np.flatnonzero((edge_group != NO_GROUP) & (edge_effect != Strength.NONE))
    needed = edge_dependency[grouped].tolist()
    last_needed = [-1] * count
    effects = edge_effect.tolist()
    places = zip(grouped.tolist(), edge_group[grouped].tolist(), needed, strict=True)
    for edge, group, dependency in places:
        strengths[group].add(effects[edge])
        if last_needed[group] != dependency:
            members[group].append(edge)
            last_needed[group] = dependency
        elif effects[edge] > effects[members[group][-1]]:
            members[group][-1] = edge
    return members, strengths


def _compile_group(rule: GroupRule, weights: Sequence[Decimal]) -> _Compiled:
    said = [mark.value for mark in (rule.min_up, rule.degraded_below) if mark is not None]
    if not all(map(_can_be_scaled, (*weights, *said))):
        return _all_needed(len(weights), "a weight or requirement is too large or too fine")
    min_up = rule.min_up or Requirement(unit=RequirementUnit.PERCENT, value=Decimal(100))
    by_count = min_up.unit is RequirementUnit.COUNT
    shares = [Fraction(1) if by_count else Fraction(weight) for weight in weights]
    total = sum(shares, Fraction(0))
    faults: list[tuple[str, str]] = []
    needed = min_up.of_total(total)
    is_above = needed > total
    if is_above:
        faults.append(("requirement-above-size", f"needs {min_up} but has {_plain(total)}"))
    if not total:  # nothing to weigh: members are counted
        shares = [Fraction(1)] * len(weights)
        total = Fraction(len(weights))
        needed = min_up.of_total(total)
    if is_above:
        needed = total
    mark = _degraded_mark(rule, min_up, total, faults)
    scale = lcm(*(number.denominator for number in (*shares, needed, mark)))
    if total * scale >= _LARGEST_TOTAL:
        return _all_needed(len(weights), f"weights add up to {_plain(total)}, too finely divided")
    return _Compiled(
        weights=tuple(int(share * scale) for share in shares),
        min_up=int(needed * scale),
        degraded_below=int(mark * scale),
        faults=tuple(faults),
    )


def _can_be_scaled(amount: Decimal) -> bool:
    exponent = amount.as_tuple().exponent
    return (
        isinstance(exponent, int)  # else infinite or not a number
        and amount >= 0
        and exponent >= -_DIGITS
        and (not amount or amount.adjusted() <= _DIGITS)
    )


def _all_needed(count: int, text: str) -> _Compiled:
    fault = ("weight-out-of-range", f"{text}; all members are needed")
    return _Compiled(weights=(1,) * count, min_up=count, degraded_below=0, faults=(fault,))


def _degraded_mark(
    rule: GroupRule, min_up: Requirement, total: Fraction, faults: list[tuple[str, str]]
) -> Fraction:
    """Return ``degraded_below`` in the group's units; 0 is no mark."""
    mark = rule.degraded_below
    if mark is None:
        return Fraction(0)
    if (mark.unit is RequirementUnit.COUNT) != (min_up.unit is RequirementUnit.COUNT):
        text = f"needs {min_up} but is degraded below {mark}: one counts members, one weighs them"
        faults.append(("requirement-units-mixed", text))
        return Fraction(0)
    amount = mark.of_total(total)
    if amount > total:
        text = f"is degraded below {mark} but has {_plain(total)}"
        faults.append(("requirement-above-size", text))
        return total
    return amount


def _report(
    rule: GroupRule,
    faults: Sequence[tuple[str, str]],
    cis: CiColumns,
    found: FindingCollector,
) -> None:
    for code, text in faults:
        words = f"group {rule.key!r} of {ci_words(cis, rule.dependent)}"
        found.add(code, f"{words}: {text}", file=rule.file, row=rule.row)


def _plain(amount: Fraction) -> str:
    return f"{float(amount):g}"
