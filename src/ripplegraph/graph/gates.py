"""Gates: redundancy groups compiled to integer arrays that kernels can compare exactly.

Weights and requirements are exact decimals (ten times 0.1 reaches 1.0). Each group is scaled
by the least common denominator of its numbers, so that a kernel compares integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.model import Requirement, RequirementUnit, Strength

NO_GROUP = 0xFFFF_FFFF
"""Value of ``edge_group`` for a dependency that is in no group."""

_LARGEST_TOTAL = 2**62  # kernels add int64


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

    ``edge_effect`` is the strength that works (see :class:`Dependency`). A group is down if
    the weight of usable members is below ``group_min_up``; degraded if that of healthy ones
    is, or if usable is below ``group_degraded_below``. Members of effect ``none`` weigh 0.
    ``group_effect`` is the strictest effect of its members: a soft group passes the soft map.
    """

    edge_effect: NDArray[np.uint8]
    edge_weight: NDArray[np.int64]
    group_dependent: NDArray[np.uint32]
    group_total: NDArray[np.int64]
    group_min_up: NDArray[np.int64]
    group_degraded_below: NDArray[np.int64]
    group_effect: NDArray[np.uint8]
    group_grounded: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _CompiledGroup:
    weights: tuple[int, ...]
    min_up: int
    degraded_below: int


def compile_gates(
    *,
    edge_effect: NDArray[np.uint8],
    edge_group: NDArray[np.uint32],
    weights: Mapping[int, Decimal],
    rules: Sequence[GroupRule],
    found: FindingCollector,
) -> Gates:
    """Compile groups to integer arrays.

    Parameters
    ----------
    edge_effect
        Effect of each dependency, shape (dependencies,).
    edge_group
        Group of each dependency or ``NO_GROUP``, same shape.
    weights
        Weight of the dependencies that do not weigh 1, by position; >= 0.
    rules
        The groups; position = group number.
    found
        Collects what is wrong with requirements.
    """
    members: list[list[int]] = [[] for _ in rules]
    for edge in np.flatnonzero(edge_group != NO_GROUP).tolist():
        members[int(edge_group[edge])].append(edge)
    edge_weight = np.zeros(len(edge_effect), dtype=np.int64)
    shape = len(rules)
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
    for number, rule in enumerate(rules):
        counted = [edge for edge in members[number] if edge_effect[edge] != Strength.NONE]
        compiled = _compile_group(rule, [weights.get(edge, Decimal(1)) for edge in counted], found)
        edge_weight[counted] = compiled.weights
        gates.group_total[number] = sum(compiled.weights)
        gates.group_min_up[number] = compiled.min_up
        gates.group_degraded_below[number] = compiled.degraded_below
        gates.group_effect[number] = max((int(edge_effect[edge]) for edge in counted), default=0)
        _report_mixed_strengths(rule, {int(edge_effect[edge]) for edge in counted}, found)
    _freeze(gates)
    return gates


def _compile_group(
    rule: GroupRule, weights: Sequence[Decimal], found: FindingCollector
) -> _CompiledGroup:
    min_up = rule.min_up or Requirement(unit=RequirementUnit.PERCENT, value=Decimal(100))
    by_count = min_up.unit is RequirementUnit.COUNT
    shares = [Fraction(1) if by_count else Fraction(weight) for weight in weights]
    total = sum(shares, Fraction(0))
    needed = min_up.of_total(total)
    if needed > total:
        _report(found, "requirement-above-size", rule, f"needs {min_up}, has {_plain(total)}")
        needed = total
    mark = _degraded_mark(rule, min_up, total, found)
    scale = lcm(*(number.denominator for number in (*shares, needed, mark)))
    if total * scale >= _LARGEST_TOTAL:
        _report(found, "weight-out-of-range", rule, f"weights add up to {float(total):g}")
        return _CompiledGroup(weights=(1,) * len(shares), min_up=len(shares), degraded_below=0)
    return _CompiledGroup(
        weights=tuple(int(share * scale) for share in shares),
        min_up=int(needed * scale),
        degraded_below=int(mark * scale),
    )


def _degraded_mark(
    rule: GroupRule, min_up: Requirement, total: Fraction, found: FindingCollector
) -> Fraction:
    """Return ``degraded_below`` in the group's units; 0 is no mark."""
    mark = rule.degraded_below
    if mark is None:
        return Fraction(0)
    if (mark.unit is RequirementUnit.COUNT) != (min_up.unit is RequirementUnit.COUNT):
        text = f"min_up is {min_up}, degraded_below is {mark}"
        _report(found, "requirement-units-mixed", rule, text)
        return Fraction(0)
    amount = mark.of_total(total)
    if amount > total:
        _report(
            found, "requirement-above-size", rule, f"degraded below {mark}, has {_plain(total)}"
        )
        return total
    return amount


def _report_mixed_strengths(rule: GroupRule, effects: set[int], found: FindingCollector) -> None:
    if len(effects) > 1:
        _report(found, "mixed-strengths", rule, "holds hard and soft members; hard holds")


def _report(found: FindingCollector, code: str, rule: GroupRule, text: str) -> None:
    found.add(code, f"group {rule.key!r} {text}", file=rule.file, row=rule.row)


def _plain(amount: Fraction) -> str:
    return f"{float(amount):g}"


def _freeze(gates: Gates) -> None:
    for name in Gates.__slots__:
        getattr(gates, name).setflags(write=False)
