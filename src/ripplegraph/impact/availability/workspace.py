"""Room for the kernels: lists for plain Python, arrays where they run compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.formula import Formula
from ripplegraph.impact.availability.kernels_diagram import MOST_NEEDS, Table
from ripplegraph.impact.availability.kernels_factoring import Floats, Work
from ripplegraph.impact.availability.kernels_gates import (
    CHILDREN,
    FULL,
    NODES,
    WANTED_ROWS,
    Gates,
    Ints,
    Structure,
)

_FIRST_NODES, _FIRST_CHILDREN, _FIRST_ROWS = 1 << 14, 1 << 16, 1 << 16
_PLAIN_NODES, _PLAIN_CHILDREN, _PLAIN_ROWS = 1 << 9, 1 << 11, 1 << 9
Numbers = NDArray[np.int64] | NDArray[np.uint32] | NDArray[np.uint8]
_SUMS = (1 << 12) + 1


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes lists, or arrays where kernels run compiled."""

    is_compiled: bool

    def filled(self, size: int, value: int = 0, *, is_short: bool = False) -> Ints:
        """Return that many numbers, of 32 bits where short."""
        if not self.is_compiled:
            return [value] * size
        kind = np.int32 if is_short else np.int64
        # zeros take memory only where they are used
        return cast("Ints", np.full(size, value, kind) if value else np.zeros(size, kind))

    def floats(self, size: int) -> Floats:
        """Return that many zeros."""
        return cast("Floats", np.zeros(size)) if self.is_compiled else [0.0] * size

    def of(self, values: Numbers) -> Ints:
        """Return these whole numbers, to read."""
        whole = values.astype(np.int64)
        return cast("Ints", whole) if self.is_compiled else cast("Ints", whole.tolist())


def structure_of(formula: Formula, make: Maker) -> Structure:
    """Return a formula as kernels read it, with scratch by node."""
    size = len(formula.op)
    return Structure(
        op=make.of(formula.op),
        threshold=make.of(formula.threshold),
        variable=make.of(formula.variable),
        offsets=make.of(formula.child_offsets),
        children=make.of(formula.children),
        weights=make.of(formula.weights),
        hash_a=make.filled(size),
        hash_b=make.filled(size),
        place=make.filled(size, -1),
        cursor=make.filled(size, -1),
        order=make.filled(size),
        stack=make.filled(size + 1),
    )


class Bench:
    """The graph of one root and its scratch; grows when a kernel says that it is full."""

    def __init__(self, make: Maker, formula: Formula) -> None:
        self._make = make
        fan_in = int(np.diff(formula.child_offsets.astype(np.int64)).max(initial=0))
        self._nodes = _FIRST_NODES if make.is_compiled else _PLAIN_NODES
        children = _FIRST_CHILDREN if make.is_compiled else _PLAIN_CHILDREN
        self._children = max(children, 4 * fan_in)
        self._rows = _FIRST_ROWS if make.is_compiled else _PLAIN_ROWS
        self._lay_out()

    def is_full(self) -> bool:
        """Return whether the last kernel ran out of room; there is more then."""
        count = self.gates.state
        if not count[FULL]:
            return False
        if count[WANTED_ROWS] > self._rows:
            self._rows = 2 * count[WANTED_ROWS]
        else:
            self._nodes *= 2
            self._children *= 2
        self._lay_out()
        return True

    def _lay_out(self) -> None:
        self.gates = _gates(self._make, self._nodes, self._children)
        self.work = _work(self._make, self._nodes, self._children, self._rows)


def _gates(make: Maker, nodes: int, children: int) -> Gates:
    return Gates(
        op=make.filled(nodes),
        need=make.filled(nodes),
        first=make.filled(nodes),
        size=make.filled(nodes),
        child=make.filled(children),
        weight=make.filled(children),
        hash_a=make.filled(nodes),
        hash_b=make.filled(nodes),
        slot=make.filled(nodes),
        table=make.filled(4 * nodes, -1),
        state=make.filled(max(NODES, CHILDREN, FULL, WANTED_ROWS) + 1),
    )


def _work(make: Maker, nodes: int, children: int, rows: int) -> Work:
    by_node = {
        name: make.filled(nodes + 2)
        for name in (
            "nodes", "place", "bit", "flag", "made", "outer", "outer_made",
            "outer_flag", "mark", "owner", "first_date", "second_date", "last_date",
            "least_date", "most_date", "cursor", "is_module", "order", "input_of",
        )
    }  # fmt: skip
    return Work(
        **by_node,
        heft=make.floats(nodes),
        stack=make.filled(nodes + children),
        kid=make.filled(4 * children),
        load=make.filled(4 * children),
        parents=make.filled(max(nodes, MOST_NEEDS) + 2),
        parts=make.filled(max(nodes + children, MOST_NEEDS) + 2),
        groups=make.filled(2 * nodes, -1),
        rows=make.filled(rows),
        needs=make.filled(rows),
        below=make.filled(rows),
        sums=make.filled(_SUMS),
    )


def table_of(make: Maker, limit: int) -> Table:
    """Return tables for diagrams of so many nodes."""
    slots = 1 << max(9, (2 * limit - 1).bit_length())
    stacks = {
        name: make.filled(limit + 8, is_short=True)
        for name in ("stack_one", "stack_other", "stack_half")
    }
    return Table(
        node=make.filled(4 * (limit + 2), is_short=True),
        slot=make.filled(slots, is_short=True),
        known=make.filled(4 * slots, is_short=True),
        **stacks,
        state=make.filled(4),
    )
