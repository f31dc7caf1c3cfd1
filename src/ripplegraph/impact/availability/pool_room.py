"""The pool of diagrams: where it lies between compilations, and how it grows."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.kernels_gates import Ints
from ripplegraph.impact.availability.kernels_pool import (
    MODULES,
    POOL_FULL,
    POOL_INPUTS,
    POOL_NODES,
    WANTED_INPUTS,
    WANTED_NODES,
    Pool,
)
from ripplegraph.impact.availability.workspace import Maker

_FIRST_MODULES = 1 << 10
_BY_MODULE = ("first_node", "first_input", "top", "limit", "hash_a", "hash_b")
_BY_NODE = ("level", "works", "failed")
_MANY = 1 << 20
_SMALL = frozenset({"level", "works", "failed", "input", "top"})


class PoolRoom:
    """A pool as kernels take it; arrays are kept, lists are made of them for plain runs."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        self.pool = _laid_out(make, _FIRST_MODULES, 4 * _FIRST_MODULES, 2 * _FIRST_MODULES)

    def is_full(self) -> bool:
        """Return whether the last kernel ran out of room; there is more then."""
        count = self.pool.state
        if not count[POOL_FULL]:
            return False
        names = (*_BY_MODULE, "table") if count[POOL_FULL] == 1 else (*_BY_NODE, "input")
        for name in names:
            array = getattr(self.pool, name)
            # one array at a time, so that only one of them is there twice
            self.pool = self.pool._replace(**{name: self._longer(name, array)})
            del array
        if count[POOL_FULL] == 1:
            _look_up(self.pool)
        count[POOL_FULL] = 0
        return True

    def made_for(self, make: Maker) -> PoolRoom:
        """Return the same modules in lists or in arrays."""
        if make == self.make:
            return self
        room = PoolRoom(make)
        kept = self.pool
        room.pool = _laid_out(make, len(kept.top), len(kept.level), len(kept.input))
        for name in kept._fields:
            getattr(room.pool, name)[:] = getattr(kept, name)
        return room

    def array(self, name: str) -> NDArray[np.int64]:
        """Return the filled part of one array of the pool."""
        count = self.pool.state
        end = {
            "level": POOL_NODES,
            "works": POOL_NODES,
            "failed": POOL_NODES,
            "input": POOL_INPUTS,
        }
        size = count[end.get(name, MODULES)] + (name in ("first_node", "first_input"))
        part = getattr(self.pool, name)[:size]
        return cast(
            "NDArray[np.int64]", np.asarray(part, np.int32 if name in _SMALL else np.int64)
        )

    def _longer(self, name: str, array: Ints) -> Ints:
        """Return an array in more room; the table of modules empty."""
        if name == "table":
            return self.make.filled(2 * len(array), -1)
        size = 2 * len(array)
        if name not in _BY_MODULE:
            # all that is wanted at once: a module that does not fit is built anew
            wanted = self.pool.state[WANTED_INPUTS if name == "input" else WANTED_NODES]
            size = max(size if len(array) < _MANY else len(array) * 3 // 2, int(wanted))
        longer = self.make.filled(size, is_short=name in _SMALL)
        longer[: len(array)] = array
        return longer


def _look_up(pool: Pool) -> None:
    """Enter all modules into an empty table; a later one of the same hash stands for both."""
    size = pool.state[MODULES]
    mask = len(pool.table) - 1
    place_of: dict[tuple[int, int], int] = {}
    hash_a, hash_b = (np.asarray(one[:size]).tolist() for one in (pool.hash_a, pool.hash_b))
    table: dict[int, int] = {}
    for module, key in enumerate(zip(hash_a, hash_b, strict=True)):
        at = place_of.get(key, key[0] & mask)
        while key not in place_of and at in table:
            at = (at + 1) & mask
        place_of[key] = at
        table[at] = module
    for at, module in table.items():
        pool.table[at] = module


def _laid_out(make: Maker, modules: int, nodes: int, inputs: int) -> Pool:
    by_node = {name: make.filled(nodes, is_short=True) for name in _BY_NODE}
    by_module: dict[str, Ints] = {
        name: make.filled(modules, is_short=name in _SMALL) for name in _BY_MODULE
    }
    return Pool(
        **by_node,
        **by_module,
        input=make.filled(inputs, is_short=True),
        table=make.filled(2 * modules, -1),
        state=make.filled(max(POOL_FULL, WANTED_NODES, WANTED_INPUTS) + 1),
    )
