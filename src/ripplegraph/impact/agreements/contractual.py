"""What agreements allow the services of SLAs at worst and at best, each part computed once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        number, place = self.found.place_of[service]
        batch = self.found.batches[number]
        parts, inputs = self._parts_of(service), batch.inputs[place]
        holders = tuple(one for one in self._holders_of(number) if one.ci in inputs)
        broken = dict.fromkeys(batch.impossible, Fraction(0))
        worst, covered = (
            [
                worst_downtime(
                    parts,
                    hours.of(sla, inputs, unknown=unknown).scaled(broken),
                    holders=holders,
                    packings=self.packings,
                )
                for unknown in self._ends(inputs)
            ]
            for hours in (self.hours, self.extended)
        )
        best = self._best(batch, parts, inputs)
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
        number, place = self.found.place_of[service]
        inputs = self.found.batches[number].inputs[place]
        batch = self.found.batches[number]
        shares = {**shares, **dict.fromkeys(batch.impossible, Fraction(0))}
        holders = tuple(one for one in self._holders_of(number) if one.ci in inputs)
        found = []
        for unknown in self._ends(inputs):
            hours = self.hours.of(sla, inputs, unknown=unknown).scaled(shares)
            found.append(
                worst_downtime(
                    self._parts_of(service), hours, holders=holders, packings=self.packings
                )
            )
        return _between(found)

    def _best(
        self, batch: Batch, parts: tuple[Part, ...], inputs: Iterable[int]
    ) -> list[Downtime]:
        ends = [batch.best] if batch.is_known else [batch.best, batch.worst]
        budget = self._budget()
        return [
            best_downtime(
                parts,
                {ci: float(end[ci]) for ci in inputs},
                budget=budget,
                packings=self.packings,
            )
            for end in ends
        ]

    def _ends(self, inputs: Iterable[int]) -> tuple[float, ...]:
        own = self.found.own
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
                self._holder(batch, one.ci)
                for one in batch.holders
                if one.ci not in batch.impossible
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
