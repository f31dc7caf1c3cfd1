"""The minimal cut or path sets of parts of a service, listed or found one by one in a diagram."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from ripplegraph.impact.availability.compile import (
    DEFAULT_BUDGET,
    FAILED,
    WORKS,
    CompiledFleet,
    NodeBudget,
    compile_fleet,
    cone_of,
    nodes_of,
)
from ripplegraph.impact.availability.cut_sets import minimal_cut_sets, minimal_path_sets
from ripplegraph.impact.availability.formula import Formula, Op
from ripplegraph.impact.availability.residual import residual_of

MOST_LISTED = 2_000
"""Minimal sets of one part that are listed; beyond them they are found one by one."""

Weigh = Callable[[int], Fraction]
Shape = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A part of a service that fails independently of the others; one failed part is enough.

    Parameters
    ----------
    variables
        Numbers of the CIs, ascending.
    sets
        Its minimal cut sets (or path sets), if they are listed.
    fleet
        Its diagram, if they are not; None too where that exceeds the budget.
    formula, top
        The part itself.
    is_dual
        True for path sets.
    """

    variables: tuple[int, ...]
    sets: tuple[tuple[int, ...], ...] | None
    fleet: CompiledFleet | None
    formula: Formula
    top: int
    is_dual: bool = False

    @property
    def is_open(self) -> bool:
        """Whether its sets can neither be listed nor be found."""
        return self.sets is None and self.fleet is None

    def is_cut_by(self, failed: frozenset[int]) -> bool:
        """Return whether these CIs hold a set of it."""
        if self.sets is not None:
            return any(failed.issuperset(some) for some in self.sets)
        return not self.lightest(lambda ci: Fraction(ci not in failed))[0]

    def lightest(self, weigh: Weigh) -> tuple[Fraction, tuple[int, ...]]:
        """Return a set of least weight, and its weight.

        Parameters
        ----------
        weigh
            The weight of each CI, >= 0.
        """
        if self.sets is not None:
            weights = {variable: weigh(variable) for variable in self.variables}
            weighed = [
                (sum((weights[one] for one in some), Fraction(0)), some) for some in self.sets
            ]
            return min(weighed)
        assert self.fleet is not None
        return _lightest_in(self.fleet, weigh, is_dual=self.is_dual)


def parts_of(
    formula: Formula,
    root: int,
    *,
    most_listed: int = MOST_LISTED,
    budget: NodeBudget = DEFAULT_BUDGET,
    known: dict[Shape, Part] | None = None,
) -> tuple[Part, ...]:
    """Return the parts of a root with their minimal cut sets.

    Parameters
    ----------
    most_listed
        Sets of one part that are listed.
    budget
        Of the diagram of a part that has more.
    known
        Parts found before over the same variables: services share many.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> top = builder.any_of([a, builder.all_of([b, c])])
    >>> [part.sets for part in parts_of(builder.build(), top)]
    [((0,),), ((1, 2),)]
    """
    residual = residual_of(formula, root)
    known = {} if known is None else known
    found = []
    for top in residual.tops:
        shape = _shape(residual.formula, top)
        if shape not in known:
            known[shape] = _part(residual.formula, top, most_listed, budget, is_dual=False)
        found.append(known[shape])
    return tuple(found)


def _shape(formula: Formula, top: int) -> Shape:
    """Return what a node is made of, the same wherever it stands in a formula."""
    cone = cone_of(formula, top)
    place = {node: at for at, node in enumerate(cone)}
    shape: list[tuple[int, ...]] = []
    for node in cone:
        start, end = formula.child_offsets[node : node + 2].tolist()
        below = [place[child] for child in formula.children[start:end].tolist()]
        op, variable = int(formula.op[node]), int(formula.variable[node])
        weights = formula.weights[start:end].tolist()
        shape.append((op, int(formula.threshold[node]), variable, *below, *weights))
    return tuple(shape)


def with_path_sets(
    part: Part, budget: NodeBudget = DEFAULT_BUDGET, *, most_listed: int = MOST_LISTED
) -> Part:
    """Return a part with its minimal path sets in place of the cut sets."""
    return _part(part.formula, part.top, most_listed, budget, is_dual=True)


def _part(
    formula: Formula, top: int, most_listed: int, budget: NodeBudget, *, is_dual: bool
) -> Part:
    cone = cone_of(formula, top)
    variables = tuple(
        sorted(int(formula.variable[node]) for node in cone if formula.op[node] == Op.VARIABLE)
    )
    find = minimal_path_sets if is_dual else minimal_cut_sets
    found = find(formula, top, limit=most_listed)
    fleet = None
    if not found.is_complete:
        fleet = compile_fleet(formula, [top], budget=budget)
        fleet = fleet if bool(fleet.is_exact[0]) else None
    return Part(
        variables=variables,
        sets=found.sets if found.is_complete else None,
        fleet=fleet,
        formula=formula,
        top=top,
        is_dual=is_dual,
    )


def _lightest_in(
    fleet: CompiledFleet, weigh: Weigh, *, is_dual: bool
) -> tuple[Fraction, tuple[int, ...]]:
    """Return the lightest way down a diagram to failure (or to work): one pass over its nodes."""
    top = int(fleet.root_input[0])
    search = _Search(fleet=fleet, weigh=weigh, is_dual=is_dual)
    return search.weight_of(top), tuple(sorted(set(search.members_of(top))))


class _Search:
    """The least weight of each node of each module from which the end can be reached."""

    def __init__(self, *, fleet: CompiledFleet, weigh: Weigh, is_dual: bool) -> None:
        self._fleet, self._weigh, self._is_dual = fleet, weigh, is_dual
        self._steps: dict[int, list[tuple[int, int, int]]] = {}
        self._best: dict[int, list[Fraction | None]] = {}
        for module in fleet.modules.tolist():  # those beneath come first
            self._settle(module)

    def weight_of(self, given: int) -> Fraction:
        """Return the least weight at which an input fails (or works)."""
        if given >= 0:
            return self._weigh(given)
        best = self._best[-1 - given][int(self._fleet.module_top[-1 - given])]
        assert best is not None
        return best

    def members_of(self, given: int) -> list[int]:
        """Return the variables on the lightest way."""
        if given >= 0:
            return [given]
        steps, best = self._steps[-1 - given], self._best[-1 - given]
        node, members = int(self._fleet.module_top[-1 - given]), []
        while node not in (WORKS, FAILED):
            asked, free, costly = steps[node - 2]
            if best[free] is not None and best[free] == best[node]:
                node = free
            else:
                members += self.members_of(asked)
                node = costly
        return members

    def _settle(self, module: int) -> None:
        nodes = nodes_of(self._fleet, module)
        # the free branch, then the one that costs the weight of its input
        steps = [(asked, up, down) for asked, up, down in nodes]
        if self._is_dual:
            steps = [(asked, down, up) for asked, up, down in nodes]
        nothing = Fraction(0)
        best: list[Fraction | None] = [nothing, None] if self._is_dual else [None, nothing]
        for asked, free, costly in steps:
            best.append(self._least(asked, best[free], best[costly]))
        self._steps[module], self._best[module] = steps, best

    def _least(
        self, asked: int, free: Fraction | None, costly: Fraction | None
    ) -> Fraction | None:
        assert costly is not None  # coherent: what its input adds never leads away from the end
        through = costly + self.weight_of(asked)
        return through if free is None or through < free else free
