"""When services fail that rest on inclusive cut points: CIs that count with all beneath them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.folding import (
    Folding,
    beneath,
    folding_of,
    grouped,
    inner_first,
)
from ripplegraph.impact.availability.formula import FormulaBuilder
from ripplegraph.impact.availability.options import AvailabilityOptions
from ripplegraph.impact.availability.rewriting import copied
from ripplegraph.impact.availability.structure import (
    Needs,
    StructureFunctions,
    structure_functions,
)
from ripplegraph.impact.availability.values import Basis, OwnReliability


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """An inclusive cut point that shares what lies beneath it with others.

    Attributes
    ----------
    ci
        Its number.
    variable
        Its own failure in the formula.
    root
        The node that fails when the CI does.
    shared
        Numbers of the CIs beneath it that can fail and that services reach otherwise too.
    """

    ci: int
    variable: int
    root: int
    shared: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoldedStructure:
    """When services fail, CIs that are folded into cut points left out.

    Attributes
    ----------
    structure
        Its cones hold no CI that is folded.
    holders
        Those that rest on no other one first.
    stands_for
        By further variable the CI whose own failure it is: a holder that shares something else
        for other services.
    """

    structure: StructureFunctions
    holders: tuple[Holder, ...] = ()
    stands_for: Mapping[int, int] = field(default_factory=dict)


def with_whole_promises(
    graph: ServiceGraph,
    own: Mapping[int, OwnReliability],
    options: AvailabilityOptions,
) -> dict[int, OwnReliability]:
    """Return how reliable CIs are; of logical cut points above others nothing is known.

    A logical CI has no failures of its own, which says nothing of what lies beneath it.
    """
    needs, found = Needs(graph, frozenset()), dict(own)
    for ci in sorted(own.keys() & options.cut_points):
        if own[ci].basis is not Basis.LOGICAL:
            continue
        if any(own[one].basis is not Basis.LOGICAL for one in beneath(needs, ci, options.level)):
            found[ci] = replace(own[ci], basis=Basis.UNKNOWN, unavailability=None, detail="")
    return found


def folded_structure(
    graph: ServiceGraph,
    services: Sequence[int],
    own: Mapping[int, OwnReliability],
    options: AvailabilityOptions,
) -> FoldedStructure:
    """Return when services fail, given the cut points of the options.

    Parameters
    ----------
    services
        Numbers of CIs.
    own
        By the number of each CI beneath.

    Notes
    -----
    What a service reaches only through a cut point counts as part of it. Services for which
    different CIs are folded are written one group after the other, into one formula.
    """
    needs, level = Needs(graph, frozenset()), options.level
    inclusive = frozenset(options.cut_points)
    foldings = {one: folding_of(needs, one, inclusive, level) for one in services}
    parts = [
        _part(graph, needs, group, [foldings[one] for one in group], own, options)
        for group in grouped(needs, foldings, level)
    ]
    return _Joiner(graph.ci_count, parts).joined(services)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Services that fold the same CIs; after them the roots of the cut points."""

    services: Sequence[int]
    structure: StructureFunctions
    folded: frozenset[int]
    shared: Mapping[int, frozenset[int]]


def _part(
    graph: ServiceGraph,
    needs: Needs,
    services: Sequence[int],
    foldings: Sequence[Folding],
    own: Mapping[int, OwnReliability],
    options: AvailabilityOptions,
) -> _Part:
    folded = frozenset().union(*(one.folded for one in foldings))
    shared = {
        holder: frozenset(ci for ci in cis if own[ci].basis is not Basis.LOGICAL)
        for one in foldings
        for holder, cis in one.shared
    }
    in_order = inner_first(needs, shared, options.level)
    structure = structure_functions(
        graph,
        [*services, *in_order],
        level=options.level,
        perfect=frozenset(
            ci for ci, one in own.items() if ci in folded or one.basis is Basis.LOGICAL
        ),
        most_steps=options.steps_per_circle,
    )
    return _Part(
        services=services,
        structure=structure,
        folded=folded,
        shared={holder: shared[holder] for holder in in_order},
    )


class _Joiner:
    """Writes the formulas of several groups of services into one."""

    def __init__(self, ci_count: int, parts: Sequence[_Part]) -> None:
        self._ci_count, self._parts = ci_count, parts
        circles = (circle for part in parts for circle in part.structure.unsettled)
        self._circles = list(dict.fromkeys(circles))
        self._builder = FormulaBuilder()
        self._variable_of: dict[tuple[int, frozenset[int]], int] = {}
        self._has_variable: set[int] = set()
        self._stands_for: dict[int, int] = {}
        self._holders: list[Holder] = []

    def joined(self, services: Sequence[int]) -> FoldedStructure:
        """Return the structure of all services, in the order asked for."""
        root_of: dict[int, int] = {}
        cone_of: dict[int, tuple[int, ...]] = {}
        for part in self._parts:
            made = self._written(part)
            of_part = zip(part.services, part.structure.roots, part.structure.cones, strict=False)
            for service, root, cone in of_part:
                root_of[service] = made[root]
                cone_of[service] = tuple(ci for ci in cone if ci not in part.folded)
        structure = StructureFunctions(
            formula=self._builder.build(),
            roots=tuple(root_of[one] for one in services),
            cones=tuple(cone_of[one] for one in services),
            circular=frozenset().union(*(one.structure.circular for one in self._parts)),
            unsettled=tuple(self._circles),
        )
        return FoldedStructure(
            structure=structure, holders=tuple(self._holders), stands_for=self._stands_for
        )

    def _written(self, part: _Part) -> list[int]:
        """Return the nodes of a part in the formula of all."""
        fresh = {key for key in part.shared.items() if key not in self._variable_of}
        number_of = self._numbers(part)
        for ci, shared in part.shared.items():
            number_of[ci] = self._variable(ci, shared)
        formula = part.structure.formula
        made = copied(replace(formula, variable=number_of[formula.variable]), self._builder)
        roots = part.structure.roots[len(part.services) :]
        self._holders.extend(
            Holder(ci=ci, variable=int(number_of[ci]), root=made[root], shared=shared)
            for (ci, shared), root in zip(part.shared.items(), roots, strict=True)
            if shared and (ci, shared) in fresh
        )
        return made

    def _numbers(self, part: _Part) -> NDArray[np.uint32]:
        """Return the number that each variable of a part has in the formula of all."""
        circles = [self._ci_count + self._circles.index(one) for one in part.structure.unsettled]
        return np.array([*range(self._ci_count), *circles], np.uint32)

    def _variable(self, ci: int, shared: frozenset[int]) -> int:
        """Return the variable of what a holder adds to this that it shares."""
        if (ci, shared) not in self._variable_of:
            number = ci
            if ci in self._has_variable:
                number = self._ci_count + len(self._circles) + len(self._stands_for)
                self._stands_for[number] = ci
            self._has_variable.add(ci)
            self._variable_of[ci, shared] = number
        return self._variable_of[ci, shared]
