"""What verdicts rest on: services compiled together, and how unavailable the CIs beneath are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from ripplegraph.impact.availability.compile import CompiledFleet, NodeBudget, compile_fleet
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.folding import Folding, folding_of, grouped, inner_first
from ripplegraph.impact.availability.inclusive_residuals import Residuals, residuals_of
from ripplegraph.impact.availability.inclusive_structure import Holder
from ripplegraph.impact.availability.mutual_promises import TIE
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
    promised
        The same as ``best``, but with the whole promise of CIs that share what lies beneath.
    inputs
        For each service the CIs that can fail and count for it, ascending.
    never
        CIs that cannot fail, or count as part of another one.
    residuals
        CIs of inclusive promise that share what lies beneath, with what is left of them.
    bounded
        Those of them of which what is left is known between bounds only, even where no CI is
        unknown.
    impossible
        Those of them whose promise cannot be kept beside what is shared.
    doubtful
        Those too whose promise cannot be kept if all unknown CIs are always down.
    perfect
        The same as ``best``, but a residual is what is left if the unknown CIs are perfect.
    """

    services: tuple[int, ...]
    structure: StructureFunctions
    fleet: CompiledFleet
    best: Floats
    worst: Floats
    promised: Floats
    perfect: Floats
    inputs: tuple[tuple[int, ...], ...]
    residuals: Residuals
    never: tuple[int, ...] = ()
    bounded: frozenset[int] = frozenset()
    impossible: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether no number is open."""
        return bool(np.array_equal(self.best, self.worst))

    def is_exact(self, place: int) -> bool:
        """Return whether how unavailable a service is follows exactly from what is known."""
        return bool(self.fleet.is_exact[place]) and self.bounded.isdisjoint(self.inputs[place])

    def unavailability(self, place: int, promised: Floats) -> Floats:
        """Return by scenario how unavailable a service is, or at least never less.

        Where promises that need each other do not settle, all of them count whole: no more than
        that can be left of them.

        Parameters
        ----------
        place
            Which of the services.
        promised
            A row for each scenario, like ``promised``; it is changed.
        """
        whole = _whole(self.residuals, promised)
        if self.residuals.settle(promised, whole):
            promised[:, [one.variable for one in self.residuals.holders]] = whole
        return failure_probabilities(self.fleet, promised)[:, place]

    def not_kept(self, promised: Floats) -> frozenset[int]:
        """Return the holders whose promise cannot be kept beside what is shared.

        Parameters
        ----------
        promised
            Like ``promised``; it is changed to what is left of each promise.
        """
        return _not_kept(self.residuals, promised)


def _whole(residuals: Residuals, promised: Floats) -> Floats:
    """Return the promises of the holders, a row for each scenario."""
    return promised[:, [one.variable for one in residuals.holders]]


def _not_kept(residuals: Residuals, promised: Floats) -> frozenset[int]:
    rows = promised[None, :]  # a view: the row itself changes
    whole = _whole(residuals, rows)
    residuals.settle(rows, whole)
    return frozenset(
        one.ci
        for at, one in enumerate(residuals.holders)
        if float(residuals.alone(at, rows)[0]) > whole[0, at] * (1.0 + TIE)
    )


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
    inclusive = frozenset(ci for ci in inclusive if ci in own and own[ci].basis is Basis.AGREEMENT)
    case = _Case(graph=graph, options=options, needs=needs, own=own, answering=answering)
    foldings = {service: folding_of(needs, service, inclusive) for service in numbers}
    batches = tuple(
        case.batch(group, [foldings[service] for service in group])
        for group in grouped(needs, foldings)
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
        shared = {
            holder: fallible
            for one in foldings
            for holder, cis in one.shared
            if (fallible := frozenset(ci for ci in cis if self._can_fail(ci)))
        }
        shared = {ci: shared[ci] for ci in inner_first(self.needs, shared)}
        whole = structure_functions(self.graph, [*services, *shared], perfect=never)
        structure = replace(
            whole, roots=whole.roots[: len(services)], cones=whole.cones[: len(services)]
        )
        best, worst = self._numbers(structure)
        residuals = self._residuals(whole, shared, best)
        promised, perfect = best.copy(), best.copy()
        unsettled = residuals.settle(perfect[None, :], _whole(residuals, perfect[None, :]))
        doubtful = _not_kept(residuals, worst.copy())
        open_ones = residuals.open_among(self._known(perfect), unsettled)
        impossible = self._keep_promises(residuals, perfect, open_ones, best, worst)
        left_out = frozenset(never)
        return Batch(
            services=tuple(services),
            structure=structure,
            fleet=self._compiled(structure),
            best=best,
            worst=worst,
            never=tuple(never),
            promised=promised,
            perfect=perfect,
            residuals=residuals,
            bounded=frozenset(residuals.open_among(perfect, unsettled)),
            impossible=frozenset(impossible),
            doubtful=doubtful | impossible,
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

    def _residuals(
        self, whole: StructureFunctions, shared: Mapping[int, frozenset[int]], numbers: Floats
    ) -> Residuals:
        """Return holders, inner ones first; their roots are the last ones of the structure."""
        roots = whole.roots[len(whole.roots) - len(shared) :]
        ids = self.graph.ci_ids
        trees = FaultTrees(
            formula=whole.formula,
            roots=roots,
            root_names=tuple(ids[ci] for ci in shared),
            root_labels=("",) * len(shared),
            variable_names=tuple(ids),
            variable_labels=("",) * len(ids),
            unavailability=numbers,
        )
        holders = [
            Holder(ci=ci, variable=ci, root=root, shared=cis)
            for (ci, cis), root in zip(shared.items(), roots, strict=True)
        ]
        return residuals_of(trees, holders, self.options)

    def _keep_promises(
        self,
        residuals: Residuals,
        perfect: Floats,
        open_ones: Collection[int],
        best: Floats,
        worst: Floats,
    ) -> set[int]:
        """Leave holders what makes their promises true; return those of which nothing is left.

        The more an unknown CI takes, the less is left: nothing at best, at worst all of it. So
        it is too where what is shared is known between bounds only.
        """
        (whole,) = _whole(residuals, best[None, :])
        spans = residuals.spans(perfect, whole, open_ones)
        for one in residuals.holders:
            value = float(perfect[one.variable])
            best[one.ci], worst[one.ci] = spans.get(one.variable, (value, value))
        impossible = set()
        for at, one in enumerate(residuals.holders):
            promised, alone = float(whole[at]), float(residuals.alone(at, best[None, :])[0])
            if alone > promised * (1.0 + TIE):
                impossible.add(one.ci)
            self._report(one.ci, one.shared, promised=promised, alone=alone)
        return impossible

    def _known(self, row: Floats) -> Floats:
        """Return numbers with NaN for CIs of which nothing is known."""
        found = row.copy()
        found[[ci for ci, one in self.own.items() if one.unavailability is None]] = np.nan
        return found

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
        if alone > promised * (1.0 + TIE):
            text = (
                f"{words} promises that {name} is down {promised:.6g} of the time at most, but "
                f"what it shares alone brings it down {alone:.6g}: {names}"
            )
            key = ("promise-not-possible", holder)
            self.findings.setdefault(key, finding(key[0], text, **place))  # type: ignore[arg-type]
