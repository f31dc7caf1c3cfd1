"""Minimal cut sets and path sets of a formula without NOT and XOR."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ripplegraph.impact.availability.compile import children_of, cone_of
from ripplegraph.impact.availability.formula import Formula, Op

Sets = frozenset[frozenset[int]]

_NEVER: Sets = frozenset()
_ALWAYS: Sets = frozenset([frozenset()])


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimalSets:
    """Minimal sets of variables.

    Attributes
    ----------
    sets
        Each sorted; smallest first, then by variable.
    is_complete
        Whether these are all there are. If not, every set listed is minimal still, and every
        one up to ``complete_order`` is listed.
    complete_order
        Every minimal set with at most so many variables is listed; None if all are.
    """

    sets: tuple[tuple[int, ...], ...]
    is_complete: bool
    complete_order: int | None


def minimal_cut_sets(
    formula: Formula, root: int, *, max_order: int | None = None, limit: int = 100_000
) -> MinimalSets:
    """Return the smallest sets of failures that bring a root about.

    Parameters
    ----------
    formula
        Truth is failure; no NOT and no XOR beneath the root.
    root
        Number of a node.
    max_order
        Most variables of a set; None for no limit.
    limit
        Most sets at any node on the way. Beyond it the order is lowered until they fit.

    Raises
    ------
    ValueError
        If the root rests on NOT or XOR, or a limit is below 1.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> top = builder.any_of([a, builder.all_of([b, c])])
    >>> minimal_cut_sets(builder.build(), top).sets
    ((0,), (1, 2))
    """
    return _minimal(formula, root, max_order, limit, is_dual=False)


def minimal_path_sets(
    formula: Formula, root: int, *, max_order: int | None = None, limit: int = 100_000
) -> MinimalSets:
    """Return the smallest sets of variables that, not failed, keep a root from coming about.

    Parameters
    ----------
    formula, root, max_order, limit
        As for :func:`minimal_cut_sets`, also for what is raised.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> top = builder.any_of([a, builder.all_of([b, c])])
    >>> minimal_path_sets(builder.build(), top).sets
    ((0, 1), (0, 2))
    """
    return _minimal(formula, root, max_order, limit, is_dual=True)


class _TooManyError(Exception):
    """A node has more sets than the limit."""


def _minimal(
    formula: Formula, root: int, max_order: int | None, limit: int, *, is_dual: bool
) -> MinimalSets:
    cone = cone_of(formula, root)
    if any(formula.op[node] in (Op.NOT, Op.XOR) for node in cone):
        msg = "minimal sets need a formula without NOT and XOR"
        raise ValueError(msg)
    if limit < 1 or (max_order is not None and max_order < 1):
        msg = f"need max_order and limit >= 1, got {max_order} and {limit}"
        raise ValueError(msg)
    variables = sum(1 for node in cone if formula.op[node] == Op.VARIABLE)
    order = variables if max_order is None else min(max_order, variables)
    while True:
        finder = _Finder(formula=formula, order=order, limit=limit, is_dual=is_dual)
        try:
            found = finder.sets_of(cone, root)
        except _TooManyError:
            order = min(order, 8) // 2 if order > 1 else 0
            continue
        sets = tuple(sorted((tuple(sorted(one)) for one in found), key=lambda s: (len(s), s)))
        is_complete = not finder.is_cut
        return MinimalSets(
            sets=sets, is_complete=is_complete, complete_order=None if is_complete else order
        )


@dataclass(slots=True, kw_only=True)
class _Finder:
    """Finds the minimal sets of every node of a cone, up to an order."""

    formula: Formula
    order: int
    limit: int
    is_dual: bool
    is_cut: bool = False

    def sets_of(self, cone: Sequence[int], root: int) -> Sets:
        """Return the sets of the root; ``cone`` has children before those that use them."""
        known: dict[int, Sets] = {}
        for node in cone:
            known[node] = self._of(node, known)
        return known[root]

    def _of(self, node: int, known: dict[int, Sets]) -> Sets:
        formula, op = self.formula, Op(int(self.formula.op[node]))
        if op is Op.VARIABLE:
            return self._minimized([frozenset([int(formula.variable[node])])])
        if op in (Op.TRUE, Op.FALSE):
            return _ALWAYS if (op is Op.TRUE) != self.is_dual else _NEVER
        parts = [known[child] for child in children_of(formula, node)]
        if op is Op.AT_LEAST:
            start, end = formula.child_offsets[node : node + 2].tolist()
            weights = formula.weights[start:end].tolist()
            enough = int(formula.threshold[node])
            if self.is_dual:  # kept from failing: what is left must stay below the threshold
                enough = sum(weights) - enough + 1
            return self._at_least(enough, parts, weights)
        if (op is Op.OR) != self.is_dual:
            return self._minimized(one for part in parts for one in part)
        return self._joined(parts)

    def _joined(self, parts: Iterable[Sets]) -> Sets:
        result = _ALWAYS
        for part in sorted(parts, key=len):
            result = self._minimized(one | other for one in result for other in part)
        return result

    def _at_least(self, enough: int, parts: Sequence[Sets], weights: Sequence[int]) -> Sets:
        found: dict[int, Sets] = {0: _ALWAYS}
        for part, weight in zip(parts, weights, strict=True):
            following: dict[int, list[frozenset[int]]] = {}
            for reached, sets in found.items():
                following.setdefault(reached, []).extend(sets)
                further = self._joined([sets, part]) if reached < enough else sets
                following.setdefault(min(enough, reached + weight), []).extend(further)
            found = {reached: self._minimized(sets) for reached, sets in following.items()}
        return found.get(enough, _NEVER)

    def _minimized(self, sets: Iterable[frozenset[int]]) -> Sets:
        """Return the sets that hold no other one, within the order and the limit."""
        small: set[frozenset[int]] = set()
        for one in sets:
            if len(one) > self.order:
                self.is_cut = True
                continue
            small.add(one)
            if len(small) > self.limit:
                raise _TooManyError
        kept: list[frozenset[int]] = []
        by_member: dict[int, list[frozenset[int]]] = {}
        for one in sorted(small, key=len):
            if not one:
                return _ALWAYS
            if any(other <= one for member in one for other in by_member.get(member, ())):
                continue
            kept.append(one)
            by_member.setdefault(min(one), []).append(one)
        return frozenset(kept)
