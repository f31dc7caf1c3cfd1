"""What a question on services rests on: their formulas, and how reliable the CIs beneath are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.build import graph_at
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import list_words
from ripplegraph.impact.availability.common_causes import (
    SharedCause,
    shared_causes,
    with_shared_causes,
)
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.inclusive_residuals import (
    Residuals,
    residuals_of,
    said_of,
    settled,
)
from ripplegraph.impact.availability.inclusive_structure import (
    FoldedStructure,
    folded_structure,
    with_whole_promises,
)
from ripplegraph.impact.availability.options import AvailabilityOptions
from ripplegraph.impact.availability.own import own_reliabilities
from ripplegraph.impact.availability.structure import (
    StructureFunctions,
    cis_beneath,
    structure_functions,
)
from ripplegraph.impact.availability.values import Basis, OwnReliability

_INDEPENDENT = "CIs fail independently of each other; long-run means, single months differ."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grounds:
    """Some services of a graph, when they fail, and how reliable the CIs beneath are.

    Attributes
    ----------
    numbers
        Of the services, in the order asked for.
    own
        By the number of each CI beneath.
    trees
        The services as fault trees whose events carry the ids of CIs, and names of causes.
    failures_per_year
        Own failures by event, in a calendar year; NaN where unknown.
    causes
        What CIs share, where asked for.
    residuals
        What is left of cut points that share what lies beneath them; None if there are none.
    """

    graph: ServiceGraph
    options: AvailabilityOptions
    numbers: tuple[int, ...]
    structure: StructureFunctions
    own: Mapping[int, OwnReliability]
    trees: FaultTrees
    failures_per_year: NDArray[np.float64]
    causes: tuple[SharedCause, ...]
    residuals: Residuals | None = None

    def own_of(self, ci_id: str) -> OwnReliability | None:
        """Return how reliable a CI is by itself; None for a shared cause, which is no CI."""
        number = self.graph.find(ci_id)
        return None if number is None else self.own[number]

    def promised(self) -> dict[int, float]:
        """Return how unavailable CIs are by themselves, cut points with all beneath; else NaN."""
        return {
            ci: np.nan if one.unavailability is None else one.unavailability
            for ci, one in self.own.items()
        }

    def named_trees(self) -> FaultTrees:
        """Return the fault trees with the names of CIs as labels."""
        name_of = dict(zip(self.graph.ci_ids, self.graph.cis.name, strict=True))
        return replace(
            self.trees,
            root_labels=tuple(name_of[CiId(name)] for name in self.trees.root_names),
            variable_labels=tuple(
                name_of.get(CiId(name), name) for name in self.trees.variable_names
            ),
        )

    def _never_down(self) -> list[str]:
        """Return the names of the services beneath which there is nothing that can fail."""
        cis = self.graph.cis
        return [
            cis.name[number] or cis.native_id[number]
            for number, cone in zip(self.numbers, self.structure.cones, strict=True)
            if not self.structure.unsettled
            and all(self.own[ci].basis is Basis.LOGICAL for ci in cone)
        ]

    def assumptions(self) -> tuple[str, ...]:
        """Return what the numbers rest on, one sentence each."""
        said = [_INDEPENDENT]
        if self.causes:
            shares = sorted({f"{one.beta:g}" for one in self.causes})
            count = len(self.causes)
            groups = "1 group of CIs shares" if count == 1 else f"{count} groups of CIs share"
            said = [
                f"{groups} a cause, a beta factor of"
                f" {', '.join(shares)} of the smallest unavailability in the group; apart from"
                " that, CIs fail independently. Long-run means, single months differ."
            ]
        measured = sum(one.basis is Basis.MEASURED for one in self.own.values())
        if measured:
            cis = "1 CI counts" if measured == 1 else f"{measured} CIs count"
            said.append(
                f"{cis} with the unplanned outages in the period observed, less"
                " the time in which what they need by single hard dependencies was down; time in"
                " which a redundancy group brought them down counts as their own. Those without an"
                " outage count with the mean of the posterior (Jeffreys' prior)."
            )
        circular = len(self.structure.circular)
        if circular:
            depend = (
                "1 CI depends on itself"
                if circular == 1
                else f"{circular} CIs depend on themselves"
            )
            said.append(f"{depend}: what holds itself up counts as up.")
        for circle in self.structure.unsettled:
            said.append(
                f"A circle of {len(circle)} CIs with redundancy is too large to be worked out:"
                " whether it holds is unknown."
            )
        never = self._never_down()
        if never:
            said.append(
                f"Counted as never down, as nothing beneath can fail: {list_words(sorted(never))}."
                " Relations to what is needed may be missing."
            )
        if self.options.cut_points:
            said.append("What lies beneath a CI of inclusive promise counts as part of it.")
        if self.residuals is not None:
            said.extend(said_of(self.graph, self.residuals, self.promised()))
        return tuple(said)


def rest_on(
    graph: ServiceGraph,
    services: Sequence[str] | None,
    at: datetime | None,
    options: AvailabilityOptions,
) -> Grounds:
    """Return what a question on services rests on; None asks for every service.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If ``at`` has no time zone.
    InvalidScenarioError
        If a shared cause is asked for by a column that no CI has.
    """
    graph = graph if at is None else graph_at(graph, at)
    if services is None:
        numbers = graph.service_numbers
    else:
        numbers = tuple(dict.fromkeys(map(graph.resolve, services)))
    folded, own = _folded(graph, numbers, at, options)
    trees = _trees(graph, numbers, folded, own)
    frequency = _frequency(graph, own)[_ci_of_variables(graph, folded)]
    fallible = {ci for ci, one in own.items() if one.basis is not Basis.LOGICAL}
    causes = shared_causes(graph, fallible, options.common_causes)
    if causes:
        trees, frequency = with_shared_causes(trees, frequency, causes)
    grounds = Grounds(
        graph=graph,
        options=options,
        numbers=numbers,
        structure=folded.structure,
        own=own,
        trees=trees,
        failures_per_year=frequency,
        causes=causes,
    )
    return _with_residuals(grounds, folded) if folded.holders else grounds


def _folded(
    graph: ServiceGraph,
    numbers: Sequence[int],
    at: datetime | None,
    options: AvailabilityOptions,
) -> tuple[FoldedStructure, dict[int, OwnReliability]]:
    """Return when services fail, and how reliable the CIs are that count for them."""
    everything = cis_beneath(graph, numbers, level=options.level)
    own = own_reliabilities(graph, everything, options, at=at)
    if not options.cut_points:
        structure = structure_functions(
            graph,
            numbers,
            level=options.level,
            perfect=frozenset(ci for ci, one in own.items() if one.basis is Basis.LOGICAL),
            most_steps=options.steps_per_circle,
        )
        return FoldedStructure(structure=structure), own
    own = with_whole_promises(graph, own, options)
    folded = folded_structure(graph, numbers, own, options)
    return folded, {ci: own[ci] for ci in sorted(set().union(*folded.structure.cones))}


def _with_residuals(grounds: Grounds, folded: FoldedStructure) -> Grounds:
    """Return grounds on which holders count with what is left beside what they share."""
    trees, count = grounds.trees, len(grounds.numbers)
    holders = [
        replace(one, root=root)
        for one, root in zip(folded.holders, trees.roots[count:], strict=True)
    ]
    trees = replace(
        trees,
        roots=trees.roots[:count],
        root_names=trees.root_names[:count],
        root_labels=trees.root_labels[:count],
    )
    residuals = residuals_of(trees, holders, grounds.options)
    residuals, often = settled(residuals, grounds.failures_per_year, grounds.promised())
    return replace(grounds, trees=residuals.trees, failures_per_year=often, residuals=residuals)


def _ci_of_variables(graph: ServiceGraph, folded: FoldedStructure) -> NDArray[np.int64]:
    """Return by variable the number of its CI; -1 for a circle that was not worked out."""
    circles = [-1] * len(folded.structure.unsettled)
    return np.array([*range(graph.ci_count), *circles, *folded.stands_for.values()], np.int64)


def _frequency(graph: ServiceGraph, own: Mapping[int, OwnReliability]) -> NDArray[np.float64]:
    found = np.full(graph.ci_count + 1, np.nan)  # the last for what is no CI
    for ci, one in own.items():
        if one.failures_per_year is not None:
            found[ci] = one.failures_per_year
    return found


def _trees(
    graph: ServiceGraph,
    numbers: Sequence[int],
    folded: FoldedStructure,
    own: Mapping[int, OwnReliability],
) -> FaultTrees:
    """Return the services, after them the holders, as fault trees; events carry the ids of CIs."""
    structure, ids = folded.structure, graph.ci_ids
    circles = tuple(f"circle:{ids[circle[0]]}" for circle in structure.unsettled)
    again = tuple(f"{ids[ci]} (residual {number})" for number, ci in folded.stands_for.items())
    unavailability = np.zeros(graph.ci_count + 1)
    unavailability[-1] = np.nan  # of circles that were not worked out
    for ci, one in own.items():
        value = one.unavailability
        unavailability[ci] = np.nan if value is None else value
    tops = [*numbers, *(one.ci for one in folded.holders)]
    return FaultTrees(
        formula=structure.formula,
        roots=(*structure.roots, *(one.root for one in folded.holders)),
        root_names=tuple(ids[number] for number in tops),
        root_labels=("",) * len(tops),
        variable_names=(*ids, *circles, *again),
        variable_labels=(*("",) * graph.ci_count, *circles, *("",) * len(again)),
        unavailability=unavailability[_ci_of_variables(graph, folded)],
        stands_for=folded.stands_for,
    )
