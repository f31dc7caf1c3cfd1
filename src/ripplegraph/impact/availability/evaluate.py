"""Probabilities and their derivatives from compiled diagrams, in failure space.

Every step adds products of numbers that are not negative, so that unavailabilities of 1e-13
keep their digits.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.compile import CompiledFleet, part_of
from ripplegraph.impact.availability.kernels_factoring import Floats
from ripplegraph.impact.availability.kernels_gates import Ints
from ripplegraph.impact.availability.kernels_values import (
    LANES,
    Diagrams,
    chained,
    slopes,
    values,
    values_by_lane,
)
from ripplegraph.impact.availability.lean import lean
from ripplegraph.impact.availability.workspace import Maker

_PLAIN_WORK = 200_000
"""Nodes times scenarios from which compiled kernels are worth their start."""


def failure_probabilities(fleet: CompiledFleet, q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability that each root fails; nan where the root is not exact.

    Parameters
    ----------
    fleet
        The compiled diagrams.
    q
        The probability that each variable has failed, or one row of them for each scenario.

    Returns
    -------
    NDArray
        One number for each root, in a row for each scenario where ``q`` has rows.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> fleet = compile_fleet(builder.build(), [pair])
    >>> failure_probabilities(fleet, np.array([0.5, 1e-13])).tolist()
    [5e-14]
    """
    if q.ndim == 1:
        return _Run(fleet, 1).values(q)
    run = _Run(fleet, len(q))
    results = np.empty((len(q), len(fleet.root_input)))
    for first in range(0, len(q), LANES):
        rows = np.arange(first, first + LANES).clip(max=len(q) - 1)
        results[rows] = run.values_by_lane(q[rows])
    return results


def birnbaum(
    fleet: CompiledFleet, q: NDArray[np.float64], root: int
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """Return how fast the failure probability of a root grows with that of each variable.

    Parameters
    ----------
    fleet
        The compiled diagrams.
    q
        The probability that each variable has failed.
    root
        Which of the fleet's roots, counted from 0.

    Returns
    -------
    tuple
        The variables of the root in rising order, and the derivative (Birnbaum 1969) for each.
        Both are empty where the root is not exact.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> fleet = compile_fleet(builder.build(), [pair])
    >>> [column.tolist() for column in birnbaum(fleet, np.array([0.25, 0.5]), 0)]
    [[0, 1], [0.5, 0.25]]
    """
    _, variables, derivatives = birnbaum_all(part_of(fleet, root), q)
    return variables, derivatives


def birnbaum_all(
    fleet: CompiledFleet, q: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float64]]:
    """Return :func:`birnbaum` of every root: offsets, variables, values.

    Notes
    -----
    The derivatives of a module by its inputs are the same for all roots; each root only chains
    those of the modules that it rests on.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.any_of([builder.variable(0), builder.variable(1)])
    >>> fleet = compile_fleet(builder.build(), [pair])
    >>> [column.tolist() for column in birnbaum_all(fleet, np.array([0.25, 0.5]))]
    [[0, 2], [0, 1], [0.5, 0.75]]
    """
    run = _Run(fleet, 1)
    return run.chained(run.slopes(q))


class _Run:
    """One evaluation of a fleet: the diagrams as kernels take them, and scratch."""

    def __init__(self, fleet: CompiledFleet, scenarios: int) -> None:
        work = len(fleet.node_level) * scenarios
        self.fleet = fleet
        self.make = Maker(fleet.is_compiled or work > _PLAIN_WORK)
        self.diagrams = Diagrams(
            level=self._read(fleet.node_level),
            works=self._read(fleet.node_works),
            failed=self._read(fleet.node_failed),
            input=self._read(fleet.module_input),
            first_node=self._read(fleet.module_first_node),
            first_input=self._read(fleet.module_first_input),
            top=self._read(fleet.module_top),
            modules=self._read(fleet.modules),
        )
        self._nodes = int(np.diff(fleet.module_first_node).max(initial=0)) + 2
        self._inputs = int(np.diff(fleet.module_first_input).max(initial=0)) + 1

    def values(self, q: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each root in one scenario."""
        of_module = self.make.floats(len(self.fleet.module_top))
        value, chance = self.make.floats(self._nodes), self.make.floats(self._inputs)
        lean(values, is_compiled=self.make.is_compiled)(
            self.diagrams, self._floats(q), of_module, value, chance
        )
        return self._of_roots(q, np.asarray(of_module))

    def values_by_lane(self, q: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each root (columns) in LANES scenarios (rows)."""
        of_module = self.make.floats(LANES * len(self.fleet.module_top))
        value, chance = (self.make.floats(LANES * one) for one in (self._nodes, self._inputs))
        lean(values_by_lane, is_compiled=self.make.is_compiled)(
            self.diagrams, self._floats(q.T.ravel()), of_module, value, chance
        )
        return self._of_roots(q, np.asarray(of_module).reshape(-1, LANES).T)

    def slopes(self, q: NDArray[np.float64]) -> Floats:
        """Return the derivative of each module by each of its inputs."""
        make, diagrams = self.make, self.diagrams
        of_module = make.floats(len(self.fleet.module_top))
        value, reached = make.floats(self._nodes), make.floats(self._nodes)
        chance, slope = make.floats(self._inputs), make.floats(len(self.fleet.module_input))
        lean(slopes, is_compiled=make.is_compiled)(
            diagrams, self._floats(q), of_module, value, chance, reached, slope
        )
        return slope

    def chained(
        self, slope: Floats
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float64]]:
        """Return offsets, variables and derivatives of every root that is exact."""
        make, fleet = self.make, self.fleet
        modules, variables = len(fleet.module_top), fleet.variable_count
        exact = np.flatnonzero(fleet.is_exact)
        roots = self._read(fleet.root_input[exact])
        scratch = (make.floats(modules), make.floats(variables), make.filled(modules))
        lists = (make.filled(modules + 1), make.filled(variables + 1))
        offsets = make.filled(len(exact) + 1)
        found, derivatives = make.filled(variables + 1), make.floats(variables + 1)
        done = 0
        while done < len(exact):
            done = lean(chained, is_compiled=make.is_compiled)(
                self.diagrams, slope, roots, done, *scratch, *lists, offsets, found, derivatives
            )
            if done < len(exact):
                found, derivatives = _longer(make, found), _longer_floats(make, derivatives)
        counts = np.zeros(len(fleet.is_exact), np.int64)
        counts[exact] = np.diff(np.asarray(offsets))
        end = int(counts.sum())
        return (
            np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
            np.asarray(found)[:end].astype(np.uint32),
            np.asarray(derivatives)[:end].astype(np.float64),
        )

    def _of_roots(
        self, q: NDArray[np.float64], of_module: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        inputs, is_exact = self.fleet.root_input, self.fleet.is_exact
        results = np.full((*q.shape[:-1], len(inputs)), np.nan)
        of_variable, of_diagram = is_exact & (inputs >= 0), is_exact & (inputs < 0)
        results[..., of_variable] = q[..., inputs[of_variable]]
        results[..., of_diagram] = of_module[..., -1 - inputs[of_diagram]]
        return results

    def _read(self, numbers: NDArray[np.int64]) -> Ints:
        return cast("Ints", numbers if self.make.is_compiled else numbers.tolist())

    def _floats(self, numbers: NDArray[np.float64]) -> Floats:
        whole = np.ascontiguousarray(numbers, np.float64)
        return cast("Floats", whole if self.make.is_compiled else whole.tolist())


def _longer(make: Maker, numbers: Ints) -> Ints:
    longer = make.filled(2 * len(numbers))
    longer[: len(numbers)] = numbers
    return longer


def _longer_floats(make: Maker, numbers: Floats) -> Floats:
    longer = make.floats(2 * len(numbers))
    longer[: len(numbers)] = numbers
    return longer
