"""What agreements allow the services of SLAs at worst and at best, each part computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ripplegraph.graph.agreements import Agreement
from ripplegraph.impact.agreements.agreed_windows import AgreedWindows
from ripplegraph.impact.agreements.contractual_bounds import (
    Downtime,
    Holder,
    Packings,
    best_downtime,
    worst_downtime,
)
from ripplegraph.impact.agreements.cut_families import Part, Shape, parts_of
from ripplegraph.impact.agreements.foundations import Batch, Foundations
from ripplegraph.impact.agreements.promised_hours import PromisedHours
from ripplegraph.impact.agreements.values import Unavailability
from ripplegraph.impact.availability.compile import NodeBudget
from ripplegraph.impact.availability.cut_sets import minimal_cut_sets
from ripplegraph.impact.availability.structure import structure_functions


@dataclass(frozen=True, slots=True, kw_only=True)
class Contractual:
    """What the agreements allow one service in one window of an SLA, shares of downtime."""

    worst: Unavailability
    covered: Unavailability
    best: Unavailability
    method: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContractualCase:
    """The contractual answers on the services of some foundations.

    Parameters
    ----------
    found
        What the verdicts rest on.
    windows
        Windows of agreements.
    """

    found: Foundations
    hours: PromisedHours
    extended: PromisedHours
    packings: Packings = field(default_factory=Packings)
    _shapes: dict[Shape, Part] = field(default_factory=dict)
    _parts: dict[int, tuple[Part, ...]] = field(default_factory=dict)
    _holders: dict[int, tuple[Holder, ...]] = field(default_factory=dict)

    def answers(self, sla: Agreement, service: int) -> Contractual:
        """Return what the agreements allow a service in the window of an SLA."""
        worst, covered = (
            [self._worst(sla, service, hours, end, {}) for end in self._ends(service)]
            for hours in (self.hours, self.extended)
        )
        best = self._best(service)
        return Contractual(
            worst=_between(worst),
            covered=_between(covered),
            best=_between(best),
            method=worst[-1].method,
        )

    def worst(
        self, sla: Agreement, service: int, shares: Mapping[int, Fraction]
    ) -> Unavailability:
        """Return the worst that agreements allow whose budgets are some share of today's.

        Parameters
        ----------
        shares
            By CI number how many times its budget counts; CIs left out keep theirs.
        """
        ends = self._ends(service)
        return _between([self._worst(sla, service, self.hours, end, shares) for end in ends])

    def _worst(
        self,
        sla: Agreement,
        service: int,
        hours: PromisedHours,
        unknown: float,
        shares: Mapping[int, Fraction],
    ) -> Downtime:
        """Return the worst with unknown CIs perfect or always down.

        A promise that what it shares breaks limits nothing: what is shared counts alone then.
        """
        number, place = self.found.place_of[service]
        batch = self.found.batches[number]
        inputs, broken = batch.inputs[place], self._broken(batch, unknown, shares)
        nothing = dict.fromkeys(broken, Fraction(0))
        return worst_downtime(
            self._parts_of(service),
            hours.of(sla, inputs, unknown=unknown).scaled({**shares, **nothing}),
            holders=[
                one
                for one in self._holders_of(number)
                if one.ci in inputs and one.ci not in broken
            ],
            packings=self.packings,
        )

    def _broken(
        self, batch: Batch, unknown: float, shares: Mapping[int, Fraction]
    ) -> frozenset[int]:
        """Return the holders whose promise cannot be kept beside what is shared."""
        if unknown or not shares:
            return batch.doubtful if unknown else batch.impossible
        row = batch.promised.copy()
        for ci, share in shares.items():
            row[ci] *= float(share)
        return batch.not_kept(row)

    def _best(self, service: int) -> list[Downtime]:
        number, place = self.found.place_of[service]
        batch, own = self.found.batches[number], self.found.own
        found = []
        for unknown in self._ends(service):
            # all that brings a holder down is part of its promise, not of a residual
            broken = self._broken(batch, unknown, {})
            promised = {
                ci: unknown
                if own[ci].unavailability is None
                else 0.0
                if ci in broken
                else float(batch.promised[ci])
                for ci in batch.inputs[place]
            }
            parts = self._parts_of(service)
            found.append(
                best_downtime(parts, promised, budget=self._budget(), packings=self.packings)
            )
        return found

    def _ends(self, service: int) -> tuple[float, ...]:
        number, place = self.found.place_of[service]
        own, inputs = self.found.own, self.found.batches[number].inputs[place]
        return (0.0, 1.0) if any(own[ci].unavailability is None for ci in inputs) else (0.0,)

    def _parts_of(self, service: int) -> tuple[Part, ...]:
        if service not in self._parts:
            number, place = self.found.place_of[service]
            structure = self.found.batches[number].structure
            self._parts[service] = parts_of(
                structure.formula,
                structure.roots[place],
                budget=self._budget(),
                known=self._shapes,
            )
        return self._parts[service]

    def _holders_of(self, number: int) -> tuple[Holder, ...]:
        if number not in self._holders:
            batch = self.found.batches[number]
            self._holders[number] = tuple(
                self._holder(batch, one.ci) for one in batch.residuals.holders
            )
        return self._holders[number]

    def _holder(self, batch: Batch, ci: int) -> Holder:
        structure = structure_functions(self.found.graph, [ci], perfect=batch.never)
        found = minimal_cut_sets(structure.formula, structure.roots[0])
        return Holder(ci=ci, cuts=tuple(frozenset(one) for one in found.sets))

    def _budget(self) -> NodeBudget:
        return NodeBudget(nodes_per_module=self.found.options.nodes_per_module)


def contractual_case(found: Foundations, windows: AgreedWindows) -> ContractualCase:
    """Return the contractual answers on the services of some foundations."""
    return ContractualCase(
        found=found,
        hours=PromisedHours(found=found, windows=windows),
        extended=PromisedHours(found=found, windows=windows, is_extended=True),
    )


def _between(found: list[Downtime]) -> Unavailability:
    return Unavailability(
        lower=float(min(one.lower for one in found)), upper=float(max(one.upper for one in found))
    )
