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
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.group_columns import GroupRule, GroupRuleColumns
from ripplegraph.graph.model import Requirement, RequirementUnit, Strength
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.wording import ci_words

Weights: TypeAlias = NDArray[np.uint8] | NDArray[np.uint32] | NDArray[np.int64]
"""Weights of dependencies; wide only where one would not fit."""

NO_GROUP = 0xFFFF_FFFF
"""Value of ``edge_group`` for a dependency that is in no group."""

_LARGEST_TOTAL = 2**62  # kernels add int64
_MIXED = (("mixed-strengths", "has hard and soft members; hard holds"),)
_DIGITS = 18  # before and after the point; more could not be scaled into int64


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
    rules: GroupRuleColumns,
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
    members = _counted_members(edge_effect, edge_dependency, edge_group, len(rules))
    heavy = _with_weights(members, weights)
    kind_of, firsts = _kinds(rules, np.diff(members.offsets), heavy)
    compiled = [
        _compile_group(rules[number], heavy.get(number) or (Decimal(1),) * members.size(number))
        for number in firsts.tolist()
    ]
    mixed = members.has_hard & members.has_soft
    for number in _doubtful(compiled, kind_of, mixed):
        faults = compiled[kind_of[number]].faults + (_MIXED if mixed[number] else ())
        _report(rules[number], faults, cis, found)
    gates = Gates(
        edge_effect=edge_effect,
        edge_weight=_narrowed(_weights_by_edge(members, compiled, kind_of, len(edge_effect))),
        group_dependent=rules.dependents.copy(),
        group_total=_by_group([sum(one.weights) for one in compiled], kind_of),
        group_min_up=_by_group([one.min_up for one in compiled], kind_of),
        group_degraded_below=_by_group([one.degraded_below for one in compiled], kind_of),
        group_effect=np.where(members.has_hard, Strength.HARD, members.has_soft).astype(np.uint8),
        group_grounded=rules.grounded.copy(),
    )
    for name in Gates.__slots__:
        getattr(gates, name).setflags(write=False)
    return gates


def _kinds(
    rules: GroupRuleColumns, sizes: NDArray[np.int64], heavy: Mapping[int, tuple[Decimal, ...]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each group the number of its kind, and one group of each kind.

    Groups of one kind compile alike: their requirements are equal, and so are their sizes or,
    where members do not all weigh 1, their weights.
    """
    shares: dict[tuple[Decimal, ...], int] = {}
    shape = sizes.copy()
    for number, weights in heavy.items():
        shape[number] = -1 - shares.setdefault(weights, len(shares))
    marks = rules.min_up.codes.astype(np.int64) * len(rules.degraded_below.values)
    marks += rules.degraded_below.codes
    lowest = int(shape.min(initial=0))
    span = int(shape.max(initial=0)) - lowest + 1
    _, firsts, kind_of = np.unique(
        marks * span + shape - lowest, return_index=True, return_inverse=True
    )
    return kind_of, firsts


def _by_group(by_kind: Sequence[int], kind_of: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.array(by_kind, dtype=np.int64)[kind_of]


def _doubtful(
    compiled: Sequence[_Compiled], kind_of: NDArray[np.int64], mixed: NDArray[np.bool_]
) -> list[int]:
    """Return the groups that have something to report."""
    has_faults = np.array([bool(one.faults) for one in compiled], dtype=np.bool_)
    numbers: list[int] = np.flatnonzero(has_faults[kind_of] | mixed).tolist()
    return numbers


def _with_weights(
    members: _Members, weights: Mapping[int, Decimal]
) -> dict[int, tuple[Decimal, ...]]:
    """Return the weights of the members, of the groups in which one does not weigh 1."""
    if not weights:
        return {}
    is_heavy = np.isin(members.edges, np.array(list(weights), dtype=np.int64))
    groups = np.unique(members.groups[is_heavy]).tolist()
    return {
        group: tuple(weights.get(edge, Decimal(1)) for edge in members.of(group).tolist())
        for group in groups
    }


def _weights_by_edge(
    members: _Members, compiled: Sequence[_Compiled], kind_of: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Return the compiled weight of each dependency; 0 for one that does not count."""
    edge_weight = np.zeros(count, dtype=np.int64)
    firsts = _by_group([one.weights[0] if one.weights else 0 for one in compiled], kind_of)
    edge_weight[members.edges] = firsts[members.groups]
    is_uneven = np.array([len(set(one.weights)) > 1 for one in compiled], dtype=np.bool_)
    for group in np.flatnonzero(is_uneven[kind_of]).tolist():
        edge_weight[members.of(group)] = compiled[kind_of[group]].weights
    return edge_weight


def _narrowed(weights: NDArray[np.int64]) -> Weights:
    """Return the weights in an eighth or half of the memory where all of them fit."""
    heaviest = int(weights.max(initial=0))
    if heaviest <= np.iinfo(np.uint8).max:
        return weights.astype(np.uint8)
    return weights.astype(np.uint32) if heaviest <= np.iinfo(np.uint32).max else weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Members:
    """The dependencies that count in groups, by group; each group's in ``offsets``.

    ``has_hard`` and ``has_soft`` tell by group which effects any of its dependencies has.
    """

    edges: NDArray[np.int64]
    groups: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    has_hard: NDArray[np.bool_]
    has_soft: NDArray[np.bool_]

    def size(self, group: int) -> int:
        """Return how many dependencies count in this group."""
        return int(self.offsets[group + 1] - self.offsets[group])

    def of(self, group: int) -> NDArray[np.int64]:
        """Return the dependencies that count in this group, ascending."""
        return self.edges[self.offsets[group] : self.offsets[group + 1]]


def _counted_members(
    edge_effect: NDArray[np.uint8],
    edge_dependency: NDArray[np.uint32],
    edge_group: NDArray[np.uint32],
    count: int,
) -> _Members:
    """Return the dependencies with an effect that count in a group.

    Each CI counts once: by its strictest dependency, of several such by the first.
    """
    edges = np.flatnonzero((edge_group != NO_GROUP) & (edge_effect != Strength.NONE))
    edges = edges[np.argsort(edge_group[edges], kind="stable")]  # by group and needed CI
    groups, needed = edge_group[edges], edge_dependency[edges]
    is_again = np.zeros(len(edges), dtype=np.bool_)
    is_again[1:] = (groups[1:] == groups[:-1]) & (needed[1:] == needed[:-1])
    effects = edge_effect[edges]
    counted = _strictest(edges, effects, is_again) if is_again.any() else edges
    groups_counted = edge_group[counted]
    return _Members(
        edges=counted,
        groups=groups_counted,
        offsets=np.concatenate(([0], np.cumsum(np.bincount(groups_counted, minlength=count)))),
        has_hard=np.bincount(groups[effects == Strength.HARD], minlength=count) > 0,
        has_soft=np.bincount(groups[effects == Strength.SOFT], minlength=count) > 0,
    )


def _strictest(
    edges: NDArray[np.int64], effects: NDArray[np.uint8], is_again: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the strictest of the dependencies on one CI in one group, which stand together."""
    number = np.cumsum(~is_again)
    order = np.lexsort((edges, -effects.astype(np.int64), number))
    return edges[order[~is_again]]


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
