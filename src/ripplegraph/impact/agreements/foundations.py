"""What verdicts rest on: services compiled together, and how unavailable the CIs beneath are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.findings import Finding, finding
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import agreement_words, ci_words, list_words
from ripplegraph.impact.agreements.answering import (
    Answering,
    answering_agreements,
    inclusive_cis,
)
from ripplegraph.impact.agreements.folding import NOTHING_FOLDED, Folding, beneath, folding_of
from ripplegraph.impact.availability.compile import CompiledFleet, NodeBudget, compile_fleet
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.options import AvailabilityOptions
from ripplegraph.impact.availability.own import own_reliabilities
from ripplegraph.impact.availability.structure import (
    Needs,
    StructureFunctions,
    cis_beneath,
    structure_functions,
)
from ripplegraph.impact.availability.values import Basis, Level, OwnReliability

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Services that fold the same CIs, compiled together.

    Parameters
    ----------
    services
        Numbers of the services, in the order of the roots.
    best, worst
        Unavailability by CI number, with the unknown ones perfect and always down. The two
        differ also where an unknown CI leaves open how much a residual is.
    inputs
        For each service the CIs that can fail and count for it, ascending.
    never
        CIs that cannot fail, or count as part of another one.
    possible_holders, impossible_holders
        CIs of inclusive promise that share what lies beneath: where the promise can be kept
        beside that, and where not.
    """

    services: tuple[int, ...]
    structure: StructureFunctions
    fleet: CompiledFleet
    best: Floats
    worst: Floats
    inputs: tuple[tuple[int, ...], ...]
    never: tuple[int, ...] = ()
    possible_holders: frozenset[int] = frozenset()
    impossible_holders: frozenset[int] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether no number is open."""
        return bool(np.array_equal(self.best, self.worst))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foundations:
    """What the verdicts on some services rest on.

    Parameters
    ----------
    own
        How reliable each CI beneath is by itself, or with all that its agreement promises.
    place_of
        By service number its batch and its place there.
    findings
        About agreements of inclusive scope.
    """

    graph: ServiceGraph
    options: AvailabilityOptions
    answering: Mapping[int, Answering]
    inclusive: frozenset[int]
    own: Mapping[int, OwnReliability]
    batches: tuple[Batch, ...]
    place_of: Mapping[int, tuple[int, int]]
    findings: tuple[Finding, ...] = ()


def foundations(
    graph: ServiceGraph,
    services: Iterable[int],
    *,
    at: datetime | None,
    options: AvailabilityOptions,
) -> Foundations:
    """Return what verdicts on services rest on.

    Parameters
    ----------
    services
        Numbers of CIs.
    at
        Aware; agreements in force then count. None leaves their dates out.
    options
        Bases, defaults, what-if values and budgets; ``cut_points`` and ``level`` are ours.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> found = foundations(graph_of("shop -> db"), [0], at=None, options=AvailabilityOptions())
    >>> found.batches[0].inputs
    ((1,),)
    """
    numbers = tuple(dict.fromkeys(services))
    answering = answering_agreements(graph, at)
    needs = Needs(graph, frozenset())
    inclusive = frozenset(
        ci
        for ci in (inclusive_cis(answering) if Basis.AGREEMENT in options.bases else ())
        if ci not in options.own
    )
    options = replace(options, cut_points=inclusive, level=Level.DOWN)
    own = own_reliabilities(graph, cis_beneath(graph, numbers), options, at=at)
    case = _Case(graph=graph, options=options, needs=needs, own=own, answering=answering)
    foldings = {service: folding_of(needs, service, inclusive) for service in numbers}
    batches = tuple(
        case.batch(group, [foldings[service] for service in group])
        for group in _grouped(needs, foldings)
    )
    return Foundations(
        graph=graph,
        options=options,
        answering=answering,
        inclusive=inclusive,
        own=own,
        batches=batches,
        place_of={
            service: (number, place)
            for number, batch in enumerate(batches)
            for place, service in enumerate(batch.services)
        },
        findings=tuple(case.findings.values()),
    )


def _grouped(needs: Needs, foldings: Mapping[int, Folding]) -> list[list[int]]:
    """Return services in groups within which no CI is folded for one and free for another."""
    if all(one is NOTHING_FOLDED for one in foldings.values()):
        return [list(foldings)] if foldings else []
    folded_somewhere = frozenset().union(*(one.folded for one in foldings.values()))
    contested: set[int] = set()
    for service, folding in foldings.items():
        contested |= (beneath(needs, service) & folded_somewhere) - folding.folded
    groups: dict[frozenset[int], list[int]] = {}
    for service, folding in foldings.items():
        groups.setdefault(folding.folded & contested, []).append(service)
    return list(groups.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    graph: ServiceGraph
    options: AvailabilityOptions
    needs: Needs
    own: Mapping[int, OwnReliability]
    answering: Mapping[int, Answering]
    findings: dict[tuple[str, int], Finding] = field(default_factory=dict)

    def batch(self, services: Sequence[int], foldings: Sequence[Folding]) -> Batch:
        """Return services compiled together."""
        folded = frozenset().union(*(one.folded for one in foldings))
        never = [ci for ci in self.own if ci in folded or not self._can_fail(ci)]
        structure = structure_functions(self.graph, services, perfect=never)
        best, worst = self._numbers(structure)
        shared = {
            holder: fallible
            for one in foldings
            for holder, cis in one.shared
            if (fallible := frozenset(ci for ci in cis if self._can_fail(ci)))
        }
        impossible = self._keep_residuals(shared, never, best, worst)
        left_out = frozenset(never)
        return Batch(
            services=tuple(services),
            structure=structure,
            fleet=self._compiled(structure),
            best=best,
            worst=worst,
            never=tuple(never),
            possible_holders=frozenset(shared) - impossible,
            impossible_holders=frozenset(impossible),
            inputs=tuple(
                tuple(ci for ci in cone if ci not in left_out) for cone in structure.cones
            ),
        )

    def _can_fail(self, ci: int) -> bool:
        return self.own[ci].basis is not Basis.LOGICAL

    def _compiled(self, structure: StructureFunctions) -> CompiledFleet:
        return compile_fleet(
            structure.formula,
            structure.roots,
            budget=NodeBudget(nodes_per_module=self.options.nodes_per_module),
            compiled=self.options.compiled,
        )

    def _numbers(self, structure: StructureFunctions) -> tuple[Floats, Floats]:
        size = max(self.graph.ci_count, structure.formula.variable_count)
        best, worst = np.zeros(size), np.zeros(size)
        for ci, one in self.own.items():
            value = one.unavailability
            best[ci], worst[ci] = (0.0, 1.0) if value is None else (value, value)
        return best, worst

    def _keep_residuals(
        self,
        shared: Mapping[int, frozenset[int]],
        never: Sequence[int],
        best: Floats,
        worst: Floats,
    ) -> set[int]:
        """Lower the holders to what makes their promises true; return those that cannot be."""
        impossible = set()
        above: dict[int, list[int]] = {ci: [] for ci in shared}
        for holder in shared:
            for ci in beneath(self.needs, holder):
                if ci in shared and ci != holder:
                    above[ci].append(holder)
        # those first that rest on no other one: each of them lies beneath more
        for holder in sorted(shared, key=lambda ci: (-len(above[ci]), ci)):
            structure = structure_functions(self.graph, [holder], perfect=[*never, holder])
            fleet = self._compiled(structure)
            ends = np.stack([best, worst])
            (least,), (_,) = failure_probabilities(fleet, ends)
            promised = worst[holder]
            is_open = any(self.own[ci].unavailability is None for ci in shared[holder])
            residual = max(0.0, (promised - least) / (1.0 - least)) if least < 1.0 else 0.0
            best[holder], worst[holder] = (0.0 if is_open else residual), residual
            if least > promised * (1.0 + 1e-12):
                impossible.add(holder)
            self._report(holder, shared[holder], promised=float(promised), alone=float(least))
        return impossible

    def _report(
        self, holder: int, shared: frozenset[int], *, promised: float, alone: float
    ) -> None:
        agreement = self.answering[holder].agreement
        words, name = agreement_words(agreement), ci_words(self.graph.cis, holder)
        names = list_words([ci_words(self.graph.cis, ci) for ci in sorted(shared)])
        text = f"{words} promises {name} with all beneath it; needed otherwise too: {names}"
        place = {"file": agreement.file, "row": agreement.row}
        key = ("inclusive-shared", holder)
        self.findings.setdefault(key, finding(key[0], text, **place, count=len(shared)))  # type: ignore[arg-type]
        if alone > promised * (1.0 + 1e-12):
            text = (
                f"{words} promises that {name} is down {promised:.6g} of the time at most, but "
                f"what it shares alone brings it down {alone:.6g}: {names}"
            )
            key = ("promise-not-possible", holder)
            self.findings.setdefault(key, finding(key[0], text, **place))  # type: ignore[arg-type]
