"""Binary decision diagrams of many structure functions in one shared pool.

Each root is simplified (what alone fails a gate is taken out of it), cut into modules, and each
module not known yet becomes a diagram under the best of several orders. A module asks inputs:
variables, or further modules. Counts alone limit the work, so that the same input gives the same
answer; a deadline is a callable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.compilation import is_ready
from ripplegraph.impact.availability.formula import Formula, Op
from ripplegraph.impact.availability.kernels_gates import named
from ripplegraph.impact.availability.kernels_orders import ORDERS
from ripplegraph.impact.availability.kernels_pool import compiled_root
from ripplegraph.impact.availability.kernels_values import needed
from ripplegraph.impact.availability.lean import lean
from ripplegraph.impact.availability.pool_room import PoolRoom
from ripplegraph.impact.availability.workspace import Bench, Maker, structure_of, table_of

WORKS, FAILED = 0, 1
"""Where diagrams end."""

_LIMITS = (8_192, 65_536, 131_072)
_FEW_ROOTS, _LAST_LIMIT = 4, 1 << 22
_PLAIN_NODES = 2_000
"""Formulas of so many nodes are compiled in plain Python, unless that proves too much."""
_PLAIN_NODES_IF_READY = 100
"""The same where kernels are compiled already: they then cost only their scratch."""
_PLAIN_DIAGRAM = 2_048
_PLAIN_POOL = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeBudget:
    """How large a diagram may grow.

    ``nodes_per_module`` are the limits tried one after the other; where they are left as they
    are and at most four roots are asked for, 4,194,304 nodes are tried as well (a second and
    200 MB where that is in vain). ``is_over``, if given, is asked before each root and ends the
    work when true.
    """

    nodes_per_module: tuple[int, ...] = _LIMITS
    is_over: Callable[[], bool] | None = None

    def limits_for(self, roots: int) -> tuple[int, ...]:
        """Return the limits where so many roots are asked for.

        Parameters
        ----------
        roots
            How many.

        Examples
        --------
        >>> [NodeBudget().limits_for(roots)[-1] for roots in (4, 5)]
        [4194304, 131072]
        """
        is_more = self.nodes_per_module == _LIMITS and roots <= _FEW_ROOTS
        return (*_LIMITS, _LAST_LIMIT) if is_more else self.nodes_per_module


DEFAULT_BUDGET = NodeBudget()


class ModuleMemo:
    """The diagrams that later compilations of the same variables use again.

    Roots whose structure is as before are not looked at again; of others only the modules are
    built that are new.
    """

    def __init__(self) -> None:
        self.room: PoolRoom | None = None
        self.roots: dict[tuple[int, int, int, int], int] = {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledFleet:
    """The diagrams of some roots of a formula.

    An input is the number of a variable, or ``-1 - module``; ``root_input`` names the input that
    each root is. The nodes of module ``m`` are those from ``module_first_node[m]`` to the next;
    each asks the module's input number ``node_level`` (from ``module_first_input[m]``), and goes
    on to ``node_works`` or ``node_failed``: 0 works, 1 has failed, else the module's node number
    ``n - 2``, a smaller one. ``module_top`` is where a module starts. ``modules`` are those that
    exact roots rest on, those beneath first. Where ``is_exact`` is false, the root has no
    diagram within the budget. ``is_compiled`` says how it was made.
    """

    formula: Formula
    roots: NDArray[np.uint32]
    variable_count: int
    node_level: NDArray[np.int64]
    node_works: NDArray[np.int64]
    node_failed: NDArray[np.int64]
    module_input: NDArray[np.int64]
    module_first_node: NDArray[np.int64]
    module_first_input: NDArray[np.int64]
    module_top: NDArray[np.int64]
    modules: NDArray[np.int64]
    root_input: NDArray[np.int64]
    is_exact: NDArray[np.bool_]
    is_compiled: bool


def compile_fleet(
    formula: Formula,
    roots: Sequence[int],
    *,
    budget: NodeBudget = DEFAULT_BUDGET,
    compiled: bool | None = None,
    memo: ModuleMemo | None = None,
) -> CompiledFleet:
    """Return the diagrams of these nodes of the formula.

    Parameters
    ----------
    formula
        The structure functions of all services.
    roots
        The nodes to compile.
    budget
        How many nodes the diagram of each module may have, and when to stop.
    compiled
        Whether kernels run compiled; None lets the size decide.
    memo
        Diagrams to use again; a variable must mean the same in all formulas compiled with it.

    Returns
    -------
    CompiledFleet
        Roots beyond the budget are in it, marked as not exact.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> compile_fleet(builder.build(), [pair]).is_exact.tolist()
    [True]
    """
    memo = ModuleMemo() if memo is None else memo
    is_plain = compiled is False  # too slow for the last limit
    limits = budget.nodes_per_module if is_plain else budget.limits_for(len(roots))
    if compiled is None and _is_small(formula, memo):
        is_final = max(limits) <= _PLAIN_DIAGRAM
        plain = Maker(is_compiled=False)
        first = _Compiler(formula, memo, limits if is_final else (_PLAIN_DIAGRAM,), plain)
        fleet = first.fleet(roots, budget, orders=ORDERS if is_final else 1)
        is_over = budget.is_over is not None and budget.is_over()
        if fleet.is_exact.all() or is_final or is_over:
            return fleet
    return _Compiler(formula, memo, limits, Maker(compiled is not False)).fleet(roots, budget)


def cone_of(formula: Formula, root: int) -> list[int]:
    """Return the nodes that a root rests on, and itself, children before those that use them.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> unused, a, b = (builder.variable(number) for number in range(3))
    >>> pair = builder.all_of([a, b])
    >>> cone_of(builder.build(), pair) == [a, b, pair]
    True
    """
    seen = {root}
    waiting = [root]
    while waiting:
        fresh = [child for child in children_of(formula, waiting.pop()) if child not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return sorted(seen)


def variables_in(formula: Formula, nodes: Sequence[int]) -> list[int]:
    """Return the variables among nodes, ascending.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> unused, a, b = (builder.variable(number) for number in range(3))
    >>> pair = builder.all_of([a, b])
    >>> formula = builder.build()
    >>> variables_in(formula, cone_of(formula, pair))
    [1, 2]
    """
    some = np.array(nodes)
    found: list[int] = np.sort(formula.variable[some[formula.op[some] == Op.VARIABLE]]).tolist()
    return found


def children_of(formula: Formula, node: int) -> list[int]:
    """Return the children of a node."""
    start, end = formula.child_offsets[node : node + 2].tolist()
    children: list[int] = formula.children[start:end].tolist()
    return children


def _is_small(formula: Formula, memo: ModuleMemo) -> bool:
    """Return whether plain Python is quick enough to try."""
    is_pool_small = memo.room is None or len(memo.room.array("level")) <= _PLAIN_POOL
    most = _PLAIN_NODES_IF_READY if is_ready(compiled_root) else _PLAIN_NODES
    return len(formula.op) <= most and is_pool_small


def nodes_of(fleet: CompiledFleet, module: int) -> list[tuple[int, int, int]]:
    """Return the diagram of a module, node by node, successors first.

    Parameters
    ----------
    fleet
        The compiled diagrams.
    module
        One of ``fleet.modules``.

    Returns
    -------
    list
        The input that each node asks, and where it goes on to if that works or has failed:
        WORKS, FAILED, or the node at a place of this list plus 2.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(7), builder.variable(8)])
    >>> nodes_of(compile_fleet(builder.build(), [pair]), 0)
    [(8, 0, 1), (7, 0, 2)]
    """
    first, end = fleet.module_first_node[module : module + 2].tolist()
    asked = fleet.module_first_input[module] + fleet.node_level[first:end]
    works, failed = fleet.node_works[first:end], fleet.node_failed[first:end]
    inputs: list[int] = fleet.module_input[asked].tolist()
    return list(zip(inputs, works.tolist(), failed.tolist(), strict=True))


def part_of(fleet: CompiledFleet, root: int) -> CompiledFleet:
    """Return one root of a fleet, with the modules that it rests on.

    Parameters
    ----------
    fleet
        The compiled diagrams.
    root
        Which of the fleet's roots, counted from 0.
    """
    is_exact, inputs = fleet.is_exact[root : root + 1], fleet.root_input[root : root + 1]
    return replace(
        fleet,
        roots=fleet.roots[root : root + 1],
        root_input=inputs,
        is_exact=is_exact,
        modules=_modules_of(
            fleet.module_input,
            fleet.module_first_input,
            inputs[is_exact],
            Maker(fleet.is_compiled),
        ),
    )


def _modules_of(
    module_input: NDArray[np.int64],
    first_input: NDArray[np.int64],
    inputs: NDArray[np.int64],
    make: Maker,
) -> NDArray[np.int64]:
    """Return the modules that some inputs rest on, those beneath first."""
    is_needed = make.filled(len(first_input) - 1)
    lean(needed, is_compiled=make.is_compiled)(
        make.of(module_input), make.of(first_input), make.of(inputs), is_needed
    )
    return np.flatnonzero(np.asarray(is_needed)).astype(np.int64)


class _Compiler:
    """Compiles the roots of one formula into the pool of a memo."""

    def __init__(
        self, formula: Formula, memo: ModuleMemo, limits: tuple[int, ...], make: Maker
    ) -> None:
        self._formula, self._memo, self._make, self._limits = formula, memo, make, limits
        self._structure = structure_of(formula, make)
        lean(named, is_compiled=make.is_compiled)(self._structure)
        self._bench = Bench(make, formula)
        self._table = table_of(make, max(limits))
        self._room = PoolRoom(make) if memo.room is None else memo.room.made_for(make)
        self._bounds = make.of(np.array(limits))

    def fleet(
        self, roots: Sequence[int], budget: NodeBudget, *, orders: int = ORDERS
    ) -> CompiledFleet:
        """Return the roots compiled, as long as the budget is not over."""
        keys = self._keys(roots, orders)
        inputs: list[int | None] = []
        for key, root in zip(keys, roots, strict=True):
            if budget.is_over is not None and budget.is_over():
                inputs.append(None)
                continue
            if key not in self._memo.roots:
                self._memo.roots[key] = self._compiled(root, orders)
            inputs.append(self._memo.roots[key])
        self._memo.room = self._room
        return self._gathered(roots, inputs)

    def _keys(self, roots: Sequence[int], orders: int) -> list[tuple[int, int, int, int]]:
        """Return what tells roots of different structure or limits apart."""
        names, most = self._structure, max(self._limits)
        hashes = ((int(names.hash_a[root]), int(names.hash_b[root])) for root in roots)
        return [(*pair, most, orders) for pair in hashes]

    def _compiled(self, root: int, orders: int = ORDERS) -> int:
        kernel = lean(compiled_root, is_compiled=self._make.is_compiled)
        while True:
            bench, room = self._bench, self._room
            found = kernel(
                self._structure,
                root,
                bench.gates,
                bench.work,
                self._table,
                room.pool,
                self._bounds,
                orders,
            )
            is_more = (bench.is_full(), room.is_full())
            if not any(is_more):
                return int(found)

    def _gathered(self, roots: Sequence[int], inputs: Sequence[int | None]) -> CompiledFleet:
        room = self._room
        limit = room.array("limit")
        is_exact = np.array(
            [one is not None and (one >= 0 or limit[-1 - one] == 0) for one in inputs], np.bool_
        )
        root_input = np.array([0 if one is None else one for one in inputs], np.int64)
        return CompiledFleet(
            formula=self._formula,
            roots=np.array(roots, np.uint32),
            variable_count=self._formula.variable_count,
            node_level=room.array("level"),
            node_works=room.array("works"),
            node_failed=room.array("failed"),
            module_input=room.array("input"),
            module_first_node=room.array("first_node"),
            module_first_input=room.array("first_input"),
            module_top=room.array("top"),
            modules=_modules_of(
                room.array("input"), room.array("first_input"), root_input[is_exact], self._make
            ),
            root_input=root_input,
            is_exact=is_exact,
            is_compiled=self._make.is_compiled,
        )
