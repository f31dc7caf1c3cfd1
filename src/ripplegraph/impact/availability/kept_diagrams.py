"""Diagrams kept from one question to the next: a change of numbers compiles nothing anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.compile import (
    CompiledFleet,
    ModuleMemo,
    NodeBudget,
    compile_fleet,
)
from ripplegraph.impact.availability.formula import Formula, Op

MOST_NODES = 16_000_000
"""Diagram nodes that are kept, about 200 MB; beyond them all are given up."""


@dataclass(slots=True, kw_only=True, eq=False)
class KeptDiagrams:
    """The diagrams of earlier questions, found again by the ids of the CIs in them.

    Services whose structure is as before are not compiled again, also if other CIs came or went;
    of services whose structure changed only the modules are compiled that are new. The last
    digit of a number may depend on the questions before.

    Attributes
    ----------
    most_nodes
        See ``MOST_NODES``.
    is_claimed
        Asked before the diagrams are used; where false, nothing is kept and nothing found again.
        Whoever shares them between threads says whether this one may, and hears with
        ``give_back`` when it is done.
    """

    most_nodes: int = MOST_NODES
    is_claimed: Callable[[], bool] = lambda: True
    give_back: Callable[[], None] = lambda: None
    _memo: ModuleMemo = field(default_factory=ModuleMemo)
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def root_count(self) -> int:
        """How many different services were compiled, and how often anew."""
        return len(self._memo.roots)

    def compiled(
        self,
        formula: Formula,
        roots: Sequence[int],
        names: Sequence[str],
        *,
        budget: NodeBudget,
        compiled: bool | None = None,
    ) -> CompiledFleet:
        """Return the diagrams of roots, as :func:`compile_fleet` does.

        Parameters
        ----------
        names
            The id of each variable of the formula.
        """
        if not self.is_claimed():
            return compile_fleet(formula, roots, budget=budget, compiled=compiled)
        try:
            return self._compiled(formula, roots, names, budget, compiled)
        finally:
            self.give_back()

    def _compiled(
        self,
        formula: Formula,
        roots: Sequence[int],
        names: Sequence[str],
        budget: NodeBudget,
        compiled: bool | None,
    ) -> CompiledFleet:
        used = np.unique(formula.variable[formula.op == Op.VARIABLE]).tolist()
        kept = [self._numbers.setdefault(names[one], len(self._numbers)) for one in used]
        number_of = np.zeros(max(1, formula.variable_count), np.int64)  # gates have number 0
        number_of[used] = kept
        back = np.zeros(len(self._numbers), np.int64)
        back[kept] = used
        numbered = replace(
            formula,
            variable=number_of[formula.variable].astype(formula.variable.dtype),
            variable_count=len(self._numbers),
        )
        fleet = compile_fleet(numbered, roots, budget=budget, compiled=compiled, memo=self._memo)
        if len(fleet.node_level) > self.most_nodes:
            self._memo, self._numbers = ModuleMemo(), {}
        return replace(
            fleet,
            formula=formula,
            variable_count=formula.variable_count,
            module_input=_renumbered(fleet.module_input, back),
            root_input=_renumbered(fleet.root_input, back),
        )


def _renumbered(inputs: NDArray[np.int64], number_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return inputs with variables under other numbers; modules stay."""
    if not len(number_of):
        return inputs
    changed = np.where(inputs >= 0, number_of[np.maximum(inputs, 0)], inputs)
    return changed.astype(inputs.dtype)
